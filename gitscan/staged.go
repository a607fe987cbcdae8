package gitscan

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/index"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/staged"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
)

// Staged returns what the next commit would add: for every path whose staged content is not that of a parent, the whole
// content, with the lines that are new. The parents are HEAD and, during a merge, what is merged. Of a path in conflict each
// staged version that no parent has is one fragment.
//
// A file that cannot be read is a [*detect.InputError] in its place, from the sequence or from its fragment's Load; any other
// error is the last pair.
func (r *Repository) Staged(ctx context.Context) iter.Seq2[detect.Fragment, error] {
	return r.scan(ctx, func(s *scan) error {
		trees, err := r.parentTrees()
		if err != nil {
			return err
		}
		return s.index(trees)
	})
}

// Tracked returns the staged content of every path of the index, changed or not. Errors are those of Staged.
func (r *Repository) Tracked(ctx context.Context) iter.Seq2[detect.Fragment, error] {
	return r.scan(ctx, func(s *scan) error { return s.index([]object.ID{{}}) })
}

// index yields what the index has and none of the trees does.
func (s *scan) index(trees []object.ID) error {
	ix, err := index.Read(s.found.IndexFile, s.found.GitDir)
	if err != nil {
		return err
	}
	s.files(s.added(ix, trees), nil)
	return nil
}

// parentTrees returns the trees of the commits that the next commit will have as parents; for the first commit, the empty
// tree.
func (r *Repository) parentTrees() ([]object.ID, error) {
	head, err := r.refs.Head()
	if err != nil {
		return nil, err
	}
	if head.ID.IsZero() {
		return []object.ID{{}}, nil
	}
	merged, err := r.refs.IDs("MERGE_HEAD")
	if err != nil {
		return nil, err
	}
	for _, digits := range r.opts.MergeHeads {
		id, err := object.ParseID(digits)
		if err != nil {
			return nil, fmt.Errorf("a commit to merge: %w", err)
		}
		if !slices.Contains(merged, id) {
			merged = append(merged, id)
		}
	}
	var trees []object.ID
	for i, id := range append([]object.ID{head.ID}, merged...) {
		commit, err := r.objects.Commit(id)
		if err != nil {
			name := "HEAD"
			if i > 0 {
				name = "MERGE_HEAD"
			}
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		trees = append(trees, commit.Tree)
	}
	return trees, nil
}

// added yields the differences between the index and all of the trees, in the order of paths of the first, and what is gone.
// A path is new if it is a difference from every tree.
func (s *scan) added(ix *index.Index, trees []object.ID) iter.Seq2[treediff.Change, error] {
	type key struct {
		path  string
		stage uint8
		id    object.ID
	}
	type difference struct {
		treediff.Change
		trees int // from which it is a difference
	}
	return func(yield func(treediff.Change, error) bool) {
		seen := make(map[key]*difference)
		var order []*difference
		for i, tree := range trees {
			for c, err := range staged.Changes(ix, tree, s.objects.Tree, staged.Options{}) {
				change := treediff.Change{Path: c.Path, Mode: c.NewMode, ID: c.NewID}
				if c.OldMode != object.ModeNone {
					change.Olds = []treediff.Entry{{Mode: c.OldMode, ID: c.OldID}}
				}
				if err != nil || c.NewMode == object.ModeNone {
					if !yield(change, err) {
						return
					}
					continue
				}
				if c.OldID == c.NewID && c.OldMode.IsBlob() == c.NewMode.IsBlob() {
					continue
				}
				k := key{c.Path, c.Stage, c.NewID}
				switch d := seen[k]; {
				case d == nil && i == 0:
					d = &difference{change, 1}
					seen[k] = d
					order = append(order, d)
				case d != nil && d.trees == i:
					d.Olds = append(d.Olds, change.Olds...)
					d.trees++
				}
			}
		}
		for _, d := range order {
			if d.trees == len(trees) && !yield(d.Change, nil) {
				return
			}
		}
	}
}
