package index

import (
	"encoding/binary"
	"errors"
)

// Git stores the bitmaps of a split index in the EWAH format of Documentation/technical/bitmap-format.txt: the number of
// bits and of 64-bit words, the words, and the position of the last marker word. A marker word says how many words of
// equal bits follow (not stored) and how many literal words follow (stored); then comes the next marker. Bytes are in
// network order; the first bit of a word is its lowest.
const (
	ewahHeader  = 4 + 4
	ewahTrailer = 4

	ewahRunBits     = 32
	ewahLiteralBits = 31
)

var (
	errBitmapShort = errors.New("the bitmap is cut short")
	errBitmapRange = errors.New("the bitmap has bits beyond its end")
)

// ewahBits calls set for each set bit, in ascending order, and returns what follows the bitmap. A bit at or beyond limit
// is an error, and so the work is bounded by limit and the length of data.
func ewahBits(data []byte, limit int, set func(bit int)) ([]byte, error) {
	if len(data) < ewahHeader+ewahTrailer {
		return nil, errBitmapShort
	}
	words := int(binary.BigEndian.Uint32(data[4:]))
	data = data[ewahHeader:]
	if words > (len(data)-ewahTrailer)/8 {
		return nil, errBitmapShort
	}
	rest := data[words*8+ewahTrailer:]
	data = data[:words*8]

	bit := 0
	for len(data) > 0 {
		marker := binary.BigEndian.Uint64(data)
		data = data[8:]
		run := int(marker >> 1 & (1<<ewahRunBits - 1) * 64)
		literals := int(marker >> (1 + ewahRunBits) & (1<<ewahLiteralBits - 1))
		if marker&1 != 0 {
			if run > limit-bit {
				return nil, errBitmapRange
			}
			for i := range run {
				set(bit + i)
			}
		}
		// Beyond limit it does not matter how far; a sum could overflow.
		bit = min(bit+run, limit+64)
		if literals > len(data)/8 {
			return nil, errBitmapShort
		}
		for range literals {
			word := binary.BigEndian.Uint64(data)
			data = data[8:]
			for i := 0; word != 0; i, word = i+1, word>>1 {
				if word&1 == 0 {
					continue
				}
				if bit+i >= limit {
					return nil, errBitmapRange
				}
				set(bit + i)
			}
			bit += 64
		}
	}
	return rest, nil
}
