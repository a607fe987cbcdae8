//go:build unix

package filescan

import (
	"io"
	"os"
	"syscall"
)

// A descriptor is an open file without what os.File adds to it: two system calls and four allocations for each file.
type descriptor int

// openFile opens a file for reading and never blocks, whatever the file is. Only if follow is set may path be a
// symbolic link.
func openFile(path string, follow bool) (handle, error) {
	flags := syscall.O_RDONLY | syscall.O_NONBLOCK | syscall.O_CLOEXEC
	if !follow {
		flags |= syscall.O_NOFOLLOW
	}
	for {
		fd, err := syscall.Open(path, flags, 0)
		switch err {
		case nil:
			return descriptor(fd), nil
		case syscall.EINTR:
		default:
			return nil, err
		}
	}
}

// Read reads like an io.Reader.
func (d descriptor) Read(p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(d), p)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Close closes the file.
func (d descriptor) Close() error { return syscall.Close(int(d)) }

func (d descriptor) regular() (bool, error) {
	var st syscall.Stat_t
	err := syscall.Fstat(int(d), &st)
	return err == nil && st.Mode&syscall.S_IFMT == syscall.S_IFREG, err
}

// regularSize returns the size of a regular file, and -1 for anything else.
func regularSize(path string) int64 {
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return -1
	}
	return st.Size
}

// openDir opens a directory for listing. Only if follow is set may path be a symbolic link.
func openDir(path string, follow bool) (*os.File, error) {
	flags := syscall.O_RDONLY | syscall.O_NONBLOCK | syscall.O_DIRECTORY
	if !follow {
		flags |= syscall.O_NOFOLLOW
	}
	return os.OpenFile(path, flags, 0)
}
