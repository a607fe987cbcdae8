package text

import (
	"unicode/utf16"
	"unicode/utf8"
)

// This many bytes of ASCII text in a row, inside UTF-16, are not UTF-16: taken for that they would be Chinese characters
// that do not stand side by side by chance. They are passed as they are, because a byte order mark in front of
// ordinary text must not hide it.
const rawRun = 16

// A utf16Decoder converts UTF-16, piece by piece, to UTF-8. Lone surrogates become U+FFFD.
type utf16Decoder struct {
	bigEndian bool
	begun     bool // the place of a byte order mark is behind
	inRun     bool // what comes next continues a run of raw text
}

// decode appends src, converted, to dst, and returns how many bytes of src it has used. Unless last is set it leaves
// those at the end whose meaning depends on what follows, which are fewer than 20.
func (d *utf16Decoder) decode(dst, src []byte, last bool) ([]byte, int) {
	i := 0
	if !d.begun && len(src) >= 2 {
		d.begun = true
		if d.unit(src) == 0xFEFF {
			i = 2
		}
	}
	for len(src)-i >= 2 {
		rest := src[i:]
		run := textRun(rest)
		if run >= rawRun || d.inRun && run > 0 {
			var n int
			dst, n = d.decodeRun(dst, rest, run)
			if i += n; n > 0 {
				continue
			}
		}
		d.inRun = false
		if !last && (mayGrow(rest, run) || d.needsMore(rest)) {
			return dst, i
		}
		var n int
		dst, n = d.decodeUnit(dst, rest)
		i += n
	}
	switch {
	case !last || i == len(src):
	case isText(src[i]):
		dst = append(dst, src[i])
		i++
	default:
		dst = utf8.AppendRune(dst, utf8.RuneError)
		i++
	}
	return dst, i
}

// decodeRun appends the run of raw text that src begins with, and returns how many bytes that has used, an even
// number. A last character that is half a unit is left if the unit is ASCII by itself.
func (d *utf16Decoder) decodeRun(dst, src []byte, run int) ([]byte, int) {
	n := run &^ 1
	dst = append(dst, src[:n]...)
	d.inRun = run == len(src)
	if run > n && run < len(src) && d.unit(src[n:]) >= utf8.RuneSelf {
		dst = append(dst, src[n])
		n += 2
	}
	return dst, n
}

// decodeUnit appends the character that src begins with, and returns how many bytes that has used.
func (d *utf16Decoder) decodeUnit(dst, src []byte) ([]byte, int) {
	u := d.unit(src)
	switch {
	case u < utf8.RuneSelf:
		return append(dst, byte(u)), 2
	case textRun(src[1:]) >= rawRun: // raw text that begins in the middle of a unit
		d.inRun = true
		return append(dst, src[1]), 2
	case utf16.IsSurrogate(u) && len(src) >= 4 && textRun(src[3:]) < rawRun:
		if r := utf16.DecodeRune(u, d.unit(src[2:])); r != utf8.RuneError {
			return utf8.AppendRune(dst, r), 4
		}
	}
	return utf8.AppendRune(dst, u), 2 // which writes U+FFFD for a surrogate
}

// needsMore reports whether what follows src may change how its first character, outside a run of raw text, is decoded.
func (d *utf16Decoder) needsMore(src []byte) bool {
	u := d.unit(src)
	switch {
	case u < utf8.RuneSelf:
		return false
	case mayGrow(src[1:], textRun(src[1:])):
		return true
	case utf16.IsSurrogate(u):
		return len(src) < 4 || mayGrow(src[3:], textRun(src[3:]))
	}
	return false
}

// mayGrow reports whether a run of text at the beginning of src may become long enough to be raw.
func mayGrow(src []byte, run int) bool { return run > 0 && run == len(src) && run < rawRun }

func (d *utf16Decoder) unit(b []byte) rune {
	if d.bigEndian {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}

// textRun returns how many bytes of ASCII text b begins with.
func textRun(b []byte) int {
	for i, c := range b {
		if !isText(c) {
			return i
		}
	}
	return len(b)
}
