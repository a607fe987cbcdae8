package generic

import "bytes"

// feature is the number of a feature.
type feature uint8

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
	fReport
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
	fStrange
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
	fAgain
	fLineLength
	fSecond
	fUser
	fHost
	fAssert
	fHexNear
	fProvider
	fProviderWord
	fPrefix
	numFeatures
)

type features [numFeatures]int16

// featureNames are what the features are called in the table of weights.
var featureNames = [numFeatures]string{
	"class", "password", "strong", "weakKey", "nameWords", "nameAfter", "about", "public", "qualified", "plural", "testName", "hashedName", "joined", "derived", "report", "nameUpper", "nameDotted",
	"form", "operator", "quote", "keyQuoted", "wrapped", "index", "kind", "comment", "end", "gap", "first", "inString", "path", "phrase", "rest",
	"length", "digits", "uppers", "lowers", "symbols", "spaces", "nonASCII", "distinct", "entropy", "switches", "repeat", "sequence", "hex", "base64", "padding", "number", "capital", "strange",
	"natural", "identifier", "foreign", "lowest", "covered", "longest", "wordCount", "uncovered", "runs", "longRuns", "placeholder", "keyWord", "sameAsName", "constant",
	"shape", "template", "reference", "callShape", "snake", "camel", "upperSnake", "decodes", "leadSymbol",
	"again", "lineLength", "second", "user", "host", "assert", "hexNear", "provider", "providerWord", "prefix",
}

// FeatureNames returns the names of the features, in order.
func FeatureNames() []string { return featureNames[:] }

// EarlyFeatures is the number of features that the first trees see; to them the others are 0.
const EarlyFeatures = int(fUser)

// judgement describes the candidate and returns its score. It reports false for one that the first trees give no chance; the features
// that those do not see are then left out.
func judgement(v *features, w *window, c *candidate) (score int, ok bool) {
	describe(v, w, c)
	if !probe(v) {
		return 0, false
	}
	describeLate(v, w.data, c)
	return sum(v), true
}

// Hexadecimal text of this length, in bytes, with this share of digits, in hundredths, says nothing by its words: dec0de.
const (
	mixedLength = 16
	mixedDigits = 20
)

// describe sets v to the features of the candidate, except those of describeLate.
func describe(v *features, w *window, c *candidate) {
	value := w.data[c.value.Start:c.value.End]
	c.line = lineAround(w.data, c.value.Start)
	describeName(v, w.data, c)
	describePlace(v, w, c)
	describeText(v, w, c)
	describeBytes(v, value)
	var p prose
	p.read(value)
	if v[fHex] > 0 && v[fDigits] >= mixedDigits && len(value) >= mixedLength {
		p.random()
	}
	describeWords(v, w.data, c, value, p)
	describeShape(v, w.data, c, value, &p)
	describeLines(v, w.data, c, value)
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
	v[fReport] = flag(n.report)
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
