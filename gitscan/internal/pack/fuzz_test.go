package pack

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// writer writes packs, of which an index can be made whatever is in them.
type writer struct {
	data  []byte
	ids   []object.ID
	at    []int64
	wants map[object.ID][]byte // what the objects are to be
}

func newWriter() *writer {
	return &writer{data: []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00"), wants: make(map[object.ID][]byte)}
}

// entry adds an entry.
func (w *writer) entry(id object.ID, h header, content []byte) {
	w.ids, w.at = append(w.ids, id), append(w.at, int64(len(w.data)))
	w.data = append(w.data, h.encode()...)
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(content)
	_ = z.Close()
	w.data = append(w.data, packed.Bytes()...)
}

// encode writes a header as parseHeader reads it.
func (h header) encode() []byte {
	b := []byte{byte(h.typ)<<4 | byte(h.size&15)}
	for rest := h.size >> 4; rest > 0; rest >>= 7 {
		b[len(b)-1] |= 0x80
		b = append(b, byte(rest&0x7f))
	}
	switch h.typ {
	case refDelta:
		b = append(b, h.base[:]...)
	case ofsDelta:
		b = append(b, backBytes(h.back)...)
	}
	return b
}

// backBytes writes how far a base is before an entry.
func backBytes(back int64) []byte {
	b := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		b = append([]byte{byte(back&0x7f) | 0x80}, b...)
	}
	return b
}

func (w *writer) whole(kind object.Kind, text string) object.ID {
	id := object.Hash(kind, []byte(text))
	w.entry(id, header{typ: int(kind), size: int64(len(text))}, []byte(text))
	w.wants[id] = []byte(text)
	return id
}

// delta adds a blob that is made of another one: of its first n bytes, and text.
func (w *writer) delta(base object.ID, n int, text string, byID bool) object.ID {
	old := w.wants[base]
	made := append(slices.Clone(old[:n]), text...)
	id := object.Hash(object.Blob, made)
	d := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(len(old))), uint64(len(made)))
	d = append(d, 0xb0, byte(n), byte(n>>8), byte(len(text)))
	d = append(d, text...)
	h := header{typ: ofsDelta, size: int64(len(d)), back: int64(len(w.data)) - w.at[slices.Index(w.ids, base)]}
	if byID {
		h.typ, h.base = refDelta, base
	}
	w.entry(id, h, d)
	w.wants[id] = made
	return id
}

// index returns the index of a pack with these bytes, whose CRCs are right.
func (w *writer) index(data []byte, version int) []byte {
	order := make([]int, len(w.ids))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return w.ids[a].Compare(w.ids[b]) })
	var out []byte
	if version == 2 {
		out = []byte(idxMagic + "\x00\x00\x00\x02")
	}
	for b := range 256 {
		n := 0
		for _, id := range w.ids {
			if int(id[0]) <= b {
				n++
			}
		}
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, i := range order {
		if version == 1 {
			out = binary.BigEndian.AppendUint32(out, uint32(w.at[i]))
		}
		out = append(out, w.ids[i][:]...)
	}
	if version == 2 {
		for _, i := range order {
			end := int64(len(data))
			if i+1 < len(w.at) {
				end = min(end, w.at[i+1])
			}
			out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(data[min(w.at[i], end):end]))
		}
		for _, i := range order {
			out = binary.BigEndian.AppendUint32(out, uint32(w.at[i]))
		}
	}
	return append(out, make([]byte, idxTrailer)...)
}

// smallPack has objects of all kinds and deltas of both types, one of them before its base.
func smallPack() *writer {
	w := newWriter()
	a := w.whole(object.Blob, "the quick brown fox jumps over the lazy dog\n")
	b := w.delta(a, 20, "cat", false)
	w.delta(b, 10, "mouse and something longer than that", true)
	w.delta(a, 4, "slow", true)
	w.whole(object.Tree, "100644 file\x00"+string(a[:]))
	w.whole(object.Commit, "tree "+a.String()+"\n")
	w.delta(w.delta(b, 1, "x", false), 1, "y", false)
	w.whole(object.Blob, "")
	return w
}

// load opens a pack that is in memory, as one that is mapped.
func (w *writer) load(data []byte, version int) (*Pack, error) {
	file := w.file(data)
	return load("memory", bytes.NewReader(file), file, int64(len(file)), w.index(data, version))
}

// file returns the file of a pack with these bytes.
func (w *writer) file(data []byte) []byte {
	return append(slices.Clone(data), make([]byte, object.Size)...)
}

var fuzzLimits = Limits{Max: 1 << 20, Held: 64}

