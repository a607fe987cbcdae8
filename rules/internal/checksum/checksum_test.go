package checksum

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestDigits(t *testing.T) {
	for _, tt := range []struct {
		n        uint64
		alphabet string
		width    int
		want     string
	}{
		{0, Base62, 6, "000000"},
		{0, Base62, 0, ""},
		{61, Base62, 1, "z"},
		{62, Base62, 3, "010"},
		{0xffffffff, Base62, 6, "4gfFC3"},
		{35, Base36, 2, "0z"},
	} {
		if got := Digits(tt.n, tt.alphabet, tt.width); got != tt.want {
			t.Errorf("%d: %q, want %q", tt.n, got, tt.want)
		}
	}
}

// The check values of the catalogue of parametrised CRC algorithms, and one of OpenPGP's.
func TestCRC(t *testing.T) {
	if got := CRC16([]byte("123456789")); got != 0x31c3 {
		t.Errorf("CRC16 %#x", got)
	}
	if got := CRC24([]byte("123456789")); got != 0x21cf02 {
		t.Errorf("CRC24 %#x", got)
	}
}

// The first vectors are those of SymCrypt, whose hash has 64 bits.
func TestMarvin32(t *testing.T) {
	for _, tt := range []struct {
		text string
		seed uint64
		want uint64
	}{
		{"abc", 0xd53cd9cecd0893b7, 0x22c74339492769bf},
		{"abcdefghijklmnopqrstuvwxyz", 0xddddeeeeffff000, 0xa128eb7e7260aca2},
	} {
		if got := Marvin32([]byte(tt.text), tt.seed); got != uint32(tt.want)^uint32(tt.want>>32) {
			t.Errorf("%s: %#x", tt.text, got)
		}
	}
}

// The vectors are those of BIP 173.
func TestBech32(t *testing.T) {
	for s, want := range map[string]bool{
		"A12UEL5L": true,
		"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw":                true,
		"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w": true,
		"?1ezyfcl": true,
		"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3x": false,
		"Split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w": false,
		"pzry9x0s0muk":  false,
		"1pzry9x0s0muk": false,
		"x1b4n0q5v":     false,
		"li1dgmt3":      false,
		"A1G7SGD8":      false,
		"":              false,
	} {
		if got := ValidBech32([]byte(s)); got != want {
			t.Errorf("%s: %v, want %v", s, got, want)
		}
	}
	s := EncodeBech32("age-secret-key-", make([]byte, 32))
	if !ValidBech32([]byte(s)) || !ValidBech32([]byte(strings.ToUpper(s))) {
		t.Errorf("%s is not valid", s)
	}
}

// The vectors are those of Bitcoin Core.
func TestBase58(t *testing.T) {
	for text, want := range map[string]string{
		"2g":                           "61",
		"a3gV":                         "626262",
		"2cFupjhnEsSn59qHXstmK2ffpLv2": "73696d706c792061206c6f6e6720737472696e67",
	} {
		b, ok := DecodeBase58([]byte(text))
		if !ok || hex.EncodeToString(b) != want || EncodeBase58(b) != text {
			t.Errorf("%s: %x, want %s", text, b, want)
		}
	}
	if _, ok := DecodeBase58([]byte("0OIl")); ok {
		t.Error("0OIl is not base58")
	}
}

func TestAzureSeeds(t *testing.T) {
	if seeds := AzureSeeds("+ASt"); len(seeds) != 1 || seeds[0] != 0x44656661756c7430 {
		t.Errorf("%#x", seeds)
	}
	if seeds := AzureSeeds("none"); len(seeds) != 0 {
		t.Errorf("%#x", seeds)
	}
}
