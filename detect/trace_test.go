package detect_test

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

// version is a text that was made from another one.
type version struct {
	text   []byte
	copies []detect.Copy // of the other one
}

func (v *version) insert(text []byte) { v.text = append(v.text, text...) }

func (v *version) copy(old []byte, from, to int) {
	v.copies = append(v.copies, detect.Copy{At: len(v.text), From: from, Len: to - from})
	v.text = append(v.text, old[from:to]...)
}

// traceWhole returns the trace of the whole text and fails unless it has the secrets that Find finds.
func traceWhole(tb testing.TB, d *detect.Detector, f detect.Fragment) detect.Trace {
	tb.Helper()
	whole, err := d.Trace(f)
	if err != nil {
		tb.Fatal(err)
	}
	found, err := d.Find(f)
	if err != nil {
		tb.Fatal(err)
	}
	var want, got []uint64
	for _, x := range found {
		want = append(want, x.Sum64())
	}
	for _, x := range whole.Spans {
		got = append(got, x.Secrets...)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(slices.Compact(got), slices.Compact(want)) {
		for _, x := range found {
			if !slices.Contains(got, x.Sum64()) {
				tb.Logf("not in the trace: %s at %d", x.RuleID, x.Start.Offset)
			}
		}
		tb.Fatalf("the trace has other secrets than Find in %q", f.Data)
	}
	return whole
}

// retrace traces the new version both ways and fails unless they agree.
func retrace(tb testing.TB, d *detect.Detector, old detect.Trace, v version, path string) detect.Trace {
	tb.Helper()
	f := detect.Fragment{Data: v.text, Origin: detect.Origin{Path: path}}
	got, err := d.Retrace(f, old, v.copies)
	if err != nil {
		tb.Fatal(err)
	}
	if want := traceWhole(tb, d, f); !reflect.DeepEqual(got, want) {
		tb.Fatalf("from %+v with %v:\n got %+v\nwant %+v\nin %q", old, v.copies, got, want, v.text)
	}
	return got
}

// filler is text that no rule looks at.
func filler(n int) string { return strings.Repeat("lorem ipsum\n", n/12+1)[:n] }

// ends makes a version of old whose copies are the longest common beginning and end.
func ends(old, text string) version {
	from, to := 0, 0
	for from < min(len(old), len(text)) && old[from] == text[from] {
		from++
	}
	for to < min(len(old), len(text))-from && old[len(old)-1-to] == text[len(text)-1-to] {
		to++
	}
	v := version{}
	v.copy([]byte(old), 0, from)
	v.insert([]byte(text[from : len(text)-to]))
	v.copy([]byte(old), len(old)-to, len(old))
	return v
}

var traceTests = []struct {
	name     string
	old, new string // a number in braces stands for so much text that no rule looks at
	long     bool   // the new text
}{
	{"nothing", "", "", false},
	{"all new", "", "tok_abcdefgh", false},
	{"all gone", "tok_abcdefgh", "", false},
	{"the same", "{3000}tok_abcdefgh{3000}", "{3000}tok_abcdefgh{3000}", false},
	{"shifted", "{3000} tok_abcdefgh {3000}", "{3100} tok_abcdefgh {3000}", false},
	{"changed", "{3000} tok_abcdefgh {3000}", "{3000} tok_abcdefgi {3000}", false},
	{"completed", "{3000} tok_abcd efgh {3000}", "{3000} tok_abcdefgh {3000}", false},
	{"broken", "{3000} tok_abcdefgh {3000}", "{3000} tok_abcd efgh {3000}", false},
	{"beside it", "{3000} tok_abcdefgh {3000}", "{3000} tok_abcdefghi {3000}", false},
	{"at the end", "{3000} tok_abcdefgh", "{2000} tok_abcdefgh", false},
	{"cut off behind it", "{3000} tok_abcdefghi", "{3000} tok_abcdefgh", false},
	{"cut off before it", "{3000} xtok_abcdefgh", "tok_abcdefgh", false},
	{"less above it is generic", "{3000} secret: tok_special8 {3000}", "{3000} secret: tok_special {3000}", false},
	{"a provider's in a generic one", "{3000} secret: tok_abcdefg0 {3000}", "{3000} secret: tok_abcdefgh {3000}", false},
	{"phases", "{3000}key.keykey..keykey..keykey..{3000}", "{3000}keyy.keykey..keykey..keykey..{3000}", false},
	{"long phases", "{3000}key..{phases}{3000}", "{3000}{phases}{3000}", false},
	{"a line before it", "{3000}\nsample {400} lined12 \n{3000}", "{3000}\nsimple {400} lined12 \n{3000}", false},
	{"a line far before it", "{3000}\nsample {4000} lined12 \n{3000}", "{3000}\nsimple {4000} lined12 \n{3000}", false},
	{"a line after it", "{3000}lined12 {400} sample\n{3000}", "{3000}lined12 {400} simple\n{3000}", false},
	{"a line far after it", "{3000}lined12 {4000} sample\n{3000}", "{3000}lined12 {4000} simple\n{3000}", false},
	{"what a matcher sees", "{3000}judge{900}x{100}\n{3000}", "{3000}judge{900}y{100}\n{3000}", false},
	{"what a matcher does not see", "{3000}judge{2000}x{100}\n{3000}", "{3000}judge{2000}y{100}\n{3000}", false},
	{"several lines", "{3000}\n--begin\nabc\ndef\n--end\n{3000}", "{3000}\n--begin\nabc\ndeg\n--end\n{3000}", false},
	{"an open end", "{3000}\n--begin\nabc\n def\n--end\n{3000}", "{3000}\n--begin\nabc\ndef\n--end\n{3000}", false},
	{"far", "{3000}far{990}end{3000}", "{3000}far{980}end{3000}", false},
	{"very far", "{3000}far{1010}end{3000}", "{3000}far{1020}end{3000}", false},
	{"far and wide", "{3000}far{1500}far{1400} far{3000}", "{3000}far{1500}far{1400}end far{3000}", false},
	{"wide", "{3000}far{1500}far{1400} far{3000}", "{3000}far{1500}fur{1400} far{3000}", false},
	{"beyond the span", "{3000}far{4080}end{3000}", "{3000}far{4100}end{3000}", false},
	{"too far no more", "{3000}far{3000}end{3000}", "{3000}far {3000}end{3000}", false},
	{"a short span", "{3000}near123 {3000}", "{3000}near12345678901234567890 {3000}", false},
	{"encoded", "{3000}" + b64(said) + "{3000}", "{3000}" + b64("they"+said[3:]) + "{3000}", false},
	{"encoded, shifted", "{3000}" + b64(said) + "{3000}", "{3001}" + b64(said) + "{3000}", false},
	{"encoded no more", "{3000}" + b64(said) + "{3000}", "{3000}" + b64(said)[1:] + "{3000}", false},
	{"encoded and joined", "{3000}" + b64(said) + "{3000}", "{3000}a" + b64(said) + "{3000}", false},
	{"encoded from further ahead", "{3000}!" + b64(strings.Repeat(said+"?", 20)) + "{3000}", "{3000}/" + b64(strings.Repeat(said+"?", 20)) + "{3000}", false},
	{"long encoded", "{3000}!" + b64(strings.Repeat(said, 4000)) + "{3000}", "{3000}!" + b64(strings.Repeat(said, 4000)) + "!{3000}", false},
	{"an earlier escape", "{3000}{200}tok%5fabcdefgh{3000}", "{3000}%41{197}tok%5fabcdefgh{3000}", false},
	{"lookaround", "{3000}<look123{3000}", "{3000}<look123>{3000}", true},
	{"whole", "{3000}", "{3000}aaawhole{3000}", true},
}

// TestRetrace also cuts the copies, and lays the place of each change a little before and after.
func TestRetrace(t *testing.T) {
	d := newDetector(t, slices.Concat(testRules, []detect.Rule{
		{ID: "phase", Keywords: []string{"key"}, Pattern: `key.{5}`},
		{ID: "lined", Keywords: []string{"lined"}, Pattern: `lined\d\d`, Allow: []detect.Allow{{Target: detect.TargetLine, Patterns: []string{"sample"}}}},
		{ID: "far", Keywords: []string{"far"}, Pattern: `far\.+end`},
		{ID: "near", Keywords: []string{"near"}, Span: 16, Pattern: `near\d+ `},
		{ID: "whole", Keywords: []string{"whole"}, Pattern: `a+whole`},
	}), detect.Options{})
	expand := func(s string) string {
		s = strings.ReplaceAll(s, "{phases}", strings.Repeat("keykey..", 400))
		return regexp.MustCompile(`\{\d+\}`).ReplaceAllStringFunc(s, func(n string) string {
			k, _ := strconv.Atoi(n[1 : len(n)-1])
			return strings.Repeat(".", k)
		})
	}
	for _, c := range traceTests {
		t.Run(c.name, func(t *testing.T) {
			v := ends(expand(c.old), expand(c.new))
			old := traceWhole(t, d, detect.Fragment{Data: []byte(expand(c.old))})
			if got := retrace(t, d, old, v, ""); got.Long != c.long {
				t.Errorf("long: %t", got.Long)
			}
			for _, less := range []int{1, 7, 500, 1500, 4000} {
				first, last := v.copies[0], v.copies[1]
				first.Len = max(first.Len-less, 0)
				last.At, last.From, last.Len = last.At+min(less, last.Len), last.From+min(less, last.Len), max(last.Len-less, 0)
				retrace(t, d, old, version{v.text, []detect.Copy{first, v.copies[1]}}, "")
				retrace(t, d, old, version{v.text, []detect.Copy{v.copies[0], last}}, "")
			}
		})
	}
}

// TestRetraceReach lays a change at every distance at which it may still count.
func TestRetraceReach(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	d := newDetector(t, traceRules, detect.Options{})
	for _, text := range []string{"wnd", `"` + filler(490) + "wnd", "abb", "xyz1", "0101", "key", "eya0", "--begin --", "bab", "ab-"} {
		for _, n := range []int{246, 254, 508, 516, 1020, 1030} {
			for k := n; k < n+8; k++ {
				for _, change := range [][2]string{{"_", "0"}, {"", "_"}, {`"`, "x"}, {"x", `"`}, {"", "é"}, {"1\n", "\n"}, {"key", "kay"}} {
					pad := strings.Repeat("lorem ", 500)
					gap := pad[:k]
					a, b := pad+text+gap+change[0]+pad, pad+text+gap+change[1]+pad
					retrace(t, d, traceWhole(t, d, detect.Fragment{Data: []byte(a)}), ends(a, b), "")
					a, b = pad+change[0]+gap+text+pad, pad+change[1]+gap+text+pad
					retrace(t, d, traceWhole(t, d, detect.Fragment{Data: []byte(a)}), ends(a, b), "")
				}
			}
		}
	}
}

// TestRetraceLooked changes a byte at each distance from a keyword whose matcher says how far it has looked, and ends the text there.
func TestRetraceLooked(t *testing.T) {
	d := newDetector(t, []detect.Rule{{ID: "beside", Keywords: []string{"key"}, Matcher: beside}}, detect.Options{})
	const at = 300
	for _, there := range []int{at - 20, at + 3 + 20} { // one of the two that must be there
		old := []byte(strings.Repeat(".", at) + "key" + strings.Repeat(".", at))
		old[there] = 'a'
		before := traceWhole(t, d, detect.Fragment{Data: old})
		if len(before.Spans) > 0 {
			t.Fatalf("found in the old text: %+v", before)
		}
		for i := at - 30; i < at+30; i++ {
			var longer, shorter version
			longer.copy(old, 0, i)
			longer.insert([]byte("a"))
			longer.copy(old, i+1, len(old))
			retrace(t, d, before, longer, "")
			shorter.copy(old, 0, i)
			retrace(t, d, before, shorter, "")
		}
	}
}

// TestRetraceTakesNoNonsense gives copies that do not fit, and old traces of another size.
func TestRetraceTakesNoNonsense(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	text := []byte(filler(3000) + "tok_abcdefgh" + filler(3000))
	old := traceWhole(t, d, detect.Fragment{Data: text})
	for _, copies := range [][]detect.Copy{
		{{0, 0, len(text) + 1}}, {{0, 1, len(text)}}, {{1, 0, len(text)}}, {{-1, 0, 5}}, {{0, -1, 5}}, {{0, 0, -5}},
		{{0, 0, 4000}, {3000, 3000, 2000}}, {{3000, 3000, 3000}, {0, 0, 3000}}, {{0, 0, 0}, {math.MaxInt, math.MaxInt, 1}},
	} {
		retrace(t, d, old, version{text, copies}, "")
	}
}

func TestPathClass(t *testing.T) {
	d := newDetector(t, slices.Concat(testRules, []detect.Rule{
		{ID: "w", Keywords: []string{"wnd"}, Matcher: window, PathClass: func(path string) uint32 { return uint32(strings.Count(path, "!")) }},
	}), detect.Options{})
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"a.go", "b/c.go", true}, {"a.c", "", true}, {"a.go", "a.c", false}, // a rule's path
		{"a_test.go", "a.go", false}, {"docs/a", "a", false}, {"docs/a", "docs/b", true}, // an allowlist's
		{"a!", "a!!", false}, {"a!b", "!", true}, // a matcher's
	} {
		if got := d.PathClass(c.a) == d.PathClass(c.b); got != c.same {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
	}
}

