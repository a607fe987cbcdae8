package generic

import "github.com/keysieve/keysieve/detect"

// form is the kind of place that a value stands in.
type form uint8

const (
	formAssign form = iota // name = value, in any syntax
	formCall               // setName(value)
	formArg                // f("name", value)
	formPair               // name="name" value="value"
	formXML                // <name>value</name>
	formFlag               // --name value
	formWord               // name value
	formURL                // scheme://user:value@host
	formHeader             // Basic value, Bearer value
	formUser               // -u user:value
	formMember             // a private member of a JSON web key
	formBytes              // the numbers of its bytes
	formHash               // the hash of a password
)

// operator stands between a name and its value.
type operator uint8

const (
	opNone operator = iota
	opEqual
	opColon
	opColonEqual
	opArrow // =>, ->
	opCompare
	opComma
	opParen
	opTag
)

// quote is how a value is delimited.
type quote uint8

const (
	quoteNone quote = iota
	quoteDouble
	quoteSingle
	quoteBack
	quoteEscaped // \" inside a string
	quoteEntity  // &quot;
)

// candidate is a value that may be a secret.
type candidate struct {
	name    name
	key     detect.Range // the identifier, or what stands for it
	value   detect.Range
	form    form
	op      operator
	quote   quote
	keyQuot bool // the identifier is quoted
	wrapped bool // the value is an argument of a call or has a prefix: Some("…"), @"…"
	block   bool // the value stands alone on the line behind the name's
	encoded bool // the operator is percent-encoded
	goesOn  bool // the value is the beginning of one that is longer than the window
	index   int  // of the value in a list
	line    detect.Range
}

// Bounds on what is looked at within the window, in bytes.
const (
	maxIdent = 80
	maxGap   = 80 // between a name and its value
	minValue = 3
	maxLine  = 400 // of a line on each side of a value
	maxList  = 12  // values of a list
)

// identAt returns the identifier that data[at:at+n] stands in, and what that depends on.
func identAt(data []byte, at, n int) (from, to int, looked detect.Range) {
	from, to = at, at+n
	for lo := max(at-maxIdent, 0); from > lo && isIdent(data[from-1]); from-- {
	}
	for hi := min(to+maxIdent, len(data)); to < hi && isIdent(data[to]); to++ {
	}
	looked = detect.Range{Start: from - 1, End: to + 1}
	// The identifier of a percent-encoded form begins after the escape.
	if from > 0 && data[from-1] == '%' && to-from > 2 && isHexDigit(data[from]) && isHexDigit(data[from+1]) && from+2 <= at {
		from += 2
	}
	for from < at && (data[from] == '-' || data[from] == '.') {
		from++
	}
	for to > at+n && (data[to-1] == '-' || data[to-1] == '.') {
		to--
	}
	return from, to, looked
}

// isIdent reports whether names have the byte.
func isIdent(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '.' || c == '$' }

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// mayFollow are the bytes that may stand between a name and its value: quotes, blanks, brackets that close and what operators
// begin with.
var mayFollow = func() (set [256]bool) {
	for _, c := range []byte("\"'`&%[]?*<>) \t\r\n=!:-,(+|\\;") {
		set[c] = true
	}
	return set
}()

// named appends the candidates that the name around data[at:at+n] has as values to out.
func named(out []candidate, w *window, at, n int) []candidate {
	data := w.data
	for !isIdent(data[at+n-1]) {
		n--
	}
	from, to, looked := identAt(data, at, n)
	w.looked = looked
	id := data[from:to]
	if to < len(data) && !mayFollow[data[to]] || to < len(data) && data[to] == ',' && (from == 0 || data[from-1] != ':') && !isConstant(id) {
		return out
	}
	j := judge(id)
	if j.class == classNone || at+n <= from+j.head || at >= from+j.headEnd || j.harmless() {
		return out
	}
	w.looked.Start = min(w.looked.Start, from-4)
	if string(id) == "PASS" && from >= 4 && string(data[from-4:from]) == "--- " {
		return out // the result of a Go test
	}
	w.looked = detect.Range{} // from here on, all that there is to see may count
	c := candidate{name: j, key: detect.Range{Start: from, End: to}}
	s := scanner{data: data, w: w, pos: to, limit: min(to+maxGap, len(data))}
	first := len(out)
	out = s.values(out, c)
	kept := out[:first]
	for _, c := range out[first:] {
		if c.form == formBytes || c.trim(w) {
			kept = append(kept, c)
		}
	}
	return kept
}
