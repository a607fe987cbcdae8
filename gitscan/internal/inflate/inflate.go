// Package inflate decompresses data in the deflate format (RFC 1951) when all of it is in memory and its size is known.
//
// That is how packs store objects: very many short streams. A [Decoder] keeps its tables from one to the next and needs neither
// a window nor a reader, which makes it some three times as fast as compress/flate there. It never writes beyond the buffer it is given and
// takes time in proportion to its input and output.
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

// block decompresses a block to its end.
func (b *bits) block(dst []byte, out int, lit, dist *table) (int, error) {
	src, pos, buf, n := b.src, b.pos, b.buf, b.n // in registers
	mask := uint64(1)<<lit.primary - 1
	for {
		if pos+8 <= len(src) {
			buf |= binary.LittleEndian.Uint64(src[pos:]) << (n & 63)
			pos += int(63-n) >> 3
			n |= 56
		} else {
			*b = bits{src, pos, buf, n}
			b.fill()
			pos, buf, n = b.pos, b.buf, b.n
		}
		e := lit.entries[buf&mask]
		if e&isLink != 0 {
			e = lit.follow(e, buf)
		}
		buf >>= e & codeLength
		n -= uint(e & codeLength)
		if e&isLiteral != 0 {
			// Two more literals are short enough for the bits that are left.
			for range 2 {
				if out >= len(dst) {
					return out, ErrSize
				}
				dst[out] = byte(e >> payload)
				out++
				if e = lit.entries[buf&mask]; e&isLiteral == 0 {
					break
				}
				buf >>= e & codeLength
				n -= uint(e & codeLength)
			}
			if e&isLiteral != 0 {
				if out >= len(dst) {
					return out, ErrSize
				}
				dst[out] = byte(e >> payload)
				out++
			}
			continue
		}
		size := int(e >> payload)
		if size == 0 { // the end of the block, or no code
			if e == 0 || pos-int(n/8) > len(src) {
				return out, ErrCorrupt
			}
			*b = bits{src, pos, buf, n}
			return out, nil
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
		if e == 0 || far > out || pos-int(n/8) > len(src) {
			return out, ErrCorrupt
		}
		if size > len(dst)-out {
			return out, ErrSize
		}
		if far >= size {
			copy(dst[out:out+size], dst[out-far:])
		} else {
			repeat(dst[out-far:out+size], far)
		}
		out += size
	}
}

// repeat fills text from position far on with what stands far before it.
func repeat(text []byte, far int) {
	for n := far; n < len(text); n *= 2 {
		copy(text[n:], text[:n])
	}
}