// read reads all entries in both ways, which have to agree, and returns what could be read.
func readPack(t testing.TB, p *Pack) map[object.ID]string {
	t.Helper()
	visits := make([]int, p.Len())
	texts := make(map[int]string)
	got := make(map[object.ID]string) // a damaged index can have an id twice
	err := Walk(context.Background(), p, 1, fuzzLimits, func(int) bool { return true }, func(_ int, o *Object[[]byte]) []byte {
		visits[o.Entry]++
		if o.Err != nil {
			return nil
		}
		if o.Base != nil {
			for _, c := range o.Copies {
				if !bytes.Equal(o.Data[c.At:c.At+c.Len], (*o.Base)[c.From:c.From+c.Len]) {
					t.Errorf("%s: %+v is no copy", p.ID(o.Entry), c)
				}
			}
		}
		texts[o.Entry] = fmt.Sprint(o.Kind, " ", string(o.Data))
		got[p.ID(o.Entry)] = texts[o.Entry]
		return slices.Clone(o.Data)
	})
	if err != nil {
		t.Fatal(err)
	}
	r := p.NewReader(fuzzLimits.Max, 100)
	for e := range p.Len() {
		if visits[e] != 1 {
			t.Errorf("entry %d was visited %d times", e, visits[e])
		}
		kind, data, err := r.Read(e)
		text, ok := texts[e]
		if ok != (err == nil) || ok && text != fmt.Sprint(kind, " ", string(data)) {
			t.Errorf("entry %d: %v, %q; the walk says %q", e, err, data, text)
		}
	}
	return got
}

func TestSmallPack(t *testing.T) {
	for version := 1; version <= 2; version++ {
		w := smallPack()
		for _, mapped := range []bool{true, false} {
			p, err := w.load(w.data, version)
			if err != nil {
				t.Fatal(err)
			}
			if !mapped {
				p.data = nil
			}
			got := readPack(t, p)
			for _, id := range w.ids {
				if text := fmt.Sprint(p.Kind(entryOf(p, id)), " ", string(w.wants[id])); got[id] != text {
					t.Errorf("version %d: %q, want %q", version, got[id], text)
				}
			}
		}
	}
}

