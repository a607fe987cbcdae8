// Package treediff compares the tree of a commit with those of all its parents: what does the commit add?
//
// Directories that one of the parents has just so are skipped without reading them, so that it costs as much as was changed.
// Trees out of git's order have more differences, never fewer.
package treediff

import (
	"bytes"
	"errors"
	"iter"
	"slices"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// A Change is a path at which a tree has something that none of the parents has there, or lacks something that one has.
type Change struct {
	Path string      // with slashes
	Mode object.Mode // canonical; ModeNone if the path is gone
	ID   object.ID
	Olds []Entry // what the parents have at the path; nothing for parents that have nothing there
}

// An Entry is what a tree has at a path.
type Entry struct {
	Mode object.Mode // canonical
	ID   object.ID
}

// A tree can name one other tree many times over, and that another, so that a few kilobytes stand for any number of paths; and the same
// name over and over, which compresses to next to nothing. Of trees that come up again, and of entries that do not follow each
// other in the order of their names, this many count; beyond that, the difference is an error.
const maxRepeated = 100_000

// Of what is gone, so many entries are looked at and no more.
const maxGone = 100_000

// A name can have any length, and be above any number of files. Paths that are longer than freePath may have so many bytes more, all together.
const (
	freePath = 1 << 10
	maxLong  = 4 << 20
)

var errLong = errors.New("the paths below are too long, all together; not all were read")

var errRepeated = errors.New("the same directories or names come up too often around this commit; not all were read: keysieve diff COMMIT^! scans it by itself")

// Changes yields the differences between a tree and its parents' trees, in git's order of paths; a zero id is an empty tree. What
// only differs in permissions is no difference. Where a parent's directory is gone or is replaced, what it had is yielded
// as gone, up to a limit. readTree returns a tree's content. An error is an *object.TreeError, its change has only a Path, and the
// others go on.
func Changes(tree object.ID, parents []object.ID, readTree func(object.ID) ([]byte, error)) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) { NewBudget().Changes(tree, parents, readTree)(yield) }
}

// A Budget is shared by comparisons, of many commits that bring and remove the same directories over and over again. They may have
// budgetFactor times as much of what is limited as one of them.
type Budget struct {
	seen                 map[object.ID]bool
	repeated, gone, long int
}

const budgetFactor = 16

// NewBudget returns a budget of which nothing was used.
func NewBudget() *Budget {
	return &Budget{make(map[object.ID]bool), budgetFactor * maxRepeated, budgetFactor * maxGone, budgetFactor * maxLong}
}

// Changes is the function of that name within the budget. Each comparison that goes beyond it has an error.
func (b *Budget) Changes(tree object.ID, parents []object.ID, readTree func(object.ID) ([]byte, error)) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		if slices.Contains(parents, tree) {
			return
		}
		repeated, gone, long := min(maxRepeated, b.repeated), min(maxGone, b.gone), min(maxLong, b.long)
		c := comparison{readTree: readTree, yield: yield, seen: b.seen, repeated: repeated, gone: gone, long: long}
		c.directory("", tree, parents, 0)
		b.repeated -= repeated - max(c.repeated, 0)
		b.gone -= gone - max(c.gone, 0)
		b.long -= long - max(c.long, 0)
	}
}

// comparison is a comparison under way.
type comparison struct {
	readTree func(object.ID) ([]byte, error)
	yield    func(Change, error) bool
	stopped  bool // yield has returned false

	found    []Entry            // room for those of one path
	seen     map[object.ID]bool // trees whose paths were yielded
	repeated int                // entries of such trees that may still be yielded
	gone     int                // entries that are gone and may still be yielded
	long     int                // bytes that paths may still have beyond freePath
}

// side is the tree of a parent on the way through a directory.
type side struct {
	object.TreeReader
	more bool

	// Up to this place it has the same bytes as the tree that it was last compared with, which has them so much further on.
	alike, shift int
}

func (s *side) advance() { s.more = s.Next() }

// open returns a tree that stands at its first entry, empty if id is zero or the tree cannot be read.
func (c *comparison) open(path string, id object.ID, depth int) side {
	var s side
	if id.IsZero() || c.stopped {
		return s
	}
	content, err := c.readTree(id)
	if depth > object.MaxDepth {
		err = object.ErrTooDeep
	}
	if err != nil {
		c.fail(path, id, err)
		return s
	}
	s.TreeReader = object.NewTreeReader(content)
	s.advance()
	return s
}

// join returns the path of a name in a directory, and false if there were too many long ones.
func (c *comparison) join(path string, id object.ID, name []byte) (string, bool) {
	if more := len(path) + len(name) - freePath; more > 0 {
		told := c.long < 0
		if c.long -= more; c.long < 0 {
			if !told {
				c.fail(path[:min(len(path), freePath)], id, errLong)
			}
			return "", false
		}
	}
	return path + string(name), true
}

func (c *comparison) fail(path string, id object.ID, err error) {
	if !c.stopped {
		c.stopped = !c.yield(Change{Path: path}, &object.TreeError{Path: path, ID: id, Err: err})
	}
}

