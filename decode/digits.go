package decode

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// The least number of digits that are worth decoding.
const (
	minBase64 = 27 // of 20 bytes
	minHex    = 32
)

// digits is how an encoding writes bytes as digits, in groups.
type digits struct {
	Encoding
	values [256]uint8 // of each digit, none for what is no digit
	bits   int        // of a digit
	group  int        // digits that stand for whole bytes
	starts [256]bool  // the digits that text may begin behind
	firsts [256]bool  // the digits that text may begin with
}

const none = 0xff

// mayLead reports whether something worth decoding may begin with one of n bytes.
func mayLead(c, n int) bool {
	for ; n > 0; n-- {
		if c == 0x1f || c < 0x80 && isText(byte(c)) {
			return true
		}
		c++
	}
	return false
}

// digitsOf makes the digits of an alphabet, of which the last ones are written in several ways.
func digitsOf(e Encoding, bits, group int, starts string, alphabets ...string) *digits {
	d := &digits{Encoding: e, bits: bits, group: group}
	for i := range d.values {
		d.values[i] = none
	}
	for _, alphabet := range alphabets {
		for i := range len(alphabet) {
			d.values[alphabet[i]] = uint8(i)
			d.firsts[alphabet[i]] = mayLead(i<<(8-bits), 1<<(8-bits))
		}
	}
	for i := range len(starts) {
		d.starts[starts[i]] = true
	}
	return d
}

const (
	alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	joint = "/-_" // digits of base64 that also join words and parts of paths
)

var (
	base64Digits = digitsOf(Base64, 6, 4, joint, alnum+"+/", alnum+"-_")
	hexDigits    = digitsOf(Hex, 4, 2, joint+"+xX", "0123456789abcdef", "0123456789ABCDEF")
)

func (d *digits) has(c byte) bool { return d.values[c] != none }

// firstBytes is how many bytes are looked at to see whether there is text.
const firstBytes = 6

// kind is what bytes look like.
type kind uint8

const (
	noText kind = iota
	plain
	wide   // UTF-16, little-endian
	packed // by gzip
)

// kindOf says what the first bytes of something look like.
func kindOf(b [firstBytes]byte) kind {
	switch {
	case isText(b[0]) && isText(b[1]) && isText(b[2]) && isText(b[3]) && isText(b[4]) && isText(b[5]):
		return plain
	case b[0] == 0x1f && b[1] == 0x8b && b[2] == 8: // RFC 1952
		return packed
	case isText(b[0]) && b[1] == 0 && isText(b[2]) && b[3] == 0 && isText(b[4]) && b[5] == 0:
		return wide
	}
	return noText
}

// isText reports whether ASCII text has the byte.
func isText(c byte) bool { return ' ' <= c && c < 0x7f || c == '\t' || c == '\n' || c == '\r' }

// goesOn reports whether text in UTF-8 or another encoding that has ASCII may have the byte.
func goesOn(c byte) bool { return isText(c) || c >= 0x80 }

// sign says what the text looks like that begins at data[at], if there is one. Data[at] is behind what is no digit or joins words.
func (d *digits) sign(data []byte, at int) kind {
	n := d.Sign()
	if len(data)-at < n {
		return noText
	}
	var b [firstBytes]byte
	d.bytes(b[:], data[at:])
	k := kindOf(b)
	if k == noText {
		return noText
	}
	for _, c := range data[at : at+n] {
		if !d.has(c) {
			return noText
		}
	}
	return k
}

// bytes fills out with what digits stand for.
func (d *digits) bytes(out, digits []byte) {
	acc, have, next := uint32(0), 0, 0
	for i := range out {
		for have < 8 {
			acc = acc<<d.bits | uint32(d.values[digits[next]])&(1<<d.bits-1)
			have += d.bits
			next++
		}
		have -= 8
		out[i] = byte(acc >> have)
	}
}

// mayBegin reports whether text may begin at data[at] as far as what stands before it goes.
func (d *digits) mayBegin(data []byte, at int) bool {
	if at == 0 {
		return true
	}
	before := data[at-1]
	return d.starts[before] || !base64Digits.has(before)
}

// begins says what the text looks like that begins at data[at], if one does.
func (d *digits) begins(data []byte, at int) kind {
	if !d.mayBegin(data, at) {
		return noText
	}
	return d.sign(data, at)
}

