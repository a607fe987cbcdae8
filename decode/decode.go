package decode

import (
	"errors"
	"slices"
)

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
	Packed   bool   // it was packed, and may be much larger than its source

	pieces []piece // ascending
	end    int     // of the source
	in     *Text   // whose Data is the source; nil if the source is the text that At was given
}

// A piece says where a part of a text's data stems from, up to the next piece: it is groups of bytes, each of which stems from as many bytes of the source.
type piece struct {
	from, at     int // where the part begins in the data and in the source
	bytes, group int
}

// add appends bytes that stem from n bytes of the source, in groups of that many.
func (t *Text) add(data []byte, at, bytes, n int) {
	if len(data) == 0 {
		return
	}
	p := piece{len(t.Data), at, bytes, n}
	t.Data = append(t.Data, data...)
	if k := len(t.pieces); k > 0 {
		last := &t.pieces[k-1]
		if last.bytes == bytes && last.group == n && (p.from-last.from)%bytes == 0 && last.at+(p.from-last.from)/bytes*n == at {
			return // it goes on
		}
	}
	t.pieces = append(t.pieces, p)
}

// piece returns the index of the piece that Data[i] belongs to.
func (t *Text) piece(i int) int {
	behind, _ := slices.BinarySearchFunc(t.pieces, i, func(p piece, i int) int { return p.from - i - 1 })
	return behind - 1
}

// group returns where the group begins and ends in the source that Data[i] belongs to.
func (t *Text) group(i int) (start, end int) {
	p := t.pieces[t.piece(i)]
	start = p.at + (i-p.from)/p.bytes*p.group
	return start, min(start+p.group, t.end)
}

// Source returns the range of the text that At was given that stands for Data[from:to], which is not empty.
func (t *Text) Source(from, to int) (start, end int) {
	start, _ = t.group(from)
	_, end = t.group(to - 1)
	if t.in != nil {
		return t.in.Source(start, end)
	}
	return start, end
}

// Verbatim reports whether Data[from:to] stands in the source as it is: no escape was decoded in it.
func (t *Text) Verbatim(from, to int) bool {
	if t.in != nil {
		return false
	}
	return !slices.ContainsFunc(t.pieces[t.piece(from):t.piece(to-1)+1], func(p piece) bool { return p.group != 1 })
}

// Errors of [At] about text that is not looked at, or not at all of it.
var (
	ErrTooLarge = errors.New("packed text unpacks to more than 20 times its size, or 16 MiB: unpack it and scan that")
	ErrPacked   = errors.New("packed text in packed text is not unpacked: unpack it and scan that")
)

// Scan calls found, in no order, for each place in data[from:to] where encoded text may begin.
func Scan(data []byte, from, to int, found func(e Encoding, at int)) {
	scanDigits(data, from, to, found)
	for e := Percent; e <= Entity; e++ {
		scanEscapes(data, from, to, e, found)
	}
}

// At decodes the text that begins at a place that Scan has found, nil if there is none, or if it is part of what is decoded from an
// earlier place. Of packed text that is too large it returns the beginning, with an error; none is unpacked if unpack is false, which is an error, too.
//
// All that the result depends on is in data[lo:hi]; where that goes beyond the data, on that it begins or ends there.
func At(data []byte, e Encoding, at int, unpack bool) (t *Text, lo, hi int, err error) {
	switch e {
	case Base64:
		return base64Digits.decode(data, at, unpack)
	case Hex:
		return hexDigits.decode(data, at, unpack)
	}
	t, lo, hi = e.decode(data, at)
	return t, lo, hi, nil
}
