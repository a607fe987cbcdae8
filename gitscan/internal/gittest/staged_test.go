package gittest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/index"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/repo"
	"github.com/keysieve/keysieve/gitscan/internal/staged"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// gitChanges returns what git lists as staged, a line for each path, sorted. Of a path in conflict it says only that.
func (r *repository) gitChanges() []string {
	r.t.Helper()
	list, err := r.tryGitChanges()
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

func (r *repository) tryGitChanges() ([]string, error) {
	out, err := r.try("", diffCached...)
	if err != nil {
		return nil, fmt.Errorf("git diff: %w: %s", err, out)
	}
	return parseChanges(out)
}

var diffCached = []string{"diff", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none"}

func parseChanges(out string) ([]string, error) {
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	var list []string
	for i := 0; i+1 < len(fields); i += 2 {
		f := strings.Fields(strings.TrimPrefix(fields[i], ":"))
		if len(f) != 5 {
			return nil, fmt.Errorf("git diff: %q", fields[i])
		}
		if f[4] == "U" {
			f = f[4:]
		}
		list = append(list, strings.Join(f, " ")+" "+strconv.Quote(fields[i+1]))
	}
	slices.Sort(list)
	return settle(slices.Compact(list)), nil
}

// settle makes of a path that is both added and deleted what it is: unchanged, if it is added as it was. Git lists such paths
// below a sparse directory that has the name of a file in conflict.
func settle(list []string) []string {
	added := make(map[string][]string)
	for _, line := range list {
		if f := strings.SplitN(line, " ", 6); len(f) == 6 && f[4] == "A" {
			added[f[5]] = f
		}
	}
	var settled []string
	for _, line := range list {
		f := strings.SplitN(line, " ", 6)
		if a, ok := added[f[len(f)-1]]; ok && len(f) == 6 && f[4] == "D" && a[1] == f[0] && a[3] == f[2] {
			settled = slices.DeleteFunc(settled, func(other string) bool { return other == strings.Join(a, " ") })
			continue
		}
		settled = append(settled, line)
	}
	return settled
}

// ourChanges returns the same as our code says, with the options.
func ourChanges(found *repo.Repository, objects *store.Objects, opts staged.Options) ([]string, error) {
	ix, err := index.Read(found.IndexFile, found.GitDir)
	if err != nil {
		return nil, err
	}
	head, err := found.Refs().Head()
	if err != nil {
		return nil, err
	}
	var tree object.ID
	if !head.ID.IsZero() {
		commit, err := objects.Commit(head.ID)
		if err != nil {
			return nil, err
		}
		tree = commit.Tree
	}
	var list []string
	var errs []error
	for change, err := range staged.Changes(ix, tree, objects.Tree, opts) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, line(change))
	}
	slices.Sort(list)
	return slices.Compact(list), errors.Join(errs...)
}

func line(c staged.Change) string {
	if c.Status == staged.Unmerged {
		return fmt.Sprintf("U %q", c.Path)
	}
	return fmt.Sprintf("%06o %06o %s %s %c %q", c.OldMode, c.NewMode, c.OldID, c.NewID, c.Status, c.Path)
}

// withoutSparseConflicts drops from both lists what is below a sparse directory in conflict, of which git says no more than
// its name.
func withoutSparseConflicts(ours, gits []string) (_, _ []string) {
	for _, line := range slices.Clone(gits) {
		dir, ok := strings.CutPrefix(line, "U ")
		if !ok || !strings.HasSuffix(dir, `/"`) {
			continue
		}
		below := func(line string) bool { return strings.Contains(line, " "+strings.TrimSuffix(dir, `"`)) }
		ours, gits = slices.DeleteFunc(ours, below), slices.DeleteFunc(gits, below)
	}
	return ours, gits
}