// scanDigits finds where digits begin that may be text. All digits are such of base64. So many that are worth it fill one of the words of eight bytes that
// are looked at, and another beside it.
func scanDigits(data []byte, from, to int, found func(e Encoding, at int)) {
	const word, step = 8, minBase64 - 8 + 1
	most := min(to+minBase64, len(data))
	for at := from; at+word <= most; {
		if !mayBeDigits(data, at) || !mayBeDigits(data, at+word) && (at-word < from || !mayBeDigits(data, at-word)) {
			at += step
			continue
		}
		start := at - base64Digits.countBefore(data[from:], at-from, minBase64)
		end := at + base64Digits.count(data, at, most-at)
		if end-start >= minBase64 {
			scanRun(data, start, end, to, found)
		}
		at = end + step
	}
}

// mayBeDigits reports whether none of eight bytes is a blank, a control, a sign before the plus, or one from the colon to the question mark. The other signs that are
// no digits are few.
func mayBeDigits(data []byte, at int) bool {
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	if len(data)-at < 8 {
		return false
	}
	x := binary.LittleEndian.Uint64(data[at:])
	// The highest bit of each byte is set where a byte of that much or more is added up to 0x80.
	low := x &^ highest
	fromPlus, fromColon, fromAt := low+(0x80-'+')*ones, low+(0x80-':')*ones, low<<1
	return (fromPlus&^(fromColon&^fromAt)&^x)&highest == highest
}

// scanRun finds where text may begin before data[to], in data[start:end], which is all digits.
func scanRun(data []byte, start, end, to int, found func(e Encoding, at int)) {
	for at := start; at < to && at+minBase64 <= end; at++ {
		if at > start && !hexDigits.starts[data[at-1]] {
			continue
		}
		if base64Digits.firsts[data[at]] && base64Digits.begins(data, at) != noText {
			found(Base64, at)
		}
		if hexDigits.firsts[data[at]] && hexDigits.begins(data, at) != noText {
			found(Hex, at)
		}
	}
}

// digitsAt decodes digits.
func digitsAt(data []byte, e Encoding, at int, unpack bool) (t *Text, lo, hi int, err error) {
	d := base64Digits
	if e == Hex {
		d = hexDigits
	}
	k := d.begins(data, at)
	lo, covered := d.covered(data, at)
	lo, hi = min(lo, at-minLine)-1, at+maxLine+2
	if k == noText || k == packed && !unpack || covered {
		return nil, lo, hi, nil
	}
	t, end := d.read(data, at, k)
	hi = max(hi, end)
	t.Encoding = e.String()
	switch k {
	case wide:
		t.narrow()
		t.Encoding += " of UTF-16"
	case packed:
		err = t.unpack()
		t.Encoding, t.packed = t.Encoding+" of gzip", true
	}
	if err != nil || len(t.Data) < minText {
		return nil, lo, hi, err
	}
	return t, lo, hi, nil
}

// covered reports whether the text at data[at] is the rest of one that begins further ahead, and where what it looked at begins.
func (d *digits) covered(data []byte, at int) (lo int, covered bool) {
	at, lo = d.lineBefore(data, at)
	var b [3]byte
	for at >= d.group {
		digits := data[at-d.group : at]
		at -= d.group
		lo = min(lo, at)
		for _, c := range digits {
			if !d.has(c) {
				return lo, false
			}
		}
		out := b[:d.group*d.bits/8]
		d.bytes(out, digits)
		for _, c := range out {
			if !goesOn(c) {
				return lo, false
			}
		}
		if d.begins(data, at) == plain {
			return lo, true
		}
	}
	return lo, false
}

// Lines of at least so many digits go on on the next one.
const minLine = 60

// lineBefore returns the end of the digits on the line before, if those at data[at] go on from there, else at, and where what it looked at begins.
func (d *digits) lineBefore(data []byte, at int) (end, lo int) {
	i := at
	for i > 0 && (data[i-1] == ' ' || data[i-1] == '\t') {
		i--
	}
	if i == 0 || data[i-1] != '\n' {
		return at, i
	}
	if i--; i > 0 && data[i-1] == '\r' {
		i--
	}
	n := d.countBefore(data, i, minLine)
	if n < minLine || !d.endsLine(data, at) {
		return at, i - n
	}
	return i, i - n
}

