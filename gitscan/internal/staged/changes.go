package staged

import (
	"iter"
	"sort"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/index"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// Options say what to yield. The zero value yields all changes.
type Options struct {
	// SkipDeleted leaves out Deleted. It saves reading the trees of directories of which nothing is left.
	SkipDeleted bool
}

// Changes yields the differences between a tree and the index, in the order of paths. A zero tree is empty, as before the
// first commit. readTree returns a tree's content; it is called once for each directory that may have changed. An error
// is an *object.TreeError, and its change has only a Path.
func Changes(ix *index.Index, tree object.ID, readTree func(object.ID) ([]byte, error), opts Options) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		c := comparison{entries: ix.Entries, readTree: readTree, skipDeleted: opts.SkipDeleted, yield: yield}
		root := ix.Trees.Root()
		if id, n, ok := root.Tree(); ok && id == tree && n == len(c.entries) {
			return
		}
		c.directory("", tree, c.entries, root, 0)
	}
}

// comparison is a comparison under way.
type comparison struct {
	entries     []index.Entry
	readTree    func(object.ID) ([]byte, error)
	skipDeleted bool
	yield       func(Change, error) bool
	stopped     bool // yield has returned false

	// stage is that of the sparse directory at hand. What differs below one in conflict is Unmerged, and nothing is Deleted.
	stage uint8
}

func (c *comparison) emit(change Change) {
	if c.stopped || change.Status == Deleted && c.skipDeleted {
		return
	}
	c.stopped = !c.yield(change, nil)
}

func (c *comparison) fail(path string, id object.ID, err error) {
	if !c.stopped {
		c.stopped = !c.yield(Change{Path: path}, &object.TreeError{Path: path, ID: id, Err: err})
	}
}

// tree returns a reader of a tree, which is empty if id is zero or the tree cannot be read.
func (c *comparison) tree(path string, id object.ID, depth int) object.TreeReader {
	if id.IsZero() || c.stopped {
		return object.TreeReader{}
	}
	if depth > object.MaxDepth {
		c.fail(path, id, object.ErrTooDeep)
		return object.TreeReader{}
	}
	content, err := c.readTree(id)
	if err != nil {
		c.fail(path, id, err)
		return object.TreeReader{}
	}
	return object.NewTreeReader(content)
}

// group is the part of a directory's entries that have the same next name: the stages of a file, or all that is below a
// sub-directory.
type group struct {
	name    string
	entries []index.Entry
	dir     index.Directory
	isDir   bool
	whole   bool // the cache-tree knows the sub-directory's tree, and it is about exactly these entries
}

// next cuts the first group from the entries of the directory whose path has prefix bytes.
func next(entries []index.Entry, prefix int, dir index.Directory) group {
	path := entries[0].Path
	slash := strings.IndexByte(path[prefix:], '/')
	if slash < 0 {
		return group{name: path[prefix:], entries: entries[:stages(entries)]}
	}
	g := group{name: path[prefix : prefix+slash], isDir: true}
	below := path[:prefix+slash+1]
	g.dir = dir.Child(g.name)
	if _, n, ok := g.dir.Tree(); ok && 0 < n && n <= len(entries) && strings.HasPrefix(entries[n-1].Path, below) &&
		(n == len(entries) || !strings.HasPrefix(entries[n].Path, below)) {
		g.entries, g.whole = entries[:n], true
		return g
	}
	n := sort.Search(len(entries), func(i int) bool { return !strings.HasPrefix(entries[i].Path, below) })
	g.entries = entries[:n]
	return g
}

// directory compares a tree with the entries below path. Both are in the same order, that of the names with a slash after
// those of directories; a tree that breaks it has more differences, never fewer.
func (c *comparison) directory(path string, id object.ID, entries []index.Entry, dir index.Directory, depth int) {
	tree := c.tree(path, id, depth)
	inTree := tree.Next()
	var g group
	for (inTree || len(entries) > 0 || g.entries != nil) && !c.stopped {
		if g.entries == nil && len(entries) > 0 {
			g = next(entries, len(path), dir)
			entries = entries[len(g.entries):]
		}
		order := 0
		switch {
		case !inTree:
			order = +1
		case g.entries == nil:
			order = -1
		default:
			order = object.CompareNames(tree.Name, tree.Mode.IsTree(), g.name, g.isDir)
		}
		if order < 0 {
			c.gone(path+string(tree.Name), tree.Mode, tree.ID, depth)
			inTree = tree.Next()
			continue
		}
		if order > 0 {
			c.added(g.entries, depth)
		} else {
			c.both(path, &tree, g, depth)
			inTree = tree.Next()
		}
		g = group{}
	}
	if err := tree.Err(); err != nil {
		c.fail(path, id, err)
	}
}

