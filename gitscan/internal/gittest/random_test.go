package gittest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keysieve/keysieve/gitscan/internal/index"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/repo"
	"github.com/keysieve/keysieve/gitscan/internal/staged"
)

const (
	shortSequences  = 60
	stepsOfSequence = 10
)

// The staged changes are those that git lists after every step of random sequences of git commands.
func TestRandomStagedChanges(t *testing.T) {
	sequences, seed := shortSequences, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("KEYSIEVE_LONG")); err == nil {
		sequences, seed = n, uint64(time.Now().UnixNano())
	} else if testing.Short() {
		sequences /= 6
	}
	if n, err := strconv.ParseUint(os.Getenv("KEYSIEVE_SEED"), 10, 64); err == nil {
		seed = n
	}
	templates := newTemplates(t)
	statistics := make(map[string]int)
	start := time.Now()
	for i := range sequences {
		template := templates[min(i%6, 1)]
		g := newGenerator(template, t.TempDir(), seed+uint64(i), statistics)
		if !g.run() {
			t.Fatalf("sequence %d of %d failed; repeat it with KEYSIEVE_LONG=6 KEYSIEVE_SEED=%d\n%s", i, sequences, seed+uint64(i-i%6), strings.Join(g.log, "\n"))
		}
		os.RemoveAll(g.dir)
	}
	var lines []string
	for what, n := range statistics {
		lines = append(lines, fmt.Sprintf("%s %d", what, n))
	}
	slices.Sort(lines)
	t.Logf("%d sequences, %.0f a minute, first seed %d; successful steps: %s",
		sequences, float64(sequences)/time.Since(start).Minutes(), seed, strings.Join(lines, ", "))
}

// template is a repository that sequences begin with, and the ids of the blobs in it.
type template struct {
	*repository
	blobs []string
}

// newTemplates returns a repository without a commit, and one with two branches.
func newTemplates(t *testing.T) []template {
	empty, full := newTemplate(t), newTemplate(t)
	full.write("a/a", content(0), "a/b/ab", content(1), "a.b", content(2), "a-b/a", content(3), "ab/a/b/a", content(4), "A", content(5), "é/b", content(6))
	full.commit("b/a.b/a", content(7), "b/b", content(8), "a0/a", content(9))
	full.git("branch", "other")
	full.git("rm", "-q", "-r", "b")
	full.commit("a/a", content(10), "a.b", content(11), "b", content(0))
	full.git("checkout", "-q", "other")
	full.git("mv", "a0", "b/a0")
	full.commit("a/a", content(2), "ab/a/b/b", content(1))
	full.git("checkout", "-q", "main")
	full.commit("é/b", content(7))
	return []template{empty, full}
}

func newTemplate(t *testing.T) template {
	r := newRepository(t, "--template=")
	tmpl := template{repository: r}
	for i := range 12 {
		r.write(strconv.Itoa(i), content(i))
		tmpl.blobs = append(tmpl.blobs, r.git("hash-object", "-w", strconv.Itoa(i)))
		os.Remove(filepath.Join(r.dir, strconv.Itoa(i)))
	}
	return tmpl
}

