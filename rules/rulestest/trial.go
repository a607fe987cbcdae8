package rulestest

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/internal/template"
)

// Each example is expanded this many times: a rule that finds it only now and then, because of its entropy or a
// boundary, is wrong.
const expansions = 8

// A trial is one rule under test.
type trial struct {
	spec  rules.Spec
	alone *detect.Detector // has this rule only, and reports whatever the confidence
	all   *detect.Detector // has the whole set; nil when the rule is not part of it
	path  string           // of the fragments
}

// surroundings are the texts that an example is put between.
var surroundings = [...]struct {
	name          string
	before, after string
	inLine        bool // the example does not begin or end its line
}{
	{"between lines", "first line\n", "\nlast line\n", false},
	{"between CRLF lines", "first line\r\n", "\r\nlast line\r\n", false},
	{"within a line", "some text, ", " and more text", true},
	{"within a long line", strings.Repeat("lorem ipsum ", 2000), strings.Repeat(" dolor sit", 2000), true},
	{"after UTF-8", "Grüße, 世界 🙂 ", " – über", true},
}

// hit tests that an example is found, whole, wherever it stands, and that no other rule takes its place.
func (t *trial) hit(tmpl string) []error {
	for n := range uint64(expansions) {
		text, err := template.Expand(tmpl, t.spec.ID, n)
		if err != nil {
			return []error{err}
		}
		found, err := t.find(t.alone, string(text.Data))
		if err == nil {
			err = t.whole(text, found)
		}
		if err == nil && t.all != nil {
			err = t.kept(text, found)
		}
		if err == nil && n == 0 {
			err = t.surrounded(text, found)
		}
		if err != nil {
			return []error{err}
		}
	}
	return nil
}

// surrounded tests that what was found in the example alone is found in every surrounding.
func (t *trial) surrounded(text template.Text, want []detect.Finding) error {
	anchored := anchorsLines(t.spec.Pattern)
	for _, s := range surroundings {
		if s.inLine && anchored {
			continue
		}
		found, err := t.find(t.alone, s.before+string(text.Data)+s.after)
		if err == nil {
			err = same(want, found, len(s.before))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// kept tests that the rule's findings are still there when all rules look at the example.
func (t *trial) kept(text template.Text, want []detect.Finding) error {
	found, err := t.find(t.all, string(text.Data))
	if err != nil {
		return err
	}
	for _, w := range want {
		for _, f := range found {
			overlap := f.Start.Offset < w.End.Offset && w.Start.Offset < f.End.Offset
			if overlap && f.RuleID != w.RuleID {
				return fmt.Errorf("rule %s takes its place: %s", f.RuleID, describe(text, f))
			}
		}
		if !slices.ContainsFunc(found, func(f detect.Finding) bool { return f.RuleID == w.RuleID && f.Start == w.Start }) {
			return fmt.Errorf("with all rules, %q is not found", w.Secret.Reveal())
		}
	}
	return nil
}

// miss tests that a counterexample is not reported.
func (t *trial) miss(tmpl string) []error {
	for n := range uint64(expansions) {
		text, err := template.Expand(tmpl, t.spec.ID, n)
		if err != nil {
			return []error{err}
		}
		for _, s := range []string{"%s", "first line\n%s\nlast line\n"} {
			found, err := t.find(t.alone, fmt.Sprintf(s, text.Data))
			if err != nil {
				return []error{err}
			}
			for _, f := range found {
				if f.Confidence >= detect.ConfidenceMedium {
					return []error{fmt.Errorf("is reported (%s confidence): %s", f.Confidence, describe(text, f))}
				}
			}
		}
	}
	return nil
}

// keywords tests that every example has a keyword, and that every keyword is of use: it occurs in an example or
// in the pattern, or the rule could not do without it.
func (t *trial) keywords() []error {
	var bad []error
	seen := strings.ToLower(strings.ReplaceAll(t.spec.Pattern, `\`, ""))
	for i, hit := range t.spec.Hit {
		text, err := template.Expand(hit, t.spec.ID, 0)
		if err != nil {
			continue // hit reports it
		}
		lower := strings.ToLower(string(text.Data))
		has := func(keyword string) bool { return strings.Contains(lower, strings.ToLower(keyword)) }
		if len(t.spec.Keywords) > 0 && !slices.ContainsFunc(t.spec.Keywords, has) {
			bad = append(bad, fmt.Errorf("hit %d has none of the keywords", i+1))
		}
		seen += "\n" + lower
	}
	for i, k := range t.spec.Keywords {
		without := t.spec.Rule
		without.Keywords = slices.Delete(slices.Clone(t.spec.Keywords), i, i+1)
		if !strings.Contains(seen, strings.ToLower(k)) && detect.Aligned(without) == nil {
			bad = append(bad, fmt.Errorf("keyword %q occurs neither in a hit nor in the pattern", k))
		}
	}
	return bad
}

func (t *trial) find(d *detect.Detector, text string) ([]detect.Finding, error) {
	return d.Find(detect.Fragment{Data: []byte(text), Origin: detect.Origin{Path: t.path}})
}

// whole tests that something was found, and that every secret holds each expression of the template that it touches
// from its beginning to its end.
func (t *trial) whole(text template.Text, found []detect.Finding) error {
	if len(found) == 0 {
		return fmt.Errorf("is not found: %s", text.Data)
	}
	for _, f := range found {
		if f.Confidence < detect.ConfidenceMedium {
			return fmt.Errorf("is found with %s confidence only (%s)", f.Confidence, strings.Join(f.Evidence, ", "))
		}
		start, end := int(f.Start.Offset), int(f.End.Offset)
		touched := false
		for _, p := range text.Parts {
			if p.End <= start || end <= p.Start {
				continue
			}
			touched = true
			if p.Start < start || end < p.End {
				return fmt.Errorf("only a part is found: %s", describe(text, f))
			}
		}
		if !touched {
			return errors.New("the secret found is literal text: write it as a template")
		}
	}
	return nil
}

// describe shows where in the text a finding is. The text is made up, so that nothing is disclosed.
func describe(text template.Text, f detect.Finding) string {
	data, secret := string(text.Data), string(f.Secret.Reveal())
	before, after, ok := strings.Cut(data, secret)
	if !ok {
		return fmt.Sprintf("%q", secret)
	}
	return fmt.Sprintf("%q [%q] %q", before, secret, after)
}

// same tests that the secrets found in the surroundings are those found in the example alone.
func same(want, got []detect.Finding, shift int) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d findings instead of %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Start.Offset != want[i].Start.Offset+int64(shift) || !got[i].Secret.Equal(want[i].Secret) {
			return fmt.Errorf("%q at offset %d is found instead of %q at %d", got[i].Secret.Reveal(),
				got[i].Start.Offset-int64(shift), want[i].Secret.Reveal(), want[i].Start.Offset)
		}
	}
	return nil
}

// examplePath returns a path that matches the pattern of a rule, "" when it has none.
func examplePath(pattern string) string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	var write func(*syntax.Regexp)
	write = func(re *syntax.Regexp) {
		switch re.Op {
		case syntax.OpLiteral:
			b.WriteString(string(re.Rune))
		case syntax.OpCharClass:
			b.WriteRune(re.Rune[0])
		case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
			b.WriteByte('a')
		case syntax.OpConcat:
			for _, sub := range re.Sub {
				write(sub)
			}
		case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
			write(re.Sub[0])
		case syntax.OpRepeat:
			for range re.Min {
				write(re.Sub[0])
			}
		}
	}
	write(tree)
	return b.String()
}
