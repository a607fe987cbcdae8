package generic

import (
	"bytes"
	"encoding/base64"
	"math"
	"strings"
)

// log2 is a table of n·log2(n), in thousandths, for the entropy of short texts.
var log2 = func() (t [maxCounted + 1]int32) {
	for n := 2; n <= maxCounted; n++ {
		t[n] = int32(1000 * float64(n) * math.Log2(float64(n)))
	}
	return t
}()

// maxCounted is how many bytes of a value are counted.
const maxCounted = 128

// keyColumn numbers the keys of a keyboard so that neighbours in a row have numbers next to each other.
var keyColumn = func() (t [256]uint8) {
	at := uint8(1)
	for _, row := range []string{"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"} {
		for _, c := range []byte(row) {
			t[c] = at
			if isLower(c) {
				t[c&^0x20] = at
			}
			at++
		}
		at++
	}
	return t
}()

// describeBytes sets the features of the value's characters.
func describeBytes(v *features, value []byte) {
	v[fLength] = int16(min(len(value), 2000))
	if len(value) > maxCounted {
		value = value[:maxCounted]
	}
	var counts [256]uint8
	var sum int32
	var distinct int16
	var digits, uppers, lowers, spaces, high, hex, b64, switches, run, longest, sequence, strange int
	var steps, pairs, walk int // of runs: abcd, a1b2c3, qwerty
	last := 0
	for i, c := range value {
		n := counts[c]
		counts[c] = n + 1
		sum += log2[n+1] - log2[n]
		distinct += flag(n == 0)
		kind := 0
		switch {
		case isDigit(c):
			digits++
			kind = 1
		case isUpper(c):
			uppers++
			kind = 2
		case isLower(c):
			lowers++
			kind = 3
		case c == ' ':
			spaces++
		case c >= 0x80:
			high++
		}
		strange += flagInt(kind == 0 && c < 0x80 && strings.IndexByte("-_.=/+: ", c) < 0)
		hex += flagInt(isHexDigit(c))
		b64 += flagInt(kind > 0 || c == '+' || c == '/' || c == '-' || c == '_')
		if i > 0 {
			switches += flagInt(kind != last && !(last == 2 && kind == 3 && i == 1))
			run = (run + 1) * flagInt(c == value[i-1])
			steps = (steps + 1) * flagInt(isAlnum(c) && (c == value[i-1]+1 || c+1 == value[i-1]))
			walk = (walk + 1) * flagInt(keyColumn[c] > 0 && (keyColumn[c] == keyColumn[value[i-1]]+1 || keyColumn[c]+1 == keyColumn[value[i-1]]))
			pairs = (pairs + 1) * flagInt(i > 1 && isAlnum(c) && c == value[i-2]+1)
		}
		longest, sequence = max(longest, run), max(sequence, steps, pairs, walk)
		last = kind
	}
	n := len(value)
	v[fDigits] = int16(100 * digits / n)
	v[fUppers] = int16(100 * uppers / n)
	v[fLowers] = int16(100 * lowers / n)
	v[fSymbols] = int16(100 * (n - digits - uppers - lowers - spaces - high) / n)
	v[fStrange] = int16(strange)
	v[fSpaces] = int16(min(spaces, 20))
	v[fNonASCII] = int16(min(high, 20))
	v[fDistinct] = distinct
	v[fEntropy] = int16((log2[n] - sum) / int32(n) / 10)
	v[fSwitches] = int16(100 * switches / n)
	v[fRepeat] = int16(min(longest+flagInt(longest > 0), 20))
	v[fSequence] = int16(min(sequence+flagInt(sequence > 0), 20))
	v[fHex] = flag(hex == n && n >= 4) * hexClass(n, digits)
	v[fBase64] = flag(b64 >= n-2)
	v[fPadding] = flag(n > 4 && value[n-1] == '=' && b64 >= n-2)
	v[fNumber] = flag(digits+flagInt(value[0] == '-')+bytes.Count(value, []byte{'.'}) == n) + 2*flag(n > 2 && value[0] == '0' && value[1]|0x20 == 'x' && hex == n-1)
	v[fCapital] = flag(isUpper(value[0]) && uppers == 1)
}

// hexClass returns 1 for hexadecimal text, 2 for that of the length of a hash or key, 0 for plain numbers.
func hexClass(n, digits int) int16 {
	switch {
	case digits == n:
		return 0
	case n == 32 || n == 40 || n == 48 || n == 64 || n == 96 || n == 128:
		return 2
	}
	return 1
}

