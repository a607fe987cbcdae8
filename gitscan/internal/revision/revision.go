// Package revision turns what people write for a commit into an object id.
//
// A revision is a base and any number of suffixes, as in gitrevisions(7). The base is a full id of 40 digits; "@" or HEAD; a
// ref by its full name or without what git puts before it (refs/, refs/tags/, refs/heads/, refs/remotes/, and
// refs/remotes/NAME/HEAD), in this order; or an unambiguous abbreviation of an id, of at least 4 digits. Suffixes are ~N
// (the N-th first parent), ^N (the N-th parent), ^{commit}, ^{tree}, ^{blob}, ^{tag}, ^{object} and ^{}. The forms that
// look into the reflog, into commit messages or into trees (@{…}, :/…, …:PATH) are not supported and refused by name.
package revision

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/refs"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// ErrUnknown is the cause of the error if nothing has the name that was given.
var ErrUnknown = errors.New("no such revision")

const (
	minAbbreviation = 4

	// So many objects are looked at to find the one commit that an abbreviation can mean.
	maxAmbiguous = 100

	// A tag of a tag of a tag … is followed this far, and more than this number of parents are not walked.
	maxTags    = 100
	maxParents = 10_000_000
)

// Resolve returns the id of the object that name stands for.
func Resolve(name string, r *refs.Refs, objects *store.Objects) (object.ID, error) {
	id, err := resolve(name, resolver{r, objects})
	if err != nil {
		return object.ID{}, fmt.Errorf("revision %q: %w", name, err)
	}
	return id, nil
}

// Commit returns the id of the commit that name stands for; a tag stands for the commit that it leads to.
func Commit(name string, r *refs.Refs, objects *store.Objects) (object.ID, error) {
	return Resolve(name+"^{commit}", r, objects)
}

// Peel follows annotated tags from id to something else and returns its id and kind.
func Peel(id object.ID, objects *store.Objects) (object.ID, object.Kind, error) {
	for range maxTags {
		kind, _, err := objects.Stat(id)
		if err != nil || kind != object.Tag {
			return id, kind, err
		}
		tag, err := objects.Tag(id)
		if err != nil {
			return id, kind, err
		}
		id = tag.Object
	}
	return id, object.Tag, errors.New("too many tags in a row")
}

type resolver struct {
	refs    *refs.Refs
	objects *store.Objects
}

func resolve(name string, r resolver) (object.ID, error) {
	if strings.Contains(name, "@{") || strings.Contains(name, ":") {
		return object.ID{}, errors.New("this form of a revision is not supported")
	}
	end := strings.IndexAny(name, "~^")
	if end < 0 {
		end = len(name)
	}
	suffixes := name[end:]
	id, err := r.base(name[:end])
	for err == nil && suffixes != "" {
		id, suffixes, err = r.suffix(id, suffixes)
	}
	return id, err
}

func (r resolver) base(name string) (object.ID, error) {
	if id, err := object.ParseID(name); err == nil {
		return id, nil
	}
	if name == "@" {
		name = "HEAD"
	}
	for _, form := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		full := fmt.Sprintf(form, name)
		if !refs.ValidName(full) {
			continue
		}
		ref, err := r.refs.Lookup(full)
		switch {
		case errors.Is(err, refs.ErrNotFound):
			continue
		case err != nil:
			return object.ID{}, err
		case ref.ID.IsZero():
			return object.ID{}, fmt.Errorf("%s has no commit yet: %w", full, ErrUnknown)
		}
		return ref.ID, nil
	}
	return r.abbreviation(name)
}

func (r resolver) abbreviation(name string) (object.ID, error) {
	if len(name) < minAbbreviation || len(name) > object.HexSize || strings.Trim(name, "0123456789abcdefABCDEF") != "" {
		return object.ID{}, ErrUnknown
	}
	ids, err := r.objects.WithPrefix(name, maxAmbiguous)
	if err != nil {
		return object.ID{}, err
	}
	if len(ids) > 1 {
		// Only a commit is likely to be meant.
		ids, err = r.committish(ids)
	}
	switch {
	case err != nil:
		return object.ID{}, err
	case len(ids) == 0:
		return object.ID{}, ErrUnknown
	case len(ids) > 1:
		return object.ID{}, errors.New("the abbreviation is ambiguous")
	}
	return ids[0], nil
}

// committish returns those of the objects that are commits or tags.
func (r resolver) committish(ids []object.ID) ([]object.ID, error) {
	if len(ids) == maxAmbiguous {
		return ids, nil
	}
	var found []object.ID
	for _, id := range ids {
		kind, _, err := r.objects.Stat(id)
		if err != nil {
			return nil, err
		}
		if kind == object.Commit || kind == object.Tag {
			found = append(found, id)
		}
	}
	return found, nil
}

// suffix applies the first of the suffixes and returns the others.
func (r resolver) suffix(id object.ID, suffixes string) (object.ID, string, error) {
	operator, rest := suffixes[0], suffixes[1:]
	if operator == '^' && strings.HasPrefix(rest, "{") {
		kind, rest, ok := strings.Cut(rest[1:], "}")
		if !ok {
			return id, "", errors.New("a brace does not end")
		}
		id, err := r.peel(id, kind)
		return id, rest, err
	}
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	number := 1
	if digits > 0 {
		var err error
		if number, err = strconv.Atoi(rest[:digits]); err != nil || number > maxParents {
			return id, "", fmt.Errorf("%s is too large a number", rest[:digits])
		}
	}
	rest = rest[digits:]
	if rest != "" && rest[0] != '~' && rest[0] != '^' {
		return id, "", ErrUnknown
	}
	if operator == '^' {
		id, err := r.parent(id, number)
		return id, rest, err
	}
	var err error
	for ; number > 0 && err == nil; number-- {
		id, err = r.parent(id, 1)
	}
	return id, rest, err
}

// parent returns a commit's n-th parent, counted from 1; with 0, the commit itself.
func (r resolver) parent(id object.ID, n int) (object.ID, error) {
	id, err := r.peel(id, "commit")
	if err != nil || n == 0 {
		return id, err
	}
	commit, err := r.objects.Commit(id)
	if err != nil {
		return id, err
	}
	if n > len(commit.Parents) {
		return id, fmt.Errorf("commit %s has %d parents: %w", id, len(commit.Parents), ErrUnknown)
	}
	return commit.Parents[n-1], nil
}

// peel follows id to an object of the kind that is named in braces.
func (r resolver) peel(id object.ID, name string) (object.ID, error) {
	kind, _, err := r.objects.Stat(id)
	if err != nil || name == "object" || kind.String() == name {
		return id, err
	}
	want, ok := object.ParseKind(name)
	if !ok && name != "" {
		return id, fmt.Errorf("^{%s} is not supported", name)
	}
	if id, kind, err = Peel(id, r.objects); err != nil {
		return id, err
	}
	if kind == object.Commit && want == object.Tree {
		commit, err := r.objects.Commit(id)
		return commit.Tree, err
	}
	if name != "" && kind != want {
		return id, fmt.Errorf("%s is a %s and not a %s", id, kind, want)
	}
	return id, nil
}
