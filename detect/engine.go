package detect

import (
	"errors"
	"unicode/utf8"

	"github.com/keysieve/keysieve/detect/internal/confirm"
)

// match is one match of a rule's pattern, as offsets into the fragment's data.
type match struct {
	rule       *rule
	start, end int // of the match
	from, to   int // of the secret

	confidence Confidence // what a Matcher says
	evidence   []string

	decoded []*decoded // what it stands for, which was decoded from the text; nil for a match in the text itself
}

// scratch is what finding matches needs and keeps between fragments. It serves one goroutine at a time.
type scratch struct {
	searches []search // by rule
	touched  []*rule
	states   int // of all automatons
	matches  []match
	view     Fragment // what a Matcher is shown
	buf      []byte   // of a worker, for fragments that are loaded

	text int          // number of the text that is searched
	gaps [numGaps]gap // by a hash of the run

	found  memo[located] // what the regular expressions of rules match
	proofs memo[Proof]   // what their checks say of secrets

	tracing

	inner    *scratch // for what encoded text decodes to
	depth    int      // how many encodings the text was decoded from
	unpacked bool     // one of them was packed
}

// search is the state of one rule's search through one fragment.
//
// Keyword occurrences whose automaton accepts give ranges of text, overlapping ones are joined, and the regular expression
// is run on each joined range. An automaton that lives on for long is kept as the run and followed only as far as
// the next occurrence needs; it then stands for all occurrences so far. So every byte is followed once, and
// short of that at most shortRun bytes for each occurrence.
type search struct {
	dfa     *confirm.DFA
	states  int // of dfa, as far as they are counted
	width   int // bytes that the automaton is followed from its start, at most
	touched bool
	whole   bool // the rule is not aligned and its keyword has occurred

	lo, hi int // the pending range: where a match may start, and where one may end; hi is 0 when nothing is pending

	running bool
	state   confirm.State
	pos     int // where the run stands
	limit   int // where its span ends
	runLo   int // where a match that the run stands for may start
}

const (
	shortRun = 64 // bytes that an automaton follows at once
	// The automatons of one scratch are all begun anew between fragments when they have more states than this
	// together, some 10 MB. Nearly all states are met once and never again.
	maxStates = 40_000
)

// search finds all matches of all rules in the fragment, in no order. It returns an error for each rule that failed.
func (d *Detector) search(f *Fragment, s *scratch) (failed []error) {
	s.begin(d, f)
	d.matcher.Scan(f.Data, func(word, at int) {
		for i := range d.leads[word] {
			l := &d.leads[word][i]
			uses := l.uses
			if l.back >= 0 {
				uses, _ = s.start(l, f.Data, at-l.back)
			}
			for _, u := range uses {
				if f.Binary && u.rule.TextOnly {
					continue
				}
				if err := s.try(u, f.Data, at, l.back, len(d.matcher.Word(word))); err != nil {
					failed = append(failed, &RuleError{u.rule.ID, err})
				}
			}
		}
	})
	for _, r := range d.everywhere(f) {
		if !f.Binary || !r.TextOnly {
			s.at(r).whole = true
		}
	}
	for _, r := range s.touched {
		if err := s.finish(r, f.Data); err != nil {
			failed = append(failed, &RuleError{r.ID, err})
		}
	}
	s.end()
	return append(failed, d.unfoldAll(f, s)...)
}

// everywhere returns the rules that are run over all of a fragment whatever is in it, because they have no keywords: those that the path
// does not rule out.
func (d *Detector) everywhere(f *Fragment) (list []*rule) {
	if len(d.always) == 0 {
		return nil
	}
	mayMatch := d.paths.mayMatch(f.Origin.Path)
	for _, r := range d.always {
		if r.Path == "" || mayMatch && r.isAt(f.Origin.Path) {
			list = append(list, r)
		}
	}
	return list
}

// begin makes the scratch ready for a fragment.
func (s *scratch) begin(d *Detector, f *Fragment) {
	s.matches = s.matches[:0]
	s.touched = s.touched[:0]
	if s.searches == nil {
		s.searches = make([]search, len(d.rules))
	}
	s.text++
	s.view = Fragment{Origin: Origin{Path: f.Origin.Path, Kind: f.Origin.Kind}, Binary: f.Binary}
}

// end lets go of the fragment, and of the automatons when they have become large.
func (s *scratch) end() {
	s.view = Fragment{}
	if s.states > maxStates>>(3*s.depth) { // what is decoded is much less
		clear(s.searches)
		s.states = 0
	}
}

