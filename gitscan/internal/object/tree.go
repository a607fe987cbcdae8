package object

import "bytes"

// A TreeReader goes through the entries of a tree without allocating. Name, ID and Mode are those of the entry that the
// last call of Next found; Name is part of the tree's content.
//
//	r := object.NewTreeReader(content)
//	for r.Next() {
//		use(r.Name, r.ID, r.Mode)
//	}
//	if r.Err() != nil …
type TreeReader struct {
	Name []byte
	ID   ID
	Mode Mode // as written, see Mode.Canonical

	content []byte
	pos     int
	err     error
}

// NewTreeReader returns a reader that stands before the tree's first entry.
func NewTreeReader(content []byte) TreeReader { return TreeReader{content: content} }

// Next goes to the next entry. It returns false at the end and at the first entry that is malformed; see Err.
func (r *TreeReader) Next() bool {
	if r.err != nil || r.pos == len(r.content) {
		return false
	}
	rest := r.content[r.pos:]
	mode, digits := octal(rest)
	if digits == 0 || digits == len(rest) || rest[digits] != ' ' {
		return r.fail(digits, "no mode")
	}
	name := rest[digits+1:]
	end := bytes.IndexByte(name, 0)
	switch {
	case end < 0:
		return r.fail(digits+1, "the name does not end")
	case end == 0:
		return r.fail(digits+1, "empty name")
	case len(name)-end-1 < Size:
		return r.fail(digits+1+end+1, "the id is cut short")
	}
	r.Mode = mode
	r.Name = name[:end:end]
	r.ID = ID(name[end+1:])
	r.pos += digits + 1 + end + 1 + Size
	return true
}

// Err returns why Next stopped before the end, a *SyntaxError, or nil.
func (r *TreeReader) Err() error { return r.err }

func (r *TreeReader) fail(offset int, reason string) bool {
	r.err = &SyntaxError{Kind: Tree, Offset: r.pos + offset, Reason: reason}
	return false
}

// A mode of more digits than this overflows 32 bits.
const maxModeDigits = 10

func octal(text []byte) (value Mode, digits int) {
	for digits < len(text) && digits < maxModeDigits && '0' <= text[digits] && text[digits] <= '7' {
		value = value<<3 | Mode(text[digits]-'0')
		digits++
	}
	return value, digits
}
