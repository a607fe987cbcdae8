package detect_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

// shapes are patterns of every kind that the engine treats differently.
var shapes = []detect.Rule{
	{ID: "prefix", Keywords: []string{"ab_"}, Pattern: `\bab_[0-9a-b]{3,6}\b`},
	{ID: "end-of-text", Keywords: []string{"ab-"}, Pattern: `\b(ab-[0-9a-b]{3})(?:[^0-9a-b-]|$)`},
	{ID: "begin-of-text", Keywords: []string{"bab"}, Pattern: `(?:^|[^a])bab[0-9]+`},
	{ID: "begin-or-operator", Keywords: []string{"key"}, Pattern: `(?:^|[=:a])key[ab0-9]*`},
	{ID: "lines", Keywords: []string{"key"}, Pattern: `(?m)^key[=:](\w+)$`},
	{ID: "assignment", Keywords: []string{"key", "aba"}, Pattern: `(?i)[\w.-]{0,8}?(?:key|aba)[\w.-]{0,5}[ \t]{0,3}[=:][ \t"']{0,3}([0-9a-z_]{4,12})(?:["'\s;]|$)`},
	{ID: "overlapping", Keywords: []string{"key"}, Pattern: `(?:x.{4})?key\d`},
	{ID: "unbounded", Keywords: []string{"eya"}, Pattern: `eya[ab0-9]+\.[ab0-9]*`},
	{ID: "multi-line", Keywords: []string{"-begin"}, Pattern: `--begin [ab]{0,4}--(?s:.){2,}?--end`},
	{ID: "lazy", Keywords: []string{"key"}, Pattern: `key(.{0,20}?)b(\d)`},
	{ID: "wide", Keywords: []string{"key"}, Pattern: `[^a]{2}key[^k]{3}é?`},
	{ID: "not-a-word", Keywords: []string{"abb"}, Pattern: `\Babb\B`},
	{ID: "optional", Keywords: []string{"aab", "abb"}, Pattern: `a?a?(?:aab|abb){1,3}0?`},
	{ID: "middle", Keywords: []string{"xyz"}, Pattern: `[ab]{1,30}(?P<x>[0-9])?xyz(?P<secret>[ab]*)`},
	{ID: "factored", Keywords: []string{"abba", "ab0"}, Pattern: `(?:abba|ab0[a-b0-9])[ab0-9]{3}`},
	{ID: "repeated", Keywords: []string{"0101"}, Pattern: `(?:01){2,}[ab]{0,9}x?`},
	{ID: "run", Keywords: []string{"aba"}, Pattern: `aba[^\n]{0,60}?[=:"' ](?P<secret>[ab0-9]{16,24})(?:[^ab0-9]|$)`},
	{ID: "runs", Keywords: []string{"key", "xyz"}, Pattern: `(?i)(?:key|xyz)(?:[^\n]{0,30}?\n)?[^\n]{0,40}?=(?:[ab]{12,14}x|[01]{2}-[ab]{4}-?[ab]{8})`},
	{ID: "unaligned", Keywords: []string{"bbb"}, Pattern: `[a0]+1[ab]*bbb?`},
	{ID: "no-keyword", Pattern: `0[ab]{2}1`},
}

var pieces = []string{
	"ab_", "ab-", "bab", "key", "KEY", "aba", "eya", "EyA", "--begin ", "--end", "xyz", "abb", "aab", "bbb", "x", "\n", "\r\n", "=", ":", `"`, "'", " ",
	"a", "b", "0", "1", "23", ".", "-", "_", "é", "世", "\x80", "\xc3", "\xff", "aaaaaaaa", "0101", "abababab", "babaabab", "\t", ";", "keykey",
}

func randomText(rng *rand.Rand, n int) []byte {
	var b []byte
	for range n {
		b = append(b, pieces[rng.IntN(len(pieces))]...)
	}
	return b
}

func newDetector(tb testing.TB, rules []detect.Rule, opts detect.Options) *detect.Detector {
	tb.Helper()
	d, err := detect.New(rules, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// pair is the engine and the standard library with the same rules.
type pair struct {
	rules    []detect.Rule
	detector *detect.Detector
	plain    *detect.Plain
}

func newPair(tb testing.TB, rules []detect.Rule, tables *detect.Tables) *pair {
	return &pair{rules, newDetector(tb, rules, detect.Options{Tables: tables}), detect.NewPlain(rules)}
}

// compare fails unless the engine finds in data what the standard library finds.
func (p *pair) compare(tb testing.TB, data []byte) {
	tb.Helper()
	got := detect.RawMatches(p.detector, data)
	for i := range p.rules {
		p.compareRule(tb, i, data, got)
	}
}

func (p *pair) compareRule(tb testing.TB, i int, data []byte, all map[string][][4]int) {
	tb.Helper()
	r := p.rules[i]
	got, want := all[r.ID], p.plain.Matches(i, data)
	if len(got)+len(want) == 0 || reflect.DeepEqual(got, want) {
		return
	}
	if r.ID == "unaligned" && len(got) == 0 && !strings.Contains(strings.ToLower(string(data)), "bbb") {
		return // its keyword does not occur, so it is not run
	}
	tb.Fatalf("rule %s in %q:\n got %v\nwant %v", r.ID, data, got, want)
}

func TestEngineEqualsRegexpOnRandomText(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	some, err := detect.BuildTables(shapes[:len(shapes)/2])
	if err != nil {
		t.Fatal(err)
	}
	for _, tables := range []*detect.Tables{nil, some} {
		p := newPair(t, shapes, tables)
		rng := rand.New(rand.NewPCG(1, 1))
		for range 8000 {
			p.compare(t, randomText(rng, rng.IntN(60)))
		}
		for range 30 {
			p.compare(t, randomText(rng, 4000))
		}
	}
}

// TestBeginningIsThatOfTheText has texts where a piece of text that is shown to a pattern begins with what it matches at the
// beginning of the text only.
func TestBeginningIsThatOfTheText(t *testing.T) {
	p := newPair(t, shapes, nil)
	for _, text := range []string{"xkeybakey0", "xkeyb=key0", "keybakey0", "xkey0akey0akey0", "xkeybakeybakey0", "xxxxxxkey"} {
		p.compare(t, []byte(text))
	}
}

func FuzzEngineEqualsRegexp(f *testing.F) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 20 {
		f.Add(randomText(rng, 40))
	}
	p := newPair(f, shapes, nil)
	f.Fuzz(func(t *testing.T, data []byte) { p.compare(t, data) })
}

// goSource returns text of the Go source tree, up to n bytes.
func goSource(tb testing.TB, n int) []byte {
	var text []byte
	//lint:ignore SA1019 tests run on the machine that builds them
	_ = filepath.WalkDir(filepath.Join(runtime.GOROOT(), "src"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && len(text) < n {
			var data []byte
			data, err = os.ReadFile(path)
			text = append(text, data...)
		}
		return err
	})
	if len(text) == 0 {
		tb.Skip("no Go source tree")
	}
	return text[:min(len(text), n)]
}