// at returns the rule's search and notes that it is to be finished.
func (s *scratch) at(r *rule) *search {
	q := &s.searches[r.index]
	if !q.touched {
		q.touched = true
		s.touched = append(s.touched, r)
	}
	return q
}

// try does what the rule calls for at an occurrence of a keyword of n bytes, back bytes behind where its automaton starts, if it has one.
func (s *scratch) try(u use, data []byte, at, back, n int) error {
	switch {
	case u.rule.Matcher != nil:
		_, _, err := s.match(u.rule, data, at, n)
		return err
	case back < 0:
		s.at(u.rule).whole = true
	default:
		return s.hit(u, data, at-back)
	}
	return nil
}

// match shows the rule's own matcher one occurrence of a keyword, and returns how far before its first byte and from that on it has looked.
func (s *scratch) match(r *rule, data []byte, at, n int) (back, ahead int, err error) {
	if _, err := r.matcher(); err != nil {
		return MatcherBefore, MatcherAfter, err
	}
	lo, hi := max(at-MatcherBefore, 0), min(at+MatcherAfter, len(data))
	s.view.Data = data[lo:hi:hi]
	all, looked := r.Matcher(&s.view, at-lo, n)
	if all == nil && looked != (Range{}) {
		return min(at-lo-looked.Start, MatcherBefore), min(looked.End-(at-lo), MatcherAfter), nil
	}
	for _, m := range all {
		found := match{
			rule: r, start: lo + m.Range.Start, end: lo + m.Range.End, from: lo + m.Secret.Start, to: lo + m.Secret.End,
			confidence: m.Confidence, evidence: m.Evidence,
		}
		s.matches = append(s.matches, found)
	}
	return MatcherBefore, MatcherAfter, nil
}

// follower returns the rule's search with its automaton ready.
func (s *scratch) follower(r *rule) (*search, error) {
	q := &s.searches[r.index]
	if q.dfa != nil {
		return q, nil
	}
	f, err := r.follower()
	if err != nil {
		return nil, err
	}
	q.dfa = confirm.New(f.program)
	q.width = r.reach(&r.Rule)
	if f.width >= 0 {
		q.width = min(q.width, f.width)
	}
	return q, nil
}

// hit follows the rule from where one occurrence of its keyword says that it may match.
func (s *scratch) hit(u use, data []byte, start int) error {
	r := u.rule
	if _, may := s.starts(&u, data, start); !may {
		return nil
	}
	q, err := s.follower(r)
	if err != nil {
		return err
	}
	limit := min(start+q.width, len(data))
	state, pos, accept := q.dfa.Run(q.dfa.Start(start), data, start, min(start+shortRun, limit))
	alive := !q.dfa.Dead(state)
	if accept < 0 && (!alive || pos == limit) {
		return nil
	}
	s.at(r)
	lo := start - r.prefix
	err = s.advance(r, data, start)
	if q.hi > 0 && !q.running && lo > q.hi+r.disorder {
		err = errors.Join(err, s.extract(r, data)) // nothing can join the two ranges any more
	}
	if accept >= 0 {
		q.extend(lo, accept)
	}
	if alive && pos < limit {
		q.join(r, data, state, pos, limit, lo)
	}
	return err
}

// follow takes the run on to position to. It returns the last position where a match may end, -1 if there is none, and where the first
// that ends on the way may start: it is no longer than the rule's span, and the run may have begun long before.
func (q *search) follow(r *rule, data []byte, to int) (lo, accept int) {
	if !q.running || q.pos >= to {
		return 0, -1
	}
	lo = max(q.runLo, q.pos+1-q.width-r.prefix)
	state, pos, accept := q.dfa.Run(q.state, data, q.pos, min(to, q.limit))
	q.state, q.pos = state, pos
	if q.dfa.Dead(state) || pos >= q.limit {
		q.running = false
	}
	return lo, accept
}

// advance takes the run on to position to, and searches what nothing can join any more.
func (s *scratch) advance(r *rule, data []byte, to int) (err error) {
	q := &s.searches[r.index]
	lo, accept := q.follow(r, data, to)
	if accept < 0 {
		return nil
	}
	if q.hi > 0 && lo > q.hi+r.disorder {
		err = s.extract(r, data)
	}
	q.extend(lo, accept)
	return err
}

