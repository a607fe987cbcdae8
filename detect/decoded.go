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

// decoded is what a match stands for in what encoded text decodes to.
type decoded struct {
	candidate
	text *decode.Text // that it is in
	base int          // where the text that this was decoded from begins in the data
}

// source returns the range of the data that a part of the decoded text stems from.
func (in *decoded) source(from, to int) (start, end int) {
	start, end = in.text.Source(from, to)
	return start + in.base, end + in.base
}

// verbatim reports whether the match stands in the data as it is. It may still be that it is only seen when what stands beside it is decoded.
func (in *decoded) verbatim() bool { return in.text.Verbatim(in.start, in.end) }

// outward returns it as a match in the data.
func (in *decoded) outward() match {
	m := match{rule: in.rule, decoded: []*decoded{in}}
	m.start, m.end = in.source(in.start, in.end)
	m.from, m.to = in.source(in.from, in.to)
	return m
}

// best returns the one of those that the match stands for that says the most.
func (m *match) best() *decoded {
	best := m.decoded[0]
	for _, in := range m.decoded[1:] {
		if moreSpecific(&in.candidate, &best.candidate) {
			best = in
		}
	}
	return best
}

// apart returns candidates with those that stand for several in a decoded text as so many, ordered by offset.
func apart(kept []candidate) []candidate {
	if !slices.ContainsFunc(kept, func(c candidate) bool { return len(c.decoded) > 1 }) {
		return kept
	}
	out := make([]candidate, 0, len(kept))
	for _, c := range kept {
		if len(c.decoded) < 2 {
			out = append(out, c)
			continue
		}
		best := c.best()
		for _, in := range c.decoded {
			one := in.candidate
			one.match, one.displaces = in.outward(), c.displaces
			if in == best {
				one.evidence = c.evidence
			}
			out = append(out, one)
		}
	}
	return out
}

// secret returns the secret of a match, which stands for one. Data is the fragment's.
func (m *match) secret(data []byte) []byte {
	if m.decoded == nil {
		return data[m.from:m.to]
	}
	in := m.decoded[0]
	return in.candidate.secret(in.text.Data)
}

// encodings says what the secret of a match, which stands for one, is decoded from, from the outside in; "" if it stands in the text itself.
func (m *match) encodings() string {
	if m.decoded == nil {
		return ""
	}
	in := m.decoded[0]
	if inner := in.candidate.encodings(); inner != "" {
		return in.text.Encoding + ", " + inner
	}
	return in.text.Encoding
}

// extent returns the range that a match is read from: all of the encoded text that it is in.
func (m *match) extent() Range {
	all := Range{min(m.start, m.from), max(m.end, m.to)}
	if m.decoded != nil {
		in := m.decoded[0]
		start, _ := in.source(0, 1)
		_, end := in.source(len(in.text.Data)-1, len(in.text.Data))
		all.Start, all.End = min(all.Start, start), max(all.End, end)
	}
	return all
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
	if text == nil {
		return looked, err
	}
	if s.inner == nil {
		s.inner = &scratch{depth: s.depth + 1}
	}
	s.inner.unpacked = s.unpacked || text.Packed
	inner := Fragment{Origin: f.Origin, Data: text.Data, Binary: f.Binary}
	kept, failed := d.candidates(&inner, s.inner)
	if input := (*InputError)(nil); errors.As(failed, &input) {
		failed = input.Err // the input is the fragment's
	}
	s.takeIn(kept, text)
	return looked, errors.Join(err, failed)
}

// takeIn appends candidates in a decoded text as matches. Those that stem from the same bytes are one.
func (s *scratch) takeIn(kept []candidate, text *decode.Text) {
	first := len(s.matches)
	for _, c := range kept {
		m := (&decoded{candidate: c, text: text}).outward()
		if n := len(s.matches); n > first && m.from < s.matches[n-1].to {
			last := &s.matches[n-1]
			last.decoded = append(last.decoded, m.decoded...)
			last.start, last.end = min(last.start, m.start), max(last.end, m.end)
			last.to = max(last.to, m.to)
			continue
		}
		s.matches = append(s.matches, m)
	}
}

// unfoldAll appends the matches in everything that the fragment's text decodes to. It returns why encoded texts were given up on, each reason
// once, with the first place.
func (d *Detector) unfoldAll(f *Fragment, s *scratch) (failed []error) {
	if !d.decodes(f, s) {
		return nil
	}
	var reasons []string
	note := func(at int, err error) {
		if err == nil || slices.Contains(reasons, err.Error()) {
			return
		}
		reasons = append(reasons, err.Error())
		if s.depth == 0 {
			err = fmt.Errorf("line %d: %w", startOf(f).After(f.Data[:at]).Line, err)
		}
		failed = append(failed, err)
	}
	decode.Scan(f.Data, 0, len(f.Data), func(e decode.Encoding, at int) {
		_, err := d.unfold(f, s, e, at)
		note(at, err)
	})
	if f.Base.Offset > 0 {
		note(0, d.unfoldCut(f, s))
	}
	return failed
}

// unfoldCut appends the matches in base64 that the fragment begins in the middle of, as a chunk of a large file may, in the middle of a group.
func (d *Detector) unfoldCut(f *Fragment, s *scratch) (err error) {
	for base := 1; base < 4 && base < len(f.Data); base++ {
		rest := *f
		rest.Data = f.Data[base:]
		first := len(s.matches)
		_, failed := d.unfold(&rest, s, decode.Base64, 0)
		err = errors.Join(err, failed)
		for i := range s.matches[first:] {
			m := &s.matches[first+i]
			m.start, m.end, m.from, m.to = m.start+base, m.end+base, m.from+base, m.to+base
			for _, in := range m.decoded {
				in.base = base
			}
		}
	}
	return err
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
