package detect

import (
	"bytes"
	"regexp"
	"sort"
)

type compiledRule struct {
	Rule
	re *regexp.Regexp
}

func compileRule(r Rule) (*compiledRule, error) {
	re, err := regexp.Compile(r.Pattern)
	return &compiledRule{r, re}, err
}

// stand-in until the engine is in
func (d *Detector) find(f Fragment) ([]Finding, error) {
	var out []Finding
	base := f.Base
	if base.Line == 0 {
		base = Position{0, 1, 1}
	}
	pos := func(i int) Position {
		n := bytes.Count(f.Data[:i], []byte("\n"))
		col := i + base.Column
		if k := bytes.LastIndexByte(f.Data[:i], '\n'); k >= 0 {
			col = i - k
		}
		return Position{base.Offset + int64(i), base.Line + n, col}
	}
	for _, r := range d.rules {
		for _, m := range r.re.FindAllSubmatchIndex(f.Data, -1) {
			a, b := m[0], m[1]
			if len(m) > 3 && m[2] >= 0 {
				a, b = m[2], m[3]
			}
			if f.Own != nil && (a < f.Own.Start || a >= f.Own.End) {
				continue
			}
			out = append(out, Finding{RuleID: r.ID, Title: r.Title, Provider: r.Provider, Severity: SeverityHigh, Confidence: ConfidenceHigh, Origin: f.Origin, Start: pos(a), End: pos(b), Secret: NewSecret(f.Data[a:b]), Revoke: r.Revoke})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Start.Offset < out[j].Start.Offset })
	return out, nil
}
