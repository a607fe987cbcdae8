package filescan

import (
	"container/heap"
	"context"
	"errors"
	"sync"

	"github.com/keysieve/keysieve/detect"
)

// A walk goes through the roots in order, while other goroutines list the directories that come next.
type walk struct {
	ctx   context.Context
	src   *Source
	taken map[string]bool // real paths of the roots
	yield func(detect.Fragment, error) bool

	wg      sync.WaitGroup
	mu      sync.Mutex
	changed *sync.Cond
	next    dirHeap // to be listed; also some that the walk itself has listed by now
	ahead   int     // files that are listed and not yielded
	started bool
	stopped bool
}

func newWalk(ctx context.Context, s *Source, taken map[string]bool, yield func(detect.Fragment, error) bool) *walk {
	w := &walk{ctx: ctx, src: s, taken: taken, yield: yield}
	w.changed = sync.NewCond(&w.mu)
	return w
}

// push makes a root known to those who list ahead, and starts them with the first one.
func (w *walk) push(d *dir) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.started {
		w.started = true
		for range w.src.readers {
			w.wg.Go(w.listAhead)
		}
	}
	heap.Push(&w.next, d)
	w.changed.Broadcast()
}

// stop ends the goroutines and waits for them.
func (w *walk) stop() {
	w.mu.Lock()
	w.stopped = true
	w.changed.Broadcast()
	w.mu.Unlock()
	w.wg.Wait()
}

// listAhead lists directories, in the order in which the walk will come to them.
func (w *walk) listAhead() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.stopped {
		if len(w.next) == 0 || w.ahead >= w.src.maxAhead {
			w.changed.Wait()
			continue
		}
		if d := heap.Pop(&w.next).(*dir); d.state == unlisted {
			w.list(d)
		}
	}
}

// list lists a directory. w.mu is held, but not while the directory is read.
func (w *walk) list(d *dir) {
	d.state = listing
	w.mu.Unlock()
	d.list(w.src, w.taken)
	w.mu.Lock()
	d.state = listed
	w.ahead += len(d.entries)
	for _, sub := range d.subs {
		heap.Push(&w.next, sub)
	}
	w.changed.Broadcast()
}

// await returns once the directory is listed. It does that itself if nobody has begun to.
func (w *walk) await(d *dir) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d.state == unlisted {
		w.list(d)
	}
	for d.state != listed {
		w.changed.Wait()
	}
	w.ahead -= len(d.entries)
	w.changed.Broadcast()
}

// root yields everything at a root. It reports whether to go on.
func (w *walk) root(r *root) bool {
	switch {
	case r.stream:
		w.src.account(func(c *Coverage) { c.Enumerated.Files++ })
		return w.alive() && w.src.streamChunks(w.ctx, r.name, w.src.opts.Stdin, w.yield)
	case r.dir != nil:
		return w.dir(r.dir)
	case r.file != nil:
		return w.file(*r.file)
	}
	if r.err == nil { // a FIFO or a device, which was asked for by name
		r.err = errNamedSpecial
	}
	w.src.account(func(c *Coverage) {
		c.Enumerated.Files++
		c.Failed.Files++
	})
	return w.yield(detect.Fragment{}, inputError(r.name, r.err))
}

var errNamedSpecial = errors.New(`not a regular file: to scan what comes out of it, make it the standard input and name "-"`)

// dir yields everything in a directory. It reports whether to go on.
func (w *walk) dir(d *dir) bool {
	w.await(d)
	w.src.account(func(c *Coverage) { c.met(&d.met) })
	if d.err != nil && !w.yield(detect.Fragment{}, inputError(d.name(), d.err)) {
		return false
	}
	for i := range d.entries {
		e := &d.entries[i]
		if e.isDir() {
			sub := d.subs[e.sub()]
			d.subs[e.sub()] = nil // what it holds can go once it is done
			if !w.dir(sub) {
				return false
			}
			continue
		}
		if !w.file(d.file(e)) {
			return false
		}
	}
	return true
}

// alive yields the context's error if there is one.
func (w *walk) alive() bool {
	if err := w.ctx.Err(); err != nil {
		w.yield(detect.Fragment{}, err)
		return false
	}
	return true
}

// file yields the fragments of a regular file. It reports whether to go on.
func (w *walk) file(f file) bool {
	if !w.alive() {
		return false
	}
	s := w.src
	limit := s.opts.MaxSize
	s.account(func(c *Coverage) {
		c.Enumerated.add(1, max(f.size, 0))
		if limit > 0 && f.size > limit {
			c.TooLarge.add(1, f.size)
		}
	})
	switch {
	case limit > 0 && f.size > limit:
		return true
	case f.size > int64(s.sizes.whole):
		return s.fileChunks(w.ctx, f, w.yield)
	}
	return w.yield(s.whole(f), nil)
}

// A dirHeap gives out directories in the order of the walk.
type dirHeap []*dir

func (h dirHeap) Len() int           { return len(h) }
func (h dirHeap) Less(i, j int) bool { return h[i].before(h[j]) }
func (h dirHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dirHeap) Push(d any)        { *h = append(*h, d.(*dir)) }
func (h *dirHeap) Pop() any {
	last := len(*h) - 1
	d := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return d
}
