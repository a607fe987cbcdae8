//go:build unix

package regular

import (
	"errors"
	"math"
	"os"
	"syscall"
)

func mapped(f *os.File, size int64) (*mapping, error) {
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
