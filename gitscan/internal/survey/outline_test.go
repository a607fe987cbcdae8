package survey

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// plain returns a tree's entries one after the other, ok if they are well formed and in order.
func plain(content []byte) (list []string, ok bool) {
	r := object.NewTreeReader(content)
	var last []byte
	lastDir := false
	for r.Next() {
		dir := r.Mode.IsTree()
		if last != nil && object.CompareNames(last, lastDir, r.Name, dir) >= 0 {
			return nil, false
		}
		last, lastDir = r.Name, dir
		kind := submodule
		if dir {
			kind = directory
		} else if r.Mode.IsBlob() {
			kind = file
		}
		list = append(list, fmt.Sprintf("%d %q %s", kind, r.Name, r.ID))
	}
	return list, r.Err() == nil
}

// patch makes a tree of a base as a delta would: each instruction is three bytes, the place and the length of what is copied, or else a number of
// bytes to insert that follow.
func patch(base, script []byte) (content []byte, copies []detect.Copy) {
	for len(script) >= 3 {
		from, n, op := int(script[0]), int(script[1]), script[2]
		script = script[3:]
		if op%3 == 0 {
			n = min(n%64, len(script))
			content = append(content, script[:n]...)
			script = script[n:]
			continue
		}
		from = min(from*4, len(base))
		n = min(n*4, len(base)-from)
		if op%3 == 1 { // as it is, to any place
			n = max(0, n-int(op>>2)%4)
		}
		copies = append(copies, detect.Copy{At: len(content), From: from, Len: n})
		content = append(content, base[from:from+n]...)
	}
	return content, copies
}

// FuzzOutline compares what is kept of a tree that is made of others with what it says.
func FuzzOutline(f *testing.F) {
	var base, changed []byte
	for i := range 20 {
		base = append(base, sample(i, byte(i))...)
		if i != 7 {
			changed = append(changed, sample(i, byte(i&^3))...)
		}
	}
	f.Add(base, []byte{0, 255, 2}, []byte{0, 40, 2, 50, 200, 1})
	f.Add(base, append([]byte{0, 50, 2, 0, 31, 0}, changed[:31]...), []byte{0, 20, 5, 25, 200, 9})
	f.Add(changed, []byte{0, 200, 5, 0, 3, 1}, []byte{})
	f.Fuzz(func(t *testing.T, base, first, second []byte) {
		s := &Survey{objects: &bulk.Objects{}, trees: make([]tree, 3), numbers: make(map[object.ID]uint32), byName: make(map[string]uint32)}
		p := newPart(s.objects)
		s.parts = []*part{p}
		var o *outline
		content := base
		for depth, script := range [][]byte{nil, first, second} {
			var copies []detect.Copy
			if depth > 0 {
				content, copies = patch(content, script)
			}
			o = p.outline(uint32(depth), content, depth, o, copies)
			want, ok := plain(content)
			if ok != (o != nil) {
				t.Fatalf("tree %d: outline %v, in order %v", depth, o != nil, ok)
			}
			if o == nil {
				return
			}
			s.trees[depth] = p.last
			if got := s.entries(p, &s.trees[depth]); !slices.Equal(got, sorted(want)) {
				t.Fatalf("tree %d: %q, want %q", depth, got, want)
			}
		}
	})
}

// sample is an entry.
func sample(name int, id byte) []byte {
	mode := []string{"100644", "40000", "160000", "120000"}[name%4]
	entry := fmt.Appendf(nil, "%s name%02d\x00", mode, name)
	for i := range object.Size {
		entry = append(entry, id*31+byte(i*i))
	}
	return entry
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// entries returns a tree's entries, sorted, while their names and ids have the numbers of the part.
func (s *Survey) entries(p *part, t *tree) (list []string) {
	all, _ := s.all(t)
	for _, e := range all {
		list = append(list, fmt.Sprintf("%d %q %s", e.kind(), p.names[e.name], p.others[e.child()]))
	}
	slices.Sort(list)
	return list
}

// TestOutlineBounds is about trees that are small in a pack and would be large here.
func TestOutlineBounds(t *testing.T) {
	var content []byte
	const entries = 2000
	for i := range entries {
		content = append(fmt.Appendf(content, "100644 name%04d\x00", i), make([]byte, object.Size)...)
	}
	size := len(content) / entries
	whole := []detect.Copy{{Len: len(content)}}

	p := newPart(&bulk.Objects{})
	base := p.outline(0, content, 0, nil, nil)
	for i := range 1000 { // each lacks all of its base but one entry
		if p.outline(1, content[i*size:(i+1)*size], 1, base, []detect.Copy{{From: i * size, Len: size}}) == nil {
			t.Fatal("no outline")
		}
	}
	if p.kept() > 2*entries+1000 {
		t.Errorf("what is lacked: %d are kept", p.kept())
	}

	p = newPart(&bulk.Objects{})
	base = p.outline(0, content, 0, nil, nil)
	for depth := 1; depth < 2000; depth++ {
		if base = p.outline(uint32(depth), content, depth, base, whole); base == nil {
			t.Fatal("no outline")
		}
		if p.places > maxPlaces+4*entries {
			t.Fatalf("a chain of %d: room for %d", depth, p.places)
		}
	}

	p = newPart(&bulk.Objects{})
	long := "100644 " + strings.Repeat("x", 1<<20) + "\x00" + strings.Repeat("i", object.Size)
	if p.outline(0, []byte(long), 0, nil, nil); p.kept() < 1<<20/perName {
		t.Errorf("a long name: %d are kept", p.kept())
	}
}
