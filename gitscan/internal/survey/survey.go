// Package survey finds out what the trees of a whole history hold, reading each tree once and comparing no commits.
//
// [Read] reads all trees in the order of their packs. Of a tree that is made of another one it keeps which entries are new and which
// are gone, so that what it keeps is about as small as the deltas are. From that [Survey.Locate] finds out at which paths which blobs are. When
// it is known which of the blobs matter, [Survey.Holdings] finds the entries of each tree that lead to them: a commit whose tree
// has the same ones as one of its parents' trees brings none of them, and only the others have to be compared.
//
// A history that is out of the ordinary is [ErrUnusual]: something in it is damaged or missing, entries are not in order, or the same
// directories come up too often. It has to be read commit by commit.
package survey

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/pack"
	"github.com/keysieve/keysieve/gitscan/internal/parallel"
)

// ErrUnusual is the cause of the error about a history that cannot be surveyed. The error says why.
var ErrUnusual = errors.New("no survey is possible")

func unusual(reason string) error { return fmt.Errorf("%w: %s", ErrUnusual, reason) }

// A Survey is what was found out about the trees of a history. Blobs and paths are numbered. It serves one goroutine.
type Survey struct {
	Paths []string    // of files, links and submodules
	Blobs []object.ID // at these paths
	Uses  []Use       // every blob at every path where a tree has it, some more than once

	Trees      int64 // different ones
	Submodules int64 // different ones, at each path

	objects *bulk.Objects
	workers int
	reader  *bulk.Reader // of trees that are in no pack
	parts   []*part      // of the workers, and one of what is in no pack
	trees   []tree       // by object; not read, those that are no trees
	others  []object.ID  // the objects that are in no pack; they are numbered after those of the packs
	numbers map[object.ID]uint32
	names   []string
	byName  map[string]uint32
	blobs   []uint32 // by object: the blob's number, from 1
	last    []uint32 // by path: its last name
}

// A Use is a blob at a path.
type Use struct{ Blob, Path uint32 }

const (
	// So many entries are kept of all trees together, and so many more for each object. A pack that is full of trees without deltas has more.
	maxEntries       = 4 << 20
	entriesPerObject = 8

	// Beside what is in packs there mostly are no more objects than this: commits of submodules, and what is new.
	maxSpare = 4096

	// So many bytes of names count as an entry.
	perName = 32

	// Outlines are made anew when those that serve again have room for so many numbers.
	maxPlaces = 4 << 20

	// So many steps are gone to find out what trees have that are not in the directory of their base, and so many more for each object.
	maxSteps       = 16 << 20
	stepsPerObject = 8

	// So many bytes of trees are made, and so many more for each byte of the packs.
	maxMade     = 1 << 30
	madePerByte = 256

	// maxTree bounds the trees that are read, in bytes, held is how many bytes of trees each worker keeps on its way.
	maxTree = 64 << 20
	held    = 16 << 20
)

var errTooMany = unusual("the trees have too many entries")

// Read begins a survey: it reads all trees in packs, with several workers, and calls done, if it is not nil, for each of them. The error is that
// of ctx or has the cause ErrUnusual.
func Read(ctx context.Context, objects *bulk.Objects, workers int, done func()) (*Survey, error) {
	if objects.Len() >= 1<<kindShift {
		return nil, unusual("there are too many objects")
	}
	s := &Survey{
		objects: objects, workers: workers, trees: make([]tree, objects.Len(), objects.Len()+maxSpare), numbers: make(map[object.ID]uint32), byName: make(map[string]uint32),
	}
	for range workers + 1 {
		s.parts = append(s.parts, newPart(s.objects))
	}
	ctx2, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	most := (maxEntries + entriesPerObject*objects.Len()) / workers
	made := (maxMade + madePerByte*objects.Bytes()) / int64(workers)
	err := bulk.WalkTrees(ctx2, objects, workers, pack.Limits{Max: maxTree, Held: held}, func(worker, number int, t *pack.Object[*outline]) *outline {
		if done != nil {
			done()
		}
		p := s.parts[worker]
		if p.made += t.Size; p.made > made {
			cancel(unusual("the trees are too large"))
		}
		// A forged index may have two trees for one id, and what is made of one would pass for made of the other.
		if t.Err == nil && objects.Several(number) && object.Hash(object.Tree, t.Data) != objects.ID(number) {
			cancel(unusual("tree " + objects.ID(number).String() + " is another one"))
		}
		if p.kept() > most {
			cancel(errTooMany)
		}
		return s.outline(worker, number, t)
	})
	if ctx.Err() == nil && ctx2.Err() != nil {
		return nil, context.Cause(ctx2)
	}
	if err != nil {
		return nil, err
	}
	s.merge()
	return s, nil
}

// outline reads a tree. One that cannot be read is left out: if it matters it is missed.
func (s *Survey) outline(worker, number int, t *pack.Object[*outline]) *outline {
	if t.Err != nil {
		return nil
	}
	var base *outline
	if t.Base != nil {
		base = *t.Base
	}
	p := s.parts[worker]
	o := p.outline(uint32(number), t.Data, t.Depth, base, t.Copies)
	if o != nil {
		p.last.part = uint16(worker)
		s.trees[number] = p.last
	}
	return o
}

