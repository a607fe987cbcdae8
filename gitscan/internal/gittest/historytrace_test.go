package gittest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/sieve"
	"github.com/keysieve/keysieve/gitscan/internal/store"
	"github.com/keysieve/keysieve/internal/text"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

// builtin returns a detector with all built-in rules.
func builtin(t testing.TB) *detect.Detector {
	t.Helper()
	d, err := detect.New(rules.All(), detect.Options{Tables: rules.Tables(), MinConfidence: detect.ConfidenceLow})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// examples are texts with a made up secret each.
func examples(t testing.TB) (list []string) {
	t.Helper()
	specs, err := rules.Specs()
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range specs {
		for i, tmpl := range spec.Hit {
			e, err := rulestest.Expand(tmpl, fmt.Sprint(spec.ID, i))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, e.Text)
		}
	}
	return list
}

// Paths at which the same text can have other secrets.
var classPaths = []string{"a.txt", "src/x.go", "test/x_test.go", ".env", "deploy/values.yaml", ".npmrc"}

// checkSieve compares what is found in blobs as their pack has them with a search of each whole blob. It returns how many blobs have
// something.
func (r *repository) checkSieve(d *detect.Detector, blobs []string, random *rand.Rand) (hits int) {
	r.t.Helper()
	const max = 100 << 20
	objects := r.objects()
	all := bulk.Open(objects)
	defer all.Close()
	var list sieve.Blobs
	for _, id := range blobs {
		classes := []uint16{0}
		for c := 1; c < len(classPaths); c++ {
			if random.IntN(8) == 0 {
				classes = append(classes, uint16(c))
			}
		}
		list.IDs, list.Classes = append(list.IDs, parseID(r.t, id)), append(list.Classes, classes)
	}
	results, err := sieve.Run(r.t.Context(), d, all, list, sieve.Options{Workers: 2, Paths: classPaths, Max: max})
	if err != nil {
		r.t.Fatal(err)
	}
	failed := 0
	for i, id := range list.IDs {
		if len(results[i].Hits()) > 0 {
			hits++
		}
		if why := differs(d, objects, id, list.Classes[i], &results[i], max); why != "" {
			r.t.Errorf("blob %s: %s", id, why)
			if failed++; failed > 10 {
				r.t.FailNow()
			}
		}
	}
	return hits
}

func differs(d *detect.Detector, objects *store.Objects, id object.ID, classes []uint16, got *sieve.Result, max int64) string {
	_, content, err := objects.Object(id, max)
	if err != nil || got.Err() != nil {
		return fmt.Sprint(got.Err(), ", and by itself: ", err)
	}
	data, _ := text.Decode(content)
	binary := text.IsBinary(data)
	if got.Size != int64(len(content)) || !got.Read || got.Binary != binary {
		return fmt.Sprintf("%d bytes, read %v, binary %v; it has %d", got.Size, got.Read, got.Binary, len(content))
	}
	for _, c := range classes {
		trace, err := d.Trace(detect.Fragment{Origin: detect.Origin{Path: classPaths[c]}, Data: data, Binary: binary})
		if err != nil {
			return err.Error()
		}
		var want, secrets []uint64
		for _, s := range trace.Spans {
			want = append(want, s.Secrets...)
		}
		slices.Sort(want)
		want = slices.Compact(want)
		if hit := got.Of(c); hit != nil {
			secrets = hit.Secrets
		}
		if !slices.Equal(secrets, want) {
			return fmt.Sprintf("as %s %x, want %x", classPaths[c], secrets, want)
		}
	}
	return ""
}

// blobs returns the ids of all blobs that git knows.
func (r *repository) blobs() (ids []string) {
	for _, line := range r.listing() {
		if f := strings.Fields(line); f[1] == "blob" {
			ids = append(ids, f[0])
		}
	}
	return ids
}

// TestSieve searches blobs that are made of each other, with the built-in rules and examples of all of them.
func TestSieve(t *testing.T) {
	rounds := 2
	if n, err := strconv.Atoi(os.Getenv("KEYSIEVE_LONG")); err == nil {
		rounds = n
	} else if testing.Short() {
		rounds = 1
	}
	d := builtin(t)
	planted := examples(t)
	for seed := range uint64(rounds) {
		m := newMaker(t, seed*3)
		m.planted = planted
		for range 2 {
			m.commits(60)
		}
		m.branchOut()
		way := m.pack(1 + int(seed))
		blobs := m.blobs()
		hits := m.checkSieve(d, blobs, m.random)
		t.Logf("seed %d, %s: %d of %d blobs have something", seed, way, hits, len(blobs))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestSieveRepository does the same for 20,000 blobs, or as many as KEYSIEVE_HISTORY_BLOBS says, of the repository that KEYSIEVE_HISTORY_REPO
// names.
func TestSieveRepository(t *testing.T) {
	dir := os.Getenv("KEYSIEVE_HISTORY_REPO")
	if dir == "" {
		t.Skip("KEYSIEVE_HISTORY_REPO names no repository")
	}
	n, err := strconv.Atoi(os.Getenv("KEYSIEVE_HISTORY_BLOBS"))
	if err != nil {
		n = 20_000
	}
	r := &repository{t: t, dir: dir}
	var blobs []string
	listed := r.git("rev-list", "--objects", "--all", "--filter=object:type=blob", "--filter-provided-objects", "--no-object-names")
	for line := range strings.Lines(listed) {
		if id, err := object.ParseID(strings.TrimSpace(line)); err == nil {
			blobs = append(blobs, id.String())
		}
	}
	random := rand.New(rand.NewPCG(5, 5))
	// Neighbours are versions of the same files.
	var sample []string
	for len(sample) < n && len(blobs) > 0 {
		at := random.IntN(len(blobs))
		end := min(len(blobs), at+2000)
		sample = append(sample, blobs[at:end]...)
		blobs = slices.Delete(blobs, at, end)
	}
	t.Logf("%d of %d blobs have something", r.checkSieve(builtin(t), sample, random), len(sample))
}