// TestTraceOfFiles says that a rule without keywords costs other texts than those at its path nothing.
func TestTraceOfFiles(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	for path, found := range map[string]int{"a.cookie": 1, "a": 0, "b/a.cookie": 1, "": 0} {
		for range 2 {
			trace, err := d.Trace(detect.Fragment{Data: []byte("abcdefghi\n"), Origin: detect.Origin{Path: path}})
			if err != nil || trace.Long != (found > 0) || len(trace.Secrets()) != found {
				t.Errorf("%q: %+v, %v", path, trace, err)
			}
		}
	}
}

// TestRetraceConcurrently has many goroutines share a detector.
func TestRetraceConcurrently(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	old := filler(3000) + " tok_abcdefgh secret: 1a2b3c4d " + filler(3000) // keysieve:allow generic-api-key made up
	trace := traceWhole(t, d, detect.Fragment{Data: []byte(old)})
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for k := range 20 {
				v := ends(old, old[:100*k]+strconv.Itoa(i)+old[100*k:])
				got, err := d.Retrace(detect.Fragment{Data: v.text}, trace, v.copies)
				if err != nil || len(got.Spans) != len(trace.Spans) || d.PathClass("a.go") == d.PathClass("a.c") {
					t.Errorf("%d spans, error %v", len(got.Spans), err)
				}
			}
		})
	}
	running.Wait()
}

