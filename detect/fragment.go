package detect

import (
	"bytes"
	"fmt"
	"time"
)

// A Fragment is a piece of text to look for secrets in, and where it comes from.
type Fragment struct {
	Origin Origin

	// Data is the text. It is read and never changed; nothing keeps a reference to it once Find has returned.
	Data []byte

	// Base is where Data[0] stands in the origin; the zero value means its beginning. A large file is scanned
	// as several fragments with growing bases.
	Base Position

	// Own limits the findings to those whose secret starts in this range of Data; nil means all of Data. Chunks of a
	// large file overlap, and what they own does not, so that each secret is found once.
	Own *Range

	// Added limits the findings to those whose secret overlaps one of these lines, counted in the origin, in ascending
	// order without overlaps. Patterns still see all of Data. nil means that every line counts; empty, that none does.
	Added []LineRange

	// Before are earlier versions of the text. A finding whose secret is also found in one of them is left out: it was
	// moved, re-indented or renamed with what surrounds it, and is not new.
	Before [][]byte

	// Binary is set for content that is not text; rules that are TextOnly are not applied to it.
	Binary bool

	// Load, when set, makes the fragment in the worker that will scan it, so that reading happens in parallel. The
	// fragment it returns replaces this one; its Data may be *buf, which is the worker's own buffer, to be grown
	// and used again. With an error, it is what could be read, and is searched all the same.
	Load func(buf *[]byte) (Fragment, error)
}

// Origin says where a fragment's text is stored.
type Origin struct {
	Path   string  // with slashes; as the user named the root, or relative to the repository's top
	Kind   Kind    // what the text is
	Commit *Commit // nil outside a history
}

// Kind is what a fragment's text is to its origin.
type Kind uint8

// The kinds of text.
const (
	KindContent Kind = iota // a file's content
	KindMessage             // a commit's or tag's message
	KindName                // a file's name
)

// Commit is the commit that introduced a fragment's text.
type Commit struct {
	ID     string // hexadecimal
	Author string
	Email  string
	Date   time.Time
	Ref    string // a ref that reaches it, "" when unknown
}

// Position is a place in an origin.
type Position struct {
	Offset int64 // bytes from the beginning
	Line   int   // from 1
	Column int   // in bytes, from 1
}

// After returns the position after text that begins at p.
func (p Position) After(text []byte) Position {
	p.Offset += int64(len(text))
	if n := bytes.Count(text, []byte{'\n'}); n > 0 {
		p.Line += n
		p.Column = 1
		text = text[bytes.LastIndexByte(text, '\n')+1:]
	}
	p.Column += len(text)
	return p
}

// Range is a half-open range of bytes.
type Range struct{ Start, End int }

// LineRange is a range of lines, counted from 1, both ends inclusive.
type LineRange struct{ First, Last int }

// An InputError names one input that could not be read. A source yields it in place of the input's fragments and
// goes on; the scan is then incomplete.
type InputError struct {
	Path string
	Err  error
}

// Error says what could not be read and why.
func (e *InputError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *InputError) Unwrap() error { return e.Err }
