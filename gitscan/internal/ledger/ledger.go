// Package ledger lists what every commit of a history puts where: which blob at which path, and what was there before.
//
// The list is small: a few numbers for each change. With it, finding out who introduced some blobs takes no further
// reading of commits and trees.
package ledger

import (
	"context"
	"sync"

	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
)

// A Ledger is a history's list of changes. Paths and blobs are numbered in the order in which they come up, so that nothing depends on
// how many workers have read it.
type Ledger struct {
	Entries []Entry
	Paths   []string
	Blobs   []object.ID
	Added   []bool  // by blob: it is what a change brings, and not only what was there before
	First   []Place // by blob: the first change that brings it
	Trees   int64   // that were read, some more than once

	Submodules int64 // changes that bring one

	paths map[string]uint32
	blobs map[object.ID]uint32
}

// An Entry is a commit and what it changes; or, if a ref leads to a tree or blob and not to a commit, what is there.
type Entry struct {
	ID       object.ID // of the commit, else zero
	Ref      string    // the name of the ref that leads to a tree or blob
	Read     bool      // the commit could be read
	Changes  []Change  // in git's order of paths
	Shallow  bool      // the commit's parents were left out when the repository was cloned; all of its files count as new
	Orphaned bool      // a parent of the commit cannot be read; more may count as new than is
	Errs     []error   // an *object.TreeError for each directory that cannot be read; another error is about the commit
}

// A Change is a path at which a commit has something that none of its parents has, or has nothing and a parent had. If
// several parents had something, there is a change for each, one after the other.
type Change struct {
	Path     uint32 // number in Ledger.Paths
	New, Old uint32 // numbers in Ledger.Blobs plus 1; 0 if there is no blob
	Mode     Mode
	OldMode  Mode
}

// Same reports whether two changes that follow each other are about the same new content, and only about what two parents had. A tree
// can have a name twice, or a name with a slash, so that the path does not tell.
func (c Change) Same(other Change) bool {
	return c.Path == other.Path && c.New == other.New && c.Mode == other.Mode
}

// Place is where a blob is brought in.
type Place struct{ Entry, Path uint32 }

// Mode is what an entry is, as far as it matters here.
type Mode uint8

// The modes.
const (
	None Mode = iota
	File
	Symlink
	Submodule
)

func modeOf(m object.Mode) Mode {
	switch {
	case m == object.ModeNone, m.IsTree():
		return None
	case m == object.ModeSymlink:
		return Symlink
	case m.IsBlob():
		return File
	}
	return Submodule
}

// Object returns git's mode.
func (m Mode) Object() object.Mode {
	return [...]object.Mode{None: object.ModeNone, File: object.ModeFile, Symlink: object.ModeSymlink, Submodule: object.ModeGitlink}[m]
}

// Options say what goes into a ledger.
type Options struct {
	Workers int
	Want    func(path string) bool // nil means every path

	// At, if not nil, says where each commit is among all of them: those of a batch of these share a budget.
	At []int

	// Known, if not nil, returns the changes of a commit that need not be read. It is called by any worker.
	Known func(id object.ID) (changes []treediff.Change, ok bool)

	// Progress, if not nil, is called with the number of entries that are done since the last call.
	Progress func(entries int)
}

// A Root is a tree or blob that a ref leads to.
type Root struct {
	Ref  string
	Mode object.Mode // of a tree or a file
	ID   object.ID
	Rest bool // it is a blob that counts only if nothing before it brings it
}

const (
	// Workers take so many commits at once, as neighbours have nearly the same trees, and fewer of few.
	batch      = 1024
	leastBatch = 64
	batches    = 8

	// Each worker remembers so many bytes of trees, or so many for each entry if these are few.
	remembered = 20 << 20
	ofEach     = 16 << 10
)

