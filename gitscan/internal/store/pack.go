package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

const (
	// maxChain bounds the deltas between an object and the base that is stored whole. Git makes 50, and 4,095 when told.
	maxChain = 10_000

	// A base may be larger than what is made of it: this many times the limit. The bases of a chain together may have
	// workFactor times the limit, so that a small pack cannot ask for hours of copying.
	baseFactor = 4
	workFactor = 400

	// Only objects up to this size are kept as bases; and buffers begin at most this large, whatever a header announces.
	maxCached = 1 << 20
)

// pack is a pack with its index; both are opened when they are first needed.
type pack struct {
	path  string // without .idx or .pack
	key   int64  // added to an entry's place, the key under which it is kept as a base
	bases *bases
	load  func() error

	idx   *packIndex
	file  io.ReaderAt
	size  int64       // without the checksum
	files []io.Closer // that are open
}

// A pack's places take the low bits of the keys of bases.
const packKeyShift = 44

func newPack(path string, number int, bases *bases) *pack {
	p := &pack{path: path, key: int64(number) << packKeyShift, bases: bases}
	p.load = sync.OnceValue(p.open)
	return p
}

func (p *pack) open() error {
	idx, idxSize, err := regular.Open(p.path + ".idx")
	if err != nil {
		return err
	}
	p.files = append(p.files, idx)
	file, size, err := regular.Open(p.path + ".pack")
	if err != nil {
		return err
	}
	p.files = append(p.files, file)
	return p.use(idx, idxSize, file, size)
}

// use makes an index and a pack, with their sizes in bytes, those of p.
func (p *pack) use(idx io.ReaderAt, idxSize int64, file io.ReaderAt, size int64) (err error) {
	p.file, p.size = file, size-object.Size
	p.idx, err = newPackIndex(idx, idxSize)
	return err
}

// close closes what is open. No other call may be under way.
func (p *pack) close() error {
	var errs []error
	for _, f := range p.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// find returns the object's place, or errNotFound.
func (p *pack) find(id object.ID) (int64, error) {
	if err := p.load(); err != nil {
		return 0, err
	}
	return p.idx.find(id)
}

// entry is an object or delta as it is stored in a pack.
type entry struct {
	*packfile.ObjectHeader
	scanner *packfile.Scanner // stands behind the header
}

func (p *pack) entry(offset int64) (entry, error) {
	if offset <= 0 || offset >= p.size || offset >= 1<<packKeyShift {
		return entry{}, fmt.Errorf("place %d is outside of the pack", offset)
	}
	s := packfile.NewScanner(io.NewSectionReader(p.file, 0, p.size))
	header, err := s.SeekObjectHeader(offset)
	if err == nil && header.Length < 0 {
		err = errWrongSize
	}
	return entry{header, s}, err
}

// whole reports whether e is an object and not a delta.
func (e entry) whole() bool {
	return object.Commit <= object.Kind(e.Type) && object.Kind(e.Type) <= object.Tag
}

func (e entry) inflate() ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(int(min(e.Length, maxCached)))
	n, _, err := e.scanner.NextObject(&buf)
	if err == nil && n != e.Length {
		err = errWrongSize
	}
	return buf.Bytes(), err
}

// read returns the object at offset, which may have max bytes. An object that is stored whole is yet to be read.
func (p *pack) read(offset, max int64) (content, error) {
	e, err := p.entry(offset)
	if err != nil {
		return content{}, err
	}
	if e.whole() {
		r, err := e.scanner.ReadObject()
		return content{object.Kind(e.Type), e.Length, r}, err
	}
	c, err := p.follow(e, max)
	if err != nil {
		return content{}, err
	}
	data, err := p.apply(c)
	return content{c.base.kind, int64(len(data)), io.NopCloser(bytes.NewReader(data))}, err
}

