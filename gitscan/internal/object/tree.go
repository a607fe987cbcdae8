package object

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

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
	start   int // of the entry that Next found
	pos     int // behind it
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
	mode, digits := usualMode(rest)
	if digits == 0 {
		mode, digits = octal(rest)
	}
	if digits == 0 || digits == len(rest) || rest[digits] != ' ' {
		return r.fail(digits, "no mode")
	}
	name := rest[digits+1:]
	end := indexNUL(name, 0)
	switch {
	case end < 0:
		return r.fail(digits+1, "the name does not end")
	case end == 0:
		return r.fail(digits+1, "empty name")
	case len(name)-end-1 < Size:
		return r.fail(digits+1+end+1, "the id is cut short")
	}
	r.start = r.pos
	r.Mode = mode
	r.Name = name[:end:end]
	r.ID = ID(name[end+1:])
	r.pos += digits + 1 + end + 1 + Size
	return true
}

// Shared returns how many bytes both have alike, from where each stands.
func (r *TreeReader) Shared(other *TreeReader) int {
	return commonPrefix(r.content[r.start:], other.content[other.start:])
}

// Offset returns where in the content the entry begins that the reader stands at.
func (r *TreeReader) Offset() int { return r.start }

// End returns where that entry ends.
func (r *TreeReader) End() int { return r.pos }

// Seek makes the reader stand before the entry that begins at an offset.
func (r *TreeReader) Seek(offset int) { r.pos = offset }

// Entries returns how many bytes the whole entries have that are in the next n bytes, beginning with the one that the reader stands at.
func (r *TreeReader) Entries(n int) (end int) {
	content := r.content[r.start : r.start+n]
	for {
		nul := nameEnd(content, end)
		if nul < 0 || nul+1+Size > n {
			return end
		}
		end = nul + 1 + Size
	}
}

// The first bytes of entries, nearly all of which are such ones, as numbers of the lowest byte first.
const (
	fileText, fileMask = 0x20_343436303031, 0xff_ffffffffffff // "100644 "
	treeText, treeMask = 0x20_3030303034, 0xff_ffffffffff     // "40000 "
)

// usualMode reads the mode that an entry begins with, if it is one of the two that nearly all have, and returns the number of its digits or 0.
func usualMode(entry []byte) (mode Mode, digits int) {
	if len(entry) >= 8 {
		switch x := binary.LittleEndian.Uint64(entry); {
		case x&fileMask == fileText:
			return ModeFile, 6
		case x&treeMask == treeText:
			return ModeTree, 5
		}
	}
	return 0, 0
}

// nameEnd returns where the name ends of the entry that begins at an offset, -1 if it does not.
func nameEnd(content []byte, at int) int {
	_, digits := usualMode(content[at:])
	return indexNUL(content, at+digits)
}

// indexNUL returns where the first zero is in a text from a place on, -1 if there is none. Names are short.
func indexNUL(text []byte, from int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; from+8 <= len(text); from += 8 {
		x := binary.LittleEndian.Uint64(text[from:])
		if zeros := (x - ones) &^ x & tops; zeros != 0 {
			return from + bits.TrailingZeros64(zeros)/8
		}
	}
	if n := bytes.IndexByte(text[from:], 0); n >= 0 {
		return from + n
	}
	return -1
}

// SameNames returns how many bytes the entries have, of the whole ones in the next n bytes, that have the same modes and names in both.
func (r *TreeReader) SameNames(other *TreeReader, n int) (end int) {
	content, others := r.content[r.start:r.start+n], other.content[other.start:]
	for end < n {
		nul := nameEnd(content, end)
		if nul < 0 || nul+1+Size > min(n, len(others)) || string(content[end:nul+1]) != string(others[end:nul+1]) {
			return end
		}
		end = nul + 1 + Size
	}
	return end
}

// Skip goes past whole entries of so many bytes, the first of which is the one that the reader stands at, and then does what Next does.
func (r *TreeReader) Skip(n int) bool {
	r.pos = r.start + n
	return r.Next()
}

// commonPrefix returns how many bytes both begin with.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	a, b = a[:n], b[:n]
	i := 0
	for step := 1024; i+step <= n && string(a[i:i+step]) == string(b[i:i+step]); {
		i += step
	}
	for ; i+8 <= n; i += 8 {
		if diff := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); diff != 0 {
			return i + bits.TrailingZeros64(diff)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
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

// CompareNames is the order of a tree's entries, which is that of an index's paths: bytewise, with a slash after the name
// of a directory. The result is negative, 0 or positive.
func CompareNames[T string | []byte](a []byte, aDir bool, b T, bDir bool) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n < min(len(a), len(b)) {
		return int(a[n]) - int(b[n])
	}
	if order := int(byteAt(a, n, aDir)) - int(byteAt(b, n, bDir)); order != 0 {
		return order
	}
	// Only a forged name with a slash comes here with different lengths; it must not pass for the directory.
	return len(a) - len(b)
}

// byteAt returns byte i of a name and what follows it.
func byteAt[T string | []byte](name T, i int, dir bool) byte {
	switch {
	case i < len(name):
		return name[i]
	case dir:
		return '/'
	}
	return 0
}

// A TreeError says which directory's tree could not be read.
type TreeError struct {
	Path string // with a slash at its end; "" is the top
	ID   ID
	Err  error
}

// Error names the directory and its tree.
func (e *TreeError) Error() string {
	return fmt.Sprintf("directory %q, tree %s: %v", e.Path, e.ID, e.Err)
}

// Unwrap returns the cause.
func (e *TreeError) Unwrap() error { return e.Err }

// MaxDepth is how deep directories may be nested; git's own limit is core.maxTreeDepth, 2048 by default.
const MaxDepth = 4096

// ErrTooDeep is the cause of the error about directories that are nested deeper.
var ErrTooDeep = errors.New("directories are nested too deeply")
