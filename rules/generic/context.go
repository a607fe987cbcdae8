package generic

import (
	"bytes"
	"math/bits"
)

// What a word near a candidate says, as bits.
const (
	nearUser = 1 << iota
	nearHost
	nearAssert
)

// nearWords are the words that are looked for near a candidate.
var nearWords = []struct {
	text string
	says uint8
}{
	{"user", nearUser}, {"uid=", nearUser}, {"login", nearUser}, {"email", nearUser},
	{"host", nearHost}, {"port=", nearHost}, {"port:", nearHost}, {`port"`, nearHost},
	{"expect", nearAssert}, {"equal", nearAssert}, {"assert", nearAssert}, {"should", nearAssert},
}

// nearLetters has for each byte a bit for each of nearWords that has it second, and above them one for each that it begins, ignoring case.
var nearLetters = func() (set [256]uint32) {
	for i, w := range nearWords {
		for _, to := range []byte{0, 0x20} {
			set[w.text[0]&^to] |= 1 << (16 + i)
			set[w.text[1]&^to] |= 1 << i
		}
	}
	return set
}()

// near returns what the words of a text say.
func near(text []byte) (says uint8) {
	begin := uint32(0)
	for i, c := range text {
		letter := nearLetters[c]
		for may := begin & letter; may != 0; may &= may - 1 {
			if w := &nearWords[bits.TrailingZeros32(may)]; says&w.says == 0 && foldAt(text, i-1, w.text) {
				says |= w.says
			}
		}
		begin = letter >> 16
	}
	return says
}

// The text beside a candidate that is looked at, in bytes.
const (
	nearLine  = 120 // beyond its line
	nearValue = 200 // beyond its value, at most
	nearHex   = 500 // beyond its value, for other hexadecimal words
)

// around returns the lines around the candidate.
func (c *candidate) around(data []byte) []byte {
	return data[max(c.line.Start-nearLine, c.value.Start-nearValue, 0):min(c.line.End+nearLine, c.value.End+nearValue, len(data))]
}

// describeLines sets the features of the candidate's line and of what is repeated around it.
func describeLines(v *features, data []byte, c *candidate, value []byte) {
	line := data[c.line.Start:c.line.End]
	v[fAgain] = int16(min(bytes.Count(c.around(data), value)-1, 3))
	v[fLineLength] = int16(min(len(line), 400))
	v[fSecond] = int16(min(bytes.Count(line, []byte{'='})+bytes.Count(line, []byte{':'}), 9))
}

// describeLate sets the features that take longest: of the words around the candidate and of providers.
func describeLate(v *features, data []byte, c *candidate) {
	value := data[c.value.Start:c.value.End]
	says := near(c.around(data))
	v[fUser] = flag(says&nearUser != 0)
	v[fHost] = flag(says&nearHost != 0)
	v[fAssert] = flag(says&nearAssert != 0)
	if v[fHex] > 0 && len(value) >= 24 {
		v[fHexNear] = hexNear(data[max(c.value.Start-nearHex, 0):min(c.value.End+nearHex, len(data))], value)
	}
	describeProvider(v, data, c, value)
}

// describeProvider sets the features of what a provider's rules would have to say.
func describeProvider(v *features, data []byte, c *candidate, value []byte) {
	end := min(c.key.End, c.value.Start)
	from := max(c.key.Start-providerReach, 0)
	for i, lines := c.key.Start-1, 1; i >= from; i-- {
		if data[i] == '\n' {
			if lines++; lines > providerLines {
				from = i + 1
			}
		}
	}
	own := c.key.Start
	if own-from >= 2 && data[own-1] == ' ' { // acme key: …
		for own--; own > from && isAlnum(data[own-1]); own-- {
		}
	}
	v[fProvider], v[fProviderWord] = providerNear(data[from:end], own-from)
	v[fPrefix] = providerPrefix(value)
}

// hexNear returns how many long hexadecimal words stand in the text beside the value, as in a test vector.
func hexNear(text, value []byte) (n int16) {
	run := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && isHexDigit(text[i]) {
			run++
			continue
		}
		if run >= 16 && !bytes.Contains(value, text[i-run:i]) {
			n++
		}
		run = 0
	}
	return min(n, 9)
}

// foldAt reports whether text, in lower case, stands at data[i:], ignoring case.
func foldAt(data []byte, i int, text string) bool {
	if len(data)-i < len(text) {
		return false
	}
	for k := range len(text) {
		c := data[i+k]
		if isUpper(c) {
			c |= 0x20
		}
		if c != text[k] {
			return false
		}
	}
	return true
}