// both compares an entry of a tree with a group of the same name and kind.
func (c *comparison) both(path string, tree *object.TreeReader, g group, depth int) {
	if !g.isDir {
		c.file(g.entries, tree.Mode.Canonical(), tree.ID)
		return
	}
	if id, _, _ := g.dir.Tree(); g.whole && id == tree.ID {
		return
	}
	path = g.entries[0].Path[:len(path)+len(g.name)+1]
	if first := &g.entries[0]; first.IsDirectory() && first.Path == path {
		n := stages(g.entries)
		c.sparse(g.entries[:n], tree.ID, depth)
		c.added(g.entries[n:], depth)
		return
	}
	c.directory(path, tree.ID, g.entries, g.dir, depth+1)
}

// file compares an entry of a tree, or none if its mode is ModeNone, with a path's stages.
func (c *comparison) file(entries []index.Entry, oldMode object.Mode, oldID object.ID) {
	first := &entries[0]
	change := Change{Path: first.Path, OldMode: oldMode, OldID: oldID}
	if first.Stage == 0 {
		entries = entries[1:]
		if first.Flags&index.IntentToAdd == 0 {
			c.replaced(change, first.Mode, first.ID)
		} else if oldMode != object.ModeNone {
			change.Status = Deleted
			c.emit(change)
		}
	}
	// After "git reset -N" during a merge there are others beside stage 0.
	c.conflict(entries, change)
}

// replaced emits a change with its new mode and content, if there is a difference.
func (c *comparison) replaced(change Change, mode object.Mode, id object.ID) {
	change.NewMode, change.NewID = mode.Canonical(), id
	switch {
	case change.OldMode == object.ModeNone:
		change.Status = Added
	case change.OldMode == change.NewMode && change.OldID == change.NewID:
		return
	case change.OldMode.SameType(change.NewMode):
		change.Status = Modified
	default:
		change.Status = TypeChanged
	}
	if c.stage != 0 {
		change.Status, change.Stage = Unmerged, c.stage
	}
	c.emit(change)
}

// conflict emits each different content of the stages.
func (c *comparison) conflict(entries []index.Entry, change Change) {
	change.Status = Unmerged
	for i := range entries {
		repeated := false
		for j := range i {
			repeated = repeated || entries[j].ID == entries[i].ID && entries[j].Mode == entries[i].Mode
		}
		if !repeated {
			change.NewMode, change.NewID, change.Stage = entries[i].Mode.Canonical(), entries[i].ID, entries[i].Stage
			c.emit(change)
		}
	}
}

// stages returns the number of entries with the first one's path.
func stages(entries []index.Entry) int {
	n := 1
	for n < len(entries) && entries[n].Path == entries[0].Path {
		n++
	}
	return n
}

// sparse compares a tree with the stages of a directory that stands for what is below it.
func (c *comparison) sparse(entries []index.Entry, oldID object.ID, depth int) {
	for i := range entries {
		c.stage = entries[i].Stage
		c.trees(entries[i].Path, oldID, entries[i].ID, depth+1)
	}
	c.stage = 0
}

// added emits entries of which the tree has nothing.
func (c *comparison) added(entries []index.Entry, depth int) {
	for len(entries) > 0 && !c.stopped {
		n := stages(entries)
		if entries[0].IsDirectory() {
			c.sparse(entries[:n], object.ID{}, depth)
		} else {
			c.file(entries[:n], object.ModeNone, object.ID{})
		}
		entries = entries[n:]
	}
}

// gone emits what a tree's entry stands for as deleted.
func (c *comparison) gone(path string, mode object.Mode, id object.ID, depth int) {
	if c.skipDeleted || c.stage != 0 {
		return
	}
	if mode.IsTree() {
		c.trees(path+"/", id, object.ID{}, depth+1)
		return
	}
	c.emit(Change{Path: path, Status: Deleted, OldMode: mode.Canonical(), OldID: id})
}

// trees compares two trees; either can be zero, which is empty.
func (c *comparison) trees(path string, oldID, newID object.ID, depth int) {
	if oldID == newID || newID.IsZero() && c.skipDeleted {
		return
	}
	before, after := c.tree(path, oldID, depth), c.tree(path, newID, depth)
	inOld, inNew := before.Next(), after.Next()
	for (inOld || inNew) && !c.stopped {
		order := 0
		switch {
		case !inOld:
			order = +1
		case !inNew:
			order = -1
		default:
			order = object.CompareNames(before.Name, before.Mode.IsTree(), after.Name, after.Mode.IsTree())
		}
		change := Change{}
		if order <= 0 {
			change = Change{Path: path + string(before.Name), OldMode: before.Mode.Canonical(), OldID: before.ID}
		}
		switch {
		case order < 0:
			c.gone(change.Path, before.Mode, before.ID, depth)
		case after.Mode.IsTree():
			c.trees(path+string(after.Name)+"/", change.OldID, after.ID, depth+1)
		default:
			change.Path = path + string(after.Name)
			c.replaced(change, after.Mode, after.ID)
		}
		if order <= 0 {
			inOld = before.Next()
		}
		if order >= 0 {
			inNew = after.Next()
		}
	}
	if err := before.Err(); err != nil {
		c.fail(path, oldID, err)
	}
	if err := after.Err(); err != nil {
		c.fail(path, newID, err)
	}
}