// placeholders are words that stand where a secret is to be filled in, or that say that a value is none.
var placeholders = words("your my example sample changeme change changeit placeholder dummy fake redacted replace insert todo fixme here xxx foobar foo bar baz qux qwerty " +
	"test testing tests tester secret password passwd pass pwd token key apikey hidden removed none null nil undefined true false default string value text " +
	"admin root user username guest demo hello world something some any abc xyz letmein enter type put fill optional required invalid wrong bad good " +
	"old new correct incorrect valid mock stub the this that not a an is of for with super supersecret very top long random auth credential credentials " +
	"client server access private public api id name field mypass mypassword mysecret mytoken mykey hunter staple horse battery function object array number int bool " +
	"boolean char varchar empty unset unknown omitted masked filtered encrypted sensitive basic bearer oauth jwt strong weak simple please generated generate auto")

var placeholderLengths = lengthsOf(placeholders)

// constants are values that are no text of anybody's.
var constants = words("null nil none true false undefined string str text password secret token key bool boolean int integer number object any void optional required " +
	"yes no on off auto default empty enabled disabled bytes varchar char function self this value env name var let const new return await async public private static final")

// describeWords sets the features of what the value says.
func describeWords(v *features, data []byte, c *candidate, value []byte, p prose) {
	var decoded [maxDecoded]byte
	if c.name.class == classBasic || v[fBase64] == 1 && len(value) >= 12 {
		var text []byte
		if v[fDecodes], text = decodes(value, &decoded); v[fDecodes] > 0 {
			value = text
			p = prose{}
			p.read(value)
		}
	}
	v[fNatural] = int16(p.words[0])
	v[fIdentifier] = int16(p.words[1])
	v[fForeign] = int16(p.words[2])
	v[fLowest] = int16(p.low)
	letters := max(p.letters, 1)
	v[fCovered] = int16(100 * p.covered / letters)
	v[fLongest] = int16(p.longest)
	v[fWordCount] = int16(p.count)
	v[fUncovered] = int16(p.letters - p.covered)
	v[fRuns] = int16(p.runs)
	v[fLongRuns] = int16(p.longRuns)
	var buf [32]byte
	var spans [maxWords][2]int
	head := value[:min(len(value), 60)]
	n := splitWords(head, &spans)
	for _, s := range spans[:n] {
		w := lower(head[s[0]:s[1]], &buf)
		for len(w) > 3 && isDigit(w[len(w)-1]) {
			w = w[:len(w)-1]
		}
		if placeholderLengths.may(w) && placeholders[string(w)] {
			v[fPlaceholder] = min(v[fPlaceholder]+int16(len(w)), 30)
		}
		if k, _, _ := headOf(w); k != classNone {
			v[fKeyWord]++
		}
	}
	if letters := int16(min(len(value), 60)); v[fPlaceholder] > 0 {
		v[fPlaceholder] = 100 * v[fPlaceholder] / letters
	}
	if len(value) <= len(buf) && placeholders[string(spoken(value, &buf))] {
		v[fPlaceholder] = 100
	}
	if len(value) <= len(buf) {
		v[fConstant] = flag(constants[string(lower(value, &buf))])
	}
	v[fSameAsName] = sameAsName(data[c.key.Start:c.key.End], value)
}

// spoken returns text with the letters that digits and signs stand for, in lower case, in buf: s3cr3t, p@ssw0rd!.
func spoken(text []byte, buf *[32]byte) []byte {
	out := lower(bytes.TrimRight(text, "!1"), buf)
	for i, c := range out {
		switch c {
		case '0':
			out[i] = 'o'
		case '1', '!':
			out[i] = 'i'
		case '3':
			out[i] = 'e'
		case '4', '@':
			out[i] = 'a'
		case '5', '$':
			out[i] = 's'
		case '7':
			out[i] = 't'
		}
	}
	return out
}

// sameAsName returns 2 when the value says what the name says, 1 when it contains the end of it or the other way round.
func sameAsName(key, value []byte) int16 {
	var a, b [64]byte
	k, w := letters(key, &a), letters(value, &b)
	switch {
	case len(k) < 3 || len(w) < 3:
		return 0
	case bytes.Equal(k, w):
		return 2
	case bytes.Contains(w, k), bytes.Contains(k, w):
		return 1
	}
	return 0
}

// letters returns the letters of text in lower case, in buf.
func letters(text []byte, buf *[64]byte) []byte {
	n := 0
	for _, c := range text {
		if isLetter(c) && n < len(buf) {
			buf[n] = c | 0x20
			n++
		}
	}
	return buf[:n]
}

