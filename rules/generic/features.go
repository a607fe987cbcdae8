package generic

import (
	"bytes"
)

// feature is the number of a feature.
type feature int

// The features: small whole numbers. Of yes-or-no features 1 is yes; shares are in hundredths.
const (
	// Of the name.
	fClass feature = iota
	fPassword
	fStrong
	fWeakKey
	fNameWords
	fNameAfter
	fAbout
	fPublic
	fQualified
	fPlural
	fTestName
	fHashedName
	fJoined
	fDerived
	fNameUpper
	fNameDotted
	// Of the place.
	fForm
	fOperator
	fQuote
	fKeyQuoted
	fWrapped
	fIndex
	fKind
	fComment
	fEnd
	fGap
	fFirst
	fInString
	fPath
	fPhrase
	fRest
	// Of the value: its characters.
	fLength
	fDigits
	fUppers
	fLowers
	fSymbols
	fSpaces
	fNonASCII
	fDistinct
	fEntropy
	fSwitches
	fRepeat
	fSequence
	fHex
	fBase64
	fPadding
	fNumber
	fCapital
	// Of the value: its words.
	fNatural
	fIdentifier
	fForeign
	fLowest
	fCovered
	fLongest
	fWordCount
	fUncovered
	fRuns
	fLongRuns
	fPlaceholder
	fKeyWord
	fSameAsName
	fConstant
	// Of the value: its shape.
	fShape
	fTemplate
	fReference
	fCallShape
	fSnake
	fCamel
	fUpperSnake
	fDecodes
	fLeadSymbol
	// Of the text around.
	fUser
	fHost
	fAgain
	fLineLength
	fAssert
	fSecond
	fHexNear
	numFeatures
)

type features [numFeatures]int16

// featureNames are what the features are called in the table of weights.
var featureNames = [numFeatures]string{
	"class", "password", "strong", "weakKey", "nameWords", "nameAfter", "about", "public", "qualified", "plural", "testName", "hashedName", "joined", "derived", "nameUpper", "nameDotted",
	"form", "operator", "quote", "keyQuoted", "wrapped", "index", "kind", "comment", "end", "gap", "first", "inString", "path", "phrase", "rest",
	"length", "digits", "uppers", "lowers", "symbols", "spaces", "nonASCII", "distinct", "entropy", "switches", "repeat", "sequence", "hex", "base64", "padding", "number", "capital",
	"natural", "identifier", "foreign", "lowest", "covered", "longest", "wordCount", "uncovered", "runs", "longRuns", "placeholder", "keyWord", "sameAsName", "constant",
	"shape", "template", "reference", "callShape", "snake", "camel", "upperSnake", "decodes", "leadSymbol",
	"user", "host", "again", "lineLength", "assert", "second", "hexNear",
}

// FeatureNames returns the names of the features, in order.
func FeatureNames() []string { return featureNames[:] }

// describe sets v to the features of the candidate.
func describe(v *features, w *window, c *candidate) {
	value := w.data[c.value.Start:c.value.End]
	c.line = lineAround(w.data, c.value.Start)
	describeName(v, w.data, c)
	describePlace(v, w, c)
	describeText(v, w, c)
	describeBytes(v, value)
	describeWords(v, w.data, c, value)
	describeShape(v, w.data, c, value)
	describeContext(v, w.data, c, value)
}

func flag(b bool) int16 {
	if b {
		return 1
	}
	return 0
}

func describeName(v *features, data []byte, c *candidate) {
	n := &c.name
	key := data[c.key.Start:c.key.End]
	v[fClass] = int16(n.class)
	v[fPassword] = flag(n.class == classPassword)
	v[fStrong] = flag(n.class == classPassword || n.class == classSecret || n.class == classAPIKey || n.class == classToken)
	v[fWeakKey] = flag(n.class == classKey)
	v[fNameWords] = int16(n.words)
	v[fNameAfter] = int16(n.after)
	v[fAbout] = flag(n.about)
	v[fPublic] = flag(n.public)
	v[fQualified] = flag(n.qualified)
	v[fPlural] = flag(n.plural)
	v[fTestName] = flag(n.test)
	v[fHashedName] = flag(n.hashed)
	v[fJoined] = flag(n.joined)
	v[fDerived] = flag(n.derived)
	v[fNameUpper] = flag(isUpper(key[0])) + flag(len(key) > 1 && isUpper(key[0]) && isUpper(key[1]))
	v[fNameDotted] = flag(bytes.IndexByte(key, '.') >= 0)
}

func describePlace(v *features, w *window, c *candidate) {
	data := w.data
	v[fForm] = int16(c.form)
	v[fOperator] = int16(c.op)
	v[fQuote] = int16(c.quote)
	v[fKeyQuoted] = flag(c.keyQuot)
	v[fWrapped] = flag(c.wrapped)
	v[fIndex] = int16(c.index)
	v[fKind] = int16(w.class().kind)
	start := lineAround(data, c.key.Start).Start
	v[fComment] = commentOf(data[start:min(c.key.Start, c.value.Start)])
	v[fEnd] = endOf(data, c.value.End, c.quote)
	v[fGap] = int16(min(max(c.value.Start-c.key.End, 0), 50))
	before := bytes.TrimLeft(data[start:c.key.Start], " \t")
	v[fFirst] = flag(len(before) == 0 || len(before) <= 2 && !isAlnum(before[0]))
	quotes := bytes.Count(before, []byte{'"'}) + bytes.Count(before, []byte{'`'})
	v[fInString] = int16(min(quotes&1+flagInt(c.quote == quoteEscaped), 2))
}