// TestCutShort reads packs that have become shorter since they were opened, or between their size and their headers.
func TestCutShort(t *testing.T) {
	w := newWriter()
	for n := range 5 {
		base := w.whole(object.Blob, noise(n, 5000))
		for m := range 3 {
			w.delta(base, 100*m+1, noise(10*n+m, 120), false)
		}
	}
	path := filepath.Join(t.TempDir(), "pack")
	write := func(name string, data []byte) {
		if err := os.WriteFile(path+name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(".idx", w.index(w.data, 2))
	last := 0
	for pages := range len(w.data)/4096 + 2 {
		write(".pack", w.file(w.data))
		p, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path+".pack", int64(4096*pages)); err != nil {
			t.Fatal(err)
		}
		n := len(readPack(t, p))
		p.roots = nil
		p.link()
		if readPack(t, p); n < last {
			t.Errorf("%d objects could be read in %d pages, and %d in fewer", n, pages, last)
		}
		last = n
		p.Close()
	}
	if last != len(w.ids) {
		t.Errorf("%d objects of %d in all pages", last, len(w.ids))
	}
}

// noise returns text that cannot be compressed much.
func noise(seed, n int) string {
	r := rand.New(rand.NewPCG(uint64(seed), 0))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

func entryOf(p *Pack, id object.ID) int {
	e, _ := p.Find(id)
	return e
}

// FuzzPack changes bytes of a pack, three input bytes for each: its place and the new value. The index has CRCs of what is there.
// What can be read is what go-git makes of it.
func FuzzPack(f *testing.F) {
	w := smallPack()
	f.Add([]byte{})
	f.Add([]byte{12, 0, 0xff})
	for _, at := range w.at {
		for i := range int64(4) {
			f.Add([]byte{byte(at + i), byte((at + i) >> 8), 0x61})
		}
	}
	f.Fuzz(func(t *testing.T, patch []byte) {
		data := slices.Clone(w.data)
		for ; len(patch) >= 3; patch = patch[3:] {
			data[(int(patch[0])|int(patch[1])<<8)%len(data)] = patch[2]
		}
		p, err := w.load(data, 2)
		if err != nil {
			t.Fatal(err)
		}
		got := readPack(t, p)
		theirs := goGit(t, w, data)
		for id, text := range got {
			o, err := theirs.Get(plumbing.Hash(id))
			if err != nil {
				continue // it is stricter about some things
			}
			r, err := o.Reader()
			if err != nil {
				continue
			}
			want, err := io.ReadAll(r)
			if err == nil && text != fmt.Sprint(o.Type(), " ", string(want)) {
				t.Errorf("%s: %q, want %s %q", id, text, o.Type(), want)
			}
		}
		// The ids are checked where there is nothing else.
		if p, err = w.load(data, 1); err != nil {
			t.Fatal(err)
		}
		for id, text := range readPack(t, p) {
			if _, content, _ := bytes.Cut([]byte(text), []byte(" ")); object.Hash(p.Kind(entryOf(p, id)), content) != id {
				t.Errorf("%s: %q", id, text)
			}
		}
	})
}

// lockable is a file in memory with the methods that go-git wants.
type lockable struct{ *bytes.Reader }

func (lockable) Lock() error               { return nil }
func (lockable) Unlock() error             { return nil }
func (lockable) Close() error              { return nil }
func (lockable) Name() string              { return "memory" }
func (lockable) Truncate(int64) error      { return errors.ErrUnsupported }
func (lockable) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

// signed puts the checksum at the end of an index.
func signed(index []byte) []byte {
	sum := sha1.Sum(index[:len(index)-object.Size])
	return append(index[:len(index)-object.Size], sum[:]...)
}

func goGit(t *testing.T, w *writer, data []byte) *packfile.Packfile {
	idx := idxfile.NewMemoryIndex()
	index := w.index(data, 2)
	if err := idxfile.NewDecoder(bytes.NewReader(signed(index))).Decode(idx); err != nil {
		t.Fatal(err)
	}
	return packfile.NewPackfile(idx, nil, lockable{bytes.NewReader(append(slices.Clone(data), make([]byte, object.Size)...))}, 0)
}

// FuzzIndex reads whatever claims to be an index.
func FuzzIndex(f *testing.F) {
	w := smallPack()
	f.Add(w.index(w.data, 1))
	f.Add(w.index(w.data, 2))
	f.Add(newWriter().index(nil, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := parseIndex(data)
		if err != nil {
			return
		}
		n := x.count()
		if n*24 > len(data) {
			t.Fatalf("%d objects in %d bytes", n, len(data))
		}
		places := x.places()
		seen := make([]bool, n)
		for i, at := range places {
			if i > 0 && at.offset < places[i-1].offset || seen[at.pos] {
				t.Fatal("not in the order of the pack, or twice")
			}
			seen[at.pos] = true
		}
		for pos := range n {
			x.crc(pos)
			if found, ok := x.find(x.id(pos)); ok && x.id(found) != x.id(pos) {
				t.Fatal("another object is found")
			}
		}
		x.find(object.ID{})
		x.find(object.ID{0xff, 0xff})
		if p, err := load("memory", bytes.NewReader(w.data), nil, int64(len(w.data)), data); err == nil {
			readPack(t, p)
		}
	})
}

// FuzzHeader compares with go-git's reader.
func FuzzHeader(f *testing.F) {
	for _, h := range []header{{typ: 1, size: 5}, {typ: 3, size: 1 << 40}, {typ: ofsDelta, size: 300, back: 1}, {typ: ofsDelta, back: 1 << 33}, {typ: refDelta, size: 77, base: object.ID{1}}} {
		f.Add(h.encode())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := parseHeader(raw)
		if err != nil {
			return
		}
		if h.len > len(raw) || h.len > maxHeader+10 {
			t.Fatalf("%d bytes of %d", h.len, len(raw))
		}
		again, err := parseHeader(h.encode())
		if again.len = h.len; err != nil || again != h {
			t.Fatalf("%+v, and then %+v, %v", h, again, err)
		}
		s := packfile.NewScanner(bytes.NewReader(append([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01"), raw...)))
		if _, _, err := s.Header(); err != nil {
			t.Fatal(err)
		}
		theirs, err := s.NextObjectHeader()
		if err != nil {
			return
		}
		if int(theirs.Type) != h.typ || theirs.Length != h.size || h.typ == refDelta && object.ID(theirs.Reference) != h.base ||
			h.typ == ofsDelta && theirs.OffsetReference != 12-h.back {
			t.Errorf("%+v, want %+v", h, theirs)
		}
	})
}

// FuzzApply compares with go-git's.
func FuzzApply(f *testing.F) {
	f.Add([]byte("base"), []byte{4, 6, 0x90, 4, 2, 'a', 'b'})
	f.Add([]byte("base"), []byte{4, 3, 0x91, 1, 3})
	f.Add([]byte("base"), []byte{4, 0x80, 0x80, 4, 0x80})
	f.Add([]byte("base"), []byte{4, 0})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		_, size, _, err := deltaSizes(delta)
		if err != nil || size > 1<<20 {
			return
		}
		got, copies, err := apply(make([]byte, 0, size), base, delta, nil)
		want, err2 := packfile.PatchDelta(base, delta)
		if err == nil && int64(len(got)) != size {
			t.Fatalf("%d bytes of %d", len(got), size)
		}
		longer := err2 != nil && strings.Contains(err2.Error(), "overflow") // a number with more bytes than it needs
		if len(base) > 0 && !longer && (err == nil) != (err2 == nil) {
			t.Fatalf("%v, and go-git says %v", err, err2)
		}
		if err == nil && err2 == nil && !bytes.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
		checkCopies(t, base, got, copies, err)
	})
}

func checkCopies(t *testing.T, base, got []byte, copies []detect.Copy, err error) {
	at := 0
	for _, c := range copies {
		if c.At < at || c.Len <= 0 || err == nil && !bytes.Equal(got[c.At:c.At+c.Len], base[c.From:c.From+c.Len]) {
			t.Fatalf("%+v of %+v", c, copies)
		}
		at = c.At + c.Len
	}
}
