package gitscan

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/refs"
	"github.com/keysieve/keysieve/gitscan/internal/revision"
	"github.com/keysieve/keysieve/gitscan/internal/store"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
)

// ErrUnknownRevision is the cause of the error about a revision that nothing in the repository has the name of.
var ErrUnknownRevision = revision.ErrUnknown

// ErrNoMergeBase is the cause of the error about two commits that have no ancestor in common.
var ErrNoMergeBase = errors.New("no commit is an ancestor of both")

// Shallow reports whether this is a shallow clone: one whose history is cut off somewhere.
func (r *Repository) Shallow() (bool, error) {
	boundary, err := r.shallow()
	return len(boundary) > 0, err
}

// shallow returns the commits whose parents are left out.
func (r *Repository) shallow() (map[object.ID]bool, error) {
	boundary, err := r.found.Shallow()
	if err != nil {
		return nil, err
	}
	cut := make(map[object.ID]bool)
	for _, id := range boundary {
		cut[id] = true
	}
	return cut, nil
}

// minPrefix is the number of digits from which [Repository.Named] takes an abbreviation. Hosts give 12.
const minPrefix = 7

// Named returns the id of an object that is there, given HEAD, the full name of a ref like refs/remotes/origin/main, an
// object's id or the beginning of one, of at least 7 digits. In contrast to a revision, nothing else is tried: whoever can push a
// tag can make a revision like main, or one that looks like an abbreviated id, stand for something else. The error has the cause
// [ErrUnknownRevision] if it is not there.
func (r *Repository) Named(name string) (id string, err error) {
	found, err := r.named(name)
	if err != nil {
		return "", fmt.Errorf("%q: %w", name, err)
	}
	_, _, err = r.objects.Stat(found)
	var missing *store.MissingError
	if errors.As(err, &missing) {
		err = fmt.Errorf("%w: %w", ErrUnknownRevision, err)
	}
	if err != nil {
		return "", fmt.Errorf("%q: %w", name, err)
	}
	return found.String(), nil
}

func (r *Repository) named(name string) (object.ID, error) {
	if name == "HEAD" || strings.HasPrefix(name, "refs/") {
		ref, err := r.refs.Lookup(name)
		if errors.Is(err, refs.ErrNotFound) || err == nil && ref.ID.IsZero() {
			err = ErrUnknownRevision
		}
		return ref.ID, err
	}
	if len(name) < minPrefix || len(name) > object.HexSize || strings.Trim(name, "0123456789abcdefABCDEF") != "" {
		return object.ID{}, ErrUnknownRevision
	}
	if len(name) == object.HexSize {
		return object.ParseID(strings.ToLower(name))
	}
	ids, err := r.objects.WithPrefix(name, 2)
	switch {
	case err != nil:
		return object.ID{}, err
	case len(ids) == 0:
		return object.ID{}, ErrUnknownRevision
	case len(ids) > 1:
		return object.ID{}, errors.New("more than one object's id begins like this")
	}
	return ids[0], nil
}

// Commit returns the id of the commit that a revision stands for.
func (r *Repository) Commit(name string) (id string, err error) {
	found, err := revision.Commit(name, r.refs, r.objects)
	if err != nil {
		return "", r.explain(err)
	}
	return found.String(), nil
}

// MergeBase returns the id of the commit at which two revisions parted, as "git merge-base" does. If there is none the error has
// the cause [ErrNoMergeBase]; in a shallow clone it may only be missing.
func (r *Repository) MergeBase(ctx context.Context, a, b string) (id string, err error) {
	var tips [2]object.ID
	for i, name := range []string{a, b} {
		if tips[i], err = revision.Commit(name, r.refs, r.objects); err != nil {
			return "", r.explain(err)
		}
	}
	shallow, err := r.shallow()
	if err != nil {
		return "", err
	}
	bases, err := commits.MergeBases(ctx, commits.Repository{Read: r.links, Shallow: shallow}, tips[0], tips[1])
	if err == nil && len(bases) == 0 {
		err = r.explain(ErrNoMergeBase)
	}
	if err != nil {
		return "", fmt.Errorf("%q and %q: %w", a, b, err)
	}
	return bases[0].String(), nil
}

// maxSearched is how much of a commit's files Repository.Contains reads, in bytes.
const maxSearched = 512 << 20

// Contains looks for texts in the files of a commit and in their paths, byte for byte in what [Repository.Range] would yield as
// their data. If except is not empty, files that the commit except has just so at the same path are left out. found has the answer
// for each text; an empty text is nowhere. A text that was not found may be there all the same if complete is false: a file
// could not be read, or there was too much to search. The error is that of a revision or of ctx.
func (r *Repository) Contains(ctx context.Context, commit, except string, texts [][]byte) (found []bool, complete bool, err error) {
	tree, err := r.treeOf(commit)
	if err != nil {
		return nil, false, err
	}
	var parents []object.ID
	if except != "" {
		parent, err := r.treeOf(except)
		if err != nil {
			return nil, false, err
		}
		parents = append(parents, parent)
	}
	s := newTextSearch(texts)
	complete = true
	room := int64(maxSearched)
	seen := make(map[object.ID]bool)
	for c, err := range treediff.Changes(tree, parents, r.objects.Tree) {
		if ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		if err != nil {
			complete = false
			continue
		}
		if c.Mode == object.ModeNone {
			continue
		}
		s.in([]byte(c.Path))
		if !c.Mode.IsBlob() || seen[c.ID] {
			continue
		}
		seen[c.ID] = true
		content, err := r.blob(c.ID, min(r.opts.MaxBlob, room))
		if err != nil {
			complete = false
			continue
		}
		room -= int64(len(content))
		if s.in(decode(content)); s.over() {
			break
		}
	}
	return s.found, complete && !s.tooMuch, nil
}

func (r *Repository) treeOf(name string) (object.ID, error) {
	id, err := revision.Commit(name, r.refs, r.objects)
	if err != nil {
		return id, err
	}
	commit, err := r.objects.Commit(id)
	return commit.Tree, err
}
