//go:build !unix

package regular

import (
	"errors"
	"os"
)

func mapped(*os.File, int64) (ReaderAtCloser, error) { return nil, errors.ErrUnsupported }
