package gitscan

import (
	"fmt"
	"sync"

	"github.com/keysieve/keysieve/gitscan/internal/refs"
	"github.com/keysieve/keysieve/gitscan/internal/repo"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// Options say what a [Repository] reads. The zero value is the recommended setting.
type Options struct {
	// MaxBlob is the size in bytes above which a file's content is not read; 0 means DefaultMaxBlob. Each such file is
	// counted and an error of the scan.
	MaxBlob int64

	// AllowMissing counts the files that a partial clone has left out instead of making each an error of the scan.
	AllowMissing bool

	// MergeHeads are the ids of the commits that are being merged, for [Repository.Staged], beside those that the repository
	// names: git does not write MERGE_HEAD before it has run pre-merge-commit, but sets a variable GITHEAD_ID for each.
	MergeHeads []string
}

// DefaultMaxBlob is the size in bytes up to which files are read unless the options say otherwise: 100 MiB, which is more
// than the large hosts accept.
const DefaultMaxBlob = 100 << 20

// ErrNotRepository is the cause of the error of [Open] if there is no repository.
var ErrNotRepository = repo.ErrNotFound

// An UnsupportedError is the cause of the error of [Open] for a repository in a format that cannot be read, which it names.
type UnsupportedError = repo.UnsupportedError

// A Repository is a git repository as one of its worktrees sees it. It is safe for concurrent use.
type Repository struct {
	found   *repo.Repository
	objects *store.Objects
	refs    *refs.Refs
	opts    Options

	mu  sync.Mutex
	cov Coverage
}

// Open finds the repository that git would use in directory dir with the environment that getenv looks up, and opens its
// objects for reading. It honours GIT_DIR, GIT_COMMON_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY,
// GIT_ALTERNATE_OBJECT_DIRECTORIES and GIT_CEILING_DIRECTORIES, as they are set in hooks. The error wraps ErrNotRepository
// or is an [*UnsupportedError], or says what cannot be read.
func Open(dir string, getenv func(string) string, opts Options) (*Repository, error) {
	found, err := repo.Discover(dir, getenv)
	if err != nil {
		return nil, err
	}
	objects, err := found.Objects()
	if err != nil {
		return nil, fmt.Errorf("the repository's objects: %w", err)
	}
	if opts.MaxBlob <= 0 {
		opts.MaxBlob = DefaultMaxBlob
	}
	return &Repository{found: found, objects: objects, refs: found.Refs(), opts: opts}, nil
}

// Close closes the files that are open. No sequence and no fragment's Load may be in use any more.
func (r *Repository) Close() error { return r.objects.Close() }

// GitDir returns the absolute path of the directory with what belongs to the worktree: HEAD, the index.
func (r *Repository) GitDir() string { return r.found.GitDir }

// CommonDir returns the absolute path of the directory that all worktrees share, with the objects, the refs, the
// configuration and, unless HooksPath says otherwise, the hooks. Without linked worktrees it is the same as GitDir.
func (r *Repository) CommonDir() string { return r.found.CommonDir }

// WorkTree returns the absolute path of the top of the worktree, "" in a bare repository and inside of a git directory.
func (r *Repository) WorkTree() string { return r.found.WorkTree }

// HooksPath returns core.hooksPath as written in the repository's own configuration, "" if it is not there. Git takes a
// relative path as below the worktree's top, or below GitDir if there is none. The user's and the system's configuration
// are not read.
func (r *Repository) HooksPath() string { return r.found.HooksPath }
