package filescan

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/internal/text"
)

// A handle is an open file.
type handle interface {
	io.ReadCloser
	regular() (bool, error) // whether it is a regular file
}

// A file is a regular file that was met.
type file struct {
	name   string // in findings
	path   string // to open it
	size   int64  // in bytes; -1 when unknown
	follow bool   // path may be a symbolic link
}

var errNotRegular = errors.New("not a regular file")

// A growthError says that a file has become much larger since its size was taken.
type growthError struct{ read int64 }

func (e growthError) Error() string {
	return fmt.Sprintf("it grew while it was read; %d bytes were read, try again", e.read)
}

// whole returns the fragment of a file that is to be read in one piece.
func (s *Source) whole(f file) detect.Fragment {
	return detect.Fragment{
		Origin: detect.Origin{Path: f.name},
		Load:   func(buf *[]byte) (detect.Fragment, error) { return s.loadWhole(f, buf) },
	}
}

func (s *Source) loadWhole(f file, buf *[]byte) (detect.Fragment, error) {
	fragment := detect.Fragment{Origin: detect.Origin{Path: f.name}}
	err := s.readWhole(f, buf)
	read, expected := int64(len(*buf)), max(f.size, 0)
	switch {
	case errors.Is(err, errNotRegular):
		s.account(func(c *Coverage) {
			c.Enumerated.Bytes -= expected
			c.Special.add(1, 0)
		})
		return fragment, nil
	case err != nil:
		s.account(func(c *Coverage) { c.Failed.add(1, expected) })
		return fragment, inputError(f.name, err)
	}
	setText(&fragment, *buf)
	s.account(func(c *Coverage) {
		c.Enumerated.Bytes += read - expected
		c.Scanned.add(1, read)
		if fragment.Binary {
			c.Binary.add(1, read)
		}
	})
	return fragment, nil
}

// setText makes a file's whole content the text of f.
func setText(f *detect.Fragment, content []byte) {
	data, bom := text.Decode(content)
	f.Data, f.Base = data, start(bom)
	f.Binary = text.IsBinary(data)
}

// start is where text begins after a UTF-8 byte order mark of so many bytes, which editors count no column for.
func start(bom int) detect.Position {
	return detect.Position{Offset: int64(bom), Line: 1, Column: 1}
}

// readWhole reads the file into *buf. Where the size was known and still holds, that takes one system call to open, one
// to read and one to close: a regular file that gives exactly its size, when asked for more, is at its end. Anything
// else calls for a second look at what was opened, since it may have been replaced.
func (s *Source) readWhole(f file, buf *[]byte) error {
	*buf = (*buf)[:0]
	h, err := s.open(f.path, f.follow)
	if err != nil {
		return err
	}
	defer h.Close()
	*buf = slices.Grow(*buf, int(max(f.size+1, 4<<10)))
	for checked := false; ; {
		b := *buf
		n, err := h.Read(b[len(b):cap(b)])
		*buf = b[:len(b)+n]
		read := int64(len(*buf))
		if n > 0 && err == nil && read == f.size {
			return nil
		}
		if !checked {
			switch regular, err := h.regular(); {
			case err != nil:
				return err
			case !regular:
				return errNotRegular
			}
			checked = true
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case read > max(f.size, 0)+int64(s.sizes.whole):
			return growthError{read}
		case len(*buf) == cap(*buf):
			*buf = slices.Grow(*buf, len(*buf))
		}
	}
}
