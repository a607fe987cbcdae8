//go:build !unix

package regular

import (
	"errors"
	"os"
)

func mapped(*os.File, int64) (*mapping, error) { return nil, errors.ErrUnsupported }

// Close is never called.
func (m *mapping) Close() error { return nil }
