package checksum

import "strings"

// bech32Digits is the alphabet of BIP 173.
const bech32Digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32Check is the number of check characters at the end of a bech32 string.
const bech32Check = 6

// ValidBech32 reports whether s, which is all upper or all lower case, is bech32 with a checksum that holds (BIP 173).
func ValidBech32(s []byte) bool {
	text := strings.ToLower(string(s))
	if text != string(s) && strings.ToUpper(text) != string(s) {
		return false
	}
	sep := strings.LastIndexByte(text, '1')
	if sep < 1 || len(text)-sep-1 < bech32Check {
		return false
	}
	values := expandPrefix(text[:sep])
	for _, c := range []byte(text[sep+1:]) {
		v := strings.IndexByte(bech32Digits, c)
		if v < 0 {
			return false
		}
		values = append(values, byte(v))
	}
	return polymod(values) == 1
}

// EncodeBech32 returns b in bech32 under a human-readable prefix, in lower case.
func EncodeBech32(prefix string, b []byte) string {
	var digits []byte
	var acc, n uint
	for _, c := range b {
		acc, n = acc<<8|uint(c), n+8
		for n >= 5 {
			n -= 5
			digits = append(digits, byte(acc>>n&31))
		}
	}
	if n > 0 {
		digits = append(digits, byte(acc<<(5-n)&31))
	}
	values := append(expandPrefix(prefix), digits...)
	sum := polymod(append(values, make([]byte, bech32Check)...)) ^ 1
	out := []byte(prefix + "1")
	for _, d := range digits {
		out = append(out, bech32Digits[d])
	}
	for i := range bech32Check {
		out = append(out, bech32Digits[sum>>(5*(bech32Check-1-i))&31])
	}
	return string(out)
}

func expandPrefix(prefix string) []byte {
	var values []byte
	for _, c := range []byte(prefix) {
		values = append(values, c>>5)
	}
	values = append(values, 0)
	for _, c := range []byte(prefix) {
		values = append(values, c&31)
	}
	return values
}

func polymod(values []byte) uint32 {
	generator := [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range generator {
			if top>>i&1 != 0 {
				sum ^= g
			}
		}
	}
	return sum
}
