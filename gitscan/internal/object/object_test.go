package object

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

const (
	idA = "00112233445566778899aabbccddeeff00112233"
	idB = "ffeeddccbbaa99887766554433221100ffeeddcc"
)

func mustID(t testing.TB, digits string) ID {
	t.Helper()
	id, err := ParseID(digits)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestHash(t *testing.T) {
	cases := []struct {
		kind    Kind
		content string
		want    string // as "git hash-object -t KIND --stdin" prints it
	}{
		{Blob, "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"},
		{Tree, "", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"},
		{Blob, "hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"},
	}
	for _, c := range cases {
		if got := Hash(c.kind, []byte(c.content)); got.String() != c.want {
			t.Errorf("Hash(%s, %q) = %s, want %s", c.kind, c.content, got, c.want)
		}
	}
}

func TestParseID(t *testing.T) {
	for _, bad := range []string{"", idA[1:], idA + "0", "g" + idA[1:], strings.Repeat("x", 40)} {
		if id, err := ParseID(bad); err == nil || !id.IsZero() {
			t.Errorf("ParseID(%q) = %s, %v", bad, id, err)
		}
	}
	if id := mustID(t, strings.ToUpper(idA)); id.String() != idA {
		t.Errorf("upper case: %s", id)
	}
	if a, b := mustID(t, idA), mustID(t, idB); a.Compare(b) != -1 || b.Compare(a) != 1 || a.Compare(a) != 0 {
		t.Error("Compare does not order")
	}
}

func TestModes(t *testing.T) {
	cases := []struct{ in, want Mode }{
		{0o100644, ModeFile},
		{0o100664, ModeFile},
		{0o100600, ModeFile},
		{0o100755, ModeExec},
		{0o100700, ModeExec},
		{0o040000, ModeTree},
		{0o040755, ModeTree},
		{0o120000, ModeSymlink},
		{0o120777, ModeSymlink},
		{0o160000, ModeGitlink},
		{0o000000, ModeGitlink},
		{0o060644, ModeGitlink},
	}
	for _, c := range cases {
		if got := c.in.Canonical(); got != c.want {
			t.Errorf("%o.Canonical() = %o, want %o", c.in, got, c.want)
		}
	}
}

func treeEntry(mode, name string, id ID) string { return mode + " " + name + "\x00" + string(id[:]) }

func TestTreeReader(t *testing.T) {
	a, b := mustID(t, idA), mustID(t, idB)
	cases := []struct {
		name, content string
		want          []string
		offset        int // of the error, -1 for none
	}{
		{"empty", "", nil, -1},
		{"one", treeEntry("100644", "x", a), []string{"100644 x " + idA}, -1},
		{"two", treeEntry("100644", "x", a) + treeEntry("40000", "y z", b), []string{"100644 x " + idA, "40000 y z " + idB}, -1},
		{"unsorted, twice, odd mode", treeEntry("7", "b", a) + treeEntry("0100644", "a", b) + treeEntry("7", "b", a),
			[]string{"7 b " + idA, "100644 a " + idB, "7 b " + idA}, -1},
		{"id cut short", treeEntry("100644", "x", a)[:20], nil, 9},
		{"second cut short", treeEntry("100644", "x", a) + "1", []string{"100644 x " + idA}, 30},
		{"no mode", " x\x00" + string(a[:]), nil, 0},
		{"no name", "100644 \x00" + string(a[:]), nil, 7},
		{"name without end", "100644 xyz", nil, 7},
		{"endless mode", strings.Repeat("1", 100), nil, 10},
		{"not octal", treeEntry("100844", "x", a), nil, 3},
	}
	for _, c := range cases {
		var got []string
		r := NewTreeReader([]byte(c.content))
		for r.Next() {
			got = append(got, octalText(r.Mode)+" "+string(r.Name)+" "+r.ID.String())
		}
		offset := -1
		var syntax *SyntaxError
		if errors.As(r.Err(), &syntax) {
			offset = syntax.Offset
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") || offset != c.offset {
			t.Errorf("%s: %q, error at %d (%v), want %q and %d", c.name, got, offset, r.Err(), c.want, c.offset)
		}
	}
}

func octalText(m Mode) string {
	var digits []byte
	for ; m != 0; m >>= 3 {
		digits = append([]byte{'0' + byte(m&7)}, digits...)
	}
	return string(digits)
}

func TestTreeReaderDoesNotAllocate(t *testing.T) {
	content := []byte(strings.Repeat(treeEntry("100644", "some/name", mustID(t, idA)), 100))
	allocs := testing.AllocsPerRun(10, func() {
		r := NewTreeReader(content)
		for r.Next() {
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestParseCommit(t *testing.T) {
	head := "tree " + idA + "\n"
	cases := []struct {
		name, content string
		want          string // rendered, "" for an error
	}{
		{"root", head + "author A B <a@b> 1700000000 +0130\ncommitter C <c@d> 1700000001 -0800\n\nhello\n",
			"0 parents, A B/a@b/2023-11-14T23:43:20+01:30, C/c@d, , hello\n"},
		{"merge", head + "parent " + idB + "\nparent " + idA + "\nauthor A <a> 0 +0000\ncommitter A <a> 0 +0000\n\nm",
			"2 parents, A/a/1970-01-01T00:00:00Z, A/a, , m"},
		{"signed, encoded", head + "author A <a> 0 +0000\ngpgsig -----BEGIN\n tree nonsense\n \n parent x\n -----END\nencoding latin1\n\n\nm",
			"0 parents, A/a/1970-01-01T00:00:00Z, /, latin1, \nm"},
		{"no message", head + "author A <a> 0 +0000", "0 parents, A/a/1970-01-01T00:00:00Z, /, , "},
		{"no author", head + "\nm", "0 parents, //0001-01-01T00:00:00Z, /, , m"},
		{"author without email", head + "author just me\n\nm", "0 parents, just me//0001-01-01T00:00:00Z, /, , m"},
		{"author with odd email", head + "author A <<b>> x> 5 +9999\n\nm", "0 parents, A/<b>> x/1970-01-01T00:00:05Z, /, , m"},
		{"time out of range", head + "author A <a> 99999999999999999999 +0000\n\nm", "0 parents, A/a/0001-01-01T00:00:00Z, /, , m"},
		{"empty", "", ""},
		{"no tree", "author A <a> 0 +0000\n\nm", ""},
		{"tree cut short", "tree " + idA[:39] + "\n\nm", ""},
		{"parent cut short", head + "parent " + idA[:39] + "\n\nm", ""},
	}
	for _, c := range cases {
		commit, err := ParseCommit([]byte(c.content))
		if err != nil {
			if c.want != "" {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		got := string(rune('0'+len(commit.Parents))) + " parents, " +
			commit.Author.Name + "/" + commit.Author.Email + "/" + commit.Author.When.Format(time.RFC3339) + ", " +
			commit.Committer.Name + "/" + commit.Committer.Email + ", " + commit.Encoding + ", " + string(commit.Message)
		if got != c.want || commit.Tree.String() != idA {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestParseTag(t *testing.T) {
	cases := []struct {
		name, content string
		want          string // rendered, "" for an error
	}{
		{"usual", "object " + idA + "\ntype commit\ntag v1\ntagger A <a> 0 +0000\n\nmsg\n", "commit v1 A msg\n"},
		{"old, without tagger", "object " + idA + "\ntype blob\ntag v1\n\nmsg", "blob v1  msg"},
		{"no message", "object " + idA + "\ntype tree\ntag v1\n", "tree v1  "},
		{"no object", "type commit\ntag v1\n\nmsg", ""},
		{"no type", "object " + idA + "\ntag v1\n\nmsg", ""},
		{"odd type", "object " + idA + "\ntype thing\ntag v1\n\nmsg", ""},
		{"bad id", "object " + idA[1:] + "\ntype commit\n\nmsg", ""},
		{"empty", "", ""},
	}
	for _, c := range cases {
		tag, err := ParseTag([]byte(c.content))
		if err != nil {
			if c.want != "" {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if got := tag.Kind.String() + " " + tag.Name + " " + tag.Tagger.Name + " " + string(tag.Message); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzTree(f *testing.F) {
	f.Add([]byte(treeEntry("100644", "x", mustID(f, idA)) + treeEntry("40000", "y", mustID(f, idB))))
	f.Add([]byte("100644 x"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r := NewTreeReader(content)
		read := 0
		for r.Next() {
			if len(r.Name) == 0 || bytes.IndexByte(r.Name, 0) >= 0 {
				t.Fatalf("name %q", r.Name)
			}
			read += len(r.Name) + Size + 2
		}
		if r.Err() == nil && read > len(content) {
			t.Fatalf("%d bytes of entries in %d", read, len(content))
		}
	})
}

func FuzzCommit(f *testing.F) {
	f.Add([]byte("tree " + idA + "\nparent " + idB + "\nauthor A <a@b> 1700000000 +0130\ngpgsig x\n y\n\nmessage\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := ParseCommit(content)
		if err == nil && !bytes.HasSuffix(content, c.Message) {
			t.Fatal("the message is not the commit's end")
		}
	})
}

func FuzzTag(f *testing.F) {
	f.Add([]byte("object " + idA + "\ntype commit\ntag v1\ntagger A <a> 0 +0000\n\nmsg\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		tag, err := ParseTag(content)
		if err == nil && (tag.Kind == 0 || !bytes.HasSuffix(content, tag.Message)) {
			t.Fatal("a tag of nothing, or the message is not its end")
		}
	})
}