// stat returns the kind and size of the object at offset.
func (p *pack) stat(offset int64) (object.Kind, int64, error) {
	e, err := p.entry(offset)
	if err != nil {
		return 0, 0, err
	}
	if e.whole() {
		return object.Kind(e.Type), e.Length, nil
	}
	c, err := p.follow(e, statLimit)
	if err != nil {
		return 0, 0, err
	}
	return c.base.kind, c.deltas[0].size, nil
}

// The kind of a delta is that of its base; so much may be read to get there.
const statLimit = 1 << 30

// chain is what an object is made of: deltas, the last of which applies to base.
type chain struct {
	deltas []delta // the nearest to the object first
	base   base
}

type delta struct {
	offset       int64 // of the entry
	instructions []byte
	size         int64 // of the result, in bytes
}

// follow goes from a delta to its base and reads what is on the way.
func (p *pack) follow(e entry, max int64) (c chain, err error) {
	baseMax, work := times(max, baseFactor), times(max, workFactor)
	limit := max
	anchor := int64(0) // a place that was on the way; coming back to it means going round in circles
	for {
		if e.Length > baseMax {
			return chain{}, &TooLargeError{Size: e.Length, Max: baseMax}
		}
		data, err := e.inflate()
		if err != nil {
			return chain{}, err
		}
		if e.whole() {
			c.base = base{object.Kind(e.Type), data}
			p.bases.put(p.key+e.Offset, c.base)
			return c, nil
		}
		d := delta{offset: e.Offset, instructions: data}
		if d.size, err = resultSize(data); err != nil {
			return chain{}, err
		}
		if work -= d.size + e.Length; d.size > limit || work < 0 {
			return chain{}, &TooLargeError{Size: d.size, Max: limit}
		}
		c.deltas = append(c.deltas, d)
		limit = baseMax
		if len(c.deltas) > maxChain {
			return chain{}, fmt.Errorf("more than %d deltas in a row", maxChain)
		}
		offset, err := p.baseOf(e)
		if err != nil {
			return chain{}, err
		}
		if offset == anchor {
			return chain{}, errCircle
		}
		if n := len(c.deltas); n&(n-1) == 0 {
			anchor = offset
		}
		if found, ok := p.bases.get(p.key + offset); ok {
			c.base = found
			return c, nil
		}
		if e, err = p.entry(offset); err != nil {
			return chain{}, err
		}
	}
}

// baseOf returns the place of what a delta applies to.
func (p *pack) baseOf(e entry) (int64, error) {
	switch e.Type {
	case plumbing.OFSDeltaObject:
		return e.OffsetReference, nil
	case plumbing.REFDeltaObject:
		offset, err := p.idx.find(object.ID(e.Reference))
		if err != nil {
			return 0, fmt.Errorf("the base %s of a delta: %w", e.Reference, err)
		}
		return offset, nil
	}
	return 0, fmt.Errorf("the entry at %d has an unknown type", e.Offset)
}

// apply makes the object.
func (p *pack) apply(c chain) ([]byte, error) {
	data := c.base.data
	for i := len(c.deltas) - 1; i >= 0; i-- {
		d := c.deltas[i]
		result, err := packfile.PatchDelta(data, d.instructions)
		if err != nil {
			return nil, err
		}
		if i > 0 { // The object itself is not likely to be a base: its own delta is the end of a chain more often than not.
			p.bases.put(p.key+d.offset, base{c.base.kind, result})
		}
		data = result
	}
	return data, nil
}

// resultSize reads the size of a delta's result, the second of the two numbers that it begins with.
func resultSize(instructions []byte) (int64, error) {
	_, n := binary.Uvarint(instructions)
	if n <= 0 {
		return 0, packfile.ErrInvalidDelta
	}
	size, n := binary.Uvarint(instructions[n:])
	if n <= 0 || size > math.MaxInt64 {
		return 0, packfile.ErrInvalidDelta
	}
	return int64(size), nil
}

// times multiplies a limit, without overflow.
func times(limit, factor int64) int64 {
	if limit > math.MaxInt64/factor {
		return math.MaxInt64
	}
	return limit * factor
}
