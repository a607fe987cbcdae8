package decode

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// The least number of digits that are worth decoding.
const (
	minBase64 = 27 // of 20 bytes
	minHex    = 32
)

// digits is how an encoding writes bytes as digits, in groups.
type digits struct {
	encoding Encoding
	values   [256]uint8 // of each digit, none for what is no digit
	bits     int        // of a digit
	group    int        // digits that stand for whole bytes
	bytes    int        // that a group stands for
	starts   [256]bool  // the digits that text may begin behind
	firsts   [256]bool  // the digits that text may begin with
}

const none = 0xff

// digitsOf makes the digits of an alphabet, whose last ones may be written in several ways.
func digitsOf(e Encoding, bits, group int, starts string, alphabets ...string) *digits {
	d := &digits{encoding: e, bits: bits, group: group, bytes: group * bits / 8}
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

// mayLead reports whether something worth decoding may begin with one of n bytes.
func mayLead(c, n int) bool {
	for ; n > 0; n-- {
		if isText(byte(c)) || 0xc2 <= c && c < 0xe0 || c >= 0xfe || c == 0x1f || c == 0 {
			return true
		}
		c++
	}
	return false
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
	wide    // UTF-16, little-endian
	wideBig // UTF-16, big-endian
	packed  // by gzip
)

// kindOf says what the first bytes of something look like.
func kindOf(b []byte) kind {
	switch {
	case isPlain(b):
		return plain
	case b[0] == 0x1f && b[1] == 0x8b && b[2] == 8: // RFC 1952
		return packed
	case isText(b[0]) && b[1] == 0 && isText(b[2]) && b[3] == 0 && isText(b[4]) && b[5] == 0,
		b[0] == 0xff && b[1] == 0xfe && isText(b[2]) && b[3] == 0 && isText(b[4]) && b[5] == 0:
		return wide
	case b[0] == 0 && isText(b[1]) && b[2] == 0 && isText(b[3]) && b[4] == 0 && isText(b[5]),
		b[0] == 0xfe && b[1] == 0xff && b[2] == 0 && isText(b[3]) && b[4] == 0 && isText(b[5]):
		return wideBig
	}
	return noText
}

// isText reports whether ASCII text has the byte.
func isText(c byte) bool { return ' ' <= c && c < 0x7f || c == '\t' || c == '\n' || c == '\r' }

// goesOn reports whether text in UTF-8 or another encoding that has ASCII may have the byte.
func goesOn(c byte) bool { return isText(c) || c >= utf8.RuneSelf }

// isPlain reports whether bytes are ASCII text, or have one other letter, of two bytes in UTF-8: hexadecimal digits, taken for base64, are full of longer ones.
func isPlain(b []byte) bool {
	others := 0
	for len(b) > 0 {
		_, n := utf8.DecodeRune(b)
		switch {
		case b[0] < utf8.RuneSelf && !isText(b[0]), b[0] >= utf8.RuneSelf && n == 1 && utf8.FullRune(b):
			return false
		case b[0] >= utf8.RuneSelf:
			others += max(n, len("é"))
		}
		b = b[n:]
	}
	return others <= len("é")
}

// sign says what the text looks like that begins at data[at], if there is one. Data[at] is behind what is no digit or joins words.
func (d *digits) sign(data []byte, at int) kind {
	n := d.encoding.Sign()
	if len(data)-at < n {
		return noText
	}
	var b [firstBytes]byte
	d.fill(b[:], data[at:])
	k := kindOf(b[:])
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

// fill fills out with what digits stand for.
func (d *digits) fill(out, digits []byte) {
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
	const word = 8
	const step = minBase64 - word + 1
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

// scanRun finds where text may begin before data[to], in data[start:end], which is all digits. Hexadecimal digits begin behind whatever those of base64 do, and
// more.
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

// decode decodes the digits at data[at].
func (d *digits) decode(data []byte, at int, unpack bool) (t *Text, lo, hi int, err error) {
	k := d.begins(data, at)
	lo, covered := d.covered(data, at, k)
	lo, hi = min(lo, at-minLine)-1, at+maxLine+2
	if k == noText || covered {
		return nil, lo, hi, nil
	}
	if k == packed && !unpack {
		return nil, lo, hi, ErrPacked
	}
	t, end := d.read(data, at, k)
	hi = max(hi, end)
	t.Encoding = d.encoding.String()
	switch k {
	case wide, wideBig:
		t = t.narrowed(k == wideBig)
	case packed:
		t, err = t.unpacked()
	}
	if len(t.Data) < minText {
		t = nil
	}
	return t, lo, hi, err
}

// covered reports whether the text of a kind at data[at] is the rest of one that begins further ahead, and where what it looked at
// begins. What is no plain text has to begin where digits do.
func (d *digits) covered(data []byte, at int, k kind) (lo int, covered bool) {
	lo = at
	for {
		end, looked := d.lineBefore(data, at)
		lo = min(lo, looked)
		if k != plain {
			return lo, end != at || at > 0 && d.has(data[at-1])
		}
		at = end - d.group
		lo = min(lo, at)
		switch {
		case at < 0 || !d.isText(data[at:end]):
			return lo, false
		case d.begins(data, at) == plain:
			return lo, true
		}
	}
}

// isText reports whether a group is digits and stands for text.
func (d *digits) isText(group []byte) bool {
	var room [3]byte
	out := room[:d.bytes]
	d.fill(out, group)
	return d.count(group, 0, d.group) == d.group && textLen(out) == len(out)
}

// textLen returns how many bytes of text b begins with.
func textLen(b []byte) (n int) {
	for n < len(b) && goesOn(b[n]) {
		n++
	}
	return n
}

// Lines of at least so many digits go on on the next one, which has at most so many.
const (
	minLine = 60
	maxLine = 256
)

// lineEnd returns how long the end of a line is at data[at], as it is or as a string literal has it, with the blanks behind it; 0 if there is none.
func lineEnd(data []byte, at int) (n int) {
	rest := data[at:]
	for _, end := range []string{"\n", "\r\n", `\n`, `\r\n`} {
		if len(rest) >= len(end) && string(rest[:len(end)]) == end {
			for n = len(end); n < len(rest) && (rest[n] == ' ' || rest[n] == '\t'); n++ {
			}
			return n
		}
	}
	return 0
}

// lineBefore returns the end of the digits on the line before, if those at data[at] go on from there, else at, and where what it looked at begins.
func (d *digits) lineBefore(data []byte, at int) (end, lo int) {
	i := at
	for i > 0 && (data[i-1] == ' ' || data[i-1] == '\t') {
		i--
	}
	const longest = len(`\r\n`)
	lo = max(i-longest, 0) - minLine
	for back := longest; back > 0; back-- {
		end := i - back
		if end <= 0 || !d.has(data[end-1]) || lineEnd(data, end) != at-end {
			continue
		}
		if d.countBefore(data, end, minLine) == minLine && d.endsLine(data, at) {
			return end, lo
		}
	}
	return at, lo
}

// lineBehind returns where the digits go on that end at data[end], of which n stand there in a row; end if they do not.
func (d *digits) lineBehind(data []byte, end, n int) int {
	next := end + lineEnd(data, end)
	if n < minLine || !d.endsLine(data, next) {
		return end
	}
	return next
}

// endsLine reports whether the digits at data[at] are all that stands on their line, but for what they may be padded with or quoted in.
func (d *digits) endsLine(data []byte, at int) bool {
	n := d.count(data, at, maxLine+1)
	end := at + n
	return n > 0 && n <= maxLine && (end == len(data) || bytes.IndexByte([]byte("=\r\n\"'`, \\"), data[end]) >= 0)
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

// read decodes digits, of plain text as far as they are such, and returns where what it looked at ends.
func (d *digits) read(data []byte, at int, k kind) (t *Text, hi int) {
	t = &Text{}
	line := at - d.countBefore(data, at, minLine) // where digits in a row begin, or not far behind it
	for {
		end, whole := d.readLine(t, data, at, k)
		t.end = end
		if !whole {
			return t, max(hi, end)
		}
		next := end
		if (end-at)%d.group == 0 {
			next = d.lineBehind(data, end, end-line)
		}
		hi = end + lineEnd(data, end) + maxLine + 2
		if next == end {
			break
		}
		at, line = next, next
	}
	for end := t.end; t.end < len(data) && t.end < end+2 && data[t.end] == '='; t.end++ {
	}
	return t, max(hi, t.end+1)
}

// readLine decodes the digits that stand in a row at data[at], and returns where they end; of plain text up to the first byte that is none, which is
// not the whole line then.
func (d *digits) readLine(t *Text, data []byte, at int, k kind) (end int, whole bool) {
	var room [3]byte
	for {
		n := d.count(data, at, d.group)
		out := room[:n*d.bits/8]
		d.fill(out, data[at:])
		text := len(out)
		if k == plain {
			text = textLen(out)
		}
		t.add(out[:text], at, d.bytes, d.group)
		at += n
		if text < len(out) || n < d.group {
			return at, text == len(out)
		}
	}
}
