// Package refs reads a repository's refs: the names of its branches, tags and whatever else points to an object.
//
// A ref is a file below the git directory ("loose") or a line of packed-refs; a loose ref hides a packed one. Its content is
// an object id, or the name of another ref. HEAD and everything else directly in the git directory, and what is below
// refs/bisect, refs/worktree and refs/rewritten, belongs to one worktree; the rest is shared by all worktrees.
//
// A ref that exists but cannot be read is a [*BrokenError] and never passed over, because what only it reaches would not
// be seen. Names are checked before they become part of a file name. Refs in another format (reftable) are not supported;
// package repo refuses such repositories.
package refs

import (
	"errors"
	"fmt"
)

// ErrNotFound is the cause of the errors about a ref that does not exist.
var ErrNotFound = errors.New("no such ref")

// A BrokenError names a ref that exists and cannot be read.
type BrokenError struct {
	Name string
	Err  error
}

// Error names the ref.
func (e *BrokenError) Error() string { return fmt.Sprintf("ref %s: %v", e.Name, e.Err) }

// Unwrap returns the cause.
func (e *BrokenError) Unwrap() error { return e.Err }

var (
	errBadName    = errors.New("not a name that a ref can have")
	errBadContent = errors.New("neither an object id nor a symbolic ref")
	errTooDeep    = errors.New("too many symbolic refs in a row")
)
