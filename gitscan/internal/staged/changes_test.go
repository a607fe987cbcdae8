package staged

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/index"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

func blob(text string) object.ID { return object.Hash(object.Blob, []byte(text)) }

// trees are the tree objects of a test.
type trees map[object.ID][]byte

// add makes a tree of entries "MODE NAME ID", in which the id is that of the blob with this text, or for a tree the one that
// was made under that name.
func (s trees) add(named map[string]object.ID, name string, entries ...string) object.ID {
	var content []byte
	for _, e := range entries {
		f := strings.Split(e, " ")
		id, ok := named[f[2]]
		if !ok {
			id = blob(f[2])
		}
		content = append(content, f[0]+" "+f[1]+"\x00"+string(id[:])...)
	}
	id := object.Hash(object.Tree, content)
	s[id] = content
	named[name] = id
	return id
}

func (s trees) read(id object.ID) ([]byte, error) {
	if content, ok := s[id]; ok {
		return content, nil
	}
	return nil, errors.New("missing")
}

// list makes an index of "PATH TEXT" or "PATH TEXT STAGE"; a text "ita" is only intended to be added.
func list(entries ...string) *index.Index {
	ix := new(index.Index)
	for _, e := range entries {
		f := strings.Split(e, " ")
		entry := index.Entry{Path: f[0], Mode: object.ModeFile, ID: blob(f[1])}
		if len(f) > 2 {
			entry.Stage = f[2][0] - '0'
		}
		if f[1] == "ita" {
			entry.Flags = index.IntentToAdd
		}
		ix.Entries = append(ix.Entries, entry)
	}
	return ix
}

func run(ix *index.Index, tree object.ID, s trees) []string {
	var got []string
	for c, err := range Changes(ix, tree, s.read, Options{}) {
		if err != nil {
			got = append(got, "error "+c.Path)
			continue
		}
		text := fmt.Sprintf("%c %s", c.Status, c.Path)
		if c.Stage > 0 {
			text += fmt.Sprint(" ", c.Stage)
		}
		got = append(got, text)
	}
	return got
}

