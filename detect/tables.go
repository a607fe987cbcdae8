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
// prefilter. Made once with [BuildTables] and stored, it saves New that work at every start. It may have more rules than New is given, and
// fewer: then New works out the rest.
type Tables struct {
	plans   map[uint64]plan // by the digest of what they were made from
	matcher *prefilter.Matcher
}

// BuildTables works out the tables for rules. Every rule that cannot be used is reported, as New does.
func BuildTables(rules []Rule) (*Tables, error) {
	return noTables.with(rules, digests(rules))
}

var noTables = &Tables{matcher: new(prefilter.Matcher)}

// with returns tables that have what t has, which is not changed, and the plans of these rules, whose digests are sums.
func (t *Tables) with(rules []Rule, sums []uint64) (*Tables, error) {
	added := map[uint64]plan{}
	var bad []error
	for i, sum := range sums {
		err := usable(&rules[i])
		if _, ok := t.plans[sum]; !ok && err == nil {
			added[sum], err = makePlan(&rules[i])
		}
		if err != nil {
			bad = append(bad, &RuleError{ID: rules[i].ID, Err: err})
		}
	}
	if bad != nil {
		return nil, errors.Join(bad...)
	}
	if len(added) == 0 {
		return t, nil
	}
	m, err := withKeywords(t.matcher, added)
	if err != nil {
		return nil, err
	}
	maps.Copy(added, t.plans)
	return &Tables{plans: added, matcher: m}, nil
}

// only returns tables for the rules of these digests, which t has, and no others: with few words the prefilter has less to look at.
func (t *Tables) only(sums []uint64) *Tables {
	some := &Tables{plans: make(map[uint64]plan, len(sums))}
	var words []int
	index := map[int]int{}
	for _, sum := range sums {
		p := t.plans[sum]
		p.anchors = slices.Clone(p.anchors)
		for i := range p.anchors {
			word := &p.anchors[i].word
			n, ok := index[*word]
			if !ok {
				n = len(words)
				index[*word] = n
				words = append(words, *word)
			}
			*word = n
		}
		some.plans[sum] = p
	}
	some.matcher = t.matcher.Only(words)
	return some
}

// withKeywords returns m with the keywords of plans, sorted, each with what some rule allows beside it, and tells the anchors their indices.
func withKeywords(m *prefilter.Matcher, plans map[uint64]plan) (*prefilter.Matcher, error) {
	keywords := map[string]*beside{}
	for _, p := range plans {
		for _, a := range p.anchors {
			if keywords[a.Keyword] == nil {
				keywords[a.Keyword] = &beside{}
			}
			keywords[a.Keyword].add(a.beside)
		}
	}
	texts := slices.Sorted(maps.Keys(keywords))
	words := make([]prefilter.Word, len(texts))
	for i, text := range texts {
		words[i] = prefilter.Word{Text: text, Before: &keywords[text].before, Behind: &keywords[text].behind}
	}
	m, indices, err := m.With(words)
	if err != nil {
		return nil, err
	}
	index := make(map[string]int, len(texts))
	for i, text := range texts {
		index[text] = indices[i]
	}
	for _, p := range plans {
		for i := range p.anchors {
			p.anchors[i].word = index[p.anchors[i].Keyword]
		}
	}
	return m, nil
}

// The stored form: the matcher's; the number of sets of bytes that may stand before a match, and each as 32 bytes and one for the beginning of
// the text; then the number of plans and that of the anchors of all of them, and for each plan its digest, its prefix plus 1 (0 when it is not
// aligned), its anchors, each a word's index, the offset plus 1 and the number of its set from 1 (0 when anything may stand there), and
// its run: the number of its set from 1 (0 when it has none), its length, least and most distance. All numbers but the digest are varints.

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
	digests := slices.Sorted(maps.Keys(t.plans))
	anchors := 0
	for _, p := range t.plans {
		anchors += len(p.anchors)
	}
	b = binary.AppendUvarint(b, uint64(len(t.plans)))
	b = binary.AppendUvarint(b, uint64(anchors))
	for _, d := range digests {
		p := t.plans[d]
		b = binary.LittleEndian.AppendUint64(b, d)
		prefix := 0
		if p.aligned {
			prefix = p.prefix + 1
		}
		b = binary.AppendUvarint(b, uint64(prefix))
		b = binary.AppendUvarint(b, uint64(len(p.anchors)))
		for _, a := range p.anchors {
			n := 0
			if a.before != nil {
				n = slices.Index(sets, *a.before) + 1
			}
			for _, n := range []int{a.word, a.Back + 1, n} {
				b = binary.AppendUvarint(b, uint64(n))
			}
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
		for _, a := range p.anchors {
			if a.before != nil {
				add(*a.before)
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
	r := tableReader{data: rest}
	sets := make([]pattern.Before, r.uvarint(len(rest)/33))
	for i := range sets {
		for k := range sets[i].Set {
			sets[i].Set[k] = r.uint64()
		}
		sets[i].Begin = r.uvarint(1) == 1
	}
	plans := r.uvarint(len(rest))
	anchors := make([]anchor, 0, r.uvarint(len(rest)))
	t := &Tables{matcher: m, plans: make(map[uint64]plan, plans)}
	for range plans {
		digest, p := r.uint64(), plan{}
		if n := r.uvarint(pattern.MaxPrefix + 1); n > 0 {
			p.aligned, p.prefix = true, n-1
		}
		first := len(anchors)
		for range r.uvarint(cap(anchors) - first) {
			a := anchor{word: r.uvarint(m.Words() - 1)}
			a.Keyword, a.Back = m.Word(a.word), r.uvarint(prefilter.MaxLen)-1
			if n := r.uvarint(len(sets)); n > 0 {
				a.before = &sets[n-1]
			}
			if p.aligned != (a.Back >= 0) {
				r.bad = true
			}
			anchors = append(anchors, a)
		}
		p.anchors = anchors[first:len(anchors):len(anchors)]
		if n := r.uvarint(len(sets)); n > 0 {
			p.run = &pattern.Run{
				Set: sets[n-1].Set, Len: r.uvarint(pattern.MaxReach), From: r.uvarint(pattern.MaxReach), To: r.uvarint(pattern.MaxReach),
			}
		}
		if r.bad {
			return nil, errTables
		}
		t.plans[digest] = p
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
