package inflate

import (
	"encoding/binary"
	mathbits "math/bits"
)

// A table finds the code that the next bits begin with. Its first 1<<primary entries are indexed by the next bits; longer codes
// lead on to another part of it. The table is no larger than the code needs, because it is made anew for each block.
//
// An entry is, from its lowest bit: the length of the code (4 bits; 0 stands for no code), the number of extra bits (4), three
// flags, and from bit 11 a value: a literal, the least length or distance of a code with extra bits, or where to go on. The entry of
// the end of a block has the value 0.
type table struct {
	entries [1 << 13]uint32 // room for a link for each two of 288 words, to 32 words each
	primary uint
	used    int

	words [literals]uint16 // symbols that have a word, as long as the table is made
}

// find returns the entry of the code that the next bits begin with.
func (t *table) find(next uint64) uint32 {
	e := t.entries[next&(1<<t.primary-1)]
	if e&isLink != 0 {
		return t.follow(e, next)
	}
	return e
}

const (
	codeLength = 15
	extraBits  = 4
	isLiteral  = 1 << 8
	isLink     = 1 << 9 // extraBits is how many bits the rest of the code has at most
	payload    = 11
)

// follow returns the entry that a link leads to.
func (t *table) follow(e uint32, next uint64) uint32 {
	rest := next >> t.primary & (1<<(e>>extraBits&15) - 1)
	return t.entries[(int(e>>payload)+int(rest))&(len(t.entries)-1)]
}

// build makes the table of a code from the lengths of its words, 0 for symbols that have none. values are the entries of the symbols
// without length. A code has to be complete, but may have a single word; what is over stands for no code.
func (t *table) build(lens []uint8, primary uint, values []uint32) error {
	var count, next [maxCode + 1]int
	longest := 0
	words := t.words[:0]
	for symbol := 0; symbol < len(lens); symbol++ {
		if symbol+8 <= len(lens) && binary.LittleEndian.Uint64(lens[symbol:]) == 0 {
			symbol += 7 // most symbols have none
		} else if n := int(lens[symbol]); n > 0 {
			count[n]++
			longest = max(longest, n)
			words = append(words, uint16(symbol))
		}
	}
	code := 0
	for n := 1; n <= maxCode; n++ {
		code = (code + count[n-1]) << 1
		next[n] = code
	}
	if left := 1<<maxCode - spent(&count); left < 0 || left > 0 && longest > 1 {
		return ErrCorrupt
	}
	t.primary = min(primary, uint(longest))
	t.used = 1 << t.primary
	if longest <= 1 || longest > int(primary) {
		clear(t.entries[:t.used]) // otherwise every entry is written
	}
	table := t.entries[:t.used]
	for _, symbol := range words {
		n := lens[symbol] & maxCode
		word := uint(mathbits.Reverse16(uint16(next[n])) >> (16 - n))
		next[n]++
		entry := values[symbol] | uint32(n)
		if entry&reserved != 0 {
			entry = 0
		}
		if uint(n) <= t.primary {
			for i := word; i < uint(len(table)); i += 1 << n {
				table[i] = entry
			}
		} else if err := t.put(word, uint(n), uint(longest), entry); err != nil {
			return err
		}
	}
	return nil
}

// spent returns which part of all words of maxCode bits the codes take.
func spent(count *[maxCode + 1]int) (sum int) {
	for n := 1; n <= maxCode; n++ {
		sum += count[n] << (maxCode - n)
	}
	return sum
}

// put enters a code word, whose first bit is the lowest, that is longer than primary.
func (t *table) put(word, n, longest uint, entry uint32) error {
	first := word & (1<<t.primary - 1)
	link := t.entries[first]
	rest := longest - t.primary
	if link&isLink == 0 {
		if t.used+1<<rest > len(t.entries) {
			return ErrCorrupt
		}
		link = isLink | uint32(rest)<<extraBits | uint32(t.used)<<payload
		t.entries[first] = link
		clear(t.entries[t.used : t.used+1<<rest])
		t.used += 1 << rest
	}
	at := uint(link >> payload)
	for i := word >> t.primary; i < 1<<rest; i += 1 << (n - t.primary) {
		t.entries[at+i] = entry
	}
	return nil
}

