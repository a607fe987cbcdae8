//go:build unix

package filescan

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestSpecialFiles(t *testing.T) {
	top, err := os.MkdirTemp("", "fs") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	t.Chdir(top)
	if err := os.WriteFile("b", []byte("1"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("fifo", 0o666); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()

	start := time.Now()
	s := newSource(t, []string{".", "fifo", "socket", os.DevNull}, Options{})
	failed := "!" + errNamedSpecial.Error()
	if got, want := collect(t, s), []string{"b=1", "fifo" + failed, "socket" + failed, os.DevNull + failed}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	s = newSource(t, []string{"."}, Options{})
	if got, want := collect(t, s), []string{"b=1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if c := s.Coverage(); c.Special.Files != 2 {
		t.Errorf("%d special files", c.Special.Files)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("blocked for %v", d)
	}
}

// A regular file that is replaced after the directory was listed is neither waited for nor followed.
func TestReplacedFiles(t *testing.T) {
	replacements := []struct {
		name string
		make func(path string) error
		want string
	}{
		{"fifo", func(path string) error { return syscall.Mkfifo(path, 0o666) }, "a="},
		{"link", func(path string) error { return os.Symlink("b", path) }, "a!" + syscall.ELOOP.Error()},
		{"directory", func(path string) error { return os.Mkdir(path, 0o777) }, "a="},
		{"nothing", func(string) error { return nil }, "a!" + syscall.ENOENT.Error()},
	}
	for _, tt := range replacements {
		for _, size := range []string{"", "text", "text that is longer than a file may be to be read in one piece"} {
			t.Run(tt.name, func(t *testing.T) {
				t.Chdir(writeTree(t, "a="+size, "b=1"))
				s := newSource(t, []string{"."}, Options{})
				s.sizes = sizes{whole: 8, chunk: 64, overlap: 8}
				s.open = func(path string, follow bool) (handle, error) {
					if path == "a" {
						if err := os.Remove(path); err != nil {
							t.Fatal(err)
						}
						if err := tt.make(path); err != nil {
							t.Fatal(err)
						}
					}
					return openFile(path, follow)
				}
				if got, want := collect(t, s), []string{tt.want, "b=1"}; !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root can read everything")
	}
	t.Chdir(writeTree(t, "a=1", "d/b=2", "e=3"))
	for _, path := range []string{"a", "d"} {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod("d", 0o777) })
	got := collect(t, newSource(t, []string{"."}, Options{}))
	if want := []string{"a!permission denied", "d!permission denied", "e=3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A directory that is gone, or is something else by now, when it is its turn to be listed.
func TestReplacedDirectory(t *testing.T) {
	top := writeTree(t, "d/b=2", "e=3")
	t.Chdir(top)
	s := newSource(t, []string{"."}, Options{})
	d := s.rootDir(0, ".", top)
	d.list(s, nil)
	if err := os.Rename("d", "moved"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(top, "moved"), "d"); err != nil {
		t.Fatal(err)
	}
	sub := d.subs[0]
	if sub.list(s, nil); sub.err == nil || len(sub.entries) > 0 {
		t.Errorf("a symbolic link was followed: %v, %d entries", sub.err, len(sub.entries))
	}
}
