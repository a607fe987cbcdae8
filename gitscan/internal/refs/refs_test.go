package refs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

func testID(n int) object.ID { return object.Hash(object.Blob, fmt.Append(nil, n)) }

// write makes a directory with the files; "ID0" stands for testID(0), and so on.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		for n := range 10 {
			text = strings.ReplaceAll(text, fmt.Sprintf("ID%d", n), testID(n).String())
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// testRepository has one of everything, seen from a linked worktree.
func testRepository(t *testing.T) *Refs {
	dir := write(t, map[string]string{
		"HEAD":                        "ref: refs/heads/main\n",
		"config":                      "ID0\n",
		"packed-refs":                 "# pack-refs with: peeled fully-peeled sorted \nID1 refs/heads/main\nID2 refs/heads/old\nID3 refs/tags/v1\n^ID4\n",
		"refs/heads/main":             "ID0\n",
		"refs/heads/alias":            "ref: refs/heads/old\n",
		"refs/heads/a/b/c":            "ID5",
		"refs/heads/unborn":           "ref: refs/heads/none\n",
		"refs/heads/loop":             "ref: refs/heads/pool\n",
		"refs/heads/pool":             "ref: refs/heads/loop\n",
		"refs/heads/empty":            "",
		"refs/heads/garbage":          "what?\n",
		"refs/heads/short":            "ID0"[:2] + "\n",
		"refs/heads/out":              "ref: ../../config\n",
		"refs/heads/main.lock":        "ID9\n",
		"refs/heads/.DS_Store":        "?",
		"refs/heads/we~ird":           "ID9\n",
		"refs/bisect/bad":             "ID9\n",
		"refs/remotes/origin/HEAD":    "ref: refs/heads/main\n",
		"refs/heads/1":                "ref: refs/heads/2",
		"refs/heads/2":                "ref: refs/heads/3",
		"refs/heads/3":                "ref: refs/heads/4",
		"refs/heads/4":                "ref: refs/heads/5",
		"refs/heads/5":                "ref: refs/heads/main",
		"refs/heads/0":                "ref: refs/heads/1",
		"worktrees/w/HEAD":            "ID7\n",
		"worktrees/w/FETCH_HEAD":      "ID1\tnot-for-merge\tbranch 'x' of y\nID2\t\tbranch 'z' of y\n",
		"worktrees/w/MERGE_HEAD":      "ID1\nID2\n",
		"worktrees/w/refs/bisect/bad": "ID8\n",
		"worktrees/w/refs/heads/no":   "ID8\n",
	})
	return New(filepath.Join(dir, "worktrees", "w"), dir)
}

func TestLookup(t *testing.T) {
	r := testRepository(t)
	cases := []struct {
		name   string
		id     int // -1 for none
		target string
		err    string
	}{
		{"HEAD", 7, "", ""},
		{"main-worktree/HEAD", 0, "refs/heads/main", ""},
		{"worktrees/w/HEAD", 7, "", ""},
		{"refs/heads/main", 0, "", ""},
		{"refs/heads/old", 2, "", ""},
		{"refs/heads/a/b/c", 5, "", ""},
		{"refs/heads/alias", 2, "refs/heads/old", ""},
		{"refs/heads/unborn", -1, "refs/heads/none", ""},
		{"refs/heads/1", 0, "refs/heads/main", ""},
		{"refs/heads/0", -1, "", "too many"},
		{"refs/bisect/bad", 8, "", ""},
		{"refs/tags/v1", 3, "", ""},
		{"FETCH_HEAD", 1, "", ""},
		{"refs/heads/loop", -1, "", "too many"},
		{"refs/heads/empty", -1, "", "neither"},
		{"refs/heads/garbage", -1, "", "neither"},
		{"refs/heads/short", -1, "", "neither"},
		{"refs/heads/out", -1, "", "not a name"},
		{"refs/heads/none", -1, "", "no such ref"},
		{"refs/heads/no", -1, "", "no such ref"},
		{"refs/heads/a", -1, "", "no such ref"},
		{"refs/heads/main/x", -1, "", "no such ref"},
		{"config", -1, "", "no such ref"},
		{"main-worktree/config", -1, "", "no such ref"},
		{"../HEAD", -1, "", "not a name"},
		{"refs/../config", -1, "", "not a name"},
		{"worktrees/../HEAD", -1, "", "not a name"},
		{"/etc/passwd", -1, "", "not a name"},
		{"", -1, "", "not a name"},
	}
	for _, c := range cases {
		ref, err := r.Lookup(c.name)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: %v, %v; want %q", c.name, ref, err, c.err)
			}
			continue
		}
		want := Ref{Name: c.name, Target: c.target}
		if c.id >= 0 {
			want.ID = testID(c.id)
		}
		if c.name == "refs/tags/v1" {
			want.Peeled = testID(4)
		}
		if err != nil || ref != want {
			t.Errorf("%q: %v, %v; want %v", c.name, ref, err, want)
		}
	}
}

