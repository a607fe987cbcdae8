package gittest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/survey"
)

// contents are what git ls-tree says of some trees: paths and blobs by tree.
type contents map[string][][2]string

func (r *repository) contentsOf(trees []string) contents {
	l := make(contents)
	for _, tree := range trees {
		l[tree] = nil
		for line := range strings.SplitAfterSeq(r.git("ls-tree", "-r", "-z", tree), "\x00") {
			info, path, ok := strings.Cut(strings.TrimSuffix(line, "\x00"), "\t")
			if f := strings.Fields(info); ok && f[1] == "blob" {
				l[tree] = append(l[tree], [2]string{path, f[2]})
			}
		}
	}
	return l
}

// checkSurvey compares a survey with what git says of the trees, and what trees hold of some blobs.
func (r *repository) checkSurvey(trees []string, random *rand.Rand) {
	r.t.Helper()
	objects := bulk.Open(r.objects())
	defer objects.Close()
	s, err := survey.Read(r.t.Context(), objects, 2, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	var ids []object.ID
	for _, tree := range trees {
		ids = append(ids, parseID(r.t, tree))
	}
	if err := s.Locate(r.t.Context(), ids, nil); err != nil {
		r.t.Fatal(err)
	}
	var got, want []string
	for _, u := range s.Uses {
		got = append(got, s.Paths[u.Path]+" "+s.Blobs[u.Blob].String())
	}
	contents := r.contentsOf(trees)
	for _, list := range contents {
		for _, f := range list {
			want = append(want, f[0]+" "+f[1])
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if got, want = slices.Compact(got), slices.Compact(want); !slices.Equal(got, want) {
		r.t.Fatalf("not as git says: %s", difference(got, want))
	}
	for _, share := range []int{2, 10, 50} {
		matters := make([]bool, len(s.Blobs))
		of := make(map[string]bool)
		for i := range matters {
			matters[i] = random.IntN(share) == 0
			of[s.Blobs[i].String()] = matters[i]
		}
		sets, err := s.Holdings(matters, nil).Sets(s.TreesOf(ids))
		if err != nil {
			r.t.Fatal(err)
		}
		contents.checkSets(r.t, trees, sets, of)
	}
}

// checkSets makes sure that trees have the same sets if and only if they have the same of some blobs at the same paths.
func (l contents) checkSets(t testing.TB, trees []string, sets []survey.Set, matters map[string]bool) {
	t.Helper()
	bySet := make(map[survey.Set]string)
	byText := make(map[string]survey.Set)
	for i, tree := range trees {
		var b strings.Builder
		for _, f := range l[tree] {
			if matters[f[1]] {
				fmt.Fprintf(&b, "%q %s\n", f[0], f[1])
			}
		}
		set, text := sets[i], b.String()
		if old, ok := bySet[set]; ok && old != text {
			t.Fatalf("tree %s has set %d, but not %s", tree, set, old)
		}
		if old, ok := byText[text]; ok && old != set {
			t.Fatalf("tree %s has set %d and not %d: %s", tree, set, old, text)
		}
		if (set == 0) != (text == "") {
			t.Fatalf("tree %s has set %d: %s", tree, set, text)
		}
		bySet[set], byText[text] = text, set
	}
}

// TestRandomSurveys surveys 6 random histories, or as many as KEYSIEVE_LONG says.
func TestRandomSurveys(t *testing.T) {
	histories, seed := 6, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("KEYSIEVE_LONG")); err == nil {
		histories = n
	}
	if n, err := strconv.ParseUint(os.Getenv("KEYSIEVE_SEED"), 10, 64); err == nil {
		seed = n
	}
	for i := range uint64(histories) {
		t.Run(fmt.Sprint(seed+i), func(t *testing.T) {
			m := makeHistory(t, seed+i)
			trees := strings.Fields(m.truly().git("log", "--all", "--format=%T"))
			m.truly().checkSurvey(trees, m.random)
		})
		if t.Failed() {
			t.Fatalf("repeat it with KEYSIEVE_LONG=1 KEYSIEVE_SEED=%d", seed+i)
		}
	}
}