// describeText sets the features that tell running text.
func describeText(v *features, w *window, c *candidate) {
	data := w.data
	v[fPath] = w.class().says
	k := c.key.Start
	v[fPhrase] = flag(k > 1 && data[k-1] == ' ' && isLetter(data[k-2]))
	if c.keyQuot && k > 0 && isQuote(data[k-1]) {
		v[fPhrase] = -1
	}
	if c.quote != quoteNone {
		v[fRest] = -1
		return
	}
	inWord := false
	for i := c.value.End; i < min(c.line.End, c.value.End+60); i++ {
		if letter := isLetter(data[i]) || data[i] >= 0x80; letter != inWord {
			inWord = letter
			v[fRest] += flag(letter)
		}
	}
}

func flagInt(b bool) int { return int(flag(b)) }

// commentOf returns 1 for a line comment, 2 for a part of a block comment or a markup comment, 0 for anything else, of the
// text that stands before a candidate on its line.
func commentOf(before []byte) int16 {
	t := bytes.TrimLeft(before, " \t")
	switch {
	case bytes.HasPrefix(t, []byte("//")), bytes.HasPrefix(t, []byte("#")), bytes.HasPrefix(t, []byte(";")), bytes.HasPrefix(t, []byte("--")):
		return 1
	case bytes.HasPrefix(t, []byte("*")), bytes.HasPrefix(t, []byte("/*")), bytes.HasPrefix(t, []byte("<!--")):
		return 2
	case bytes.Contains(t, []byte(" // ")), bytes.Contains(t, []byte(" # ")):
		return 1
	}
	return 0
}

// endOf says what follows a value.
func endOf(data []byte, at int, q quote) int16 {
	if q != quoteNone {
		for at < len(data) && (isQuote(data[at]) || data[at] == '\\') {
			at++
		}
	}
	if at >= len(data) {
		return 0
	}
	switch data[at] {
	case '\n', '\r':
		return 0
	case ',':
		return 1
	case ';':
		return 2
	case ')':
		return 3
	case '}', ']':
		return 4
	case ' ', '\t':
		return 5
	case '.', '[':
		return 6
	case '(':
		return 7
	case ':', '=':
		return 8
	case '+', '%':
		return 9
	case '"', '\'', '`':
		return 10
	case '&', '<':
		return 11
	}
	return 12
}

// describeContext looks at the lines around the candidate.
func describeContext(v *features, data []byte, c *candidate, value []byte) {
	line := data[c.line.Start:c.line.End]
	lo, hi := max(c.line.Start-160, 0), min(c.line.End+160, len(data))
	var user, host, assert bool
	for i := lo; i+4 < hi; i++ {
		switch data[i] | 0x20 {
		case 'u':
			user = user || foldAt(data, i, "user") || foldAt(data, i, "uid=")
		case 'l':
			user = user || foldAt(data, i, "login")
		case 'e':
			user = user || foldAt(data, i, "email")
			assert = assert || foldAt(data, i, "expect") || foldAt(data, i, "equal")
		case 'h':
			host = host || foldAt(data, i, "host")
		case 'p':
			host = host || foldAt(data, i, "port=") || foldAt(data, i, "port:") || foldAt(data, i, `port"`)
		case 'a':
			assert = assert || foldAt(data, i, "assert")
		case 's':
			assert = assert || foldAt(data, i, "should")
		}
	}
	v[fUser] = flag(user)
	v[fHost] = flag(host)
	v[fAgain] = int16(min(bytes.Count(data[lo:hi], value)-1, 3))
	if v[fHex] > 0 && len(value) >= 24 {
		v[fHexNear] = hexNear(data[max(c.value.Start-700, 0):min(c.value.End+700, len(data))], value)
	}
	v[fLineLength] = int16(min(len(line), 400))
	v[fAssert] = flag(assert)
	v[fSecond] = int16(min(bytes.Count(line, []byte{'='})+bytes.Count(line, []byte{':'}), 9))
}

// hexNear returns how many long hexadecimal words stand in the text beside the value, as in a test vector.
func hexNear(text, value []byte) (n int16) {
	run := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && isHexDigit(text[i]) {
			run++
			continue
		}
		if run >= 16 && !bytes.Contains(value, text[i-run:i]) {
			n++
		}
		run = 0
	}
	return min(n, 9)
}

// foldAt reports whether text, in lower case, stands at data[i:], ignoring case.
func foldAt(data []byte, i int, text string) bool {
	if len(data)-i < len(text) {
		return false
	}
	for k := range len(text) {
		c := data[i+k]
		if isUpper(c) {
			c |= 0x20
		}
		if c != text[k] {
			return false
		}
	}
	return true
}
