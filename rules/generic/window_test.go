package generic

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

// scene returns a text of the candidates' cases with filling between them, some of it too long for a window.
func scene(rng *rand.Rand) []byte {
	fill := []string{"\n", "\nx = 1\n", "\n" + strings.Repeat("another line of text\n", 30), strings.Repeat("x", 700) + " ", strings.Repeat("q9", 600),
		"\nfunc monkey(pass Token) { keys, tokens := range author(key) }\n", "the password\tpolicy of a session, its cookie.", " PASS --- PASS: x\n",
		"\nvariable \"token\" {\n", "<key>token</key>", " (*Box(password)) key[12] secret] auth-- ", "salt name: seed\n", " token: &'static ", "%70pass%20key"}
	var text []byte
	for range 1 + rng.IntN(8) {
		text = append(text, spell(candidateTests[rng.IntN(len(candidateTests))].text)...)
		text = append(text, fill[rng.IntN(len(fill))]...)
	}
	return text
}

// TestMatchersAreLocal compares what each matcher finds in a whole text with what it finds where only the window around the key word is
// left, and where everything else is something else.
func TestMatchersAreLocal(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	origin := detect.Origin{Path: "a.yml"}
	for range 300 {
		text := scene(rng)
		occurrences(text, func(p *place, at, n int) {
			match := p.matcher(Levels{})
			lo, hi := max(at-256, 0), min(at+512, len(text))
			want, looked := match(&detect.Fragment{Data: text, Origin: origin}, at, n)
			cut, lookedInCut := match(&detect.Fragment{Data: text[lo:hi:hi], Origin: origin}, at-lo, n)
			if looked != (detect.Range{}) {
				lookedInCut.Start, lookedInCut.End = lookedInCut.Start+lo, lookedInCut.End+lo
			}
			if looked != lookedInCut {
				t.Fatalf("at %d of %q: looked at %v in the whole text, at %v in the window", at, text, looked, lookedInCut)
			}
			for i := range cut {
				cut[i].Range = detect.Range{Start: cut[i].Range.Start + lo, End: cut[i].Range.End + lo}
				cut[i].Secret = detect.Range{Start: cut[i].Secret.Start + lo, End: cut[i].Secret.End + lo}
			}
			if !reflect.DeepEqual(want, cut) {
				t.Fatalf("at %d of %q: %v in the whole text, %v in the window", at, text, want, cut)
			}
			if looked != (detect.Range{}) {
				checkLooked(t, rng, match, text, looked, at, n)
			}
			other := bytes.Clone(text)
			for i := range other {
				if i < lo || i >= hi {
					other[i] = "\n\"'x= "[rng.IntN(6)]
				}
			}
			if got, _ := match(&detect.Fragment{Data: other, Origin: origin}, at, n); !reflect.DeepEqual(want, got) {
				t.Fatalf("at %d of %q: %v, and %v with another text around the window", at, text, want, got)
			}
		})
	}
}

// checkLooked fails if there is anything when all but what a matcher has looked at is something else, more or less text.
func checkLooked(t *testing.T, rng *rand.Rand, match detect.Matcher, text []byte, looked detect.Range, at, n int) {
	t.Helper()
	lo, hi := max(looked.Start, 0), min(looked.End, len(text))
	if lo > at || hi < at+n {
		t.Fatalf("at %d of %q: looked at %v", at, text, looked)
	}
	for range 4 {
		var other []byte
		if lo == looked.Start {
			other = surroundings(rng)
		}
		in := len(other) + at - lo
		other = append(other, text[lo:hi]...)
		if hi == looked.End {
			other = append(other, surroundings(rng)...)
		}
		found, again := match(&detect.Fragment{Data: other, Origin: detect.Origin{Path: "a.yml"}}, in, n)
		if found != nil || again == (detect.Range{}) || again.End-again.Start != looked.End-looked.Start {
			t.Fatalf("looked at %q of %q and found nothing, and in %q at %d %v, %v", text[lo:hi], text, other, in, found, again)
		}
	}
}

// surroundings returns text that may be a name's, an operator or a value.
func surroundings(rng *rand.Rand) []byte {
	var text []byte
	for range rng.IntN(12) {
		text = append(text, []string{"\n", "\"", "'", "=", ": ", " ", "x7Kq2mPw9", "variable ", "name: ", "--- ", "<key>", ")", "%3D", "value", ".", "-"}[rng.IntN(16)]...)
	}
	return text
}

func TestValuesAtTheEnd(t *testing.T) {
	long := strings.Repeat("zorb7", 300)
	for _, c := range []struct {
		text, want string
	}{
		{"password=◊", "◊"},                              // ends where the file ends
		{"password=" + long, long[:firstBytes]},          // goes on behind the window
		{"password='" + long + "'\n", long[:firstBytes]}, // as this one does
		{"password=\"" + long[:400] + " " + long + "\"\n", ""},
		{strings.Repeat("x ", 300) + "password=" + strings.Repeat(" ", 5) + long, long[:firstBytes]},
		{"password=" + long[:reachAfter-14], long[:reachAfter-14]},
		{"password=" + long[:reachAfter-8] + "\n", long[:firstBytes]}, // cannot be told from one that goes on
		{"Authorization: Bearer " + long, long[:firstBytes]},
	} {
		text, want := spell(c.text), spell(c.want)
		f := &detect.Fragment{Data: []byte(text), Origin: detect.Origin{Path: "a.env"}}
		got := ""
		for _, k := range Candidates(f) {
			got += text[k.Value.Start:k.Value.End]
		}
		if got != want {
			t.Errorf("%.40s…: got %q, want %q", text, got, want)
		}
	}
}

// TestPathClass says that matchers see nothing of a path but its class.
func TestPathClass(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"cmd/a.go", "x/y/b.go", true},
		{"cmd/a.go", "cmd/a_test.go", false},
		{"cmd/a.go", "cmd/a.py", false},
		{"config/app.yml", "config/other.yaml", true},
		{"config/app.yml", "locale/app.yml", false},
		{"README", "LICENSE", false},
	} {
		if got := pathClass(c.a) == pathClass(c.b); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
	byClass := map[uint32]string{}
	paths := []string{"a.go", "b/c.go", "b/test/c.go", "tests/a.go", "a.py", "a.rb", "locale/a.yml", "x/lang/a.yml", "a.env", "b.ini", "Dockerfile", "x/Makefile", "doc/a.md", "docs/b.txt"}
	for _, p := range paths {
		k := pathClass(p)
		first, ok := byClass[k]
		if !ok {
			byClass[k] = p
			continue
		}
		for _, c := range candidateTests {
			text := []byte(spell(c.text))
			x := Candidates(&detect.Fragment{Data: text, Origin: detect.Origin{Path: first}})
			y := Candidates(&detect.Fragment{Data: text, Origin: detect.Origin{Path: p}})
			if !reflect.DeepEqual(x, y) {
				t.Errorf("%s and %s are of one class and differ on %q", first, p, text)
			}
		}
	}
}
