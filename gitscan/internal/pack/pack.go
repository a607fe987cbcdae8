package pack

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime/debug"

	"github.com/keysieve/keysieve/gitscan/internal/inflate"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

// A Pack is a pack and the table of its entries, which are numbered in the order of the file. It is safe for concurrent use.
type Pack struct {
	path string
	file io.ReaderAt
	data []byte // all of the file, if it is mapped
	idx  *index
	open io.Closer

	offsets []int64  // by entry: where it begins
	pos     []uint32 // by entry: its position in the index
	end     int64    // of the last entry
	entry   []int32  // by position in the index
	links   []link   // by entry
	roots   []int32  // entries that are stored whole
}

// link is an entry's place in the trees of deltas.
type link struct {
	base  int32 // entry, or one of the numbers below
	child int32 // first entry that is made of this one, or none
	next  int32 // next entry that is made of the same base, or none
	kind  object.Kind
}

const (
	none    = -1 // no such entry; as a base: the entry is stored whole
	unknown = -2 // the entry's header cannot be read, or its base is not in the pack
)

// The types of deltas.
const (
	ofsDelta = 6
	refDelta = 7
)

// maxEntries is the largest number of entries that can be numbered.
const maxEntries = math.MaxInt32

// Open reads the index of the pack whose files are path with ".idx" and ".pack", and the header of every entry. An error says that the
// files cannot be opened or the index cannot be read. Entries that are damaged are errors when they are read.
func Open(path string) (*Pack, error) {
	file, mapped, size, err := regular.Map(path + ".pack")
	if err != nil {
		return nil, err
	}
	data, err := readIndex(path+".idx", size)
	var p *Pack
	if err == nil {
		p, err = load(path, file, mapped, size, data)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	p.open = file
	return p, nil
}

// readIndex reads the file of an index whose size fits the number of entries it announces, and the pack's size in bytes.
func readIndex(path string, size int64) ([]byte, error) {
	f, idxSize, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, idxHeaderSize+idxFanoutSize)
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("%s: %w: it is too short", path, errBadIndex)
	}
	// An entry of the pack has at least minEntry bytes, one of the index at most maxIndexEntry.
	if n := announced(head); n > size/minEntry || idxSize > n*maxIndexEntry+idxHeaderSize+idxFanoutSize+idxTrailer {
		return nil, fmt.Errorf("%s: %w: its size does not fit its table", path, errBadIndex)
	}
	return regular.Read(path, idxSize)
}

// Sizes of entries in bytes: a header and the shortest stream; an id, a CRC and two offsets.
const (
	minEntry      = 1 + 8
	maxIndexEntry = object.Size + 4 + 4 + 8
)

func load(path string, file io.ReaderAt, mapped []byte, size int64, idx []byte) (*Pack, error) {
	x, err := parseIndex(idx)
	if err != nil {
		return nil, fmt.Errorf("%s.idx: %w", path, err)
	}
	if x.count() > maxEntries {
		return nil, fmt.Errorf("%s.idx: %d objects are too many", path, x.count())
	}
	p := &Pack{path: path, file: file, data: mapped, idx: x, end: size - object.Size}
	places := x.places()
	p.offsets, p.pos, p.entry = make([]int64, len(places)), make([]uint32, len(places)), make([]int32, len(places))
	for e, at := range places {
		p.offsets[e], p.pos[e] = at.offset, at.pos
		p.entry[at.pos] = int32(e)
	}
	p.link()
	return p, nil
}

// Close closes the pack's file.
func (p *Pack) Close() error { return p.open.Close() }

// Path returns the path of the pack's file.
func (p *Pack) Path() string { return p.path + ".pack" }

// Bytes returns the size of the entries.
func (p *Pack) Bytes() int64 { return p.end }

// Len returns the number of entries.
func (p *Pack) Len() int { return len(p.offsets) }

// ID returns the id that the index has for an entry.
func (p *Pack) ID(entry int) object.ID { return p.idx.id(int(p.pos[entry])) }

// Kind returns the kind of an entry's object, 0 if it cannot be told.
func (p *Pack) Kind(entry int) object.Kind { return p.links[entry].kind }

// Find returns the entry of an object.
func (p *Pack) Find(id object.ID) (entry int, ok bool) {
	pos, ok := p.idx.find(id)
	if !ok {
		return 0, false
	}
	return int(p.entry[pos]), true
}

// link reads the headers of all entries and ties deltas to their bases.
func (p *Pack) link() {
	p.links = make([]link, len(p.offsets))
	for e := range p.links {
		p.links[e] = link{base: unknown, child: none, next: none}
	}
	for e, w := 0, p.window(headersAhead); e < len(p.links); {
		if n, err := p.headers(e, w); err != nil {
			e = n + 1
		} else {
			e = n
		}
	}
	for e := len(p.links) - 1; e >= 0; e-- { // backwards, so that the lists are in the order of the file
		if base := p.links[e].base; base >= 0 {
			p.links[e].next = p.links[base].child
			p.links[base].child = int32(e)
		}
	}
	for _, root := range p.roots {
		for e := range p.below(root) {
			p.links[e].kind = p.links[root].kind
		}
	}
}