// lineBehind returns where the digits go on that end at data[end] and of which n stand there in a row, end if they do not, and where what it looked
// at ends.
func (d *digits) lineBehind(data []byte, end, n int) (next, hi int) {
	i := end
	if i < len(data) && data[i] == '\r' {
		i++
	}
	if n < minLine || i >= len(data) || data[i] != '\n' {
		return end, i + 1
	}
	for i++; i < len(data) && (data[i] == ' ' || data[i] == '\t'); i++ {
	}
	hi = i + maxLine + 2
	if !d.endsLine(data, i) {
		return end, hi
	}
	return i, hi
}

// maxLine is the most digits that a line after another one has.
const maxLine = 256

// endsLine reports whether the digits at data[at] are all that stands on their line, but for what they may be padded with or quoted in.
func (d *digits) endsLine(data []byte, at int) bool {
	n := d.count(data, at, maxLine+1)
	end := at + n
	return n > 0 && n <= maxLine && (end == len(data) || bytes.IndexByte([]byte("=\r\n\"'`, "), data[end]) >= 0)
}

// count returns how many digits stand in a row at data[at], at most so many.
func (d *digits) count(data []byte, at, most int) (n int) {
	for n < most && at+n < len(data) && d.has(data[at+n]) {
		n++
	}
	return n
}

// countBefore returns how many digits stand in a row before data[at], at most so many.
func (d *digits) countBefore(data []byte, at, most int) (n int) {
	for n < most && n < at && d.has(data[at-1-n]) {
		n++
	}
	return n
}

// read decodes digits as far as they are text of the kind, and returns where what it looked at ends.
func (d *digits) read(data []byte, at int, k kind) (t *Text, hi int) {
	t = &Text{step: d.group}
	var room [3]byte
	line := at - d.countBefore(data, at, minLine) // where digits in a row begin, or not far behind it
	for {
		n := d.count(data, at, d.group)
		out := room[:n*d.bits/8]
		d.bytes(out, data[at:])
		for _, c := range out {
			if k == plain && !goesOn(c) {
				t.end = at + n
				return t, max(hi, t.end)
			}
			t.Data, t.at = append(t.Data, c), append(t.at, at)
		}
		at += n
		if n == d.group && d.count(data, at, 1) > 0 {
			continue
		}
		next := at
		if n == d.group || n == 0 {
			next, hi = d.lineBehind(data, at, at-line)
		}
		if next == at {
			break
		}
		at, line = next, next
	}
	for t.end = at; t.end < len(data) && t.end < at+2 && data[t.end] == '='; t.end++ {
	}
	return t, max(hi, at+3)
}

// narrow makes UTF-8 of UTF-16, as far as it is text.
func (t *Text) narrow() {
	in, at := t.Data, t.at
	t.Data, t.at = nil, nil
	t.step *= 2 // a unit may lie in two groups
	for i := 0; i+1 < len(in); {
		r, n := rune(binary.LittleEndian.Uint16(in[i:])), 2
		if utf16.IsSurrogate(r) && i+3 < len(in) {
			r, n = utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(in[i+2:]))), 4
		}
		if r < utf8.RuneSelf && !isText(byte(r)) {
			return
		}
		t.Data = utf8.AppendRune(t.Data, r)
		for len(t.at) < len(t.Data) {
			t.at = append(t.at, at[i])
		}
		i += n
	}
}

// maxRatio is the most that something may unpack to, in multiples of its size.
const maxRatio = 16

// unpack unpacks what gzip has packed, as far as it can be.
func (t *Text) unpack() error {
	most := maxRatio * len(t.Data)
	in, err := gzip.NewReader(bytes.NewReader(t.Data))
	t.Data = nil
	if err != nil {
		return nil
	}
	t.Data, _ = io.ReadAll(io.LimitReader(in, int64(most)+1))
	if len(t.Data) > most {
		return ErrTooLarge
	}
	t.whole()
	return nil
}

// whole says that all of the text stems from all of its source.
func (t *Text) whole() {
	start := t.at[0]
	t.at, t.step = make([]int, len(t.Data)), t.end-start
	for i := range t.at {
		t.at[i] = start
	}
}
