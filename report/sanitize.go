package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitize returns s so that it can be shown in one line of a terminal or a log without driving it or hiding anything.
// Visible characters and spaces stay as they are, and so does the backslash, but for what a CI runner takes for a command when it
// sees it in a log: "::" at the beginning (GitHub), "##[" and "##vso[" anywhere (Azure). Sanitising twice is the same as once. The
// rest becomes an escape in Go's notation:
//
//	\t \n \r           tab and line ends
//	\x1b               other C0 controls and DEL; a byte that is not part of valid UTF-8
//	\u202e \U000e0041  C1 controls, bidirectional controls, line and paragraph separators, zero-width and other
//	                   invisible characters, and code points that Unicode has not assigned
//
// A literal backslash makes the result ambiguous; where that matters, as for paths, use [QuotePath].
func Sanitize(s string) string {
	if plain(s) {
		return inert(s)
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case visible(r):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
		i += n
	}
	return inert(b.String())
}

// inert breaks what CI runners would take for commands.
func inert(s string) string {
	if rest := strings.TrimLeftFunc(s, unicode.IsSpace); strings.HasPrefix(rest, "::") {
		s = s[:len(s)-len(rest)] + `\x3a` + rest[1:]
	}
	for from := 0; ; {
		i := strings.Index(s[from:], "##")
		if i < 0 {
			return s
		}
		i += from
		from = i + 1
		if rest := s[i+2:]; strings.HasPrefix(rest, "[") || len(rest) > 3 && strings.EqualFold(rest[:4], "vso[") {
			s = s[:i] + `\x23` + s[i+1:]
			from = i + len(`\x23`)
		}
	}
}

// QuotePath returns path as it is when it can be shown safely, else in double quotes, with backslashes, double quotes
// and everything that [Sanitize] escapes written as escapes, so that no two paths look the same. Quoted are the paths
// with such characters or with quotes, and those that begin or end with a space. The empty path is "".
func QuotePath(path string) string {
	trimmed := strings.TrimFunc(path, unicode.IsSpace)
	if path != "" && len(trimmed) == len(path) && plain(path) && inert(path) == path && !strings.ContainsAny(path, "\"'`") {
		return path
	}
	return `"` + Sanitize(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path)) + `"`
}

// plain reports whether s is valid UTF-8 of visible characters.
func plain(s string) bool {
	for i, r := range s {
		if !visible(r) {
			return false
		}
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return false
		}
	}
	return true
}

// visible reports whether r shows as itself: letters, marks, numbers, punctuation, symbols and spaces, without those
// that are drawn as nothing.
func visible(r rune) bool {
	if ' ' <= r && r < 0x7f {
		return true
	}
	return unicode.IsGraphic(r) && !drawnAsNothing(r)
}

// drawnAsNothing reports whether r leaves no mark although Unicode counts it among the graphic characters: joiners,
// fillers and variation selectors (Default_Ignorable_Code_Point in DerivedCoreProperties.txt) and the empty Braille
// cell. U+FE0F, which many emoji carry, is one of them too.
func drawnAsNothing(r rune) bool {
	switch {
	case r == 0x034f, r == 0x2800, r == 0x3164, r == 0xffa0,
		0x115f <= r && r <= 0x1160,
		0x17b4 <= r && r <= 0x17b5,
		0x180b <= r && r <= 0x180f,
		0xfe00 <= r && r <= 0xfe0f,
		0xe0100 <= r && r <= 0xe01ef:
		return true
	}
	return false
}

// escape returns r, which is not visible, in Go's notation.
func escape(r rune) string {
	switch {
	case r == '\t':
		return `\t`
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
