// Package prefilter finds every occurrence of hundreds of short literals in one pass, ignoring ASCII case, at the speed
// of reading memory.
//
// Each literal is stood for by one of its 4-grams, the one that is rarest in source code. The scan looks at the 4-grams
// that begin at even positions: so each literal has one gram for occurrences that begin at an even position and one for
// those that begin at an odd one. A bitmap over hashed grams rejects nearly all of them; what is left is compared with
// the literals of the gram's bucket. An occurrence is reported exactly once, because the parity of its beginning decides
// which of its grams stands for it.
package prefilter

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// MinLen is the length in bytes of the shortest literal that can be searched for.
const MinLen = 3

// The bitmap has 1<<hashBits bits, the bucket index 1<<bucketBits entries.
const (
	hashBits   = 21
	bucketBits = 15
	tagMask    = 1<<(hashBits-bucketBits) - 1
	fold       = 0x5f5f5f5f5f5f5f5f // clears the case of a letter; merges some other characters, which the comparison tells apart
	multiplier = 0x9E3779B1
)

// A Matcher searches for a fixed set of literals. It is immutable and safe for concurrent use.
type Matcher struct {
	bits    [1 << hashBits / 8]byte
	buckets [1<<bucketBits + 1]uint32 // entries[buckets[h]:buckets[h+1]] are those of bucket h
	entries []entry
	words   []word

	lastGram int // the largest offset of a gram from its word's first byte
}

// entry is a word with the gram that stands for it at one parity: 8 bits of the gram's hash that its bucket does not tell, 8 bits for the gram's
// offset from the word's first byte plus 1 (a gram may begin one byte before the word), the word's index in 16 bits, and then what
// the bytes before and behind the gram have to be, folded: 16 bits that say which bits count, and 16 for their values.
type entry uint64

func newEntry(word, offset int, hash uint32) entry {
	return entry(word<<16 | (offset+1)<<8 | int(hash)&tagMask)
}

func (e entry) word() int   { return int(e >> 16 & 0xffff) }
func (e entry) offset() int { return int(e>>8&0xff) - 1 }
func (e entry) tag() uint32 { return uint32(e) & tagMask }

// refuses reports whether the word cannot be where the gram has the bytes around that near returns.
func (e entry) refuses(around uint16) bool { return (around^uint16(e>>48))&uint16(e>>32) != 0 }

// around returns the bytes before and behind a gram, folded.
func around(before, behind byte) uint16 { return uint16(before&byteFold) | uint16(behind&byteFold)<<8 }

const byteFold = fold & 0xff

// surroundings returns the part of an entry that says what the word has before and behind the gram.
func surroundings(word string, offset int) entry {
	var want, mask uint16
	if offset > 0 {
		want, mask = uint16(word[offset-1]&byteFold), byteFold
	}
	if end := offset + 4; end < len(word) {
		want, mask = want|uint16(word[end]&byteFold)<<8, mask|byteFold<<8
	}
	return entry(mask)<<32 | entry(want)<<48
}

// maxWords is the number of words that an entry can tell apart.
const maxWords = 1 << 16

// word is a literal in lower case, with its first 8 bytes and which of them count.
type word struct {
	text       string
	head, mask uint64
}

// MaxLen is the length in bytes of the longest literal that can be searched for.
const MaxLen = 200

// New returns a Matcher for words. A word is reported by its index. A word shorter than MinLen or longer than MaxLen
// is an error.
func New(words []string) (*Matcher, error) {
	if len(words) > maxWords {
		return nil, fmt.Errorf("%d words are too many: %d can be searched for", len(words), maxWords)
	}
	m := &Matcher{words: make([]word, len(words))}
	type slot struct {
		hash uint32
		e    entry
	}
	var slots []slot
	for i, w := range words {
		if len(w) < MinLen || len(w) > MaxLen {
			return nil, fmt.Errorf("%q has %d bytes: %d to %d can be searched for", w, len(w), MinLen, MaxLen)
		}
		m.words[i] = newWord(w)
		for parity := range 2 {
			o := rarestGram(m.words[i].text, parity)
			for _, h := range gramHashes(m.words[i].text, o) {
				slots = append(slots, slot{h, newEntry(i, o, h) | surroundings(m.words[i].text, o)})
			}
		}
	}
	for _, s := range slots {
		m.set(s.hash)
		m.buckets[s.hash>>(hashBits-bucketBits)+1]++
	}
	for i := range 1 << bucketBits {
		m.buckets[i+1] += m.buckets[i]
	}
	next := m.buckets
	m.entries = make([]entry, len(slots))
	for _, s := range slots {
		b := s.hash >> (hashBits - bucketBits)
		m.entries[next[b]] = s.e
		next[b]++
	}
	m.dedupe()
	m.measure()
	return m, nil
}

// set notes that a gram of this hash stands for a word.
func (m *Matcher) set(hash uint32) { m.bits[hash>>3] |= 1 << (hash & 7) }

func newWord(s string) word {
	w := word{text: lower(s)}
	for k := 0; k < len(s) && k < 8; k++ {
		w.head |= uint64(w.text[k]|0x20) << (8 * k)
		w.mask |= 0xff << (8 * k)
	}
	return w
}

