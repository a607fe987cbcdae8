package pack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/inflate"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

// An Object is an object that a walk has come to. It, and what it refers to, is valid until the visit returns.
type Object[T any] struct {
	Entry int
	Kind  object.Kind
	Size  int64 // bytes; of an object that is too large, maybe of its base

	Data   []byte
	Stream io.Reader // in place of Data, for large objects that nothing is made of

	Base   *T            // what the visit of the base returned; nil if the object is stored whole or its base was not visited
	Copies []detect.Copy // what of Data was taken from the base, in order
	Depth  int           // how many deltas the object is made with

	Err error // the object cannot be read; it is an ErrTooLarge, or says what is damaged
}

// ErrTooLarge is the error about an object above the limit, or made of one that is far above it.
var ErrTooLarge = errors.New("too large")

// Limits bound what a walk reads.
type Limits struct {
	Max    int64 // size in bytes above which objects are not read
	Stream int64 // size from which objects are read as a stream if nothing is made of them; 0 means never
	Held   int64 // bytes of bases that each worker keeps on its way; at least those that the next object needs
}

// A base may be larger than what is made of it, this many times the limit.
const baseFactor = 4

// Walk visits the objects for which want is true, with several workers at once, each on its own chains: bases first, and then what
// is made of them. Objects of which a base cannot be read are visited with its error. Objects in circles of deltas, or with
// unreadable headers, are visited last, by worker 0. The error is that of ctx, or says that the program has failed.
func Walk[T any](ctx context.Context, p *Pack, workers int, limits Limits, want func(entry int) bool, visit func(worker int, o *Object[T]) T) error {
	limits.Max = min(limits.Max, math.MaxInt64/baseFactor)
	state := p.choose(want)
	var next atomic.Int64
	var failed atomic.Pointer[walkError]
	var running sync.WaitGroup
	for n := range workers {
		running.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					failed.CompareAndSwap(nil, &walkError{r})
				}
			}()
			w := walker[T]{opener: newOpener(p), state: state, limits: limits, worker: n, visit: visit, ctx: ctx}
			const batch = 64
			for ctx.Err() == nil {
				i := next.Add(batch) - batch
				if i >= int64(len(p.roots)) {
					return
				}
				for _, root := range p.roots[i:min(i+batch, int64(len(p.roots)))] {
					w.tree(int(root))
				}
			}
		})
	}
	running.Wait()
	if err := failed.Load(); err != nil {
		return err
	}
	for e := range p.links {
		if p.links[e].kind == 0 && want(e) && ctx.Err() == nil {
			visit(0, &Object[T]{Entry: e, Err: errUnlinked})
		}
	}
	return ctx.Err()
}

// walkError is a panic of a worker: a walk that did not come to its end.
type walkError struct{ cause any }

// Error says what has happened.
func (e *walkError) Error() string { return fmt.Sprintf("internal error: %v", e.cause) }

// What was let go may be made again, so many times as much as is made at all; chains that branch at every object need a few times.
const (
	mostAgain  = 16
	leastAgain = 1 << 30 // bytes
)

var errAgain = errors.New("its chain of deltas branches too often")

var errUnlinked = errors.New("its header, or that of an object it is made of, cannot be read")

// What a walk does with an entry.
const (
	skip   = 0      // nothing
	needed = 1 << 0 // it is needed for what is made of it
	report = 1 << 1 // it is wanted
)

// choose returns what is to be done with each entry.
func (p *Pack) choose(want func(int) bool) []uint8 {
	state := make([]uint8, len(p.links))
	for e := range state {
		if p.links[e].kind == 0 || !want(e) {
			continue
		}
		state[e] |= report
		for b := p.links[e].base; b >= 0 && state[b]&needed == 0; b = p.links[b].base {
			state[b] |= needed
		}
	}
	return state
}

// walker is one worker of a walk.
type walker[T any] struct {
	*opener
	first, again int64 // bytes of what was made, and of what was made again
	ctx          context.Context
	state        []uint8
	limits       Limits
	worker       int
	visit        func(int, *Object[T]) T
	object       Object[T] // that is visited

	stack  []*frame[T]
	unused []*frame[T]
	held   int64 // bytes of data on the stack
	copies []detect.Copy
	free   [][]byte // buffers
	spare  int64    // bytes of them
}