// content is text of several hunks, of which the variants share lines.
func content(i int) string {
	var text strings.Builder
	for line := range 20 {
		fmt.Fprintf(&text, "line %d", line)
		if line%7 == i%7 || line == 19-i {
			fmt.Fprintf(&text, " changed by %d", i)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// generator makes a sequence.
type generator struct {
	*repository
	blobs      []string
	random     *rand.Rand
	paths      []string // of the index, as of the last check
	sparse     bool     // it ever was
	over       bool     // git cannot go on
	log        []string
	statistics map[string]int
}

func newGenerator(tmpl template, dir string, seed uint64, statistics map[string]int) *generator {
	if err := os.CopyFS(dir, os.DirFS(tmpl.dir)); err != nil {
		tmpl.t.Fatal(err)
	}
	return &generator{
		repository: &repository{t: tmpl.t, dir: dir},
		blobs:      tmpl.blobs,
		random:     rand.New(rand.NewPCG(seed, 0)),
		statistics: statistics,
	}
}

// do runs git; a command that fails is a step like any other.
func (g *generator) do(args ...string) bool { return g.doIn("", args...) }

func (g *generator) doIn(input string, args ...string) bool {
	out, err := g.try(input, args...)
	entry := fmt.Sprintf("git %q", args)
	if input != "" {
		entry += fmt.Sprintf(" <<%q", input)
	}
	if err != nil {
		out, _, _ = strings.Cut(out, "\n")
		entry += "  # " + err.Error() + ": " + out
	}
	g.log = append(g.log, entry)
	return err == nil
}

// run runs the sequence and compares after each step.
func (g *generator) run() bool {
	g.indexInfo()
	g.check()
	for n := 0; n < stepsOfSequence && !g.over; n++ {
		step := steps[g.random.IntN(len(steps))]
		if step.run(g) {
			g.statistics[step.name]++
		}
		if !g.check() {
			return false
		}
	}
	return true
}

func (g *generator) check() bool {
	want, err := g.tryGitChanges()
	found := g.discover()
	if err != nil && g.sparse {
		// The sparse index of git 2.39 is not always one that it can read again, above all if it is split too.
		g.over = true
		g.statistics["(sparse index that git 2.39 has made and cannot read)"]++
		return true
	}
	if err != nil {
		g.t.Error(err)
		return false
	}
	objects, err := found.Objects()
	if err != nil {
		g.t.Error(err)
		return false
	}
	defer objects.Close()
	got, err := ourChanges(found, objects, staged.Options{})
	if err != nil {
		if _, fsckErr := g.try("", "fsck", "--connectivity-only"); fsckErr != nil && g.sparse && strings.Contains(err.Error(), "out of order") {
			g.statistics["(sparse index out of order, which git fsck refuses too)"]++
			return true
		}
		g.t.Error(err)
		return false
	}
	g.paths = indexPaths(found)
	got, want = withoutSparseConflicts(got, want)
	if !slices.Equal(got, want) {
		g.t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		return false
	}
	return true
}

// indexPaths returns the paths in the index, and those of their directories.
func indexPaths(found *repo.Repository) []string {
	ix, err := index.Read(found.IndexFile, found.GitDir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, e := range ix.Entries {
		paths = append(paths, strings.TrimSuffix(e.Path, "/"))
		if dir := filepath.Dir(e.Path); dir != "." {
			paths = append(paths, dir)
		}
	}
	return paths
}

// Names with bytes on both sides of the slash in the order, so that files and directories take each other's places.
var components = []string{"a", "b", "a.b", "a-b", "ab", "a0", "A", "é"}

func (g *generator) path() string {
	if len(g.paths) > 0 && g.random.IntN(3) > 0 {
		return g.pick(g.paths...)
	}
	path := g.pick(components...)
	for g.random.IntN(5) < 3 && strings.Count(path, "/") < 3 {
		path += "/" + g.pick(components...)
	}
	return path
}

func (g *generator) pick(list ...string) string { return list[g.random.IntN(len(list))] }

func (g *generator) commitish() string {
	return g.pick("HEAD", "HEAD~", "HEAD~2", "other", "other~")
}

// indexInfo changes some paths of the index at once.
func (g *generator) indexInfo() bool {
	var lines strings.Builder
	for range 1 + g.random.IntN(6) {
		path := g.path()
		switch g.random.IntN(12) {
		case 0, 1:
			fmt.Fprintf(&lines, "0 %s\t%s\x00", object.ID{}, path)
		case 2:
			for stage := 1; stage <= 3; stage++ {
				if g.random.IntN(4) > 0 {
					fmt.Fprintf(&lines, "100644 %s %d\t%s\x00", g.pick(g.blobs...), stage, path)
				}
			}
		default:
			fmt.Fprintf(&lines, "%s %s\t%s\x00", g.pick("100644", "100644", "100644", "100755", "120000", "160000"), g.pick(g.blobs...), path)
		}
	}
	return g.doIn(lines.String(), "update-index", "-z", "--index-info")
}

// writeFiles writes some files to the worktree and returns the path of the last.
func (g *generator) writeFiles() string {
	path := ""
	for range 1 + g.random.IntN(3) {
		path = g.path()
		full := g.clear(path)
		if g.random.IntN(6) == 0 {
			os.MkdirAll(filepath.Dir(full), 0o700)
			os.Symlink("target", full)
			g.log = append(g.log, fmt.Sprintf("link %q", path))
		} else {
			g.put(path, g.random.IntN(12))
		}
	}
	return path
}

// put writes a file with one of the contents to the worktree.
func (g *generator) put(path string, i int) {
	g.clear(path)
	g.write(path, content(i))
	g.log = append(g.log, fmt.Sprintf("write %q", path))
}

// clear removes what is in the way of a new file in the worktree and returns its full name.
func (g *generator) clear(path string) string {
	for dir := filepath.Dir(path); dir != "."; dir = filepath.Dir(dir) {
		if info, err := os.Lstat(filepath.Join(g.dir, dir)); err == nil && !info.IsDir() {
			os.Remove(filepath.Join(g.dir, dir))
		}
	}
	full := filepath.Join(g.dir, path)
	os.RemoveAll(full)
	return full
}

// hunk stages one hunk of the worktree's changes, as git add -p does.
func (g *generator) hunk() bool {
	g.writeFiles()
	patch, err := g.try("", "diff", "--diff-filter=M", "--ignore-submodules", "-U0")
	if err != nil || patch == "" {
		return false
	}
	file, _, _ := strings.Cut(patch, "\ndiff --git")
	hunks := strings.Split(file+"\n", "\n@@ ")
	if len(hunks) < 2 {
		return false
	}
	one := hunks[0] + "\n@@ " + hunks[1+g.random.IntN(len(hunks)-1)]
	return g.doIn(strings.TrimRight(one, "\n")+"\n", "apply", "--cached", "--unidiff-zero")
}

// sparseCheckout restricts the worktree to some directories.
func (g *generator) sparseCheckout() bool {
	g.sparse = true
	g.do("config", "index.sparse", g.pick("true", "true", "false"))
	return g.do("sparse-checkout", "set", "--cone", g.pick(components...), g.pick(components...))
}

// dropChecksum makes of the index one that was written without a checksum.
func (g *generator) dropChecksum() bool {
	path := filepath.Join(g.dir, ".git", "index")
	data, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	clear(data[len(data)-object.Size:])
	g.log = append(g.log, "drop the checksum")
	return os.WriteFile(path, data, 0o600) == nil
}

// writeTree makes a cache-tree, but not of a sparse index: git 2.39 then writes one with paths out of order.
func (g *generator) writeTree() bool { return !g.sparse && g.do("write-tree") }

// steps are what a sequence is made of. What is there twice comes twice as often.
var steps = []struct {
	name string
	run  func(*generator) bool
}{
	{"index-info", (*generator).indexInfo},
	{"index-info", (*generator).indexInfo},
	{"index-info", (*generator).indexInfo},
	{"add", func(g *generator) bool { return g.do("add", "--sparse", "--", g.writeFiles()) }},
	{"add all", func(g *generator) bool { g.writeFiles(); return g.do("add", "-A") }},
	{"add -N", func(g *generator) bool { return g.do("add", "--sparse", "-N", "--", g.writeFiles()) }},
	{"add -N", func(g *generator) bool { return g.do("add", "--sparse", "-N", "--", g.writeFiles()) }},
	{"hunk", (*generator).hunk},
	{"rm", func(g *generator) bool { return g.do("rm", "-r", "-q", "-f", "--sparse", "--cached", "--", g.path()) }},
	{"rm", func(g *generator) bool { return g.do("rm", "-r", "-q", "-f", "--sparse", "--", g.pick(components...)) }},
	{"mv", func(g *generator) bool { return g.do("mv", "--sparse", "-f", g.path(), g.path()) }},
	{"mv after checkout", func(g *generator) bool {
		g.do("checkout-index", "-q", "-a", "-f")
		return g.do("mv", "--sparse", "-f", g.pick(components...), g.path())
	}},
	{"chmod", func(g *generator) bool { return g.do("update-index", "--chmod="+g.pick("+x", "-x"), g.path()) }},
	{"commit", func(g *generator) bool { return g.do("commit", "-q", "--allow-empty", "-m", "x") }},
	{"commit", func(g *generator) bool { return g.do("commit", "-q", "--allow-empty", "-m", "x") }},
	{"commit", func(g *generator) bool {
		g.do("rm", "-q", "--cached", "--ignore-unmatch", "--sparse", "-r", g.pick(components...))
		return g.do("commit", "-q", "-m", "x")
	}},
	{"commit -a", func(g *generator) bool { g.writeFiles(); return g.do("commit", "-q", "-a", "-m", "x") }},
	{"commit path", func(g *generator) bool { return g.do("commit", "-q", "-m", "x", "--", g.writeFiles()) }},
	{"amend", func(g *generator) bool { return g.do("commit", "-q", "--amend", "--allow-empty", "-m", "y") }},
	{"write-tree", (*generator).writeTree},
	{"write-tree", (*generator).writeTree},
	{"reset", func(g *generator) bool {
		return g.do("reset", "-q", g.pick("--soft", "--soft", "--mixed", "--hard", "-N"), g.commitish())
	}},
	{"reset path", func(g *generator) bool { return g.do("reset", "-q", g.commitish(), "--", g.path()) }},
	{"restore", func(g *generator) bool {
		return g.do("restore", "--staged", "--source", g.commitish(), g.pick(components...))
	}},
	{"branch", func(g *generator) bool { return g.do("branch", "-q", "-f", "other", g.commitish()) }},
	{"branch", func(g *generator) bool { return g.do("branch", "-q", "-f", "other") }},
	{"switch", func(g *generator) bool { return g.do("checkout", "-q", "-f", "-B", "main", g.commitish()) }},
	{"merge", func(g *generator) bool {
		return g.do("merge", "-q", "--no-edit", g.pick("--no-ff", "--no-commit", "--squash"), "other")
	}},
	{"merge with a change", func(g *generator) bool {
		// Two histories that are likely to disagree.
		g.do("reset", "-q", "--hard")
		path := g.path()
		for i, branch := range []string{"other", "main"} {
			g.do("checkout", "-q", "-f", "-B", branch, g.pick("HEAD", "HEAD~"))
			g.put(filepath.Join("m", g.pick("x", "y"), path), i)
			g.do("add", "-A", "--sparse")
			g.do("commit", "-q", "-m", branch)
		}
		g.do("merge", "-q", "--no-edit", "other")
		return g.hasConflict()
	}},
	{"cherry-pick", func(g *generator) bool { return g.do("cherry-pick", "--allow-empty", "-n", g.commitish()) }},
	{"stash", func(g *generator) bool { return g.do("stash", "-q") && g.do("stash", "pop", "-q", "--index") }},
	{"read-tree", func(g *generator) bool { return g.do("read-tree", g.commitish()) }},
	{"read-tree -m", func(g *generator) bool { return g.do("read-tree", "-m", g.commitish(), g.commitish(), g.commitish()) }},
	{"read-tree prefix", func(g *generator) bool { return g.do("read-tree", "--prefix="+g.path(), g.commitish()) }},
	{"read-tree empty", func(g *generator) bool { return g.random.IntN(4) == 0 && g.do("read-tree", "--empty") }},
	{"version", func(g *generator) bool { return g.do("update-index", "--index-version", g.pick("2", "3", "4")) }},
	{"mode", func(g *generator) bool {
		return g.do("update-index", "--add", "--cacheinfo", g.pick("100755", "100644", "120000", "160000")+","+g.pick(g.blobs...)+","+g.path())
	}},
	{"version 4", func(g *generator) bool { return g.do("update-index", "--index-version", "4") }},
	{"split", func(g *generator) bool {
		g.do("config", "splitIndex.maxPercentChange", g.pick("100", "100", "20"))
		return !g.sparse && g.do("update-index", "--split-index")
	}},
	{"split", func(g *generator) bool {
		g.do("config", "splitIndex.maxPercentChange", "100")
		return !g.sparse && g.do("update-index", "--split-index")
	}},
	{"no split", func(g *generator) bool { return g.do("update-index", "--no-split-index") }},
	{"untracked cache", func(g *generator) bool {
		return g.do("update-index", "--force-untracked-cache") && g.do("status", "--porcelain")
	}},
	{"skip-worktree", func(g *generator) bool { return g.do("update-index", "--skip-worktree", g.path()) }},
	{"assume-unchanged", func(g *generator) bool { return g.do("update-index", "--assume-unchanged", g.path()) }},
	{"sparse", (*generator).sparseCheckout},
	{"no sparse", func(g *generator) bool { return g.sparse && g.do("sparse-checkout", "disable") }},
	{"no checksum", (*generator).dropChecksum},
	{"gc", func(g *generator) bool {
		return g.random.IntN(4) == 0 && g.do("repack", "-q", "-a", "-d", "--window=50")
	}},
	{"pack-refs", func(g *generator) bool { return g.do("pack-refs", "--all") }},
}

func (g *generator) hasConflict() bool {
	out, err := g.try("", "ls-files", "-u")
	return err == nil && out != ""
}
