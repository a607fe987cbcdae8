//go:build unix

package regular

import (
	"errors"
	"io"
	"math"
	"os"
	"runtime/debug"
	"syscall"
)

// mapping is a file that is mapped into memory, which takes no call of the system for each read.
type mapping struct{ data []byte }

func mapped(f *os.File, size int64) (ReaderAtCloser, error) {
	if size <= 0 || size > math.MaxInt {
		return nil, errors.ErrUnsupported
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &mapping{data}, nil
}

// Close ends the mapping.
func (m *mapping) Close() error { return syscall.Munmap(m.data) }

var errFault = errors.New("the file was cut short, or cannot be read")

// ReadAt copies from memory. Where the file has become shorter, or its disk fails, that is a fault, which becomes an error.
func (m *mapping) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 || off >= int64(len(m.data)) {
		return 0, io.EOF
	}
	defer func(before bool) {
		debug.SetPanicOnFault(before)
		if recover() != nil {
			n, err = 0, errFault
		}
	}(debug.SetPanicOnFault(true))
	if n = copy(p, m.data[off:]); n < len(p) {
		err = io.EOF
	}
	return n, err
}
