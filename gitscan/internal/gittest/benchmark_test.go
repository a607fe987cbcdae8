package gittest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan"
	"github.com/keysieve/keysieve/gitscan/internal/staged"
)

// BenchmarkStaged is all that a hook does before it scans: find the repository, read the index, compare. The repository has
// 100,000 files in 5,000 directories, all packed, and two staged changes.
func BenchmarkStaged(b *testing.B) {
	r := newLargeRepository(b)
	want := len(r.gitChanges())
	for b.Loop() {
		found := r.discover()
		objects, err := found.Objects()
		if err != nil {
			b.Fatal(err)
		}
		changes, err := ourChanges(found, objects, staged.Options{})
		if err != nil || len(changes) != want {
			b.Fatal(changes, err, want)
		}
		objects.Close()
	}
}

// BenchmarkStagedFragments is the same with the fragments of what is new, loaded.
func BenchmarkStagedFragments(b *testing.B) {
	r := newLargeRepository(b)
	for b.Loop() {
		opened, err := gitscan.Open(r.dir, r.getenv, gitscan.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for f, err := range opened.Staged(b.Context()) {
			if err == nil {
				_, err = f.Load(new([]byte))
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		if n := opened.Coverage().Scanned.Files; n != 1 {
			b.Fatalf("%d files", n)
		}
		opened.Close()
	}
}

func newLargeRepository(b *testing.B) *repository {
	r := newRepository(b)
	var input strings.Builder
	input.WriteString("commit refs/heads/main\ncommitter C <c@example.com> 1700000000 +0000\ndata 1\nm\n")
	for i := range 100_000 {
		fmt.Fprintf(&input, "M 644 inline d%02d/e%03d/some/file%06d.go\ndata 6\n%06d\n", i/2000, i/20, i, i)
	}
	r.gitIn(input.String(), "fast-import", "--quiet")
	r.git("read-tree", "main")
	r.git("update-index", "--add", "--cacheinfo", "100644,"+r.gitIn("new", "hash-object", "-w", "--stdin")+",d07/new")
	r.git("update-index", "--force-remove", "d09/e0900/some/file018001.go")
	return r
}
