package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGenerators(t *testing.T) {
	for _, g := range generators() {
		for _, n := range []int64{1, 1000, 300_000} {
			dir := t.TempDir()
			var made [2][]byte
			for i := range made {
				path := filepath.Join(dir, "out"+string(rune('0'+i)))
				if err := g.write(path, n); err != nil {
					t.Fatal(err)
				}
				made[i] = contents(t, path)
			}
			lines := bytes.Count(made[0], []byte("\n"))
			switch {
			case int64(len(made[0])) != n:
				t.Errorf("%s: %d bytes, want %d", g.name, len(made[0]), n)
			case !bytes.Equal(made[0], made[1]):
				t.Errorf("%s: two runs differ", g.name)
			case g.name == "line" && lines > 0, g.name != "line" && n > 500 && lines == 0:
				t.Errorf("%s: %d line ends in %d bytes", g.name, lines, n)
			}
		}
	}
}

// contents returns what a file, or all files below a directory in order, hold.
func contents(t *testing.T, path string) (all []byte) {
	err := filepath.Walk(path, func(name string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		all = append(all, content...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestGeneratedTreeIsNotMixedWithAnother(t *testing.T) {
	if err := writeTree(t.TempDir(), 10); err == nil {
		t.Error("it was written into a directory that was there")
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		text string
		want size // 0 if it is refused
	}{
		{"1", 1}, {"500k", 500e3}, {"10M", 10e6}, {"2g", 2e9}, {"0", 0}, {"-1", 0}, {"", 0}, {"k", 0}, {"1kk", 0}, {"1T", 0}, {"1.5M", 0}, {strings.Repeat("9", 18) + "G", 0},
	} {
		var s size
		if err := s.Set(c.text); s != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("%q: %d, %v", c.text, s, err)
		}
	}
}
