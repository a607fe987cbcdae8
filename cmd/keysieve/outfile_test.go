package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestFileReplaces(t *testing.T) {
	const older, newer = "older report\n", "newer report\n"
	for _, test := range []struct {
		name   string
		exists bool
		end    func(*File) error
		want   string // "" for no file
	}{
		{"commit new", false, (*File).Commit, newer},
		{"commit over existing", true, (*File).Commit, newer},
		{"abort new", false, func(f *File) error { f.Abort(); return nil }, ""},
		{"abort over existing", true, func(f *File) error { f.Abort(); return nil }, older},
		{"abort after commit", true, func(f *File) error { err := f.Commit(); f.Abort(); return err }, newer},
		{"abort twice", true, func(f *File) error { f.Abort(); f.Abort(); return nil }, older},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "report.json")
			before := ""
			if test.exists {
				before = older
				writeFile(t, path, older)
			}
			f, err := Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := f.Write([]byte(newer)); n != len(newer) || err != nil {
				t.Fatalf("Write: %d, %v", n, err)
			}
			if got := readFile(t, path); got != before {
				t.Errorf("before the end the target is %q, want %q", got, before)
			}
			if err := test.end(f); err != nil {
				t.Fatal(err)
			}
			if got := readFile(t, path); got != test.want {
				t.Errorf("the target is %q, want %q", got, test.want)
			}
			wantNoTemp(t, path, test.want != "")
			if _, err := f.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("Write after the end: %v", err)
			}
			if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("Commit after the end: %v", err)
			}
			if got := readFile(t, path); got != test.want {
				t.Errorf("after the end the target is %q, want %q", got, test.want)
			}
		})
	}
}

func TestFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	path := filepath.Join(t.TempDir(), "report.json")
	writeFile(t, path, "readable by all")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "regular"), "kept")
	links := os.Symlink("regular", filepath.Join(dir, "link")) == nil &&
		os.Symlink("absent", filepath.Join(dir, "dangling")) == nil
	for _, test := range []struct {
		path, want string
		needsLinks bool
	}{
		{".", "is a directory", false},
		{"link", "is a symbolic link", true},
		{"dangling", "is a symbolic link", true},
		{"absent/report.json", "create its directory", false},
		{"regular/report.json", "report file", false},
	} {
		if test.needsLinks && !links {
			continue
		}
		path := filepath.Join(dir, test.path)
		f, err := Create(path)
		if err == nil {
			f.Abort()
			t.Errorf("%s: no error", test.path)
			continue
		}
		if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: error %q does not say %q", test.path, err, test.want)
		}
	}
	for _, path := range []string{"", "/dev/fd/99999"} {
		if _, err := Create(path); err == nil || !strings.Contains(err.Error(), "name a file") {
			t.Errorf("%q: %v", path, err)
		}
	}
	if got := readFile(t, filepath.Join(dir, "regular")); got != "kept" {
		t.Errorf("a file behind a refused link became %q", got)
	}
}

func TestDescriptor(t *testing.T) {
	for _, test := range []struct {
		path string
		fd   uintptr
		ok   bool
	}{
		{"/dev/stdout", 1, true},
		{"/dev/stderr", 2, true},
		{"/dev/fd/63", 63, true},
		{"/proc/self/fd/1", 1, true},
		{"/dev/fd/", 0, false},
		{"/dev/fd/-1", 0, false},
		{"/dev/fd/1/x", 0, false},
		{"dev/fd/1", 0, false},
		{"/dev/null", 0, false},
	} {
		if fd, ok := descriptor(test.path); ok != test.ok || ok && fd != test.fd {
			t.Errorf("%s: %d, %v", test.path, fd, ok)
		}
	}
}

// The process's own streams outlive a report.
func TestFileKeepsStandardStreamsOpen(t *testing.T) {
	for path, stream := range map[string]*os.File{"/dev/stdout": os.Stdout, "/dev/stderr": os.Stderr} {
		for _, end := range []func(*File) error{(*File).Commit, func(f *File) error { f.Abort(); return nil }} {
			f, err := Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := end(f); err != nil {
				t.Error(err)
			}
			if _, err := stream.Stat(); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func TestFileWritesPipesDirectly(t *testing.T) {
	needPath(t, "/dev/fd")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := Create(fmt.Sprintf("/dev/fd/%d", w.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "report"); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close() // its descriptor is closed already; this keeps the collector from closing the number again
	if got, err := io.ReadAll(r); string(got) != "report" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestFileWritesDevicesDirectly(t *testing.T) {
	needPath(t, os.DevNull)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{os.DevNull, link} {
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if f.temp != "" {
			t.Errorf("%s: written through %s", path, f.temp)
		}
		if _, err := io.WriteString(f, "report"); err != nil {
			t.Error(err)
		}
		if err := f.Commit(); err != nil {
			t.Error(err)
		}
	}
}

func TestFileFullDisk(t *testing.T) {
	needPath(t, "/dev/full")
	f, err := Create("/dev/full")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err = io.WriteString(f, "report")
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "/dev/full") || !strings.Contains(err.Error(), "free some space") {
			t.Errorf("Write: %v", err)
		}
	}
	if cerr := f.Commit(); !errors.Is(cerr, syscall.ENOSPC) {
		t.Errorf("Commit: %v", cerr)
	}
}

// A report that could not be written whole must leave the older one, whatever the caller does next.
func TestFileFailedWriteKeepsTarget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	writeFile(t, path, "older")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.f.Close(); err != nil { // every later write fails
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "newer"); err == nil || !strings.Contains(err.Error(), "report.json") || strings.Contains(err.Error(), ".tmp") {
		t.Errorf("Write: %v", err)
	}
	if err := f.Commit(); err == nil {
		t.Error("Commit succeeded")
	}
	if got := readFile(t, path); got != "older" {
		t.Errorf("the target is %q", got)
	}
	wantNoTemp(t, path, true)
}

func TestFileFailedCommitRemovesTemp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil { // cannot be replaced by a file
		t.Fatal(err)
	}
	if err := f.Commit(); err == nil || strings.Contains(err.Error(), ".tmp") {
		t.Errorf("Commit: %v", err)
	}
	wantNoTemp(t, path, true)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// readFile returns a file's content, "" if there is none.
func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// wantNoTemp checks that a report's directory holds the report, if it is to be there, and nothing else.
func wantNoTemp(t *testing.T, path string, exists bool) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) || !exists {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

func needPath(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Skip(err)
	}
}
