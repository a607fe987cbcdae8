// Package pattern analyses regular expressions: where in a match a keyword must stand, how much can come before it, and
// what an automaton needs to follow a match from the keyword on.
//
// A pattern is aligned when, somewhere in its top-level concatenation, whatever the rest of it matches begins with one
// of a small set of strings that all contain a keyword, and what comes before has a bounded width. Then each match is
// found by looking only around the keyword's occurrences.
package pattern

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxPrefix is the most bytes that an aligned pattern may match before the strings that contain its keywords.
const MaxPrefix = 1024

// Limits on the strings that a pattern's rest can begin with.
const (
	maxStrings   = 512
	maxStringLen = 64
	maxClass     = 40 // characters of a class that are enumerated
)

// anchorLen is how much of a keyword is looked for, in bytes: few others begin alike for so long, and a search of pieces of a text has to
// look as far beyond each as the longest word is.
const anchorLen = 16

// An Anchor says that a keyword's occurrence is Back bytes into the part of a match that Alignment.Rest describes.
type Anchor struct {
	Keyword string // lower case, at most its first 16 bytes
	Back    int
}

// An Alignment says how the matches of a pattern stand around keywords.
type Alignment struct {
	Anchors []Anchor
	Before  []Before       // by anchor: what may stand before Rest where that keyword is
	Near    []Before       // by anchor: what may stand before the keyword
	Prefix  int            // the most bytes that a match has before Rest
	Rest    *syntax.Regexp // what matches from there on, without captures
	Width   int            // the most bytes that Rest matches, -1 when there is no limit
	Run     *Run           // of Rest; nil when it has none
}

// Parse parses a pattern in RE2 syntax with Perl flags. In the tree, letters under (?i) match their two ASCII forms only, and not
// the Kelvin sign or the long s, which no keyword search would find.
func Parse(pattern string) (*syntax.Regexp, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return asciiFold(re), nil
}

// asciiFold returns re with each literal that ignores case spelled out as classes of the two ASCII forms.
func asciiFold(re *syntax.Regexp) *syntax.Regexp {
	for i, sub := range re.Sub {
		re.Sub[i] = asciiFold(sub)
	}
	if re.Op != syntax.OpLiteral || re.Flags&syntax.FoldCase == 0 {
		return re
	}
	flags := re.Flags &^ syntax.FoldCase
	cat := &syntax.Regexp{Op: syntax.OpConcat, Flags: flags}
	for _, r := range re.Rune {
		small, capital := r|0x20, r&^0x20
		if small < 'a' || small > 'z' || r >= utf8.RuneSelf {
			cat.Sub = append(cat.Sub, &syntax.Regexp{Op: syntax.OpLiteral, Flags: flags, Rune: []rune{r}})
			continue
		}
		cat.Sub = append(cat.Sub, &syntax.Regexp{Op: syntax.OpCharClass, Flags: flags, Rune: []rune{capital, capital, small, small}})
	}
	if len(cat.Sub) == 1 {
		return cat.Sub[0]
	}
	return cat
}

// Align returns the alignment of re with keywords, or an error that says why there is none.
func Align(re *syntax.Regexp, keywords []string) (*Alignment, error) {
	if len(keywords) == 0 {
		return nil, fmt.Errorf("it has no keyword")
	}
	words := make([]string, len(keywords))
	for i, k := range keywords {
		words[i] = strings.ToLower(k)
	}
	elements := flatten(nil, withoutCaptures(re))
	prefix := 0
	missing := ""
	for i, e := range elements {
		a, without := anchorsOf(elements[:i], elements[i:], words)
		if a != nil {
			a.Prefix, a.Rest = prefix, &syntax.Regexp{Op: syntax.OpConcat, Sub: elements[i:]}
			a.Width, a.Run = maxWidth(a.Rest), findRun(a.Rest)
			return a, nil
		}
		if len(without) > len(missing) {
			missing = without
		}
		w := maxWidth(e)
		if w < 0 || prefix+w > MaxPrefix {
			return nil, unaligned(fmt.Sprintf(" within its first %d bytes", MaxPrefix), missing, keywords)
		}
		prefix += w
	}
	return nil, unaligned("", missing, keywords)
}

