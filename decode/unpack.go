package decode

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// narrowed returns UTF-16 as UTF-8, as far as it is text.
func (t *Text) narrowed(bigEndian bool) *Text {
	out := &Text{Encoding: t.Encoding + " of UTF-16", end: len(t.Data), in: t}
	unit := binary.LittleEndian.Uint16
	if bigEndian {
		unit = binary.BigEndian.Uint16
	}
	for i := 0; i+1 < len(t.Data); {
		r, n := rune(unit(t.Data[i:])), 2
		if utf16.IsSurrogate(r) && i+3 < len(t.Data) {
			r, n = utf16.DecodeRune(r, rune(unit(t.Data[i+2:]))), 4
		}
		if r < utf8.RuneSelf && !isText(byte(r)) {
			break
		}
		var room [utf8.UTFMax]byte
		text := utf8.AppendRune(room[:0], r)
		if r != '\ufeff' || i > 0 { // the byte order mark
			out.add(text, i, len(text), n)
		}
		i += n
	}
	return out
}

// Bounds of what is unpacked.
const (
	maxRatio    = 20       // multiples of the packed size
	maxUnpacked = 16 << 20 // bytes
)

// unpacked returns what gzip has packed, as far as it can be unpacked, all of which stems from all of its source.
func (t *Text) unpacked() (*Text, error) {
	out := &Text{Encoding: t.Encoding + " of gzip", Packed: true, end: len(t.Data), in: t}
	in, err := gzip.NewReader(bytes.NewReader(t.Data))
	if err != nil {
		return out, nil
	}
	most := min(maxRatio*len(t.Data), maxUnpacked)
	out.Data, _ = io.ReadAll(io.LimitReader(in, int64(most)+1))
	if len(out.Data) > most {
		out.Data, err = out.Data[:most], ErrTooLarge
	}
	out.pieces = []piece{{0, 0, max(len(out.Data), 1), len(t.Data)}}
	return out, err
}