// edit makes a new version of a text with a few random changes: deletions, insertions, blocks moved or repeated.
func edit(rng *rand.Rand, old []byte, insertion func() []byte) version {
	var v version
	at := 0
	for range rng.IntN(4) {
		to := at + rng.IntN(len(old)-at+1)
		v.copy(old, at, to)
		at = to
		switch rng.IntN(5) {
		case 0: // delete
			at = min(at+rng.IntN(60), len(old))
		case 1: // move or repeat
			from := rng.IntN(len(old) + 1)
			v.copy(old, from, from+rng.IntN(min(3000, len(old)-from)+1))
		case 2: // replace
			v.insert(insertion())
			at = min(at+rng.IntN(300), len(old))
		default:
			v.insert(insertion())
		}
	}
	if rng.IntN(20) > 0 {
		v.copy(old, at, len(old))
	}
	return v
}

// TestRetraceBuiltin grows versions from the Go source tree with the built-in rules and their examples pasted in.
func TestRetraceBuiltin(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	d := newDetector(t, rules.All(), detect.Options{Tables: rules.Tables()})
	examples := exampleTexts(t)
	source := goSource(t, 8<<20)
	rng := rand.New(rand.NewPCG(3, 4))
	insertion := func() []byte {
		switch rng.IntN(4) {
		case 0:
			at := rng.IntN(len(source) - 400)
			return source[at : at+rng.IntN(400)]
		case 1:
			return []byte("\n")
		}
		e := examples[rng.IntN(len(examples))]
		from := rng.IntN(len(e))
		if rng.IntN(3) > 0 {
			from = 0
		}
		return []byte(e[from:])
	}
	chains := 40
	if testing.Short() {
		chains = 2
	}
	long, versions := 0, 0
	for range chains {
		at := rng.IntN(len(source) - 40_000)
		text := source[at : at+2000+rng.IntN(36_000)]
		old := traceWhole(t, d, detect.Fragment{Data: text, Origin: detect.Origin{Path: "a.go"}})
		for range 20 {
			v := edit(rng, text, insertion)
			old = retrace(t, d, old, v, "a.go")
			text = v.text
			versions++
			if old.Long {
				long++
			}
		}
	}
	t.Logf("%d of %d versions are long", long, versions)
}