// Make reads what the commits change, and then what is in the roots. The error is that of ctx.
func Make(ctx context.Context, objects *bulk.Objects, list []commits.Commit, roots []Root, opts Options) (*Ledger, error) {
	l := &Ledger{paths: make(map[string]uint32), blobs: make(map[object.ID]uint32)}
	n := len(list) + len(roots)
	size := min(max(n/batches, leastBatch), batch) // whatever the number of workers is, as each has a budget
	parts := make(chan *part, 2*opts.Workers)
	todo := make(chan *part)
	var running sync.WaitGroup
	defer running.Wait()
	ctx2, cancel := context.WithCancel(ctx)
	defer cancel()
	running.Go(func() {
		defer close(todo)
		defer close(parts)
		for from := 0; from < n; from += size {
			p := &part{results: make([]result, min(size, n-from)), from: from, done: make(chan struct{})}
			for _, c := range []chan<- *part{parts, todo} {
				select {
				case c <- p:
				case <-ctx2.Done():
					return
				}
			}
		}
	})
	for range opts.Workers {
		running.Go(func() {
			r := reader{Reader: objects.NewReader(min(remembered, n*ofEach)), known: opts.Known, at: opts.At}
			for p := range todo {
				r.fill(ctx2, p, list, roots)
				close(p.done)
			}
		})
	}
	for p := range parts {
		select {
		case <-p.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		l.Trees += p.trees
		for _, r := range p.results {
			l.add(r, opts.Want)
		}
		if opts.Progress != nil {
			opts.Progress(len(p.results))
		}
	}
	return l, ctx.Err()
}

// part is what a worker takes: the entries from a place on.
type part struct {
	from    int
	results []result
	trees   int64
	done    chan struct{}
}

// result is an entry whose paths and blobs are still to be numbered.
type result struct {
	Entry
	changes []treediff.Change
	rest    bool // as in Root
}

// reader reads what commits change. It serves one worker.
type reader struct {
	*bulk.Reader
	known  func(object.ID) ([]treediff.Change, bool)
	budget *treediff.Budget // of the part
	at     []int
	trees  int64
}

// fill reads what the entries of a part change, the last one first: packs make older trees of newer ones.
func (r *reader) fill(ctx context.Context, p *part, list []commits.Commit, roots []Root) {
	r.budget = treediff.NewBudget()
	for n := len(p.results) - 1; n >= 0 && ctx.Err() == nil; n-- {
		if i := p.from + n; i < len(list) {
			if i+1 < len(r.at) && r.at[i]/batch != r.at[i+1]/batch {
				r.budget = treediff.NewBudget()
			}
			p.results[n] = r.commit(list[i])
		} else {
			p.results[n] = r.root(roots[i-len(list)])
		}
		r.Release()
	}
	p.trees, r.trees = r.trees, 0
}

func (r *reader) commit(c commits.Commit) result {
	out := result{Entry: Entry{ID: c.ID, Shallow: c.Shallow, Orphaned: c.Orphaned, Read: c.Err == nil}}
	if c.Err != nil {
		out.Errs = append(out.Errs, c.Err)
		return out
	}
	if r.known != nil && !c.Shallow {
		var ok bool
		if out.changes, ok = r.known(c.ID); ok {
			return out
		}
	}
	r.tree(&out, c.Tree, c.ParentTrees)
	return out
}

func (r *reader) root(root Root) result {
	out := result{Entry: Entry{Ref: root.Ref}, rest: root.Rest}
	if root.Mode.IsTree() {
		r.tree(&out, root.ID, nil)
	} else {
		out.changes = []treediff.Change{{Path: root.Ref, Mode: root.Mode, ID: root.ID}}
	}
	return out
}

func (r *reader) tree(out *result, tree object.ID, parents []object.ID) {
	read := func(id object.ID) ([]byte, error) {
		r.trees++
		return r.Tree(id)
	}
	for c, err := range r.budget.Changes(tree, parents, read) {
		if err != nil {
			out.Errs = append(out.Errs, err)
			continue
		}
		out.changes = append(out.changes, c)
	}
}

// add numbers what a result has.
func (l *Ledger) add(r result, want func(string) bool) {
	if r.rest {
		if n, ok := l.blobs[r.changes[0].ID]; ok && l.Added[n-1] {
			return
		}
	}
	for _, c := range r.changes {
		if want != nil && !want(c.Path) {
			continue
		}
		change := Change{Path: l.Path(c.Path), Mode: modeOf(c.Mode)}
		if change.Mode == Submodule {
			l.Submodules += int64(max(1, len(c.Olds)))
		}
		if c.Mode.IsBlob() {
			change.New = l.Blob(c.ID)
			if n := change.New - 1; !l.Added[n] {
				l.Added[n] = true
				l.First[n] = Place{uint32(len(l.Entries)), change.Path}
			}
		}
		if len(c.Olds) == 0 {
			r.Changes = append(r.Changes, change)
		}
		for _, old := range c.Olds {
			change.Old, change.OldMode = 0, modeOf(old.Mode)
			if old.Mode.IsBlob() {
				change.Old = l.Blob(old.ID)
			}
			r.Changes = append(r.Changes, change)
		}
	}
	l.Entries = append(l.Entries, r.Entry)
}

// Seal drops what is needed only to enter more.
func (l *Ledger) Seal() { l.paths, l.blobs = nil, nil }

// Path returns the number of a path, which is entered if it is new.
func (l *Ledger) Path(path string) uint32 {
	n, ok := l.paths[path]
	if !ok {
		n = uint32(len(l.Paths))
		l.paths[path] = n
		l.Paths = append(l.Paths, path)
	}
	return n
}

// Blob returns a blob's number plus 1. It is entered if it is new.
func (l *Ledger) Blob(id object.ID) uint32 {
	n, ok := l.blobs[id]
	if !ok {
		l.Blobs = append(l.Blobs, id)
		l.Added = append(l.Added, false)
		l.First = append(l.First, Place{})
		n = uint32(len(l.Blobs))
		l.blobs[id] = n
	}
	return n
}
