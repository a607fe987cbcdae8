package text

import (
	"bytes"
	"io"
	"slices"
)

// A Reader reads an input as the text it is taken for.
type Reader struct {
	encoding encoding
	taken    int64 // bytes of the input that were read

	in    io.Reader
	utf16 *utf16Decoder // nil unless the encoding is UTF-16
	raw   []byte        // room for what is to be decoded
	held  int           // bytes at the beginning of raw that wait for more
}

// Buffers for input of unknown size begin with this many bytes.
const firstRead = 64 << 10

// NewReader judges the input by its first bytes. An error of the input comes in its place from Append.
func NewReader(r io.Reader) *Reader {
	r = patient{r}
	sample := make([]byte, sampleSize)
	n, err := io.ReadFull(r, sample)
	sample = sample[:n]
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	t := &Reader{encoding: sniff(sample)}
	switch t.encoding {
	case utf8WithBOM:
		t.taken = int64(len(utf8BOM))
		sample = sample[len(utf8BOM):]
	case utf16LE, utf16BE:
		t.utf16 = &utf16Decoder{bigEndian: t.encoding == utf16BE}
		t.raw = make([]byte, firstRead)
	}
	t.in = bytes.NewReader(sample)
	switch err {
	case nil:
		t.in = io.MultiReader(t.in, r)
	case io.EOF: // a terminal would go on after it
	default:
		t.in = io.MultiReader(t.in, failed{err})
	}
	return t
}

// failed is a reader that has failed.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// patient is a reader that gives up on one that gives nothing many times in a row.
type patient struct{ io.Reader }

func (p patient) Read(b []byte) (int, error) {
	for range 100 {
		if n, err := p.Reader.Read(b); n > 0 || err != nil || len(b) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// Taken returns how many bytes of the input were read.
func (t *Reader) Taken() int64 { return t.taken }

// BOM returns the length in bytes of the UTF-8 byte order mark that the input begins with and the text leaves out.
func (t *Reader) BOM() int {
	if t.encoding == utf8WithBOM {
		return len(utf8BOM)
	}
	return 0
}

// Append appends the text of the next budget bytes of the input to dst; with an error, io.EOF among them, that of fewer.
func (t *Reader) Append(dst []byte, budget int) ([]byte, error) {
	for budget > 0 {
		var n int
		var err error
		dst, n, err = t.readSome(dst, budget)
		t.taken += int64(n)
		budget -= n
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// readSome is one step of Append. It returns also how many bytes of the input it has taken.
func (t *Reader) readSome(dst []byte, budget int) ([]byte, int, error) {
	if t.utf16 != nil {
		n, err := t.in.Read(t.raw[t.held:min(len(t.raw), t.held+budget)])
		raw := t.raw[:t.held+n]
		dst, used := t.utf16.decode(dst, raw, err == io.EOF)
		t.held = copy(t.raw, raw[used:])
		return dst, n, err
	}
	if room := cap(dst) - len(dst); room < min(budget, firstRead/2) {
		dst = slices.Grow(dst, min(budget, max(cap(dst), firstRead)))
	}
	n, err := t.in.Read(dst[len(dst):min(cap(dst), len(dst)+budget)])
	return dst[:len(dst)+n], n, err
}
