package treediff

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// A maker makes trees of bytes: a few names, modes and blobs, and other trees.
type maker struct {
	trees
	input []byte
}

func (m *maker) next() int {
	if len(m.input) == 0 {
		return 0
	}
	b := m.input[0]
	m.input = m.input[1:]
	return int(b)
}

var fuzzNames = []string{"a", "a.b", "a0", "ab", "b", "dir", "dir-x", "dir0", "file with a longer name", "z"}

// tree makes a tree of up to 15 entries in git's order, some of them those of others that were made before.
func (m *maker) tree(made []object.ID) object.ID {
	n := m.next() % 16
	entries := make(map[string]string)
	for range n {
		b := m.next()
		name := fuzzNames[b%len(fuzzNames)]
		id := blob(string(rune('0' + b/64)))
		mode := []string{"100644", "100755", "120000", "160000", "40000", "100644"}[m.next()%6]
		if mode == "40000" && len(made) == 0 {
			mode = "100644"
		} else if mode == "40000" {
			id = made[m.next()%len(made)]
		}
		entries[name] = mode + " " + name + "\x00" + string(id[:])
	}
	names := slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		isDir := func(name string) bool { return strings.HasPrefix(entries[name], "4") }
		return object.CompareNames([]byte(a), isDir(a), b, isDir(b))
	})
	var content []byte
	for _, name := range names {
		content = append(content, entries[name]...)
	}
	id := object.Hash(object.Tree, content)
	m.content[id] = content
	return id
}

// entries returns a directory's entries by name.
func (m *maker) entries(id object.ID) map[string]Entry {
	list := make(map[string]Entry)
	if id.IsZero() {
		return list
	}
	r := object.NewTreeReader(m.content[id])
	for r.Next() {
		list[string(r.Name)] = Entry{r.Mode.Canonical(), r.ID}
	}
	return list
}

// plain compares in the plain way: for each name, what all sides have. The result is by path; what is replaced by a
// directory, or replaces one, is there with a slash at its end.
func (m *maker) plain(path string, tree object.ID, parents []object.ID, found map[string]Change) {
	if slices.Contains(parents, tree) {
		return
	}
	ours := m.entries(tree)
	var theirs []map[string]Entry
	for _, p := range parents {
		theirs = append(theirs, m.entries(p))
	}
	for name, e := range ours {
		known := false
		var olds []Entry
		for _, side := range theirs {
			old, ok := side[name]
			if !ok || old.Mode.IsTree() != e.Mode.IsTree() {
				continue
			}
			olds = append(olds, old)
			known = known || old.ID == e.ID && (old.Mode.SameType(e.Mode) || old.Mode.IsBlob() && e.Mode.IsBlob())
		}
		switch {
		case known:
		case e.Mode.IsTree():
			var ids []object.ID
			for _, old := range olds {
				ids = append(ids, old.ID)
			}
			m.plain(path+name+"/", e.ID, ids, found)
		default:
			found[path+name] = Change{Path: path + name, Mode: e.Mode, ID: e.ID, Olds: olds}
		}
	}
	for _, side := range theirs {
		for name, old := range side {
			if e, ok := ours[name]; !ok || e.Mode.IsTree() != old.Mode.IsTree() {
				m.gone(path+name, old, found)
			}
		}
	}
}

func (m *maker) gone(path string, old Entry, found map[string]Change) {
	if !old.Mode.IsTree() {
		c := found["-"+path]
		c.Path, c.Olds = path, append(c.Olds, old)
		found["-"+path] = c
		return
	}
	for name, e := range m.entries(old.ID) {
		m.gone(path+"/"+name, e, found)
	}
}

// FuzzChanges compares with the plain way, which skips nothing.
func FuzzChanges(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"))
	f.Add([]byte{3, 5, 0, 5, 1, 5, 2, 15, 1, 4, 2, 0, 7, 4, 9, 0, 1, 4, 0, 3, 2, 15, 15, 4, 0, 3, 4, 1, 3})
	f.Add([]byte("\x04\x20\x00\x61\x00\x92\x01\xa3\x02\x0f\x05\x04\x00\x14\x04\x01\x1e\x00\x28\x00\x0f\x05\x04\x00\x14\x04\x01\x1e\x00\x29\x00"))
	f.Fuzz(func(t *testing.T, input []byte) {
		m := &maker{trees{map[object.ID][]byte{}, map[string]object.ID{}}, input}
		var made []object.ID
		for range 5 {
			made = append(made, m.tree(made))
		}
		tree := made[m.next()%len(made)]
		var parents []object.ID
		for range m.next() % 4 {
			parents = append(parents, made[m.next()%len(made)])
		}
		want := make(map[string]Change)
		m.plain("", tree, parents, want)
		last := ""
		for c, err := range Changes(tree, parents, m.read) {
			if err != nil {
				t.Fatal(err)
			}
			key := c.Path
			if c.Mode == object.ModeNone {
				key = "-" + key
			}
			w, ok := want[key]
			if c.Mode == object.ModeNone && ok { // one for each parent, in any order
				i := slices.Index(w.Olds, c.Olds[0])
				if i < 0 || len(c.Olds) != 1 {
					t.Fatalf("%+v, want %+v", c, w)
				}
				if w.Olds = slices.Delete(slices.Clone(w.Olds), i, i+1); len(w.Olds) > 0 {
					want[key] = w
					continue
				}
			} else if !ok || c.Mode != w.Mode || c.ID != w.ID || !slices.Equal(c.Olds, w.Olds) {
				t.Fatalf("%+v, want %+v", c, w)
			}
			delete(want, key)
			last = c.Path
		}
		if len(want) > 0 {
			t.Fatalf("missing after %q: %+v", last, want)
		}
	})
}

// FuzzAnyTree compares trees of any bytes: it ends, whatever they are.
func FuzzAnyTree(f *testing.F) {
	tree := "100644 a\x00" + strings.Repeat("1", 20) + "40000 b\x00" + strings.Repeat("2", 20)
	f.Add([]byte(tree), []byte(tree[29:]), []byte(tree[:29]))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		ids := map[object.ID][]byte{{1}: a, {2}: b, {3}: c, object.ID([]byte(strings.Repeat("2", 20))): b}
		read := func(id object.ID) ([]byte, error) { return ids[id], nil }
		n := 0
		for range Changes(object.ID{1}, []object.ID{{2}, {3}}, read) {
			n++
		}
		if limit := len(a) + len(b) + len(c) + 2*maxRepeated + maxGone; n > limit {
			t.Fatalf("%d changes", n)
		}
	})
}
