package detect

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// A place is a range of text that one rule may match, or in which its automaton lives on for long. It holds the occurrence
// of the keyword that it stems from, and depends on no text further away than Retrace reckons with.
type place struct {
	Range
	rule   *rule
	accept int // where a match may end at most, 0 for nowhere
}

// A hit is an occurrence of a keyword: its first byte's offset, and the word's index.
type hit struct{ at, word uint32 }

// tracing is what a scratch needs for Trace.
type tracing struct {
	hits    []hit   // of the text, ascending
	long    bool    // the places do not tell everything
	places  []place // in no order
	joined  []Range // the places of all rules, those that overlap as one, ascending
	retrace retrace
}

const (
	// longLived is the number of bytes from the keyword on after which an automaton that lives on makes a place. The shorter,
	// the more places there are; the longer, the more steps are taken twice in text that is full of keywords.
	longLived = 256
	// traceReach is how far after the first byte of a keyword anything reaches that makes no place, in bytes.
	traceReach = max(longLived, MatcherAfter, lineReach)
	// traceMargin is how far beside a match a pattern may look.
	traceMargin = utf8.UTFMax
)

// seekZone finds the places and the matches of the keywords that begin in the zone. hits are all of the text's; without them the zone
// is searched for keywords. It returns false when there are rules that have to be run over all of the text, or that fail.
//
// Unlike search it follows each occurrence by itself at first, and joins to the run only automatons that live long, whose
// places overlap. So places do not depend on what else is looked at.
func (d *Detector) seekZone(f *Fragment, s *scratch, zone []Range, hits []hit) bool {
	s.begin(d, f)
	s.long, s.places = false, s.places[:0]
	for _, r := range d.always {
		s.long = s.long || !f.Binary || !r.TextOnly
	}
	for _, z := range zone {
		if hits == nil {
			d.matcher.ScanRange(f.Data, z.Start, z.End, func(word, at int) { d.occur(f, s, word, at) })
			continue
		}
		for _, h := range hits[firstFrom(hits, z.Start):] {
			if int(h.at) >= z.End || s.long {
				break
			}
			d.occur(f, s, int(h.word), int(h.at))
		}
	}
	for _, r := range s.touched {
		q := &s.searches[r.index]
		s.goOn(r, q, f.Data, len(f.Data))
		s.rest(q)
	}
	s.extractPlaces(f.Data)
	s.end()
	return !s.long
}

// occur does what an occurrence of a keyword calls for.
func (d *Detector) occur(f *Fragment, s *scratch, word, at int) {
	for _, u := range d.uses[word] {
		switch {
		case s.long || f.Binary && u.rule.TextOnly:
		case u.rule.Matcher != nil:
			s.sight(u.rule, f.Data, at, len(d.matcher.Word(word)))
		default:
			s.pursue(u, f.Data, at)
		}
	}
}

// firstFrom returns the place of the first hit at an offset or behind it.
func firstFrom(hits []hit, at int) int {
	n, _ := slices.BinarySearchFunc(hits, at, func(h hit, at int) int { return int(h.at) - at })
	return n
}

// sight asks the rule's own matcher about one occurrence of a keyword.
func (s *scratch) sight(r *rule, data []byte, at, n int) {
	first := len(s.matches)
	s.match(r, data, at, n)
	for _, m := range s.matches[first:] {
		all := Range{min(m.start, m.from, at), max(m.end, m.to, at+n)}
		s.places = append(s.places, place{Range: all, rule: r})
	}
}

// pursue follows the rule from one occurrence of its keyword.
func (s *scratch) pursue(u use, data []byte, at int) {
	r, start := u.rule, at-u.back
	if u.back < 0 {
		s.long = true
		return
	}
	if start < 0 {
		return
	}
	q, err := s.follower(r)
	if err != nil {
		s.long = true
		return
	}
	limit := min(start+q.width, len(data))
	state, pos, accept := q.dfa.Run(q.dfa.Start(start), data, start, min(at+longLived, limit))
	if q.dfa.Full() {
		if q.running {
			s.long = true
			return
		}
		s.renew(q)
		state, pos, accept = q.dfa.Run(q.dfa.Start(start), data, start, min(at+longLived, limit))
	}
	lo := start - r.prefix
	if accept >= 0 {
		s.places = append(s.places, place{Range{max(lo, 0), accept}, r, accept})
	}
	if q.dfa.Dead(state) || pos == limit {
		return
	}
	s.at(r)
	s.goOn(r, q, data, pos)
	q.join(data, state, pos, limit, lo)
}

// goOn takes the run of automatons that live for long on to position to. Where it ends, it is a place.
func (s *scratch) goOn(r *rule, q *search, data []byte, to int) {
	if !q.running {
		return
	}
	q.follow(data, to)
	if q.running {
		return
	}
	s.long = s.long || q.dfa.Full()
	s.places = append(s.places, place{Range{max(q.runLo, 0), q.pos}, r, q.hi})
	q.hi = 0
}

// extractPlaces runs the regular expressions on what overlapping places of a rule make up, and joins the places of all rules.
func (s *scratch) extractPlaces(data []byte) {
	slices.SortFunc(s.places, func(a, b place) int {
		return cmp.Or(a.rule.index-b.rule.index, a.Start-b.Start, a.End-b.End)
	})
	s.joined = s.joined[:0]
	for i := 0; i < len(s.places) && !s.long; {
		p := s.places[i]
		for i++; i < len(s.places) && s.places[i].rule == p.rule && s.places[i].Start < p.End; i++ {
			p.End, p.accept = max(p.End, s.places[i].End), max(p.accept, s.places[i].accept)
		}
		s.joined = append(s.joined, p.Range)
		if p.accept > 0 {
			s.extractPlace(p, data)
		}
	}
	s.joined = join(s.joined)
}

func (s *scratch) extractPlace(p place, data []byte) {
	m, err := p.rule.matcher()
	if err != nil || m.backend.margin() > traceMargin || s.run(p.rule, m, data, p.Start, p.accept) != nil {
		s.long = true
	}
}
