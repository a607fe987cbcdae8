package pack

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

// A Reader reads objects one by one and remembers those that it has lately made, so that objects that are made of each other
// cost little when they are read in about the order of their history. It serves one goroutine at a time.
type Reader struct {
	*opener
	max     int64
	recent  recent
	anchors []anchor // of the chain that was made last, from its root on
	chain   []int32
	copies  []detect.Copy // of no interest
	made    int64         // bytes of all objects, those on the way included
}

// An anchor is an object of a long chain that is kept: whoever reads a chain from its end to its root would make all of it again and again.
type anchor struct {
	entry int32
	data  []byte
}

const (
	// In chains that are longer than this there are anchors: half way to the end, half way from there, and so on.
	longChain = 64

	// So many bytes of them are kept, or so many of them.
	maxAnchored  = 16 << 20
	leastAnchors = 3
)

// NewReader returns a reader of objects of at most max bytes that remembers about so many bytes of them.
func (p *Pack) NewReader(max int64, remember int) *Reader {
	return &Reader{opener: newOpener(p), max: max, recent: newRecent(remember)}
}

var errChain = errors.New("its chain of deltas is broken")

// Release says that what Read has returned so far is not used any more: its memory may serve for what is read next.
func (r *Reader) Release() { r.recent.release() }

// Read returns the kind and content of an entry's object. The content must not be changed; it stays valid until Release is called.
func (r *Reader) Read(entry int) (object.Kind, []byte, error) {
	kind := r.pack.links[entry].kind
	if kind == 0 {
		return 0, nil, errUnlinked
	}
	r.chain = r.chain[:0]
	e := int32(entry)
	data, ok := r.known(e)
	for !ok && r.pack.links[e].base >= 0 {
		r.chain = append(r.chain, e)
		e = r.pack.links[e].base
		data, ok = r.known(e)
	}
	r.forgetAnchors(e, ok)
	if !ok {
		var err error
		if data, err = r.whole(e); err != nil {
			return kind, nil, r.about(e, entry, err)
		}
		r.recent.put(e, data)
		r.made += int64(len(data))
	}
	next := len(r.chain) / 2 // where the next anchor is to be
	for i := len(r.chain) - 1; i >= 0; i-- {
		delta, size, err := r.instructions(int(r.chain[i]), r.max*baseFactor)
		if err == nil {
			data, r.copies, err = apply(r.recent.room(size), data, delta, r.copies[:0])
		}
		if err != nil {
			return kind, nil, r.about(r.chain[i], entry, err)
		}
		r.recent.put(r.chain[i], data)
		if r.made += size; i == next && i >= longChain/2 {
			r.keepAnchor(r.chain[i], data)
			next = i / 2
		}
	}
	if int64(len(data)) > r.max {
		return kind, nil, ErrTooLarge
	}
	return kind, data, r.identify(entry, data)
}

// whole reads an object that is stored whole, which the chain is made of.
func (r *Reader) whole(e int32) (data []byte, err error) {
	defer regular.Faults(&err, debug.SetPanicOnFault(true))
	h, raw, err := r.raw(int(e))
	if err == nil && (h.size > r.max*baseFactor || h.size > r.max && len(r.chain) == 0) {
		err = ErrTooLarge
	}
	if err != nil {
		return nil, err
	}
	return r.inflate(r.recent.room(h.size), raw, h.size)
}

// known returns an object that is remembered or an anchor.
func (r *Reader) known(entry int32) ([]byte, bool) {
	if data, ok := r.recent.get(entry); ok {
		return data, true
	}
	for i := range r.anchors {
		if r.anchors[i].entry == entry {
			return r.anchors[i].data, true
		}
	}
	return nil, false
}

// forgetAnchors lets go of the anchors that lie between here and the end of the chain that is to be made, or on another one.
func (r *Reader) forgetAnchors(from int32, known bool) {
	if len(r.chain) <= longChain {
		return
	}
	for i := len(r.anchors) - 1; i >= 0; i-- {
		if known && r.anchors[i].entry == from {
			return
		}
		r.anchors[i] = anchor{}
		r.anchors = r.anchors[:i]
	}
}

// keepAnchor makes an object an anchor, if there is room.
func (r *Reader) keepAnchor(entry int32, data []byte) {
	held := len(data)
	for i := range r.anchors {
		held += len(r.anchors[i].data)
	}
	if held <= maxAnchored || len(r.anchors) < leastAnchors {
		r.anchors = append(r.anchors, anchor{entry, bytes.Clone(data)})
	}
}

// about says which object on the way to entry cannot be read.
func (r *Reader) about(e int32, entry int, err error) error {
	if int(e) == entry {
		return err
	}
	return fmt.Errorf("%w: %s: %w", errChain, r.pack.ID(int(e)), err)
}
