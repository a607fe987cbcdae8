// Package confirm follows a pattern through text with a lazily built deterministic automaton over bytes, anchored at
// one position. It answers whether a match may begin there and how far one may reach.
//
// It may say yes too often, never no too often: empty-width assertions count as true, but for the beginning of the text, and
// all characters outside ASCII are one. What it lets through is matched again by the real regular expression, on the few bytes it bounds.
package confirm

import (
	"encoding/binary"
	"errors"
	"iter"
	"math"
	"math/bits"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// MaxStates is the number of states an automaton may have. Beyond that it gives up being exact: every further
// step leads to a state that lives on and accepts.
const MaxStates = 2000

// A State is a state of a DFA. The zero State is not one.
type State uint16

// The first two states.
const (
	dead State = 1 + iota
	lost
	firstState
)

// Byte classes beside those of ASCII.
const (
	classLead = iota // begins a character outside ASCII, or an invalid byte
	classTail        // continues one, or an invalid byte
	firstASCII
)

// A Program is a pattern made ready to be followed. It is immutable and safe for concurrent use.
type Program struct {
	insts []inst
	start uint16
	class [256]uint8
	shift uint       // there are at most 1<<shift classes
	sets  []classSet // the sets of classes that the instructions match
}

// inst is an instruction of a program.
type inst struct {
	kind kind
	out  uint16 // the next instruction
	arg  uint16 // of a branch the other one, of a character its set
}

type kind uint8

const (
	fail kind = iota
	accept
	character
	branch
	skip
	beginning // of the text
)

// classSet has a bit for each class.
type classSet [3]uint64

func (s *classSet) add(c uint8)      { s[c/64] |= 1 << (c % 64) }
func (s *classSet) has(c uint8) bool { return s[c/64]>>(c%64)&1 != 0 }

// Compile makes a program of re, which must be simplified and without captures.
func Compile(re *syntax.Regexp) (*Program, error) {
	prog, err := syntax.Compile(re)
	if err != nil {
		return nil, err
	}
	if len(prog.Inst) > math.MaxUint16 {
		return nil, errors.New("the pattern is too large")
	}
	p := &Program{insts: make([]inst, len(prog.Inst)), start: uint16(prog.Start)}
	var ranges [][]rune // that the instructions match, each list once
	seen := map[string]int{}
	for pc := range prog.Inst {
		from := &prog.Inst[pc]
		to := inst{out: uint16(from.Out)}
		switch from.Op {
		case syntax.InstMatch:
			to.kind = accept
		case syntax.InstAlt, syntax.InstAltMatch:
			to.kind, to.arg = branch, uint16(from.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			to.kind = skip
			if from.Op == syntax.InstEmptyWidth && syntax.EmptyOp(from.Arg) == syntax.EmptyBeginText {
				to.kind = beginning
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			r := foldedRanges(from)
			set, ok := seen[string(r)]
			if !ok {
				set = len(ranges)
				seen[string(r)] = set
				ranges = append(ranges, r)
			}
			to.kind, to.arg = character, uint16(set)
		}
		p.insts[pc] = to
	}
	p.classify(ranges)
	return p, nil
}

// classify divides the bytes into classes that no list of ranges tells apart, and makes the lists sets of classes.
func (p *Program) classify(ranges [][]rune) {
	p.sets = make([]classSet, len(ranges))
	classes := map[string]uint8{}
	for b := range rune(utf8.RuneSelf) {
		members := make([]byte, (len(ranges)+7)/8)
		for i, r := range ranges {
			if inRanges(r, b) {
				members[i/8] |= 1 << (i % 8)
			}
		}
		c, ok := classes[string(members)]
		if !ok {
			c = uint8(firstASCII + len(classes))
			classes[string(members)] = c
			for i := range ranges {
				if members[i/8]>>(i%8)&1 != 0 {
					p.sets[i].add(c)
				}
			}
		}
		p.class[b] = c
	}
	for i, r := range ranges {
		if slices.Max(r) >= utf8.RuneSelf {
			p.sets[i].add(classLead)
		}
	}
	for b := utf8.RuneSelf; b < 256; b++ {
		p.class[b] = classTail
		if b >= 0xC0 {
			p.class[b] = classLead
		}
	}
	p.shift = uint(bits.Len(uint(firstASCII + len(classes) - 1)))
}

// A DFA is an automaton for one program. It grows while it runs, so it is not safe for concurrent use.
type DFA struct {
	*Program
	trans   []uint16         // by state shifted, and class: the next state, doubled, plus 1 when it accepts; 0 when not computed yet
	members []string         // each state's instructions, two bytes each
	accepts []bool           // by state
	ids     map[string]State // by instructions
	merged  map[[2]State]State
	starts  [2]State // inside the text, at its beginning
	full    bool

	atBeginning bool // in the text, while start states are made

	scratch []uint16
	key     []byte
	seen    []uint32 // generation at which an instruction was last added
	gen     uint32
}

// New returns an automaton for p.
func New(p *Program) *DFA {
	d := &DFA{Program: p, seen: make([]uint32, len(p.insts))}
	d.Reset()
	return d
}

// Reset forgets all states, to free memory or to become exact again after Full. States handed out before are void.
func (d *DFA) Reset() {
	d.trans = make([]uint16, int(firstState)<<d.shift, 8<<d.shift)
	for c := range 1 << d.shift {
		d.trans[int(dead)<<d.shift+c] = uint16(dead) << 1
		d.trans[int(lost)<<d.shift+c] = uint16(lost)<<1 | 1
	}
	d.members = make([]string, firstState, 8)
	d.accepts = []bool{lost: true}
	d.ids = map[string]State{}
	d.merged = nil
	d.full = false
	for i := range d.starts {
		d.atBeginning = i == 1
		d.begin()
		d.add(d.Program.start)
		d.starts[i] = d.state()
	}
	d.atBeginning = false
}

// Full reports whether the automaton has reached MaxStates and given up being exact.
func (d *DFA) Full() bool { return d.full }

// States returns the number of states built so far.
func (d *DFA) States() int { return len(d.members) }

// Start returns the state at offset at of the text, before the pattern's first byte.
func (d *DFA) Start(at int) State {
	if at == 0 {
		return d.starts[1]
	}
	return d.starts[0]
}

// Dead reports whether no match can come from s any more.
func (d *DFA) Dead(s State) bool { return s == dead }

// Run follows text from position from to position to at most. It returns the state it ended in, the position there (that of the
// byte no match can take when the state is dead), and the last position where a match may end, -1 when there is none.
func (d *DFA) Run(s State, text []byte, from, to int) (end State, pos, accept int) {
	accept = -1
	trans, shift := d.trans, d.shift
	for pos = from; pos < to; pos++ {
		c := d.class[text[pos]]
		t := trans[int(s)<<shift+int(c)]
		if t == 0 {
			t = d.step(s, c)
			trans = d.trans
		}
		s = State(t >> 1)
		if s == dead {
			return s, pos, accept
		}
		if t&1 != 0 {
			accept = pos + 1
		}
	}
	return s, pos, accept
}

// Behind returns the set of bytes that may be behind a keyword in a match, after so many bytes before it: bit c&63 of element c>>6 says whether
// c may. The keyword's letters may be in either case.
func (d *DFA) Behind(before int, keyword string) (set [4]uint64) {
	s := d.Merge(d.starts[0], d.starts[1])
	for range before {
		next := dead
		for c := range uint8(1 << d.shift) {
			next = d.Merge(next, d.next(s, c))
		}
		s = next
	}
	for _, c := range []byte(keyword) {
		next := d.next(s, d.class[c])
		if 'a' <= c && c <= 'z' {
			next = d.Merge(next, d.next(s, d.class[c&^0x20]))
		}
		s = next
	}
	inside := keyword[len(keyword)-1] >= utf8.RuneSelf // a character may go on; else it cannot, and its bytes are invalid ones
	for c := range 256 {
		class := d.class[c]
		if class == classTail && !inside {
			class = classLead
		}
		if d.accepts[s] || d.next(s, class) != dead {
			set[c>>6] |= 1 << (c & 63)
		}
	}
	return set
}

// next returns the state that s leads to on class c.
func (d *DFA) next(s State, c uint8) State {
	if t := d.trans[int(s)<<d.shift+int(c)]; t != 0 {
		return State(t >> 1)
	}
	return State(d.step(s, c) >> 1)
}

// Merge returns the state that stands for being in s and in t at once.
func (d *DFA) Merge(s, t State) State {
	switch {
	case s == t || t == dead:
		return s
	case s == dead:
		return t
	case s == lost || t == lost:
		return lost
	}
	key := [2]State{min(s, t), max(s, t)}
	if m, ok := d.merged[key]; ok {
		return m
	}
	d.begin()
	for _, from := range key {
		for pc := range instructions(d.members[from]) {
			d.add(pc)
		}
	}
	m := d.state()
	if d.merged == nil {
		d.merged = map[[2]State]State{}
	}
	d.merged[key] = m
	return m
}

// step computes and records the transition of s on class c.
func (d *DFA) step(s State, c uint8) uint16 {
	d.begin()
	for pc := range instructions(d.members[s]) {
		matches := c
		if c == classTail {
			d.add(pc) // the character's first byte was taken; or the byte is invalid and a character of its own
			matches = classLead
		}
		if i := &d.insts[pc]; i.kind == character && d.sets[i.arg].has(matches) {
			d.add(i.out)
		}
	}
	n := d.state()
	t := uint16(n) << 1
	if d.accepts[n] {
		t |= 1
	}
	d.trans[int(s)<<d.shift+int(c)] = t
	return t
}

// instructions yields the members of a set.
func instructions(set string) iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		for i := 0; i < len(set); i += 2 {
			if !yield(uint16(set[i]) | uint16(set[i+1])<<8) {
				return
			}
		}
	}
}

// begin starts a new set of instructions in scratch.
func (d *DFA) begin() {
	d.scratch = d.scratch[:0]
	d.gen++
	if d.gen == 0 {
		clear(d.seen)
		d.gen = 1
	}
}

// add puts what can be reached from pc without taking a character into scratch.
func (d *DFA) add(pc uint16) {
	for d.seen[pc] != d.gen {
		d.seen[pc] = d.gen
		switch i := &d.insts[pc]; i.kind {
		case branch:
			d.add(i.arg)
			pc = i.out
		case skip:
			pc = i.out
		case beginning:
			if !d.atBeginning {
				return
			}
			pc = i.out
		case accept, character:
			d.scratch = append(d.scratch, pc)
		}
	}
}

// state returns the state for the set in scratch.
func (d *DFA) state() State {
	if len(d.scratch) == 0 {
		return dead
	}
	slices.Sort(d.scratch)
	d.key = d.key[:0]
	accepts := false
	for _, pc := range d.scratch {
		d.key = binary.LittleEndian.AppendUint16(d.key, pc)
		accepts = accepts || d.insts[pc].kind == accept
	}
	if s, ok := d.ids[string(d.key)]; ok {
		return s
	}
	if len(d.members) >= MaxStates {
		d.full = true
		return lost
	}
	s := State(len(d.members))
	set := string(d.key)
	d.members = append(d.members, set)
	d.accepts = append(d.accepts, accepts)
	d.trans = append(d.trans, make([]uint16, 1<<d.shift)...)
	d.ids[set] = s
	return s
}

// foldedRanges returns the ranges of characters that an instruction matches, as pairs.
func foldedRanges(inst *syntax.Inst) []rune {
	switch {
	case inst.Op == syntax.InstRuneAnyNotNL:
		return []rune{0, '\n' - 1, '\n' + 1, utf8.MaxRune}
	case len(inst.Rune) != 1:
		return inst.Rune
	}
	r := inst.Rune[0]
	ranges := []rune{r, r}
	if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			ranges = append(ranges, f, f)
		}
	}
	return ranges
}

func inRanges(ranges []rune, r rune) bool {
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] <= r && r <= ranges[i+1] {
			return true
		}
	}
	return false
}
