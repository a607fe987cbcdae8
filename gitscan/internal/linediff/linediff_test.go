package linediff

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

func TestAdded(t *testing.T) {
	long := strings.Repeat("same line\n", 1000)
	cases := []struct {
		name, text string
		olds       []string
		want       string // ranges, "all" for nil
	}{
		{"new file", "a\nb\n", nil, "all"},
		{"empty before", "a\nb\n", []string{""}, "1-2"},
		{"equal", "a\nb\n", []string{"a\nb\n"}, ""},
		{"empty now", "", []string{"a\n"}, ""},
		{"first", "x\na\nb\n", []string{"a\nb\n"}, "1-1"},
		{"last", "a\nb\nx\n", []string{"a\nb\n"}, "3-3"},
		{"middle", "a\nx\ny\nb\n", []string{"a\nb\n"}, "2-3"},
		{"changed", "a\nx\nc\n", []string{"a\nb\nc\n"}, "2-2"},
		{"removed", "a\nc\n", []string{"a\nb\nc\n"}, ""},
		{"moved", "b\nc\na\n", []string{"a\nb\nc\n"}, ""},
		{"copied", "a\nb\nx\na\n", []string{"a\nb\n"}, "3-4"},
		{"copied to the beginning", "x\na\ny\na\n", []string{"y\na\n"}, "1-2"},
		{"the end of the last line is new", "a\nb\n", []string{"a\nb"}, ""},
		{"the end of the last line is gone", "a\nb", []string{"a\nb\n"}, ""},
		{"after a line without end", "a\nb\nc", []string{"a\nb"}, "3-3"},
		{"part of a line", "ab\n", []string{"a\n"}, "1-1"},
		{"one long line", "ab", []string{"a"}, "1-1"},
		{"empty lines", "\n\n\n", []string{"\n"}, "2-3"},
		{"between blocks", long + "x\n" + long, []string{long + "y\n" + long}, "1001-1001"},
		{"returns", "a\r\nb\r\n", []string{"a\nb\n"}, "1-2"},
		{"merge", "a\nours\ntheirs\nboth\n", []string{"a\nours\n", "a\ntheirs\n"}, "4-4"},
		{"merge without resolution", "a\nours\ntheirs\n", []string{"a\nours\n", "a\ntheirs\n"}, ""},
		{"octopus", "1\n2\n3\n4\n5\n", []string{"1\n", "2\n3\n", "3\n4\n"}, "5-5"},
	}
	for _, c := range cases {
		var olds [][]byte
		for _, old := range c.olds {
			olds = append(olds, []byte(old))
		}
		if got := render(Added([]byte(c.text), olds...)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func render(ranges []detect.LineRange) string {
	if ranges == nil {
		return "all"
	}
	var list []string
	for _, r := range ranges {
		list = append(list, fmt.Sprintf("%d-%d", r.First, r.Last))
	}
	return strings.Join(list, ",")
}

// Every line that an old version does not have is new; and a line that is new has more copies than there were.
func TestRandomTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int) []byte {
		var b bytes.Buffer
		for range random.IntN(n) {
			fmt.Fprintf(&b, "%d\n", random.IntN(n))
		}
		return b.Bytes()
	}
	for range 3000 {
		old := text(30)
		now := slices.Clone(old)
		for range random.IntN(4) {
			at := random.IntN(len(now) + 1)
			at = bytes.LastIndexByte(now[:at], '\n') + 1
			now = slices.Concat(now[:at], text(5), now[at:])
		}
		checkAdded(t, now, old)
		checkAdded(t, old, now)
		checkAdded(t, now, text(30))
	}
}

func checkAdded(t *testing.T, now, old []byte) {
	t.Helper()
	var isNew []bool
	lines := strings.SplitAfter(string(now), "\n")
	isNew = make([]bool, len(lines)+1)
	last := 0
	for _, r := range Added(now, old) {
		if r.First <= last || r.Last < r.First || r.Last > len(lines) {
			t.Fatalf("%q after %q: range %v", now, old, r)
		}
		for last = r.First; last <= r.Last; last++ {
			isNew[last] = true
		}
		last = r.Last
	}
	counts := map[string]int{}
	for _, line := range lines {
		counts[line]++
	}
	before := map[string]int{}
	for line := range strings.SplitAfterSeq(string(old), "\n") {
		before[line]++
	}
	added := map[string]int{}
	for i, line := range lines {
		if line != "" && before[line] == 0 && !isNew[i+1] {
			t.Fatalf("%q after %q: line %d is new", now, old, i+1)
		}
		if isNew[i+1] {
			added[line]++
		}
	}
	for line, n := range counts {
		if line != "" && n > before[line] && added[line] < n-before[line] || added[line] > 0 && n <= before[line] {
			t.Fatalf("%q after %q: %d copies of %q, %d before, %d new", now, old, n, line, before[line], added[line])
		}
	}
}

func FuzzAdded(f *testing.F) {
	f.Add([]byte("a\nb\n"), []byte("b\na"))
	f.Fuzz(func(t *testing.T, now, old []byte) {
		if bytes.HasSuffix(now, newline) && bytes.HasSuffix(old, newline) {
			checkAdded(t, now, old)
		}
		Added(now, old, now, nil)
	})
}

func BenchmarkAdded(b *testing.B) {
	old := bytes.Repeat([]byte("a line of some source code, with some words\n"), 20000)
	now := slices.Concat(old[:len(old)/2], []byte("new\n"), old[len(old)/2:], []byte("new\n"))
	b.SetBytes(int64(len(now)))
	for b.Loop() {
		Added(now, old)
	}
}