// TestRetraceSeams lays the seams between what is copied and what is new at every offset of texts with secrets.
func TestRetraceSeams(t *testing.T) {
	d := newDetector(t, rules.All(), detect.Options{Tables: rules.Tables()})
	examples := exampleTexts(t)
	rng := rand.New(rand.NewPCG(5, 6))
	texts := 60
	if testing.Short() {
		texts = 6
	}
	for range texts {
		example := examples[rng.IntN(len(examples))]
		if len(example) > 600 {
			continue
		}
		old := []byte(filler(2000) + example + filler(2000))
		trace := traceWhole(t, d, detect.Fragment{Data: old})
		for at := 2000 - 20; at <= len(old)-2000+20; at++ {
			v := version{}
			v.copy(old, 0, at)
			switch rng.IntN(4) {
			case 0: // the same text, cut
				v.copy(old, at, len(old))
			case 1:
				v.insert([]byte(pieces[rng.IntN(len(pieces))]))
				v.copy(old, at, len(old))
			case 2:
				v.copy(old, min(at+1+rng.IntN(5), len(old)), len(old))
			case 3: // the same text, but as if it were new
				v.insert(old[at : at+1])
				v.copy(old, at+1, len(old))
			}
			retrace(t, d, trace, v, "")
		}
	}
}

