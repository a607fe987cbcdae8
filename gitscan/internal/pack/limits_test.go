package pack

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// repeating is a delta whose result is n times the first size bytes of its base.
func repeating(baseSize, size, n int) []byte {
	d := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(baseSize)), uint64(size)*uint64(n))
	return append(d, bytes.Repeat([]byte{0xb0, byte(size), byte(size >> 8)}, n)...)
}

// TestBombs reads packs that announce, or make, much more than they have. What is too much is an error and takes no memory.
func TestBombs(t *testing.T) {
	const max = 1 << 20
	base := strings.Repeat("x", 60_000)
	small := object.ID{1} // made of the base
	cases := []struct {
		name  string
		entry func(w *writer, id, base object.ID)
		large bool // the error is ErrTooLarge
	}{
		{"object of 2^55 bytes", func(w *writer, id, _ object.ID) { w.entry(id, header{typ: 3, size: 1 << 55}, []byte("x")) }, true},
		{"object of 2^60 bytes", func(w *writer, id, _ object.ID) { w.entry(id, header{typ: 3, size: 1 << 60}, []byte("x")) }, false},
		{"object above the limit", func(w *writer, id, _ object.ID) { w.entry(id, header{typ: 3, size: max + 1}, make([]byte, max+1)) }, true},
		{"object that has less", func(w *writer, id, _ object.ID) { w.entry(id, header{typ: 3, size: max}, []byte("x")) }, false},
		{"object that has more", func(w *writer, id, _ object.ID) { w.entry(id, header{typ: 3, size: 10}, make([]byte, 100<<20)) }, false},
		{"delta of 2^60 bytes", func(w *writer, id, base object.ID) {
			w.entry(id, header{typ: refDelta, size: 1 << 60, base: base}, []byte("x"))
		}, false},
		{"result of 2^60 bytes", func(w *writer, id, base object.ID) {
			d := binary.AppendUvarint(binary.AppendUvarint(nil, 60_000), 1<<60)
			w.entry(id, header{typ: refDelta, size: int64(len(d)), base: base}, d)
		}, true},
		{"100 MB of copies", func(w *writer, id, base object.ID) {
			d := repeating(60_000, 50_000, 2000)
			w.entry(id, header{typ: refDelta, size: int64(len(d)), base: base}, d)
		}, true},
		{"copies of copies", func(w *writer, id, base object.ID) {
			d := repeating(60_000, 60_000, 60)
			w.entry(object.ID{7}, header{typ: refDelta, size: int64(len(d)), base: base}, d)
			d = repeating(3_600_000, 65_535, 1000)
			w.entry(id, header{typ: refDelta, size: int64(len(d)), base: object.ID{7}}, d)
		}, true},
		{"delta of another base", func(w *writer, id, base object.ID) {
			d := repeating(60_001, 1, 1)
			w.entry(id, header{typ: refDelta, size: int64(len(d)), base: base}, d)
		}, false},
		{"made of itself", func(w *writer, id, _ object.ID) {
			w.entry(id, header{typ: refDelta, size: 1, base: id}, []byte("x"))
		}, false},
		{"in circles", func(w *writer, id, _ object.ID) {
			w.entry(object.ID{7}, header{typ: refDelta, size: 1, base: id}, []byte("x"))
			w.entry(id, header{typ: refDelta, size: 1, base: object.ID{7}}, []byte("x"))
		}, false},
		{"base before the pack", func(w *writer, id, _ object.ID) {
			w.entry(id, header{typ: ofsDelta, size: 1, back: 1 << 40}, []byte("x"))
		}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWriter()
			whole := w.whole(object.Blob, base)
			id := object.ID{0xee}
			c.entry(w, id, whole)
			d := repeating(60_000, 4, 1)
			w.entry(small, header{typ: refDelta, size: int64(len(d)), base: whole}, d)
			p, err := w.load(w.data, 2)
			if err != nil {
				t.Fatal(err)
			}
			limits := Limits{Max: max, Stream: max / 2, Held: max}
			before := allocated()
			errs := make(map[object.ID]error)
			_ = Walk(context.Background(), p, 1, limits, func(int) bool { return true }, func(_ int, o *Object[struct{}]) (none struct{}) {
				errs[p.ID(o.Entry)] = o.Err
				if o.Stream != nil {
					_, errs[p.ID(o.Entry)] = io.Copy(io.Discard, o.Stream)
				}
				return
			})
			_, _, err = p.NewReader(max, 0).Read(entryOf(p, id))
			if used := allocated() - before; used > 40<<20 {
				t.Errorf("%d MB were allocated", used>>20)
			}
			if errs[id] == nil || err == nil || errors.Is(errs[id], ErrTooLarge) != c.large {
				t.Errorf("%v, and by itself: %v", errs[id], err)
			}
			if err, ok := errs[small]; err != nil || !ok {
				t.Errorf("what is beside it: %v", err)
			}
		})
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestWalkMakesAgain walks a tree of deltas with room for hardly any of them, which makes it make some again.
func TestWalkMakesAgain(t *testing.T) {
	w := newWriter()
	ids := []object.ID{w.whole(object.Blob, strings.Repeat("some text ", 20))}
	for i := range 200 {
		text := strings.Repeat(string(rune('a'+i%26)), 1+i%7)
		ids = append(ids, w.delta(ids[i*7/11], 20+i%30, text+strings.Repeat("-", 100), i%2 == 0))
	}
	for _, held := range []int64{0, 1000, 1 << 20} {
		for _, every := range []int{1, 3, 50} {
			p, err := w.load(w.data, 2)
			if err != nil {
				t.Fatal(err)
			}
			wanted := func(e int) bool { return slices.Index(ids, p.ID(e))%every == 0 }
			n := 0
			_ = Walk(context.Background(), p, 3, Limits{Max: 1 << 20, Held: held}, wanted, func(_ int, o *Object[int]) int {
				if n++; o.Err != nil || !bytes.Equal(o.Data, w.wants[p.ID(o.Entry)]) || !wanted(o.Entry) {
					t.Errorf("held %d, %s: %q, %v", held, p.ID(o.Entry), o.Data, o.Err)
				}
				return 0
			})
			if want := (len(ids) + every - 1) / every; n != want {
				t.Errorf("held %d, one of %d: %d visits, want %d", held, every, n, want)
			}
		}
	}
}

// TestStreamDamage changes each byte of an entry that is read as a stream.
func TestStreamDamage(t *testing.T) {
	w := newWriter()
	id := w.whole(object.Blob, strings.Repeat("some text\n", 1000))
	idx := w.index(w.data, 2)
	for at := 12; at < len(w.data); at++ {
		data := append(slices.Clone(w.data), make([]byte, object.Size)...)
		data[at] ^= 1 << (at % 8)
		p, err := load("memory", bytes.NewReader(data), nil, int64(len(data)), idx)
		if err != nil {
			t.Fatal(err)
		}
		_ = Walk(context.Background(), p, 1, Limits{Max: 1 << 20, Stream: 100}, func(int) bool { return true }, func(_ int, o *Object[struct{}]) (none struct{}) {
			err := o.Err
			if o.Stream != nil {
				_, err = io.Copy(io.Discard, o.Stream)
			}
			if err == nil || p.ID(o.Entry) != id {
				t.Errorf("byte %d: nothing is noticed", at)
			}
			return
		})
	}
}

// TestReaderBackwards reads a long chain of deltas from its end to its root, with a memory that holds little of it.
func TestReaderBackwards(t *testing.T) {
	const size, n = 50_000, 3000
	w := newWriter()
	text := strings.Repeat("x", size)
	ids := []object.ID{w.whole(object.Blob, text)}
	for i := range n {
		ids = append(ids, w.delta(ids[i], size-8*i, strings.Repeat(string(rune('a'+i%26)), 8), true))
	}
	p, err := w.load(w.data, 2)
	if err != nil {
		t.Fatal(err)
	}
	r := p.NewReader(1<<20, 1<<20)
	for i := len(ids) - 1; i >= 0; i-- {
		if _, data, err := r.Read(entryOf(p, ids[i])); err != nil || !bytes.Equal(data, w.wants[ids[i]]) {
			t.Fatalf("%d of the chain: %d bytes, %v", i, len(data), err)
		}
		r.Release()
	}
	if most := int64(20 * n * size); r.made > most {
		t.Errorf("%d MB were made for %d MB", r.made>>20, n*size>>20)
	}
}
