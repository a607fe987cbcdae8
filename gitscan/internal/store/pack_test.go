package store

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// packWriter writes packs that git would not.
type packWriter struct {
	t       testing.TB
	data    []byte
	offsets map[object.ID]int64
	zlib    *zlib.Writer
}

func newPackWriter(t testing.TB) *packWriter {
	return &packWriter{t: t, data: []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00"), offsets: make(map[object.ID]int64), zlib: zlib.NewWriter(nil)}
}

const (
	ofsDelta = 6
	refDelta = 7
)

// add adds an entry that is found under id: its type, the size that is announced, what stands before the compressed
// content, and the content. It returns its place.
func (w *packWriter) add(id object.ID, kind byte, size int, header, content []byte) int64 {
	offset := int64(len(w.data))
	w.offsets[id] = offset
	first, rest := byte(size&15)|kind<<4, size>>4
	for rest > 0 {
		w.data = append(w.data, first|0x80)
		first, rest = byte(rest&0x7f), rest>>7
	}
	w.data = append(w.data, first)
	w.data = append(w.data, header...)
	w.data = append(w.data, deflate(w.t, w.zlib, content)...)
	return offset
}

func deflate(t testing.TB, z *zlib.Writer, content []byte) []byte {
	var buf bytes.Buffer
	z.Reset(&buf)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func (w *packWriter) blob(content string) object.ID {
	id := object.Hash(object.Blob, []byte(content))
	w.add(id, byte(object.Blob), len(content), nil, []byte(content))
	return id
}

// index returns the pack's index, in version 2.
func (w *packWriter) index() []byte {
	ids := make([]object.ID, 0, len(w.offsets))
	for id := range w.offsets {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, object.ID.Compare)
	out := []byte("\xfftOc\x00\x00\x00\x02")
	for b := range 256 {
		n := 0
		for _, id := range ids {
			if int(id[0]) <= b {
				n++
			}
		}
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, id := range ids {
		out = append(out, id[:]...)
	}
	out = append(out, make([]byte, 4*len(ids))...)
	for _, id := range ids {
		out = binary.BigEndian.AppendUint32(out, uint32(w.offsets[id]))
	}
	return append(out, make([]byte, 2*sha1.Size)...)
}

// open writes the pack and opens the objects of a directory that has nothing else.
func (w *packWriter) open() *Objects {
	w.t.Helper()
	return openPack(w.t, w.index(), append(w.data, make([]byte, sha1.Size)...))
}

func openPack(t testing.TB, idx, pack []byte) *Objects {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "pack"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"pack-x.idx": idx, "pack-x.pack": pack} {
		if err := os.WriteFile(filepath.Join(dir, "pack", name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	objects, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { objects.Close() })
	return objects
}

// instructions returns a delta that makes target out of a base, of which it takes the first bytes, up to 255.
func instructions(base, take int, insert string) []byte {
	out := binary.AppendUvarint(nil, uint64(base))
	out = binary.AppendUvarint(out, uint64(take+len(insert)))
	if take > 0 {
		out = append(out, 0x80|0x10, byte(take))
	}
	for insert != "" {
		n := min(len(insert), 127)
		out = append(append(out, byte(n)), insert[:n]...)
		insert = insert[n:]
	}
	return out
}

func TestHandMadePack(t *testing.T) {
	w, ids := smallPack(t)
	objects := openPack(t, w.index(), w.data)
	for i, want := range []string{"hello world", "hello there", "hello, world"} {
		kind, data, err := objects.Object(ids[i], 12)
		if err != nil || kind != object.Blob || string(data) != want {
			t.Errorf("%s: %s, %q, %v", want, kind, data, err)
		}
	}
}

// A pack that somebody made to hurt. Each case returns the id of an object that cannot be had.
func TestHostilePacks(t *testing.T) {
	x, y := object.ID{1}, object.ID{2}
	small := instructions(3, 3, "")
	cases := []struct {
		name string
		make func(*packWriter) object.ID
		want string // part of the error
	}{
		{"delta of itself", func(w *packWriter) object.ID {
			w.add(x, refDelta, len(small), x[:], small)
			return x
		}, "made of each other"},
		{"deltas in circles", func(w *packWriter) object.ID {
			w.add(x, refDelta, len(small), y[:], small)
			w.add(y, refDelta, len(small), x[:], small)
			return x
		}, "made of each other"},
		{"a very long chain", func(w *packWriter) object.ID {
			last := w.blob("abc")
			for i := range maxChain + 1 {
				next := object.ID{3, byte(i), byte(i >> 8)}
				w.add(next, refDelta, len(small), last[:], small)
				last = next
			}
			return last
		}, "more than 10000 deltas"},
		{"delta of nothing", func(w *packWriter) object.ID {
			w.add(x, refDelta, len(small), y[:], small)
			return x
		}, "base 02"},
		{"delta before the beginning", func(w *packWriter) object.ID {
			w.add(x, ofsDelta, len(small), []byte{0x7f}, small)
			return x
		}, "cannot be read"},
		{"delta at no distance", func(w *packWriter) object.ID {
			w.add(x, ofsDelta, len(small), []byte{0}, small)
			return x
		}, "cannot be read"},
		{"another content", func(w *packWriter) object.ID {
			w.add(x, byte(object.Blob), 3, nil, []byte("abc"))
			return x
		}, "another id"},
		{"another kind", func(w *packWriter) object.ID {
			id := object.Hash(object.Blob, []byte("abc"))
			w.add(id, byte(object.Tree), 3, nil, []byte("abc"))
			return id
		}, "another id"},
		{"unknown type", func(w *packWriter) object.ID {
			w.add(x, 5, 3, nil, []byte("abc"))
			return x
		}, "unknown type"},
		{"more content than announced", func(w *packWriter) object.ID {
			w.add(x, byte(object.Blob), 2, nil, []byte("abc"))
			return x
		}, "cannot be read"},
		{"less content than announced", func(w *packWriter) object.ID {
			w.add(x, byte(object.Blob), 4, nil, []byte("abc"))
			return x
		}, "size"},
		{"an enormous size", func(w *packWriter) object.ID {
			w.add(x, byte(object.Blob), 1<<59, nil, []byte("abc"))
			return x
		}, "too large"},
		{"an enormous delta", func(w *packWriter) object.ID {
			w.add(x, refDelta, 1<<59, y[:], small)
			return x
		}, "too large"},
		{"an enormous result", func(w *packWriter) object.ID {
			delta := append(binary.AppendUvarint([]byte{3}, 1<<59), 0x80|0x10, 3)
			id := w.blob("abc")
			w.add(x, refDelta, len(delta), id[:], delta)
			return x
		}, "too large"},
		{"much work", func(w *packWriter) object.ID {
			last := w.blob(strings.Repeat("a", 1<<20))
			for i := range 2000 {
				delta := append(binary.AppendUvarint(binary.AppendUvarint(nil, 1<<20), 1<<20), 0x80|0x40, 16)
				next := object.ID{3, byte(i), byte(i >> 8)}
				w.add(next, refDelta, len(delta), last[:], delta)
				last = next
			}
			return last
		}, "too large"},
		{"a bomb", func(w *packWriter) object.ID {
			w.add(x, byte(object.Blob), 1<<20, nil, make([]byte, 64<<20))
			return x
		}, "cannot be read"},
		{"a place outside", func(w *packWriter) object.ID {
			w.offsets[x] = 1 << 30
			return x
		}, "outside of the pack"},
		{"a place in the header", func(w *packWriter) object.ID {
			w.offsets[x] = 0
			return x
		}, "outside of the pack"},
		{"a 64-bit place without a table", func(w *packWriter) object.ID {
			w.offsets[x] = 1 << 31
			return x
		}, "out of its table"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newPackWriter(t)
			id := c.make(w)
			objects := w.open()
			kind, data, err := objects.Object(id, 1<<20)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), id.String()) {
				t.Errorf("%s, %d bytes, %v; want %q", kind, len(data), err, c.want)
			}
			_, _, _ = objects.Stat(id)
			if _, _, stream, err := objects.Open(id, 1<<20); err == nil {
				if _, err := new(bytes.Buffer).ReadFrom(stream); err == nil {
					t.Error("Open reads it")
				}
				stream.Close()
			}
		})
	}
}

func TestBadPackIndex(t *testing.T) {
	w := newPackWriter(t)
	id := w.blob("abc")
	good := w.index()
	cases := []struct {
		name   string
		change func([]byte) []byte
	}{
		{"empty", func(b []byte) []byte { return nil }},
		{"cut short", func(b []byte) []byte { return b[:len(b)-1] }},
		{"version 3", func(b []byte) []byte { b[7] = 3; return b }},
		{"table not in order", func(b []byte) []byte { b[8] = 1; return b }},
		{"many objects", func(b []byte) []byte { b[8+255*4] = 0xff; return b }},
	}
	for _, c := range cases {
		objects := openPack(t, c.change(slices.Clone(good)), append(w.data, make([]byte, sha1.Size)...))
		var corrupt *CorruptError
		if _, _, err := objects.Object(id, 100); !errors.As(err, &corrupt) || !errors.Is(err, errBadIdx) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A loose object with the content that somebody made up; its id does not matter unless it is read to its end.
func TestLooseObjects(t *testing.T) {
	right := object.Hash(object.Blob, []byte("abc"))
	cases := []struct {
		name    string
		content string // to be compressed; nothing if it begins with "raw:"
		want    string // part of the error
	}{
		{"good", "blob 3\x00abc", ""},
		{"wrong content", "blob 3\x00abd", "another id"},
		{"wrong kind", "tree 3\x00abc", "another id"},
		{"shorter", "blob 3\x00ab", "size"},
		{"longer", "blob 3\x00abcd", "size"},
		{"large", "blob 99999999999\x00abc", "too large"},
		{"beyond numbers", "blob 9999999999999999999999\x00abc", "header"},
		{"negative", "blob -3\x00abc", "header"},
		{"unknown kind", "blub 3\x00abc", "header"},
		{"no end of the header", "blob 3 " + strings.Repeat(" ", 1000), "header"},
		{"empty", "", "header"},
		{"not compressed", "raw:blob 3\x00abc", "cannot be read"},
		{"empty file", "raw:", "cannot be read"},
	}
	for _, c := range cases {
		dir := t.TempDir()
		name := right.String()
		data, raw := strings.CutPrefix(c.content, "raw:")
		if !raw {
			data = string(deflate(t, zlib.NewWriter(nil), []byte(data)))
		}
		if err := os.Mkdir(filepath.Join(dir, name[:2]), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name[:2], name[2:]), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		objects, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := objects.Object(right, 1000)
		if c.want == "" && (err != nil || string(got) != "abc") || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

// Git knows the empty tree, which need not be stored.
func TestEmptyTree(t *testing.T) {
	objects, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	id := object.Hash(object.Tree, nil)
	if kind, data, err := objects.Object(id, 0); err != nil || kind != object.Tree || len(data) != 0 {
		t.Errorf("Object: %s, %q, %v", kind, data, err)
	}
	if kind, size, err := objects.Stat(id); err != nil || kind != object.Tree || size != 0 {
		t.Errorf("Stat: %s, %d, %v", kind, size, err)
	}
}

func TestOpenNothing(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil {
		t.Error("a file is taken for a directory of objects")
	}
}

func TestSplitPathList(t *testing.T) {
	cases := []struct {
		list string
		want []string
	}{
		{"", nil},
		{"/a", []string{"/a"}},
		{"/a:/b c:d", []string{"/a", "/b c", "d"}},
		{":/a::/b:", []string{"/a", "/b"}},
		{`"/a:b":/c`, []string{"/a:b", "/c"}},
		{`"/a\"b\\\n\303\251":/c`, []string{"/a\"b\\\n\u00e9", "/c"}},
		{`"/a`, []string{`"/a`}},
	}
	if os.PathListSeparator != ':' {
		t.Skip("paths are separated otherwise here")
	}
	for _, c := range cases {
		if got := SplitPathList(c.list); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.list, got, c.want)
		}
	}
}

func TestBasesAreBounded(t *testing.T) {
	var b bases
	for i := range 200 {
		b.put(int64(i), base{object.Blob, make([]byte, maxCached)})
		b.get(0)
	}
	if _, ok := b.get(0); !ok {
		t.Error("what is used again and again is forgotten")
	}
	if n := len(b.young) + len(b.old); n > 2*basesHalf/maxCached+2 {
		t.Errorf("%d bases of 1 MiB", n)
	}
	b.put(1000, base{object.Blob, make([]byte, maxCached+1)})
	if _, ok := b.get(1000); ok {
		t.Error("a large base is kept")
	}
}

// smallPack has a blob and two deltas of it, of both kinds.
func smallPack(t testing.TB) (w *packWriter, ids []object.ID) {
	w = newPackWriter(t)
	a := w.blob("hello world")
	delta := instructions(11, 5, " there")
	b := object.Hash(object.Blob, []byte("hello there"))
	w.add(b, refDelta, len(delta), a[:], delta)
	c := object.Hash(object.Blob, []byte("hello, world"))
	delta = instructions(11, 5, ", world")
	w.add(c, ofsDelta, len(delta), []byte{byte(len(w.data) - int(w.offsets[a]))}, delta)
	w.data = append(w.data, make([]byte, sha1.Size)...)
	return w, []object.ID{a, b, c}
}

func FuzzPack(f *testing.F) {
	w, ids := smallPack(f)
	idx := w.index()
	f.Add(w.data)
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &pack{bases: new(bases), load: func() error { return nil }}
		if err := p.use(bytes.NewReader(idx), int64(len(idx)), bytes.NewReader(data), int64(len(data))); err != nil {
			t.Fatal(err)
		}
		const limit = 1 << 16
		for _, id := range ids {
			offset, err := p.find(id)
			if err != nil {
				t.Fatal(err)
			}
			_, _, _ = p.stat(offset)
			content, err := p.read(offset, limit)
			if err != nil {
				continue
			}
			if data, err := readAll(content, limit); err == nil && int64(len(data)) != content.size {
				t.Errorf("%d bytes of %d", len(data), content.size)
			}
		}
	})
}

func FuzzPackIndex(f *testing.F) {
	w, ids := smallPack(f)
	f.Add(w.index())
	version1 := make([]byte, 0, idxFanoutSize)
	for range 256 {
		version1 = binary.BigEndian.AppendUint32(version1, 1)
	}
	f.Add(append(version1, make([]byte, 4+object.Size+idxTrailer)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &pack{load: func() error { return nil }}
		if p.use(bytes.NewReader(data), int64(len(data)), nil, 0) != nil {
			return
		}
		for _, id := range append(ids, object.ID{}, object.ID{0xff}) {
			if pos, err := p.idx.search(id); err == nil && pos > p.idx.count() {
				t.Errorf("position %d of %d", pos, p.idx.count())
			}
			_, _ = p.find(id)
		}
		n := uint32(0)
		_ = p.withPrefix(object.ID{}, func(object.ID) bool { n++; return true })
		if n > p.idx.count() {
			t.Errorf("%d ids of %d", n, p.idx.count())
		}
	})
}
