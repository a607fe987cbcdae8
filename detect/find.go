package detect

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Find returns the fragment's findings, ordered by offset and then by rule. Where a rule had to be given up on (a
// pattern with lookaround that took too long), the error is an [*InputError] with a [RuleError] for each, and the
// findings are those of the other rules.
func (d *Detector) Find(f Fragment) (found []Finding, err error) {
	d.lend(func(s *scratch) { found, err = d.find(f, s) })
	return found, err
}

// lend lends a scratch to use. One that a panic of a Matcher or a check has passed through is not used again.
func (d *Detector) lend(use func(*scratch)) {
	s := d.pool.Get().(*scratch)
	use(s)
	d.pool.Put(s)
}

func (d *Detector) find(f Fragment, s *scratch) ([]Finding, error) {
	kept, err := d.candidates(&f, s)
	found := d.report(kept, &f)
	if len(found) == 0 || len(f.Before) == 0 {
		return found, err
	}
	known := map[string]bool{}
	for _, text := range f.Before {
		old := Fragment{Origin: f.Origin, Data: text, Binary: f.Binary}
		kept, err2 := d.candidates(&old, s)
		err = errors.Join(err, err2)
		for _, c := range kept {
			known[string(c.secret(text))] = true
		}
	}
	return slices.DeleteFunc(found, func(x Finding) bool { return known[string(x.Secret.Reveal())] }), err
}

// candidates returns what may be findings in the fragment, whatever their confidence, ordered by offset and without
// overlaps.
func (d *Detector) candidates(f *Fragment, s *scratch) ([]candidate, error) {
	failed := d.search(f, s)
	var err error
	if failed != nil {
		err = &InputError{Path: f.Origin.Path, Err: errors.Join(failed...)}
	}
	return s.weigh(f), err
}

// weigh returns what is left of the matches that were found in the fragment.
func (s *scratch) weigh(f *Fragment) []candidate {
	var found []candidate
	for _, m := range s.matches {
		if f.Own != nil && (m.from < f.Own.Start || m.from >= f.Own.End) {
			continue
		}
		if c, ok := s.judge(m, f); ok {
			found = append(found, c)
		}
	}
	return apart(resolve(found))
}

// candidate is a match that may become a finding.
type candidate struct {
	match
	confidence Confidence // after the check
	verdict    Verdict
	allowed    bool
	displaces  bool     // another rule's candidate is left out in its favour
	evidence   []string // with what the check says
}

// reports says whether the candidate is a finding.
func (d *Detector) reports(c *candidate) bool {
	return !c.allowed && c.confidence >= d.opts.MinConfidence
}

// judge weighs a match by the rule's path, entropy, check and allowlists. It returns false for what is no match of the rule at all; what an allowlist
// names stays as a candidate, because it also answers for what less specific rules see in the same place.
func (s *scratch) judge(m match, f *Fragment) (candidate, bool) {
	if m.decoded != nil {
		c := m.best().candidate
		c.match = m
		return c, true
	}
	r := m.rule
	with, err := r.matcher()
	if err != nil {
		return candidate{}, false // search has reported it
	}
	if !with.isAt(f.Origin.Path) {
		return candidate{}, false
	}
	c := candidate{match: m, confidence: m.confidence, evidence: slices.Clone(m.evidence)}
	if c.confidence == 0 {
		c.confidence = r.Confidence
	}
	secret := f.Data[m.from:m.to]
	if r.Check != nil {
		p, _ := s.proofs.get(r, secret, func(secret []byte) (Proof, error) { return r.Check(secret), nil })
		c.verdict = p.Verdict
		switch p.Verdict {
		case Valid:
			c.confidence = ConfidenceProven
		case Invalid:
			c.confidence = ConfidenceLow
		}
		if p.Note != "" {
			c.evidence = append(c.evidence, p.Note)
		}
	}
	if c.verdict == Valid {
		return c, true
	}
	if r.MinEntropy > 0 && entropy(secret) < r.MinEntropy {
		return c, false
	}
	for i := range with.allow {
		if with.allow[i].applies(m, f) {
			c.allowed = true
			break
		}
	}
	return c, true
}

// entropy returns the Shannon entropy of text in bits per byte.
func entropy(text []byte) float64 {
	var counts [256]int
	for _, c := range text {
		counts[c]++
	}
	bits := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(text))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

