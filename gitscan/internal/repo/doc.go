// Package repo finds a git repository and says where its parts are.
//
// [Discover] does what git does when it starts: it honours GIT_DIR, GIT_COMMON_DIR, GIT_WORK_TREE, GIT_INDEX_FILE,
// GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES and GIT_CEILING_DIRECTORIES, and otherwise goes up from a
// directory to the next one that holds a repository or is one. It follows the ".git" files of linked worktrees, submodules
// and separate git directories. The environment is a parameter.
//
// Of the configuration it reads core.bare, core.worktree, core.hooksPath, extensions.* and which remotes are promisors, in
// the repository's own files and nowhere else; included files are not read. Nothing that names a program is looked at,
// nothing is written and no process is started, so that a repository somebody else owns is as safe as one's own
// (safe.directory does not matter here).
//
// A repository in a format that this program cannot read (SHA-256 ids, refs in a reftable, a version above 1) is an
// [*UnsupportedError]. Extensions that do not change where objects and refs are, known or not, are let through.
package repo

import (
	"errors"
	"fmt"
)

// ErrNotFound is the cause of the error if there is no repository.
var ErrNotFound = errors.New("not a git repository")

// An UnsupportedError says that a repository uses a format that cannot be read.
type UnsupportedError struct {
	GitDir string
	Format string // like "SHA-256 object ids"
}

// Error names the repository and the format.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s: %s are not supported", e.GitDir, e.Format)
}
