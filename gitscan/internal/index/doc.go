// Package index reads git's index: the list of what the next commit will contain.
//
// [Read] understands versions 2, 3 and 4 and everything that changes what the list means: a split index (whose larger part
// is in a sharedindex file), a sparse index (whose entries can stand for a whole directory), entries that are only
// intended to be added, and the stages of a conflict. Extensions that only make git faster are skipped, but for the
// cache-tree: it knows the tree objects of unchanged directories, so that a comparison need not look into them. An
// unknown extension that git calls required is an error that names it.
//
// The file's checksum is verified unless it is zero, which is how git marks an index written without one.
//
// # Promises
//
// Memory is at most 64 MiB and 8 bytes for each byte read, whatever the bytes say; time is linear. Entries are in git's
// order, by path and then by stage, each once; an index that breaks the order is an error. Errors name the byte.
//
// The format is that of git's Documentation/gitformat-index.txt.
package index

import (
	"fmt"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// An Index is what an index file says. The zero value is an empty index.
type Index struct {
	Version int // 2, 3 or 4; 0 if there is no file
	Entries []Entry
	Trees   CacheTree

	// Sparse says that entries can stand for directories; see Entry.IsDirectory.
	Sparse bool
}

// An Entry is one path of an index, or one stage of a path in conflict.
type Entry struct {
	Path string // with slashes, relative to the top of the worktree, as bytes
	Mode object.Mode
	ID   object.ID

	// Stage is 0, or in a conflict 1 for the common ancestor, 2 for ours and 3 for theirs.
	Stage uint8
	Flags Flags
}

// Flags are an entry's properties.
type Flags uint8

// The flags of entries.
const (
	// IntentToAdd marks a path that will be added: it is not part of the next commit, and its ID means nothing.
	IntentToAdd Flags = 1 << iota
	// SkipWorktree marks a path that is left out of the worktree. It is part of the next commit as any other.
	SkipWorktree
)

// IsDirectory reports whether e stands for everything below a directory, whose tree is e.ID. Its path ends with a slash.
func (e *Entry) IsDirectory() bool { return e.Mode.IsTree() }

// A SyntaxError says that an index file is malformed or uses something unknown.
type SyntaxError struct {
	Offset int // the byte of the file at which it was noticed
	Reason string
}

// Error says what is wrong and where.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("malformed index at byte %d: %s", e.Offset, e.Reason)
}
