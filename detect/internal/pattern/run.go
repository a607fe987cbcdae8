package pattern

import (
	"math/bits"
	"regexp/syntax"
	"unicode/utf8"
)

// MaxReach is how far behind its beginning a match may have its Run, in bytes: those that may have it further away have none.
const MaxReach = 768

// minRun is the length of the shortest run that is worth looking for.
const minRun = 12

// A Run is what every match has: Len bytes of a set in a row. Where there is none, there is no match, which is found out by a look at every
// Len-th byte.
type Run struct {
	Set      [4]uint64
	Len      int
	From, To int // the least and the most bytes that a match has before it
}

// Has reports whether the set has the byte.
func (r *Run) Has(c byte) bool { return r.Set[c>>6]>>(c&63)&1 != 0 }

// Where returns the part of data that the run of a match that begins at start lies in.
func (r *Run) Where(data []byte, start int) (from, end int) {
	return start + r.From, min(start+r.To+r.Len, len(data))
}

// In reports whether there is a run in data[from:end].
func (r *Run) In(data []byte, from, end int) bool {
	for last := from + r.Len - 1; last < end; {
		i := last
		for i > last-r.Len && r.Has(data[i]) {
			i--
		}
		if i == last-r.Len {
			return true
		}
		last = i + r.Len
	}
	return false
}

// Or returns the run of what matches one of two patterns with these runs, nil if that has none.
func (r *Run) Or(other *Run) *Run {
	if r == nil || other == nil {
		return nil
	}
	both := Run{Len: min(r.Len, other.Len), From: min(r.From, other.From), To: max(r.To, other.To)}
	for i := range both.Set {
		both.Set[i] = r.Set[i] | other.Set[i]
	}
	return &both
}

// worth orders runs by their length, and those of one length by how little may be in them. What goes on beyond words rules nothing out.
func (r *Run) worth() int {
	if r == nil || r.Has(' ') || r.Has('\n') {
		return 0
	}
	size := bits.OnesCount64(r.Set[0]) + bits.OnesCount64(r.Set[1])
	return r.Len<<8 - size
}

// better returns the run of the two that rules out more.
func (r *Run) better(other *Run) *Run {
	if other.worth() > r.worth() {
		return other
	}
	return r
}

// Within returns the run of a match that has at most so many bytes, nil if that may be too far away or is too short to be worth it.
func (r *Run) Within(width int) *Run {
	if r.worth() == 0 || r.Len < minRun || r.Len > width {
		return nil
	}
	near := *r
	near.To = min(near.To, width-r.Len)
	if near.To+near.Len > MaxReach {
		return nil
	}
	return &near
}

// unlimited is the To of a run that may be anywhere.
const unlimited = 1 << 29

// findRun returns the run of the matches of re, which has no captures, that is the most worth; nil if there is none.
func findRun(re *syntax.Regexp) *Run {
	best := (*Run)(nil)
	if set, n, ok := row(re); ok && n > 0 {
		best = &Run{Set: set, Len: n}
	}
	switch re.Op {
	case syntax.OpConcat:
		return best.better(runOfSequence(re.Sub))
	case syntax.OpAlternate:
		all := findRun(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			all = all.Or(findRun(sub))
		}
		return best.better(all)
	case syntax.OpPlus:
		return best.better(findRun(re.Sub[0]))
	case syntax.OpRepeat:
		if re.Min > 0 {
			return best.better(findRun(re.Sub[0]))
		}
	}
	return best
}

// runOfSequence returns the best run of elements in a row: of one of them, or of several next to each other.
func runOfSequence(elements []*syntax.Regexp) (best *Run) {
	var before Run // only From and To
	for i, e := range elements {
		if r := findRun(e); r != nil {
			best = best.better(&Run{r.Set, r.Len, before.From + r.From, min(before.To+r.To, unlimited)})
		}
		joint := before
		for _, e := range elements[i:] {
			set, n, ok := row(e)
			if !ok {
				break
			}
			for k := range set {
				joint.Set[k] |= set[k]
			}
			joint.Len += n
			longer := joint
			best = best.better(&longer)
		}
		before.From += minWidth(e)
		if most := maxWidth(e); most < 0 {
			before.To = unlimited
		} else {
			before.To = min(before.To+most, unlimited)
		}
	}
	return best
}

// row returns the bytes that all of a match of re consists of, and how many it has at least; false when anything may be in it.
func row(re *syntax.Regexp) (set [4]uint64, n int, ok bool) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return set, 0, true
	case syntax.OpLiteral, syntax.OpCharClass:
		ranges := re.Rune
		if re.Op == syntax.OpLiteral {
			ranges, n = pairs(re.Rune), len(re.Rune)-1
		}
		for i := 0; i < len(ranges); i += 2 {
			for c := ranges[i]; c <= min(ranges[i+1], utf8.RuneSelf-1); c++ {
				set[c>>6] |= 1 << (c & 63)
			}
			if ranges[i+1] >= utf8.RuneSelf {
				set[2], set[3] = ^uint64(0), ^uint64(0)
			}
		}
		return set, n + 1, true
	case syntax.OpStar, syntax.OpQuest:
		set, _, ok = row(re.Sub[0])
		return set, 0, ok
	case syntax.OpPlus:
		return row(re.Sub[0])
	case syntax.OpRepeat:
		set, n, ok = row(re.Sub[0])
		return set, n * re.Min, ok
	case syntax.OpConcat, syntax.OpAlternate:
		for i, sub := range re.Sub {
			s, k, fine := row(sub)
			if !fine {
				return set, 0, false
			}
			for j := range set {
				set[j] |= s[j]
			}
			switch {
			case re.Op == syntax.OpConcat:
				n += k
			case i == 0:
				n = k
			default:
				n = min(n, k)
			}
		}
		return set, n, true
	}
	return set, 0, false
}

// pairs returns characters as ranges of a class.
func pairs(runes []rune) (ranges []rune) {
	for _, r := range runes {
		ranges = append(ranges, r, r)
	}
	return ranges
}

// minWidth returns the least bytes that re matches.
func minWidth(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(string(re.Rune))
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return minWidth(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * minWidth(re.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n += minWidth(sub)
		}
		return n
	case syntax.OpAlternate:
		n := minWidth(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			n = min(n, minWidth(sub))
		}
		return n
	}
	return 0
}
