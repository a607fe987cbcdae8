package gittest

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// introduced returns "COMMIT PATH BLOB" for each file that the fragments of commits have, sorted, and the commits in order.
func introduced(t testing.TB, fragments iter.Seq2[detect.Fragment, error]) (files, commits []string) {
	t.Helper()
	for f, err := range fragments {
		if err == nil && f.Load != nil {
			f, err = f.Load(new([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
		switch f.Origin.Kind {
		case detect.KindMessage:
			if f.Origin.Path == gitscan.CommitMessage {
				commits = append(commits, f.Origin.Commit.ID)
			}
		case detect.KindContent:
			line := fmt.Sprintf("%s %q", f.Origin.Commit.ID, f.Origin.Path)
			if f.Added == nil || len(f.Added) > 0 {
				line += " " + object.Hash(object.Blob, f.Data).String()
			}
			files = append(files, line)
		}
	}
	slices.Sort(files)
	return files, commits
}

// gitIntroduced returns the same as git says: what "git diff-tree" lists for a commit compared with each of its parents.
func (r *repository) gitIntroduced(revisions ...string) (files, commits []string) {
	r.t.Helper()
	for line := range strings.Lines(r.git(append([]string{"rev-list", "--parents"}, revisions...)...)) {
		ids := strings.Fields(line)
		commits = append(commits, ids[0])
		counts := make(map[string]int)
		for _, parent := range append(ids[1:], r.emptyTree())[:max(len(ids)-1, 1)] {
			out := r.git("diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", parent, ids[0])
			fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
			for i := 0; i+1 < len(fields); i += 2 {
				f := strings.Fields(fields[i])
				if f[4] != "D" && f[2] != f[3] && f[1] != "160000" {
					counts[fmt.Sprintf("%s %q %s", ids[0], fields[i+1], f[3])]++
				}
			}
		}
		for line, n := range counts {
			if n == max(len(ids)-1, 1) {
				files = append(files, line)
			}
		}
	}
	slices.Sort(files)
	return files, commits
}

func (r *repository) emptyTree() string {
	return r.gitIn("", "hash-object", "-w", "-t", "tree", "--stdin")
}

// checkRange compares what a sequence has with what git says about revisions. In files of which nothing is new, the blob is not
// known.
func (r *repository) checkRange(fragments iter.Seq2[detect.Fragment, error], revisions ...string) {
	r.t.Helper()
	files, commits := introduced(r.t, fragments)
	wantFiles, wantCommits := r.gitIntroduced(revisions...)
	var got []string
	for _, file := range files {
		if i, exact := slices.BinarySearch(wantFiles, file); !exact && i < len(wantFiles) && strings.HasPrefix(wantFiles[i], file+" ") {
			file = wantFiles[i]
		}
		got = append(got, file)
	}
	if !slices.Equal(got, wantFiles) {
		r.t.Errorf("%q:\ngot  %s\nwant %s", revisions, strings.Join(got, "\n     "), strings.Join(wantFiles, "\n     "))
	}
	position := make(map[string]int)
	for i, id := range commits {
		position[id] = i
	}
	if slices.Sort(wantCommits); len(position) != len(commits) || !slices.Equal(slices.Sorted(slices.Values(commits)), wantCommits) {
		r.t.Errorf("%q: commits %q, want %q", revisions, commits, wantCommits)
	}
	for line := range strings.Lines(r.git(append([]string{"rev-list", "--parents"}, revisions...)...)) {
		ids := strings.Fields(line)
		for _, parent := range ids[1:] {
			if i, ok := position[parent]; ok && i > position[ids[0]] {
				r.t.Errorf("commit %s comes before its parent", ids[0])
			}
		}
	}
}

// randomHistory makes commits with branches, merges and several roots, of which some change while they merge. Dates are
// often the wrong way round.
func (r *repository) randomHistory(random *rand.Rand, n int) (ids []string) {
	tree := make([][]string, 0, n) // of each commit: lines for mktree
	files := func() []string { return []string{"a", "b", "d/e", "d/f", "g/h/i", "g/h/j", "g-"} }
	content := func() string {
		var b strings.Builder
		for i := range 6 {
			fmt.Fprintf(&b, "line %d %d\n", i, random.IntN(4))
		}
		return b.String()
	}
	var input strings.Builder
	mark := 0
	blob := func() int {
		mark++
		text := content()
		fmt.Fprintf(&input, "blob\nmark :%d\ndata %d\n%s\n", mark, len(text), text)
		return mark
	}
	commits := make([]int, 0, n)
	for i := range n {
		var parents []int
		for range []int{0, 1, 1, 1, 1, 2, 2, 3}[random.IntN(8)] {
			if p := i - 1 - random.IntN(6); p >= 0 && !slices.Contains(parents, p) {
				parents = append(parents, p)
			}
		}
		var changes []string
		if len(parents) > 1 { // paths of the other parents, as a merge has them
			for _, path := range files() {
				p := parents[random.IntN(len(parents))]
				if k := slices.IndexFunc(tree[p], func(s string) bool { return strings.HasSuffix(s, " "+path) }); k >= 0 {
					changes = append(changes, tree[p][k])
				} else {
					changes = append(changes, "D "+path)
				}
			}
		}
		for range random.IntN(3) {
			path := files()[random.IntN(len(files()))]
			changes = append(changes, fmt.Sprintf("M %s :%d %s", []string{"100644", "100755", "120000"}[random.IntN(3)], blob(), path))
		}
		state := map[string]string{}
		if len(parents) > 0 {
			for _, line := range tree[parents[0]] {
				state[line[strings.LastIndex(line, " ")+1:]] = line
			}
		}
		for _, change := range changes {
			path := change[strings.LastIndex(change, " ")+1:]
			if delete(state, path); change[0] == 'M' {
				state[path] = change
			}
		}
		var lines []string
		for _, line := range state {
			lines = append(lines, line)
		}
		slices.Sort(lines)
		tree = append(tree, lines)

		mark++
		commits = append(commits, mark)
		fmt.Fprintf(&input, "reset refs/heads/main\ncommit refs/heads/main\nmark :%d\ncommitter C <c@example.com> %d +0000\ndata 1\nm\n",
			mark, 1_700_000_000+i*1000+random.IntN(3)*1500)
		for k, p := range parents {
			fmt.Fprintf(&input, "%s :%d\n", []string{"from", "merge", "merge"}[k], commits[p])
		}
		input.WriteString("deleteall\n" + strings.Join(lines, "\n") + "\n")
	}
	marks := filepath.Join(r.t.TempDir(), "marks")
	r.gitIn(input.String(), "fast-import", "--quiet", "--force", "--export-marks="+marks)
	data, err := os.ReadFile(marks)
	if err != nil {
		r.t.Fatal(err)
	}
	byMark := make(map[string]string)
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		byMark[f[0]] = f[1]
	}
	for _, m := range commits {
		ids = append(ids, byMark[fmt.Sprint(":", m)])
	}
	return ids
}

func TestRangesOfRandomHistories(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		r := newRepository(t, "--template=")
		ids := r.randomHistory(random, 25)
		opened := r.open(gitscan.Options{})
		tip := ids[len(ids)-1]
		r.checkRange(opened.Range(t.Context(), ids, nil), ids...)
		for range 5 {
			include, exclude := ids[random.IntN(len(ids))], ids[random.IntN(len(ids))]
			r.checkRange(opened.Range(t.Context(), []string{tip, include}, []string{exclude}), tip, include, "^"+exclude)
		}
		balanced(t, opened.Coverage())
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// Every script makes a history in main; what main adds to the tag base, or to nothing, is scanned.
func TestRange(t *testing.T) {
	cases := []struct{ name, script, want string }{
		{"introduced and removed", "commit -q --allow-empty -m m\n tag base\n a: [tok01]\n add a\n commit -q -m [tok02]\n a: x\n commit -q -a -m m",
			"(commit message):1 tok02,a:1 tok01"},
		{"moved", "a: x|[tok01]\n add a\n commit -q -m m\n tag base\n mv a b\n commit -q -m m\n b: y|  [tok01]\n commit -q -a -m m", ""},
		{"unchanged line", "a: x|[tok01]\n add a\n commit -q -m m\n tag base\n a: y|[tok01]|[tok02]\n commit -q -a -m m", "a:3 tok02"},
		{"root", "a: x|[tok01]\n add a\n commit -q -m m", "a:2 tok01"},
		{"merge", merge + "merge -q -m m other", "a:1 tok01,b:1 tok02"},
		{"merge of a branch", merge + "tag base other\n merge -q -m m other", "a:1 tok01"},
		{"evil merge", merge + "tag base\n merge -q --no-commit other\n c: [tok03]\n add c\n commit -q -m m", "b:1 tok02,c:1 tok03"},
		{"resolution", conflict + "tag base\n f: 1|[tok03]|[tok01]|[tok02]\n add f\n commit -q -m m", "f:2 tok02,f:2 tok03"},
		{"only the resolution", conflict + "f: 1|[tok03]|[tok01]|[tok02]\n add f\n commit -q -m m\n tag base main^2\n", "f:2 tok01,f:2 tok03"},
		{"empty", "a: [tok01]\n add a\n commit -q -m m\n tag base", ""},
		{"link", "link a [tok01]\n add a\n commit -q -m m\n remove a\n a: [tok01]|[tok02]\n add a\n commit -q -m m", "a:1 tok01,a:2 tok02"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRepository(t, "--template=")
			r.do(c.script)
			var exclude []string
			if r.git("tag") != "" {
				exclude = []string{"base"}
			}
			opened := r.open(gitscan.Options{})
			list := findings(t, opened.Range(t.Context(), []string{"main"}, exclude))
			slices.Sort(list)
			if got := strings.Join(list, ","); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			balanced(t, opened.Coverage())
		})
	}
}

func TestRangeErrors(t *testing.T) {
	r := newRepository(t, "--template=")
	r.commit("a", "[tok01]\n")
	none := strings.Repeat("12", 20)
	for _, c := range []struct{ include, exclude []string }{
		{[]string{"nothing"}, nil}, {[]string{none}, nil}, {[]string{"main"}, []string{"nothing"}}, {[]string{"main"}, []string{none}},
		{[]string{"main"}, []string{"main^{tree}"}},
	} {
		got := findings(t, r.open(gitscan.Options{}).Range(t.Context(), c.include, c.exclude))
		if len(got) != 1 || !strings.HasPrefix(got[0], "!! ") {
			t.Errorf("%q without %q: %q", c.include, c.exclude, got)
		}
	}
}

func TestShallowRange(t *testing.T) {
	r := newRepository(t, "--template=")
	first := r.commit("a", "[tok01]\n")
	r.commit("a", "[tok01]\n[tok02]\n")
	r.commit("b", "[tok03]\n")
	dir := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "-q", "--depth=2", "file://"+r.dir, dir)
	clone := r.in(dir)
	opened := clone.open(gitscan.Options{})
	var boundary bool
	for f, err := range opened.Range(t.Context(), []string{"main"}, nil) {
		boundary = boundary || errors.Is(err, gitscan.ErrShallow)
		if err != nil && !errors.Is(err, gitscan.ErrShallow) {
			t.Error(f.Origin, err)
		}
	}
	if !boundary || opened.Coverage().Truncated != 1 {
		t.Errorf("not cut off: %+v", opened.Coverage())
	}
	want := []string{"! commit " + clone.git("rev-parse", "main^"), "a:1 tok01", "a:2 tok02", "b:1 tok03"}
	if got := findings(t, clone.open(gitscan.Options{}).Range(t.Context(), []string{"main"}, nil)); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := findings(t, clone.open(gitscan.Options{}).Range(t.Context(), []string{"main"}, []string{"main^"})); !slices.Equal(got, want[3:]) {
		t.Errorf("above the boundary: %q", got)
	}
	got := findings(t, clone.open(gitscan.Options{}).Range(t.Context(), []string{"main"}, []string{first}))
	if len(got) != 1 || !strings.Contains(got[0], "shallow clone") {
		t.Errorf("base that is not there: %q", got)
	}
}

// A tree of a few kilobytes that stands for 10^12 paths.
func TestTreeBomb(t *testing.T) {
	r := newRepository(t, "--template=")
	id := "100644 blob " + r.gitIn("[tok01]\n", "hash-object", "-w", "--stdin")
	for range 12 {
		var lines strings.Builder
		for i := range 10 {
			fmt.Fprintf(&lines, "%s\t%d\n", id, i)
		}
		id = "040000 tree " + r.gitIn(lines.String(), "mktree")
	}
	tree := strings.Fields(id)[2]
	commit := r.git("commit-tree", "-m", "m", tree)
	n, failed := 0, 0
	for _, err := range r.open(gitscan.Options{}).Range(t.Context(), []string{commit}, nil) {
		if n++; err != nil {
			failed++
		}
	}
	if failed != 1 || n < 10_000 || n > 300_000 {
		t.Errorf("%d fragments, %d errors", n, failed)
	}
	empty := r.git("commit-tree", "-m", "m", "-p", commit, r.emptyTree())
	if got := findings(t, r.open(gitscan.Options{}).Range(t.Context(), []string{empty}, []string{commit})); got != nil {
		t.Errorf("%q", got)
	}
}

func update(localRef, localID, remoteRef, remoteID string) gitscan.Update {
	return gitscan.Update{LocalRef: localRef, LocalID: localID, RemoteRef: remoteRef, RemoteID: remoteID}
}

func TestPush(t *testing.T) {
	server := newRepository(t, "--bare", "--template=")
	r := newRepository(t, "--template=")
	r.git("remote", "add", "origin", server.dir)
	r.do(`a: [tok01]
		add a
		commit -q -m m
		push -q origin main
		a: [tok01]|[tok02]
		commit -q -a -m m
		checkout -q -b feature
		b: [tok03]
		add b
		commit -q -m m
		tag -a -m [tok04] annotated
		tag -a -m m nested annotated
		checkout -q -b old main~
		c: [tok05]
		add c
		commit -q -m m`)
	r.git("tag", "blob", r.gitIn("[tok06]\n", "hash-object", "-w", "--stdin"))
	r.git("tag", "-a", "-m", "[tok07]", "tree", "old^{tree}")
	id := func(name string) string { return r.git("rev-parse", name) }
	zero := object.ID{}.String()
	unknown := strings.Repeat("12", 20)
	all := "a:2 tok02,b:1 tok03"
	cases := []struct {
		name    string
		updates []gitscan.Update
		remote  string
		want    string
	}{
		{"update", []gitscan.Update{update("refs/heads/main", id("main"), "refs/heads/main", id("main~"))}, "origin", "a:2 tok02"},
		{"new branch", []gitscan.Update{update("refs/heads/feature", id("feature"), "refs/heads/feature", zero)}, "origin", all},
		{"new branch, other remote", []gitscan.Update{update("refs/heads/feature", id("feature"), "refs/heads/feature", zero)}, "https://example.com/x", all},
		{"deleted", []gitscan.Update{update("(delete)", zero, "refs/heads/feature", id("feature"))}, "origin", ""},
		{"forced", []gitscan.Update{update("refs/heads/old", id("old"), "refs/heads/main", id("feature"))}, "origin", "c:1 tok05"},
		{"forced over something unknown", []gitscan.Update{update("refs/heads/old", id("old"), "refs/heads/main", unknown)}, "origin", "c:1 tok05"},
		{"unchanged", []gitscan.Update{update("refs/heads/main", id("main"), "refs/heads/main", id("main"))}, "origin", ""},
		{"several", []gitscan.Update{
			update("(delete)", zero, "refs/heads/x", id("main")), update("refs/heads/feature", id("feature"), "refs/heads/f", zero), update("HEAD", id("old"), "refs/heads/o", zero),
		}, "origin", "b:1 tok03,c:1 tok05"},
		{"annotated tag", []gitscan.Update{update("refs/tags/nested", id("nested"), "refs/tags/nested", zero)}, "origin", "(tag message):1 tok04," + all},
		{"tag of a blob", []gitscan.Update{update("refs/tags/blob", id("blob"), "refs/tags/blob", zero)}, "origin", "refs/tags/blob:1 tok06"},
		{"tag of a tree", []gitscan.Update{update("refs/tags/tree", id("tree"), "refs/tags/tree", zero)}, "origin",
			"(tag message):1 tok07,a:1 tok01,c:1 tok05"},
		{"nothing there", []gitscan.Update{update("refs/heads/x", unknown, "refs/heads/x", zero)}, "origin", "! refs/heads/x"},
		{"no id", []gitscan.Update{update("refs/heads/x", "12", "refs/heads/x", zero)}, "origin", "!!"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			opened := r.open(gitscan.Options{})
			list := findings(t, opened.Push(t.Context(), c.updates, c.remote))
			slices.Sort(list)
			want := strings.Split(c.want, ",")
			slices.Sort(want)
			if got := strings.Join(list, ","); got != strings.Join(want, ",") && (c.want != "!!" || !strings.HasPrefix(got, "!! ")) {
				t.Errorf("%s, want %s", got, c.want)
			}
			balanced(t, opened.Coverage())
		})
	}
	list := findings(t, r.open(gitscan.Options{}).Unpushed(t.Context(), "origin"))
	for _, token := range []string{"tok02", "tok03", "tok04", "tok05", "tok06", "tok07"} {
		if n := strings.Count(strings.Join(list, ","), token); n < 1 {
			t.Errorf("unpushed: %q lacks %s", list, token)
		}
	}
	r.git("remote", "remove", "origin")
	if got := findings(t, r.open(gitscan.Options{}).Unpushed(t.Context(), "origin")); !slices.Contains(got, "a:1 tok01") {
		t.Errorf("without a remote: %q", got)
	}
}
