package generic

import (
	"bytes"
	"strings"

	"github.com/keysieve/keysieve/detect"
)

// How much is looked at, in bytes.
const (
	maxURL  = 300 // of a URL behind its scheme
	maxUser = 200 // of a user and a password
)

// command finds passwords that are arguments of commands and statements.
func command(out []candidate, w *window, at, n int) []candidate {
	switch w.data[at+n-1] | 0x20 {
	case 'u', 'r':
		return userOption(out, w, at, n)
	case 'p':
		return shortOption(out, w, at, n)
	}
	return clause(out, w, at, n)
}

// urls finds the password of a URL around "://": scheme://user:password@host.
func urls(out []candidate, w *window, at, n int) []candidate {
	data := w.data
	from := at
	for lo := max(at-24, 0); from > lo && (isAlnum(data[from-1]) || data[from-1] == '+' || data[from-1] == '.' || data[from-1] == '-'); from-- {
	}
	start := at + n
	colon, last := -1, -1
	for i := start; i < min(start+maxURL, len(data)); i++ {
		switch c := data[i]; {
		case c == '@':
			last = i
		case c == ':' && colon < 0:
			colon = i
		case c == '/' && (last >= 0 || colon < 0 || isNumber(data[colon+1:i])), c == '?' && last >= 0, c <= ' ', c == '"', c == '\'', c == '`', c == '>', c == '<' && last >= 0, c == ')' && last >= 0, c == ',' && last >= 0:
			i = len(data)
		}
	}
	if colon < 0 || last < colon+1+minValue || isTemplate(data[from:last]) || isPattern(data[from:last]) {
		return out
	}
	return append(out, candidate{
		name: name{class: classURL, words: 1}, form: formURL, key: detect.Range{Start: from, End: colon},
		value: detect.Range{Start: colon + 1, End: last},
	})
}

