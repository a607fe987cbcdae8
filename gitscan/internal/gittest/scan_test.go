package gittest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
)

// open opens the repository with the package that everything here is for.
func (r *repository) open(opts gitscan.Options) *gitscan.Repository {
	r.t.Helper()
	opened, err := gitscan.Open(r.dir, r.getenv, opts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { opened.Close() })
	return opened
}

// detector finds the tokens of these tests: "tok" and two digits, in brackets.
func detector(t testing.TB) *detect.Detector {
	t.Helper()
	d, err := detect.New([]detect.Rule{{ID: "token", Title: "Token", Keywords: []string{"[tok"}, Pattern: `\[(tok[0-9]{2})\]`}}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// findings scans and returns "PATH:LINE TOKEN" for each finding, in order, and "! PATH" for each input error. Any other error
// is "!! TEXT".
func findings(t testing.TB, fragments iter.Seq2[detect.Fragment, error]) []string {
	t.Helper()
	var list []string
	for f, err := range detector(t).Scan(t.Context(), fragments) {
		var input *detect.InputError
		switch {
		case errors.As(err, &input):
			list = append(list, "! "+input.Path)
		case err != nil:
			list = append(list, "!! "+err.Error())
		default:
			list = append(list, fmt.Sprintf("%s:%d %s", f.Origin.Path, f.Start.Line, f.Secret.Reveal()))
		}
	}
	return list
}

// balanced checks that the account adds up.
func balanced(t testing.TB, c gitscan.Coverage) {
	t.Helper()
	skipped := c.Skipped()
	if c.Scanned.Files+skipped.Files+c.Failed.Files != c.Enumerated.Files || c.Scanned.Bytes+skipped.Bytes+c.Failed.Bytes != c.Enumerated.Bytes {
		t.Errorf("the account does not add up: %+v", c)
	}
}

// do runs a script, a step in each line: "PATH: TEXT" writes a file, in which "|" ends a line; "remove PATH" removes one; "link
// PATH TARGET" makes a symbolic link; "fails …" is a git command that has to fail; everything else is one that has to succeed.
func (r *repository) do(script string) {
	r.t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(script), "\n") {
		line = strings.TrimSpace(line)
		if path, text, ok := strings.Cut(line, ": "); ok && !strings.Contains(path, " ") {
			r.write(path, strings.ReplaceAll(text, "|", "\n")+"\n")
			continue
		}
		words := strings.Fields(line)
		switch words[0] {
		case "remove":
			if err := os.Remove(filepath.Join(r.dir, words[1])); err != nil {
				r.t.Fatal(err)
			}
		case "link":
			if err := os.Symlink(words[2], filepath.Join(r.dir, words[1])); err != nil {
				r.t.Fatal(err)
			}
		case "fails":
			if _, err := r.try("", words[1:]...); err == nil {
				r.t.Fatalf("%s: succeeded", line)
			}
		default:
			r.git(words...)
		}
	}
}

// Every script begins in a repository without a commit and ends in what is to be committed.
var stagedScripts = []struct {
	name, script string
	want         string // findings, separated by commas
}{
	{"nothing", "a: x\n add a\n commit -q -m m", ""},
	{"first commit", "a: x|[tok01]\n b/c: [tok02]\n add -A", "a:2 tok01,b/c:1 tok02"},
	{"new line", "a: x|[tok01]\n add a\n commit -q -m m\n a: x|[tok01]|[tok02]\n add a", "a:3 tok02"},
	{"changed neighbour", "a: x|[tok01]|y\n add a\n commit -q -m m\n a: z|[tok01]|w\n add a", ""},
	{"changed line, known secret", "a: x = [tok01]\n add a\n commit -q -m m\n a: other = [tok01]\n add a", ""},
	{"re-indented", "a: x|[tok01]\n add a\n commit -q -m m\n a: x|{|    [tok01]|}\n add a", ""},
	{"moved within the file", "a: 1|[tok01]|2|3|4\n add a\n commit -q -m m\n a: 1|2|3|4|[tok01]\n add a", ""},
	{"only in the worktree", "a: x\n add a\n commit -q -m m\n a: [tok01]", ""},
	{"staged, clean in the worktree", "a: x\n add a\n commit -q -m m\n a: [tok01]\n add a\n a: x", "a:1 tok01"},
	{"staged, removed in the worktree", "a: [tok01]\n add a\n remove a", "a:1 tok01"},
	{"deleted", "a: [tok01]\n add a\n commit -q -m m\n rm -q a\n b: x\n add b", ""},
	{"mode only", "a: [tok01]\n add a\n commit -q -m m\n update-index --chmod=+x a", ""},
	{"renamed", "a: [tok01]|x|y\n add a\n commit -q -m m\n mv a b", ""},
	{"renamed and edited", "a: [tok01]|x|y\n add a\n commit -q -m m\n mv a b\n b: [tok01]|x|y|[tok02]\n add b", "b:4 tok02"},
	{"renamed, wholly rewritten", "a: [tok01]|x|y\n add a\n commit -q -m m\n mv a b\n b: 1|2|key = [tok01]\n add b", ""},
	{"moved to another file", "a: x|[tok01]\n b: y\n add -A\n commit -q -m m\n a: x\n b: y|[tok01]\n add -A", ""},
	{"moved to a new directory", "a/b/c: x|[tok01]\n add -A\n commit -q -m m\n rm -q -r a\n d/e: [tok01]\n add -A", ""},
	{"copied", "a: x|[tok01]\n add -A\n commit -q -m m\n b: [tok01]\n add -A", "b:1 tok01"},
	{"intent to add", "a: x\n add a\n commit -q -m m\n b: [tok01]\n add -N b", ""},
	{"intent to add, then added", "b: [tok01]\n add -N b\n add b", "b:1 tok01"},
	{"skip-worktree", "a: x\n add a\n commit -q -m m\n a: [tok01]\n add a\n update-index --skip-worktree a", "a:1 tok01"},
	{"link becomes file", "b: x\n link a [tok01]\n add -A\n commit -q -m m\n remove a\n a: y|[tok01]|[tok02]\n add -A", "a:3 tok02"},
	{"link", "link a dir/[tok01]\n add -A", "a:1 tok01"},
	{"amend", "a: x\n add a\n commit -q -m m\n a: [tok01]\n commit -q -a -m m\n a: [tok01]|[tok02]\n add a", "a:2 tok02"},
	{"attributes", ".gitattributes: * -diff binary filter=x diff=y\n a: [tok01]\n add -A", "a:1 tok01"},
	{"odd names", "node_modules/x.svg: [tok01]\n a.png: [tok02]\n go.sum: [tok03]\n keysieve.toml: [tok04]\n add -A",
		"a.png:1 tok02,go.sum:1 tok03,keysieve.toml:1 tok04,node_modules/x.svg:1 tok01"},

	{"merge without conflict", merge + "merge -q --no-commit other", ""},
	{"evil merge", merge + "merge -q --no-commit other\n c: [tok03]\n a: [tok01]|x|[tok04]\n add -A", "a:3 tok04,c:1 tok03"},
	{"conflict", conflict, ""},
	{"resolved with both", conflict + "f: 1|[tok01]|[tok02]\n add f", ""},
	{"resolved with something new", conflict + "f: 1|[tok01]|[tok03]\n add f", "f:3 tok03"},
	{"resolved with ours", conflict + "checkout -q --ours f\n add f", ""},
	{"conflict that is no merge", strings.Replace(conflict, "merge", "cherry-pick", 1), "f:2 tok02"},
	{"resolved with a move", conflict + "rm -q -f --cached f\n g: 1|[tok01]|[tok02]|[tok03]\n add g", "g:4 tok03"},
	{"squash", merge + "merge -q --squash other", "b:1 tok02"},
}

const (
	merge = `a: x
	b: y
	add -A
	commit -q -m base
	checkout -q -b other
	b: [tok02]|y
	commit -q -a -m theirs
	checkout -q main
	a: [tok01]|x
	commit -q -a -m ours
	`
	conflict = `f: 1
	add -A
	commit -q -m base
	checkout -q -b other
	f: 1|[tok02]
	commit -q -a -m theirs
	checkout -q main
	f: 1|[tok01]
	commit -q -a -m ours
	fails merge other
	`
)

func TestStaged(t *testing.T) {
	for _, c := range stagedScripts {
		t.Run(c.name, func(t *testing.T) {
			r := newRepository(t, "--template=")
			r.do(c.script)
			opened := r.open(gitscan.Options{})
			got := strings.Join(findings(t, opened.Staged(t.Context())), ",")
			if got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
			balanced(t, opened.Coverage())
		})
	}
}

// Contents that a script cannot write.
func TestStagedContents(t *testing.T) {
	utf16 := func(s string) string {
		var b strings.Builder
		b.WriteString("\xFF\xFE")
		for _, c := range []byte(s) {
			b.Write([]byte{c, 0})
		}
		return b.String()
	}
	long := strings.Repeat("some text that is long enough\n", 400_000) // beyond what is read in one piece elsewhere
	cases := []struct{ name, before, after, want string }{
		{"NUL", "x\n", "x\x00\n[tok01]\x00\n", "f:2 tok01"},
		{"UTF-16", utf16("x\r\n[tok01]\r\n"), utf16("x\r\ny\r\n[tok01]\r\n[tok02]\r\n"), "f:4 tok02"},
		{"became UTF-16", "x\n[tok01]\n", utf16("x\n[tok01]\n[tok02]\n"), "f:3 tok02"},
		{"byte order mark", "[tok01]\n", "\xEF\xBB\xBF[tok01]\n[tok02]\n", "f:2 tok02"},
		{"returns", "[tok01]\n", "[tok01]\r\n[tok02]\r\n", "f:2 tok02"},
		{"one line", "x [tok01]", "y [tok01] [tok02]", "f:1 tok02"},
		{"binary", "\x00\x01\x02\x03[tok01]", "\x00\x01\x02\x03[tok01]\x01\x02[tok02]", "f:1 tok02"},
		{"large", long, long + "[tok01]\n", "f:400001 tok01"},
		{"empty", "[tok01]", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRepository(t, "--template=")
			r.commit("f", c.before)
			r.write("f", c.after)
			r.git("add", "f")
			opened := r.open(gitscan.Options{})
			if got := strings.Join(findings(t, opened.Staged(t.Context())), ","); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			balanced(t, opened.Coverage())
		})
	}
}

