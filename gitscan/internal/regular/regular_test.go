package regular

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	for max, ok := range map[int64]bool{0: false, 2: false, 3: true, 4: true, 1 << 40: true} {
		data, err := Read(path, max)
		if (err == nil) != ok || ok && string(data) != "abc" {
			t.Errorf("at most %d bytes: %q, %v", max, data, err)
		}
	}
	if _, err := Read(dir, 10); !errors.Is(err, ErrNotRegular) {
		t.Errorf("directory: %v", err)
	}
	missing := filepath.Join(dir, "missing")
	if _, err := Read(missing, 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if data, err := ReadIfExists(missing, 10); data != nil || err != nil {
		t.Errorf("missing: %q, %v", data, err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(path, 0); err != nil || len(data) != 0 {
		t.Errorf("empty: %q, %v", data, err)
	}
}
