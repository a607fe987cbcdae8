package gittest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/keysieve/keysieve/gitscan"
)

// treeBomb makes a tree that stands for 10^depth copies of a file.
func (r *repository) treeBomb(depth int, text string) string {
	r.t.Helper()
	id := "100644 blob " + r.gitIn(text, "hash-object", "-w", "--stdin")
	for range depth {
		var lines strings.Builder
		for i := range 10 {
			fmt.Fprintf(&lines, "%s\t%d\n", id, i)
		}
		id = "040000 tree " + r.gitIn(lines.String(), "mktree")
	}
	return strings.Fields(id)[2]
}

// counts scans and returns the number of fragments, and that of errors.
func counts(t *testing.T, r *gitscan.Repository, opts gitscan.HistoryOptions) (fragments, errs int) {
	t.Helper()
	for _, err := range r.History(detector(t), opts).Fragments(t.Context()) {
		if fragments++; err != nil {
			fragments--
			errs++
		}
	}
	return fragments, errs
}

// TestHistoryTreeBomb scans a commit with 10^7 paths, and others that take it away and bring it back all the time. Not all copies
// are looked at, which is said, but what they are copies of is.
func TestHistoryTreeBomb(t *testing.T) {
	r := newRepository(t, "--template=")
	bomb := r.treeBomb(7, "nothing\n")
	secret := "040000 tree " + r.gitIn("100644 blob "+r.gitIn("[tok01]\n", "hash-object", "-w", "--stdin")+"\tlast\n", "mktree")
	tree := r.gitIn("040000 tree "+bomb+"\tbomb\n"+secret+"\tz\n", "mktree")
	r.git("update-ref", "refs/heads/once", r.git("commit-tree", "-m", "m", tree))
	opened := r.open(gitscan.Options{})
	if n, errs := counts(t, opened, gitscan.HistoryOptions{Refs: []string{"once"}}); n != 1 || errs != 1 {
		t.Errorf("%d fragments, %d errors", n, errs)
	}
	if c := opened.Coverage(); c.Scanned.Files != 2 || c.Failed.Files != 1 {
		t.Errorf("%+v", c)
	}
	var input strings.Builder
	const commits = 12
	for i := range commits {
		fmt.Fprintf(&input, "commit refs/heads/often\nmark :%d\ncommitter C <c@example.com> %d +0000\ndata 1\nm\n", i+1, 1_700_000_000+i)
		if i > 0 {
			fmt.Fprintf(&input, "from :%d\n", i)
		}
		input.WriteString("deleteall\n")
		if i%2 == 0 {
			fmt.Fprintf(&input, "M 040000 %s x\n", bomb)
		} else {
			fmt.Fprintf(&input, "M 100644 inline f%d\ndata 9\n[tok02] %d\n", i, i%10)
		}
	}
	r.gitIn(input.String(), "fast-import", "--quiet")
	if n, errs := counts(t, r.open(gitscan.Options{}), gitscan.HistoryOptions{Refs: []string{"often"}}); n != commits/2 || errs == 0 {
		t.Errorf("%d fragments, %d errors", n, errs)
	}
}

// TestHistoryLimits leaves out a file that is too large, loose, packed, and as what others are made of, and reads one that is not in pieces.
func TestHistoryLimits(t *testing.T) {
	r := newRepository(t, "--template=")
	lines := strings.Repeat("nothing to be seen here\n", 100_000)
	r.commit("large", lines+"[tok01]\n", "small", "[tok02]\n")
	r.commit("large", lines+"[tok03]\n[tok01]\n")
	r.commit("large", "[tok04]\n")
	check := func(what string, max int64, want ...string) {
		t.Helper()
		d := detector(t)
		opened := r.open(gitscan.Options{MaxBlob: max})
		got := findings(t, opened.History(d, gitscan.HistoryOptions{}).Fragments(t.Context()))
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		balanced(t, opened.Coverage())
		if c := opened.Coverage(); max > 0 && c.TooLarge.Files != 2 {
			t.Errorf("%s: %+v", what, c)
		}
	}
	for _, what := range []string{"loose", "packed"} {
		check(what, 1_000_000, "! large", "small:1 tok02", "! large", "large:1 tok04")
		check(what, 0, "large:100001 tok01", "small:1 tok02", "large:100001 tok03", "large:1 tok04")
		r.git("repack", "-adfq")
	}
	r.git("-c", "core.bigFileThreshold=1m", "repack", "-adfq")
	check("not as deltas", 1_000_000, "! large", "small:1 tok02", "! large", "large:1 tok04")

	const stream = 17 << 20 // what is larger is not read at once
	huge := newRepository(t, "--template=")
	text := []byte(strings.Repeat("nothing to be seen here\n", stream/24))
	for i := range 17 {
		copy(text[i*(1<<20)-min(i, 3):], fmt.Sprintf("[tok%02d]", i))
	}
	huge.commit("huge", string(text))
	for _, what := range []string{"loose", "packed"} {
		if got := findings(t, huge.open(gitscan.Options{}).History(detector(t), gitscan.HistoryOptions{}).Fragments(t.Context())); len(got) != 17 {
			t.Errorf("%s: %q", what, got)
		}
		huge.git("-c", "core.bigFileThreshold=1m", "repack", "-adfq")
	}
}

