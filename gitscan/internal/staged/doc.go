// Package staged compares an index with a tree: what would the next commit change?
//
// [Changes] yields what "git diff --cached --raw --no-renames" lists, in the order of the index, and in a conflict every
// stage. It costs as much as was changed: where the index's cache-tree knows that a directory is the same tree as in the
// commit, the directory is skipped without reading anything, as git does. A damaged or lying cache-tree can therefore only
// hide what "git commit" would leave out too, because git takes the commit's trees from there.
//
// A tree that cannot be read is yielded as an error, its directory's entries count as added, and the comparison goes on.
package staged

import "github.com/keysieve/keysieve/gitscan/internal/object"

// Status is what happened to a path, with the letter that git uses for it.
type Status byte

// The statuses of changes.
const (
	Added       Status = 'A'
	Deleted     Status = 'D'
	Modified    Status = 'M' // content or permissions
	TypeChanged Status = 'T' // a file became a symbolic link, a submodule a file, and so on
	Unmerged    Status = 'U' // in conflict; there is a change for each different content among its stages
)

// A Change is what is staged for a path. The content is that of a blob if the mode's IsBlob says so; a submodule's is a
// commit of another repository.
type Change struct {
	Path   string // with slashes, relative to the top of the worktree
	Status Status

	OldMode, NewMode object.Mode // canonical; ModeNone if there is none
	OldID, NewID     object.ID

	// Stage is 0, or for an Unmerged path 1 for the common ancestor, 2 for ours and 3 for theirs.
	Stage uint8
}
