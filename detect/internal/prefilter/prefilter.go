// Package prefilter finds every occurrence of hundreds of short literals in one pass, ignoring ASCII case, at the speed
// of reading memory.
//
// Each literal is stood for by one of its 4-grams, the one that is rarest in source code. The scan looks at the 4-grams
// that begin at even positions: so each literal has one gram for occurrences that begin at an even position and one for
// those that begin at an odd one. A bitmap over hashed grams rejects nearly all of them; what is left is compared with
// the grams of that hash, together with the bytes on both sides, and then with the literals. An occurrence is reported exactly once,
// because the parity of its beginning decides which of its grams stands for it.
//
// Many short literals are parts of common names ("sl_" of "ssl_"), and of no use to whoever searches for them there. So a
// literal can say what may be before and behind it: other occurrences are not reported, and their grams are not looked for.
package prefilter

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// MinLen is the length in bytes of the shortest literal that can be searched for.
const MinLen = 3

const (
	hashBits   = 21                 // of a gram's product, the highest, are its hash
	fold       = 0x5f5f5f5f5f5f5f5f // clears the case of a letter; merges some other characters, which the comparison tells apart
	multiplier = 0x9E3779B1         // odd: different grams have different products
)

// A Matcher searches for a fixed set of literals. It is immutable and safe for concurrent use.
type Matcher struct {
	bits  [1 << hashBits / 64]uint64 // whether a gram with this hash stands for a word
	ranks [1 << hashBits / 64]uint32 // how many bits are set in the elements before
	grams []entry                    // by the rank of the hash
	lists []entry                    // of the hashes that several grams have, or one that stands for several words
	words []word

	lastGram int // the largest offset of a gram from its word's first byte
}

// entry is a word with the gram that stands for it at one parity: the word's index in 16 bits, the gram's offset from the word's first byte
// plus 1 in 8 (a gram may begin one byte before the word), and the key that must be there, of which it may have no byte before or behind.
// With the bit listed set it is how many entries there are in lists, from bit 32 on, and where they begin.
type entry uint64

const (
	keyShift = 24
	noBefore = 1 << 61
	noBehind = 1 << 62
	listed   = 1 << 63
)

// A key is what there is in a text at a gram: the bits of the gram's product that are not its hash, so that the gram is known, and the bytes
// before and behind the gram, folded; 0 for none, which is beyond the text, where no word reaches.
type key uint64

const (
	tagBits   = 32 - hashBits
	tagMask   = 1<<tagBits - 1
	foldByte  = fold & 0xff
	beforeKey = foldByte << tagBits
	behindKey = foldByte << (tagBits + 8)
)

func keyOf(product uint32, before, behind byte) key {
	return key(product&tagMask | uint32(before)<<tagBits&beforeKey | uint32(behind)<<(tagBits+8)&behindKey)
}

// newEntry returns the entry of word n and its gram at offset.
func newEntry(n int, text string, offset int, product uint32) entry {
	var before, behind byte
	var missing entry
	if offset > 0 {
		before = text[offset-1]
	} else {
		missing |= noBefore
	}
	if end := offset + 4; end < len(text) {
		behind = text[end]
	} else {
		missing |= noBehind
	}
	return missing | entry(keyOf(product, before, behind))<<keyShift | entry((offset+1)<<16|n)
}

func (e entry) word() int   { return int(e & 0xffff) }
func (e entry) offset() int { return int(e>>16&0xff) - 1 }

// refuses reports whether the word cannot be where the key is k.
func (e entry) refuses(k key) bool {
	differ := key(e>>keyShift) ^ k
	return differ&tagMask != 0 || e&noBefore == 0 && differ&beforeKey != 0 || e&noBehind == 0 && differ&behindKey != 0
}

// maxWords is the number of words that an entry can tell apart.
const maxWords = 1 << 16

// A Word is a literal to search for.
type Word struct {
	Text   string
	Before *Bytes // what may be before an occurrence, if anything is; nil for every byte
	Behind *Bytes // what may be behind it
}

