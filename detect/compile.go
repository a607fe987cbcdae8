package detect

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/keysieve/keysieve/detect/internal/confirm"
	"github.com/keysieve/keysieve/detect/internal/pattern"
	"github.com/keysieve/keysieve/detect/internal/prefilter"
)

// rule is a Rule made ready to run. What only a match needs is compiled at the first one.
type rule struct {
	Rule
	index int
	plan
	disorder int // the most by which the rule's automatons start out of order
	behind   int // the most bytes from where one starts to the keyword

	following lazy[*follower]
	matching  lazy[*matcher]
}

// lazy is a value that is made when it is first needed.
type lazy[T any] struct {
	once  sync.Once
	value T
	err   error
}

func (l *lazy[T]) get(make func() (T, error)) (T, error) {
	l.once.Do(func() { l.value, l.err = make() })
	return l.value, l.err
}

// plan says how the matches of a rule's pattern are found.
type plan struct {
	aligned bool
	prefix  int // bytes that a match can have before the part that its anchors stand in
	anchors []anchor
	run     *pattern.Run // that every match has from the anchors' part on; nil for none
}

// anchor is a keyword of a rule and where its automaton starts for it.
type anchor struct {
	pattern.Anchor                 // Back is -1 in a rule that is not aligned
	word           int             // the keyword's index in the tables' matcher
	before         *pattern.Before // what may stand before where the automaton starts; nil for anything
	beside         *beside         // nil in a plan that was stored
}

// beside says which bytes may stand before and behind a keyword.
type beside struct{ before, behind prefilter.Bytes }

var anything = beside{prefilter.Bytes(pattern.Anything.Set), prefilter.Bytes(pattern.Anything.Set)}

// add allows what other does, too.
func (b *beside) add(other *beside) {
	for i := range b.before {
		b.before[i] |= other.before[i]
		b.behind[i] |= other.behind[i]
	}
}

// follower is what an aligned rule needs once one of its keywords has been seen.
type follower struct {
	program *confirm.Program
	width   int // the most bytes that the automaton has to follow, -1 when there is no limit
}

// matcher is what a rule needs where it may match.
type matcher struct {
	backend backend // nil when the rule has a Matcher of its own
	secret  int     // number of the group named secret, 0 when there is none
	path    *regexp.Regexp
	allow   []allow
	pairs   []pair
}

// allow is an Allow with its patterns compiled.
type allow struct {
	Allow
	patterns, paths []*regexp.Regexp
}

// usable says what is wrong with a rule at first sight.
func usable(r *Rule) error {
	if r.ID == "" {
		return errors.New("it has no id")
	}
	if (r.Pattern == "") == (r.Matcher == nil) {
		return errors.New("it needs a pattern or a matcher, and not both")
	}
	return nil
}

// makePlan validates a rule and works out how it is run.
func makePlan(r *Rule) (plan, error) {
	for _, k := range r.Keywords {
		if len(k) < prefilter.MinLen || len(k) > prefilter.MaxLen {
			return plan{}, fmt.Errorf("keyword %q has %d bytes: it takes %d to %d", k, len(k), prefilter.MinLen, prefilter.MaxLen)
		}
	}
	if _, err := compileConditions(r, &matcher{}); err != nil {
		return plan{}, err
	}
	if r.Matcher != nil {
		if len(r.Keywords) == 0 {
			return plan{}, errors.New("its matcher has no keywords to start from")
		}
		return unaligned(r), nil
	}
	tree, compile, err := parsePattern(r.Pattern)
	if err != nil {
		return plan{}, err
	}
	if tree != nil && pattern.MatchesEmpty(tree) {
		return plan{}, errors.New("its pattern matches the empty string")
	}
	if _, err := compile(); err != nil {
		return plan{}, err
	}
	if tree == nil {
		return unaligned(r), nil
	}
	a, err := pattern.Align(tree, r.Keywords)
	if err != nil {
		return unaligned(r), nil
	}
	return planOf(r, a)
}

// planOf returns the plan of an aligned rule.
func planOf(r *Rule, a *pattern.Alignment) (plan, error) {
	program, err := compileRest(a)
	if err != nil {
		return plan{}, err
	}
	dfa := confirm.New(program)
	p := plan{aligned: true, prefix: a.Prefix, anchors: make([]anchor, len(a.Anchors))}
	for i, from := range a.Anchors {
		to := &p.anchors[i]
		to.Anchor, to.beside = from, &beside{prefilter.Bytes(a.Near[i].Set), dfa.Behind(from.Back, from.Keyword)}
		if !a.Before[i].Any() {
			to.before = &a.Before[i]
		}
	}
	p.run = a.Run.Within(p.reach(r))
	return p, nil
}