// TestHistoryEnds makes sure that a scan ends with its context, or when nobody wants to have more, and leaves nothing behind.
func TestHistoryEnds(t *testing.T) {
	m := newMaker(t, 2)
	m.commits(30)
	m.branchOut()
	m.pack(1)
	d := tokenDetector(t, 2)
	before := runtime.NumGoroutine()
	for i := range 8 {
		ctx, cancel := context.WithCancel(t.Context())
		opened := m.open(gitscan.Options{})
		history := opened.History(d, gitscan.HistoryOptions{Workers: 3})
		if i == 7 {
			cancel()
		}
		n := 0
		for _, err := range history.Fragments(ctx) {
			if n++; i%2 == 0 && n == i+1 {
				break
			} else if n == i+1 {
				cancel()
			} else if n > i+1 && !errors.Is(err, context.Canceled) {
				t.Errorf("after the end: %v", err)
			}
		}
		cancel()
	}
	for range d.Scan(t.Context(), m.open(gitscan.Options{}).History(d, gitscan.HistoryOptions{}).Fragments(t.Context())) {
		break
	}
	for wait := 0; runtime.NumGoroutine() > before; wait++ {
		if wait == 100 {
			t.Fatalf("%d goroutines, and %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestRepeatedNames reads a tree that has the same name over and over, as git would not make it.
func TestRepeatedNames(t *testing.T) {
	r := newRepository(t, "--template=")
	blob := parseID(t, r.gitIn("[tok01]\n", "hash-object", "-w", "--stdin"))
	tree := r.gitIn(strings.Repeat("100644 a\x00"+string(blob[:]), 500_000), "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
	r.git("update-ref", "refs/heads/main", r.git("commit-tree", "-m", "m", tree))
	for _, what := range []string{"loose", "packed"} {
		opened := r.open(gitscan.Options{})
		if n, errs := counts(t, opened, gitscan.HistoryOptions{}); n != 1 || errs != 1 {
			t.Errorf("%s: %d fragments, %d errors", what, n, errs)
		}
		r.git("repack", "-adfq")
	}
}

// raw returns an object's id as trees have it.
func (r *repository) raw(id string) string {
	parsed := parseID(r.t, id)
	return string(parsed[:])
}

// tree stores a tree as it is written.
func (r *repository) tree(content string) string {
	return r.gitIn(content, "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
}

// TestPathsThatComeUpTwice finds what is at a path where something else is, too, which only forged trees have.
func TestPathsThatComeUpTwice(t *testing.T) {
	forge := map[string]func(r *repository, secret, other string) string{
		"the same name": func(r *repository, secret, other string) string {
			return "100644 a\x00" + other + "100644 a\x00" + secret
		},
		"a name with a slash": func(r *repository, secret, other string) string {
			return "40000 a\x00" + r.raw(r.tree("100644 x\x00"+other)) + "100644 a/x\x00" + secret
		},
		"a file and a link": func(r *repository, secret, other string) string {
			return "100644 a\x00" + other + "120000 a\x00" + secret
		},
	}
	for what, content := range forge {
		t.Run(what, func(t *testing.T) {
			r := newRepository(t, "--template=")
			secret := r.raw(r.gitIn("[tok000001]", "hash-object", "-w", "--stdin"))
			other := r.raw(r.gitIn("nothing", "hash-object", "-w", "--stdin"))
			r.git("update-ref", "refs/heads/forged", r.git("commit-tree", "-m", "m", r.tree(content(r, secret, other))))
			for _, packed := range []bool{false, true} {
				if packed {
					r.git("repack", "-adfq")
				}
				if got, complete := r.scanHistory(); len(got) != 1 || !complete {
					t.Errorf("packed %v: %q", packed, got)
				}
			}
		})
	}
}

// TestLongPaths ends soon where a directory's name has megabytes and many files are below it, and says that not all were read.
func TestLongPaths(t *testing.T) {
	r := newRepository(t, "--template=")
	blob := r.raw(r.gitIn("nothing\n", "hash-object", "-w", "--stdin"))
	secret := r.raw(r.gitIn("[tok000001]", "hash-object", "-w", "--stdin"))
	var files strings.Builder
	for i := range 300 {
		fmt.Fprintf(&files, "100644 f%03d\x00%s", i, blob)
	}
	top := r.tree("100644 a\x00" + secret + "40000 " + strings.Repeat("d", 1<<20) + "\x00" + r.raw(r.tree(files.String())))
	r.git("update-ref", "refs/heads/long", r.git("commit-tree", "-m", "m", top))
	got, complete := r.scanHistory()
	if len(got) != 2 || complete {
		t.Errorf("%d rows, complete %v", len(got), complete)
	}
	for _, row := range got {
		if len(row) > 10_000 {
			t.Errorf("a row of %d bytes", len(row))
		}
	}
}
