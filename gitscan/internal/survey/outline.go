package survey

import (
	"encoding/binary"
	"slices"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// A tree is what is kept of a tree: what it does not have in common with the one that it is made of.
type tree struct {
	base         uint32 // the number of the object that it is made of, plus 1; 0 if there is none
	first, count uint32 // its new entries, in the part's list; one tree's follow each other
	gone, lost   uint32 // where its list of entries of the base begins that it lacks, and how many they are
	part         uint16
	read         bool // there is a tree
}

// An entry is a name in a tree and the object that it stands for.
type entry struct {
	name uint32
	what uint32 // the object's number, and its kind in the highest bits
}

// The kinds of entries.
const (
	file      = 0 << kindShift // or a symbolic link
	directory = 1 << kindShift
	submodule = 2 << kindShift

	kindShift = 30
	kindMask  = 3 << kindShift
)

func (e entry) kind() uint32  { return e.what & kindMask }
func (e entry) child() uint32 { return e.what &^ kindMask }

func (e *entry) setChild(n uint32) { e.what = e.what&kindMask | n }

// A part is what one worker has read.
type part struct {
	entries []entry
	gone    []uint32 // places in entries

	names  []string
	byName map[string]uint32
	others []object.ID // not in a pack; numbered after what is
	byID   map[object.ID]uint32

	met
	outlines []*outline // by depth
	places   int        // numbers that these have room for
	nameSize int        // bytes of names
	made     int64      // bytes of trees
	last     tree       // that was read
}

func newPart(objects *bulk.Objects) *part {
	return &part{met: newMet(objects), byName: make(map[string]uint32), byID: make(map[object.ID]uint32)}
}

// merged forgets the names and objects that have got other numbers.
func (p *part) merged() {
	p.names, p.others, p.outlines = nil, nil, nil
	clear(p.byName)
	clear(p.byID)
}

// An outline says where a tree's entries are, as long as others are made of it.
type outline struct {
	number  uint32
	starts  []uint32 // where each entry begins, and at last where the content ends
	entries []uint32 // by entry: its place in the part's list
}

// outline reads a tree that is made with so many deltas, the last one of which has copied from base, which may be nil. It returns nil if
// the tree is malformed or out of order. What it returns is valid until another tree of the same depth is read.
func (p *part) outline(number uint32, content []byte, depth int, base *outline, copies []detect.Copy) *outline {
	o := p.room(depth)
	o.number = number
	before := o.size()
	p.last = tree{first: uint32(len(p.entries)), gone: uint32(len(p.gone)), read: true}
	r := reading{part: p, outline: o, base: base, content: content, tree: object.NewTreeReader(content)}
	ok := true
	if base != nil {
		p.last.base = base.number + 1
		for _, c := range copies {
			ok = ok && r.copied(c)
		}
	}
	ok = ok && r.upTo(len(content))
	if !ok {
		p.entries, p.gone = p.entries[:p.last.first], p.gone[:p.last.gone]
		return nil
	}
	o.starts = append(o.starts, uint32(r.pos))
	if base != nil {
		p.gone = append(p.gone, base.entries[r.kept:]...)
	}
	p.last.count = uint32(len(p.entries)) - p.last.first
	p.last.lost = uint32(len(p.gone)) - p.last.gone
	p.places += o.size() - before
	if int(p.last.lost) > len(o.entries) {
		// It has less than what it lacks.
		p.entries, p.gone = p.entries[:p.last.first], p.gone[:p.last.gone]
		return p.outline(number, content, depth, nil, nil)
	}
	return o
}

func (o *outline) size() int { return cap(o.starts) + cap(o.entries) }

// kept returns how much is kept of all trees, in entries.
func (p *part) kept() int { return len(p.entries) + len(p.gone)/2 + p.nameSize/perName }

// room returns an empty outline.
func (p *part) room(depth int) *outline {
	if p.places > maxPlaces { // those that are in use stay with the walk
		p.outlines, p.places = nil, 0
	}
	for len(p.outlines) <= depth {
		p.outlines = append(p.outlines, new(outline))
	}
	o := p.outlines[depth]
	o.starts, o.entries = o.starts[:0], o.entries[:0]
	return o
}

// reading is a tree on the way to its outline.
type reading struct {
	*part
	outline *outline
	base    *outline
	content []byte
	tree    object.TreeReader
	pos     int // where the next entry begins
	kept    int // entries of base up to here are in the tree, or were entered as gone

	last    []byte // the name of the last entry, if it is new
	lastDir bool
}

// copied goes on to the end of what was copied from the base, as far as whole entries reach. Entries are found in the base where both are in step.
func (r *reading) copied(c detect.Copy) bool {
	for r.pos < c.At+c.Len {
		if r.pos >= c.At {
			from := uint32(c.From + r.pos - c.At)
			i, ok := slices.BinarySearch(r.base.starts, from)
			if ok {
				n := r.within(i, uint32(c.From+c.Len))
				if n > i {
					return r.keep(i, n)
				}
			}
		}
		if !r.next() {
			return false
		}
	}
	return true
}

// within returns how many of the base's entries end by a place, i or more.
func (r *reading) within(i int, end uint32) int {
	n, ok := slices.BinarySearch(r.base.starts[i:], end)
	if !ok {
		n--
	}
	return i + n
}

// keep takes over entries i to n of the base.
func (r *reading) keep(i, n int) bool {
	if i < r.kept {
		return false
	}
	if r.last != nil {
		r.tree.Seek(r.pos)
		if !r.tree.Next() || !r.inOrder() {
			return false
		}
		r.last = nil
	}
	r.gone = append(r.gone, r.base.entries[r.kept:i]...)
	r.kept = n
	shift := uint32(r.pos) - r.base.starts[i]
	for _, at := range r.base.starts[i:n] {
		r.outline.starts = append(r.outline.starts, at+shift)
	}
	r.outline.entries = append(r.outline.entries, r.base.entries[i:n]...)
	r.pos = int(r.base.starts[n] + shift)
	return true
}

// upTo enters entries up to a place.
func (r *reading) upTo(end int) bool {
	for r.pos < end {
		if !r.next() {
			return false
		}
	}
	return true
}

// next enters the next entry.
func (r *reading) next() bool {
	r.tree.Seek(r.pos)
	if !r.tree.Next() || !r.inOrder() {
		return false
	}
	kind := uint32(submodule)
	switch {
	case r.tree.Mode.IsTree():
		kind = directory
	case r.tree.Mode.IsBlob():
		kind = file
	}
	r.outline.starts = append(r.outline.starts, uint32(r.pos))
	r.outline.entries = append(r.outline.entries, uint32(len(r.part.entries)))
	r.part.entries = append(r.part.entries, entry{r.name(r.tree.Name), kind | r.number(r.tree.ID)})
	r.pos = r.tree.End()
	r.last, r.lastDir = r.tree.Name, kind == directory
	return true
}

// inOrder reports whether the entry that the reader stands at belongs behind the last one of the outline.
func (r *reading) inOrder() bool {
	n := len(r.outline.starts)
	if n == 0 {
		return true
	}
	if r.last == nil {
		last := object.NewTreeReader(r.content)
		last.Seek(int(r.outline.starts[n-1]))
		last.Next()
		r.last, r.lastDir = last.Name, last.Mode.IsTree()
	}
	return object.CompareNames(r.last, r.lastDir, r.tree.Name, r.tree.Mode.IsTree()) < 0
}

func (p *part) name(name []byte) uint32 {
	n, ok := p.byName[string(name)]
	if !ok {
		n = uint32(len(p.names))
		p.names = append(p.names, string(name))
		p.byName[p.names[n]] = n
		p.nameSize += len(name)
	}
	return n
}

// number returns the number of an object, which is not yet that of the survey if it is in no pack.
func (p *part) number(id object.ID) uint32 {
	if n, ok := p.met.number(id); ok {
		return n
	}
	n, ok := p.byID[id]
	if !ok {
		n = uint32(p.objects.Len() + len(p.others))
		p.others = append(p.others, id)
		p.byID[id] = n
	}
	return n
}

// met finds the numbers of objects in packs. Which ones were met last is remembered, by the first bytes of their ids.
type met struct {
	objects *bulk.Objects
	recent  []numbered
}

type numbered struct {
	id    object.ID
	from1 uint32 // 0 if there is none
}

// metLately is how many are remembered.
const metLately = 1 << 14

func newMet(objects *bulk.Objects) met { return met{objects, make([]numbered, metLately)} }

func (m *met) number(id object.ID) (uint32, bool) {
	near := &m.recent[binary.LittleEndian.Uint16(id[:])%metLately]
	if near.from1 == 0 || near.id != id {
		n, ok := m.objects.Number(id)
		if !ok {
			return 0, false
		}
		*near = numbered{id, uint32(n) + 1}
	}
	return near.from1 - 1, true
}
