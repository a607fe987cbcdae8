package index

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

// An index of this size has some thirty million entries; positions in it fit into 31 bits.
const maxFile = math.MaxInt32

// Read reads the index file at path, and the shared index in gitDir that it may be based on. A file that does not exist is
// an empty index, as in a new repository. The error wraps a *SyntaxError if a file is malformed.
func Read(path, gitDir string) (*Index, error) {
	data, err := regular.Read(path, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return &Index{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	ix, err := Parse(data, func(base object.ID) ([]byte, error) {
		return regular.Read(filepath.Join(gitDir, "sharedindex."+base.String()), maxFile)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ix, nil
}

// Parse reads an index file's content. If it is a split index, shared is called at most once, for the content of the shared
// index with that checksum; nil stands for a function that always fails. The result does not refer to data.
func Parse(data []byte, shared func(object.ID) ([]byte, error)) (*Index, error) {
	f, err := parse(data)
	if err != nil {
		return nil, err
	}
	if f.link == nil {
		return &f.Index, nil
	}
	if f.link.base.IsZero() {
		return &f.Index, checkOrder(f.Entries)
	}
	if shared == nil {
		return nil, errors.New("this is a split index, and its shared index is not available")
	}
	data, err = shared(f.link.base)
	if err != nil {
		return nil, fmt.Errorf("shared index: %w", err)
	}
	base, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("shared index: %w", err)
	}
	if base.link != nil {
		return nil, errors.New("shared index: it is itself a split index")
	}
	if sum := object.ID(data[len(data)-object.Size:]); sum != f.link.base {
		return nil, fmt.Errorf("shared index: its checksum is %s instead of %s", sum, f.link.base)
	}
	return mergeSplit(f, base.Entries)
}
