package prefilter

//go:generate sh -c "go run ./internal/gen $(go env GOROOT)/src"

// rarity estimates how rare s, a part of a literal, is in text, as information in bits: that of its pairs of bytes less
// that of the bytes that two pairs share.
func rarity(s string) float64 {
	bits := 0.0
	for i := range len(s) - 1 {
		bits += info(pairBits[foldedByte(s[i])*64+foldedByte(s[i+1])])
		if i > 0 {
			bits -= info(byteBits[foldedByte(s[i])])
		}
	}
	return bits
}

// foldedByte returns the 6 bits that the hash keeps of a byte.
func foldedByte(c byte) int { return int(c&0x40)>>1 | int(c&0x1f) }

func info(c byte) float64 { return float64(c-'0') / 2 }