// applies reports whether the allowlist names the match.
func (a *allow) applies(m match, f *Fragment) bool {
	var kinds, held int
	test := func(set bool, holds func() bool) {
		if set {
			kinds++
			if holds() {
				held++
			}
		}
	}
	test(len(a.paths) > 0, func() bool { return matchesAny(a.paths, []byte(f.Origin.Path)) })
	test(len(a.Commits) > 0, func() bool {
		return f.Origin.Commit != nil && slices.ContainsFunc(a.Commits, func(id string) bool { return strings.EqualFold(id, f.Origin.Commit.ID) })
	})
	test(len(a.StopWords) > 0, func() bool {
		secret := bytes.ToLower(f.Data[m.from:m.to])
		return slices.ContainsFunc(a.StopWords, func(w string) bool { return bytes.Contains(secret, []byte(strings.ToLower(w))) })
	})
	test(len(a.patterns) > 0, func() bool { return matchesAny(a.patterns, a.target(m, f.Data)) })
	return held > 0 && (!a.All || held == kinds)
}

func matchesAny(patterns []*regexp.Regexp, text []byte) bool {
	return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.Match(text) })
}

// lineReach is the most that [TargetLine] takes in on each side of a match, in bytes.
const lineReach = 512

// target returns the text that the allowlist's patterns look at.
func (a *allow) target(m match, data []byte) []byte {
	switch a.Target {
	case TargetMatch:
		return data[m.start:m.end]
	case TargetLine:
		near, far := max(m.start-lineReach, 0), min(m.end+lineReach, len(data))
		return data[near+lineStart(data[near:], m.start-near) : lineEnd(data[:far], m.end)]
	}
	return data[m.from:m.to]
}

func lineStart(data []byte, i int) int { return bytes.LastIndexByte(data[:i], '\n') + 1 }

func lineEnd(data []byte, i int) int {
	if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(data)
}

// resolve keeps, of candidates whose secrets overlap, the most specific, ordered by offset. The rules of the others are named
// in its evidence.
func resolve(found []candidate) []candidate {
	slices.SortFunc(found, func(a, b candidate) int {
		if moreSpecific(&a, &b) {
			return -1
		}
		if moreSpecific(&b, &a) {
			return 1
		}
		return cmp.Or(a.from-b.from, cmp.Compare(b.confidence, a.confidence), a.start-b.start, a.end-b.end)
	})
	var kept []candidate // ordered by offset, without overlaps
	for _, c := range found {
		i, overlaps := slices.BinarySearchFunc(kept, c, func(k, c candidate) int {
			switch {
			case k.to <= c.from:
				return -1
			case c.to <= k.from:
				return 1
			}
			return 0
		})
		if !overlaps {
			kept = slices.Insert(kept, i, c)
			continue
		}
		if k := &kept[i]; k.rule != c.rule && !c.allowed {
			k.displaces = true
			k.evidence = appendNew(k.evidence, "also matches "+c.rule.ID)
		}
	}
	return kept
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// moreSpecific reports whether a says more about the same text than b.
func moreSpecific(a, b *candidate) bool {
	x, y := a.rank(), b.rank()
	for i := range x {
		if x[i] != y[i] {
			return x[i] > y[i]
		}
	}
	return false
}

// rank orders candidates by how much they say about their text: first what a provider issues, then what a provider's
// rule has seen and found not to be a secret, then what is generic, and last what is decoded and no secret, which hides nothing that is one as it stands;
// among them what is only seen beside something decoded comes last, and a proven secret first, and then they go by the specificity of the rule, its own
// confidence, whether they stand in the text itself, the secret's length and the order of the rules.
func (c *candidate) rank() [8]int {
	standing := 2 * flag(c.rule.Provider != "")
	switch {
	case c.decoded != nil && (c.allowed || c.confidence < ConfidenceMedium):
		standing = -1
	case c.allowed || c.verdict == Invalid:
		standing--
	}
	beside := c.decoded != nil && c.best().verbatim()
	return [8]int{standing, flag(!beside), flag(c.verdict == Valid), c.rule.Specificity, int(c.confidence), flag(c.decoded == nil), c.to - c.from, -c.rule.index}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
