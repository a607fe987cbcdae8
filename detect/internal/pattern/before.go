package pattern

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// Before says what may stand right before the part of a match that Alignment.Rest describes: a byte of the set, or nothing, because the
// text begins there.
type Before struct {
	Set   [4]uint64
	Begin bool
}

// Anything allows every byte, and the beginning of the text.
var Anything = Before{[4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}, true}

// Allows reports whether a match may go on at data[at:].
func (b *Before) Allows(data []byte, at int) bool {
	if at == 0 {
		return b.Begin
	}
	c := data[at-1]
	return b.Set[c>>6]>>(c&63)&1 != 0
}

// Any reports whether everything is allowed.
func (b *Before) Any() bool { return *b == Anything }

func (b *Before) add(c byte) { b.Set[c>>6] |= 1 << (c & 63) }

// Or returns what one of both allows.
func (b Before) Or(other Before) Before {
	for i := range b.Set {
		b.Set[i] |= other.Set[i]
	}
	b.Begin = b.Begin || other.Begin
	return b
}

func (b Before) and(other Before) Before {
	for i := range b.Set {
		b.Set[i] &= other.Set[i]
	}
	b.Begin = b.Begin && other.Begin
	return b
}

// bytesWhere returns the set of the bytes for which is is true, without the beginning of the text.
func bytesWhere(is func(c byte) bool) (b Before) {
	for c := range 256 {
		if is(byte(c)) {
			b.add(byte(c))
		}
	}
	return b
}

// eitherCase returns the set of a byte in lower case and the letter's other form.
func eitherCase(c byte) (b Before) {
	b.add(c)
	if 'a' <= c && c <= 'z' {
		b.add(c &^ 0x20)
	}
	return b
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// An edge is what a match demands of the place where it begins, as bits.
type edge uint8

const (
	edgeWord edge = 1 << iota // \b
	edgeText                  // ^
	edgeLine                  // (?m:^)
)

// edgeOf returns what an operator without width demands where a match begins.
func edgeOf(op syntax.Op) edge {
	switch op {
	case syntax.OpWordBoundary:
		return edgeWord
	case syntax.OpBeginText:
		return edgeText
	case syntax.OpBeginLine:
		return edgeLine
	}
	return 0
}

// before returns what may stand before a match that demands e and begins with the byte first.
func (e edge) before(first byte) Before {
	b := Anything
	if e&edgeWord != 0 {
		// What is not ASCII may be part of a word for one kind of expressions, and is not for the other.
		if isWordByte(first) {
			b = bytesWhere(func(c byte) bool { return !isWordByte(c) })
			b.Begin = true
		} else {
			b = bytesWhere(func(c byte) bool { return isWordByte(c) || c >= utf8.RuneSelf })
			b.Begin = first >= utf8.RuneSelf
		}
	}
	if e&edgeLine != 0 {
		line := bytesWhere(func(c byte) bool { return c == '\n' })
		line.Begin = true
		b = b.and(line)
	}
	if e&edgeText != 0 {
		b = b.and(Before{Begin: true})
	}
	return b
}

// behind returns what may stand before the place where matches of elements end and the byte next stands.
func behind(elements []*syntax.Regexp, next byte) Before {
	b := Anything
	for _, e := range elements {
		b = b.past(e, next)
	}
	return b
}

// past returns what may stand before the end of a match of re, where b may stand before its beginning. If nothing is between the two and
// next, what has no width is about the place before next.
func (b Before) past(re *syntax.Regexp, next byte) Before {
	switch re.Op {
	case syntax.OpLiteral:
		var last Before
		text := string(re.Rune)
		last.add(text[len(text)-1])
		return last
	case syntax.OpCharClass:
		return lastOf(re.Rune)
	case syntax.OpAnyChar:
		return bytesWhere(func(byte) bool { return true })
	case syntax.OpAnyCharNotNL:
		return bytesWhere(func(c byte) bool { return c != '\n' })
	case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpWordBoundary:
		return b.and(edgeOf(re.Op).before(next))
	case syntax.OpCapture:
		return b.past(re.Sub[0], next)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			b = b.past(sub, next)
		}
		return b
	case syntax.OpAlternate:
		var all Before
		for _, sub := range re.Sub {
			all = all.Or(b.past(sub, next))
		}
		return all
	case syntax.OpQuest, syntax.OpStar:
		return b.Or(Anything.past(re.Sub[0], next))
	case syntax.OpPlus:
		return Anything.past(re.Sub[0], next)
	case syntax.OpRepeat:
		if re.Min == 0 {
			return b.Or(Anything.past(re.Sub[0], next))
		}
		return Anything.past(re.Sub[0], next)
	}
	return b // it has no width
}

// lastOf returns the last bytes of the characters of a class.
func lastOf(ranges []rune) (b Before) {
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= min(ranges[i+1], utf8.RuneSelf-1); r++ {
			b.add(byte(r))
		}
		if ranges[i+1] >= utf8.RuneSelf {
			b = b.Or(bytesWhere(func(c byte) bool { return c >= utf8.RuneSelf }))
		}
	}
	return b
}

// marked returns heads with those that have no text yet demanding an edge, too.
func marked(heads []head, e edge) []head {
	if e == 0 {
		return heads
	}
	heads = slices.Clone(heads)
	for i := range heads {
		if heads[i].text == "" {
			heads[i].edge |= e
		}
	}
	return heads
}