// traceRules are of every kind that Retrace treats differently, over the alphabet of pieces.
var traceRules = slices.Concat(shapes[:len(shapes)-1], []detect.Rule{
	{ID: "phase", Keywords: []string{"key"}, Pattern: `key[^x]{5}`},
	{ID: "other-phase", Provider: "acme", Keywords: []string{"aba", "eya"}, Pattern: `.{2}(?:aba|eya)(?P<secret>[^.]{4})`},
	{ID: "line", Keywords: []string{"xyz"}, Pattern: `xyz\d`, Allow: []detect.Allow{{Target: detect.TargetLine, Patterns: []string{"key", "^0", "b$"}}}},
	{ID: "window", Keywords: []string{"abb", "wnd"}, Matcher: window},
	{ID: "beside", Keywords: []string{"key", "lorem", "bab"}, Matcher: beside},
	{ID: "line-long", Keywords: []string{"0101"}, Pattern: `0101[^\n]{0,2000}1\n`},
	{ID: "short-span", Keywords: []string{"bab"}, Span: 20, Pattern: `bab[^\n]{3,}\n`},
	{ID: "look", Keywords: []string{"ab-"}, Pattern: `(?<=x)ab-(?!b)`},
})

// localRules returns the traceRules that make few texts Long.
func localRules() []detect.Rule {
	return slices.DeleteFunc(slices.Clone(traceRules), func(r detect.Rule) bool {
		return slices.Contains([]string{"unaligned", "multi-line", "look", "line-long", "short-span"}, r.ID)
	})
}

// window finds the keyword, the first quote and the last underscore of what it is shown, and nothing beside an é.
func window(f *detect.Fragment, at, n int) ([]detect.Match, detect.Range) {
	text := string(f.Data)
	if strings.Contains(text, "é") {
		before, behind := strings.LastIndex(text[:at], "é"), strings.Index(text[at:], "é")
		far := at - before
		if before < 0 || behind >= 0 && behind < far {
			far = behind
		}
		return nil, detect.Range{Start: at - far, End: at + max(far+2, n)}
	}
	first, last := strings.IndexByte(text, '"'), strings.LastIndexByte(text, '_')
	out := []detect.Match{{Range: detect.Range{Start: at, End: at + n}, Secret: detect.Range{Start: at, End: at + 2}}}
	if first >= 0 {
		out = append(out, detect.Match{Secret: detect.Range{Start: first, End: first + 1}, Range: detect.Range{Start: first, End: first + 1}, Confidence: detect.ConfidenceLow})
	}
	if last > at {
		out = append(out, detect.Match{Secret: detect.Range{Start: last - 1, End: last + 1}, Range: detect.Range{Start: at, End: last + 1}})
	}
	return out, detect.Range{}
}

// beside finds the keyword where some way before it and behind it there is an a or the text is over.
func beside(f *detect.Fragment, at, n int) ([]detect.Match, detect.Range) {
	const far = 20
	before, behind := at-far, at+n+far
	if before >= 0 && f.Data[before] != 'a' || behind < len(f.Data) && f.Data[behind] != 'a' {
		return nil, detect.Range{Start: before, End: behind + 1}
	}
	return []detect.Match{{Range: detect.Range{Start: at, End: at + n}, Secret: detect.Range{Start: at, End: at + n}}}, detect.Range{}
}

