package main

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{3}, 3},
		{[]float64{9, 1}, 5},
		{[]float64{9, 1, 4}, 4},
		{[]float64{4, 1, 100, 2}, 3},
	} {
		before := slices.Clone(c.values)
		if got := median(c.values); got != c.want || !slices.Equal(before, c.values) {
			t.Errorf("median(%v) = %v, want %v; afterwards %v", before, got, c.want, c.values)
		}
	}
}

func samples(milliseconds ...int) []sample {
	all := make([]sample, len(milliseconds))
	for i, ms := range milliseconds {
		all[i] = sample{cpu: time.Duration(ms) * time.Millisecond, wall: time.Second, peak: 50e6}
	}
	return all
}

func TestRatio(t *testing.T) {
	for _, c := range []struct {
		name    string
		a, base []sample
		want    float64
	}{
		{"none", nil, nil, 0},
		{"no base", samples(1, 2), nil, 0},
		{"itself", samples(5, 6, 7), samples(5, 6, 7), 1},
		{"the machine slows down for both", samples(20, 40, 800), samples(10, 20, 400), 2},
		{"a base that took nothing is left out", samples(8, 8, 8), samples(0, 2, 4), 3},
		{"fewer rounds", samples(8), samples(2, 100), 4},
	} {
		if got := ratio(c.a, c.base, cpuSeconds); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAlternate(t *testing.T) {
	for _, c := range []struct {
		name    string
		tools   string
		rounds  int
		failing string // tool that fails in round 1
		want    string
	}{
		{"two", "A B", 3, "", "A0 B0 B1 A1 A2 B2 B3 A3"},
		{"three", "A B C", 2, "", "A0 B0 C0 B1 C1 A1 C2 A2 B2"},
		{"failed is not run again", "A B", 3, "B", "A0 B0 B1 A1 A2 A3"},
		{"none", "", 2, "", ""},
	} {
		var results []*result
		for _, name := range strings.Fields(c.tools) {
			results = append(results, &result{contender: &contender{tool: tool{name: name}}})
		}
		var got []string
		alternate(results, c.rounds, func(r *result, round int) {
			got = append(got, r.name+string(rune('0'+round)))
			if r.name == c.failing && round == 1 {
				r.failure = io.EOF
			}
		})
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

// madeUp is a comparison with everything that a table can show.
func madeUp() *comparison {
	make := func(name string, count counter, s []sample, n int64, failure error) *result {
		return &result{
			contender: &contender{tool: tool{name: name, findings: count}, shown: name + " /t | x"}, version: "1",
			samples: s, counted: counted{findings: n}, failure: failure,
		}
	}
	small := samples(20, 20, 30)
	for i := range small {
		small[i].peak = 3e6
	}
	return &comparison{
		mode: tree, target: "/t", rounds: 3, files: 2, bytes: 50e6, floor: 9e6, notes: []string{"Not on PATH: dog."},
		results: []*result{
			make(keysieve, countKeysieve, samples(100, 110, 90), 4, nil),
			make("cat", nil, small, 0, nil),
			make("other", countLines, samples(1000, 1100, 1800), 12, nil),
			make("wrong", countLines, nil, 0, errors.New("exit code 9")),
		},
	}
}

func TestTable(t *testing.T) {
	const notes = `
wrong failed and is not timed: exit code 9
Not on PATH: dog.
Versions: keysieve 1; cat 1; other 1; wrong 1.

`
	for _, c := range []struct {
		name     string
		markdown bool
		want     string
	}{
		{"text", false, `
tool      CPU ms    min–max  CPU ratio  MB/s of CPU  wall ms  peak MB  peak ratio  findings  exit  command
keysieve     100   90.0–110       1.00          500     1000     50.0        1.00         4     0  keysieve /t | x
cat         20.0  20.0–30.0      0.200         2500     1000   ≤ 9.00           –         –     0  cat /t | x
other       1100  1000–1800       10.0         45.5     1000     50.0        1.00        12     0  other /t | x
wrong     failed          –          –            –        –        –           –         –     –  wrong /t | x
` + notes},
		{"markdown", true, `
| tool | CPU ms | min–max | CPU ratio | MB/s of CPU | wall ms | peak MB | peak ratio | findings | exit | command |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|
` + "| keysieve | 100 | 90.0–110 | 1.00 | 500 | 1000 | 50.0 | 1.00 | 4 | 0 | `` keysieve /t \\| x `` |\n" +
			"| cat | 20.0 | 20.0–30.0 | 0.200 | 2500 | 1000 | ≤ 9.00 | – | – | 0 | `` cat /t \\| x `` |\n" +
			"| other | 1100 | 1000–1800 | 10.0 | 45.5 | 1000 | 50.0 | 1.00 | 12 | 0 | `` other /t \\| x `` |\n" +
			"| wrong | failed | – | – | – | – | – | – | – | – | `` wrong /t \\| x `` |\n" + notes},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := madeUp().write(&b, c.markdown); err != nil {
				t.Fatal(err)
			}
			title, got, _ := strings.Cut(b.String(), "\n")
			if !strings.HasPrefix(title, "tree /t: 2 files, 50 MB; rounds: 3 after a warm-up; ") || got != c.want {
				t.Errorf("%s\n%s\nwant\n%s", title, got, c.want)
			}
		})
	}
}

func TestFigure(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, none}, {-1, none}, {1e300, none}, {0.01234, "0.0123"}, {0.5, "0.500"}, {1, "1.00"}, {12.345, "12.3"}, {123.4, "123"}, {45678.9, "45679"},
	} {
		if got := figure(c.v); got != c.want {
			t.Errorf("figure(%v) = %s, want %s", c.v, got, c.want)
		}
	}
}
