package decode

import (
	"bytes"
	"unicode/utf8"
)

const (
	// reach is how far on each side of an escape its text is taken to go on, in bytes, if the line does.
	reach = 256
	// maxEntity is the length of the longest character reference that is decoded, in bytes: &#1114111;
	maxEntity = 10
)

// markers are the bytes that escapes begin with.
var markers = [Encodings]byte{Percent: '%', Escape: '\\', Entity: '&'}

// scanEscapes finds escapes that stand for ASCII characters. Controls and other letters are in no key.
func scanEscapes(data []byte, from, to int, e Encoding, found func(e Encoding, at int)) {
	for at := from; ; at++ {
		n := bytes.IndexByte(data[at:to], markers[e])
		if n < 0 {
			return
		}
		if at += n; e.speaks(data, at) {
			found(e, at)
		}
	}
}

// speaks reports whether the escape at data[at] stands for an ASCII character that is no control.
func (e Encoding) speaks(data []byte, at int) bool {
	c, n := e.escape(data, at)
	return n > 0 && ' ' <= c && c <= '~'
}

// escape returns what the escape at data[at] stands for, a byte if it is a percent-encoded one, and its length, 0 if there is none.
func (e Encoding) escape(data []byte, at int) (c rune, n int) {
	text := data[at:]
	switch {
	case e == Percent:
		return number(text, 1, 2, 16)
	case e == Escape && len(text) > 1 && text[1] == 'x':
		return number(text, 2, 2, 16)
	case e == Escape && len(text) > 1 && text[1] == 'u':
		return number(text, 2, 4, 16)
	case e == Entity && len(text) > 1 && text[1] == '#':
		return reference(text)
	}
	return 0, 0
}

// number returns the number of so many digits behind the first bytes of text, and how long both are, 0 if there is none.
func number(text []byte, first, digits, base int) (c rune, n int) {
	n = first + digits
	if len(text) < n {
		return 0, 0
	}
	for _, d := range text[first:n] {
		v := hexDigits.values[d]
		if int(v) >= base {
			return 0, 0
		}
		c = c*rune(base) + rune(v)
	}
	return c, n
}

// reference returns the character of a numeric reference that text begins with, and its length, 0 if there is none.
func reference(text []byte) (c rune, n int) {
	first, base := len("&#"), 10
	if len(text) > first && text[first]|0x20 == 'x' {
		first, base = first+1, 16
	}
	end := bytes.IndexByte(text[:min(len(text), maxEntity)], ';')
	if end <= first {
		return 0, 0
	}
	if c, n = number(text, first, end-first, base); n == 0 {
		return 0, 0
	}
	return c, n + 1
}

// decode decodes the line around the first of several escapes, from reach bytes before it to reach bytes behind the last one.
func (e Encoding) decode(data []byte, at int) (t *Text, lo, hi int) {
	lo = max(at-reach, 0)
	lo += bytes.LastIndexByte(data[lo:at], '\n') + 1
	for i := lo; i < at; i++ {
		if data[i] == markers[e] && e.speaks(data, i) {
			return nil, lo - 1, at + e.Sign() // it is decoded from there
		}
	}
	t = &Text{Encoding: e.String()}
	for i, last := lo, at; i < len(data) && data[i] != '\n' && i <= last+reach; t.end = i {
		c, n := rune(0), 0
		if data[i] == markers[e] {
			c, n = e.escape(data, i)
		}
		if n == 0 {
			t.add(data[i:i+1], i, 1, 1)
			i++
			continue
		}
		if e.speaks(data, i) {
			last = i
		}
		text := []byte{byte(c)}
		if e != Percent {
			text = utf8.AppendRune(nil, c)
		}
		t.add(text, i, len(text), n)
		i += n
	}
	return t, lo - 1, t.end + e.Sign()
}
