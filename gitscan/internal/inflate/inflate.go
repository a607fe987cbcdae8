// Package inflate decompresses data in the deflate format (RFC 1951) when all of it is in memory and its size is known.
//
// That is how packs store objects: very many short streams. A [Decoder] keeps its tables from one to the next and needs neither
// a window nor a reader, which makes it some three times as fast as compress/flate there. It never writes beyond the capacity of the buffer
// it is given and takes time in proportion to its input and output.
package inflate

import (
	"encoding/binary"
	"errors"
)

// The errors of [Decoder.Inflate].
var (
	ErrCorrupt = errors.New("malformed deflate stream")
	ErrSize    = errors.New("a deflate stream's size is not the one expected")
)

const (
	// Codes of up to so many bits are found with one look at the table; the rest of longer ones with a second.
	literalBits  = 10
	distanceBits = 7
	maxCode      = 15

	literals  = 288
	distances = 32
	lengths   = 19 // codes that the lengths of codes are written in

	endOfBlock = 256
)

// A Decoder decompresses streams, one at a time. The zero value is ready.
type Decoder struct {
	literal, distance table
	fixed             *[2]table
	codes             [literals + distances]uint8
}

// bits is a stream's input. Behind its end there are zeros; overrun counts those that were taken.
type bits struct {
	src []byte
	pos int
	buf uint64
	n   uint // bits in buf
}

// fill makes sure that there are at least 56 bits.
func (b *bits) fill() {
	if b.pos+8 <= len(b.src) {
		b.buf |= binary.LittleEndian.Uint64(b.src[b.pos:]) << (b.n & 63)
		b.pos += int(63-b.n) >> 3
		b.n |= 56
		return
	}
	for b.n < 56 {
		if b.pos < len(b.src) {
			b.buf |= uint64(b.src[b.pos]) << b.n
		}
		b.pos++
		b.n += 8
	}
}

func (b *bits) take(n uint) uint32 {
	v := uint32(b.buf & (1<<n - 1))
	b.buf >>= n
	b.n -= n
	return v
}

// used returns how many bytes of the input were taken, more than there are if it was cut short.
func (b *bits) used() int { return b.pos - int(b.n/8) }

// Inflate decompresses src into dst, which has exactly the size of what comes out, and returns how many bytes of src the stream has.
// What is behind the ends of both, as far as their capacities go, is of no matter: it may be read, and that of dst overwritten.
func (d *Decoder) Inflate(dst, src []byte) (used int, err error) {
	in := bits{src: src}
	out := 0
	for final := false; !final; {
		in.fill()
		final = in.take(1) == 1
		switch in.take(2) {
		case 0:
			out, err = in.stored(dst, out)
		case 1:
			if d.fixed == nil {
				d.fixed = fixedTables()
			}
			out, err = in.block(dst, out, &d.fixed[0], &d.fixed[1])
		case 2:
			if err = d.readTables(&in); err == nil {
				out, err = in.block(dst, out, &d.literal, &d.distance)
			}
		default:
			err = ErrCorrupt
		}
		if err != nil {
			return 0, err
		}
		if in.used() > len(src) {
			return 0, ErrCorrupt
		}
	}
	if out != len(dst) {
		return 0, ErrSize
	}
	return in.used(), nil
}

// stored copies a block that is not compressed.
func (b *bits) stored(dst []byte, out int) (int, error) {
	pos := b.used()
	if pos+4 > len(b.src) {
		return out, ErrCorrupt
	}
	n := int(binary.LittleEndian.Uint16(b.src[pos:]))
	if n != int(^binary.LittleEndian.Uint16(b.src[pos+2:])) || pos+4+n > len(b.src) {
		return out, ErrCorrupt
	}
	if n > len(dst)-out {
		return out, ErrSize
	}
	copy(dst[out:], b.src[pos+4:pos+4+n])
	b.pos, b.buf, b.n = pos+4+n, 0, 0
	return out + n, nil
}

// Slack is how much larger the capacities of the buffers should be than their lengths, so that all of a stream is decompressed
// the fast way.
const Slack = max(roundIn, roundOut)

// A round of fast reads at most so many bytes, and writes at most so many: literals, and a match in steps of 8.
const (
	roundIn  = 16
	roundOut = maxLiterals + 258 + 8

	maxLiterals = 3 // in one round, of literalBits each: with a refill there are enough bits for them, and then for a match
)

