// Package confirm follows a pattern through text with a lazily built deterministic automaton over bytes, anchored at
// one position. It answers whether a match may begin there and how far one may reach.
//
// It may say yes too often, never no too often: empty-width assertions count as true, and all characters outside
// ASCII are one. What it lets through is matched again by the real regular expression, on the few bytes it bounds.
package confirm

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// MaxStates is the number of states an automaton may have. Beyond that it gives up being exact: every further
// step leads to a state that lives on and accepts.
const MaxStates = 2000

// A State is a state of a DFA. The zero State is not one.
type State uint32

// The first two states. Their number is an index into trans, like all others': a multiple of the number of classes.
const (
	deadRow = 1 + iota
	lostRow
	firstRow
)

// Byte classes beside those of ASCII.
const (
	classLead = iota // begins a character outside ASCII, or an invalid byte
	classTail        // continues one, or an invalid byte
	firstASCII
)

// A DFA is an automaton for one pattern. It grows while it runs, so it is not safe for concurrent use.
type DFA struct {
	prog     *syntax.Prog
	class    [256]uint8
	runes    []rune // a character of each class, from firstASCII on
	classes  uint32
	trans    []uint32 // by state+class: the next state, doubled, plus 1 when it accepts; 0 when not computed yet
	sets     [][]uint32
	accepts  []bool
	ids      map[string]State
	merged   map[[2]State]State
	start    State
	full     bool
	scratch  []uint32
	seen     []uint32 // generation at which an instruction was last added
	gen      uint32
	wideInst []bool // whether an instruction matches some character outside ASCII
}

// New returns an automaton for re, which must be simplified and without captures.
func New(re *syntax.Regexp) (*DFA, error) {
	prog, err := syntax.Compile(re)
	if err != nil {
		return nil, err
	}
	d := &DFA{prog: prog, seen: make([]uint32, len(prog.Inst)), wideInst: make([]bool, len(prog.Inst))}
	d.classify()
	d.Reset()
	return d, nil
}

// Reset forgets all states, to free memory or to become exact again after Full. States handed out before are void.
func (d *DFA) Reset() {
	n := d.classes
	d.trans = make([]uint32, firstRow*n, 16*n)
	for c := range n {
		d.trans[deadRow*n+c] = deadRow * n << 1
		d.trans[lostRow*n+c] = lostRow*n<<1 | 1
	}
	d.sets = make([][]uint32, firstRow, 16)
	d.accepts = make([]bool, firstRow, 16)
	d.ids = map[string]State{}
	d.merged = nil
	d.full = false
	d.begin()
	d.add(uint32(d.prog.Start))
	d.start = d.state()
}

// Full reports whether the automaton has reached MaxStates and given up being exact.
func (d *DFA) Full() bool { return d.full }

// States returns the number of states built so far.
func (d *DFA) States() int { return len(d.sets) }

// Start returns the state before the first byte.
func (d *DFA) Start() State { return d.start }

// Dead reports whether no match can come from s any more.
func (d *DFA) Dead(s State) bool { return s == State(deadRow*d.classes) }

