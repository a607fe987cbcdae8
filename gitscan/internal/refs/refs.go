package refs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

const (
	// Git follows a symbolic ref through this many others.
	maxDepth = 5

	// A loose ref is a line. FETCH_HEAD has many, of which the first counts; what is beyond this is not looked at.
	maxLoose = 64 << 10

	// So many bytes packed-refs may have: some ten million refs.
	maxPacked = 1 << 30

	// A directory below refs can hold others this deep.
	maxDirDepth = 256

	symbolicPrefix = "ref:"
)

// Refs are the refs of a repository as one of its worktrees sees them. It is safe for concurrent use.
type Refs struct {
	gitDir    string
	commonDir string
	packed    func() ([]packedRef, error)
}

// A Ref is a ref and the object it leads to.
type Ref struct {
	Name   string
	Target string    // the ref it is another name for, at the end of the way; "" if it is not symbolic
	ID     object.ID // zero if the target does not exist, as that of HEAD before the first commit

	// Peeled is what an annotated tag leads to in the end, if packed-refs says so, and otherwise zero.
	Peeled object.ID
}

// New returns the refs in a worktree's git directory and the directory that its repository's worktrees share; for a
// repository without linked worktrees both are the same. Files are read when they are needed, packed-refs once.
func New(gitDir, commonDir string) *Refs {
	r := &Refs{gitDir: gitDir, commonDir: commonDir}
	r.packed = sync.OnceValues(func() ([]packedRef, error) {
		data, err := regular.ReadIfExists(filepath.Join(commonDir, "packed-refs"), maxPacked)
		if err != nil {
			return nil, err
		}
		return parsePacked(data)
	})
	return r
}

// Head returns what HEAD says. In a new repository its ID is zero.
func (r *Refs) Head() (Ref, error) { return r.Lookup("HEAD") }

// Lookup returns the ref with that full name, like refs/heads/main or HEAD. If it does not exist the error is ErrNotFound,
// wrapped; if it cannot be read, a *BrokenError. A symbolic ref whose target does not exist is no error.
func (r *Refs) Lookup(name string) (Ref, error) {
	ref := Ref{Name: name}
	for at, depth := name, 0; ; depth++ {
		if depth > maxDepth {
			return Ref{}, &BrokenError{name, errTooDeep}
		}
		id, peeled, target, err := r.read(at)
		switch {
		case errors.Is(err, ErrNotFound) && depth > 0:
			return ref, nil
		case err != nil:
			return Ref{}, err
		case target == "":
			ref.ID, ref.Peeled = id, peeled
			return ref, nil
		}
		ref.Target, at = target, target
	}
}

// read returns what a ref says, its id or its target, without following it.
func (r *Refs) read(name string) (id, peeled object.ID, target string, err error) {
	path, shared, err := r.path(name)
	if err != nil {
		return id, peeled, "", err
	}
	data, err := readLoose(path)
	if err == nil {
		id, target, err = parseLoose(data)
		if err != nil {
			err = &BrokenError{name, err}
		}
		return id, peeled, target, err
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, syscall.EISDIR) {
		return id, peeled, "", &BrokenError{name, err}
	}
	if shared {
		packed, err := r.packed()
		if err != nil {
			return id, peeled, "", err
		}
		if ref, ok := find(packed, name); ok {
			return ref.id, ref.peeled, "", nil
		}
	}
	return id, peeled, "", fmt.Errorf("%s: %w", name, ErrNotFound)
}

// path returns the file that a loose ref would be in, and whether packed-refs can have the ref too.
func (r *Refs) path(name string) (path string, shared bool, err error) {
	if !ValidName(name) {
		return "", false, &BrokenError{name, errBadName}
	}
	dir := r.commonDir
	switch worktree, rest, _ := strings.Cut(name, "/"); {
	case worktree == "main-worktree":
		name = rest
	case worktree == "worktrees":
		worktree, name, _ = strings.Cut(rest, "/")
		dir = filepath.Join(dir, "worktrees", worktree)
	case perWorktree(name):
		dir = r.gitDir
	default:
		shared = true
	}
	if !strings.HasPrefix(name, "refs/") && !isPseudo(name) {
		return "", false, fmt.Errorf("%s: %w", name, ErrNotFound)
	}
	return filepath.Join(dir, filepath.FromSlash(name)), shared, nil
}

// readLoose reads the beginning of a loose ref's file. In old repositories HEAD can be a symbolic link to a ref.
func readLoose(path string) ([]byte, error) {
	if target, err := os.Readlink(path); err == nil && strings.HasPrefix(filepath.ToSlash(target), "refs/") {
		return []byte(symbolicPrefix + filepath.ToSlash(target)), nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, syscall.EISDIR
	}
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxLoose))
}

