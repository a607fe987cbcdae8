package generic

import (
	"bytes"

	"github.com/keysieve/keysieve/detect"
)

// scanner follows the text after a name.
type scanner struct {
	data  []byte
	w     *window
	pos   int
	limit int // of the gap between name and value
}

// has reports whether text stands at the position, and goes past it if so.
func (s *scanner) has(text string) bool {
	if len(s.data)-s.pos >= len(text) && string(s.data[s.pos:s.pos+len(text)]) == text {
		s.pos += len(text)
		return true
	}
	return false
}

func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return '\n'
}

func (s *scanner) blanks() (n int) {
	for s.pos < s.limit && isBlank(s.data[s.pos]) {
		s.pos++
		n++
	}
	return n
}

// closers go past what ends a name in quotes or brackets, and report whether it was in quotes.
func (s *scanner) closers() (quoted bool) {
	for s.pos < s.limit {
		switch {
		case s.has(`\"`), s.has(`\'`), s.has(`"`), s.has(`'`), s.has("`"), s.has("&quot;"), s.has("&#39;"), s.has("&#34;"), s.has("%22"):
			quoted = true
		case s.has("]"), s.has("%5D"), s.has("%5d"), s.has("?]"), s.has("</span>"), s.has("**"):
		default:
			return quoted
		}
	}
	return quoted
}

// values appends the values of the name of c.
func (s *scanner) values(out []candidate, c candidate) []candidate {
	data := s.data
	if s.peek() == ':' && c.key.Start > 0 && data[c.key.Start-1] == ':' {
		return out // a part of a resource name
	}
	c.keyQuot = s.closers() || c.key.Start > 0 && data[c.key.Start-1] == ':' && c.key.Start > 1 && !isAlnum(data[c.key.Start-2]) && data[c.key.Start-2] != ':'
	if s.peek() == ')' && !s.member() {
		return out
	}
	if s.peek() == '[' && !s.subscript() {
		return out
	}
	if c.inVariable(data) && s.nested(&c) {
		return s.value(out, c)
	}
	if s.property(&c) {
		return s.value(out, c)
	}
	gap := s.blanks()
	if !s.operator(&c, gap) {
		if gap == 0 || c.keyQuot {
			s.lookedNear(&c)
			return out
		}
		c.form = formWord
		if c.flagged(data) || c.key.Start > 1 && data[c.key.Start-1] == '/' && isBlank(data[c.key.Start-2]) {
			c.form = formFlag
		}
		return s.value(out, c)
	}
	s.limit = min(s.pos+maxGap, len(data))
	return s.behind(out, c)
}

// lookedNear notes that what there is depends on no more than the gap between a name and its value, which has no operator.
func (s *scanner) lookedNear(c *candidate) {
	const before, behind = 16, 32 // bytes that are looked at beside name and gap
	if s.limit <= c.key.End+maxGap && !c.inVariable(s.data) {
		s.w.looked = detect.Range{Start: c.key.Start - before, End: c.key.End + maxGap + behind}
	}
}

// inVariable reports whether the name is that of a variable that is declared: variable "token".
func (c *candidate) inVariable(data []byte) bool {
	return c.keyQuot && bytes.HasSuffix(data[:max(c.key.Start-1, 0)], []byte("variable "))
}

// property goes past the end of a key of a property list and the tag of its string: <key>token</key> <string>.
func (s *scanner) property(c *candidate) bool {
	at := s.pos
	if s.peek() != '<' || !bytes.HasSuffix(s.data[:c.key.Start], []byte("<key>")) {
		return false
	}
	s.limit = min(s.pos+maxGap, len(s.data))
	if s.has("</key>") {
		s.space()
		if s.has("<string>") {
			c.op, c.form = opTag, formPair
			return true
		}
	}
	s.pos = at
	return false
}

// behind appends the values behind the operator.
func (s *scanner) behind(out []candidate, c candidate) []candidate {
	switch c.op {
	case opComma:
		if !c.keyQuot && !isConstant(s.data[c.key.Start:c.key.End]) {
			return out
		}
		c.form = formArg
		s.space()
		if at := s.pos; !s.pairValue(&c) {
			s.pos = at
		}
	case opParen:
		c.form = formCall
	case opTag:
		c.form = formXML
	}
	s.blanks()
	if at := s.pos; s.block(&c) {
		return append(out, c)
	} else if s.pos = at; c.op == opColon && s.nested(&c) {
		return s.value(out, c)
	} else {
		s.pos = at
	}
	if c.op != opTag && c.op != opEqual {
		s.space()
	}
	if (c.op == opEqual || c.op == opColonEqual) && !s.element(s.namesBefore(c.key.Start)) {
		return out
	}
	return s.value(out, c)
}

// namesBefore returns how many names, separated by commas, stand before the position on its line and are all that does: a, b, c = 1, 2, 3.
func (s *scanner) namesBefore(at int) (n int) {
	i := at
	for i >= 2 && s.data[i-1] == ' ' && s.data[i-2] == ',' {
		i -= 2
		end := i
		for i > 0 && isIdent(s.data[i-1]) {
			i--
		}
		if i == end {
			return 0
		}
		n++
	}
	for i > 0 && isBlank(s.data[i-1]) {
		i--
	}
	if i > 0 && s.data[i-1] != '\n' {
		return 0
	}
	return n
}

