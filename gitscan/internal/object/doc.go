// Package object knows what git's objects look like inside: ids, kinds, modes, and the text of trees, commits and tags.
//
// Every parser takes an object's whole content, without the "kind size" header of a loose object, and does no I/O. They
// are tolerant where git itself is: odd modes, unsorted trees, headers nobody knows and text in any encoding are let
// through, because hiding something behind a small defect must not work. What cannot be understood at all (a tree cut
// short, a commit without a tree) is a [*SyntaxError] that names the byte where it went wrong.
//
// The format is that of git's Documentation/gitformat-*.txt and of "git cat-file"; ids are SHA-1.
package object

import "fmt"

// A SyntaxError says that an object's content is not what its kind requires.
type SyntaxError struct {
	Kind   Kind
	Offset int // of the first byte that could not be understood
	Reason string
}

// Error says what is wrong and where.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("malformed %s at byte %d: %s", e.Kind, e.Offset, e.Reason)
}
