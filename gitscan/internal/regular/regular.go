// Package regular opens files that have to be regular files. Opening a FIFO waits for somebody to write to it, and reading
// a device may never end, so that a repository with such a thing in the place of a file would hang whoever looks at it.
package regular

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
)

// ErrNotRegular is the cause of the error about a directory, FIFO, socket or device.
var ErrNotRegular = errors.New("not a regular file")

// Open opens a regular file, or one that a symbolic link leads to, for reading, and returns its size in bytes.
func Open(path string) (f *os.File, size int64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &fs.PathError{Op: "open", Path: path, Err: ErrNotRegular}
	}
	f, err = os.Open(path)
	return f, info.Size(), err
}

// ReaderAtCloser is a file for reading here and there.
type ReaderAtCloser interface {
	io.ReaderAt
	io.Closer
}

// Map is Open for a file of which very many small parts will be read. Where the system can, it is mapped into memory: then data is all of
// the file until it is closed, and whoever looks at that defers [Faults].
func Map(path string) (file ReaderAtCloser, data []byte, size int64, err error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, nil, 0, err
	}
	m, err := mapped(f, size)
	if err != nil {
		return f, nil, size, nil
	}
	return m, m.data, size, f.Close()
}

// mapping is a file that is mapped into memory.
type mapping struct{ data []byte }

// ReadAt copies from memory.
func (m *mapping) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 || off >= int64(len(m.data)) {
		return 0, io.EOF
	}
	defer Faults(&err, debug.SetPanicOnFault(true))
	if n = copy(p, m.data[off:]); n < len(p) {
		err = io.EOF
	}
	return n, err
}

var errFault = errors.New("the file was cut short, or cannot be read")

// Faults ends a function that looks at what is mapped, and begins with
//
//	defer regular.Faults(&err, debug.SetPanicOnFault(true))
//
// Where a file has become shorter, or its disk fails, looking at it is a fault, of which this makes an error.
func Faults(err *error, before bool) {
	debug.SetPanicOnFault(before)
	switch p := recover().(type) {
	case nil:
	case interface{ Addr() uintptr }: // see debug.SetPanicOnFault
		*err = errFault
	default:
		panic(p)
	}
}

// Read returns the content of a regular file of at most max bytes; a larger one is an error.
func Read(path string, max int64) ([]byte, error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// One byte more than there is, so that the end is noticed without growing the buffer.
	data := make([]byte, min(size, max)+1)
	n, err := io.ReadFull(f, data)
	switch {
	case err == nil && int64(n) > max:
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("the file is larger than %d bytes", max)}
	case err == nil:
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("the file grew while it was read")}
	case err != io.ErrUnexpectedEOF && err != io.EOF:
		return nil, err
	}
	return data[:n], nil
}

// ReadIfExists is Read, but a file that does not exist is nil and no error.
func ReadIfExists(path string, max int64) ([]byte, error) {
	data, err := Read(path, max)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