// Bytes is a set of bytes: bit c&63 of its element c>>6 says whether it has c.
type Bytes [4]uint64

func (b *Bytes) has(c byte) bool { return b[c>>6]>>(c&63)&1 != 0 }

// unlessAll returns the set, nil if it has every byte.
func (b *Bytes) unlessAll() *Bytes {
	if b != nil && b[0]&b[1]&b[2]&b[3] == ^uint64(0) {
		return nil
	}
	return b
}

// or returns the set of what either has, nil for every byte.
func (b *Bytes) or(other *Bytes) *Bytes {
	if b == nil || other == nil {
		return nil
	}
	both := &Bytes{}
	for i := range both {
		both[i] = b[i] | other[i]
	}
	return both.unlessAll()
}

// folded returns the set of what the product keeps of the bytes, see foldedByte.
func (b *Bytes) folded() uint64 {
	low, high := b[0]|b[2], b[1]|b[3] // without bit 7
	return (low|low>>32)&(1<<32-1) | (high|high>>32)<<32
}

// word is a literal in lower case, with its first 8 bytes and which of them count.
type word struct {
	text       string
	head, mask uint64
	before     *Bytes // nil for every byte
	behind     *Bytes
	grams      [2]int16 // the offsets of the grams for occurrences that begin at even and at odd positions
}

// mayBe reports whether what is before and behind data[from:to] allows an occurrence there.
func (w *word) mayBe(data []byte, from, to int) bool {
	return (w.before == nil || from == 0 || w.before.has(data[from-1])) && (w.behind == nil || to == len(data) || w.behind.has(data[to]))
}

// MaxLen is the length in bytes of the longest literal that can be searched for.
const MaxLen = 200

// New returns a Matcher for words. A word is reported by its index. A word shorter than MinLen or longer than MaxLen
// is an error.
func New(words []Word) (*Matcher, error) {
	m, _, err := new(Matcher).With(words)
	return m, err
}

// With returns a Matcher for the words of m and these, and the index of each of these. One whose text a word of m has is that word, which then may
// be where either may. The words of m keep their indices, and the grams that stand for them.
func (m *Matcher) With(words []Word) (*Matcher, []int, error) {
	all := &Matcher{words: slices.Clone(m.words)}
	known := make(map[string]int, len(m.words))
	for i, w := range m.words {
		known[w.text] = i
	}
	index := make([]int, len(words))
	for i, from := range words {
		if len(from.Text) < MinLen || len(from.Text) > MaxLen {
			return nil, nil, fmt.Errorf("%q has %d bytes: %d to %d can be searched for", from.Text, len(from.Text), MinLen, MaxLen)
		}
		w := newWord(from)
		if k, ok := known[w.text]; ok {
			all.words[k].before, all.words[k].behind = all.words[k].before.or(w.before), all.words[k].behind.or(w.behind)
			index[i] = k
			continue
		}
		w.chooseGrams()
		index[i] = len(all.words)
		all.words = append(all.words, w)
	}
	if len(all.words) > maxWords {
		return nil, nil, fmt.Errorf("%d words are too many: %d can be searched for", len(all.words), maxWords)
	}
	all.index()
	return all, index, nil
}

// Only returns a Matcher for some of the words of m, in the order of their indices in keep.
func (m *Matcher) Only(keep []int) *Matcher {
	some := &Matcher{words: make([]word, len(keep))}
	for i, k := range keep {
		some.words[i] = m.words[k]
	}
	some.index()
	return some
}

// gram is one that stands for a word.
type gram struct {
	product uint32
	word    uint16
	offset  int16
}

