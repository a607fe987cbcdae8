package detect

import "github.com/keysieve/keysieve/detect/internal/pattern"

// A lead is where an occurrence of a keyword leads: to rules that are all tried from the same place on.
type lead struct {
	back int // bytes from where the rules' automatons start to the keyword; -1 for rules without automatons
	uses []use

	// What the matches of all rules have, nil for nothing, or if there is one rule. A popular provider has a dozen rules that begin with its
	// name, and a name is common; a long run of digits and letters near it is not.
	run *pattern.Run
}

// use is what a lead means to one rule.
type use struct {
	rule   *rule
	before *pattern.Before // what may stand before where its automaton starts; nil for anything
}

// lead returns the lead of a word with so many bytes before it, which it makes if there is none.
func (d *Detector) lead(word, back int) *lead {
	for i := range d.leads[word] {
		if l := &d.leads[word][i]; l.back == back {
			return l
		}
	}
	d.leads[word] = append(d.leads[word], lead{back: back})
	return &d.leads[word][len(d.leads[word])-1]
}

// add makes the lead one to a rule, too. Rules without automatons have no run. There is room for the first use.
func (l *lead) add(u use, room []use) {
	r := u.rule
	switch len(l.uses) {
	case 0:
		l.uses = room
	case 1:
		l.run = l.uses[0].rule.run.Or(r.run)
	default:
		l.run = l.run.Or(r.run)
	}
	l.uses = append(l.uses, u)
}

// start returns the uses that there may be for an occurrence whose automatons start at data[start:], and where in data what it looked at
// ends. [scratch.starts] says it of each.
func (s *scratch) start(l *lead, data []byte, start int) (uses []use, end int) {
	switch {
	case start < 0:
		return nil, start
	case len(l.uses) == 1:
		return l.uses, start
	case !l.mayStart(data, start):
		return nil, start
	case l.run == nil:
		return l.uses, start
	}
	end, may := s.hasRun(l.run, data, start)
	if !may {
		return nil, end
	}
	return l.uses, end
}

// mayStart reports whether what stands before a place allows one of the rules to start there.
func (l *lead) mayStart(data []byte, start int) bool {
	for _, u := range l.uses {
		if u.before == nil || u.before.Allows(data, start) {
			return true
		}
	}
	return false
}

// starts reports whether the rule may match from data[start:] on, and where in data what it looked at ends.
func (s *scratch) starts(u *use, data []byte, start int) (end int, may bool) {
	if u.before != nil && !u.before.Allows(data, start) {
		return start, false
	}
	if u.rule.run == nil {
		return start, true
	}
	return s.hasRun(u.rule.run, data, start)
}

// A gap is a range of a text that has no run of one set and length. Names that rules go by stand close together, and what lies behind one of them lies
// behind the next as well.
type gap struct {
	text int // number of the text in its scratch
	set  [4]uint64
	len  int
	Range
}

// numGaps is how many gaps a scratch keeps, a power of two. Rules of which one takes the place of another's lose time, and nothing else.
const numGaps = 256

// gap returns the one for runs like r that reaches as far as from or further, empty if there is none yet.
func (s *scratch) gap(r *pattern.Run, from int) *gap {
	const odd = 0x9e3779b97f4a7c15
	hash := ((r.Set[0]*odd^r.Set[1])*odd ^ uint64(r.Len)) * odd
	g := &s.gaps[hash>>32%numGaps]
	if g.text != s.text || from < g.Start || from > g.End || g.len != r.Len || g.set != r.Set {
		*g = gap{s.text, r.Set, r.Len, Range{from, from}}
	}
	return g
}

// hasRun reports whether a match that begins at data[start:] may have its run, and where in data what that depends on ends.
func (s *scratch) hasRun(r *pattern.Run, data []byte, start int) (end int, has bool) {
	from, end := r.Where(data, start)
	g := s.gap(r, from)
	if end <= g.End {
		return end, false
	}
	if r.In(data, max(from, g.End-r.Len+1), end) {
		return end, true
	}
	g.End = end
	return end, false
}