// isNumber reports whether text is digits, or empty.
func isNumber(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// header finds the credentials behind the name of an authorization scheme: "Basic …", "Bearer …".
func header(out []candidate, w *window, at, n int, scheme class) []candidate {
	data := w.data
	if at > 0 && isAlnum(data[at-1]) && !(data[at-1] == 'n' && at > 1 && data[at-2] == '\\') {
		return out
	}
	from := at + n
	for from < len(data) && (isBlank(data[from]) || data[from] == '+' && from == at+n) {
		from++
	}
	to := from
	for to < len(data) && (isAlnum(data[to]) || strings.IndexByte("+/=_.~-%", data[to]) >= 0) {
		to++
	}
	goesOn := w.cut(to) && to-from >= firstBytes
	if goesOn {
		to = from + firstBytes
	}
	if to-from < 8 || from == at+n || !goesOn && (w.cut(to) || to < len(data) && strings.IndexByte("{<$", data[to]) >= 0) {
		return out
	}
	var buf [maxDecoded]byte
	if kind, _ := decodes(data[from:to], &buf); scheme == classBasic && kind != 2 && (data[to-1] != '=' || (to-from)%4 != 0 || kind == 1) {
		return out // RFC 7617: a name, a colon and a password, in base64; in which encoding is not said
	}
	return append(out, candidate{
		name: name{class: scheme, words: 1}, form: formHeader, key: detect.Range{Start: at, End: at + n}, value: detect.Range{Start: from, End: to}, goesOn: goesOn,
	})
}

// userOption finds the password behind the user, and a colon, that the user option of a command names, as in curl -u.
func userOption(out []candidate, w *window, at, n int) []candidate {
	data := w.data
	i := at + n
	if i < len(data) && data[i] != ' ' && data[i] != '=' {
		return out
	}
	i++
	var q byte
	if i < len(data) && isQuote(data[i]) {
		q = data[i]
		i++
	}
	colon := -1
	to := i
	hi := min(i+maxUser, len(data))
	for ; to < hi && data[to] > ' ' && data[to] != q && data[to] != '"' && data[to] != '\''; to++ {
		if data[to] == ':' && colon < 0 {
			colon = to
		}
	}
	if colon <= i || to-colon-1 < minValue || isTemplate(data[i:to]) || colon+1 < len(data) && data[colon+1] == '/' || to == hi && (hi < len(data) || w.cut(to)) {
		return out
	}
	return append(out, candidate{
		name: name{class: classPassword, words: 1}, form: formUser, key: detect.Range{Start: at, End: colon}, value: detect.Range{Start: colon + 1, End: to},
	})
}

// shortOption finds the password behind -p where a user is given too.
func shortOption(out []candidate, w *window, at, n int) []candidate {
	data := w.data
	line := lineAround(data, at)
	before := data[line.Start:at]
	if !bytes.Contains(before, []byte("sshpass")) && !bytes.Contains(before, []byte(" -u")) && !bytes.Contains(before, []byte("login")) {
		return out
	}
	c := candidate{name: name{class: classPassword, words: 1}, form: formFlag, key: detect.Range{Start: at + 1, End: at + n}}
	s := scanner{data: data, w: w, pos: at + n, limit: min(at+n+maxGap, len(data))}
	if s.blanks() == 0 && !bytes.Contains(before, []byte("mysql")) && !bytes.Contains(before, []byte("sshpass")) {
		return out
	}
	return s.value(out, c)
}

// clause finds the quoted or plain word behind a phrase: IDENTIFIED BY …, IDENTIFIED WITH plugin BY …, ConvertTo-SecureString ….
func clause(out []candidate, w *window, at, n int) []candidate {
	c := candidate{name: name{class: classPassword, words: 1}, form: formWord, key: detect.Range{Start: at, End: at + n}}
	data := w.data
	s := scanner{data: data, w: w, pos: at + n, limit: min(at+n+maxGap, len(data))}
	if s.blanks() == 0 || data[at+n-1]|0x20 == 'h' && !s.plugin() {
		return out
	}
	for _, word := range []string{"PASSWORD ", "password ", "VALUES ", "values ", "-String "} {
		s.has(word)
	}
	s.blanks()
	return s.value(out, c)
}

// plugin goes past the name of what authenticates, which may be in quotes, and BY.
func (s *scanner) plugin() bool {
	s.closers()
	for s.pos < s.limit && isIdent(s.data[s.pos]) {
		s.pos++
	}
	s.closers()
	s.blanks()
	return (s.has("BY ") || s.has("by ")) && s.blanks() >= 0
}

// members finds the private members of the JSON web key that has "kty", or a private member, at the position.
func members(out []candidate, w *window, at, n int) []candidate {
	data := w.data
	lo, hi := 0, len(data)
	if i := bytes.LastIndexByte(data[lo:at], '{'); i >= 0 {
		lo += i
	}
	if i := bytes.IndexByte(data[at:hi], '}'); i >= 0 {
		hi = at + i
	}
	if !bytes.Contains(data[lo:hi], []byte("kty")) {
		return out
	}
	const most = 32 // members that are looked at
	for i, looked := lo+1, 0; i+4 < hi && looked < most; i++ {
		if data[i] != 'd' && data[i] != 'k' || isIdent(data[i-1]) || isIdent(data[i+1]) {
			continue
		}
		c := candidate{name: name{class: classAPIKey, words: 1}, form: formMember, key: detect.Range{Start: i, End: i + 1}}
		s := scanner{data: data, w: w, pos: i + 1, limit: min(i+1+maxGap, len(data))}
		s.closers()
		s.blanks()
		if !s.has(":") {
			continue
		}
		looked++
		s.space()
		if s.quoted(&c) {
			out = append(out, c)
		}
	}
	return out
}

// dump finds the hash of a line of a Windows password dump, name:id:LM hash:NT hash::: (the format of pwdump), before the position.
func dump(out []candidate, w *window, at int) []candidate {
	const size = 32 // digits of a hash
	data := w.data
	nt, lm := at-size, at-2*size-1
	if lm < 4 || data[lm-1] != ':' || data[nt-1] != ':' || !isHex(data[nt:at]) || !isHex(data[lm:nt-1]) || !isDigit(data[lm-2]) ||
		bytes.EqualFold(data[nt:at], []byte(emptyNT)) {
		return out
	}
	from := lineAround(data, lm).Start
	return append(out, candidate{name: name{class: classPassword, words: 1}, form: formHash, key: detect.Range{Start: from, End: lm - 1}, value: detect.Range{Start: nt, End: at}})
}

// emptyNT is the NT hash of the empty password.
const emptyNT = "31d6cfe0d16ae931" + "b73c59d7e0c089c0"

// directory finds the hash behind the name of its kind, as web servers and directories store it: {SHA}base64 (RFC 2307).
func directory(out []candidate, w *window, at, n int) []candidate {
	const least = 28 // of the 20 bytes of SHA-1 in base64
	data := w.data
	to := at + n
	for to < len(data) && (isAlnum(data[to]) || data[to] == '+' || data[to] == '/' || data[to] == '=') {
		to++
	}
	if to-at-n < least || w.cut(to) {
		return out
	}
	return append(out, candidate{name: name{class: classPassword, words: 1}, form: formHash, key: detect.Range{Start: at, End: at + n}, value: detect.Range{Start: at, End: to}})
}

// fixed returns the confidence of what is judged by its form and not by its score, else 0.
func (c *candidate) fixed(w *window) detect.Confidence {
	switch c.form {
	case formHash:
		return detect.ConfidenceMedium
	case formBytes:
		if strong := c.name.class == classAPIKey || c.name.class == classSecret || c.name.class == classPassword; strong && !c.name.test && w.class().says == 0 {
			return detect.ConfidenceMedium
		}
		return detect.ConfidenceLow
	}
	return 0
}

// lineAround returns the line of the position, at most maxLine bytes on each side.
func lineAround(data []byte, at int) detect.Range {
	lo, hi := max(at-maxLine, 0), min(at+maxLine, len(data))
	if i := bytes.LastIndexByte(data[lo:at], '\n'); i >= 0 {
		lo += i + 1
	}
	if i := bytes.IndexByte(data[at:hi], '\n'); i >= 0 {
		hi = at + i
	}
	return detect.Range{Start: lo, End: hi}
}
