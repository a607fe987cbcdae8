package detect_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

// patternRules returns the built-in rules that have a pattern, for any path.
func patternRules() []detect.Rule {
	var out []detect.Rule
	for _, r := range rules.All() {
		if r.Path = ""; r.Pattern != "" {
			out = append(out, r)
		}
	}
	return out
}

// TestBuiltinRulesEqualRegexp runs every built-in rule on its own examples, whole and mutilated, beside others.
func TestBuiltinRulesEqualRegexp(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds of CPU")
	}
	specs, err := rules.Specs()
	if err != nil {
		t.Fatal(err)
	}
	p := newPair(t, patternRules(), rules.Tables())
	index := map[string]int{}
	for i, r := range p.rules {
		index[r.ID] = i
	}
	rng := rand.New(rand.NewPCG(7, 8))
	var before string
	for _, s := range specs {
		i, ok := index[s.ID]
		if !ok {
			continue
		}
		for n, tmpl := range append(s.Hit, s.Miss...) {
			e, err := rulestest.Expand(tmpl, s.ID+strconv.Itoa(n))
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range [][]byte{[]byte(before + e.Text + "\n" + e.Text + e.Text), mutilate(rng, e.Text+" "+before)} {
				p.compareRule(t, i, text, detect.RawMatches(p.detector, text))
			}
			before = e.Text + "\n"
		}
	}
}

// mutilate changes a few bytes of text.
func mutilate(rng *rand.Rand, text string) []byte {
	b := []byte(text)
	for range 1 + rng.IntN(3) {
		if len(b) > 0 {
			b[rng.IntN(len(b))] = pieces[rng.IntN(len(pieces))][0]
		}
	}
	return b
}

// TestBuiltinRulesEqualRegexpOnSource compares on pieces of the Go source tree: 50 kB, or as many MB as KEYSIEVE_DIFF_MB
// says (the regular expressions take minutes for one).
func TestBuiltinRulesEqualRegexpOnSource(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds of CPU")
	}
	mb, err := strconv.ParseFloat(os.Getenv("KEYSIEVE_DIFF_MB"), 64)
	if err != nil {
		mb = 0.05
	}
	p := newPair(t, patternRules(), rules.Tables())
	data := goSource(t, 128<<20)
	const piece = 8 << 10
	rng := rand.New(rand.NewPCG(9, 10))
	for done := 0.0; done < mb*1e6; done += piece {
		at := rng.IntN(len(data) - piece)
		p.compare(t, data[at:at+piece])
	}
}

// FuzzBuiltinRulesEqualRegexp compares some of the built-in rules, of all kinds, on texts grown from their examples.
func FuzzBuiltinRulesEqualRegexp(f *testing.F) {
	specs, err := rules.Specs()
	if err != nil {
		f.Fatal(err)
	}
	all := patternRules()
	var some []detect.Rule
	chosen := map[string]bool{}
	for i := 0; i < len(all); i += 37 {
		some = append(some, all[i])
		chosen[all[i].ID] = true
	}
	for _, s := range specs {
		if chosen[s.ID] {
			if e, err := rulestest.Expand(s.Hit[0], s.ID); err == nil {
				f.Add([]byte(e.Text))
			}
		}
	}
	p := newPair(f, some, rules.Tables())
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 2000 {
			p.compare(t, data)
		}
	})
}