func unaligned(where, missing string, keywords []string) error {
	if missing != "" {
		missing = fmt.Sprintf(" (one may begin with %q)", missing)
	}
	return fmt.Errorf("no keyword stands in every match%s%s; keywords are %q", where, missing, keywords)
}

// anchorsOf returns where words stand in the strings that a match of elements, behind one of prefix, begins with, and what may
// stand before those and the words. When not each string contains one, it returns the longest that does not instead.
func anchorsOf(prefix, elements []*syntax.Regexp, words []string) (a *Alignment, without string) {
	heads := []head{{}}
	for _, e := range elements {
		next, ok := extend(heads, e, words)
		if !ok {
			break
		}
		heads = next
		if allDone(heads) {
			break
		}
	}
	a = &Alignment{}
	for _, h := range heads {
		if !h.done && len(h.text) >= len(without) {
			without = h.text
		}
		if !h.done {
			continue
		}
		before := behind(prefix, h.text[0]).and(h.edge.before(h.text[0]))
		near := before
		if h.anchor.Back > 0 {
			near = eitherCase(h.text[h.anchor.Back-1])
		}
		h.anchor.Keyword = h.anchor.Keyword[:min(len(h.anchor.Keyword), anchorLen)]
		i := slices.Index(a.Anchors, h.anchor)
		if i < 0 {
			i = len(a.Anchors)
			a.Anchors, a.Before, a.Near = append(a.Anchors, h.anchor), append(a.Before, Before{}), append(a.Near, Before{})
		}
		a.Before[i], a.Near[i] = a.Before[i].Or(before), a.Near[i].Or(near)
	}
	if !allDone(heads) {
		return nil, without
	}
	return a, ""
}

// head is the beginning of a match, lower case. It is done once it ends in a keyword, and no longer extended.
type head struct {
	text   string
	edge   edge
	done   bool
	anchor Anchor
}

func allDone(heads []head) bool {
	for _, h := range heads {
		if !h.done {
			return false
		}
	}
	return true
}

// extend returns heads, each followed by what e can match; false when that is too much to enumerate.
func extend(heads []head, e *syntax.Regexp, words []string) ([]head, bool) {
	switch e.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return marked(heads, edgeOf(e.Op)), true
	case syntax.OpNoMatch:
		return nil, true
	case syntax.OpLiteral:
		for _, r := range e.Rune {
			heads = appendRunes(heads, []rune{r}, words)
		}
		return heads, true
	case syntax.OpCharClass:
		if allDone(heads) {
			return heads, true
		}
		runes, ok := classRunes(e.Rune)
		if !ok || len(runes)*len(heads) > maxStrings {
			return nil, false
		}
		return appendRunes(heads, runes, words), true
	case syntax.OpConcat:
		ok := true
		for _, sub := range e.Sub {
			if heads, ok = extend(heads, sub, words); !ok {
				return nil, false
			}
		}
		return heads, true
	case syntax.OpAlternate:
		var all []head
		for _, sub := range e.Sub {
			more, ok := extend(heads, sub, words)
			if !ok || len(all)+len(more) > maxStrings {
				return nil, false
			}
			all = append(all, more...)
		}
		return unique(all), true
	case syntax.OpQuest:
		more, ok := extend(heads, e.Sub[0], words)
		if !ok || len(more)+len(heads) > maxStrings {
			return nil, false
		}
		return unique(append(append([]head(nil), heads...), more...)), true
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpStar:
		return heads, allDone(heads)
	case syntax.OpPlus:
		return extendRepeat(heads, e.Sub[0], 1, -1, words)
	case syntax.OpRepeat:
		return extendRepeat(heads, e.Sub[0], e.Min, e.Max, words)
	}
	return nil, false
}

// extendRepeat returns heads, each followed by min to max of what e can match; max is -1 when there is no limit.
func extendRepeat(heads []head, e *syntax.Regexp, min, max int, words []string) ([]head, bool) {
	ok := true
	for i := 0; i < min && !allDone(heads); i++ {
		if heads, ok = extend(heads, e, words); !ok {
			return nil, false
		}
	}
	all := heads
	for i := min; i < max && !allDone(heads); i++ {
		if heads, ok = extend(heads, e, words); !ok || len(all)+len(heads) > maxStrings {
			return nil, false
		}
		all = unique(append(slices.Clone(all), heads...))
	}
	return all, max >= 0 || allDone(all)
}