// headers reads the headers of the entries from one on, up to n, where there is an error or the end.
func (p *Pack) headers(e int, w *window) (n int, err error) {
	defer regular.Faults(&err, debug.SetPanicOnFault(true))
	for n = e; n < len(p.links); n++ {
		raw, err := w.peek(p.offsets[n], maxHeader)
		if err != nil {
			return n, err
		}
		h, err := parseHeader(raw)
		l := &p.links[n]
		switch {
		case err != nil:
			return n, err
		case h.typ == ofsDelta:
			l.base = p.at(p.offsets[n] - h.back)
		case h.typ == refDelta:
			if base, ok := p.Find(h.base); ok {
				l.base = int32(base)
			}
		default:
			l.base, l.kind = none, object.Kind(h.typ)
			p.roots = append(p.roots, int32(n))
		}
	}
	return n, nil
}

// below yields an entry and all that is made of it, bases first. What leads round in circles is below nothing.
func (p *Pack) below(root int32) func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		todo := []int32{root}
		for len(todo) > 0 {
			e := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if !yield(e) {
				return
			}
			for c := p.links[e].child; c != none; c = p.links[c].next {
				todo = append(todo, c)
			}
		}
	}
}

// at returns the entry that begins at an offset, or unknown.
func (p *Pack) at(offset int64) int32 {
	low, high := 0, len(p.offsets)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if p.offsets[middle] < offset {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(p.offsets) && p.offsets[low] == offset {
		return int32(low)
	}
	return unknown
}

// limits returns where the bytes of an entry begin and end.
func (p *Pack) limits(entry int) (from, to int64) {
	from, to = p.offsets[entry], p.end
	if entry+1 < len(p.offsets) {
		to = p.offsets[entry+1]
	}
	return from, to
}

// header is what an entry begins with.
type header struct {
	typ  int
	size int64     // of what is compressed: the object, or the delta
	back int64     // how far before the entry its base begins
	base object.ID // its base, for a refDelta
	len  int       // bytes of the header
}

// maxHeader is the most bytes a header has: two numbers of 64 bits, or one and an id.
const maxHeader = 10 + object.Size

var errBadHeader = errors.New("malformed header")

// parseHeader reads a header: a byte with a type in bits 4 to 6 and the low 4 bits of the size, of which 7 more are in each byte
// that follows while the highest bit is set. A delta's base comes next.
func parseHeader(raw []byte) (h header, err error) {
	if len(raw) == 0 {
		return h, errBadHeader
	}
	h.typ, h.size = int(raw[0]>>4&7), int64(raw[0]&15)
	for shift := 4; raw[h.len]&0x80 != 0; shift += 7 {
		if h.len++; h.len == len(raw) || shift > 56 {
			return h, errBadHeader
		}
		h.size |= int64(raw[h.len]&0x7f) << shift
	}
	h.len++
	raw = raw[h.len:]
	switch h.typ {
	case int(object.Commit), int(object.Tree), int(object.Blob), int(object.Tag):
		return h, nil
	case refDelta:
		if len(raw) < object.Size {
			return h, errBadHeader
		}
		h.base = object.ID(raw)
		h.len += object.Size
		return h, nil
	case ofsDelta:
		// Each further byte adds 1 first, so that no distance can be written in two ways.
		for i, b := range raw {
			if h.back > math.MaxInt64>>8 {
				break
			}
			h.back = h.back<<7 | int64(b&0x7f)
			if b&0x80 == 0 {
				h.len += i + 1
				return h, nil
			}
			h.back++
		}
	}
	return h, errBadHeader
}

// window reads a file that is not mapped through a buffer that may be ahead of what is asked for.
type window struct {
	pack  *Pack
	ahead int // bytes that are read at once, at least
	buf   []byte
	start int64 // of buf in the file
}

// It is worth it to read so many bytes at once where each read is a call of the system: for headers alone, and for all of the entries.
const (
	headersAhead = 64 << 10
	entriesAhead = 16 << 10
)

func (p *Pack) window(ahead int) *window { return &window{pack: p, ahead: ahead} }

// peek returns up to n bytes at an offset, fewer only at the end; they are valid until the next call. Whoever looks at them defers
// [regular.Faults].
func (w *window) peek(offset int64, n int) ([]byte, error) {
	end := w.pack.end
	if offset < 0 || offset >= end {
		return nil, fmt.Errorf("place %d is outside of the pack", offset)
	}
	n = int(min(int64(n), end-offset))
	if w.pack.data != nil {
		return w.pack.data[offset:][:n], nil
	}
	if offset < w.start || offset+int64(n) > w.start+int64(len(w.buf)) {
		want := int(min(int64(max(n, w.ahead)), end-offset))
		if cap(w.buf) < want+inflate.Slack {
			w.buf = make([]byte, want+inflate.Slack)
		}
		w.buf = w.buf[:want]
		w.start = offset
		if got, err := w.pack.file.ReadAt(w.buf, offset); got < want {
			w.buf = w.buf[:0]
			return nil, fmt.Errorf("at %d: %w", offset, err)
		}
	}
	at := int(offset - w.start)
	return w.buf[at : at+n], nil
}
