package gitscan

import "bytes"

const (
	// By so many bytes at its end a text is recognised. Their beginnings are often the same: that of a provider's tokens.
	endLen = 8

	// So many bytes are compared with texts that have the right end, or that are shorter than an end. There are more only where
	// somebody has arranged it.
	maxCompared = 8 << 30
)

// textSearch looks for many texts in the same data, at a cost that hardly depends on how many there are.
type textSearch struct {
	texts   [][]byte
	found   []bool
	left    int  // texts that were not found yet
	tooMuch bool // there was so much to compare that texts were not looked for

	short    []int            // shorter than an end
	byEnd    map[uint64][]int // the others
	possible [1 << 10]uint64  // bits for the hashes of ends
	compare  int64            // bytes that may still be compared
}

func newTextSearch(texts [][]byte) *textSearch {
	s := &textSearch{texts: texts, found: make([]bool, len(texts)), byEnd: make(map[uint64][]int), compare: maxCompared}
	for i, text := range texts {
		if len(text) > 0 {
			s.left++
		}
		if len(text) < endLen {
			s.short = append(s.short, i)
			continue
		}
		var end uint64
		for _, c := range text[len(text)-endLen:] {
			end = end<<8 | uint64(c)
		}
		s.byEnd[end] = append(s.byEnd[end], i)
		h := hashEnd(end)
		s.possible[h>>6] |= 1 << (h & 63)
	}
	return s
}

// hashEnd spreads ends over 16 bits: the highest of the product with an odd number near 2⁶⁴ divided by the golden ratio.
func hashEnd(end uint64) uint64 { return end * 0x9e3779b97f4a7c15 >> 48 }

// over reports whether nothing more can be found.
func (s *textSearch) over() bool { return s.left == 0 || s.tooMuch }

// in looks for the texts in data.
func (s *textSearch) in(data []byte) {
	for _, i := range s.short {
		if len(s.texts[i]) > 0 && s.affords(i, len(data)) && bytes.Contains(data, s.texts[i]) {
			s.take(i)
		}
	}
	if len(s.byEnd) == 0 {
		return
	}
	var end uint64
	for at, c := range data {
		end = end<<8 | uint64(c)
		if h := hashEnd(end); s.possible[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for _, i := range s.byEnd[end] {
			if n := len(s.texts[i]); n <= at+1 && s.affords(i, n) && bytes.Equal(data[at+1-n:at+1], s.texts[i]) {
				s.take(i)
			}
		}
	}
}

// affords reports whether n bytes may be compared with a text, which is still to be found.
func (s *textSearch) affords(i, n int) bool {
	if s.found[i] || s.tooMuch {
		return false
	}
	s.compare -= int64(n)
	s.tooMuch = s.compare < 0
	return !s.tooMuch
}

func (s *textSearch) take(i int) {
	s.found[i] = true
	s.left--
}