// unaligned returns the plan of a rule that is not aligned: its keywords, in lower case and each once.
func unaligned(r *Rule) (p plan) {
	words := make([]string, len(r.Keywords))
	for i, k := range r.Keywords {
		words[i] = strings.ToLower(k)
	}
	slices.Sort(words)
	for _, w := range slices.Compact(words) {
		p.anchors = append(p.anchors, anchor{Anchor: pattern.Anchor{Keyword: w, Back: -1}, beside: &anything})
	}
	return p
}

// reach returns how many bytes behind the start of an automaton a match of r may end, at most.
func (p *plan) reach(r *Rule) (n int) {
	for _, a := range p.anchors {
		n = max(n, a.Back)
	}
	return n + cmp.Or(r.Span, DefaultSpan)
}

// Aligned returns nil when r's pattern is run only around its keywords, and otherwise why it has to be run over the
// whole of a fragment.
func Aligned(r Rule) error {
	if r.Matcher != nil {
		return nil
	}
	tree, _, err := parsePattern(r.Pattern)
	if err != nil {
		return err
	}
	if tree == nil {
		return errors.New("its pattern has a back-reference")
	}
	_, err = pattern.Align(tree, r.Keywords)
	return err
}

func (r *rule) follower() (*follower, error) {
	return r.following.get(func() (*follower, error) {
		tree, _, err := parsePattern(r.Pattern)
		if err != nil {
			return nil, err
		}
		a, err := pattern.Align(tree, r.Keywords)
		if err != nil {
			return nil, err
		}
		p, err := compileRest(a)
		return &follower{p, a.Width}, err
	})
}

func compileRest(a *pattern.Alignment) (*confirm.Program, error) {
	return confirm.Compile(pattern.Relax(a.Rest).Simplify())
}

// isAt reports whether the path is one that the rule applies to, or the rule is wrong, which whoever tries it reports.
func (r *rule) isAt(path string) bool {
	m, err := r.matcher()
	return err != nil || m.isAt(path)
}

func (m *matcher) isAt(path string) bool { return m.path == nil || m.path.MatchString(path) }

func (r *rule) matcher() (*matcher, error) {
	return r.matching.get(func() (*matcher, error) {
		m := &matcher{}
		if r.Matcher == nil {
			_, compile, err := parsePattern(r.Pattern)
			if err != nil {
				return nil, err
			}
			if m.backend, err = compile(); err != nil {
				return nil, err
			}
			m.secret = max(m.backend.group("secret"), 0)
		}
		return compileConditions(&r.Rule, m)
	})
}

// compileConditions compiles the path and the allowlists of r into m.
func compileConditions(r *Rule, m *matcher) (*matcher, error) {
	var bad []error
	compile := func(what, p string) *regexp.Regexp {
		re, err := regexp.Compile(p)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", what, err))
		}
		return re
	}
	if r.Path != "" {
		m.path = compile("path", r.Path)
	}
	for _, a := range r.Allow {
		c := allow{Allow: a}
		for _, p := range a.Patterns {
			c.patterns = append(c.patterns, compile("allowed pattern", p))
		}
		for _, p := range a.Paths {
			c.paths = append(c.paths, compile("allowed path", p))
		}
		m.allow = append(m.allow, c)
	}
	for _, p := range r.Pairs {
		if p.Name == "" {
			bad = append(bad, errors.New("a pair has no name"))
		}
		m.pairs = append(m.pairs, pair{p.Name, compile("pair", p.Pattern)})
	}
	return m, errors.Join(bad...)
}

// digests identifies, for each rule, what its plan is made from, by two checksums, which the processor computes.
func digests(rules []Rule) []uint64 {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	sums := make([]uint64, len(rules))
	var text []byte
	for i := range rules {
		text = append(text[:0], rules[i].Pattern...)
		for _, k := range rules[i].Keywords {
			text = append(append(text, 0), k...)
		}
		text = binary.LittleEndian.AppendUint32(text, uint32(rules[i].Span))
		sums[i] = uint64(crc32.Checksum(text, castagnoli))<<32 | uint64(crc32.ChecksumIEEE(text))
	}
	return sums
}