// block decompresses a block to its end.
func (b *bits) block(dst []byte, out int, lit, dist *table) (int, error) {
	out, done, err := b.fast(dst, out, lit, dist)
	for !done && err == nil {
		out, done, err = b.step(dst, out, lit, dist)
	}
	if err == nil && b.used() > len(b.src) {
		err = ErrCorrupt
	}
	return out, err
}

// fast decompresses while there is so much room that only matches need to be checked. done says that the block has ended.
func (b *bits) fast(dst []byte, out int, lit, dist *table) (at int, done bool, err error) {
	src, pos, buf, n := b.src[:cap(b.src)], b.pos, b.buf, b.n // in registers
	limit := len(dst)
	dst = dst[:cap(dst)]
	mask := uint64(1)<<lit.primary - 1
	for pos+roundIn <= len(src) && out+roundOut <= len(dst) && out <= limit {
		buf |= binary.LittleEndian.Uint64(src[pos:]) << (n & 63)
		pos += int(63-n) >> 3
		n |= 56
		e := lit.entries[buf&mask]
		if e&isLiteral != 0 {
			last := out + maxLiterals
			for {
				buf >>= e & codeLength
				n -= uint(e & codeLength)
				dst[out] = byte(e >> payload)
				out++
				e = lit.entries[buf&mask]
				if e&isLiteral == 0 || out == last {
					break
				}
			}
			if e&isLiteral != 0 {
				continue
			}
			buf |= binary.LittleEndian.Uint64(src[pos:]) << (n & 63)
			pos += int(63-n) >> 3
			n |= 56
		}
		if e&isLink != 0 {
			e = lit.follow(e, buf)
		}
		buf >>= e & codeLength
		n -= uint(e & codeLength)
		if e&isLiteral != 0 {
			dst[out] = byte(e >> payload)
			out++
			continue
		}
		size := int(e >> payload)
		if size == 0 { // the end of the block, or no code
			b.pos, b.buf, b.n = pos, buf, n
			if e == 0 {
				return out, false, ErrCorrupt
			}
			return out, true, nil
		}
		extra := uint(e >> extraBits & 15)
		size += int(buf & (1<<extra - 1))
		buf >>= extra
		n -= extra

		e = dist.find(buf)
		buf >>= e & codeLength
		extra = uint(e >> extraBits & 15)
		far := int(e>>payload) + int(buf&(1<<extra-1))
		buf >>= extra
		n -= uint(e&codeLength) + extra
		if e == 0 || far > out {
			return out, false, ErrCorrupt
		}
		from, end := out-far, out+size
		switch {
		case far < 8:
			repeat(dst[from:end], far)
			out = end
		case size > 40 && far >= size:
			copy(dst[out:end], dst[from:])
			out = end
		default:
			for ; out < end; out += 8 {
				binary.LittleEndian.PutUint64(dst[out:], binary.LittleEndian.Uint64(dst[from:]))
				from += 8
			}
			out = end
		}
	}
	b.pos, b.buf, b.n = pos, buf, n
	return out, false, nil
}

// step decompresses one literal or match, or finds the end of the block.
func (b *bits) step(dst []byte, out int, lit, dist *table) (at int, done bool, err error) {
	b.fill()
	e := lit.find(b.buf)
	b.take(uint(e & codeLength))
	size := int(e >> payload)
	switch {
	case e == 0:
		return out, false, ErrCorrupt
	case e&isLiteral == 0 && size == 0:
		return out, true, nil
	case out >= len(dst):
		return out, false, ErrSize
	case e&isLiteral != 0:
		dst[out] = byte(e >> payload)
		return out + 1, false, nil
	}
	size += int(b.take(uint(e >> extraBits & 15)))
	e = dist.find(b.buf)
	b.take(uint(e & codeLength))
	far := int(e>>payload) + int(b.take(uint(e>>extraBits&15)))
	switch {
	case e == 0 || far > out || b.used() > len(b.src):
		return out, false, ErrCorrupt
	case size > len(dst)-out:
		return out, false, ErrSize
	}
	repeat(dst[out-far:out+size], far)
	return out + size, false, nil
}

// repeat fills text from position far on with what stands far before it.
func repeat(text []byte, far int) {
	for n := far; n < len(text); n *= 2 {
		copy(text[n:], text[:n])
	}
}