// Names that are hard to write.
func TestStagedNames(t *testing.T) {
	r := newRepository(t, "--template=")
	names := []string{"new\nline", "quo\"te", "latin\xE9", " space ", "-dash", "tab\t", strings.Repeat("long/", 100) + "x"}
	for _, name := range names {
		r.write(name, "[tok01]\n")
	}
	r.git("add", "-A")
	var want []string
	for _, name := range names {
		want = append(want, name+":1 tok01")
	}
	slices.Sort(want)
	got := findings(t, r.open(gitscan.Options{}).Staged(t.Context()))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestSubmodulesAndLimits(t *testing.T) {
	r := newRepository(t, "--template=")
	id := r.commit("a", "x\n")
	r.write("large", strings.Repeat("[tok01]\n", 100), "small", "[tok02]\n")
	r.git("add", "-A")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+id+",module")
	opened := r.open(gitscan.Options{MaxBlob: 100})
	got := findings(t, opened.Staged(t.Context()))
	if want := []string{"! large", "small:1 tok02"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	c := opened.Coverage()
	balanced(t, c)
	if c.Submodules.Files != 1 || c.TooLarge != (gitscan.Count{Files: 1, Bytes: 800}) || c.Scanned != (gitscan.Count{Files: 1, Bytes: 8}) {
		t.Errorf("%+v", c)
	}
}

// Without a worktree.
func TestStagedInBareRepository(t *testing.T) {
	r := newRepository(t, "--bare")
	bare := r.in(".", "GIT_INDEX_FILE=other-index")
	blob := bare.gitIn("[tok01]\n", "hash-object", "-w", "--stdin")
	bare.git("update-index", "--add", "--cacheinfo", "100644,"+blob+",f")
	got := findings(t, bare.open(gitscan.Options{}).Staged(t.Context()))
	if want := []string{"f:1 tok01"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := findings(t, r.open(gitscan.Options{}).Staged(t.Context())); got != nil {
		t.Errorf("its own index: %q", got)
	}
}

// For every kind of index, Tracked has what git lists.
func TestTracked(t *testing.T) {
	for name, commands := range indexKinds {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.commit("a", "1", "d/e/f", "[tok01]\n", "d/g", "4", "x/y/z", "[tok02]\n", "x/w", "6")
			for _, command := range commands {
				r.git(command...)
			}
			r.write("d/g", "[tok03]\n")
			r.git("add", "d/g")
			r.write("d/g", "")
			opened := r.open(gitscan.Options{})
			got := findings(t, opened.Tracked(t.Context()))
			if want := []string{"d/e/f:1 tok01", "d/g:1 tok03", "x/y/z:1 tok02"}; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
			if c := opened.Coverage(); c.Scanned.Files != 5 {
				t.Errorf("%+v", c)
			}
			balanced(t, opened.Coverage())
		})
	}
}

// A scan ends with its context, and when nobody wants to have more.
func TestScanEnds(t *testing.T) {
	r := newRepository(t, "--template=")
	r.commit("a", "1", "b", "2", "c", "3")
	r.git("reset", "-q", "--soft", "HEAD")
	opened := r.open(gitscan.Options{})
	sequences := map[string]func(context.Context) iter.Seq2[detect.Fragment, error]{
		"tracked": opened.Tracked,
		"range": func(ctx context.Context) iter.Seq2[detect.Fragment, error] {
			return opened.Range(ctx, []string{"HEAD"}, nil)
		},
	}
	for name, sequence := range sequences {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		for _, err := range sequence(ctx) {
			if n++; n == 2 {
				cancel()
			}
			if (n > 2) != (err == context.Canceled) || n > 3 {
				t.Errorf("%s: pair %d: %v", name, n, err)
			}
		}
		for range sequence(t.Context()) {
			break
		}
	}
}
