package repo

import (
	"fmt"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

// maxConfig bounds the size of a configuration file, in bytes.
const maxConfig = 4 << 20

// A configSyntaxError says which line of a configuration file cannot be read.
type configSyntaxError struct {
	Line   int
	Reason string
}

func (e *configSyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// readConfig calls set for each variable of a configuration file, in its order. A file that does not exist is empty.
func readConfig(path string, set func(variable)) error {
	data, err := regular.ReadIfExists(path, maxConfig)
	if err != nil {
		return err
	}
	if err := parseConfig(string(data), set); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// variable is a variable of git's configuration.
type variable struct {
	name  string // section and key in lower case, with the sub-section in between as it is written, joined by dots
	value string // "true" if it is only mentioned
}

// isTrue reports whether a boolean variable is on. A value that is no boolean counts as on only if git could take it so.
func (v variable) isTrue() bool {
	switch strings.ToLower(v.value) {
	case "", "0", "false", "no", "off":
		return false
	}
	return true
}

// parseConfig reads the text of a configuration file as git-config(1) describes it.
func parseConfig(text string, set func(variable)) error {
	p := configParser{text: strings.TrimPrefix(text, "\ufeff"), line: 1}
	section := ""
	for {
		p.skipSpace()
		switch c := p.peek(); {
		case c == eof:
			return nil
		case c == '#' || c == ';':
			p.skipLine()
		case c == '[':
			name, err := p.section()
			if err != nil {
				return err
			}
			section = name
		case isLetter(c) && section != "":
			v, err := p.variable(section)
			if err != nil {
				return err
			}
			set(v)
		default:
			return p.fail("neither a section nor a variable")
		}
	}
}

const eof = -1

type configParser struct {
	text string
	pos  int
	line int
}

func (p *configParser) fail(reason string) error { return &configSyntaxError{p.line, reason} }

// peek returns the next byte, or eof. An end of line can have a carriage return, which is left out.
func (p *configParser) peek() int {
	if strings.HasPrefix(p.text[p.pos:], "\r\n") {
		p.pos++
	}
	if p.pos == len(p.text) {
		return eof
	}
	return int(p.text[p.pos])
}

func (p *configParser) next() int {
	c := p.peek()
	if c != eof {
		p.pos++
	}
	if c == '\n' {
		p.line++
	}
	return c
}

func (p *configParser) skipSpace() {
	for c := p.peek(); c == ' ' || '\t' <= c && c <= '\r'; c = p.peek() {
		p.next()
	}
}

func (p *configParser) skipLine() {
	for c := p.next(); c != '\n' && c != eof; c = p.next() {
	}
}

func isLetter(c int) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isKey(c int) bool { return isLetter(c) || '0' <= c && c <= '9' || c == '-' }

// section reads [name], [name "sub-section"] or the old [name.sub-section].
func (p *configParser) section() (string, error) {
	p.next()
	start := p.pos
	for c := p.peek(); isKey(c) || c == '.'; c = p.peek() {
		p.next()
	}
	name := strings.ToLower(p.text[start:p.pos])
	for p.peek() == ' ' || p.peek() == '\t' {
		p.next()
	}
	if p.peek() == '"' {
		p.next()
		var sub strings.Builder
		for c := p.next(); c != '"'; c = p.next() {
			if c == '\\' {
				c = p.next()
			}
			if c == '\n' || c == eof {
				return "", p.fail("a section's name does not end")
			}
			sub.WriteByte(byte(c))
		}
		name += "." + sub.String()
	}
	if name == "" || p.next() != ']' {
		return "", p.fail("a section's name cannot be read")
	}
	return name, nil
}

func (p *configParser) variable(section string) (variable, error) {
	start := p.pos
	for isKey(p.peek()) {
		p.next()
	}
	v := variable{name: section + "." + strings.ToLower(p.text[start:p.pos]), value: "true"}
	for p.peek() == ' ' || p.peek() == '\t' {
		p.next()
	}
	switch c := p.peek(); c {
	case '=':
		p.next()
		value, err := p.value()
		v.value = value
		return v, err
	case '\n', eof, '#', ';':
		p.skipLine()
		return v, nil
	}
	return v, p.fail("a variable's name cannot be read")
}

// value reads up to the end of the line. Outside of quotes, space at the ends goes away and a comment ends the value.
func (p *configParser) value() (string, error) {
	var value strings.Builder
	quoted := false
	end := 0 // of what is surely part of the value: space counts only if something follows
	for {
		c := p.next()
		switch {
		case c == eof || c == '\n':
			if quoted {
				return "", p.fail("a quoted value does not end")
			}
			return value.String()[:end], nil
		case c == '"':
			quoted = !quoted
			end = value.Len()
			continue
		case !quoted && (c == '#' || c == ';'):
			p.skipLine()
			return value.String()[:end], nil
		case !quoted && (c == ' ' || c == '\t'):
			if value.Len() > 0 {
				value.WriteByte(byte(c))
			}
			continue
		case c == '\\':
			escaped := p.next()
			if escaped == '\n' {
				continue
			}
			i := strings.IndexByte(`ntb"\`, byte(escaped))
			if escaped == eof || i < 0 {
				return "", p.fail("unknown escape in a value")
			}
			c = int("\n\t\b\"\\"[i])
		}
		value.WriteByte(byte(c))
		end = value.Len()
	}
}
