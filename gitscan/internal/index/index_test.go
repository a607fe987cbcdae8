package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

func TestVersions(t *testing.T) {
	long := strings.Repeat("d/", 2500) + "f"
	lists := [][]Entry{
		nil,
		entries(0, "a"),
		entries(0, "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghi"),
		entries(0, "a", "b 1", "b 2", "b 3", "c"),
		entries(0, "a\n\"\xff", long, "z"),
	}
	extended := append(lists, entries(0, "a", "b ita", "c skip", "d/", "e"))
	for version, lists := range map[int][][]Entry{2: lists, 3: extended, 4: extended} {
		for _, list := range lists {
			for _, noChecksum := range []bool{false, true} {
				ix, err := Parse(encoder{version: version, entries: list, noChecksum: noChecksum}.bytes(), nil)
				if err != nil {
					t.Errorf("version %d, %d entries: %v", version, len(list), err)
					continue
				}
				if ix.Version != version || !slices.Equal(ix.Entries, list) {
					t.Errorf("version %d: %v, want %v", version, ix.Entries, list)
				}
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	good := encoder{version: 2, entries: entries(0, "a", "b")}.bytes()
	patch := func(offset int, b ...byte) []byte {
		data := slices.Clone(good)
		copy(data[offset:], b)
		clear(data[len(data)-object.Size:])
		return data
	}
	with := func(version int, extensions ...string) []byte {
		return encoder{version: version, entries: entries(0, "a", "b"), extensions: extensions}.bytes()
	}
	long := encoder{version: 2, entries: entries(0, strings.Repeat("a", 100)), noChecksum: true}.bytes()
	long[11] = 2
	unknown := encoder{version: 3, entries: entries(0, "a skip"), noChecksum: true}.bytes()
	unknown[headerSize+fixedSize] |= 0x80
	cases := []struct {
		name string
		data []byte
		want string // part of the error
	}{
		{"empty file", nil, "byte 0: the file is cut short"},
		{"cut short", good[:40], "checksum"},
		{"one bit", append([]byte{good[0] ^ 1}, good[1:]...), "checksum"},
		{"signature", patch(0, 'X'), "DIRC"},
		{"version 1", patch(7, 1), "byte 4: version 1"},
		{"version 5", patch(7, 5), "byte 4: version 5"},
		{"too many entries", patch(8, 0xff), "byte 8: 4278190082 entries"},
		{"one entry too many", patch(11, 3), "3 entries do not fit"},
		{"entry cut short", long, "an entry is cut short"},
		{"unknown flags", unknown, "unknown flags 0x8000"},
		{"name longer", patch(headerSize+flagsOffset+1, 2), "announced"},
		{"extended flags in version 2", patch(headerSize+flagsOffset, 0x40), "version 2"},
		{"out of order", encoder{version: 2, entries: entries(0, "b", "a")}.bytes(), "out of order"},
		{"twice", encoder{version: 4, entries: entries(0, "a", "a")}.bytes(), "out of order"},
		{"no path", encoder{version: 2, entries: entries(0, "")}.bytes(), "no path"},
		{"directory without slash", encoder{version: 2, entries: []Entry{{Path: "d", Mode: object.ModeTree}}}.bytes(), "slash"},
		{"unknown required extension", with(2, extension("lost", "x")), `"lost" is required`},
		{"extension cut short", with(2, "TREE\x00\x00\x01\x00"), `"TREE" is cut short`},
		{"extension header cut short", with(2, "TREE"), "extension is cut short"},
		{"link cut short", with(2, extension("link", "x")), "shared index is cut short"},
		{"cache-tree with two roots", with(2, extension("TREE", "\x00-1 0\n\x00-1 0\n")), "two roots"},
		{"cache-tree without children", with(2, extension("TREE", "\x00-1 1\n")), "lacks"},
		{"cache-tree with far too many children", with(2, extension("TREE", "\x00-1 2147483647\n")), "lacks"},
		{"cache-tree with negative children", with(2, extension("TREE", "\x00-1 -1\n")), "numbers"},
		{"cache-tree without id", with(2, extension("TREE", "\x002 0\nabc")), "id is cut short"},
		{"cache-tree without end", with(2, extension("TREE", "\x002 0")), "does not end"},
	}
	for _, c := range cases {
		ix, err := Parse(c.data, nil)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want %q", c.name, ix, err, c.want)
		}
	}
	for cut := range len(good) {
		if _, err := Parse(good[:cut], nil); err == nil {
			t.Errorf("the first %d bytes are taken for an index", cut)
		}
	}
}

func TestExtensions(t *testing.T) {
	tree := "\x003 2\n" + string(make([]byte, 20)) + "b\x00-1 1\nx\x001 0\n" + strings.Repeat("x", 20) + "aa\x001 0\n" + strings.Repeat("a", 20)
	ix, err := Parse(encoder{version: 3, entries: entries(0, "aa/f", "b/x/f", "s/"), extensions: []string{
		extension("TREE", tree), extension("REUC", "?"), extension("UNTR", "?"), extension("FSMN", "?"),
		extension("EOIE", "?"), extension("IEOT", "?"), extension("ZZZZ", "?"), extension("sdir", ""),
	}}.bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !ix.Sparse || !ix.Entries[2].IsDirectory() {
		t.Error("not sparse")
	}
	root := ix.Trees.Root()
	cases := []struct {
		path    []string
		id      string
		entries int
		ok      bool
	}{
		{nil, "\x00", 3, true},
		{[]string{"aa"}, "a", 1, true},
		{[]string{"b"}, "", -1, false},
		{[]string{"b", "x"}, "x", 1, true},
		{[]string{"b", "y"}, "", 0, false},
		{[]string{"c"}, "", 0, false},
		{[]string{"c", "d"}, "", 0, false},
	}
	for _, c := range cases {
		dir := root
		for _, name := range c.path {
			dir = dir.Child(name)
		}
		id, n, ok := dir.Tree()
		if ok != c.ok || n != c.entries || (ok && string(id[:]) != strings.Repeat(c.id, 20)) {
			t.Errorf("%v: %q, %d, %t", c.path, id, n, ok)
		}
	}
	if _, _, ok := (&CacheTree{}).Root().Child("a").Tree(); ok {
		t.Error("the empty cache-tree knows something")
	}
}

func TestSplitIndex(t *testing.T) {
	base := entries(100, "a", "b", "c", "d", "e", "f 1", "f 2", "g")
	sub := func(bits ...int) string { // a literal bitmap of up to 64 bits
		word := uint64(0)
		for _, b := range bits {
			word |= 1 << b
		}
		out := ewah(len(base), "x")
		return out[:16] + string(binary.BigEndian.AppendUint64(nil, word)) + out[24:]
	}
	cases := []struct {
		name    string
		own     []Entry
		bitmaps string
		want    []Entry
		err     string
	}{
		{"nothing changed", nil, "", base, ""},
		{"empty bitmaps", nil, sub() + sub(), base, ""},
		{"deleted", nil, sub(0, 7) + sub(), base[1:7], ""},
		{"replaced", entries(0, "", ""), sub() + sub(1, 3),
			[]Entry{base[0], entry("b", 0), base[2], entry("d", 1), base[4], base[5], base[6], base[7]}, ""},
		{"added", entries(0, "0", "bb", "h"), sub() + sub(),
			[]Entry{entry("0", 0), base[0], base[1], entry("bb", 1), base[2], base[3], base[4], base[5], base[6], base[7], entry("h", 2)}, ""},
		{"added over", entries(0, "c"), sub() + sub(),
			[]Entry{base[0], base[1], entry("c", 0), base[3], base[4], base[5], base[6], base[7]}, ""},
		{"conflict settled", entries(0, "f"), sub() + sub(),
			[]Entry{base[0], base[1], base[2], base[3], base[4], entry("f", 0), base[7]}, ""},
		{"all at once", entries(0, "", "a0", "z"), sub(1, 2) + sub(0),
			[]Entry{entry("a", 0), entry("a0", 1), base[3], base[4], base[5], base[6], base[7], entry("z", 2)}, ""},
		{"too few replacements", entries(0, ""), sub() + sub(1, 3), nil, "fewer replacements"},
		{"too many replacements", entries(0, "", ""), sub() + sub(1), nil, "no path"},
		{"bit out of range", nil, sub(8) + sub(), nil, "beyond its end"},
		{"one bitmap", nil, sub(), nil, "cut short"},
		{"three bitmaps", nil, sub() + sub() + sub(), nil, "follow the bitmaps"},
	}
	for _, c := range cases {
		shared := encoder{version: 2, entries: base}.bytes()
		sum := string(shared[len(shared)-object.Size:])
		split := encoder{version: 2, entries: c.own, extensions: []string{extension("link", sum+c.bitmaps)}}.bytes()
		ix, err := Parse(split, func(id object.ID) ([]byte, error) {
			if string(id[:]) != sum {
				t.Errorf("%s: asked for %s", c.name, id)
			}
			return shared, nil
		})
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", c.name, err, c.err)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case !slices.Equal(ix.Entries, c.want):
			t.Errorf("%s: %v, want %v", c.name, ix.Entries, c.want)
		}
	}
}

func TestSplitIndexOfNothing(t *testing.T) {
	own := entries(0, "a", "b")
	ix, err := Parse(encoder{version: 2, entries: own, extensions: []string{extension("link", string(make([]byte, 20)))}}.bytes(), nil)
	if err != nil || !slices.Equal(ix.Entries, own) {
		t.Errorf("%v, %v", ix, err)
	}
}

func TestSharedIndexProblems(t *testing.T) {
	shared := encoder{version: 2, entries: entries(0, "a")}.bytes()
	sum := shared[len(shared)-object.Size:]
	link := func(sum []byte) string { return extension("link", string(sum)) }
	nested := encoder{version: 2, extensions: []string{link(sum)}}.bytes()
	other := encoder{version: 2, entries: entries(1, "a")}.bytes()
	cases := []struct {
		name   string
		shared []byte
		err    error
		want   string
	}{
		{"missing", nil, os.ErrNotExist, "not exist"},
		{"empty", nil, nil, "cut short"},
		{"another one", other, nil, "checksum is"},
		{"split again", nested, nil, "itself a split index"},
	}
	for _, c := range cases {
		split := encoder{version: 2, extensions: []string{link(sum)}}.bytes()
		if _, err := Parse(split, func(object.ID) ([]byte, error) { return c.shared, c.err }); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Parse(encoder{version: 2, extensions: []string{link(sum)}}.bytes(), nil); err == nil {
		t.Error("no shared index and no error")
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "index")
	if ix, err := Read(path, dir); err != nil || len(ix.Entries) != 0 {
		t.Errorf("missing file: %v, %v", ix, err)
	}
	if _, err := Read(dir, dir); err == nil {
		t.Error("a directory is taken for an index")
	}
	if err := os.WriteFile(path, []byte("DIRC"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, dir); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v does not name the file", err)
	}
}

func TestEWAH(t *testing.T) {
	cases := []struct {
		spec  string
		limit int
		want  string // the set bits, or the error
	}{
		{"", 0, "[]"},
		{"000", 10, "[]"},
		{"x", 64, "[1 3]"},
		{"0x", 68, "[65 67]"},
		{"0x", 67, errBitmapRange.Error()},
		{"xx0x", 1000, "[1 3 65 67 193 195]"},
		{"1", 63, errBitmapRange.Error()},
	}
	for _, c := range cases {
		var bits []int
		rest, err := ewahBits([]byte(ewah(c.limit, c.spec)+"rest"), c.limit, func(i int) { bits = append(bits, i) })
		got := fmt.Sprint(bits)
		if err != nil {
			got = err.Error()
		} else if string(rest) != "rest" {
			t.Errorf("%q: the rest is %q", c.spec, rest)
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.spec, got, c.want)
		}
	}
	whole := ewah(64, "x")
	for cut := range len(whole) {
		if _, err := ewahBits([]byte(whole[:cut]), 64, func(int) {}); err != errBitmapShort {
			t.Errorf("the first %d bytes: %v", cut, err)
		}
	}
	if _, err := ewahBits([]byte("0000\x00\x00\x00\x00"), 64, func(int) {}); err != errBitmapShort {
		t.Errorf("a header alone: %v", err)
	}
	n := 0
	if _, err := ewahBits([]byte(ewah(128, "11")), 128, func(int) { n++ }); err != nil || n != 128 {
		t.Errorf("run: %d bits, %v", n, err)
	}
}

// A small file of version 4 can stand for paths of any length.
func TestPathsAreBounded(t *testing.T) {
	const n = 20_000
	enc := encoder{version: 4}
	for i := range n {
		enc.entries = append(enc.entries, Entry{Path: strings.Repeat("a", i+1), Mode: object.ModeFile})
	}
	data := enc.bytes()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Parse(data, nil)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("error: %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20+8*uint64(len(data)) {
		t.Errorf("%d bytes for a file of %d", used, len(data))
	}
}

// A cache-tree with very many directories costs time only.
func TestCacheTreeIsBounded(t *testing.T) {
	tree := "\x00-1 1\n" + strings.Repeat("a\x00-1 1\n", treesBase) + "a\x00-1 0\n"
	ix, err := Parse(encoder{version: 2, extensions: []string{extension("TREE", tree)}}.bytes(), nil)
	if err != nil || len(ix.Trees.nodes) != 0 {
		t.Errorf("%d directories, %v", len(ix.Trees.nodes), err)
	}
}

func FuzzIndex(f *testing.F) {
	all := entries(0, "a", "b 1", "b 2", "c/d ita", "c/e skip")
	shared := encoder{version: 2, entries: all[:1]}.bytes()
	link := extension("link", string(shared[len(shared)-object.Size:])+ewah(1, "0")+ewah(1, "0"))
	f.Add(encoder{version: 2, entries: all[:3], noChecksum: true}.bytes())
	f.Add(encoder{version: 3, entries: all, noChecksum: true, extensions: []string{extension("sdir", "")}}.bytes())
	f.Add(encoder{version: 4, entries: all, noChecksum: true, extensions: []string{extension("TREE", "\x00-1 1\nc\x00-1 0\n")}}.bytes())
	f.Add(encoder{version: 2, entries: entries(0, "x", "y"), noChecksum: true, extensions: []string{link}}.bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) >= object.Size {
			clear(data[len(data)-object.Size:]) // or else nothing but the checksum is tested
		}
		ix, err := Parse(data, func(object.ID) ([]byte, error) { return shared, nil })
		if err != nil {
			return
		}
		if err := checkOrder(ix.Entries); err != nil {
			t.Fatal(err)
		}
		ix.Trees.Root().Child("c").Child("d").Tree()
	})
}

