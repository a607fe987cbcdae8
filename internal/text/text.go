package text

import (
	"bytes"
	"slices"
)

// Text is judged by at most this many of its first bytes.
const sampleSize = 8 << 10

// An encoding is how text is stored, as far as it matters here.
type encoding uint8

const (
	asItIs      encoding = iota // ASCII, UTF-8, any other that has ASCII in it, or no text at all
	utf8WithBOM                 // UTF-8 after a byte order mark
	utf16LE
	utf16BE
)

// The byte order mark, U+FEFF, in UTF-8.
const utf8BOM = "\xEF\xBB\xBF"

// Decode returns content as the text it is taken for, and the length of the UTF-8 byte order mark that was left out. What needs
// no conversion is returned as it is, without a copy.
func Decode(content []byte) (text []byte, bom int) {
	switch e := sniff(content[:min(len(content), sampleSize)]); e {
	case utf8WithBOM:
		return content[len(utf8BOM):], len(utf8BOM)
	case utf16LE, utf16BE:
		d := utf16Decoder{bigEndian: e == utf16BE}
		text, _ = d.decode(make([]byte, 0, len(content)/2+16), content, true)
		return text, 0
	}
	return content, 0
}

// sniff judges text by a sample from its beginning. Without a byte order mark it takes for UTF-16 what has
// printable ASCII in a quarter of its 16-bit units and next to no units that would be control characters.
func sniff(sample []byte) encoding {
	switch {
	case bytes.HasPrefix(sample, []byte(utf8BOM)):
		return utf8WithBOM
	case bytes.HasPrefix(sample, []byte("\xFF\xFE")):
		return utf16LE
	case bytes.HasPrefix(sample, []byte("\xFE\xFF")):
		return utf16BE
	case bytes.IndexByte(sample, 0) < 0:
		return asItIs
	}
	var little, big, control int
	for i := 0; i+1 < len(sample); i += 2 {
		a, b := sample[i], sample[i+1]
		switch {
		case b == 0 && isText(a):
			little++
		case a == 0 && isText(b):
			big++
		case b == 0 && a < ' ', a == 0 && b < ' ':
			control++
		}
	}
	units := len(sample) / 2
	switch {
	case units < 4 || control > units/32:
	case little >= units/4 && big <= little/16:
		return utf16LE
	case big >= units/4 && little <= big/16:
		return utf16BE
	}
	return asItIs
}

// isText reports whether c is printable ASCII or one of the control characters that text is laid out with.
func isText(c byte) bool { return c >= ' ' && c < 0x7f || c >= '\t' && c <= '\r' }

// One bit for each control character that text does not have: all below the space but \b, \t, \n, \v, \f, \r and escape.
const controlBits uint32 = 1<<' ' - 1 - (1<<'\b' | 1<<'\t' | 1<<'\n' | 1<<'\v' | 1<<'\f' | 1<<'\r' | 1<<'\x1b')

// IsBinary reports whether more than a sixteenth of the data are control bytes that text does not have. Random bytes
// have a tenth. Data without any NUL is taken for text.
func IsBinary(data []byte) bool {
	if bytes.IndexByte(data, 0) < 0 {
		return false
	}
	control := 0
	for block := range slices.Chunk(data, 1<<10) {
		for _, c := range block {
			control += int(controlBits >> c & 1) // 0 from the space on
		}
		if control > len(data)/16 {
			return true
		}
	}
	return false
}