func TestAll(t *testing.T) {
	var names, broken []string
	for ref, err := range testRepository(t).All() {
		var b *BrokenError
		switch {
		case errors.As(err, &b):
			broken = append(broken, ref.Name)
		case err != nil:
			t.Errorf("%s: %v", ref.Name, err)
		default:
			names = append(names, ref.Name)
		}
	}
	wantNames := strings.Fields(`refs/bisect/bad refs/heads/1 refs/heads/2 refs/heads/3 refs/heads/4 refs/heads/5
		refs/heads/a/b/c refs/heads/alias refs/heads/main refs/heads/old refs/heads/unborn refs/remotes/origin/HEAD refs/tags/v1`)
	wantBroken := strings.Fields("refs/heads/we~ird refs/heads/0 refs/heads/empty refs/heads/garbage refs/heads/loop refs/heads/out refs/heads/pool refs/heads/short")
	if !slices.Equal(names, wantNames) {
		t.Errorf("refs %q\nwant %q", names, wantNames)
	}
	if !slices.Equal(broken, wantBroken) {
		t.Errorf("broken %q\nwant   %q", broken, wantBroken)
	}
}

func TestSymbolicLinks(t *testing.T) {
	dir := write(t, map[string]string{"refs/heads/main": "ID1\n"})
	for link, target := range map[string]string{"HEAD": "refs/heads/main", "refs/heads/x": "main", "refs/heads/loop": "../../refs"} {
		if err := os.Symlink(filepath.FromSlash(target), filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	r := New(dir, dir)
	if head, err := r.Head(); err != nil || head.ID != testID(1) || head.Target != "refs/heads/main" {
		t.Errorf("HEAD: %v, %v", head, err)
	}
	if x, err := r.Lookup("refs/heads/x"); err != nil || x.ID != testID(1) || x.Target != "" {
		t.Errorf("x: %v, %v", x, err)
	}
	var got []string
	for ref, err := range r.All() {
		got = append(got, fmt.Sprint(ref.Name, " ", err))
	}
	want := []string{"refs/heads/loop ref refs/heads/loop: a symbolic link to a directory is not followed", "refs/heads/main <nil>", "refs/heads/x <nil>"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestIDs(t *testing.T) {
	r := testRepository(t)
	want := []object.ID{testID(1), testID(2)}
	for _, name := range []string{"MERGE_HEAD", "FETCH_HEAD"} {
		if ids, err := r.IDs(name); err != nil || !slices.Equal(ids, want) {
			t.Errorf("%s: %v, %v", name, ids, err)
		}
	}
	if ids, err := r.IDs("CHERRY_PICK_HEAD"); err != nil || ids != nil {
		t.Errorf("missing: %v, %v", ids, err)
	}
}

func TestPacked(t *testing.T) {
	id := testID(0).String()
	cases := []struct{ text, want string }{
		{"", "0"},
		{"# pack-refs with: \n", "0"},
		{id + " refs/b\n" + id + " refs/a\n^" + id + "\n", "2"},
		{id + " refs/b\r\n", "1"},
		{id + " refs/b", "line 1: its end is missing"},
		{id + "refs/b\n", "line 1"},
		{id[1:] + " refs/b\n", "line 1"},
		{"\n\n^" + id[1:] + "\n", "line 3"},
		{"x\n", "line 1"},
	}
	for _, c := range cases {
		list, err := parsePacked([]byte(c.text))
		got := fmt.Sprint(len(list))
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
	list, _ := parsePacked([]byte(cases[2].text))
	if ref, ok := find(list, "refs/a"); !ok || ref.peeled != testID(0) {
		t.Errorf("unsorted: %v, %t", ref, ok)
	}
}

func TestValidName(t *testing.T) {
	good := "HEAD refs/heads/main refs/heads/a.b refs/heads/é refs/heads/a@b a"
	bad := "@ . .. a..b /a a/ a//b .a a/.b a.lock a.lock/b a. a~b a^b a:b a?b a*b a[b a\\b a\x7fb a\x01b a@{b"
	for _, name := range strings.Split(good, " ") {
		if !ValidName(name) {
			t.Errorf("%q is refused", name)
		}
	}
	for _, name := range append(strings.Split(bad, " "), "", "a b") {
		if ValidName(name) {
			t.Errorf("%q is let through", name)
		}
	}
}

func FuzzPacked(f *testing.F) {
	id := testID(0).String()
	f.Add([]byte("# pack-refs with: peeled\n" + id + " refs/b\n" + id + " refs/a\n^" + id + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := parsePacked(data)
		if err != nil {
			return
		}
		for _, ref := range list {
			if found, ok := find(list, ref.name); !ok || found.name != ref.name {
				t.Fatalf("%q is not found", ref.name)
			}
		}
	})
}

func FuzzLoose(f *testing.F) {
	f.Add([]byte("ref: refs/heads/main\n"))
	f.Add([]byte(testID(0).String() + "\t\tbranch\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, target, err := parseLoose(data); err == nil && target != "" && !filepath.IsLocal(filepath.FromSlash(target)) {
			t.Fatalf("it leads to %q", target)
		}
	})
}