// parseLoose reads an id, after which white space and anything else may follow, or "ref:" and a name.
func parseLoose(data []byte) (id object.ID, target string, err error) {
	if text, ok := bytes.CutPrefix(data, []byte(symbolicPrefix)); ok {
		target = strings.TrimSpace(string(text))
		if !ValidName(target) {
			return id, "", fmt.Errorf("it names %q: %w", target, errBadName)
		}
		return id, target, nil
	}
	if len(data) < object.HexSize || len(data) > object.HexSize && !isSpace(data[object.HexSize]) {
		return id, "", errBadContent
	}
	if id, err = object.ParseID(data[:object.HexSize]); err != nil {
		return id, "", errBadContent
	}
	return id, "", nil
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// All yields every ref below refs/ in the order of their names, and for a ref that cannot be read its *BrokenError; the
// others go on. HEAD is not one of them. A problem that hides an unknown number of refs is an error of its own, with a Ref
// that names only the directory.
func (r *Refs) All() iter.Seq2[Ref, error] {
	return func(yield func(Ref, error) bool) {
		// Loose refs first: git pack-refs writes the packed ones before it removes the loose ones.
		var w walk
		w.dir(r.commonDir, "refs", func(name string) bool { return !perWorktree(name) || r.gitDir == r.commonDir })
		if r.gitDir != r.commonDir {
			w.dir(r.gitDir, "refs", perWorktree)
		}
		packed, err := r.packed()
		if err != nil && !yield(Ref{Name: "packed-refs"}, err) {
			return
		}
		for _, p := range packed {
			w.names = append(w.names, p.name)
		}
		r.lookup(&w, yield)
	}
}

// Own yields those refs that no other worktree has, like refs/bisect/bad, as All does.
func (r *Refs) Own() iter.Seq2[Ref, error] {
	return func(yield func(Ref, error) bool) {
		var w walk
		w.dir(r.gitDir, "refs", perWorktree)
		r.lookup(&w, yield)
	}
}

// lookup yields what a walk has come to.
func (r *Refs) lookup(w *walk, yield func(Ref, error) bool) {
	for _, err := range w.errs {
		if !yield(Ref{Name: err.Name}, err) {
			return
		}
	}
	slices.Sort(w.names)
	for _, name := range slices.Compact(w.names) {
		ref, err := r.Lookup(name)
		ref.Name = name
		if !yield(ref, err) {
			return
		}
	}
}

// walk collects the names of loose refs. Locks, and files like those that file managers leave, are no refs; any other file
// whose name a ref cannot have is an error.
type walk struct {
	names []string
	errs  []*BrokenError
}

func (w *walk) dir(root, name string, want func(string) bool) {
	if strings.Count(name, "/") > maxDirDepth {
		w.errs = append(w.errs, &BrokenError{name, errors.New("directories are nested too deeply")})
		return
	}
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.errs = append(w.errs, &BrokenError{name, err})
	}
	for _, e := range entries {
		child := name + "/" + e.Name()
		mode := e.Type()
		if mode&fs.ModeSymlink != 0 {
			// A link to a directory could lead round in circles; git follows it, so leaving it out has to be said.
			if info, err := os.Stat(filepath.Join(root, filepath.FromSlash(child))); err == nil && info.IsDir() {
				w.errs = append(w.errs, &BrokenError{child, errors.New("a symbolic link to a directory is not followed")})
				continue
			}
		}
		switch {
		case e.IsDir():
			w.dir(root, child, want)
		case ValidName(child):
			if want(child) {
				w.names = append(w.names, child)
			}
		case !strings.HasPrefix(e.Name(), ".") && !strings.HasSuffix(e.Name(), ".lock"):
			w.errs = append(w.errs, &BrokenError{child, errBadName})
		}
	}
}

// IDs returns the ids in a file of the git directory that has one in each line, like MERGE_HEAD or FETCH_HEAD; nil if there is
// no such file.
func (r *Refs) IDs(name string) ([]object.ID, error) {
	path, _, err := r.path(name)
	if err != nil {
		return nil, err
	}
	data, err := regular.ReadIfExists(path, maxPacked)
	if err != nil {
		return nil, &BrokenError{name, err}
	}
	var ids []object.ID
	for line := range bytes.Lines(data) {
		id, _, err := parseLoose(line)
		if err != nil || id.IsZero() {
			return nil, &BrokenError{name, errBadContent}
		}
		ids = append(ids, id)
	}
	return ids, nil
}
