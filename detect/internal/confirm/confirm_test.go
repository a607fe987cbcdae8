package confirm

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"testing"
)

func automaton(t *testing.T, pattern string) *DFA {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(re.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	return New(p)
}

var patterns = []string{
	`key[0-9]{2,4}`, `\bkey\b`, `key(?:[^a]{1,3}é)?x$`, `key[^\n]*\n?y`, `(?s)key.{0,5}z`, `key\W\x{80}?`, `(?i)kéy|key`,
}

func TestAcceptsWhateverTheRegexpMatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"key", "k", "1", "23", "a", "x", "z", "y", "é", "É", "\x80", "\xff", "\xc3", "世", "\n", " "}
	for _, p := range patterns {
		re := regexp.MustCompile(`^(?:` + p + `)`)
		re.Longest()
		d := automaton(t, p)
		for range 3000 {
			text := []byte("key")
			for range rng.IntN(8) {
				text = append(text, pieces[rng.IntN(len(pieces))]...)
			}
			loc := re.FindIndex(text)
			_, _, accept := d.Run(d.Start(0), text, 0, len(text))
			if loc != nil && accept < loc[1] {
				t.Fatalf("%s matches %q to %d, the automaton accepts to %d", p, text, loc[1], accept)
			}
		}
	}
}

func TestRunSaysWhereItDies(t *testing.T) {
	d := automaton(t, `key[0-9]{2,4}`)
	s, pos, accept := d.Run(d.Start(0), []byte("key123x"), 0, 7)
	if !d.Dead(s) || pos != 6 || accept != 6 {
		t.Fatalf("dead %t at %d, accepts to %d", d.Dead(s), pos, accept)
	}
}

func TestBeginningOfText(t *testing.T) {
	d := automaton(t, `(?:^|,)key`)
	for at, want := range map[int]int{0: 3, 3: -1, 6: 10} {
		if _, _, accept := d.Run(d.Start(at), []byte("keykey,key"), at, 10); accept != want {
			t.Errorf("from %d: accepts to %d, want %d", at, accept, want)
		}
	}
}

func TestMergeStandsForBoth(t *testing.T) {
	d := automaton(t, `ab[0-9]*c`)
	a, _, _ := d.Run(d.Start(0), []byte("ab1"), 0, 3)
	b, _, _ := d.Run(d.Start(0), []byte("a"), 0, 1)
	m := d.Merge(a, b)
	for _, text := range []string{"c", "bc", "2c"} {
		if _, _, accept := d.Run(m, []byte(text), 0, len(text)); accept != len(text) {
			t.Errorf("%q is not accepted", text)
		}
	}
	if d.Merge(a, a) != a || d.Merge(b, a) != m {
		t.Error("merging is not symmetric")
	}
}

// A pattern with more states than are allowed says yes to everything from there on, and is exact again after a reset.
func TestFullAutomatonLosesNothing(t *testing.T) {
	d := automaton(t, `x[ab]*a[ab]{14}y`)
	rng := rand.New(rand.NewPCG(5, 6))
	text := []byte("x")
	for range 20000 {
		text = append(text, "ab"[rng.IntN(2)])
	}
	if _, _, accept := d.Run(d.Start(0), text, 0, len(text)); !d.Full() || accept != len(text) || d.States() > MaxStates {
		t.Fatalf("full %t, accepts to %d of %d, %d states", d.Full(), accept, len(text), d.States())
	}
	d.Reset()
	if _, _, accept := d.Run(d.Start(0), []byte("xab"), 0, 3); d.Full() || accept != -1 {
		t.Fatalf("after a reset: full %t, accepts to %d", d.Full(), accept)
	}
}

func TestBehind(t *testing.T) {
	const some = "aZ5_- \n\x80\xc3"
	for _, c := range []struct {
		pattern string
		before  int
		want    string
	}{
		{`key[0-9]{2,4}`, 0, "5"},
		{`key(?:=|[ \t]+)?`, 0, some},
		{`key[^a-z\n]x`, 0, "Z5_- \x80\xc3"},
		{`[a-z]{3}Key(?:_|\b-)`, 3, "_-"},
		{`(?:aKEY5|.key-)x`, 1, "5-"},
		{`(?:KEY|key)a`, 0, "a"},
		{`(?s)key.`, 0, some},
		{`token`, 0, ""},
	} {
		set := automaton(t, c.pattern).Behind(c.before, "key")
		got := ""
		for i := range len(some) {
			if set[some[i]>>6]>>(some[i]&63)&1 != 0 {
				got += some[i : i+1]
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.pattern, got, c.want)
		}
	}
}
