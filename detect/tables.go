package detect

import (
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/keysieve/keysieve/detect/internal/pattern"
	"github.com/keysieve/keysieve/detect/internal/prefilter"
)

// Tables holds what New works out about rules: where their keywords stand in their patterns, and the tables of the
// prefilter. Made once with [BuildTables] and stored, it saves New that work at every start.
type Tables struct {
	plans   map[uint64]plan // by the digest of what they were made from
	matcher *prefilter.Matcher
	words   map[string]int
}

// BuildTables works out the tables for rules. Every rule that cannot be used is reported, as New does.
func BuildTables(rules []Rule) (*Tables, error) {
	t := &Tables{plans: make(map[uint64]plan, len(rules))}
	var bad []error
	sums := digests(rules)
	for i := range rules {
		p, err := makePlan(&rules[i])
		if err != nil {
			bad = append(bad, &RuleError{ID: rules[i].ID, Err: err})
			continue
		}
		t.plans[sums[i]] = p
	}
	if bad != nil {
		return nil, errors.Join(bad...)
	}
	err := t.setMatcher(wordsOf(rules, sums, t.plans))
	return t, err
}

// wordsOf returns the literals that the prefilter has to look for, sorted, each with what some rule allows beside it.
func wordsOf(rules []Rule, sums []uint64, plans map[uint64]plan) []prefilter.Word {
	beside := map[string]around{}
	for i := range rules {
		p := plans[sums[i]]
		if !p.aligned {
			for _, k := range p.keywords(&rules[i]) {
				beside[k] = anything
			}
		}
		for k, a := range p.anchors {
			beside[a.Keyword] = beside[a.Keyword].or(p.around[k])
		}
	}
	words := make([]prefilter.Word, 0, len(beside))
	for _, text := range slices.Sorted(maps.Keys(beside)) {
		a := beside[text]
		words = append(words, prefilter.Word{Text: text, Before: &a.before, Behind: &a.behind})
	}
	return words
}

func (t *Tables) setMatcher(words []prefilter.Word) (err error) {
	t.matcher, err = prefilter.New(words)
	t.words = make(map[string]int, len(words))
	for i, w := range words {
		t.words[w.Text] = i
	}
	return err
}

// The stored form: the matcher's; the number of sets of bytes that may stand before a match, and each as 32 bytes and one for the beginning of
// the text; then the number of plans, and for each its digest, its prefix plus 1 (0 when it is not aligned), its anchors, each a
// word's index, the offset and the number of its set from 1 (0 when anything may stand there), and its run: the number of its set from 1
// (0 when it has none), its length, least and most distance. All numbers but the digest are varints.

// AppendBinary appends the tables to b in the form that LoadTables reads. The same rules give the same bytes.
func (t *Tables) AppendBinary(b []byte) []byte {
	b = t.matcher.AppendBinary(b)
	sets := t.sets()
	b = binary.AppendUvarint(b, uint64(len(sets)))
	for _, set := range sets {
		for _, word := range set.Set {
			b = binary.LittleEndian.AppendUint64(b, word)
		}
		b = append(b, map[bool]byte{true: 1}[set.Begin])
	}
	b = binary.AppendUvarint(b, uint64(len(t.plans)))
	digests := make([]uint64, 0, len(t.plans))
	for d := range t.plans {
		digests = append(digests, d)
	}
	slices.Sort(digests)
	for _, d := range digests {
		p := t.plans[d]
		b = binary.LittleEndian.AppendUint64(b, d)
		if !p.aligned {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(p.prefix)+1)
		b = binary.AppendUvarint(b, uint64(len(p.anchors)))
		for i, a := range p.anchors {
			b = binary.AppendUvarint(b, uint64(t.words[a.Keyword]))
			b = binary.AppendUvarint(b, uint64(a.Back))
			n := 0
			if p.before[i] != nil {
				n = slices.Index(sets, *p.before[i]) + 1
			}
			b = binary.AppendUvarint(b, uint64(n))
		}
		if p.run == nil {
			b = append(b, 0)
			continue
		}
		for _, n := range []int{slices.Index(sets, setOf(p.run)) + 1, p.run.Len, p.run.From, p.run.To} {
			b = binary.AppendUvarint(b, uint64(n))
		}
	}
	return b
}

// setOf returns a run's set as it is stored.
func setOf(r *pattern.Run) pattern.Before { return pattern.Before{Set: r.Set} }

// sets returns the sets of bytes that may stand before matches and those of runs, each once, in an order that depends on nothing else.
func (t *Tables) sets() (all []pattern.Before) {
	add := func(set pattern.Before) {
		if !slices.Contains(all, set) {
			all = append(all, set)
		}
	}
	for _, p := range t.plans {
		for _, set := range p.before {
			if set != nil {
				add(*set)
			}
		}
		if p.run != nil {
			add(setOf(p.run))
		}
	}
	slices.SortFunc(all, func(a, b pattern.Before) int {
		return cmp.Or(slices.Compare(a.Set[:], b.Set[:]), cmp.Compare(map[bool]int{true: 1}[a.Begin], map[bool]int{true: 1}[b.Begin]))
	})
	return all
}

var errTables = errors.New("the stored rule tables are damaged: generate them again")

// LoadTables reads what AppendBinary wrote.
func LoadTables(data []byte) (*Tables, error) {
	m, rest, err := prefilter.Load(data)
	if err != nil {
		return nil, err
	}
	t := &Tables{matcher: m, words: make(map[string]int, m.Words()), plans: map[uint64]plan{}}
	for i := range m.Words() {
		t.words[m.Word(i)] = i
	}
	r := tableReader{data: rest}
	sets := make([]pattern.Before, r.uvarint(len(rest)/33))
	for i := range sets {
		for k := range sets[i].Set {
			sets[i].Set[k] = r.uint64()
		}
		sets[i].Begin = r.uvarint(1) == 1
	}
	for range r.uvarint(len(rest)) {
		d := r.uint64()
		p := plan{}
		if n := r.uvarint(pattern.MaxPrefix + 1); n > 0 {
			p.aligned, p.prefix = true, n-1
			for range r.uvarint(len(rest)) {
				w := r.uvarint(m.Words() - 1)
				p.anchors = append(p.anchors, pattern.Anchor{Keyword: m.Word(w), Back: r.uvarint(prefilter.MaxLen)})
				p.before = append(p.before, nil)
				if n := r.uvarint(len(sets)); n > 0 {
					p.before[len(p.before)-1] = &sets[n-1]
				}
			}
			if n := r.uvarint(len(sets)); n > 0 {
				p.run = &pattern.Run{
					Set: sets[n-1].Set, Len: r.uvarint(pattern.MaxReach), From: r.uvarint(pattern.MaxReach), To: r.uvarint(pattern.MaxReach),
				}
			}
		}
		if r.bad {
			return nil, errTables
		}
		t.plans[d] = p
	}
	if r.bad || len(r.data) > 0 {
		return nil, errTables
	}
	return t, nil
}

// tableReader reads numbers off data; once one is missing or too large it is bad, and all further ones are 0.
type tableReader struct {
	data []byte
	bad  bool
}

func (r *tableReader) uvarint(most int) int {
	n, k := binary.Uvarint(r.data)
	if r.bad || k <= 0 || most < 0 || n > uint64(most) {
		r.bad = true
		return 0
	}
	r.data = r.data[k:]
	return int(n)
}

func (r *tableReader) uint64() uint64 {
	if r.bad || len(r.data) < 8 {
		r.bad = true
		return 0
	}
	n := binary.LittleEndian.Uint64(r.data)
	r.data = r.data[8:]
	return n
}