// The shapes of values that are no secrets, or secrets of a known kind.
const (
	shapeNone int16 = iota
	shapeUUID
	shapeURL
	shapePath
	shapeEmail
	shapeVersion
	shapeDate
	shapeHost
	shapeFile
	shapeHash    // $2a$…, {SHA}…
	shapePublic  // ssh-rsa …
	shapeWrapped // ENC(…), {AQA…}
	shapeARN
	shapeDotted // a.b.c of words
	shapeSentence
	shapeMedia  // application/json
	shapeEscape // \x12\x34: bytes that are spelled out
)

// describeShape sets the features of how the value is built.
func describeShape(v *features, data []byte, c *candidate, value []byte, p *prose) {
	v[fShape] = shapeOf(value, p)
	v[fTemplate] = templateOf(data, c, value)
	v[fReference] = flag(c.quote == quoteNone && referenceLike(value))
	v[fCallShape] = flag(c.quote == quoteNone && c.value.End < len(data) && (data[c.value.End] == '(' || data[c.value.End] == '[' || data[c.value.End] == '{') || bytes.HasSuffix(value, []byte("()")))
	under, dash, upper, lower := 0, 0, 0, 0
	plain := true
	for _, b := range value {
		under += flagInt(b == '_')
		dash += flagInt(b == '-')
		upper += flagInt(isUpper(b))
		lower += flagInt(isLower(b))
		plain = plain && (isAlnum(b) || b == '_' || b == '-' || b == '.')
	}
	v[fSnake] = flag(plain && under+dash > 0 && upper == 0) * int16(min(under+dash, 5))
	v[fUpperSnake] = flag(plain && lower == 0 && upper > 0) * int16(1+min(under, 3))
	v[fCamel] = flag(plain && isLetter(value[0]) && upper > 0 && lower > 0 && under+dash == 0)
	v[fLeadSymbol] = flag(!isAlnum(value[0])) * int16(value[0])
}

// maxDecoded is how much of an encoded value is looked at, in bytes.
const maxDecoded = 300

// decodes returns 2 when the value is base64 of a user's name and password, 1 when it is base64 of text, and the text, in buf.
func decodes(value []byte, buf *[maxDecoded]byte) (int16, []byte) {
	value = bytes.TrimRight(value, "=")
	if base64.RawStdEncoding.DecodedLen(len(value)) > len(buf) {
		return 0, nil
	}
	n, err := base64.RawStdEncoding.Decode(buf[:], value)
	if err != nil || n < 3 {
		return 0, nil
	}
	for _, b := range buf[:n] {
		if b < ' ' && b != '\n' || b >= 0x7f {
			return 0, nil
		}
	}
	return 1 + flag(bytes.IndexByte(buf[:n], ':') > 0), buf[:n]
}

// referenceLike reports whether an unquoted value reads like an expression: names joined by dots.
func referenceLike(value []byte) bool {
	dots := 0
	for i, b := range value {
		switch {
		case b == '.' || b == ':' && i > 0 && value[i-1] == ':' || b == '>' || b == '-':
			dots++
		case !isAlnum(b) && b != '_' && b != ':' && b != '$' && b != '@':
			return false
		}
	}
	return dots > 0 || value[0] == '$' || value[0] == '@'
}

// templateOf says how much of the value is filled in later: 0 nothing, 1 a part, 2 all.
func templateOf(data []byte, c *candidate, value []byte) int16 {
	n := len(value)
	first, last := value[0], value[n-1]
	switch {
	case first == '<' && (last == '>' || c.quote == quoteNone), first == '[' && last == ']', first == '{' && (last == '}' || c.quote == quoteNone) && n < 60, first == '%' && last == '%',
		first == '(' && last == ')', first == '#' && last == '#', first == '_' && last == '_' && n > 6:
		return 2
	case first == '$' && n > 1 && (value[1] == '{' || value[1] == '(' || isLetter(value[1])), first == '@' && c.quote == quoteNone, first == '&' && c.quote == quoteNone,
		first == '#' && n > 1 && value[1] == '{', first == '*' && c.quote == quoteNone:
		return 2
	}
	if c.value.Start > 0 && data[c.value.Start-1] == '<' || c.value.Start > 1 && data[c.value.Start-1] == '{' && (data[c.value.Start-2] == '{' || data[c.value.Start-2] == '$') && c.form != formMember {
		return 2
	}
	if !bytes.ContainsAny(value, "{(.*%<$") {
		return 0
	}
	if bytes.Contains(value, []byte("${")) || bytes.Contains(value, []byte("{{")) || bytes.Contains(value, []byte("#{")) || bytes.Contains(value, []byte("$(")) ||
		bytes.Contains(value, []byte("...")) || bytes.Contains(value, []byte("***")) || bytes.Contains(value, []byte("<%")) {
		return 2
	}
	for i := 0; i+1 < n; i++ {
		switch {
		case value[i] == '%' && (value[i+1] == 's' || value[i+1] == 'd' || value[i+1] == 'v' || value[i+1] == 'q' || value[i+1] == '@' || value[i+1] == '('),
			value[i] == '{' && (value[i+1] == '}' || isLetter(value[i+1]) || isDigit(value[i+1])) && bytes.IndexByte(value[i:min(i+24, n)], '}') > 0,
			value[i] == '$' && isUpper(value[i+1]) && i > 0, value[i] == '<' && isLetter(value[i+1]):
			return 1
		}
	}
	return 0
}

