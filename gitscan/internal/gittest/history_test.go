package gittest

import (
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
)

var tokens = regexp.MustCompile(`\[(tok[0-9]{6})\]`)

// tokenDetector finds the tokens of a maker.
func tokenDetector(t testing.TB, workers int) *detect.Detector {
	return patternDetector(t, tokens.String(), workers)
}

// fewTokens are some of the tokens.
const fewTokens = `\[(tok[0-9]{5}[05])\]`

func patternDetector(t testing.TB, pattern string, workers int) *detect.Detector {
	t.Helper()
	d, err := detect.New([]detect.Rule{{ID: "token", Title: "Token", Keywords: []string{"[tok"}, Pattern: pattern}}, detect.Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// rows scans and returns all there is about each finding and each error, in order.
func rows(t testing.TB, d *detect.Detector, fragments iter.Seq2[detect.Fragment, error]) (list []string) {
	t.Helper()
	for f, err := range d.Scan(t.Context(), fragments) {
		commit := detect.Commit{ID: "-"}
		if f.Origin.Commit != nil {
			commit = *f.Origin.Commit
		}
		kind := []string{"content", "message", "name"}[f.Origin.Kind]
		if err != nil {
			kind = "error " + err.Error()
		}
		list = append(list, fmt.Sprintf("%s %s %q %s %d:%d %s %s %s", kind, commit.ID, f.Origin.Path, f.Secret.Reveal(), f.Start.Line, f.Start.Column,
			commit.Author, commit.Date, commit.Ref))
	}
	return list
}

// tips are what a history begins from, as git says: names of refs, and ids of what else there is.
func (r *repository) tips() (list []string) {
	r.t.Helper()
	list = strings.Fields(r.git("for-each-ref", "--format=%(refname)"))
	list = append(list, r.git("rev-parse", "HEAD"))
	for line := range strings.Lines(r.git("worktree", "list", "--porcelain")) {
		if dir, ok := strings.CutPrefix(strings.TrimSpace(line), "worktree "); ok {
			w := r.in(dir)
			list = append(list, w.git("rev-parse", "HEAD"))
			ids := strings.Fields(w.git("for-each-ref", "--format=%(objectname)", "refs/bisect", "refs/worktree"))
			if id, err := w.try("", "rev-parse", "-q", "--verify", "ORIG_HEAD"); err == nil {
				ids = append(ids, strings.TrimSpace(id))
			}
			list = append(list, slices.DeleteFunc(ids, func(id string) bool { return !w.has(id) })...)
		}
	}
	if out, err := r.try("", "log", "-g", "--format=%H", "refs/stash"); err == nil {
		list = append(list, strings.Fields(out)...)
	}
	return list
}

// has reports whether an object is there: git does not keep all that it names.
func (r *repository) has(id string) bool {
	_, err := r.try("", "cat-file", "-e", id)
	return err == nil
}

// truly returns the repository as it is without replaced objects and grafts.
func (r *repository) truly() *repository {
	return r.in(".", "GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE="+os.DevNull)
}

// oracle is what git knows of a history.
type oracle struct {
	*repository
	commits [][]string                   // ids: a commit, its parents
	trees   map[string]string            // by commit
	tokens  map[string][]string          // by blob
	diffs   map[[2]string]map[string]raw // by trees, by path
}

// raw is a line of what git diff-tree says.
type raw struct{ oldMode, mode, old, id string }

func (r *repository) oracle(tips []string) *oracle {
	o := &oracle{repository: r.truly(), trees: make(map[string]string), tokens: make(map[string][]string), diffs: make(map[[2]string]map[string]raw)}
	input := strings.Join(tips, "\n")
	var blobs []string
	var commits []string
	for line := range strings.Lines(o.gitIn(input, "rev-list", "--objects", "--no-object-names", "--stdin") + "\n") {
		commits = append(commits, strings.TrimSpace(line))
	}
	for line := range strings.Lines(o.gitIn(strings.Join(commits, "\n"), "cat-file", "--batch-check") + "\n") {
		if f := strings.Fields(line); f[1] == "blob" {
			blobs = append(blobs, f[0])
		}
	}
	for line := range strings.Lines(o.gitIn(input, "log", "--stdin", "--format=%H %T %P") + "\n") {
		f := strings.Fields(line)
		o.trees[f[0]] = f[1]
		o.commits = append(o.commits, append(f[:1:1], f[2:]...))
	}
	for id, text := range o.contents(blobs) {
		o.tokens[id] = tokensIn(text)
	}
	return o
}

// contents reads objects.
func (o *oracle) contents(ids []string) map[string]string {
	texts := make(map[string]string)
	out := o.gitIn(strings.Join(ids, "\n"), "cat-file", "--batch") + "\n"
	for out != "" {
		head, rest, _ := strings.Cut(out, "\n")
		f := strings.Fields(head)
		n, _ := strconv.Atoi(f[2])
		texts[f[0]] = rest[:n]
		out = rest[n+1:]
	}
	return texts
}

// tokensIn returns the tokens of a text, each once.
func tokensIn(text string) []string {
	if strings.HasPrefix(text, "\xff\xfe") {
		text = strings.ReplaceAll(text[2:], "\x00", "")
	}
	var list []string
	for _, m := range tokens.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// diffAll compares the trees of all commits with those of their parents.
func (o *oracle) diffAll() {
	var input strings.Builder
	empty := o.emptyTree()
	for _, ids := range o.commits {
		if len(ids) == 1 {
			fmt.Fprintf(&input, "%s %s\n", empty, o.trees[ids[0]])
		}
		for _, p := range ids[1:] {
			fmt.Fprintf(&input, "%s %s\n", o.trees[p], o.trees[ids[0]])
		}
	}
	out := o.gitIn(input.String(), "diff-tree", "--stdin", "-r", "-t", "-z", "--no-renames", "--no-abbrev")
	var current map[string]raw
	for out != "" {
		if out[0] != ':' {
			head, rest, _ := strings.Cut(out, "\n")
			f := strings.Fields(head)
			current = make(map[string]raw)
			o.diffs[[2]string{f[0], f[1]}] = current
			out = rest
			continue
		}
		head, rest, _ := strings.Cut(out, "\x00")
		path, rest, _ := strings.Cut(rest, "\x00")
		f := strings.Fields(head[1:])
		d := raw{f[0], f[1], f[2], f[3]}
		if other, ok := current[path]; ok { // a file becomes a directory, or the other way round
			if d.mode == noMode {
				d.mode, d.id = other.mode, other.id
			} else {
				d.oldMode, d.old = other.oldMode, other.old
			}
		}
		current[path] = d
		out = rest
	}
}

const (
	noMode   = "000000"
	treeMode = "040000"
	subMode  = "160000"
)

// expected returns what is to be found in the files of commits: "COMMIT PATH TOKEN".
func (o *oracle) expected() (list []string) {
	o.diffAll()
	empty := o.emptyTree()
	for _, ids := range o.commits {
		tree := o.trees[ids[0]]
		parents := []string{empty}
		if len(ids) > 1 {
			parents = nil
			for _, p := range ids[1:] {
				parents = append(parents, o.trees[p])
			}
		}
		var diffs []map[string]raw
		same := false
		for _, p := range parents {
			diffs = append(diffs, o.diffs[[2]string{p, tree}])
			same = same || p == tree
		}
		if !same {
			list = append(list, o.introduced(ids[0], diffs)...)
		}
	}
	slices.Sort(list)
	return list
}

// introduced returns what a commit brings, given how it differs from each of its parents.
func (o *oracle) introduced(commit string, diffs []map[string]raw) (list []string) {
	before := make(map[string]bool)
	brought := make(map[string]string)
	for i, diff := range diffs {
		for path, d := range diff {
			isBlob := d.mode != noMode && d.mode != treeMode && d.mode != subMode
			if wasBlob := d.oldMode != noMode && d.oldMode != treeMode && d.oldMode != subMode; wasBlob {
				gone := (d.mode == noMode || d.mode == treeMode) && !o.taken(path, diffs)
				replaced := d.mode != noMode && d.mode != treeMode && isNew(path, diffs)
				if gone || replaced {
					for _, token := range o.tokens[d.old] {
						before[token] = true
					}
				}
			}
			if i == 0 && isBlob && isNew(path, diffs) {
				brought[path] = d.id
			}
		}
	}
	for path, id := range brought {
		for _, token := range o.tokens[id] {
			if !before[token] {
				list = append(list, fmt.Sprintf("%s %q %s", commit, path, token))
			}
		}
	}
	return list
}

// isNew reports whether no parent has what stands at a path.
func isNew(path string, diffs []map[string]raw) bool {
	for _, diff := range diffs {
		if d, ok := diff[path]; !ok || d.old == d.id && d.mode != subMode && d.oldMode != subMode {
			return false
		}
	}
	return true
}

// taken reports whether a directory above path is just as in a parent, so that what others had there is not looked at.
func (o *oracle) taken(path string, diffs []map[string]raw) bool {
	for i, c := range []byte(path) {
		if c != '/' {
			continue
		}
		dir := path[:i]
		exists, changed := true, 0
		for _, diff := range diffs {
			if d, ok := diff[dir]; ok {
				changed++
				exists = exists && d.mode == treeMode
			}
		}
		if exists && changed < len(diffs) {
			return true
		}
	}
	return false
}

// rest returns what is to be found elsewhere: in trees and blobs that refs lead to, and in messages.
func (o *oracle) rest(tips []string) (list []string) {
	seen := make(map[string]bool)
	for _, tip := range tips {
		kind := o.git("cat-file", "-t", tip+"^{}")
		if strings.HasPrefix(tip, "refs/") && kind == "blob" {
			for _, token := range o.tokens[o.git("rev-parse", tip+"^{}")] {
				list = append(list, fmt.Sprintf("- %q %s", tip, token))
			}
		}
		if strings.HasPrefix(tip, "refs/") && kind == "tree" {
			for line := range strings.SplitAfterSeq(o.git("ls-tree", "-r", "-z", tip), "\x00") {
				info, path, ok := strings.Cut(strings.TrimSuffix(line, "\x00"), "\t")
				if !ok {
					continue
				}
				for _, token := range o.tokens[strings.Fields(info)[2]] {
					list = append(list, fmt.Sprintf("- %q %s", path, token))
				}
			}
		}
		id := o.git("rev-parse", tip)
		for !seen[id] && o.git("cat-file", "-t", id) == "tag" {
			seen[id] = true
			text := o.git("cat-file", "tag", id)
			_, message, _ := strings.Cut(text, "\n\n")
			for _, token := range tokensIn(message) {
				list = append(list, fmt.Sprintf("%s %q %s", id, gitscan.TagMessage, token))
			}
			id = strings.Fields(text)[1]
		}
	}
	var ids []string
	for _, c := range o.commits {
		ids = append(ids, c[0])
	}
	for id, text := range o.contents(ids) {
		_, message, _ := strings.Cut(text, "\n\n")
		for _, token := range tokensIn(message) {
			list = append(list, fmt.Sprintf("%s %q %s", id, gitscan.CommitMessage, token))
		}
	}
	slices.Sort(list)
	return list
}

// checkHistory compares the scan of a history with what git says, with Range, and with itself.
func (r *repository) checkHistory() {
	r.t.Helper()
	tips := r.tips()
	o := r.oracle(tips)
	opened := r.open(gitscan.Options{})
	d := tokenDetector(r.t, 2)
	got := rows(r.t, d, opened.History(d, gitscan.HistoryOptions{Workers: 2}).Fragments(r.t.Context()))

	balanced(r.t, opened.Coverage())
	if c := opened.Coverage(); c.Scanned.Files+c.TooLarge.Files+c.Missing.Files != int64(len(o.tokens)) || c.Commits != int64(len(o.commits)) {
		r.t.Errorf("%d blobs of %d, %d commits of %d", c.Scanned.Files, len(o.tokens), c.Commits, len(o.commits))
	}
	var sorted, names []string
	found := make(map[string]bool)
	for _, row := range got {
		f := splitRow(row)
		found[f[3]] = true
		if f[0] == "name" {
			names = append(names, f[3])
		} else {
			sorted = append(sorted, f[1]+" "+f[2]+" "+f[3])
		}
	}
	for id, list := range o.tokens {
		for _, token := range list {
			if !found[token] {
				r.t.Errorf("%s of blob %s is not found", token, id)
			}
		}
	}
	slices.Sort(sorted)
	sorted = slices.Compact(sorted) // a token can stand on several lines
	want := append(o.expected(), o.rest(tips)...)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(sorted, want) {
		r.t.Errorf("not as git says: %s", difference(sorted, want))
	}
	slices.Sort(names)
	if want := o.names(); !slices.Equal(names, want) {
		r.t.Errorf("names %q, want %q", names, want)
	}
	r.t.Logf("%d commits, %d blobs, %d findings in files and messages, %d names", len(o.commits), len(o.tokens), len(want), len(names))
	r.checkRangeIsHistory(d, got, tips)
	few := patternDetector(r.t, fewTokens, 2)
	got = rows(r.t, few, r.open(gitscan.Options{}).History(few, gitscan.HistoryOptions{Workers: 2}).Fragments(r.t.Context()))
	r.checkRangeIsHistory(few, got, tips)
	r.t.Logf("%d findings of few", len(got))
}

// splitRow returns what a row is about: kind, commit, path, token.
func splitRow(row string) [4]string {
	kind, rest, _ := strings.Cut(row, " ")
	commit, rest, _ := strings.Cut(rest, " ")
	path, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return [4]string{"error", row}
	}
	token, _, _ := strings.Cut(rest[len(path)+1:], " ")
	return [4]string{kind, commit, path, token}
}

// names returns the tokens in names.
func (o *oracle) names() []string {
	found := make(map[string]bool)
	for _, diff := range o.diffs {
		for path := range diff {
			for _, token := range tokensIn(path) {
				found[token] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// checkRangeIsHistory compares with a scan of everything, one commit after the other.
func (r *repository) checkRangeIsHistory(d *detect.Detector, got, tips []string) {
	r.t.Helper()
	content := slices.DeleteFunc(slices.Clone(got), func(row string) bool { return strings.HasPrefix(row, "name ") })
	opened := r.open(gitscan.Options{})
	if want := rows(r.t, d, opened.Range(r.t.Context(), tips, nil)); !slices.Equal(content, want) {
		r.t.Errorf("not as the range of everything: %s", difference(content, want))
	}
}

func difference(got, want []string) string {
	var b strings.Builder
	n := 0
	for _, side := range []struct {
		what     string
		in, than []string
	}{{"too much", got, want}, {"missing", want, got}} {
		for _, line := range side.in {
			if !slices.Contains(side.than, line) {
				if n++; n < 12 {
					fmt.Fprintf(&b, "\n  %s: %s", side.what, line)
				}
			}
		}
	}
	if n == 0 {
		return "another order"
	}
	return b.String()
}

// checkOrder compares runs with different numbers of workers and processors.
func (r *repository) checkOrder() {
	r.t.Helper()
	var want string
	for i, n := range []struct{ processors, workers int }{{1, 1}, {2, 2}, {8, 7}, {1, 7}, {8, 1}} {
		old := runtime.GOMAXPROCS(n.processors)
		d := tokenDetector(r.t, n.workers)
		opened := r.open(gitscan.Options{})
		list := rows(r.t, d, opened.History(d, gitscan.HistoryOptions{Workers: n.workers}).Fragments(r.t.Context()))
		c := opened.Coverage()
		c.Trees = 0 // every worker reads some again
		got := fmt.Sprint(strings.Join(list, "\n"), c)
		runtime.GOMAXPROCS(old)
		if i == 0 {
			want = got
		} else if got != want {
			r.t.Errorf("%+v: not as with one processor", n)
		}
	}
}

// inAlternate moves the packs to a directory that the repository borrows from.
func (r *repository) inAlternate() {
	r.t.Helper()
	other := filepath.Join(r.t.TempDir(), "other")
	if err := os.MkdirAll(other, 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(r.dir, ".git", "objects", "pack"), filepath.Join(other, "pack")); err != nil {
		r.t.Fatal(err)
	}
	r.write(".git/objects/info/alternates", other+"\n")
}

// makeHistory makes a random history and stores it in a random way.
func makeHistory(t testing.TB, seed uint64) *maker {
	m := newMaker(t, seed)
	parts := 1 + m.random.IntN(3)
	for range parts {
		m.commits(40 / parts)
	}
	m.branchOut()
	m.work()
	way := m.pack(int(seed))
	if m.random.IntN(3) == 0 {
		m.git("pack-refs", "--all")
	}
	if m.random.IntN(4) == 0 {
		m.inAlternate()
	}
	m.hide()
	t.Logf("seed %d: %s", seed, way)
	return m
}

// TestRandomHistories scans 4 random histories, or as many as KEYSIEVE_LONG says.
func TestRandomHistories(t *testing.T) {
	histories, seed := 4, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("KEYSIEVE_LONG")); err == nil {
		histories, seed = n, uint64(time.Now().UnixNano())/1000
	} else if testing.Short() {
		histories = 2
	}
	if n, err := strconv.ParseUint(os.Getenv("KEYSIEVE_SEED"), 10, 64); err == nil {
		seed = n
	}
	for i := range uint64(histories) {
		t.Run(fmt.Sprint(seed+i), func(t *testing.T) {
			m := makeHistory(t, seed+i)
			m.checkHistory()
			if i%3 == 0 {
				m.checkOrder()
			}
		})
		if t.Failed() {
			t.Fatalf("repeat it with KEYSIEVE_LONG=1 KEYSIEVE_SEED=%d", seed+i)
		}
	}
}