// tracePieces are what the texts of the random tests are made of: pieces, and much text without anything.
var tracePieces = slices.Concat(pieces, []string{
	filler(90), filler(400), filler(500), filler(900), filler(1000), filler(1100), strings.Repeat("lorem ", 80), strings.Repeat("z", 300),
	strings.Repeat("key", 40), strings.Repeat("keyaba..", 200), strings.Repeat("abaa", 100), "\n0101", "1\n", "wnd",
	b64("it may be abb, xyz1 or key"), b64("   --begin -- and eya0  "), b64(strings.Repeat("key. abb bab\n", 30)), hex.EncodeToString([]byte("or it is xyz1 and abb")), "ICAg", "/", "%6b", `\u006b`,
})

func traceText(choice func(int) int, n int) []byte {
	var b []byte
	for range n {
		b = append(b, tracePieces[choice(len(tracePieces))]...)
	}
	return b
}

// TestRetraceRandom grows 30 chains of versions, or as many as KEYSIEVE_TRACE_CHAINS says.
func TestRetraceRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	general, local := newDetector(t, traceRules, detect.Options{}), newDetector(t, localRules(), detect.Options{})
	rng := rand.New(rand.NewPCG(7, 8))
	chains, err := strconv.Atoi(os.Getenv("KEYSIEVE_TRACE_CHAINS"))
	if err != nil {
		chains = 30
	}
	long, versions := 0, 0
	for i := range chains {
		d := local
		if i%8 == 0 {
			d = general
		}
		text := traceText(rng.IntN, rng.IntN(40))
		old := traceWhole(t, d, detect.Fragment{Data: text})
		for range 20 {
			v := edit(rng, text, func() []byte { return traceText(rng.IntN, rng.IntN(4)) })
			if len(v.text) > 40_000 {
				break
			}
			old = retrace(t, d, old, v, "")
			text = v.text
			versions++
			if old.Long {
				long++
			}
		}
	}
	t.Logf("%d of %d versions are long", long, versions)
}

// FuzzRetraceEqualsTrace makes a text and a version of it of what the fuzzer chooses.
func FuzzRetraceEqualsTrace(f *testing.F) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 30 {
		seed := make([]byte, 60)
		for i := range seed {
			seed[i] = byte(rng.IntN(256))
		}
		f.Add(seed)
	}
	// Find may see by chance what is longer than a rule's span.
	rules := slices.DeleteFunc(slices.Clone(traceRules), func(r detect.Rule) bool { return r.ID == "short-span" })
	general, local := newDetector(f, rules, detect.Options{}), newDetector(f, localRules(), detect.Options{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 400 {
			return
		}
		choice := func(n int) int {
			if len(data) == 0 {
				return 0
			}
			c := data[0]
			data = data[1:]
			return int(c) % n
		}
		place := func(n int) int { return (choice(256)<<8 | choice(256)) * (n + 1) >> 16 }
		d := local
		if choice(8) == 0 {
			d = general
		}
		text := traceText(choice, choice(40))
		old := traceWhole(t, d, detect.Fragment{Data: text})
		for len(data) > 0 {
			v := version{}
			for range 1 + choice(4) {
				switch choice(3) {
				case 0:
					v.insert(traceText(choice, choice(4)))
				case 1:
					from := place(len(text))
					v.copy(text, from, from+place(len(text)-from))
				default:
					from := place(len(text))
					v.copy(text, from, len(text))
				}
			}
			if len(v.text) > 40_000 {
				return
			}
			old, text = retrace(t, d, old, v, ""), v.text
		}
	})
}

// exampleTexts returns the texts of the built-in rules' examples.
func exampleTexts(tb testing.TB) []string {
	specs, err := rules.Specs()
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, s := range specs {
		for n, tmpl := range slices.Concat(s.Hit, s.Miss) {
			e, err := rulestest.Expand(tmpl, s.ID+strconv.Itoa(n))
			if err != nil {
				tb.Fatal(err)
			}
			if e.Text != "" {
				out = append(out, e.Text)
			}
		}
	}
	return out
}
