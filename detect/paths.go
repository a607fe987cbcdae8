package detect

import (
	"encoding/binary"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"

	"github.com/keysieve/keysieve/detect/internal/confirm"
	"github.com/keysieve/keysieve/detect/internal/pattern"
)

// PathClass returns a number for a path: Trace finds the same in a text under any path of the same class. It costs about a
// microsecond; whoever has many texts under a path asks once.
func (d *Detector) PathClass(path string) uint64 {
	t := d.paths
	b := make([]byte, len(t.patterns)+4*len(t.classes))
	if t.mayMatch(path) {
		for i, re := range t.compiled() {
			if re != nil && re.MatchString(path) {
				b[i] = 1
			}
		}
	}
	for i, class := range t.classes {
		binary.LittleEndian.PutUint32(b[len(t.patterns)+4*i:], class(path))
	}
	return sum64("", b)
}

// pathTable is how rules look at paths.
type pathTable struct {
	patterns []string // each once
	classes  []func(path string) uint32

	programs lazy[*confirm.Program] // of all patterns at once
	regexps  lazy[[]*regexp.Regexp]
	pool     sync.Pool // of pathFollower
}

// pathFollower serves one goroutine at a time.
type pathFollower struct {
	dfa  *confirm.DFA
	path []byte
}

// newPathTable collects what the rules say about paths.
func newPathTable(rules []*rule) *pathTable {
	t := &pathTable{}
	seen := map[string]bool{"": true}
	add := func(p string) {
		if !seen[p] {
			seen[p] = true
			t.patterns = append(t.patterns, p)
		}
	}
	for _, r := range rules {
		add(r.Path)
		for _, a := range r.Allow {
			for _, p := range a.Paths {
				add(p)
			}
		}
		if r.PathClass != nil {
			t.classes = append(t.classes, r.PathClass)
		}
	}
	return t
}

// mayMatch returns false if none of the patterns matches the path, which is so of nearly all paths. That costs a step of an automaton for each
// byte, however many patterns there are.
func (t *pathTable) mayMatch(path string) bool {
	program, err := t.program()
	if program == nil || err != nil {
		return err != nil
	}
	f, _ := t.pool.Get().(*pathFollower)
	if f == nil {
		f = &pathFollower{dfa: confirm.New(program)}
	}
	defer t.pool.Put(f)
	f.path = append(f.path[:0], path...)
	_, _, accept := f.dfa.Run(f.dfa.Start(0), f.path, 0, len(f.path))
	if f.dfa.Full() {
		f.dfa.Reset()
	}
	return accept >= 0
}

// program returns that which matches wherever a pattern does, nil when there are none.
func (t *pathTable) program() (*confirm.Program, error) {
	return t.programs.get(func() (*confirm.Program, error) {
		if len(t.patterns) == 0 {
			return nil, nil
		}
		tree, err := syntax.Parse("(?s:.*?)(?:(?:"+strings.Join(t.patterns, ")|(?:")+"))", syntax.Perl)
		if err != nil {
			return nil, err
		}
		return confirm.Compile(pattern.Relax(tree).Simplify())
	})
}

// compiled returns the patterns as regular expressions, nil for those that are none.
func (t *pathTable) compiled() []*regexp.Regexp {
	list, _ := t.regexps.get(func() ([]*regexp.Regexp, error) {
		list := make([]*regexp.Regexp, len(t.patterns))
		for i, p := range t.patterns {
			list[i], _ = regexp.Compile(p) // whoever tries the rule reports an error
		}
		return list, nil
	})
	return list
}
