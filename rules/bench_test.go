package rules_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
)

// goSource returns every n-th file of Go's source tree and their size in MB. It skips the test where there is none.
func goSource(tb testing.TB, n int) (files [][]byte, megabytes float64) {
	tb.Helper()
	seen, size := 0, 0
	//lint:ignore SA1019 tests run on the machine that builds them
	root := filepath.Join(runtime.GOROOT(), "src")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Base(filepath.Dir(path)) == "testdata" {
			return err
		}
		if seen++; seen%n != 0 {
			return nil
		}
		data, err := os.ReadFile(path)
		files = append(files, data)
		size += len(data)
		return err
	})
	if err != nil || size == 0 {
		tb.Skip("there is no Go source tree: ", err)
	}
	return files, float64(size) / 1e6
}

func detector(tb testing.TB, list ...detect.Rule) *detect.Detector {
	tb.Helper()
	d, err := detect.New(list, detect.Options{Tables: rules.Tables()})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func find(tb testing.TB, detector *detect.Detector, files [][]byte) {
	tb.Helper()
	for _, data := range files {
		if _, err := detector.Find(detect.Fragment{Data: data}); err != nil {
			tb.Fatal(err)
		}
	}
}

// A count is how often something was seen.
type count struct {
	name string
	n    int
}

// countKeywords has the engine find every keyword of the built-in rules that have a pattern, once each, most frequent first.
// Those of package generic are everyday words, and it has a benchmark of its own.
func countKeywords(tb testing.TB, files [][]byte) (table []count, total int) {
	tb.Helper()
	index := map[string]int{}
	for _, r := range rules.All() {
		for _, k := range r.Keywords {
			if k = strings.ToLower(k); !r.Off && r.Matcher == nil && index[k] == 0 {
				table = append(table, count{name: k})
				index[k] = len(table)
			}
		}
	}
	counter := detect.Rule{ID: "counter", Matcher: func(f *detect.Fragment, at, n int) ([]detect.Match, detect.Range) {
		if i := index[string(bytes.ToLower(f.Data[at:at+n]))]; i > 0 {
			table[i-1].n++
			total++
		}
		return nil, detect.Range{}
	}}
	for _, c := range table {
		counter.Keywords = append(counter.Keywords, c.name)
	}
	find(tb, detector(tb, counter), files)
	slices.SortStableFunc(table, func(a, b count) int { return b.n - a.n })
	return table, total
}

// TestKeywordDensity holds down how often the keywords occur in source code: each occurrence runs an automaton.
func TestKeywordDensity(t *testing.T) {
	if testing.Short() {
		t.Skip("reads Go's source tree")
	}
	const limit = 800 // occurrences in a megabyte, of all keywords together
	files, size := goSource(t, 4)
	table, total := countKeywords(t, files)
	if density := float64(total) / size; density > limit {
		t.Errorf("%.0f occurrences in a megabyte, more than %d; most frequent: %v", density, limit, table[:10])
	}
}

// BenchmarkKeywords shows the keywords that occur most often in Go's source tree.
func BenchmarkKeywords(b *testing.B) {
	files, size := goSource(b, 1)
	var table []count
	var total int
	for b.Loop() {
		table, total = countKeywords(b, files)
	}
	var out strings.Builder
	for _, c := range table[:60] {
		fmt.Fprintf(&out, "\n%8.1f/MB %q", float64(c.n)/size, c.name)
	}
	fmt.Println(out.String()) // b.Log cuts it off
	b.ReportMetric(float64(total)/size, "hits/MB")
}

// BenchmarkRules shows the rules that take longest on a part of Go's source tree, each alone, beyond what looking for
// a keyword takes that does not occur.
func BenchmarkRules(b *testing.B) {
	files, size := goSource(b, 32)
	measure := func(r detect.Rule) time.Duration {
		d, best := detector(b, r), time.Duration(1<<63-1)
		for range 4 { // the first run compiles, others meet other programs
			start := time.Now()
			find(b, d, files)
			best = min(best, time.Since(start))
		}
		return best
	}
	all := slices.DeleteFunc(rules.All(), func(r detect.Rule) bool { return r.Off })
	costs := make([]count, len(all))
	for b.Loop() {
		idle := measure(detect.Rule{ID: "idle", Keywords: []string{"\x00\x01\x02\x03\x04"}, Pattern: `\x00\x01\x02\x03\x04`})
		for i, r := range all {
			costs[i] = count{r.ID, int(measure(r) - idle)}
		}
	}
	slices.SortFunc(costs, func(x, y count) int { return y.n - x.n })
	var out strings.Builder
	for _, c := range costs[:40] {
		fmt.Fprintf(&out, "\n%8.1f µs/MB %s", float64(c.n)/1e3/size, c.name)
	}
	fmt.Println(out.String()) // b.Log cuts it off
}
