package generic

import (
	"bytes"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
)

// trim takes the name of an authorization scheme off the value, and the JSON around it. It reports false for a value that cannot be a
// secret in clear.
func (c *candidate) trim(w *window) bool {
	v := w.data[c.value.Start:c.value.End]
	if c.idle(v) || impossible(v) || c.quote == quoteNone && c.expression(w.data, v) || onlyWords(v) && w.class().says == pathTranslation {
		return false
	}
	if c.goesOn && v[0] == 'A' && v[1] == 'g' && 'A' <= v[2] && v[2] <= 'D' {
		return false // what Sealed Secrets encrypts begins with a length of 512 bytes
	}
	if c.quote == quoteBack && w.class().kind == kindShell {
		return false // a command
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
	if n := len(v); n < maxStub && c.name.class != classPassword {
		if prefix := int(providerPrefix(v)); prefix > minProvider && n-prefix < minStub {
			return false // the beginning of a provider's key, and next to nothing behind it
		}
	}
	if c.name.class == classSeed && isHex(bytes.TrimPrefix(bytes.TrimPrefix(v, []byte("0:")), []byte("0x"))) {
		return false // of a random number generator, in a test
	}
	if v[0] == '{' {
		c.narrow(w.data)
	}
	if i := bytes.IndexByte(v, ':'); i > 0 && len(v)-i > minValue && c.key.End-c.key.Start >= len("userpwd") && foldAt(w.data, c.key.End-len("userpwd"), "userpwd") {
		c.value.Start += i + 1
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

// idle reports whether a value says nothing that its name could make a secret: a truth value, a small number, a short word, a word for
// some key. They are most of what stands behind such names, and hardly any is a secret; what is left is worth a closer look.
func (c *candidate) idle(v []byte) bool {
	if c.form == formURL || len(v) > maxIdle {
		return false
	}
	if c.name.class == classPassword {
		return c.quote == quoteNone && nothings[string(v)] || c.name.about && isNumeric(v) // password_expiry
	}
	if c.name.class == classKey && (isUUID(v) || isKeyID(v)) {
		return true // of a map or a table; of a public key
	}
	weak := c.name.class == classKey || c.name.class == classSession
	return (weak || len(v) < minWord) && isWordLike(v) || c.quote == quoteNone && len(v) < minNumber && isNumeric(v)
}

// Bounds of what is idle, in bytes.
const (
	maxIdle   = 40
	minNumber = 9 // of a number that may be a token
	minWord   = 6 // of a word that may be one
)

// isKeyID reports whether the value is the long id of an OpenPGP key, as GnuPG writes it.
func isKeyID(v []byte) bool {
	if len(v) != 16 {
		return false
	}
	for _, c := range v {
		if !isDigit(c) && !('A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}

// nothings are what values without quotes are when there is none.
var nothings = words("true false null nil none None NULL True False undefined TRUE FALSE nullptr yes no on off")

// isNumeric reports whether text is a number, as JSON writes it.
func isNumeric(text []byte) bool {
	for i, c := range text {
		if !isDigit(c) && c != '.' && !(c == '-' && i == 0) {
			return false
		}
	}
	return true
}

// isWordLike reports whether text is letters, and signs that join words.
func isWordLike(text []byte) bool {
	for _, c := range text {
		if !isLetter(c) && c != '_' && c != '-' && c != '.' && c != ' ' {
			return false
		}
	}
	return true
}

// Bounds of what a provider's prefix stands before, in bytes.
const (
	maxStub = 24 // of the whole
	minStub = 8  // of what is behind it
)

// impossible reports whether a value is no secret in clear, whatever its name: text that is masked, cut, hashed, encrypted or spelled out in
// bytes, a date, a version, an address, a name for the whole world, a certificate or public key, or what the documentation of AWS marks as an example.
func impossible(v []byte) bool {
	switch v[0] {
	case 'A', 'E', '{', '\\', 'u', 'v', 'w':
		// What Jenkins, EJSON, Vault and OpenPGP encrypt is among them, and names (RFC 8141).
		for _, prefix := range []string{"EJ[1:", "vault:v", "wcFMA", "urn:", "AQAAAB", "{AQAAAB", "ENC(", "ENC[", "{SHA", "{SSHA", "{MD5}", "{SMD5}", "{CRYPT}", `\u`, `\U`, `\x`} {
			if bytes.HasPrefix(v, []byte(prefix)) {
				return true
			}
		}
	case 'h':
		if (bytes.HasPrefix(v, []byte("http://")) || bytes.HasPrefix(v, []byte("https://"))) && bytes.IndexByte(v, '@') < 0 || bytes.HasPrefix(v, []byte("hQEMA")) || bytes.HasPrefix(v, []byte("hQIMA")) {
			return true
		}
	case 'M':
		if isPublic(v) {
			return true
		}
	}
	if isVersion(v) || marked(v) && (isVariable(v) || isTemplate(v) || isPattern(v) || bytes.Contains(v, []byte("****")) || bytes.HasSuffix(v, []byte("...")) || bytes.Count(v, []byte(`\n`)) >= maxLines) || bytes.Contains(v, []byte("EXAMPLE")) {
		return true
	}
	return len(v) >= 10 && v[4] == '-' && v[7] == '-' && isNumber(v[:4]) && isNumber(v[5:7]) && isNumber(v[8:10]) && (len(v) == 10 || !isAlnum(v[10]) || v[10] == 'T')
}

// isPublic reports whether a value is the beginning of a certificate, or of a public key, in base64: of two sequences in a row with lengths of two bytes, or
// of one with the identifier of RSA or of the curve P-256 (RFC 5280).
func isPublic(v []byte) bool {
	const certificate = "CC" // of 30 82 in both, behind the first length
	return len(v) > 64 && bytes.HasPrefix(v, []byte("MII")) && (string(v[6:8]) == certificate || bytes.HasPrefix(v[4:], []byte("ANBgkqhkiG9w0BAQEFAAOC"))) ||
		bytes.HasPrefix(v, []byte("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"))
}

// isVersion reports whether the value is the version of a package, or an address of numbers: 1.0b4, 3.2.1-rc.1+build5, 1:4.13+dfsg1-1+deb12u1.
// Numbers come first, and then parts of few letters and numbers.
func isVersion(v []byte) bool {
	const maxVersion = 32
	if len(v) > maxVersion || !isDigit(v[0]) {
		return false
	}
	if v[1] == ':' {
		v = v[2:] // the epoch
	}
	rest := bytes.TrimLeft(v, "0123456789.")
	dot := bytes.IndexByte(v[:len(v)-len(rest)], '.')
	if dot <= 0 || dot+1 == len(v) || !isDigit(v[dot+1]) {
		return false
	}
	for part := range bytes.FieldsFuncSeq(rest, func(r rune) bool { return strings.ContainsRune(".+~-", r) }) {
		if !isStage(part) {
			return false
		}
	}
	return true
}

// isStage reports whether text is a part of a version behind its numbers: beta, rc1, deb12u1.
func isStage(part []byte) bool {
	const maxLetters = 6
	groups, letters := 0, 0
	for _, b := range part {
		switch {
		case isLower(b):
			if letters++; letters == 1 {
				groups++
			}
		case isDigit(b):
			letters = 0
		default:
			return false
		}
		if letters > maxLetters {
			return false
		}
	}
	return groups < 2 || groups == 2 && letters == 0
}

// maxLines is how many ends of lines a text has that is no secret.
const maxLines = 4

// marks are the bytes that templates, patterns and masks have in common with few secrets.
var marks = func() (set [256]bool) {
	for _, c := range []byte(`{}<\([*.$%#`) {
		set[c] = true
	}
	return set
}()

// marked reports whether the value has one of the marks.
func marked(v []byte) bool {
	for _, c := range v {
		if marks[c] {
			return true
		}
	}
	return false
}

// isVariable reports whether the value is wholly what something else is filled in for: $name, ${name}, $(command), %NAME%, <name>.
func isVariable(v []byte) bool {
	n := len(v)
	switch v[0] {
	case '$':
		return n > 3 && (v[1] == '{' && v[n-1] == '}' && bytes.IndexByte(v[2:], '{') < 0 || v[1] == '(') || isReference(v[1:])
	case '%':
		return n > 2 && v[n-1] == '%' && isReference(v[1:n-1])
	case '<':
		return v[n-1] == '>'
	}
	return false
}

// isReference reports whether text is the name of a variable, or of a member of one.
func isReference(text []byte) bool {
	for _, c := range text {
		if !isLetter(c) && c != '_' && c != '.' && c != '-' && c != '>' {
			return false
		}
	}
	return true
}

// isTemplate reports whether a value has a part that is filled in elsewhere: {{ }}, <% %>.
func isTemplate(v []byte) bool {
	return bytes.Contains(v, []byte("{{")) || bytes.Contains(v, []byte("}}")) || bytes.Contains(v, []byte("<%"))
}

// isPattern reports whether a value is a regular expression, or keys to be pressed as Vim writes them: \<Esc>.
func isPattern(v []byte) bool {
	for _, sign := range []string{`\<`, `\.`, `(?`, `[^`, `[0-9`, `[a-z`, `[A-Z`, `\d`, `\w`, `\s`} {
		if bytes.Contains(v, []byte(sign)) {
			return true
		}
	}
	return false
}

// expression reports whether a value without quotes is code: a number in hexadecimal or of a constant, a call, a literal of some type, the next key
// of a map, or the word after another word.
func (c *candidate) expression(data, v []byte) bool {
	if n := v[flagInt(v[0] == '-'):]; len(n) <= 18 && len(n) > 2 && n[0] == '0' && n[1]|0x20 == 'x' {
		return true
	}
	if c.value.End < len(data) && (data[c.value.End] == '(' || data[c.value.End] == '{') {
		return true
	}
	if isNumeric(v) && bytes.HasSuffix(data[:c.key.Start], []byte("#define ")) {
		return true // the number of a message
	}
	if c.form == formWord && data[c.key.Start] == '$' {
		return true // the word behind a variable
	}
	if c.form == formWord && !c.declared(data) && (c.name.class != classPassword || len(v) >= minWord && isConstant(v) || c.key.End-c.key.Start == len("pass") && !c.flagged(data)) {
		return true // running text
	}
	return c.form != formPair && !c.block && bytes.IndexByte(data[c.key.End:c.value.Start], '\n') >= 0
}

// declared reports whether the name stands behind a word that makes the next one its value: ENV of a Dockerfile, %define of an RPM.
func (c *candidate) declared(data []byte) bool {
	before := data[:c.key.Start]
	return string(before) == "ENV " || slices.ContainsFunc([]string{"\nENV ", "%define ", "%global "}, func(word string) bool {
		return bytes.HasSuffix(before, []byte(word))
	})
}

// flagged reports whether the name begins with a dash, as an option does.
func (c *candidate) flagged(data []byte) bool { return c.key.Start > 0 && data[c.key.Start-1] == '-' }

// isConstant reports whether text is the name of a constant or of a variable of the environment.
func isConstant(text []byte) bool {
	for _, c := range text {
		if !isUpper(c) && c != '_' {
			return false
		}
	}
	return true
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
