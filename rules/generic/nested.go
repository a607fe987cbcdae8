package generic

import (
	"bytes"

	"github.com/keysieve/keysieve/detect"
)

// block finds the value of a YAML block scalar, "name: |" with the value alone on the next line.
func (s *scanner) block(c *candidate) bool {
	if c.op != opColon || s.peek() != '|' && s.peek() != '>' {
		return false
	}
	s.pos++
	for s.pos < s.limit && (isDigit(s.peek()) || s.peek() == '-' || s.peek() == '+') {
		s.pos++
	}
	s.blanks()
	s.has("\r")
	if !s.has("\n") {
		return false
	}
	inside := s.indent(s.pos)
	from := s.pos + inside
	to := from
	for to < len(s.data) && s.data[to] > ' ' {
		to++
	}
	if inside <= s.indent(s.lineStart(c.key.Start)) || s.w.cut(to) || to < len(s.data) && s.data[to] != '\n' && s.data[to] != '\r' {
		return false
	}
	if next := s.after(to); next < len(s.data) && s.indent(next) >= inside && s.lineLength(next) > 0 {
		return false // a text of several lines
	}
	c.value, c.block = detect.Range{Start: from, End: to}, true
	return to-from >= minValue
}

// nested finds the value that a block behind the name gives it by another name:
//
//	variable "name" {          name:
//	  default = "value"          example: value
//	}
func (s *scanner) nested(c *candidate) bool {
	s.blanks()
	if s.has("{") {
		s.blanks()
	} else if c.op != opColon {
		return false
	}
	s.has("\r")
	if !s.has("\n") {
		return false
	}
	outside := s.indent(s.lineStart(c.key.Start))
	var buf [32]byte
	for range maxNested {
		at := s.pos + s.indent(s.pos)
		if s.indent(s.pos) <= outside || at >= len(s.data) {
			return false
		}
		to := at
		for to < len(s.data) && isAlnum(s.data[to]) {
			to++
		}
		switch string(lower(s.data[at:to], &buf)) {
		case "default", "example", "value":
			s.pos = to
			s.blanks()
			if !s.has("=") && !s.has(":") {
				return false
			}
			s.blanks()
			s.limit = min(s.pos+maxGap, len(s.data))
			c.form = formPair
			return true
		}
		s.pos = s.after(to)
	}
	return false
}

// maxNested is how many lines of a block are looked at.
const maxNested = 4

func (s *scanner) lineStart(at int) int { return bytes.LastIndexByte(s.data[:at], '\n') + 1 }

// indent returns how many blanks stand at a position.
func (s *scanner) indent(at int) (n int) {
	for at+n < len(s.data) && isBlank(s.data[at+n]) {
		n++
	}
	return n
}

// after returns where the line behind a position begins.
func (s *scanner) after(at int) int {
	if n := bytes.IndexByte(s.data[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(s.data)
}

// lineLength returns how long the line at a position is, blanks at its beginning left out.
func (s *scanner) lineLength(at int) int {
	at += s.indent(at)
	return len(bytes.TrimRight(s.data[at:s.after(at)], "\r\n"))
}

// Bounds of keys that are written as the numbers of their bytes.
const (
	minBytes    = 16 // numbers
	minDistinct = 10 // different ones
)

// array finds a key that is written as its bytes: []byte{0x1f, …}, new byte[] {31, …}, [31, …].
func (s *scanner) array(c *candidate) bool {
	for hi := min(s.limit, len(s.data)); s.pos < hi; s.pos++ {
		switch b := s.data[s.pos]; {
		case b == '"' || b == '\'' || b == '`' || b == '\n' || b == ';' || b == ',':
			return false
		case b == '{' || b == '[' || b == '(':
			if s.numbers(c) {
				c.form = formBytes
				return true
			}
		}
	}
	return false
}

// numbers makes the numbers behind the bracket at the position the value, when they may be a key.
func (s *scanner) numbers(c *candidate) bool {
	var seen [256]bool
	count, distinct, steps, before := 0, 0, 0, -1
	from, to := 0, s.pos+1
	for at := to; ; {
		for at < len(s.data) && (s.data[at] <= ' ' || s.data[at] == ',') {
			at++
		}
		value, n := s.number(at)
		if n == 0 {
			break
		}
		if count == 0 {
			from = at
		}
		distinct += flagInt(!seen[value])
		seen[value] = true
		steps += flagInt(value == before+1 || value+1 == before)
		before = value
		count++
		at += n
		to = at
	}
	c.value = detect.Range{Start: from, End: to}
	return count >= minBytes && distinct >= minDistinct && steps*2 < count && !s.w.cut(to)
}

// number returns the byte that is written at a position, decimal or hexadecimal, and the length of the number, 0 for none.
func (s *scanner) number(at int) (value, n int) {
	base := 10
	if bytes.HasPrefix(s.data[at:], []byte("0x")) || bytes.HasPrefix(s.data[at:], []byte("0X")) {
		base, n = 16, 2
	}
	digits := n
	for ; at+n < len(s.data) && n-digits < 4; n++ {
		b := s.data[at+n]
		switch {
		case isDigit(b):
			value = value*base + int(b-'0')
		case base == 16 && isHexDigit(b):
			value = value*base + int(b|0x20-'a') + 10
		default:
			if n == digits || value > 255 {
				return 0, 0
			}
			return value, n
		}
	}
	return 0, 0
}

// subscript goes past the length of an array that is declared: password[32], key[].
func (s *scanner) subscript() bool {
	s.has("[")
	for s.pos < s.limit && isDigit(s.peek()) {
		s.pos++
	}
	return s.has("]")
}