// Run follows text from position from to position to at most. It returns the state it ended in, the position there (that of the
// byte no match can take when the state is dead), and the last position where a match may end, -1 when there is none.
func (d *DFA) Run(s State, text []byte, from, to int) (end State, pos, accept int) {
	accept = -1
	dead := State(deadRow * d.classes)
	trans := d.trans
	for pos = from; pos < to; pos++ {
		c := d.class[text[pos]]
		t := trans[uint32(s)+uint32(c)]
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

// Merge returns the state that stands for being in s and in t at once.
func (d *DFA) Merge(s, t State) State {
	if s == t || d.Dead(t) {
		return s
	}
	if d.Dead(s) {
		return t
	}
	lost := State(lostRow * d.classes)
	if s == lost || t == lost {
		return lost
	}
	key := [2]State{min(s, t), max(s, t)}
	if m, ok := d.merged[key]; ok {
		return m
	}
	d.begin()
	for _, from := range key {
		for _, pc := range d.sets[uint32(from)/d.classes] {
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
func (d *DFA) step(s State, c uint8) uint32 {
	set := d.sets[uint32(s)/d.classes]
	d.begin()
	for _, pc := range set {
		inst := &d.prog.Inst[pc]
		switch {
		case c >= firstASCII:
			if inst.MatchRune(d.runes[c-firstASCII]) {
				d.add(inst.Out)
			}
		case c == classTail:
			d.add(pc) // the character's first byte was taken
			fallthrough
		default:
			if d.wideInst[pc] {
				d.add(inst.Out)
			}
		}
	}
	n := d.state()
	t := uint32(n) << 1
	if d.accepting(n) {
		t |= 1
	}
	d.trans[uint32(s)+uint32(c)] = t
	return t
}

func (d *DFA) accepting(s State) bool {
	row := uint32(s) / d.classes
	return row == lostRow || d.accepts[row]
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
func (d *DFA) add(pc uint32) {
	for d.seen[pc] != d.gen {
		d.seen[pc] = d.gen
		inst := &d.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			d.add(inst.Arg)
			pc = inst.Out
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			pc = inst.Out
		case syntax.InstFail:
		default:
			d.scratch = append(d.scratch, pc)
		}
	}
}

// state returns the state for the set in scratch.
func (d *DFA) state() State {
	if len(d.scratch) == 0 {
		return State(deadRow * d.classes)
	}
	slices.Sort(d.scratch)
	key := make([]byte, 0, 4*len(d.scratch))
	for _, pc := range d.scratch {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if s, ok := d.ids[string(key)]; ok {
		return s
	}
	if len(d.sets) >= MaxStates {
		d.full = true
		return State(lostRow * d.classes)
	}
	s := State(uint32(len(d.sets)) * d.classes)
	accepts := false
	for _, pc := range d.scratch {
		accepts = accepts || d.prog.Inst[pc].Op == syntax.InstMatch
	}
	d.sets = append(d.sets, slices.Clone(d.scratch))
	d.accepts = append(d.accepts, accepts)
	d.trans = append(d.trans, make([]uint32, d.classes)...)
	d.ids[string(key)] = s
	return s
}

// classify divides the bytes into classes that no instruction tells apart.
func (d *DFA) classify() {
	var edge [utf8.RuneSelf + 1]bool
	mark := func(lo, hi rune) {
		if lo < utf8.RuneSelf {
			edge[lo] = true
		}
		if hi < utf8.RuneSelf {
			edge[hi+1] = true
		}
	}
	for pc := range d.prog.Inst {
		inst := &d.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstRuneAny:
			d.wideInst[pc] = true
		case syntax.InstRuneAnyNotNL:
			d.wideInst[pc] = true
			mark('\n', '\n')
		case syntax.InstRune, syntax.InstRune1:
			d.wideInst[pc] = markRanges(inst, mark)
		}
	}
	class := firstASCII - 1
	for b := range utf8.RuneSelf {
		if b == 0 || edge[b] {
			class++
			d.runes = append(d.runes, rune(b))
		}
		d.class[b] = uint8(class)
	}
	for b := utf8.RuneSelf; b < 256; b++ {
		d.class[b] = classTail
		if b >= 0xC0 {
			d.class[b] = classLead
		}
	}
	d.classes = uint32(class + 1)
}

// markRanges marks where an instruction's ranges begin and end and reports whether it matches anything outside ASCII.
func markRanges(inst *syntax.Inst, mark func(lo, hi rune)) bool {
	if len(inst.Rune) == 1 {
		r := inst.Rune[0]
		mark(r, r)
		wide := r >= utf8.RuneSelf
		if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 && r < utf8.RuneSelf {
			mark(r|0x20, r|0x20)
			mark(r&^0x20, r&^0x20)
			wide = true
		}
		return wide
	}
	for i := 0; i+1 < len(inst.Rune); i += 2 {
		mark(inst.Rune[i], inst.Rune[i+1])
	}
	return inst.Rune[len(inst.Rune)-1] >= utf8.RuneSelf
}