// frame is an object on the way from a root, as long as something is to be made of it.
type frame[T any] struct {
	entry int
	data  []byte // nil when it was let go
	err   error
	value T
	valid bool  // value is that of a visit
	next  int32 // what is to be made next
}

// forget drops what the visit has returned.
func (f *frame[T]) forget() {
	var zero T
	f.value, f.valid = zero, false
}

// tree visits a root and all below it.
func (w *walker[T]) tree(root int) {
	if w.state[root] == skip {
		return
	}
	w.enter(root)
	for len(w.stack) > 0 && w.ctx.Err() == nil {
		top := w.stack[len(w.stack)-1]
		child := top.next
		if child == none {
			w.leave()
			continue
		}
		top.next = w.wanted(w.pack.links[child].next)
		w.enter(int(child))
	}
	for len(w.stack) > 0 {
		w.leave()
	}
}

// wanted returns the first of a list of siblings that is not to be skipped.
func (w *walker[T]) wanted(e int32) int32 {
	for e != none && w.state[e] == skip {
		e = w.pack.links[e].next
	}
	return e
}

// enter makes an object, visits it, and puts it on the stack.
func (w *walker[T]) enter(entry int) {
	f := w.newFrame(entry)
	f.next = w.wanted(w.pack.links[entry].child)
	o := &w.object
	*o = Object[T]{Entry: entry, Kind: w.pack.links[entry].kind, Depth: len(w.stack)}
	leaf := f.next == none
	var done *frame[T] // nothing more is made of it
	w.copies = w.copies[:0]
	if len(w.stack) == 0 {
		f.data, f.err = w.whole(o, leaf)
	} else {
		base := w.stack[len(w.stack)-1]
		if f.err = base.err; f.err == nil {
			f.data, f.err = w.made(o, base)
		}
		if base.valid {
			o.Base, o.Copies = &base.value, w.copies
		}
		if base.next == none { // nothing more is made of it
			w.letGo(base)
			done = base
		}
	}
	o.Data, o.Err = f.data, f.err
	w.held += int64(cap(f.data))
	w.first += int64(len(f.data))
	if o.Err == nil && o.Size > w.limits.Max {
		o.Data, o.Err = nil, ErrTooLarge
	} else if o.Err == nil && o.Stream == nil {
		o.Err = w.identify(entry, f.data)
	}
	if w.state[entry]&report != 0 {
		f.value = w.visit(w.worker, o)
		f.valid = o.Err == nil && o.Stream == nil
	}
	if done != nil {
		done.forget()
	}
	w.stack = append(w.stack, f)
	if leaf {
		w.leave()
	} else {
		w.trim()
	}
}

// whole reads an object that is stored whole.
func (w *walker[T]) whole(o *Object[T], leaf bool) (data []byte, err error) {
	defer regular.Faults(&err, debug.SetPanicOnFault(true))
	from, _ := w.pack.limits(o.Entry)
	head, err := w.window.peek(from, maxHeader)
	if err != nil {
		return nil, err
	}
	h, err := parseHeader(head)
	if err != nil {
		return nil, err
	}
	o.Size = h.size
	switch {
	case h.size > w.limits.Max && (leaf || h.size > w.limits.Max*baseFactor):
		return nil, ErrTooLarge
	case leaf && w.limits.Stream > 0 && h.size >= w.limits.Stream && w.pack.idx.crcs > 0:
		o.Stream = w.pack.stream(o.Entry, h)
		return nil, nil
	}
	h, raw, err := w.raw(o.Entry)
	if err != nil {
		return nil, err
	}
	return w.inflate(w.buffer(h.size), raw, h.size)
}

// made makes an object of its base.
func (w *walker[T]) made(o *Object[T], base *frame[T]) ([]byte, error) {
	if err := w.restore(len(w.stack) - 1); err != nil {
		return nil, err
	}
	return w.patch(o, base.data)
}

// patch applies the delta of an entry to its base.
func (w *walker[T]) patch(o *Object[T], base []byte) (data []byte, err error) {
	delta, size, err := w.instructions(o.Entry, w.limits.Max*baseFactor)
	o.Size = size
	if err != nil {
		return nil, err
	}
	data, w.copies, err = apply(w.buffer(size), base, delta, w.copies[:0])
	return data, err
}

