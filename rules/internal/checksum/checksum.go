// Package checksum has the check digits and encodings that issuers build into their tokens and the standard library
// does not offer.
package checksum

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"strings"
)

// Alphabets of the number systems that tokens are written in, lowest digit first.
const (
	Base36 = "0123456789abcdefghijklmnopqrstuvwxyz"
	Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz" // Bitcoin's
	Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	// Base62Lower has the small letters first.
	Base62Lower = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Digits writes n in the number system of an alphabet, padded on the left to width digits.
func Digits(n uint64, alphabet string, width int) string {
	base := uint64(len(alphabet))
	var buf [64]byte
	i := len(buf)
	for ; n > 0; n /= base {
		i--
		buf[i] = alphabet[n%base]
	}
	for len(buf)-i < width && i > 0 {
		i--
		buf[i] = alphabet[0]
	}
	return string(buf[i:])
}

// DecodeBase58 returns the bytes that s stands for, leading zeros left out, and whether it is base58.
func DecodeBase58(s []byte) ([]byte, bool) {
	n, digit, base := new(big.Int), new(big.Int), big.NewInt(int64(len(Base58)))
	for _, c := range s {
		v := strings.IndexByte(Base58, c)
		if v < 0 {
			return nil, false
		}
		n.Mul(n, base).Add(n, digit.SetInt64(int64(v)))
	}
	return n.Bytes(), true
}

// EncodeBase58 writes b, read as one number, in base58.
func EncodeBase58(b []byte) string {
	n, digit, base := new(big.Int).SetBytes(b), new(big.Int), big.NewInt(int64(len(Base58)))
	var reversed []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, digit)
		reversed = append(reversed, Base58[digit.Int64()])
	}
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return string(reversed)
}

// CRC16 is the CRC-16/XMODEM of b: polynomial 0x1021, initial value 0, not reflected.
func CRC16(b []byte) uint16 {
	var crc uint16
	for _, c := range b {
		crc ^= uint16(c) << 8
		for range 8 {
			carry := crc&0x8000 != 0
			crc <<= 1
			if carry {
				crc ^= 0x1021
			}
		}
	}
	return crc
}

// CRC24 is the checksum of OpenPGP's ASCII armour (RFC 9580, section 6.1.1).
func CRC24(b []byte) uint32 {
	crc := uint32(0xb704ce)
	for _, c := range b {
		crc ^= uint32(c) << 16
		for range 8 {
			crc <<= 1
			if crc&0x1000000 != 0 {
				crc ^= 0x1864cfb
			}
		}
	}
	return crc & 0xffffff
}

// Marvin32 is the 32-bit Marvin hash of b under a seed, its two halves combined by exclusive or. Microsoft's security
// utilities end Azure's keys with it.
func Marvin32(b []byte, seed uint64) uint32 {
	p0, p1 := uint32(seed), uint32(seed>>32)
	for len(b) >= 4 {
		p0, p1 = marvinBlock(p0+binary.LittleEndian.Uint32(b), p1)
		b = b[4:]
	}
	var tail [4]byte
	copy(tail[:], b)
	tail[len(b)] = 0x80
	p0, p1 = marvinBlock(p0+binary.LittleEndian.Uint32(tail[:]), p1)
	p0, p1 = marvinBlock(p0, p1)
	return p0 ^ p1
}

func marvinBlock(p0, p1 uint32) (uint32, uint32) {
	p1 ^= p0
	p0 = bits.RotateLeft32(p0, 20) + p1
	p1 = bits.RotateLeft32(p1, 9) ^ p0
	p0 = bits.RotateLeft32(p0, 27) + p1
	p1 = bits.RotateLeft32(p1, 19)
	return p0, p1
}
