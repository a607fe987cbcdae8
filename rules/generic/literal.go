package generic

import (
	"bytes"

	"github.com/keysieve/keysieve/detect"
)

// value appends the value at the position, or the values of the list there.
func (s *scanner) value(out []candidate, c candidate) []candidate {
	s.limit = min(s.pos+maxGap, len(s.data))
	at := s.pos
	if s.peek() == '[' || s.peek() == '{' && c.name.plural {
		if all := s.list(out, c); len(all) > len(out) {
			return all
		}
		s.pos = at
	}
	if s.quoted(&c) {
		return append(out, c)
	}
	s.pos = at
	if c.name.mayBeBytes() && s.array(&c) {
		return append(out, c)
	}
	s.pos = at
	if s.wrapped(&c) {
		return append(out, c)
	}
	s.pos = at
	if c.form != formCall && c.form != formArg && s.unquoted(&c) {
		return append(out, c)
	}
	return out
}

// list appends the quoted values of a list.
func (s *scanner) list(out []candidate, c candidate) []candidate {
	s.pos++
	if s.has("]") { // a Go slice or an array of some type
		for s.pos < s.limit && isIdent(s.data[s.pos]) {
			s.pos++
		}
		if !s.has("{") {
			return out
		}
	}
	for c.index < maxList {
		s.space()
		if !s.quoted(&c) {
			break
		}
		out = append(out, c)
		s.pos = c.value.End
		s.closers()
		s.limit = min(s.pos+maxGap, len(s.data))
		s.blanks()
		if !s.has(",") {
			break
		}
		c.index++
	}
	return out
}

// opening are the quotes, and what ends the value that each begins.
var opening = []struct {
	open  string
	quote quote
}{
	{`\\\"`, quoteEscaped}, {`\"`, quoteEscaped}, {`\'`, quoteEscaped}, {`"`, quoteDouble}, {"''''", quoteEscaped}, {"''", quoteEscaped}, {"'", quoteSingle}, {"`", quoteBack},
	{"&quot;", quoteEntity}, {"&#39;", quoteEntity}, {"&#34;", quoteEntity}, {"%22", quoteEntity}, {"\u201c", quoteEntity},
}

