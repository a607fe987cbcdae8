package detect

import (
	"cmp"
	"math"
	"slices"
)

// A Trace says where a text has something and which secrets, without keeping the text. It is immutable: its spans may be
// shared with other traces.
type Trace struct {
	Size  int         // of the text, in bytes
	Long  bool        // a rule had to be run over all of the text: nothing can be taken from this trace
	Spans []TraceSpan // ascending, without overlaps

	hits []hit // all occurrences of keywords, ascending; nil if they were not kept
}

// Secrets returns what was found, ascending and each once; nil if nothing was.
func (t Trace) Secrets() []uint64 {
	var list []uint64
	for _, s := range t.Spans {
		list = append(list, s.Secrets...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// A TraceSpan is a range of a text, as offsets, in which rules match or come near it, and what is found there. Nothing in it
// depends on what other spans hold.
type TraceSpan struct {
	Start, End int
	Secrets    []uint64 // [Finding.Sum64] of the findings, ascending, each once; nil for none

	// Shadows is set where what one rule sees is not reported and stands in the way of what another one does: without
	// that rule there may be a finding.
	Shadows bool
}

// A Copy says that text[At:At+Len] is old[From:From+Len].
type Copy struct{ At, From, Len int }

// Trace searches a text like Find, and says of each place what it found there: over all spans, the secrets are those of
// the findings that Find returns for a fragment with the same Data, path, kind and Binary, suppressed ones included. The
// rest of the fragment does not count: not Own, Added, Before or the commit, so that an allowlist that names commits
// does not apply. Find may by chance find a match that is longer than the rule's span, and Trace not. The error is
// that of Find.
//
// A trace is Long when a rule with lookaround may match, when a keyword occurs of a rule that cannot be aligned, or when there is a
// rule without keywords that applies to the path.
//
// It is safe for concurrent use.
func (d *Detector) Trace(f Fragment) (t Trace, err error) {
	f = traceable(f)
	d.lend(func(s *scratch) { t, err = d.trace(&f, s) })
	return t, err
}

// Retrace returns what Trace(f) does, for a text that was made from another one, at the cost of what is new.
//
// old is the trace of the other text, and the copies say what was taken from it, ascending by At and without overlaps
// there. Both texts must have the same Binary, and paths of the same [Detector.PathClass]. Copies that do not fit the
// sizes of the texts cost the advantage, not the result; a false one does. Where old is Long, all of the text is searched.
//
// # Why it is exact
//
// Occurrences of keywords that lie in one copied run, with the bytes beside them, are those of the old text; the others begin in what is
// new, no more than the length of a keyword before it, or right behind it. All that is found stems from occurrences. What an occurrence gives rise to depends on no text but
// that which was looked at when it was followed: whether the rule's run is there, how far its automaton gets, what a Matcher makes of its
// window, or of the part of it that it says it has looked at. If that is something, it is a place: a range that holds the occurrence and whatever it may match. An automaton
// that lives for long makes a place of all the text that it lives through, match or not. The beginning of encoded text is an occurrence, too, and has a place if
// something is found in what it decodes to: all that was looked at to decode it.
//
// The regular expression of a rule runs on each union of its places that overlap, and finds the same there as in the whole text.
// Checks look at the secret, allowlists at the match and as much of its lines as is near; what is resolved overlaps. So
// what is found in a span, a union of overlapping places, depends on the span and on at most d.before bytes before it and traceAfter
// behind it.
//
// An occurrence that lies in one copied run with all that it depends on therefore makes the same place as in the old text, or none as
// there, and need not be followed. A span of the old text that lies in a run with what it depends on is inherited; of all others
// what was copied is the zone, in which all occurrences are followed. If a place of those that are followed overlaps an
// inherited span, this one is not as it was: it goes to the zone as well, and all is done again. In the end no place
// overlaps what is inherited, every occurrence with a place was followed or is in an inherited span, and so
// both together are the spans of the text.
func (d *Detector) Retrace(f Fragment, old Trace, copies []Copy) (t Trace, err error) {
	f = traceable(f)
	d.lend(func(s *scratch) { t, err = d.retrace(&f, &old, copies, s) })
	return t, err
}

func (d *Detector) retrace(f *Fragment, old *Trace, copies []Copy, s *scratch) (Trace, error) {
	r := &s.retrace
	if old.Long || old.hits == nil || !r.prepare(d, len(f.Data), old, copies) || !d.recount(f.Data, s, old.hits, old.Size, r.runs) {
		return d.trace(f, s)
	}
	for range maxRounds {
		if !d.seek(f, s, r.wanted()) {
			break
		}
		if r.disturbed(s.joined) {
			continue
		}
		if len(s.joined) == 0 && len(r.inherited) == len(old.Spans) && !r.moved {
			return Trace{Size: len(f.Data), Spans: old.Spans, hits: s.keepHits()}, nil
		}
		return Trace{Size: len(f.Data), Spans: merge(d.spansOf(f, s), r.inherited), hits: s.keepHits()}, nil
	}
	return d.trace(f, s)
}

const (
	// traceAfter bounds what an occurrence depends on after it, unless its place reaches further. There may be a character
	// half in at the end.
	traceAfter = traceReach + 2*traceMargin
	// maxRounds is how often a zone is searched before the whole text is.
	maxRounds = 4
)

// traceable returns the fragment with only what Trace looks at.
func traceable(f Fragment) Fragment {
	return Fragment{Origin: Origin{Path: f.Origin.Path, Kind: f.Origin.Kind}, Data: f.Data, Binary: f.Binary}
}

// reachBefore returns how many bytes before a keyword or a span the rules may look.
func reachBefore(rules []*rule) int {
	n := 0
	for _, r := range rules {
		n = max(n, r.prefix+r.behind)
		if r.Matcher != nil {
			n = max(n, MatcherBefore)
		}
		if slices.ContainsFunc(r.Allow, func(a Allow) bool { return a.Target == TargetLine }) {
			n = max(n, lineReach)
		}
	}
	return n + 2*traceMargin
}

// trace searches the whole text.
func (d *Detector) trace(f *Fragment, s *scratch) (Trace, error) {
	t := Trace{Size: len(f.Data)}
	if d.count(f.Data, s) {
		if d.seek(f, s, func(*hit) bool { return true }) {
			t.Spans, t.hits = d.spansOf(f, s), s.keepHits()
			return t, nil
		}
	} else if d.seek(f, s, nil) {
		t.Spans = d.spansOf(f, s)
		return t, nil
	}
	// The general search, so that the findings are the same, and with the errors.
	t.Long = true
	kept, err := d.candidates(f, s)
	s.joined = s.joined[:0]
	for _, m := range s.matches {
		s.joined = append(s.joined, Range{min(m.start, m.from), max(m.end, m.to)})
	}
	s.joined = join(s.joined)
	t.Spans = d.spans(f, s.joined, kept)
	return t, err
}

// retrace is what Retrace works out of the copies. Ranges are in the new text, ascending.
type retrace struct {
	runs      []Copy // none goes on where another ends
	zone      []Range
	inherited []TraceSpan
	moved     bool // an inherited span stands elsewhere in the old text
}

// prepare works out the zone and what is inherited for a text of the given size. It returns false when the copies do not
// fit the texts.
func (r *retrace) prepare(d *Detector, size int, old *Trace, copies []Copy) bool {
	if !r.setRuns(size, old.Size, copies) {
		return false
	}
	r.zone, r.inherited, r.moved = r.zone[:0], r.inherited[:0], false
	for _, c := range r.runs {
		if c.Len < leastRun {
			continue // all in it is new
		}
		// Far enough from what is new, whatever there is can be inherited.
		inner := c.within(size, old.Size)
		if inner.Start != math.MinInt {
			inner.Start += d.before
		}
		if inner.End != math.MaxInt {
			inner.End -= traceAfter
		}
		r.inherit(old.Spans, c, inner)
	}
	r.zone = join(r.zone)
	return true
}

// wanted says which hits are to be followed, asked in their order: the fresh ones, and all in the zone.
func (r *retrace) wanted() func(*hit) bool {
	zone := r.zone
	return func(h *hit) bool {
		for len(zone) > 0 && zone[0].End <= int(h.at) {
			zone = zone[1:]
		}
		return h.fresh || len(zone) > 0 && int(h.at) >= zone[0].Start
	}
}

// setRuns sets the runs to the copies with those joined that are one. It returns false when they do not fit the texts.
func (r *retrace) setRuns(size, oldSize int, copies []Copy) bool {
	r.runs = r.runs[:0]
	end, fromEnd := 0, 0 // of the last run
	for _, c := range copies {
		if c.Len < 0 || c.From < 0 || c.At < end || c.Len > size-c.At || c.Len > oldSize-c.From {
			return false
		}
		if c.Len == 0 {
			continue
		}
		if n := len(r.runs); n > 0 && c.At == end && c.From == fromEnd {
			r.runs[n-1].Len += c.Len
		} else {
			r.runs = append(r.runs, c)
		}
		end, fromEnd = c.At+c.Len, c.From+c.Len
	}
	return true
}

// inherit takes over the spans of the old text that a run copies and that lie in inner, and puts what it copies of others into the
// zone.
func (r *retrace) inherit(spans []TraceSpan, c Copy, inner Range) {
	shift := c.At - c.From
	first, _ := slices.BinarySearchFunc(spans, c.From, func(x TraceSpan, from int) int { return x.End - from - 1 })
	for _, x := range spans[first:] {
		if x.Start >= c.From+c.Len {
			break
		}
		if x.Start < inner.Start || x.End > inner.End {
			r.zone = append(r.zone, Range{max(x.Start, c.From) + shift, min(x.End, c.From+c.Len) + shift})
			continue
		}
		x.Start, x.End = x.Start+shift, x.End+shift
		r.inherited = append(r.inherited, x)
		r.moved = r.moved || shift != 0
	}
}

// disturbed moves the inherited spans that overlap one of places to the zone, and reports whether there are any.
func (r *retrace) disturbed(places []Range) bool {
	n := len(r.inherited)
	r.inherited = slices.DeleteFunc(r.inherited, func(x TraceSpan) bool {
		for len(places) > 0 && places[0].End <= x.Start {
			places = places[1:]
		}
		if len(places) == 0 || places[0].Start >= x.End {
			return false
		}
		r.zone = append(r.zone, Range{x.Start, x.End})
		return true
	})
	if len(r.inherited) == n {
		return false
	}
	r.zone = join(r.zone)
	return true
}

// join sorts ranges and makes one of those that overlap.
func join(ranges []Range) []Range {
	slices.SortFunc(ranges, func(a, b Range) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	out := ranges[:0]
	for _, x := range ranges {
		if n := len(out); n > 0 && x.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, x.End)
			continue
		}
		out = append(out, x)
	}
	return out
}

// spansOf returns the joined places with what is found in them.
func (d *Detector) spansOf(f *Fragment, s *scratch) []TraceSpan {
	if len(s.matches) == 0 {
		return d.spans(f, s.joined, nil)
	}
	return d.spans(f, s.joined, s.weigh(f))
}

// spans returns ranges as spans, with what is found in them. Both are ordered by offset.
func (d *Detector) spans(f *Fragment, ranges []Range, kept []candidate) []TraceSpan {
	if len(ranges) == 0 {
		return nil
	}
	out := make([]TraceSpan, len(ranges))
	for i, x := range ranges {
		span := &out[i]
		span.Start, span.End = x.Start, x.End
		for ; len(kept) > 0 && kept[0].from < x.End; kept = kept[1:] {
			if c := &kept[0]; d.reports(c) {
				span.Secrets = append(span.Secrets, sum64(c.rule.ID, c.secret(f.Data)))
			} else if c.displaces {
				span.Shadows = true
			}
		}
		slices.Sort(span.Secrets)
		span.Secrets = slices.Compact(span.Secrets)
	}
	return out
}

// merge returns two lists of spans, both ascending, as one.
func merge(a, b []TraceSpan) []TraceSpan {
	if len(b) == 0 {
		return a
	}
	out := make([]TraceSpan, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].Start < b[0].Start {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}
