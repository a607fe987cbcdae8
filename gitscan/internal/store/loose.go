package store

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"io"
	"strconv"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

// A loose object's header is "kind size" and a NUL.
const maxLooseHeader = 32

// content is an object that is about to be read.
type content struct {
	kind object.Kind
	size int64 // bytes
	io.ReadCloser
}

// openLoose opens the object in its own file; fs.ErrNotExist if there is none.
func openLoose(path string) (_ content, err error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return content{}, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	z, err := zlib.NewReader(f)
	if err != nil {
		return content{}, err
	}
	r := bufio.NewReader(z)
	header, err := r.Peek(maxLooseHeader)
	if err != nil && err != io.EOF {
		return content{}, err
	}
	text, _, found := bytes.Cut(header, []byte{0})
	kindName, digits, _ := bytes.Cut(text, []byte{' '})
	kind, ok := object.ParseKind(string(kindName))
	size, err := strconv.ParseUint(string(digits), 10, 63)
	if !found || !ok || err != nil {
		return content{}, errLooseHeader
	}
	_, _ = r.Discard(len(text) + 1)
	return content{kind, int64(size), readCloser{r, f}}, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}