// index makes the tables by which the words' grams are found.
func (m *Matcher) index() {
	all := make([]gram, 0, 10*len(m.words))
	for i := range m.words {
		all = m.words[i].appendGrams(all, i)
		m.lastGram = max(m.lastGram, len(m.words[i].text)-MinLen) // or more: a gram has at least three bytes inside its word
	}
	for _, g := range all {
		h := g.product >> tagBits
		m.bits[h>>6] |= 1 << (h & 63)
	}
	n := uint32(0)
	for i, set := range m.bits {
		m.ranks[i] = n
		n += uint32(bits.OnesCount64(set))
	}
	counts := make([]uint32, n) // how many there are for each hash
	for _, g := range all {
		counts[m.rank(g.product>>tagBits)]++
	}
	m.grams = make([]entry, n)
	total := uint32(0)
	for rank, count := range counts {
		if count > 1 {
			m.grams[rank] = listed | entry(count)<<32 | entry(total)
			total += count
		}
	}
	m.lists = make([]entry, total)
	for _, g := range all {
		e := newEntry(int(g.word), m.words[g.word].text, int(g.offset), g.product)
		rank := m.rank(g.product >> tagBits)
		if m.grams[rank]&listed == 0 {
			m.grams[rank] = e
			continue
		}
		counts[rank]--
		m.lists[uint32(m.grams[rank])+counts[rank]] = e
	}
}

// rank returns how many of the hashes of grams that stand for a word are less than h.
func (m *Matcher) rank(h uint32) uint32 {
	return m.ranks[h>>6] + uint32(bits.OnesCount64(m.bits[h>>6]&(1<<(h&63)-1)))
}

func newWord(from Word) word {
	w := word{text: lower(from.Text), before: from.Before.unlessAll(), behind: from.Behind.unlessAll()}
	for k := 0; k < len(w.text) && k < 8; k++ {
		w.head |= uint64(w.text[k]|0x20) << (8 * k)
		w.mask |= 0xff << (8 * k)
	}
	return w
}

// Words returns the number of words.
func (m *Matcher) Words() int { return len(m.words) }

// Word returns word i in lower case.
func (m *Matcher) Word(i int) string { return m.words[i].text }

// Scan calls emit for every occurrence of every word in data that is where it may be, with the word's index and the occurrence's first
// byte, in the order of the grams that stand for them: nearly ascending, with inversions of at most the longest word.
func (m *Matcher) Scan(data []byte, emit func(word, start int)) {
	m.ScanRange(data, 0, len(data), emit)
}

// ScanRange is Scan for the occurrences that begin in data[from:to]. They may end beyond it. The text elsewhere is not
// read, but for the length of a word and a byte on both sides.
func (m *Matcher) ScanRange(data []byte, from, to int, emit func(word, start int)) {
	if from >= to {
		return
	}
	i := max(from-1, 0) &^ 1
	end := min(to+m.lastGram, len(data)) // no gram that begins here or later stands for an occurrence before to
	set := &m.bits
	for wide := min(end, len(data)-9); i < wide; i += 8 {
		d := data[i : i+10 : i+10]
		w := binary.LittleEndian.Uint64(d) & fold
		p0 := uint32(w) * multiplier
		p1 := uint32(w>>16) * multiplier
		p2 := uint32(w>>32) * multiplier
		p3 := (binary.LittleEndian.Uint32(d[6:]) & (fold & 0xffffffff)) * multiplier
		h0, h1, h2, h3 := p0>>tagBits, p1>>tagBits, p2>>tagBits, p3>>tagBits
		if set[h0>>6]&(1<<(h0&63)) != 0 {
			m.compare(data, i, p0, from, to, emit)
		}
		if set[h1>>6]&(1<<(h1&63)) != 0 {
			m.compare(data, i+2, p1, from, to, emit)
		}
		if set[h2>>6]&(1<<(h2&63)) != 0 {
			m.compare(data, i+4, p2, from, to, emit)
		}
		if set[h3>>6]&(1<<(h3&63)) != 0 {
			m.compare(data, i+6, p3, from, to, emit)
		}
	}
	for ; i < end; i += 2 {
		var d [4]byte
		copy(d[:], data[i:])
		p := productOf(binary.LittleEndian.Uint32(d[:]))
		if h := p >> tagBits; set[h>>6]&(1<<(h&63)) != 0 {
			m.compare(data, i, p, from, to, emit)
		}
	}
}

