package detect

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/keysieve/keysieve/detect/internal/pattern"
)

// Limits on a pattern that runs on regexp2, which can take exponential time.
const (
	matchTimeout = 250 * time.Millisecond // for one window
	maxWindow    = 64 << 10               // bytes of one window

	lookaroundMargin = 256 // bytes beside a match that its lookaround may look at
)

// A backend finds all matches of one pattern in a window of text.
type backend interface {
	findAll(window []byte) (located, error)
	group(name string) int // number of the named group, -1 when there is none
	margin() int           // bytes beside a match that the pattern may look at
}

// standard runs a pattern in linear time. An assertion looks at one character on each side.
type standard struct{ *regexp.Regexp }

func (s standard) findAll(window []byte) (located, error) {
	return s.FindAllSubmatchIndex(window, -1), nil
}
func (s standard) group(name string) int { return s.SubexpIndex(name) }
func (s standard) margin() int           { return utf8.UTFMax }

// lookaround runs a pattern that RE2 syntax has no words for.
type lookaround struct{ *regexp2.Regexp }

func newLookaround(p string) (backend, error) {
	re, err := regexp2.Compile(p, regexp2.None)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = matchTimeout
	return lookaround{re}, nil
}

func (l lookaround) group(name string) int { return l.GroupNumberFromName(name) }
func (l lookaround) margin() int           { return lookaroundMargin }

// findAll searches a text that is longer than a window in windows that overlap by the margin.
func (l lookaround) findAll(text []byte) (located, error) {
	var all [][]int
	done := 0 // end of the last match
	for lo := 0; ; lo = runeStart(text, lo+maxWindow-2*lookaroundMargin) {
		hi := min(lo+maxWindow, len(text))
		found, err := l.findWindow(text[lo:hi])
		for _, loc := range found {
			for i := range loc {
				if loc[i] >= 0 {
					loc[i] += lo
				}
			}
			if loc[0] >= done {
				done = loc[1]
				all = append(all, loc)
			}
		}
		if err != nil || hi == len(text) {
			return all, err
		}
	}
}

func (l lookaround) findWindow(window []byte) ([][]int, error) {
	offsets := runeOffsets(window)
	var all [][]int
	m, err := l.FindStringMatch(string(window))
	for ; m != nil && err == nil; m, err = l.FindNextMatch(m) {
		groups := m.Groups()
		loc := make([]int, 0, 2*len(groups))
		for _, g := range groups {
			if len(g.Captures) == 0 {
				loc = append(loc, -1, -1)
				continue
			}
			loc = append(loc, offsets[g.Index], offsets[g.Index+g.Length])
		}
		all = append(all, loc)
	}
	if err != nil {
		return all, fmt.Errorf("its pattern was given up on after %v: part of the text was not searched by it", matchTimeout)
	}
	return all, nil
}

// runeOffsets returns the byte offset of each character of text, and its length at the end. An invalid byte is one.
func runeOffsets(text []byte) []int {
	offsets := make([]int, 0, len(text)+1)
	for i := 0; i < len(text); {
		offsets = append(offsets, i)
		_, n := utf8.DecodeRune(text[i:])
		i += n
	}
	return append(offsets, len(text))
}

// parsePattern returns the syntax tree that a rule's keywords are aligned with, and how the pattern is compiled. The tree of
// a pattern that RE2 has no words for is that of the pattern without its lookaround; nil when that cannot be had.
func parsePattern(p string) (tree *syntax.Regexp, compile func() (backend, error), err error) {
	tree, err = pattern.Parse(p)
	if err == nil {
		return tree, func() (backend, error) {
			re, err := regexp.Compile(p)
			return standard{re}, err
		}, nil
	}
	if _, err2 := newLookaround(p); err2 != nil {
		return nil, nil, fmt.Errorf("pattern: %w", err)
	}
	if stripped, ok := pattern.WithoutLookaround(p); ok {
		tree, _ = pattern.Parse(stripped)
	}
	return tree, func() (backend, error) { return newLookaround(p) }, nil
}