// Least lengths of matches and numbers of extra bits of the symbols from 257 on, and the same for distances (RFC 1951, 3.2.5).
var (
	lengthBase  = [...]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = [...]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	farBase     = [...]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	farExtra    = [...]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}

	// The order in which the lengths of the codes for lengths are written.
	lengthOrder = [lengths]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

// reserved is the value of symbols that can have a code and must not come up.
const reserved = 1 << 10

// The entries of symbols, without length.
var (
	literalValues  = values(literals, endOfBlock+1, lengthBase[:], lengthExtra[:])
	distanceValues = values(distances, 0, farBase[:], farExtra[:])
	plainValues    = values(lengths, lengths, nil, nil)
)

// values returns entries of n symbols: those from first on have a base and a number of extra bits, those before it are literals, and the last
// of these, in the code of literals, is the end of the block.
func values(n, first int, base []uint16, extra []uint8) []uint32 {
	list := make([]uint32, n)
	for symbol := range list {
		i := symbol - first
		switch {
		case symbol < first && symbol == endOfBlock:
		case symbol < first && n == lengths:
			list[symbol] = uint32(symbol) << payload
		case symbol < first:
			list[symbol] = isLiteral | uint32(symbol)<<payload
		case i < len(base):
			list[symbol] = uint32(base[i])<<payload | uint32(extra[i])<<extraBits
		default:
			list[symbol] = reserved
		}
	}
	return list
}

// fixedTables returns the tables of blocks with the fixed codes.
func fixedTables() *[2]table {
	var t [2]table
	var lens [literals]uint8
	for i := range lens {
		switch {
		case i < 144, i >= 280:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		default:
			lens[i] = 7
		}
	}
	_ = t[0].build(lens[:], literalBits, literalValues) // it is complete
	for i := range distances {
		lens[i] = 5
	}
	_ = t[1].build(lens[:distances], distanceBits, distanceValues)
	return &t
}

// readTables reads the tables that a block begins with: the lengths of the code words of lengths, then with that code those of literals
// and of distances.
func (d *Decoder) readTables(in *bits) error {
	in.fill()
	nlit, ndist, nlen := int(in.take(5))+endOfBlock+1, int(in.take(5))+1, int(in.take(4))+4
	if nlit > literals-2 || ndist > distances-2 {
		return ErrCorrupt
	}
	clear(d.codes[:lengths])
	for i := range nlen {
		if i%8 == 0 {
			in.fill()
		}
		d.codes[lengthOrder[i]] = uint8(in.take(3))
	}
	if err := d.distance.build(d.codes[:lengths], lengthBits, plainValues); err != nil {
		return err
	}
	total := nlit + ndist
	for i := 0; i < total; {
		if in.n < 2*lengthBits { // a word, and what follows it
			in.fill()
		}
		e := d.distance.find(in.buf)
		if e&codeLength == 0 {
			return ErrCorrupt
		}
		in.take(uint(e & codeLength))
		symbol, n, again := uint8(e>>payload), 1, uint8(0)
		switch {
		case symbol < 16:
			again = symbol
		case symbol == 16 && i == 0:
			return ErrCorrupt
		case symbol == 16:
			again, n = d.codes[i-1], 3+int(in.take(2))
		case symbol == 17:
			n = 3 + int(in.take(3))
		default:
			n = 11 + int(in.take(7))
		}
		if n > total-i {
			return ErrCorrupt
		}
		for ; n > 0; n-- {
			d.codes[i] = again
			i++
		}
	}
	if d.codes[endOfBlock] == 0 || in.used() > len(in.src) {
		return ErrCorrupt
	}
	if err := d.literal.build(d.codes[:nlit], literalBits, literalValues); err != nil {
		return err
	}
	return d.distance.build(d.codes[nlit:total], distanceBits, distanceValues)
}

// Lengths of code words are coded in up to so many bits.
const lengthBits = 7
