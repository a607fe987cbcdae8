package prefilter

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// literals returns words that may be anywhere.
func literals(texts ...string) []Word {
	words := make([]Word, len(texts))
	for i, text := range texts {
		words[i].Text = text
	}
	return words
}

func occurrences(words []Word, data []byte) []string {
	return occurrencesIn(words, data, 0, len(data))
}

// occurrencesIn returns the occurrences that begin in data[from:to].
func occurrencesIn(words []Word, data []byte, from, to int) []string {
	var out []string
	low := []byte(lower(string(data)))
	for w, word := range words {
		text := lower(word.Text)
		for i := from; i < to; i++ {
			if bytes.HasPrefix(low[i:], []byte(text)) && allowed(word, data, i, i+len(text)) {
				out = append(out, fmt.Sprintf("%d@%d", w, i))
			}
		}
	}
	slices.Sort(out)
	return out
}

func allowed(w Word, data []byte, from, to int) bool {
	return (from == 0 || w.Before == nil || w.Before.has(data[from-1])) && (to == len(data) || w.Behind == nil || w.Behind.has(data[to]))
}

func found(m *Matcher, data []byte) []string { return foundIn(m, data, 0, len(data)) }

func foundIn(m *Matcher, data []byte, from, to int) []string {
	var out []string
	m.ScanRange(data, from, to, func(w, i int) { out = append(out, fmt.Sprintf("%d@%d", w, i)) })
	slices.Sort(out)
	return out
}

func TestEveryOccurrenceOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const alphabet = "aAbB-_@`{[0P\x10\x80\xff"
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	for range 300 {
		words := make([]Word, 1+rng.IntN(20))
		for i := range words {
			words[i].Text = random(3 + rng.IntN(10))
			if rng.IntN(3) == 0 {
				words[i].Before = &Bytes{rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64()}
			}
			if rng.IntN(3) == 0 {
				words[i].Behind = &Bytes{rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64()}
			}
		}
		m, err := New(words)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			data := []byte(random(rng.IntN(60)) + words[0].Text + random(rng.IntN(5)) + strings.ToUpper(words[0].Text))
			if got, want := found(m, data), occurrences(words, data); !slices.Equal(got, want) {
				t.Fatalf("words %v in %q:\n got %v\nwant %v", words, data, got, want)
			}
			from := rng.IntN(len(data) + 1)
			to := from + rng.IntN(len(data)+1-from)
			if got, want := foundIn(m, data, from, to), occurrencesIn(words, data, from, to); !slices.Equal(got, want) {
				t.Fatalf("words %v in %q from %d to %d:\n got %v\nwant %v", words, data, from, to, got, want)
			}
		}
	}
}

// A matcher with more words finds what a new one for all of them finds; a word that is added once more may be where either may.
func TestWordsAreAdded(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	set := func() *Bytes { return &Bytes{rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64()} }
	for range 200 {
		words := literals("abc", "BCd", "cdab", "dabc", "aab", "bcda")
		for i := range words {
			words[i].Before, words[i].Behind = set(), set()
		}
		known := 1 + rng.IntN(len(words)-1)
		first, err := New(words[:known])
		if err != nil {
			t.Fatal(err)
		}
		again := Word{Text: "ABC", Before: set()}
		both, index, err := first.With(append([]Word{again}, words[known:]...))
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range index {
			want := known + i - 1
			if i == 0 {
				want = 0
			}
			if n != want {
				t.Fatalf("added word %d has index %d, want %d", i, n, want)
			}
		}
		before := words[0].Before
		for i := range before {
			before[i] |= again.Before[i]
		}
		words[0].Behind = nil
		data := make([]byte, 200)
		for i := range data {
			data[i] = "aAbcCd-_"[rng.IntN(8)]
		}
		if got, want := found(both, data), occurrences(words, data); !slices.Equal(got, want) {
			t.Fatalf("with %d words first, in %q:\n got %v\nwant %v", known, data, got, want)
		}
	}
}

func TestTablesSurviveStorage(t *testing.T) {
	words := literals("sk_", "token", "AKIA", "-----BEGIN", "ken")
	words[4].Before = &Bytes{1: 1 << ('o' & 63)}
	words[2].Behind = words[4].Before
	m, err := New(words)
	if err != nil {
		t.Fatal(err)
	}
	stored := append(m.AppendBinary(nil), "rest"...)
	loaded, rest, err := Load(stored)
	if err != nil || string(rest) != "rest" {
		t.Fatalf("rest %q, error %v", rest, err)
	}
	data := []byte("ken xken sk_ Token=AKIAoAKIA -----begin") // keysieve:allow generic-api-key made up
	if got, want := found(loaded, data), found(m, data); !slices.Equal(got, want) || len(got) != 6 {
		t.Fatalf("got %v, want %v", got, want)
	}
	for n := 0; n < len(stored)-4; n += 7 {
		if _, _, err := Load(stored[:n]); err == nil {
			t.Fatalf("tables cut at %d bytes were accepted", n)
		}
	}
}

func TestShortWordIsRefused(t *testing.T) {
	if _, err := New(literals("ab")); err == nil {
		t.Fatal("a word of two bytes was accepted")
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("some AKIA text sk_live_"), "akia")
	f.Add([]byte("@kia`kia"), "@kia")
	f.Fuzz(func(t *testing.T, data []byte, word string) {
		words := literals(word, "sk_", "token")
		m, err := New(words)
		if err != nil {
			return
		}
		if got, want := found(m, data), occurrences(words, data); !slices.Equal(got, want) {
			t.Fatalf("%q in %q:\n got %v\nwant %v", word, data, got, want)
		}
	})
}

// goSource returns the Go source tree's text, up to n bytes.
func goSource(tb testing.TB, n int) []byte {
	var text []byte
	//lint:ignore SA1019 tests run on the machine that builds them
	err := filepath.WalkDir(filepath.Join(runtime.GOROOT(), "src"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && len(text) < n && strings.HasSuffix(path, ".go") {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text = append(text, data...)
		}
		return err
	})
	if err != nil || len(text) == 0 {
		tb.Skip("no Go source tree: ", err)
	}
	return text[:min(len(text), n)]
}

func BenchmarkScan(b *testing.B) {
	words := strings.Fields(os.Getenv("WORDS"))
	if len(words) == 0 {
		words = strings.Fields("password passwd secret token apikey api_key auth credential akia asia ghp_ gho_ ghs_ glpat- xoxb xoxp sk_live_ eyj -----begin npm_ hooks.slack.com sg. azdo telegram twilio")
	}
	m, err := New(literals(words...))
	if err != nil {
		b.Fatal(err)
	}
	data := goSource(b, 32<<20)
	hits := 0
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		hits = 0
		m.Scan(data, func(_, _ int) { hits++ })
	}
	b.ReportMetric(float64(hits)/(float64(len(data))/(1<<20)), "hits/MB")
}

func BenchmarkNew(b *testing.B) {
	words := strings.Fields(os.Getenv("WORDS"))
	for b.Loop() {
		if _, err := New(literals(words...)); err != nil {
			b.Fatal(err)
		}
	}
}
