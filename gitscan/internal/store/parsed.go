package store

import (
	"fmt"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// maxParsed bounds the commits, tags and trees that are read to be parsed, in bytes. A directory of a million files has a
// tree of some 40 MB.
const maxParsed = 256 << 20

// Commit returns what a commit says. The errors are those of Object, and one if the object is no commit or malformed.
func (o *Objects) Commit(id object.ID) (object.CommitData, error) {
	data, err := o.ofKind(id, object.Commit)
	if err != nil {
		return object.CommitData{}, err
	}
	commit, err := object.ParseCommit(data)
	return commit, named(id, err)
}

// Tag returns what an annotated tag says. The errors are those of Object, and one if the object is no tag or malformed.
func (o *Objects) Tag(id object.ID) (object.TagData, error) {
	data, err := o.ofKind(id, object.Tag)
	if err != nil {
		return object.TagData{}, err
	}
	tag, err := object.ParseTag(data)
	return tag, named(id, err)
}

// Tree returns a tree's content, for an object.TreeReader. The errors are those of Object, and one if the object is no tree.
func (o *Objects) Tree(id object.ID) ([]byte, error) { return o.ofKind(id, object.Tree) }

func (o *Objects) ofKind(id object.ID, want object.Kind) ([]byte, error) {
	kind, data, err := o.Object(id, maxParsed)
	if err == nil && kind != want {
		return nil, fmt.Errorf("object %s is a %s and not a %s", id, kind, want)
	}
	return data, err
}

func named(id object.ID, err error) error {
	if err != nil {
		return fmt.Errorf("object %s: %w", id, err)
	}
	return nil
}
