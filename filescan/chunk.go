package filescan

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/internal/text"
)

// sizes are the limits of reading, in bytes; tests make them small.
type sizes struct {
	whole   int // files up to this size are one fragment
	chunk   int // what a chunk of a larger one owns, as stored
	overlap int // what it shows before and after that
}

func defaultSizes() sizes { return sizes{whole: 8 << 20, chunk: 4 << 20, overlap: 64 << 10} }

// A stream may be handed out this many chunks ahead of those that are read. It is more than a scanner keeps in its
// queue, and keeps a consumer that loads nothing until the end of the sequence from waiting for that end.
const maxUnread = 1024

// A chunked input is read from its beginning to its end, in chunks that may be loaded from many goroutines and in any
// order. Nobody waits for somebody else's Load to be called: whoever needs a chunk reads those before it too.
type chunked struct {
	src  *Source
	ctx  context.Context
	name string
	open func() (io.Reader, error)

	mu       sync.Mutex
	unread   []*chunk // handed out, in order
	in       *text.Reader
	stop     func() // closes what open has opened
	tail     []byte // end of the last chunk, which the next one shows too
	tailOwn  int    // where in tail begins what the next one owns
	tailBase detect.Position
	size     int64 // of the input in the account, in bytes; 0 at first for a stream
	counted  int64 // bytes in the account as scanned
	ended    bool
	binary   bool
}

// A chunk is one fragment of a chunked input.
type chunk struct {
	final    bool // the last one that will be handed out
	ready    bool
	fragment detect.Fragment
	err      error
}

// fileChunks yields the fragments of a large file. Their number depends on its size alone.
func (s *Source) fileChunks(ctx context.Context, f file, yield func(detect.Fragment, error) bool) bool {
	c := &chunked{src: s, ctx: ctx, name: f.name, size: f.size, stop: func() {}}
	c.open = func() (io.Reader, error) { return c.openFile(f) }
	for shown := int64(s.sizes.chunk + s.sizes.overlap); ; shown += int64(s.sizes.chunk) {
		final := shown >= f.size
		if !yield(c.next(final), nil) {
			return false
		}
		if final {
			return true
		}
	}
}

// openFile opens the file of a chunked input. It is closed also if the input is never read to its end.
func (c *chunked) openFile(f file) (io.Reader, error) {
	h, err := c.src.open(f.path, f.follow)
	if err != nil {
		return nil, err
	}
	regular, err := h.regular()
	if err == nil && !regular {
		err = errNotRegular
	}
	if err != nil {
		h.Close()
		return nil, err
	}
	cleanup := runtime.AddCleanup(c, func(h handle) { h.Close() }, h)
	c.stop = func() {
		cleanup.Stop()
		h.Close()
	}
	return h, nil
}

// streamChunks yields the fragments of a stream, whose end only reading tells: some may come after it, empty.
func (s *Source) streamChunks(ctx context.Context, name string, r io.Reader, yield func(detect.Fragment, error) bool) bool {
	c := &chunked{src: s, ctx: ctx, name: name, stop: func() {}}
	c.open = func() (io.Reader, error) { return r, nil }
	for more := true; more; more = c.more() {
		if !yield(c.next(false), nil) {
			return false
		}
	}
	return true
}

// next hands out one more chunk.
func (c *chunked) next(final bool) detect.Fragment {
	k := &chunk{final: final}
	k.fragment.Origin.Path = c.name
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unread = append(c.unread, k)
	return detect.Fragment{
		Origin: k.fragment.Origin,
		Load:   func(buf *[]byte) (detect.Fragment, error) { return c.load(k, buf) },
	}
}

// more reports whether a stream may have one more chunk.
func (c *chunked) more() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.unread) >= maxUnread && !c.ended {
		c.readNext(new([]byte))
	}
	return !c.ended
}

// load returns the fragment of chunk k, once. Chunks before it that nobody has loaded yet are read into memory of their own.
func (c *chunked) load(k *chunk, buf *[]byte) (detect.Fragment, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !k.ready {
		if c.unread[0] == k {
			c.readNext(buf)
		} else {
			c.readNext(new([]byte))
		}
	}
	f := k.fragment
	k.fragment = detect.Fragment{Origin: f.Origin}
	return f, k.err
}

// readNext reads the first unread chunk, which is empty if the input has ended.
func (c *chunked) readNext(buf *[]byte) {
	k := c.unread[0]
	c.unread[0] = nil
	c.unread = c.unread[1:]
	k.ready = true
	if c.ended {
		return
	}
	if k.err = c.ctx.Err(); k.err != nil {
		return
	}
	err := c.read(k, buf)
	if err == nil {
		return
	}
	c.ended = true
	c.stop()
	c.account(err)
	switch {
	case err == io.EOF, errors.Is(err, errNotRegular):
	default:
		k.err = inputError(c.name, err)
	}
}

// read makes chunk k. With io.EOF the input has ended well; with any other error the chunk has what came before it.
func (c *chunked) read(k *chunk, buf *[]byte) error {
	budget := c.src.sizes.chunk
	if c.in == nil {
		if err := c.begin(); err != nil {
			return err
		}
		budget += c.src.sizes.overlap
	}
	data := append((*buf)[:0], c.tail...)
	if c.size > 0 { // a file, or a stream that has filled a chunk before; others get room as they need it
		data = slices.Grow(data, budget)
	}
	if k.final {
		budget += c.src.sizes.chunk // the file may have grown
	}
	data, err := c.in.Append(data, budget)
	*buf = data
	if err == nil && k.final {
		err = growthError{c.in.Taken()}
	}
	end := len(data)
	if err == nil {
		end = max(end-c.src.sizes.overlap, c.tailOwn)
	}
	f := &k.fragment
	f.Data, f.Base = data, c.tailBase
	f.Own = &detect.Range{Start: c.tailOwn, End: end}
	f.Binary = text.IsBinary(data)
	c.binary = c.binary || f.Binary
	if err == nil {
		c.account(nil)
		c.carry(data, end)
	}
	return err
}

// begin opens the input and finds out how its text is stored.
func (c *chunked) begin() error {
	r, err := c.open()
	if err != nil {
		return err
	}
	c.in = text.NewReader(r)
	c.tailBase = start(c.in.BOM())
	return nil
}

// carry keeps what the next chunk shows of this one, which owns its text up to end.
func (c *chunked) carry(text []byte, end int) {
	drop := max(end-c.src.sizes.overlap, 0)
	c.tailBase = c.tailBase.After(text[:drop])
	c.tail = append(c.tail[:0], text[drop:]...)
	c.tailOwn = end - drop
}

// account enters what was read: so far (nil), to the end (io.EOF), or until an error.
func (c *chunked) account(err error) {
	taken := c.counted
	if c.in != nil {
		taken = c.in.Taken()
	}
	c.src.account(func(a *Coverage) {
		if taken > c.size {
			a.Enumerated.Bytes += taken - c.size
			c.size = taken
		}
		switch {
		case err == nil:
			a.Scanned.Bytes += taken - c.counted
			c.counted = taken
		case err == io.EOF:
			a.Enumerated.Bytes -= c.size - taken
			a.Scanned.add(1, taken-c.counted)
			if c.binary {
				a.Binary.add(1, taken)
			}
		case errors.Is(err, errNotRegular):
			a.Enumerated.Bytes -= c.size
			a.Special.add(1, 0)
		default:
			a.Failed.add(1, c.size-c.counted)
		}
	})
}
