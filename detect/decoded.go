package detect

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/keysieve/keysieve/decode"
)

// DefaultDecodeDepth is how many encodings, one inside the other, are decoded by default.
const DefaultDecodeDepth = 3

// decoded is a match in what encoded text decodes to.
type decoded struct {
	candidate
	text *decode.Text // that it is in
}

// secret returns the match's secret. Data is the fragment's.
func (m *match) secret(data []byte) []byte {
	if in := m.decoded; in != nil {
		return in.candidate.secret(in.text.Data)
	}
	return data[m.from:m.to]
}

// encodings says what the match's secret is decoded from, from the outside in; "" if it stands in the text itself.
func (m *match) encodings() string {
	in := m.decoded
	if in == nil {
		return ""
	}
	if inner := in.candidate.encodings(); inner != "" {
		return in.text.Encoding + ", " + inner
	}
	return in.text.Encoding
}

// Occurrences of encoded text are hits like those of keywords, whose words come after all of them.
const firstEncoding = math.MaxUint16 - decode.Encodings

// encodingOf returns the encoding that a word stands for, if it is none of the matcher's.
func encodingOf(word int) (e decode.Encoding, ok bool) {
	return decode.Encoding(word - firstEncoding), word >= firstEncoding
}

// wordLen returns the length of a word: of a keyword, or of what shows that encoded text begins.
func (d *Detector) wordLen(word int) int {
	if e, ok := encodingOf(word); ok {
		return e.Sign()
	}
	return len(d.matcher.Word(word))
}

// decodes reports whether encoded text in the fragment is to be decoded. What a name decodes to would be a secret that the name shows.
func (d *Detector) decodes(f *Fragment, s *scratch) bool {
	return s.depth < d.opts.DecodeDepth && f.Origin.Kind != KindName
}

// unfold appends the matches in what the text at data[at] decodes to, and returns the range that they depend on.
func (d *Detector) unfold(f *Fragment, s *scratch, e decode.Encoding, at int) (looked Range, err error) {
	if !d.decodes(f, s) {
		return Range{at, at}, nil
	}
	text, lo, hi, err := decode.At(f.Data, e, at, !s.unpacked)
	looked = Range{lo, hi}
	if text == nil || err != nil {
		return looked, err
	}
	if s.inner == nil {
		s.inner = &scratch{depth: s.depth + 1}
	}
	s.inner.unpacked = s.unpacked || text.Packed()
	inner := Fragment{Origin: f.Origin, Data: text.Data, Binary: f.Binary}
	kept, err := d.candidates(&inner, s.inner)
	if input := (*InputError)(nil); errors.As(err, &input) {
		err = input.Err // the input is the fragment's
	}
	for _, c := range kept {
		if !text.Verbatim(c.start, c.end) { // else the search of the text itself has seen it
			s.matches = append(s.matches, outward(c, text))
		}
	}
	return looked, err
}

// outward returns a candidate in a decoded text as a match in the text that this was decoded from.
func outward(c candidate, text *decode.Text) match {
	m := match{rule: c.rule, decoded: &decoded{c, text}}
	m.start, m.end = text.Source(c.start, c.end)
	m.from, m.to = text.Source(c.from, c.to)
	return m
}

// unfoldAll appends the matches in everything that the fragment's text decodes to. It returns why encoded texts were given up on, each reason
// once, with the first place.
func (d *Detector) unfoldAll(f *Fragment, s *scratch) (failed []error) {
	if !d.decodes(f, s) {
		return nil
	}
	var reasons []string
	decode.Scan(f.Data, 0, len(f.Data), func(e decode.Encoding, at int) {
		_, err := d.unfold(f, s, e, at)
		if err == nil || slices.Contains(reasons, err.Error()) {
			return
		}
		reasons = append(reasons, err.Error())
		if s.depth == 0 {
			err = fmt.Errorf("line %d: %w", startOf(f).After(f.Data[:at]).Line, err)
		}
		failed = append(failed, err)
	})
	return failed
}

// seekDecoded finds the matches and the places of what encoded text at data[at] decodes to, and returns how far before it and from there on it has
// looked.
func (d *Detector) seekDecoded(f *Fragment, s *scratch, e decode.Encoding, at int) (back, ahead int) {
	first := len(s.matches)
	looked, err := d.unfold(f, s, e, at)
	s.long = s.long || err != nil
	for _, m := range s.matches[first:] {
		s.places = append(s.places, place{Range: Range{max(looked.Start, 0), min(looked.End, len(f.Data))}, rule: m.rule})
	}
	return at - looked.Start, looked.End - at
}