// shapeOf returns the shape of the value.
func shapeOf(value []byte, p *prose) int16 {
	n := len(value)
	switch {
	case value[0] == '\\' && n > 4 && (value[1]|0x20 == 'u' || value[1] == 'x'):
		return shapeEscape
	case value[0] == 'v' && n > 4 && isDigit(value[1]) && value[2] == '.' && isDigit(value[3]):
		return shapeVersion
	case isUUID(value):
		return shapeUUID
	case bytes.Contains(value[:min(n, 24)], []byte("://")):
		return shapeURL
	case bytes.HasPrefix(value, []byte("arn:")), bytes.HasPrefix(value, []byte("projects/")):
		return shapeARN
	case value[0] == '/' && n > 1 && isAlnum(value[1]) && p.wordy(), bytes.HasPrefix(value, []byte("./")), bytes.HasPrefix(value, []byte("../")), bytes.HasPrefix(value, []byte("~/")),
		n > 3 && value[1] == ':' && value[2] == '\\':
		return shapePath
	case value[0] == '$' && n > 3 && isDigit(value[1]) && bytes.IndexByte(value[1:min(n, 5)], '$') > 0, value[0] == '{' && bytes.IndexByte(value[:min(n, 10)], '}') > 0:
		return shapeHash
	case bytes.HasPrefix(value, []byte("ssh-")), bytes.HasPrefix(value, []byte("ecdsa-")), bytes.HasPrefix(value, []byte("-----BEGIN PUB")), bytes.HasPrefix(value, []byte("-----BEGIN CERT")):
		return shapePublic
	case bytes.HasPrefix(value, []byte("ENC(")), bytes.HasPrefix(value, []byte("ENC[")), value[0] == '{' && value[n-1] == '}' && n > 40, bytes.HasPrefix(value, []byte("vault:")), bytes.HasPrefix(value, []byte("kms:")):
		return shapeWrapped
	case bytes.IndexByte(value, ' ') > 0 && p.wordy():
		return shapeSentence
	}
	return dottedShape(value, p)
}

// dottedShape returns the shape of a value that may be names or numbers joined by dots, slashes or an at sign.
func dottedShape(value []byte, p *prose) int16 {
	dots, slashes, ats, digits, letters, dashes := 0, 0, 0, 0, 0, 0
	for _, b := range value {
		switch {
		case isDigit(b):
			digits++
		case isLetter(b) || b == '_':
			letters++
		case b == '.':
			dots++
		case b == '/':
			slashes++
		case b == '@':
			ats++
		case b == '-' || b == ':':
			dashes++
		default:
			return shapeNone
		}
	}
	n := len(value)
	lastDot := bytes.LastIndexByte(value, '.')
	switch {
	case ats == 1 && dots > 0 && slashes == 0 && bytes.IndexByte(value, '@') < lastDot:
		return shapeEmail
	case letters == 0 && dots >= 1 && dashes+slashes == 0 || dots >= 1 && letters <= 4 && digits >= dots && value[0]|0x20 == 'v':
		return shapeVersion
	case letters <= 1 && dashes >= 2 && digits >= 6:
		return shapeDate
	case slashes > 0 && dots == 0 && dashes <= 2 && slashes == 1 && p.wordy():
		return shapeMedia
	case slashes > 0 && p.wordy():
		return shapePath
	case dots == 1 && lastDot > 0 && n-lastDot <= 5 && n-lastDot > 2 && letters > 0 && slashes == 0:
		return shapeFile
	case dots >= 1 && slashes == 0 && p.wordy():
		return shapeDotted
	}
	return shapeNone
}

// isUUID reports whether the value is a UUID.
func isUUID(value []byte) bool {
	if len(value) != 36 {
		return false
	}
	for i, b := range value {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if b != '-' {
				return false
			}
		} else if !isHexDigit(b) {
			return false
		}
	}
	return true
}