func FuzzEWAH(f *testing.F) {
	f.Add([]byte(ewah(256, "0x1x")), 300)
	f.Fuzz(func(t *testing.T, data []byte, limit int) {
		limit = min(max(limit, 0), 1<<20)
		last := -1
		rest, err := ewahBits(data, limit, func(i int) {
			if i <= last || i >= limit {
				t.Fatalf("bit %d after %d, limit %d", i, last, limit)
			}
			last = i
		})
		if err == nil && len(rest) > len(data) {
			t.Fatal("more is left than was there")
		}
	})
}

func FuzzCacheTree(f *testing.F) {
	f.Add([]byte("\x00-1 2\na\x00-1 0\nbb\x000 0\n" + strings.Repeat("x", 20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parseCacheTree(data, 0, 1000)
		if err != nil {
			return
		}
		for i := range c.nodes {
			dir := Directory{&c, int32(i)}
			dir.Tree()
			dir.Child("a").Child("b")
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, version := range []int{2, 4} {
		enc := encoder{version: version}
		for i := range 100_000 {
			enc.entries = append(enc.entries, entry(fmt.Sprintf("some/directory%04d/and/file%06d.go", i/20, i), i))
		}
		data := enc.bytes()
		b.Run(fmt.Sprintf("version%d", version), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Parse(data, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