// merge gives the names, and the objects outside of packs, that the parts have met the numbers that all have in common.
func (s *Survey) merge() {
	var running sync.WaitGroup
	for _, p := range s.parts[:s.workers] {
		r := s.renumbering(p)
		p.met = met{}
		running.Go(func() {
			p.entries, p.gone = slices.Clone(p.entries), slices.Clone(p.gone) // without the room for more
			r.apply(p.entries)
		})
	}
	running.Wait()
}

// A renumbering has the numbers in common for those of a part.
type renumbering struct {
	stored        uint32 // objects in packs
	names, others []uint32
}

func (s *Survey) renumbering(p *part) renumbering {
	r := renumbering{stored: uint32(s.objects.Len())}
	for _, name := range p.names {
		r.names = append(r.names, s.name(name))
	}
	for _, id := range p.others {
		r.others = append(r.others, s.number(id))
	}
	p.merged()
	return r
}

func (r *renumbering) apply(entries []entry) {
	for i := range entries {
		e := &entries[i]
		e.name = r.names[e.name]
		if e.child() >= r.stored {
			e.setChild(r.others[e.child()-r.stored])
		}
	}
}

func (s *Survey) name(name string) uint32 {
	n, ok := s.byName[name]
	if !ok {
		n = uint32(len(s.names))
		s.names = append(s.names, name)
		s.byName[name] = n
	}
	return n
}

// A Tree is the number of a tree.
type Tree uint32

// NoTree is the number of the tree with the zero id.
const NoTree = math.MaxUint32

// TreesOf returns the numbers of trees.
func (s *Survey) TreesOf(ids []object.ID) []Tree {
	list := make([]Tree, len(ids))
	for i, n := range s.numbersOf(ids) {
		if list[i] = Tree(n); ids[i].IsZero() {
			list[i] = NoTree
		}
	}
	return list
}

// ID returns the id of a tree.
func (s *Survey) ID(t Tree) (id object.ID) {
	if t != NoTree {
		id = s.id(uint32(t))
	}
	return id
}

// numbersOf returns the numbers of objects.
func (s *Survey) numbersOf(ids []object.ID) []uint32 {
	list := make([]uint32, len(ids)) // from 1, 0 for those in no pack
	parallel.Shares(s.workers, len(ids), func(from, to int) {
		met := newMet(s.objects)
		for i := from; i < to; i++ {
			if n, ok := met.number(ids[i]); ok {
				list[i] = n + 1
			}
		}
	})
	for i, from1 := range list {
		if from1 == 0 {
			from1 = s.number(ids[i]) + 1
		}
		list[i] = from1 - 1
	}
	return list
}

// number returns the number of an object.
func (s *Survey) number(id object.ID) uint32 {
	if n, ok := s.objects.Number(id); ok {
		return uint32(n)
	}
	n, ok := s.numbers[id]
	if !ok {
		n = uint32(s.objects.Len() + len(s.others))
		s.others = append(s.others, id)
		s.numbers[id] = n
		s.trees = append(s.trees, tree{})
	}
	return n
}

// Blob returns the number of a blob that is in Blobs.
func (s *Survey) Blob(id object.ID) (n uint32, ok bool) {
	if at := s.number(id); int(at) < len(s.blobs) {
		n = s.blobs[at]
	}
	return n - 1, n > 0
}

func (s *Survey) id(number uint32) object.ID {
	if stored := s.objects.Len(); int(number) >= stored {
		return s.others[int(number)-stored]
	}
	return s.objects.ID(int(number))
}

// load reads a tree that is in no pack.
func (s *Survey) load(number uint32) error {
	content, err := s.reader.Tree(s.id(number))
	if err != nil {
		return unusual(err.Error())
	}
	last := len(s.parts) - 1
	p := s.parts[last]
	from := len(p.entries)
	if p.outline(number, content, 0, nil, nil) == nil {
		return unusual("tree " + s.id(number).String() + " is malformed")
	}
	if p.kept() > maxEntries {
		return errTooMany
	}
	p.last.part = uint16(last)
	r := s.renumbering(p)
	r.apply(p.entries[from:])
	s.trees[number] = p.last
	s.reader.Release()
	return nil
}

// fresh returns the entries of a tree that its base does not have.
func (s *Survey) fresh(t *tree) []entry { return s.parts[t.part].entries[t.first : t.first+t.count] }

// gone returns the entries of a tree's base that it does not have.
func (s *Survey) gone(t *tree) []uint32 { return s.parts[t.part].gone[t.gone : t.gone+t.lost] }

// all returns the entries of a tree in no order, and how many were looked at for it.
func (s *Survey) all(t *tree) (list []entry, steps int) {
	lost := make(map[uint32]bool)
	for {
		steps += 1 + int(t.count+t.lost)
		for i, e := range s.fresh(t) {
			if !lost[t.first+uint32(i)] {
				list = append(list, e)
			}
		}
		for _, g := range s.gone(t) {
			lost[g] = true
		}
		if t.base == 0 {
			return list, steps
		}
		t = &s.trees[t.base-1]
	}
}