// checkChanges compares both.
func (r *repository) checkChanges(what string) {
	r.t.Helper()
	want := r.gitChanges()
	got, err := ourChanges(r.discover(), r.objects(), staged.Options{})
	if err != nil {
		r.t.Errorf("%s: %v", what, err)
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("%s:\ngot  %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// The kinds of indexes, as commands that turn the index into one.
var indexKinds = map[string][][]string{
	"version 2": {{"update-index", "--index-version", "2"}},
	"version 3": {{"update-index", "--index-version", "3"}},
	"version 4": {{"update-index", "--index-version", "4"}},
	"split":     {{"update-index", "--split-index"}, {"config", "splitIndex.maxPercentChange", "100"}},
	"untracked": {{"update-index", "--untracked-cache"}},
	"skip":      {{"update-index", "--skip-worktree", "a", "d/e/f"}},
	"cached":    {{"write-tree"}},
	"sparse":    {{"sparse-checkout", "set", "--cone", "--sparse-index", "d"}},
}

func TestStagedChanges(t *testing.T) {
	for name, commands := range indexKinds {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.write("a", "1", "b", "2", "d/e/f", "3", "d/g", "4", "x/y/z", "5", "x/w", "6")
			r.git("add", "-A")
			r.checkChanges("first commit")
			r.commit()
			r.checkChanges("nothing")
			for _, command := range commands {
				r.git(command...)
			}
			r.checkChanges("turned into " + name)
			link := r.gitIn("target", "hash-object", "-w", "--stdin")
			r.write("new", "7", "d/g", "8", "d/ita", "9")
			r.git("add", "new", "d/g")
			r.git("add", "-N", "d/ita")
			r.git("rm", "-q", "--cached", "--sparse", "d/e/f")
			r.git("update-index", "--add", "--cacheinfo", "120000,"+link+",b", "--cacheinfo", "160000,"+r.git("rev-parse", "HEAD")+",sub")
			r.checkChanges("changed")
			if name != "sparse" { // Of a sparse index, git 2.39's write-tree makes one with paths out of order.
				r.git("write-tree")
				r.checkChanges("with trees")
			}
			r.git("commit", "-q", "-m", "second")
			r.checkChanges("committed")
			r.git("reset", "-q", "--soft", "HEAD~")
			r.checkChanges("before the second commit")
			r.git("read-tree", "--empty")
			r.checkChanges("everything deleted")
		})
	}
}

func TestSkipDeleted(t *testing.T) {
	r := newRepository(t)
	r.commit("a", "1", "d/e/f", "2", "g/h", "3")
	r.write("g/h", "4")
	r.git("add", "-A")
	r.git("rm", "-q", "a", "d/e/f")
	want := slices.DeleteFunc(r.gitChanges(), func(line string) bool { return strings.Contains(line, " D ") })
	got, err := ourChanges(r.discover(), r.objects(), staged.Options{SkipDeleted: true})
	if err != nil || !slices.Equal(got, want) || len(got) != 1 {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestConflict(t *testing.T) {
	r := newRepository(t)
	r.commit("f", "base\n", "g", "1")
	r.git("checkout", "-q", "-b", "other")
	r.commit("f", "theirs\n", "new", "theirs")
	r.git("checkout", "-q", "main")
	r.commit("f", "ours\n", "new", "ours")
	if _, err := r.try("", "merge", "other"); err == nil {
		t.Fatal("no conflict")
	}
	r.checkChanges("merge")

	found := r.discover()
	ix, err := index.Read(found.IndexFile, found.GitDir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for change, err := range staged.Changes(ix, object.ID{}, nil, staged.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		if change.Status == staged.Unmerged {
			got = append(got, fmt.Sprint(change.Path, " ", change.Stage, " ", r.git("cat-file", "-p", change.NewID.String())))
		}
	}
	want := []string{"f 1 base", "f 2 ours", "f 3 theirs", "new 2 ours", "new 3 theirs"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if ids, err := found.Refs().IDs("MERGE_HEAD"); err != nil || len(ids) != 1 || ids[0].String() != r.git("rev-parse", "other") {
		t.Errorf("MERGE_HEAD: %v, %v", ids, err)
	}
}

// Bitmaps with long runs and many literal words.
func TestLargeSplitIndex(t *testing.T) {
	r := newRepository(t)
	blobs := []string{r.gitIn("1", "hash-object", "-w", "--stdin"), r.gitIn("2", "hash-object", "-w", "--stdin")}
	var lines strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&lines, "100644 %s	d%d/f%05d\n", blobs[0], i/100, i)
	}
	r.gitIn(lines.String(), "update-index", "--index-info")
	r.git("commit", "-q", "-m", "m")
	r.git("config", "splitIndex.maxPercentChange", "100")
	r.git("update-index", "--split-index")
	lines.Reset()
	for i := range 6000 {
		switch {
		case i < 1500, i%7 == 0, 4000 < i && i < 4100:
			fmt.Fprintf(&lines, "100644 %s	d%d/f%05d\n", blobs[1], i/100, i)
		case 2000 < i && i < 3000, i%11 == 0:
			fmt.Fprintf(&lines, "0 %s	d%d/f%05d\n", object.ID{}, i/100, i)
		case i%13 == 0:
			fmt.Fprintf(&lines, "100644 %s	d%d/f%05d.new\n", blobs[1], i/100, i)
		}
	}
	r.gitIn(lines.String(), "update-index", "--index-info")
	r.checkChanges("split")
	r.git("write-tree")
	r.checkChanges("split, with trees")
}

// What git commit hands to a hook: an index under another name.
func TestOtherIndexFile(t *testing.T) {
	r := newRepository(t)
	r.commit("a", "1", "d/b", "2")
	r.write("a", "3", "d/b", "4")
	r.git("add", "a")
	other := r.in(".", "GIT_INDEX_FILE=.git/other.lock")
	other.git("read-tree", "HEAD")
	other.git("add", "d/b")
	r.checkChanges("usual index")
	other.checkChanges("other index")
	other.in("d").checkChanges("other index, seen from a sub-directory")
	if slices.Equal(r.gitChanges(), other.gitChanges()) {
		t.Error("both have the same changes")
	}
}

func TestIndexWithoutChecksum(t *testing.T) {
	r := newRepository(t)
	r.commit("a", "1", "d/b", "2")
	r.write("a", "3")
	r.git("add", "a")
	path := filepath.Join(r.dir, ".git", "index")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(data[len(data)-object.Size:])
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r.checkChanges("no checksum")
}

func TestHEADWithMissingTree(t *testing.T) {
	r := newRepository(t)
	r.commit("a", "1", "d/b", "2", "e/f", "3")
	r.write("d/b", "4", "e/f", "5")
	r.git("add", "-A")
	tree := r.git("rev-parse", "HEAD:d")
	if err := os.Remove(filepath.Join(r.dir, ".git", "objects", tree[:2], tree[2:])); err != nil {
		t.Fatal(err)
	}
	got, err := ourChanges(r.discover(), r.objects(), staged.Options{})
	var missing *store.MissingError
	var place *object.TreeError
	if !errors.As(err, &missing) || missing.ID.String() != tree || !errors.As(err, &place) || place.Path != "d/" {
		t.Errorf("error: %v", err)
	}
	all := strings.Join(got, "\n")
	if len(got) != 2 || !strings.Contains(all, `A "d/b"`) || !strings.Contains(all, `M "e/f"`) {
		t.Errorf("changes: %q", got)
	}
}