func TestChanges(t *testing.T) {
	s, named := make(trees), make(map[string]object.ID)
	s.add(named, "sub", "100644 f 1", "100644 g 2")
	tree := s.add(named, "top", "100644 a 1", "40000 a- sub", "100644 a.b 2", "40000 d sub", "120000 l 3", "160000 m 4")
	modes := list("a 1", "a-/f 1", "a-/g 2", "a.b 2", "d/f 1", "d/g 2", "l 3", "m 4")
	modes.Entries[6].Mode, modes.Entries[7].Mode = object.ModeSymlink, object.ModeGitlink
	changed := func(change func([]index.Entry)) *index.Index {
		ix := &index.Index{Entries: slices.Clone(modes.Entries)}
		change(ix.Entries)
		return ix
	}
	cases := []struct {
		name string
		ix   *index.Index
		want []string
	}{
		{"equal", modes, nil},
		{"odd permissions", changed(func(e []index.Entry) { e[0].Mode = 0o100664 }), nil},
		{"executable", changed(func(e []index.Entry) { e[0].Mode = 0o100744 }), []string{"M a"}},
		{"types", changed(func(e []index.Entry) { e[6].Mode, e[7].Mode = object.ModeFile, object.ModeFile }), []string{"T l", "T m"}},
		{"all deleted", list(), []string{"D a", "D a-/f", "D a-/g", "D a.b", "D d/f", "D d/g", "D l", "D m"}},
		{"file becomes directory", list("a/x 1", "a/y 2"), []string{"D a", "D a-/f", "D a-/g", "D a.b", "A a/x", "A a/y", "D d/f", "D d/g", "D l", "D m"}},
		{"directory becomes file", list("d 1"), []string{"D a", "D a-/f", "D a-/g", "D a.b", "A d", "D d/f", "D d/g", "D l", "D m"}},
		{"intended", list("a ita", "new ita"), []string{"D a", "D a-/f", "D a-/g", "D a.b", "D d/f", "D d/g", "D l", "D m"}},
	}
	for _, c := range cases {
		if got := run(c.ix, tree, s); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := run(list("a 1", "b 2 1", "b 2 2", "b 3 3", "c ita"), object.ID{}, nil); !slices.Equal(got, []string{"A a", "U b 1", "U b 3"}) {
		t.Errorf("first commit: %q", got)
	}
}

// Trees that git would not write: nothing that is staged may get lost over them.
func TestOddTrees(t *testing.T) {
	s, named := make(trees), make(map[string]object.ID)
	s.add(named, "sub", "100644 f 1")
	s.add(named, "cut", "100644 f 2")
	s[named["cut"]] = s[named["cut"]][:10]
	cases := []struct {
		name string
		tree []string
		ix   *index.Index
		want []string
	}{
		{"unsorted", []string{"100644 b 1", "100644 a 1"}, list("a 2", "b 2"), []string{"A a", "M b", "D a"}},
		{"twice", []string{"100644 a 1", "100644 a 2"}, list("a 2"), []string{"M a", "D a"}},
		{"file and directory", []string{"100644 d 1", "40000 d sub"}, list("d/f 2"), []string{"D d", "M d/f"}},
		{"slash in a file's name", []string{"100644 d/f 2"}, list("d/f 2"), []string{"A d/f", "D d/f"}},
		{"slash in a directory's name", []string{"40000 d/ sub"}, list("d/f 1"), []string{"A d/f", "D d//f"}},
		{"missing", []string{"40000 d none", "100644 e 1"}, list("d/f 1", "e 2"), []string{"error d/", "A d/f", "M e"}},
		{"cut short", []string{"40000 d cut", "100644 e 1"}, list("d/f 1", "e 2"), []string{"A d/f", "error d/", "M e"}},
		{"no tree", []string{"40000 d 1"}, list("d/f 1"), []string{"error d/", "A d/f"}},
	}
	for _, c := range cases {
		tree := s.add(named, c.name, c.tree...)
		if got := run(c.ix, tree, s); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A directory in the index that stands for a tree.
func TestSparseDirectories(t *testing.T) {
	s, named := make(trees), make(map[string]object.ID)
	s.add(named, "inner", "100644 f 1")
	s.add(named, "old", "100644 a 1", "40000 b inner", "100644 c 1", "40000 x inner")
	s.add(named, "new", "100644 a 1", "100644 b 2", "120000 c 1", "40000 y inner")
	s.add(named, "top", "40000 d old", "40000 e old")
	directory := func(path, tree string) index.Entry {
		return index.Entry{Path: path, Mode: object.ModeTree, ID: named[tree], Flags: index.SkipWorktree}
	}
	cases := []struct {
		name    string
		entries []index.Entry
		want    []string
	}{
		{"equal", []index.Entry{directory("d/", "old"), directory("e/", "old")}, nil},
		{"changed", []index.Entry{directory("d/", "new"), directory("e/", "old")}, []string{"A d/b", "D d/b/f", "T d/c", "D d/x/f", "A d/y/f"}},
		{"added", []index.Entry{directory("d/", "old"), directory("e/", "old"), directory("f/", "inner")}, []string{"A f/f"}},
		{"missing", []index.Entry{directory("d/", "none"), directory("e/", "old")},
			[]string{"error d/", "D d/a", "D d/b/f", "D d/c", "D d/x/f"}},
		{"with entries below", []index.Entry{directory("d/", "old"), {Path: "d/z", Mode: object.ModeFile}, directory("e/", "old")}, []string{"A d/z"}},
	}
	conflict := []index.Entry{directory("d/", "old"), directory("d/", "new"), directory("d/", "inner"), directory("e/", "old")}
	for i := range 3 {
		conflict[i].Stage = uint8(i + 1)
	}
	cases = append(cases, struct {
		name    string
		entries []index.Entry
		want    []string
	}{"in conflict", conflict, []string{"U d/b 2", "U d/c 2", "U d/y/f 2", "U d/f 3"}})
	named["none"] = blob("none")
	cases[3].entries[0].ID = named["none"]
	for _, c := range cases {
		if got := run(&index.Index{Entries: c.entries}, named["top"], s); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A tree that contains itself a thousand times over must end.
func TestDeepTree(t *testing.T) {
	s, named := make(trees), make(map[string]object.ID)
	s.add(named, "0", "100644 f 1")
	for i := range object.MaxDepth + 10 {
		s.add(named, fmt.Sprint(i+1), fmt.Sprintf("40000 d %d", i))
	}
	got := run(list(), named[fmt.Sprint(object.MaxDepth+10)], s)
	if len(got) != 1 || !strings.HasPrefix(got[0], "error d/d/") {
		t.Errorf("%d changes, first %.40q", len(got), got)
	}
}

func TestStop(t *testing.T) {
	s, named := make(trees), make(map[string]object.ID)
	tree := s.add(named, "top", "100644 a 1", "40000 b none")
	for stop := range 4 {
		n := 0
		for range Changes(list("a 2", "b/c 1", "d 1"), tree, s.read, Options{}) {
			if n++; n > stop {
				break
			}
		}
		if n != stop+1 {
			t.Errorf("%d changes after %d", n, stop)
		}
	}
}
