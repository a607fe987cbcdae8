package detect

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/keysieve/keysieve/detect/internal/pattern"
)

// A place is a range of text that one rule may match, or in which its automaton lives on for long. It holds the occurrence
// of the keyword that it stems from, and depends on no text further away than Retrace reckons with.
type place struct {
	Range
	rule       *rule
	lo, accept int // where a match may start at least, and where one may end at most; accept is 0 when there is none
}

// A hit is an occurrence of a keyword, or the beginning of encoded text.
type hit struct {
	at   uint32 // offset of its first byte
	word uint16 // index

	// What became of it when it was followed depends on no text further away than so many bytes before its first byte, and from
	// that on; on any text if it is farAway.
	back, ahead uint16

	fresh bool // it was not followed in a text that this one was made from
}

const farAway = math.MaxUint16

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
	traceReach = max(longLived, MatcherAfter, lineReach, pattern.MaxReach)
	// traceMargin is how far beside a match a pattern may look.
	traceMargin = utf8.UTFMax
)

// seek finds the places and the matches of hits: of those of s.hits for which wanted is true, or if it is nil of all in the text. It
// returns false when there are rules that have to be run over all of the text, or that fail.
//
// Unlike search it follows each occurrence by itself at first, and joins to the run only automatons that live long, whose
// places overlap. So places do not depend on what else is looked at.
func (d *Detector) seek(f *Fragment, s *scratch, wanted func(*hit) bool) bool {
	s.begin(d, f)
	s.long, s.places = false, s.places[:0]
	for _, r := range d.everywhere(f) {
		s.long = s.long || !f.Binary || !r.TextOnly
	}
	if wanted == nil {
		d.occurrences(f.Data, 0, len(f.Data), 0, func(word, at int) { d.follow(f, s, word, at) })
	} else {
		for i := range s.hits {
			if h := &s.hits[i]; !s.long && wanted(h) {
				back, ahead := d.follow(f, s, int(h.word), int(h.at))
				h.back, h.ahead = uint16(min(back, farAway)), uint16(min(ahead, farAway))
			}
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

// follow does what an occurrence calls for, and returns how far before its first byte and from that on it has looked.
func (d *Detector) follow(f *Fragment, s *scratch, word, at int) (back, ahead int) {
	if e, ok := encodingOf(word); ok {
		back, ahead = d.seekDecoded(f, s, e, at)
		return back + traceMargin, ahead + traceMargin
	}
	n := len(d.matcher.Word(word))
	ahead = n
	for i := range d.leads[word] {
		l := &d.leads[word][i]
		uses := l.uses
		if l.back >= 0 {
			var end int
			uses, end = s.start(l, f.Data, at-l.back)
			back, ahead = max(back, l.back), max(ahead, end-at)
		}
		for _, u := range uses {
			switch {
			case s.long || f.Binary && u.rule.TextOnly:
			case u.rule.Matcher != nil:
				before, behind := s.sight(u.rule, f.Data, at, n)
				back, ahead = max(back, before), max(ahead, behind)
			case l.back < 0:
				s.long = true
			default:
				end := s.pursue(u, f.Data, at, at-l.back)
				ahead = max(ahead, end-at)
			}
		}
	}
	return back + traceMargin, ahead + traceMargin
}

// sight asks the rule's own matcher about one occurrence of a keyword, and returns how far before its first byte and from that on it has looked.
func (s *scratch) sight(r *rule, data []byte, at, n int) (back, ahead int) {
	first := len(s.matches)
	back, ahead, err := s.match(r, data, at, n)
	s.long = s.long || err != nil
	for _, m := range s.matches[first:] {
		all := Range{min(m.start, m.from, at), max(m.end, m.to, at+n)}
		s.places = append(s.places, place{Range: all, rule: r})
	}
	return back, ahead
}

// pursue follows the rule from where one occurrence of its keyword says that it may match, and returns where it stopped: nothing behind it matters, or a place
// goes on there.
func (s *scratch) pursue(u use, data []byte, at, start int) (end int) {
	r := u.rule
	end, may := s.starts(&u, data, start)
	if !may {
		return end
	}
	q, err := s.follower(r)
	if err != nil {
		s.long = true
		return max(end, at)
	}
	limit := min(start+q.width, len(data))
	state, pos, accept := q.dfa.Run(q.dfa.Start(start), data, start, min(at+longLived, limit))
	if q.dfa.Full() {
		if q.running {
			s.long = true
			return max(end, pos)
		}
		s.renew(q)
		state, pos, accept = q.dfa.Run(q.dfa.Start(start), data, start, min(at+longLived, limit))
	}
	lo := start - r.prefix
	if accept >= 0 {
		s.places = append(s.places, place{Range{max(lo, 0), accept}, r, max(lo, 0), accept})
	}
	if q.dfa.Dead(state) || pos == limit {
		return max(end, pos)
	}
	s.at(r)
	s.goOn(r, q, data, pos)
	q.join(r, data, state, pos, limit, lo)
	return max(end, pos)
}

// goOn takes the run of automatons that live for long on to position to. Where it ends, it is a place.
func (s *scratch) goOn(r *rule, q *search, data []byte, to int) {
	if !q.running {
		return
	}
	if lo, accept := q.follow(r, data, to); accept >= 0 {
		q.extend(lo, accept)
	}
	if q.running {
		return
	}
	s.long = s.long || q.dfa.Full()
	s.places = append(s.places, place{Range{max(q.runLo, 0), q.pos}, r, max(q.lo, 0), q.hi})
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
			p.join(&s.places[i])
		}
		s.joined = append(s.joined, p.Range)
		if p.accept > 0 {
			s.extractPlace(p, data)
		}
	}
	s.joined = join(s.joined)
}

// join makes one place of two that overlap.
func (p *place) join(other *place) {
	p.End = max(p.End, other.End)
	if p.accept == 0 {
		p.lo = other.lo
	} else if other.accept > 0 {
		p.lo = min(p.lo, other.lo)
	}
	p.accept = max(p.accept, other.accept)
}

func (s *scratch) extractPlace(p place, data []byte) {
	m, err := p.rule.matcher()
	if err != nil || m.backend.margin() > traceMargin || s.run(p.rule, m, data, p.lo, p.accept) != nil {
		s.long = true
	}
}