// dedupe drops entries that a bucket holds more than once, because several fillings of a gram share the bucket.
func (m *Matcher) dedupe() {
	kept := m.entries[:0]
	for b := range 1 << bucketBits {
		from, to := m.buckets[b], m.buckets[b+1]
		begin := len(kept)
		m.buckets[b] = uint32(begin)
		for _, e := range m.entries[from:to] {
			if !slices.Contains(kept[begin:], e) {
				kept = append(kept, e)
			}
		}
	}
	m.buckets[1<<bucketBits] = uint32(len(kept))
	m.entries = slices.Clone(kept)
}

// measure sets lastGram, or more: a gram has at least three bytes inside its word.
func (m *Matcher) measure() {
	for i := range m.words {
		m.lastGram = max(m.lastGram, len(m.words[i].text)-MinLen)
	}
}

// Words returns the number of words.
func (m *Matcher) Words() int { return len(m.words) }

// Word returns word i in lower case.
func (m *Matcher) Word(i int) string { return m.words[i].text }

// Scan calls emit for every occurrence of every word in data with the word's index and the occurrence's first byte,
// in the order of the grams that stand for them: nearly ascending, with inversions of at most the longest word.
func (m *Matcher) Scan(data []byte, emit func(word, start int)) {
	m.ScanRange(data, 0, len(data), emit)
}

// ScanRange is Scan for the occurrences that begin in data[from:to]. They may end beyond it. The text elsewhere is not
// read, but for the length of a word.
func (m *Matcher) ScanRange(data []byte, from, to int, emit func(word, start int)) {
	if from >= to {
		return
	}
	i := max(from-1, 0) &^ 1
	end := min(to+m.lastGram, len(data)) // no gram that begins here or later stands for an occurrence before to
	bits := &m.bits
	for wide := min(end, len(data)-9); i < wide; i += 8 {
		d := data[i : i+10 : i+10]
		w := binary.LittleEndian.Uint64(d) & fold
		h0 := uint32(w) * multiplier >> (32 - hashBits)
		h1 := uint32(w>>16) * multiplier >> (32 - hashBits)
		h2 := uint32(w>>32) * multiplier >> (32 - hashBits)
		h3 := (binary.LittleEndian.Uint32(d[6:]) & (fold & 0xffffffff)) * multiplier >> (32 - hashBits)
		b0 := bits[h0>>3] >> (h0 & 7)
		b1 := bits[h1>>3] >> (h1 & 7)
		b2 := bits[h2>>3] >> (h2 & 7)
		b3 := bits[h3>>3] >> (h3 & 7)
		if (b0|b1|b2|b3)&1 == 0 {
			continue
		}
		if b0&1 != 0 {
			m.compare(data, i, h0, from, to, emit)
		}
		if b1&1 != 0 {
			m.compare(data, i+2, h1, from, to, emit)
		}
		if b2&1 != 0 {
			m.compare(data, i+4, h2, from, to, emit)
		}
		if b3&1 != 0 {
			m.compare(data, i+6, h3, from, to, emit)
		}
	}
	for ; i < end; i += 2 {
		var d [4]byte
		copy(d[:], data[i:])
		h := (binary.LittleEndian.Uint32(d[:]) & (fold & 0xffffffff)) * multiplier >> (32 - hashBits)
		if bits[h>>3]>>(h&7)&1 != 0 {
			m.compare(data, i, h, from, to, emit)
		}
	}
}

// compare reports the words that the gram at data[pos:], of hash h, stands for and that occur there, beginning in
// data[from:to].
func (m *Matcher) compare(data []byte, pos int, h uint32, from, to int, emit func(word, start int)) {
	b := h >> (hashBits - bucketBits)
	entries := m.entries[m.buckets[b]:m.buckets[b+1]]
	var near uint16
	inside := pos > 0 && pos+4 < len(data)
	if inside {
		near = around(data[pos-1], data[pos+4])
	}
	for _, e := range entries {
		if e.tag() != h&tagMask || inside && e.refuses(near) {
			continue
		}
		start := pos - e.offset()
		if start < from || start >= to {
			continue
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
		if (head|0x2020202020202020)&w.mask == w.head && equalFold(data[start:], w.text) {
			emit(e.word(), start)
		}
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
	b := []byte(s)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}

func hashOf(gram uint32) uint32 { return gram & (fold & 0xffffffff) * multiplier >> (32 - hashBits) }

// rarestGram returns the offset of the gram that stands for word where it begins at a position of the given parity:
// one with at least three bytes inside the word that is rarest in source code.
func rarestGram(word string, parity int) int {
	best, least := 0, math.Inf(1)
	for o := -1; o+3 <= len(word); o++ {
		if (o+2)%2 != parity {
			continue
		}
		if f := frequency(word, o); f < least {
			best, least = o, f
		}
	}
	return best
}

// gramHashes returns the hashes of the gram at offset o of word, for every value of a byte that lies outside of it.
func gramHashes(word string, o int) []uint32 {
	var gram uint32
	wild := -1
	for k := range 4 {
		if o+k < 0 || o+k >= len(word) {
			wild = k
			continue
		}
		gram |= uint32(word[o+k]) << (8 * k)
	}
	if wild < 0 {
		return []uint32{hashOf(gram)}
	}
	hashes := make([]uint32, 0, 64)
	for v := range uint32(0x80) {
		if v&^0x5f == 0 {
			hashes = append(hashes, hashOf(gram|v<<(8*wild)))
		}
	}
	return hashes
}
