package decode

import "errors"

// An Encoding is a way of writing text in other text.
type Encoding uint8

// The encodings.
const (
	Base64  Encoding = iota // RFC 4648, sections 4 and 5
	Hex                     // RFC 4648, section 8, in either case
	Percent                 // RFC 3986, section 2.1
	Escape                  // \x2b and \u002b, as in C and JSON
	Entity                  // numeric character references of HTML and XML
)

// Encodings is the number of encodings.
const Encodings = 5

// MaxSign is the most that [Encoding.Sign] returns.
const MaxSign = minHex

// Sign returns how many bytes show that encoded text begins.
func (e Encoding) Sign() int { return [Encodings]int{minBase64, minHex, 3, 6, maxEntity}[e] }

// String returns the encoding's name.
func (e Encoding) String() string {
	return [Encodings]string{"base64", "hex", "percent-encoding", "escapes", "character references"}[e]
}

// minText is the least that is worth decoding, in bytes of what comes out.
const minText = 12

// A Text is what encoded text decodes to.
type Text struct {
	Data     []byte
	Encoding string // what it was decoded from, in words

	at   []int // for each byte of Data where in the source that begins which it stems from, which others may share
	step int   // bytes of the source, from there on, that it stems from; 0 for all up to the next byte's
	end  int   // of the source

	packed bool
}

// Source returns the range of the source that stands for Data[from:to], which is not empty.
func (t *Text) Source(from, to int) (start, end int) {
	if t.step > 0 {
		return t.at[from], min(t.at[to-1]+t.step, t.end)
	}
	for end = t.end; to < len(t.at) && end == t.end; to++ {
		if t.at[to] > t.at[to-1] {
			end = t.at[to]
		}
	}
	return t.at[from], end
}

// Verbatim reports whether Data[from:to] stands in the source as it is: no escape was decoded in it.
func (t *Text) Verbatim(from, to int) bool {
	start, end := t.Source(from, to)
	return t.step == 0 && end-start == to-from
}

// Packed reports whether the text was packed, so that it may be much larger than its source.
func (t *Text) Packed() bool { return t.packed }

// ErrTooLarge says that something unpacks to so much that it is not looked at.
var ErrTooLarge = errors.New("packed text in base64 unpacks to more than 16 times its size: unpack it and scan that")

// Scan calls found, in no order, for each place in data[from:to] where encoded text may begin.
func Scan(data []byte, from, to int, found func(e Encoding, at int)) {
	scanDigits(data, from, to, found)
	for e := Percent; e <= Entity; e++ {
		scanEscapes(data, from, to, e, found)
	}
}

// At decodes the text that begins at a place that Scan has found, nil if there is none, or if it is part of what is decoded from an earlier place. Text
// that is packed is unpacked if unpack is true, unless it is too large. All that it depends on is in data[lo:hi]; where that goes beyond the data, on that it begins or ends there.
func At(data []byte, e Encoding, at int, unpack bool) (t *Text, lo, hi int, err error) {
	if e == Base64 || e == Hex {
		return digitsAt(data, e, at, unpack)
	}
	t, lo, hi = escapedAt(data, e, at)
	return t, lo, hi, nil
}