// join makes the run stand also for an automaton that is in state at pos.
func (q *search) join(r *rule, data []byte, state confirm.State, pos, limit, lo int) {
	if from, accept := q.follow(r, data, pos); accept >= 0 {
		q.extend(from, accept)
	}
	if !q.running {
		q.running, q.state, q.pos, q.limit, q.runLo = true, state, pos, limit, lo
		return
	}
	q.limit = max(q.limit, limit)
	q.runLo = min(q.runLo, lo)
	if q.pos > pos {
		var accept int
		state, _, accept = q.dfa.Run(state, data, pos, q.pos)
		if accept >= 0 {
			q.extend(lo, accept)
		}
	}
	q.state = q.dfa.Merge(q.state, state)
}

// extend widens the pending range to [lo, hi).
func (q *search) extend(lo, hi int) {
	if q.hi == 0 {
		q.lo, q.hi = lo, hi
		return
	}
	q.lo, q.hi = min(q.lo, lo), max(q.hi, hi)
}

// finish searches what is left of a rule's search and makes it ready for the next fragment.
func (s *scratch) finish(r *rule, data []byte) (err error) {
	q := &s.searches[r.index]
	if q.whole {
		err = s.searchWhole(r, data)
	} else {
		err = s.advance(r, data, len(data))
		if q.hi > 0 {
			err = errors.Join(err, s.extract(r, data))
		}
	}
	s.rest(q)
	return err
}

// rest makes a search ready for the next fragment.
func (s *scratch) rest(q *search) {
	if q.dfa != nil {
		s.states += q.dfa.States() - q.states
		q.states = q.dfa.States()
		if q.dfa.Full() {
			s.renew(q)
		}
	}
	*q = search{dfa: q.dfa, states: q.states, width: q.width}
}

// renew gives the search an automaton without states.
func (s *scratch) renew(q *search) {
	s.states -= q.states
	q.dfa, q.states = confirm.New(q.dfa.Program), 0
}

// extract runs the rule's regular expression on the pending range.
func (s *scratch) extract(r *rule, data []byte) error {
	q := &s.searches[r.index]
	lo, hi := max(q.lo, 0), min(q.hi, len(data))
	q.lo, q.hi = 0, 0
	m, err := r.matcher()
	if err != nil {
		return err
	}
	return s.run(r, m, data, lo, hi)
}

// searchWhole runs the regular expression of a rule that is not aligned over all of data.
func (s *scratch) searchWhole(r *rule, data []byte) error {
	m, err := r.matcher()
	if err != nil {
		return err
	}
	return s.run(r, m, data, 0, len(data))
}

// run appends the matches of the rule's pattern in data[lo:hi]. It is shown some text on each side for assertions to look at.
func (s *scratch) run(r *rule, with *matcher, data []byte, lo, hi int) error {
	from, to := runeStart(data, lo-with.backend.margin()), min(hi+with.backend.margin(), len(data))
	all, err := s.found.get(r, data[from:to], with.backend.findAll)
	for from > 0 && len(all) > 0 && all[0][0] == 0 && from+all[0][1] > lo && err == nil {
		from = runeStart(data, from-1) // it has taken the beginning of what it is shown for that of the text
		all, err = s.found.get(r, data[from:to], with.backend.findAll)
	}
	for _, loc := range all {
		m := match{rule: r, start: from + loc[0], end: from + loc[1], confidence: r.Confidence}
		first, last := secretOf(loc, with.secret)
		m.from, m.to = from+first, from+last
		if m.from < m.to && lo <= m.start && m.end <= hi {
			s.matches = append(s.matches, m)
		}
	}
	return err
}

// secretOf returns the range of the secret in a match: that of the group named secret, else of the first group that took
// part and is not empty, else of the match.
func secretOf(loc []int, named int) (from, to int) {
	if named > 0 && loc[2*named] >= 0 {
		return loc[2*named], loc[2*named+1]
	}
	for g := 2; g < len(loc); g += 2 {
		if loc[g] >= 0 && loc[g] < loc[g+1] {
			return loc[g], loc[g+1]
		}
	}
	return loc[0], loc[1]
}

// runeStart returns i, or the beginning of the character that data[i] stands in the middle of.
func runeStart(data []byte, i int) int {
	if i <= 0 {
		return 0
	}
	for k := 1; k < utf8.UTFMax && k <= i; k++ {
		if utf8.RuneStart(data[i-k]) {
			if _, n := utf8.DecodeRune(data[i-k:]); n > k {
				return i - k
			}
			break
		}
	}
	return i
}