// instructions returns the delta of an entry, valid until the next call, and the size of its result, at most max.
func (o *opener) instructions(entry int, max int64) (delta []byte, size int64, err error) {
	defer regular.Faults(&err, debug.SetPanicOnFault(true))
	h, raw, err := o.raw(entry)
	if err != nil {
		return nil, 0, err
	}
	if h.size > max {
		return nil, h.size, ErrTooLarge
	}
	if o.delta, err = o.inflate(slices.Grow(o.delta[:0], int(h.size)+inflate.Slack), raw, h.size); err != nil {
		return nil, 0, err
	}
	_, size, _, err = deltaSizes(o.delta)
	if err == nil && size > max {
		err = ErrTooLarge
	}
	return o.delta, size, err
}

// restore makes the data of stack[i] again if it was let go, and what is needed for it. Of what it passes it keeps what lies half way to i,
// and half way from there, and so on: whoever goes back level by level comes by there next.
func (w *walker[T]) restore(i int) error {
	first := i
	for first > 0 && w.stack[first].data == nil {
		first--
	}
	keep := first + (i-first+1)/2
	last := none // what was made here and is not to be kept
	for k := first; k <= i; k++ {
		isNew := w.stack[k].data == nil
		if isNew {
			if err := w.remake(k); err != nil {
				return fmt.Errorf("the object it is made of: %w", err)
			}
		}
		if last != none {
			w.letGo(w.stack[last])
			last = none
		}
		switch {
		case !isNew || k == i:
		case k == keep && w.held <= 2*w.limits.Held:
			keep += (i - k + 1) / 2
		default:
			last = k
		}
	}
	return nil
}

// remake makes the data of stack[k], whose base is there.
func (w *walker[T]) remake(k int) (err error) {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	f := w.stack[k]
	o := Object[T]{Entry: f.entry}
	if k == 0 {
		f.data, err = w.whole(&o, false)
	} else {
		f.data, err = w.patch(&o, w.stack[k-1].data)
	}
	w.held += int64(cap(f.data))
	if w.again += int64(len(f.data)); err == nil && w.again > mostAgain*w.first+leastAgain {
		err = errAgain
	}
	return err
}

// trim lets go of what is furthest from the top while more is held than should be, and of what the visits have returned with it.
func (w *walker[T]) trim() {
	for i := 0; i < len(w.stack)-1 && w.held > w.limits.Held; i++ {
		f := w.stack[i]
		w.letGo(f)
		f.forget()
	}
}

func (w *walker[T]) leave() {
	last := len(w.stack) - 1
	f := w.stack[last]
	w.stack = w.stack[:last]
	w.letGo(f)
	f.forget()
	f.err = nil
	w.unused = append(w.unused, f)
}

func (w *walker[T]) newFrame(entry int) *frame[T] {
	if last := len(w.unused) - 1; last >= 0 {
		f := w.unused[last]
		w.unused = w.unused[:last]
		f.entry = entry
		return f
	}
	return &frame[T]{entry: entry}
}

// letGo keeps a frame's buffer for the next objects, and not its data.
func (w *walker[T]) letGo(f *frame[T]) {
	if f.data == nil {
		return
	}
	size := int64(cap(f.data))
	w.held -= size
	if len(w.free) < maxFree && size <= maxFreeSize && w.spare+size <= w.limits.Held {
		w.free = append(w.free, f.data)
		w.spare += size
	}
	f.data = nil
}

// So many buffers of at most so many bytes, and no more than are held on the way, are kept for the next objects.
const (
	maxFree     = 64
	maxFreeSize = 2 << 20
)

// buffer returns an empty buffer with room for size bytes: the smallest that is kept, unless it is much too large, or a new one.
func (w *walker[T]) buffer(size int64) []byte {
	best, least := -1, 2*size+64<<10
	for i, b := range w.free {
		if n := int64(cap(b)); n >= size && n <= least {
			best, least = i, n
		}
	}
	if best >= 0 {
		b := w.free[best]
		last := len(w.free) - 1
		w.free[best] = w.free[last]
		w.free = w.free[:last]
		w.spare -= int64(cap(b))
		return b[:0]
	}
	if len(w.free) == maxFree { // none of them fits: the oldest makes room
		w.spare -= int64(cap(w.free[0]))
		w.free = w.free[1:]
	}
	return make([]byte, 0, max(size+size/8, 4<<10)+inflate.Slack)
}
