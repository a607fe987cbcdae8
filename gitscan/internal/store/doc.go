// Package store reads the objects of a repository: loose files, packs, and those of other repositories that it borrows
// from (alternates).
//
// [Open] takes the directories where git would look; nothing but files for reading is ever opened. [Objects] is safe for
// concurrent use.
//
// # What it promises
//
// An object is returned only if its content has the id that was asked for, so that a damaged or forged pack index, pack
// or file is noticed whichever byte is wrong. An object that is in several places is taken from the first place where it
// is sound. Every read has a limit, and no object, base of a delta or header makes it use more than a few times that
// limit. Chains of deltas are followed in a loop, at most 10,000 long. What goes wrong in the libraries below comes back as
// an error, also if they panic.
//
// # What it leaves out on purpose
//
// Replacement refs (refs/replace) and grafts are ignored: they show other content than the one that is stored and sent.
// Nothing is fetched: an object that a partial clone left out is a [*MissingError] like any other, with Promised set.
//
// Packs are decoded with go-git's plumbing/format/packfile. Finding an object in a pack's index is done here, because
// it takes a few reads this way and a whole decoded index otherwise; so are alternates and the following of deltas, which
// have to end on hostile input.
package store

import (
	"errors"
	"fmt"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// A MissingError names an object that is in none of the object directories.
type MissingError struct {
	ID object.ID

	// Promised is set in a partial clone: the object was probably left out when the repository was cloned.
	Promised bool

	// Absent are the alternate object directories that do not exist; the object may be in one of them.
	Absent []string
}

// Error names the object and what is known about its absence.
func (e *MissingError) Error() string {
	switch {
	case e.Promised:
		return fmt.Sprintf("object %s is not in this partial clone: only a clone without a filter has it", e.ID)
	case len(e.Absent) > 0:
		return fmt.Sprintf("object %s is missing, and so is the alternate object directory %s", e.ID, e.Absent[0])
	}
	return fmt.Sprintf("object %s is missing", e.ID)
}

// A TooLargeError names an object that is larger than the limit it was to be read with.
type TooLargeError struct {
	ID   object.ID
	Size int64 // bytes; of the object, or of a base that its delta is stored against
	Max  int64 // bytes
}

// Error names the object and its size.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("object %s is too large: %d bytes, the limit is %d", e.ID, e.Size, e.Max)
}

// A CorruptError names an object that is there but cannot be read.
type CorruptError struct {
	ID   object.ID
	File string
	Err  error
}

// Error names the object and its file.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("object %s in %s cannot be read: %v", e.ID, e.File, e.Err)
}

// Unwrap returns the cause.
func (e *CorruptError) Unwrap() error { return e.Err }

var (
	errNotFound    = errors.New("not here")
	errCircle      = errors.New("deltas that are made of each other")
	errWrongID     = errors.New("its content has another id")
	errLooseHeader = errors.New("its header cannot be read")
	errWrongSize   = errors.New("its size is not the one it announces")
)

// recovered turns a panic in a library into an error. It is to be deferred.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("internal error: %v", r)
	}
}