// quoted finds a value in quotes, with a prefix of a letter or two: @"…", b'…'.
func (s *scanner) quoted(c *candidate) bool {
	at := s.pos
	for i := 0; i < 2 && (isLetter(s.peek()) || s.peek() == '@' || s.peek() == '$'); i++ {
		s.pos++
	}
	if s.pos > at && !isQuote(s.peek()) {
		s.pos = at
	}
	for _, o := range opening {
		if !s.has(o.open) {
			continue
		}
		closing := o.open
		if o.open == "\u201c" {
			closing = "\u201d"
		}
		if o.open == "''" && !isAlnum(s.peek()) {
			return false
		}
		end := s.closing(closing, o.quote)
		if end < 0 {
			if end = s.beginning(s.pos); end < 0 {
				return false
			}
			c.goesOn = true
		}
		if n := end - s.pos; n > 2 && o.quote == quoteSingle && s.data[s.pos] == '"' && s.data[end-1] == '"' && bytes.Count(s.data[s.pos:end], []byte(`"`)) == 2 {
			s.pos, end = s.pos+1, end-1 // quotes within quotes, for a program that is written by another one
		}
		c.quote = o.quote
		c.value = detect.Range{Start: s.pos, End: end}
		return end-s.pos >= minValue
	}
	return false
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// closing returns where the value at the position ends, -1 if it does not on its line.
func (s *scanner) closing(text string, q quote) int {
	first := text[0]
	hi := len(s.data)
	for i := s.pos; i < hi; i++ {
		switch c := s.data[i]; {
		case c == '\n':
			return -1
		case c == first && bytes.HasPrefix(s.data[i:], []byte(text)):
			return i
		case c == '\\' && (q == quoteDouble || q == quoteSingle):
			i++
		case c == '\\' && q == quoteEscaped && i+2 < hi && s.data[i+1] == '\\':
			i += 2
		}
	}
	return -1
}

// firstBytes is how many bytes stand for a value that goes on where the window does not show it.
const firstBytes = 256

// beginning returns where they end, -1 if there is no such value: what is seen of it is shorter or has blanks or quotes.
func (s *scanner) beginning(from int) int {
	if s.w == nil || s.w.ended || from+firstBytes > len(s.data) {
		return -1
	}
	for _, b := range s.data[from:] {
		if b <= ' ' || isQuote(b) {
			return -1
		}
	}
	return from + firstBytes
}

// wrapped finds a quoted value behind a call or an alternative: Some("…"), env("A", "…"), process.env.A || "…".
func (s *scanner) wrapped(c *candidate) bool {
	at := s.pos
	hi := min(at+maxGap, len(s.data))
	depth := 0
	for i := at; i < hi; i++ {
		switch b := s.data[i]; {
		case b == '(':
			depth++
		case isQuote(b):
			if i == at || !(s.data[i-1] == '(' || isBlank(s.data[i-1])) && !(i > 1 && s.data[i-2] == '(') {
				return false
			}
			s.pos = i
			if depth == 0 && !s.alternative(at, i) || !s.quoted(c) {
				return false
			}
			if looksUp(s.data[at:i]) {
				s.second(c)
			}
			c.wrapped = true
			return true
		case b == '\n', b == ';', b == ',', b == '}', b == '#', b == ')' && depth == 0, b == '+', b == '<':
			return false
		case b == ')':
			depth--
		}
	}
	return false
}

// alternative reports whether data[at:to] is an expression that what follows stands in for when it is empty.
func (s *scanner) alternative(at, to int) bool {
	e := bytes.TrimRight(s.data[at:to], " \t")
	return bytes.HasSuffix(e, []byte("||")) || bytes.HasSuffix(e, []byte("??")) || bytes.HasSuffix(e, []byte("?:")) || bytes.HasSuffix(e, []byte(" or")) ||
		bytes.HasSuffix(e, []byte("return")) || bytes.HasSuffix(e, []byte("new"))
}

// looksUp reports whether what stands before a quoted name gets the value that has the name.
func looksUp(callee []byte) bool {
	for _, w := range []string{"env", "ENV", "Env", "get", "Get", "fetch", "onfig", "arg", "opt", "prop", "param", "lookup", "efault"} {
		if bytes.Contains(callee, []byte(w)) {
			return true
		}
	}
	return false
}

// second takes the other quoted argument of a call that looks a name up: env("A", "default").
func (s *scanner) second(c *candidate) {
	first := *c
	s.pos = c.value.End + 1
	s.limit = min(s.pos+maxGap, len(s.data))
	s.has(")")
	s.has("]")
	s.blanks()
	if !s.has(",") && !s.has("||") && !s.has("??") && !s.has("or ") {
		return
	}
	s.blanks()
	if !s.quoted(c) {
		*c = first
	}
}

// unquoted finds a value without quotes.
func (s *scanner) unquoted(c *candidate) bool {
	from := s.pos
	if s.lookup(c) {
		return c.value.End-c.value.Start >= minValue
	}
	whole := c.form == formAssign && (c.op == opEqual || c.op == opColon) && s.atLineStart(c) && s.w.class().kind.literal()
	hi := len(s.data)
	to := from
	for to < hi && s.data[to] > ' ' && !(endsUnquoted(s.data[to], c) && !(whole && s.data[to] != '"' && !s.parameter(to))) {
		if c.encoded && s.data[to] == '%' && to+2 < hi && (s.data[to+1] == '2' && (s.data[to+2] == '6' || s.data[to+2] == '2') || s.data[to+1] == '0') {
			break
		}
		if s.data[to] == '\\' && to+1 < hi && (s.data[to+1] == 'n' || s.data[to+1] == 'r' || s.data[to+1] == '"') {
			break
		}
		to++
	}
	if s.w.cut(to) {
		if to = s.beginning(from); to < 0 {
			return false
		}
		c.goesOn = true
	}
	for to > from && (s.data[to-1] == '\\' || (s.data[to-1] == '.' || s.data[to-1] == ':') && !whole) {
		to--
	}
	c.value = detect.Range{Start: from, End: to}
	return to-from >= minValue
}

// parameter reports whether an ampersand at the position begins the next parameter of a form: &name=.
func (s *scanner) parameter(at int) bool {
	if s.data[at] != '&' {
		return false
	}
	end := at + 1
	for end < len(s.data) && isIdent(s.data[end]) {
		end++
	}
	return end > at+1 && end < len(s.data) && s.data[end] == '='
}

// endsUnquoted reports whether the byte ends a value without quotes.
func endsUnquoted(b byte, c *candidate) bool {
	switch b {
	case '"', '\'', '`', ',', ';', ')', ']', '}', '<', '>', '|':
		return true
	case '&':
		return c.op == opEqual
	case '(', '[', '{':
		return true
	}
	return false
}

// lookup finds the default of a variable that is expanded: ${NAME:-value}, ${name:value}.
func (s *scanner) lookup(c *candidate) bool {
	if !s.has("${") && !s.has("#{") {
		return false
	}
	from := s.pos
	for s.pos < len(s.data) && isIdent(s.data[s.pos]) && s.data[s.pos] != '-' {
		s.pos++
	}
	if s.pos == from || !s.has(":-") && !s.has(":") && !s.has("-") {
		s.pos = from
		return false
	}
	from = s.pos
	end := bytes.IndexAny(s.data[from:min(from+200, len(s.data))], "}\n")
	if end < minValue || s.data[from+end] != '}' {
		s.pos = from
		return false
	}
	c.value = detect.Range{Start: from, End: from + end}
	return true
}

// atLineStart reports whether nothing but blanks, quotes and list marks stands before the name on its line.
func (s *scanner) atLineStart(c *candidate) bool {
	for i := c.key.Start - 1; i >= 0; i-- {
		switch b := s.data[i]; b {
		case '\n':
			return true
		case ' ', '\t', '-', '"', '\'', '#', '/':
		default:
			if i >= 5 && string(s.data[i-5:i+1]) == "export" || i >= 2 && string(s.data[i-2:i+1]) == "ENV" {
				return true
			}
			return false
		}
	}
	return true
}