// element goes past n values of a list. It stays where it is when there is only one, and reports false when they are no texts.
func (s *scanner) element(n int) bool {
	start := s.pos
	for range n {
		var c candidate
		if !s.quoted(&c) && c.value.End == 0 {
			return false
		}
		s.pos = c.value.End
		s.closers()
		if !s.has(",") {
			s.pos = start
			return true
		}
		s.blanks()
	}
	return true
}

// member goes past the end of a call or conversion and a member of it: (*Box(password)).text.
func (s *scanner) member() bool {
	for s.pos < s.limit && s.data[s.pos] == ')' {
		s.pos++
	}
	if !s.has(".") {
		return false
	}
	for s.pos < s.limit && isIdent(s.data[s.pos]) {
		s.pos++
	}
	return true
}

// space goes past blanks and at most one end of line.
func (s *scanner) space() {
	s.blanks()
	s.has("\r")
	s.has("\n")
	s.blanks()
}

// operator goes past what assigns a value to the name, and a type between them.
func (s *scanner) operator(c *candidate, gap int) bool {
	start := s.pos
	switch {
	case s.has("==="), s.has("!=="), s.has("=="), s.has("!="), s.has("-eq "), s.has("-ne "), s.has("eq "):
		c.op = opCompare
	case s.has("=~"), s.has("::"), s.has("=>>"):
		return false
	case s.has("=>"), s.has("->"), s.has("<-"), s.has("=&gt;"):
		c.op = opArrow
	case s.has(":="), s.has("?="), s.has("+="), s.has("||="), s.has("??="):
		c.op = opColonEqual
	case s.has("="):
		c.op = opEqual
	case s.has("%3D"), s.has("%3d"):
		c.op, c.encoded = opEqual, true
	case s.has(":"), s.has("%3A"):
		c.op = opColon
		s.typed(c)
	case s.has(","):
		c.op = opComma
	case c.keyQuot && s.has(";s:"): // PHP's serialization: s:8:"password";s:10:"…"
		for s.pos < s.limit && isDigit(s.data[s.pos]) {
			s.pos++
		}
		c.op = opComma
		return s.has(":")
	case s.has("("):
		c.op = opParen
		return gap == 0 && !c.keyQuot
	case s.has(">"), s.has("&gt;"):
		c.op = opTag
	case (c.keyQuot || s.namedEntry(c)) && s.pairValue(c):
		return true
	default:
		s.pos = start
		return false
	}
	return true
}

// typed goes past a type and an equals sign: "token: string = ", "TOKEN: &'static str = ".
func (s *scanner) typed(c *candidate) {
	at := s.pos
	s.blanks()
	from := s.pos
	for s.pos < s.limit && (isIdent(s.peek()) || bytes.IndexByte([]byte("<>?&[]|*"), s.peek()) >= 0 || s.peek() == ' ' && s.pos > from && s.data[s.pos-1] != ' ') {
		if !s.has("&'") {
			s.pos++
		}
	}
	words := bytes.Count(s.data[from:s.pos], []byte(" "))
	isType := s.pos > from+1 && s.data[s.pos-1] == ' ' && (words == 1 || s.data[from] == '&' || bytes.IndexByte(s.data[from:s.pos], '|') > 0)
	if isType && s.peek() == '=' && s.pos+1 < len(s.data) && s.data[s.pos+1] != '=' && s.data[s.pos+1] != '>' {
		s.pos++
		c.op = opEqual
		return
	}
	s.pos = at
}

// namedEntry reports whether the name is itself the value of a name, at the end of its line: "- name: DB_PASSWORD".
func (s *scanner) namedEntry(c *candidate) bool {
	before := bytes.TrimRight(s.data[max(c.key.Start-8, 0):c.key.Start], " \t")
	return (s.peek() == '\n' || s.peek() == '\r') && (bytes.HasSuffix(before, []byte("name:")) || bytes.HasSuffix(before, []byte("key:")))
}

// pairValue goes past the name of the second part of a pair: name="token" value=.
func (s *scanner) pairValue(c *candidate) bool {
	s.has(",")
	s.space()
	for range 3 {
		if !s.has(`"`) && !s.has("'") && !s.has(`\"`) && !s.has("-") {
			break
		}
	}
	var buf [32]byte
	at := s.pos
	for s.pos < s.limit && isAlnum(s.data[s.pos]) {
		s.pos++
	}
	switch string(lower(s.data[at:s.pos], &buf)) {
	case "value", "val", "content", "default", "defaultvalue", "_value", "text", "with":
	default:
		return false
	}
	s.closers()
	s.blanks()
	switch {
	case s.has("=>"):
		c.op = opArrow
	case s.has("="):
		c.op = opEqual
	case s.has(":"):
		c.op = opColon
	default:
		return false
	}
	c.form = formPair
	return true
}
