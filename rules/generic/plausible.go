package generic

import (
	"bytes"

	"github.com/keysieve/keysieve/detect"
)

// trim takes the name of an authorization scheme off the value, and the JSON around it. It reports false for a value that cannot be a
// secret in clear.
func (c *candidate) trim(w *window) bool {
	v := w.data[c.value.Start:c.value.End]
	if impossible(v) || c.quote == quoteNone && c.expression(w.data, v) || onlyWords(v) && w.class().says == pathTranslation {
		return false
	}
	if bytes.HasPrefix(w.data[c.value.End:], []byte("}}")) {
		return false // within a template's expression
	}
	if k := c.key.Start; k >= 2 && w.data[k-1] == '<' && (w.data[k-2] == 'P' || w.data[k-2] == '?') {
		return false // the name of a group in a regular expression
	}
	if c.op == opComma && c.form == formArg && bytes.IndexByte(w.data[c.key.End:c.value.Start], '\n') >= 0 {
		return false // the next word of a list
	}
	if c.name.class == classSeed && isHex(v) {
		return false // of a random number generator, in a test
	}
	if v[0] == '{' {
		c.narrow(w.data)
	}
	if c.name.class != classAuth {
		return true
	}
	if (foldAt(v, 0, "basic") || foldAt(v, 0, "bearer")) && (len(v) <= 6 || v[5] == ' ' || v[6] == ' ') {
		return false // the places of headers find it
	}
	if i := bytes.IndexByte(v, ' '); i >= 3 && i <= 10 && len(v)-i > minValue && bytes.IndexByte(v[i+1:], ' ') < 0 {
		c.value.Start += i + 1
	}
	return true
}

// impossible reports whether a value is no secret in clear, whatever its name: text that is masked, cut, hashed, encrypted or spelled out in
// bytes, a date, an address, or what the documentation of AWS marks as an example.
func impossible(v []byte) bool {
	for _, prefix := range []string{"ENC(", "ENC[", "{SHA", "{SSHA", "{MD5}", "{SMD5}", "{CRYPT}", `\u`, `\U`, `\x`} {
		if bytes.HasPrefix(v, []byte(prefix)) {
			return true
		}
	}
	if (bytes.HasPrefix(v, []byte("http://")) || bytes.HasPrefix(v, []byte("https://"))) && bytes.IndexByte(v, '@') < 0 {
		return true
	}
	if isTemplate(v) || isPattern(v) {
		return true
	}
	if bytes.Contains(v, []byte("****")) || bytes.HasSuffix(v, []byte("...")) || bytes.Contains(v, []byte("EXAMPLE")) {
		return true
	}
	return len(v) >= 10 && v[4] == '-' && v[7] == '-' && isNumber(v[:4]) && isNumber(v[5:7]) && isNumber(v[8:10]) && (len(v) == 10 || !isAlnum(v[10]) || v[10] == 'T')
}

// isTemplate reports whether a value has a part that is filled in elsewhere: {{ }}, <% %>.
func isTemplate(v []byte) bool {
	return bytes.Contains(v, []byte("{{")) || bytes.Contains(v, []byte("}}")) || bytes.Contains(v, []byte("<%"))
}

// isPattern reports whether a value is a regular expression.
func isPattern(v []byte) bool {
	for _, sign := range []string{`\.`, `(?`, `[^`, `[0-9`, `[a-z`, `[A-Z`, `\d`, `\w`, `\s`} {
		if bytes.Contains(v, []byte(sign)) {
			return true
		}
	}
	return false
}

// expression reports whether a value without quotes is code: a number in hexadecimal, a call, a literal of some type, the next key
// of a map, or the word after another word.
func (c *candidate) expression(data, v []byte) bool {
	if n := v[flagInt(v[0] == '-'):]; len(n) <= 18 && len(n) > 2 && n[0] == '0' && n[1]|0x20 == 'x' {
		return true
	}
	if c.value.End < len(data) && (data[c.value.End] == '(' || data[c.value.End] == '{') {
		return true
	}
	if c.form == formWord && c.name.class != classPassword {
		return true
	}
	return c.form != formPair && bytes.IndexByte(data[c.key.End:c.value.Start], '\n') >= 0
}

// isHex reports whether text is hexadecimal digits.
func isHex(text []byte) bool {
	for _, c := range text {
		if !isHexDigit(c) {
			return false
		}
	}
	return true
}

// narrow makes the value of a name that is JSON itself the longest text in it.
func (c *candidate) narrow(data []byte) {
	best := detect.Range{}
	s := scanner{data: data, pos: c.value.Start + 1, limit: c.value.End}
	for s.pos < c.value.End {
		in := *c
		if !s.quoted(&in) {
			s.pos++
			continue
		}
		if in.value.End <= c.value.End && in.value.End-in.value.Start > best.End-best.Start {
			best = in.value
		}
		s.pos = in.value.End
		s.closers()
	}
	if best.End-best.Start >= 8 {
		c.value = best
	}
}

// onlyWords reports whether text is letters of any alphabet, blanks and the punctuation of sentences.
func onlyWords(text []byte) bool {
	for _, c := range text {
		if !isLetter(c) && c < 0x80 && bytes.IndexByte([]byte(" .,:;!?'-()"), c) < 0 {
			return false
		}
	}
	return true
}
