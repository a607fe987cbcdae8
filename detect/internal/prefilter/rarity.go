package prefilter

import (
	"math"
	"sync"
)

//go:generate sh -c "go run ./internal/gen $(go env GOROOT)/src"

// frequency estimates how often the word's gram at an offset comes up in text, or another one that has the same hash: what is known of the common
// grams, and besides what can be expected of its pairs of bytes.
func (w *word) frequency(offset int) float64 {
	sum := math.Exp2(-information(w.text[max(offset, 0):min(offset+4, len(w.text))]))
	busy := traffic()
	bytes, wild, values := w.gramAt(offset)
	for ; values != 0; values &= values - 1 {
		sum += busy[filled(bytes, wild, values)>>tagBits]
	}
	return sum
}

// information estimates how rare a text is, in bits: that of its pairs of bytes less that of the bytes that two pairs share.
func information(s string) float64 {
	bits := 0.0
	for i := range len(s) - 1 {
		bits += info(pairBits[foldedByte(s[i])*64+foldedByte(s[i+1])])
		if i > 0 {
			bits -= info(byteBits[foldedByte(s[i])])
		}
	}
	return bits
}

// traffic returns how often the common grams come up in text, by their hashes.
var traffic = sync.OnceValue(func() map[uint32]float64 {
	busy := make(map[uint32]float64, len(commonGrams)/5)
	for table := commonGrams; table != ""; table = table[5:] {
		var gram uint32
		for k := range 4 {
			gram |= unfolded(table[k]-'0') << (8 * k)
		}
		busy[productOf(gram)>>tagBits] += math.Exp2(-info(table[4]))
	}
	return busy
})

// foldedByte returns the 6 bits that the product keeps of a byte.
func foldedByte(c byte) int { return int(c&0x40)>>1 | int(c&0x1f) }

// unfolded returns a byte of which the product keeps some bits.
func unfolded(bits byte) uint32 { return uint32(bits&0x20)<<1 | uint32(bits&0x1f) }

func info(c byte) float64 { return float64(c-'0') / 2 }