// appendRunes returns every unfinished head followed by each of runes.
func appendRunes(heads []head, runes []rune, words []string) []head {
	out := make([]head, 0, len(heads)*len(runes))
	for _, h := range heads {
		if h.done || len(h.text) >= maxStringLen {
			out = append(out, h)
			continue
		}
		for _, r := range runes {
			n := head{text: h.text + string(lower(r)), edge: h.edge}
			for _, w := range words {
				if strings.HasSuffix(n.text, w) && len(w) > len(n.anchor.Keyword) {
					n.done, n.anchor = true, Anchor{w, len(n.text) - len(w)}
				}
			}
			out = append(out, n)
		}
	}
	return unique(out)
}

func unique(heads []head) []head {
	seen := make(map[string]int, len(heads))
	out := heads[:0:0]
	for _, h := range heads {
		if i, ok := seen[h.text]; ok {
			out[i].edge &= h.edge // what both demand
			continue
		}
		seen[h.text] = len(out)
		out = append(out, h)
	}
	return out
}

// classRunes returns the characters of a class with ASCII letters in lower case; false when there are too many.
func classRunes(ranges []rune) ([]rune, bool) {
	var runes []rune
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if !slices.Contains(runes, lower(r)) {
				runes = append(runes, lower(r))
			}
			if len(runes) > maxClass {
				return nil, false
			}
		}
	}
	return runes, true
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		r |= 0x20
	}
	return r
}

// relaxAbove is the number of further repetitions from which Relax takes a limit off.
const relaxAbove = 4

// Relax returns a pattern that matches wherever re does and more: repetitions with a limit far above their minimum
// lose it. An automaton for it has a few states where one that counts has a new one for nearly every text.
func Relax(re *syntax.Regexp) *syntax.Regexp {
	c := *re
	c.Sub = make([]*syntax.Regexp, len(re.Sub))
	for i, sub := range re.Sub {
		c.Sub[i] = Relax(sub)
	}
	if c.Op == syntax.OpRepeat && c.Max-c.Min > relaxAbove {
		c.Max = -1
	}
	return &c
}

// withoutCaptures returns re with each capturing group replaced by its content.
func withoutCaptures(re *syntax.Regexp) *syntax.Regexp {
	if re.Op == syntax.OpCapture {
		return withoutCaptures(re.Sub[0])
	}
	if len(re.Sub) == 0 {
		return re
	}
	c := *re
	c.Sub = make([]*syntax.Regexp, len(re.Sub))
	for i, sub := range re.Sub {
		c.Sub[i] = withoutCaptures(sub)
	}
	return &c
}

// flatten appends the elements of re's top-level concatenation to elements.
func flatten(elements []*syntax.Regexp, re *syntax.Regexp) []*syntax.Regexp {
	if re.Op != syntax.OpConcat {
		return append(elements, re)
	}
	for _, sub := range re.Sub {
		elements = flatten(elements, sub)
	}
	return elements
}

// maxWidth returns the most bytes that re can match, -1 when there is no limit.
func maxWidth(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(string(re.Rune))
	case syntax.OpCharClass:
		if n := len(re.Rune); n > 0 && re.Rune[n-1] < utf8.RuneSelf {
			return 1
		}
		return utf8.UTFMax
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax
	case syntax.OpCapture, syntax.OpQuest:
		return maxWidth(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		if maxWidth(re.Sub[0]) == 0 {
			return 0
		}
		return -1
	case syntax.OpRepeat:
		w := maxWidth(re.Sub[0])
		if w <= 0 {
			return w
		}
		if re.Max < 0 {
			return -1
		}
		return w * re.Max
	case syntax.OpConcat, syntax.OpAlternate:
		total := 0
		for _, sub := range re.Sub {
			w := maxWidth(sub)
			if w < 0 {
				return -1
			}
			if re.Op == syntax.OpConcat {
				total += w
			} else {
				total = max(total, w)
			}
		}
		return total
	}
	return 0
}

// MatchesEmpty reports whether re can match the empty string.
func MatchesEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return MatchesEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || MatchesEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !MatchesEmpty(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if MatchesEmpty(sub) {
				return true
			}
		}
		return false
	}
	return true
}