// compare reports the words that the gram at data[pos:] stands for and that occur there, beginning in data[from:to].
func (m *Matcher) compare(data []byte, pos int, product uint32, from, to int, emit func(word, start int)) {
	var before, behind byte
	if pos > 0 {
		before = data[pos-1]
	}
	if pos+4 < len(data) {
		behind = data[pos+4]
	}
	k := keyOf(product, before, behind)
	e := m.grams[m.rank(product>>tagBits)]
	if e&listed == 0 {
		if !e.refuses(k) {
			m.verify(data, pos, e, from, to, emit)
		}
		return
	}
	for _, e := range m.lists[uint32(e):][:e&^listed>>32] {
		if !e.refuses(k) {
			m.verify(data, pos, e, from, to, emit)
		}
	}
}

// verify reports the word of e if it occurs with its gram at data[pos:], beginning in data[from:to].
func (m *Matcher) verify(data []byte, pos int, e entry, from, to int, emit func(word, start int)) {
	start := pos - e.offset()
	if start < from || start >= to {
		return
	}
	var head uint64
	if start+8 <= len(data) {
		head = binary.LittleEndian.Uint64(data[start:])
	} else {
		var d [8]byte
		copy(d[:], data[start:])
		head = binary.LittleEndian.Uint64(d[:])
	}
	w := &m.words[e.word()]
	if (head|0x2020202020202020)&w.mask == w.head && equalFold(data[start:], w.text) && w.mayBe(data, start, start+len(w.text)) {
		emit(e.word(), start)
	}
}

// equalFold reports whether data begins with word, which is in lower case, ignoring ASCII case.
func equalFold(data []byte, word string) bool {
	if len(data) < len(word) {
		return false
	}
	for i := range len(word) {
		if lowerByte(data[i]) != word[i] {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}

func lower(s string) string {
	for i := range len(s) {
		if lowerByte(s[i]) != s[i] {
			b := []byte(s)
			for i, c := range b {
				b[i] = lowerByte(c)
			}
			return string(b)
		}
	}
	return s
}

// productOf returns what stands for a gram, in any case of its letters: its hash are the highest bits of it.
func productOf(gram uint32) uint32 { return gram & (fold & 0xffffffff) * multiplier }

// chooseGrams sets the offsets of the grams that stand for the word where it begins at an even and at an odd position: for each the one
// with at least three bytes inside the word that is rarest in source code.
func (w *word) chooseGrams() {
	least := [2]float64{math.Inf(1), math.Inf(1)}
	for o := -1; o+3 <= len(w.text); o++ {
		if f := w.frequency(o); f < least[o&1] {
			least[o&1], w.grams[o&1] = f, int16(o)
		}
	}
}

// appendGrams appends word n's two grams, for every value that a byte outside of the word may have.
func (w *word) appendGrams(all []gram, n int) []gram {
	for _, o := range w.grams {
		bytes, wild, values := w.gramAt(int(o))
		for ; values != 0; values &= values - 1 {
			all = append(all, gram{filled(bytes, wild, values), uint16(n), o})
		}
	}
	return all
}

// gramAt returns the bytes of the word's gram at offset o, the place of the one that is outside of the word, 0 in bytes, and the set of its values,
// folded; if there is none, one value that changes nothing.
func (w *word) gramAt(o int) (bytes uint32, wild int, values uint64) {
	for k := max(-o, 0); k < min(len(w.text)-o, 4); k++ {
		bytes |= uint32(w.text[o+k]) << (8 * k)
	}
	switch {
	case o >= 0 && o+4 <= len(w.text):
		return bytes, 0, 1
	case o < 0 && w.before != nil:
		return bytes, 0, w.before.folded()
	case o < 0:
		return bytes, 0, ^uint64(0)
	case w.behind != nil:
		return bytes, 3, w.behind.folded() | 1 // which the scan takes for what is beyond the text
	}
	return bytes, 3, ^uint64(0)
}

// filled returns the product of a gram with the least of values at the place that is wild.
func filled(bytes uint32, wild int, values uint64) uint32 {
	return productOf(bytes | unfolded(byte(bits.TrailingZeros64(values)))<<(8*wild))
}
