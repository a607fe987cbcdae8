package detect

import (
	"cmp"
	"fmt"
	"slices"
)

// A Step is one match of one rule, and what became of it.
type Step struct {
	RuleID     string
	Start, End Position // of the secret; End is exclusive
	Secret     Secret
	// DecodedFrom is that of the finding.
	DecodedFrom string

	Confidence Confidence // after the check
	Evidence   []string   // what spoke for and against it, in words; never the secret
	Reported   bool
	Verdict    string // "reported", or why it is not, in words; never the secret
}

// Explain returns every match of every rule in the fragment, ordered by offset and then by the rule's id, and what became
// of each: the same that [Detector.Find] makes of it, except that the fragment's Added and Before do not count. The error
// is that of Find, and the steps are then those of the other rules.
func (d *Detector) Explain(f Fragment) (steps []Step, err error) {
	f.Added, f.Before = nil, nil
	d.lend(func(s *scratch) { steps, err = d.steps(f, s) })
	return steps, err
}

func (d *Detector) steps(f Fragment, s *scratch) ([]Step, error) {
	kept, err := d.candidates(&f, s)
	found := d.report(kept, &f)
	findings := map[int]Finding{} // by the candidate's index
	for i := range kept {
		if d.reports(&kept[i]) {
			findings[i], found = found[0], found[1:]
		}
	}
	// A rule's own matcher may find the same from several keywords; what is kept of that is to be explained.
	matches := make([]match, 0, len(kept)+len(s.matches))
	for _, c := range kept {
		matches = append(matches, c.match)
	}
	for _, m := range s.matches {
		if m.decoded == nil {
			matches = append(matches, m)
		}
		for _, in := range m.decoded {
			matches = append(matches, in.outward())
		}
	}
	slices.SortStableFunc(matches, compareMatches)
	matches = slices.CompactFunc(matches, func(a, b match) bool { return compareMatches(a, b) == 0 })

	var steps []Step
	at, done := startOf(&f), 0
	for _, m := range matches {
		if f.Own != nil && (m.from < f.Own.Start || m.from >= f.Own.End) {
			continue
		}
		at, done = at.After(f.Data[done:m.from]), m.from
		step := Step{RuleID: m.rule.ID, Start: at, End: at.After(f.Data[m.from:m.to]), Secret: NewSecret(m.secret(f.Data)), DecodedFrom: m.encodings()}
		d.explain(&step, s, m, &f, kept, findings)
		steps = append(steps, step)
	}
	return steps, err
}

// compareMatches orders matches by the secret's offset, the rule and the secret's end, and those in decoded text that stem from the same bytes in its
// order.
func compareMatches(a, b match) int {
	c := cmp.Or(a.from-b.from, cmp.Compare(a.rule.ID, b.rule.ID), a.to-b.to, len(a.decoded)-len(b.decoded))
	if c == 0 && a.decoded != nil {
		return compareMatches(a.decoded[0].match, b.decoded[0].match)
	}
	return c
}

// explain works out what became of a match, in the order in which Find decides.
func (d *Detector) explain(step *Step, s *scratch, m match, f *Fragment, kept []candidate, findings map[int]Finding) {
	c, ok := s.judge(m, f)
	step.Confidence, step.Evidence = c.confidence, c.evidence
	if !ok {
		step.Verdict = misfit(m, f)
		return
	}
	// Something is kept wherever there is a candidate.
	near, _ := slices.BinarySearchFunc(kept, m.from, func(k candidate, from int) int { return k.to - from - 1 })
	own := near
	for own < len(kept) && kept[own].from <= m.from && compareMatches(kept[own].match, m) != 0 {
		own++
	}
	found, reportable := findings[own]
	switch {
	case c.allowed:
		step.Verdict = "allowed: " + allowedBy(m, f)
	case own == len(kept) || kept[own].from > m.from:
		step.Verdict = "overlapped by " + kept[near].rule.ID
	case !reportable:
		step.Verdict = fmt.Sprintf("confidence %s < %s", c.confidence, d.opts.MinConfidence)
		if c.verdict == Invalid {
			step.Verdict = "the check says no: " + step.Verdict
		}
	case found.Suppressed != "":
		step.Evidence, step.Verdict = found.Evidence, "suppressed by a comment: "+found.Suppressed
	default:
		step.Evidence, step.Verdict, step.Reported = found.Evidence, "reported", true
	}
}

// misfit says why judge calls it no match at all.
func misfit(m match, f *Fragment) string {
	with, err := m.rule.matcher()
	if err != nil || !with.isAt(f.Origin.Path) {
		return "the rule is not for this path"
	}
	return fmt.Sprintf("entropy %.3f < %.3f bits per byte", entropy(f.Data[m.from:m.to]), m.rule.MinEntropy)
}

// allowedBy returns the reason of the first allowlist that names the match.
func allowedBy(m match, f *Fragment) string {
	if m.decoded != nil {
		in := m.decoded[0]
		return allowedBy(in.match, &Fragment{Origin: f.Origin, Data: in.text.Data})
	}
	with, err := m.rule.matcher()
	if err != nil {
		return ""
	}
	i := slices.IndexFunc(with.allow, func(a allow) bool { return a.applies(m, f) })
	if i < 0 || with.allow[i].Reason == "" {
		return "an allowlist of the rule"
	}
	return with.allow[i].Reason
}
