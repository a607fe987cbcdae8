package treediff

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

func blob(text string) object.ID { return object.Hash(object.Blob, []byte(text)) }

// trees are tree objects, also by name.
type trees struct {
	content map[object.ID][]byte
	named   map[string]object.ID
}

// add makes a tree of entries "MODE NAME ID", in which the id is that of the blob with this text, or for a tree the one that
// was made under that name.
func (s trees) add(name string, entries ...string) object.ID {
	var content []byte
	for _, e := range entries {
		f := strings.Split(e, " ")
		id, ok := s.named[f[2]]
		if !ok {
			id = blob(f[2])
		}
		content = append(content, f[0]+" "+f[1]+"\x00"+string(id[:])...)
	}
	id := object.Hash(object.Tree, content)
	s.content[id], s.named[name] = content, id
	return id
}

func (s trees) read(id object.ID) ([]byte, error) {
	if content, ok := s.content[id]; ok {
		return content, nil
	}
	return nil, errors.New("missing")
}

// run returns "+PATH N" for what is new, with the number of earlier versions, "-PATH" for what is gone, and "!PATH" for errors.
func (s trees) run(tree object.ID, parents ...object.ID) string {
	var list []string
	for c, err := range Changes(tree, parents, s.read) {
		switch {
		case err != nil:
			list = append(list, "!"+c.Path)
		case c.Mode == object.ModeNone:
			list = append(list, "-"+c.Path)
		default:
			list = append(list, fmt.Sprint("+", c.Path, " ", len(c.Olds)))
		}
	}
	return strings.Join(list, ",")
}

func TestChanges(t *testing.T) {
	s := trees{map[object.ID][]byte{}, map[string]object.ID{}}
	s.add("sub", "100644 f 1", "100644 g 2")
	s.add("sub2", "100644 f 1", "100644 g 3")
	s.add("sub3", "100644 f 4", "100644 g 2")
	s.add("both", "100644 f 4", "100644 g 3")
	base := []string{"100644 a 1", "40000 d sub", "120000 l 3", "160000 m 4"}
	with := func(i int, entry string) []string {
		entries := slices.Clone(base)
		if entries[i] = entry; entry == "" {
			entries = slices.Delete(entries, i, i+1)
		}
		return entries
	}
	cases := []struct {
		name    string
		tree    []string
		parents [][]string
		want    string
	}{
		{"root", base, nil, "+a 0,+d/f 0,+d/g 0,+l 0,+m 0"},
		{"equal", base, [][]string{base}, ""},
		{"changed", with(0, "100644 a 2"), [][]string{base}, "+a 1"},
		{"executable", with(0, "100755 a 1"), [][]string{base}, ""},
		{"file becomes link", with(0, "120000 a 2"), [][]string{base}, "+a 1"},
		{"below", with(1, "40000 d sub2"), [][]string{base}, "+d/g 1"},
		{"gone", with(1, ""), [][]string{base}, "-d/f,-d/g"},
		{"directory becomes file", with(1, "100644 d 1"), [][]string{base}, "+d 0,-d/f,-d/g"},
		{"file becomes directory", with(0, "40000 a sub"), [][]string{base}, "-a,+a/f 0,+a/g 0"},
		{"merge with one side", with(1, "40000 d sub2"), [][]string{base, with(1, "40000 d sub2")}, ""},
		{"merge of both sides", with(1, "40000 d both"), [][]string{with(1, "40000 d sub2"), with(1, "40000 d sub3")}, ""},
		{"evil merge", with(1, "40000 d both"), [][]string{base, with(1, "40000 d sub2")}, "+d/f 2"},
		{"merge with something gone", with(0, ""), [][]string{base, with(0, "100644 a 2")}, "-a,-a"},
		{"octopus", with(0, "100644 a 5"), [][]string{base, with(0, "100644 a 2"), with(0, "")}, "+a 2"},
		{"missing", with(1, "40000 d none"), [][]string{base}, "!d/,-d/f,-d/g"},
		{"missing in the parent", base, [][]string{with(1, "40000 d none")}, "!d/,+d/f 0,+d/g 0"},
		{"unsorted", []string{"100644 b 1", "100644 a 1"}, [][]string{{"100644 a 1", "100644 b 1"}}, "-a,+a 0"},
		{"twice", []string{"100644 a 1", "100644 a 2"}, [][]string{{"100644 a 1"}}, "+a 0"},
		{"slash in a name", []string{"100644 d/f 1"}, [][]string{base}, "-a,-d/f,-d/g,+d/f 0,-l,-m"},
	}
	for _, c := range cases {
		tree := s.add("tree", c.tree...)
		var parents []object.ID
		for _, p := range c.parents {
			parents = append(parents, s.add("parent", p...))
		}
		if got := s.run(tree, parents...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	for stop := range 5 {
		n := 0
		for range Changes(s.named["tree"], []object.ID{s.add("x", base...)}, s.read) {
			if n++; n > stop {
				break
			}
		}
	}
	s.content[s.named["sub"]] = s.content[s.named["sub"]][:30]
	if got, want := s.run(s.add("cut", base...)), "+a 0,+d/f 0,!d/,+l 0,+m 0"; got != want {
		t.Errorf("cut short: %s, want %s", got, want)
	}
}

func TestDeepTree(t *testing.T) {
	s := trees{map[object.ID][]byte{}, map[string]object.ID{}}
	s.add("0", "100644 f 1")
	for i := range object.MaxDepth + 10 {
		s.add(fmt.Sprint(i+1), fmt.Sprintf("40000 d %d", i))
	}
	top := s.named[fmt.Sprint(object.MaxDepth+10)]
	if got := s.run(top); strings.Count(got, "!") != 1 || strings.Contains(got, ",") {
		t.Errorf("%.100s", got)
	}
	if got := s.run(object.ID{}, top); strings.Count(got, "!") != 1 || strings.Contains(got, ",") {
		t.Errorf("gone: %.100s", got)
	}
}