func (c *comparison) emit(change Change) {
	if !c.stopped {
		c.stopped = !c.yield(change, nil)
	}
}

// directory compares what is below path.
func (c *comparison) directory(path string, id object.ID, parents []object.ID, depth int) {
	again := c.seen[id]
	c.seen[id] = true
	if again && c.repeated < 0 {
		return
	}
	tree := c.open(path, id, depth)
	olds := make([]side, len(parents))
	for i, parent := range parents {
		olds[i] = c.open(path, parent, depth)
	}
	var last []byte
	var lastDir bool
	for tree.more && !c.stopped {
		if skipShared(&tree, olds); !tree.more {
			break
		}
		isDir := tree.Mode.IsTree()
		disordered := last != nil && object.CompareNames(last, lastDir, tree.Name, isDir) >= 0
		if again || disordered {
			if c.repeated--; c.repeated < 0 {
				if c.repeated == -1 {
					c.fail(path, id, errRepeated)
				}
				return
			}
		}
		last, lastDir = tree.Name, isDir
		c.entry(path, id, &tree, olds, depth)
		tree.advance()
	}
	c.check(path, id, &tree)
	for i := range olds {
		for olds[i].more && !c.stopped {
			c.removed(path, parents[i], &olds[i], depth)
		}
		c.check(path, parents[i], &olds[i])
	}
}

// check reports why a tree has ended, unless it was its end.
func (c *comparison) check(path string, id object.ID, s *side) {
	if err := s.Err(); err != nil {
		c.fail(path, id, err)
	}
}

// entry compares the entry that tree, whose id is given, stands at with those of the parents, and takes these as far as the entry's name.
func (c *comparison) entry(path string, id object.ID, tree *side, olds []side, depth int) {
	known := false
	isTree := tree.Mode.IsTree()
	found := c.found[:0]
	for i := range olds {
		old := &olds[i]
		for old.more && compare(old, tree) < 0 {
			c.removed(path, id, old, depth)
		}
		if !old.more || compare(old, tree) != 0 {
			continue
		}
		if old.ID == tree.ID && (old.Mode.SameType(tree.Mode) || old.Mode.IsBlob() && tree.Mode.IsBlob()) {
			known = true
		}
		found = append(found, Entry{old.Mode.Canonical(), old.ID})
		old.advance()
	}
	c.found = found
	if known || c.stopped {
		return
	}
	whole, ok := c.join(path, id, tree.Name)
	switch {
	case !ok:
	case isTree:
		parents := make([]object.ID, len(found))
		for i := range found {
			parents[i] = found[i].ID
		}
		c.directory(whole+"/", tree.ID, parents, depth+1)
	default:
		c.emit(Change{Path: whole, Mode: tree.Mode.Canonical(), ID: tree.ID, Olds: slices.Clone(found)})
	}
}

// Where one of three parents or more ends what others share, these were looked at in vain: no more than so many bytes at once.
const sharedStep = 2 << 10

// skipShared goes past the entries that one of the parents has just so, too, while the others have entries of the same names next.
func skipShared(tree *side, olds []side) {
	n, same := 0, -1 // bytes, and the parent that has most of them
	for i := range olds {
		if !olds[i].more {
			return
		}
		if shared := olds[i].shared(tree); shared > n {
			n, same = shared, i
		}
	}
	if len(olds) == 1 {
		n = tree.Entries(n)
	} else if len(olds) > 2 {
		n = min(n, sharedStep)
	}
	for i := range olds {
		if i != same {
			n = tree.SameNames(&olds[i].TreeReader, n)
		}
	}
	if n == 0 {
		return
	}
	tree.more = tree.Skip(n)
	for i := range olds {
		olds[i].more = olds[i].Skip(n)
	}
}

// shared returns how many bytes s and tree have alike from where they stand.
func (s *side) shared(tree *side) int {
	at := s.Offset()
	if shift := tree.Offset() - at; shift != s.shift || at >= s.alike {
		s.shift, s.alike = shift, at+s.Shared(&tree.TreeReader)
	}
	return s.alike - at
}

func compare(a, b *side) int {
	if bytes.Equal(a.Name, b.Name) && a.Mode.IsTree() == b.Mode.IsTree() {
		return 0
	}
	return object.CompareNames(a.Name, a.Mode.IsTree(), b.Name, b.Mode.IsTree())
}

// removed yields what old stands at as gone, and goes on to the next. id is the directory's tree.
func (c *comparison) removed(path string, id object.ID, old *side, depth int) {
	entry := Entry{old.Mode.Canonical(), old.ID}
	path, ok := c.join(path, id, old.Name)
	old.advance()
	if c.gone--; c.gone < 0 || !ok {
		return
	}
	if !entry.Mode.IsTree() {
		c.emit(Change{Path: path, Olds: []Entry{entry}})
		return
	}
	dir := c.open(path+"/", entry.ID, depth+1)
	for dir.more && !c.stopped && c.gone > 0 {
		c.removed(path+"/", entry.ID, &dir, depth+1)
	}
	c.check(path+"/", entry.ID, &dir)
}
