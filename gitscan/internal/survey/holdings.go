package survey

import (
	"encoding/binary"
	"math"
	"slices"
)

// A Set is the number of a set of entries; 0 is the empty one. Two trees have the same set if they have the same entries of those that matter,
// and below them the same ones again.
type Set uint32

// A Member is a blob or, if Below is not 0, a directory in a set.
type Member struct {
	Blob  uint32 // its number in Survey.Blobs, or NoBlob of a submodule whose name matters
	Below Set
}

// NoBlob is the number of what is no blob.
const NoBlob = math.MaxUint32

// Holdings are the entries of trees that matter.
type Holdings struct {
	*Survey
	matters []bool          // by blob
	named   map[uint32]bool // names that matter, whatever they stand for

	keys    map[key]uint32
	members []Member // by key
	sets    [][]uint32
	size    int            // of all sets
	bySum   map[string]Set // by its keys
	of      []uint32       // by object: its tree's set plus found, or one of the following
	open    []frame
	buf     []byte
}

// key is what makes two members one.
type key struct {
	name uint32
	Member
}

// States of a tree whose set is not known.
const (
	unknown = 0
	waiting = 1
	found   = 2
)

// maxHeld is the most entries of all sets together.
const maxHeld = 8 << 20

// Holdings returns what trees hold of the blobs that matter, and of the files whose paths are named.
func (s *Survey) Holdings(matters []bool, paths []uint32) *Holdings {
	h := &Holdings{
		Survey: s, matters: matters, named: make(map[uint32]bool), keys: make(map[key]uint32), sets: make([][]uint32, 1),
		bySum: make(map[string]Set), of: make([]uint32, len(s.trees)),
	}
	for _, p := range paths {
		h.named[s.last[p]] = true
	}
	return h
}

// Members returns what is in a set.
func (h *Holdings) Members(set Set) (list []Member) {
	for _, k := range h.sets[set] {
		list = append(list, h.members[k])
	}
	return list
}

// Seal drops what is needed only to find out more: what is left are the members of sets, the blobs, and their numbers.
func (h *Holdings) Seal() {
	h.of, h.keys, h.bySum, h.matters, h.named = nil, nil, nil, nil, nil
	h.parts, h.trees = nil, nil
}

// frame is a tree whose set is wanted.
type frame struct {
	object uint32
	next   int // entry to be looked at
}

// Sets returns what trees hold that the survey has met; NoTree holds nothing. The error has the cause ErrUnusual.
func (h *Holdings) Sets(trees []Tree) ([]Set, error) {
	sets := make([]Set, len(trees))
	for i, t := range trees {
		if t == NoTree {
			continue
		}
		var err error
		if sets[i], err = h.tree(uint32(t)); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

func (h *Holdings) tree(n uint32) (Set, error) {
	if int(n) >= len(h.of) || !h.trees[n].read {
		return 0, unusual("tree " + h.id(n).String() + " was not met")
	}
	h.want(n)
	for len(h.open) > 0 {
		if h.size > maxHeld {
			return 0, unusual("too much is found in too many trees")
		}
		top := &h.open[len(h.open)-1]
		t := &h.trees[top.object]
		needed, ok := h.needed(t, top)
		if !ok {
			h.of[top.object] = found + uint32(h.set(t))
			h.open = h.open[:len(h.open)-1]
		} else if h.of[needed] == waiting {
			h.open = h.open[:0]
			return 0, unusual("a tree is made of one that contains it")
		} else {
			h.want(needed)
		}
	}
	return Set(h.of[n] - found), nil
}

func (h *Holdings) want(n uint32) {
	if h.of[n] == unknown {
		h.of[n] = waiting
		h.open = append(h.open, frame{object: n})
	}
}

// needed returns the next tree whose set has to be known first.
func (h *Holdings) needed(t *tree, f *frame) (number uint32, ok bool) {
	if t.base > 0 && h.of[t.base-1] < found {
		return t.base - 1, true
	}
	for fresh := h.fresh(t); f.next < len(fresh); f.next++ {
		if e := fresh[f.next]; e.kind() == directory && h.of[e.child()] < found {
			return e.child(), true
		}
	}
	return 0, false
}

// set returns what a tree holds, once it is known of all that it needs.
func (h *Holdings) set(t *tree) Set {
	var base Set
	if t.base > 0 {
		base = Set(h.of[t.base-1] - found)
	}
	var lost, fresh []uint32
	if base > 0 {
		entries := h.parts[t.part].entries
		for _, g := range h.gone(t) {
			if k, ok := h.key(entries[g]); ok {
				lost = append(lost, k)
			}
		}
	}
	for _, e := range h.fresh(t) {
		if k, ok := h.key(e); ok {
			fresh = append(fresh, k)
		}
	}
	if len(lost)+len(fresh) == 0 {
		return base
	}
	slices.Sort(lost)
	var keys []uint32
	for _, k := range h.sets[base] {
		if len(lost) > 0 && lost[0] == k {
			lost = lost[1:]
		} else {
			keys = append(keys, k)
		}
	}
	return h.intern(append(keys, fresh...))
}

// key returns the number of an entry among those that matter, if it does.
func (h *Holdings) key(e entry) (uint32, bool) {
	k := key{name: e.name}
	switch e.kind() {
	case directory:
		if k.Below = Set(h.of[e.child()] - found); k.Below == 0 {
			return 0, false
		}
	case file:
		b := uint32(0)
		if int(e.child()) < len(h.blobs) {
			b = h.blobs[e.child()]
		}
		if b == 0 || !h.matters[b-1] && !h.named[e.name] {
			return 0, false
		}
		k.Blob = b - 1
	default:
		if !h.named[e.name] {
			return 0, false
		}
		k.Blob = NoBlob
	}
	n, ok := h.keys[k]
	if !ok {
		n = uint32(len(h.members))
		h.members = append(h.members, k.Member)
		h.keys[k] = n
	}
	return n, true
}

// intern returns the number of the set of some keys.
func (h *Holdings) intern(keys []uint32) Set {
	if len(keys) == 0 {
		return 0
	}
	slices.Sort(keys)
	h.buf = h.buf[:0]
	for _, k := range keys {
		h.buf = binary.LittleEndian.AppendUint32(h.buf, k)
	}
	set, ok := h.bySum[string(h.buf)]
	if !ok {
		set = Set(len(h.sets))
		h.sets = append(h.sets, keys)
		h.size += len(keys)
		h.bySum[string(h.buf)] = set
	}
	return set
}
