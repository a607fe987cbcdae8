package detect

import (
	"cmp"
	"math"
	"slices"

	"github.com/keysieve/keysieve/decode"
)

// Of a text that is full of keywords, the hits are not kept: of one that has more than one in so many bytes, and some, or more than so
// many at all. A hit has 12 bytes.
const (
	hitSpacing = 16
	hitsFree   = 4 << 10
	maxHits    = 128 << 10
)

// leastRun is the length in bytes of a copied run from which on its hits are taken over.
const leastRun = 128

// count sets s.hits to all hits in data. It returns false if there are too many.
func (d *Detector) count(data []byte, s *scratch) bool {
	return s.resetHits(data) && d.countRange(data, s, 0, len(data), 0) && s.settle()
}

// resetHits forgets the last text's hits. It returns false if offsets in data are too large for hits.
func (s *scratch) resetHits(data []byte) bool {
	s.hits = s.hits[:0]
	if s.hits == nil {
		s.hits = make([]hit, 0, hitsFree/64)
	}
	return uint64(len(data)) <= math.MaxUint32
}

// countRange appends the hits that begin in data[from:to] and end at offset done, which is not before from, or behind it. It returns false when there are
// too many.
func (d *Detector) countRange(data []byte, s *scratch, from, to, done int) bool {
	most := min(len(data)/hitSpacing+hitsFree, maxHits)
	first := len(s.hits)
	ordered := first // hits up to there are as settle wants them
	d.occurrences(data, from, to, done, func(word, at int) {
		if len(s.hits) <= most && at+d.wordLen(word) >= done {
			s.hits = append(s.hits, hit{at: uint32(at), word: uint16(word), fresh: true})
			if word < firstEncoding {
				ordered = len(s.hits)
			}
		}
	})
	if ordered < len(s.hits) {
		slices.SortFunc(s.hits[first:], func(a, b hit) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.word, b.word)) })
	}
	return len(s.hits) <= most
}

// occurrences calls found for each keyword in data[from:to] and for each place there where encoded text may begin: the keywords nearly in order, then these.
// Of those that end before offset done it leaves out most.
func (d *Detector) occurrences(data []byte, from, to, done int, found func(word, at int)) {
	d.matcher.ScanRange(data, max(from, done-d.longest), to, found)
	if d.opts.DecodeDepth > 0 {
		decode.Scan(data, max(from, done-decode.MaxSign), to, func(e decode.Encoding, at int) { found(firstEncoding+int(e), at) })
	}
}

// settle puts the hits in order. They nearly are: none is further from its place than the longest keyword.
func (s *scratch) settle() bool {
	for i := 1; i < len(s.hits); i++ {
		for k := i; k > 0 && before(s.hits[k], s.hits[k-1]); k-- {
			s.hits[k], s.hits[k-1] = s.hits[k-1], s.hits[k]
		}
	}
	return true
}

func before(a, b hit) bool { return a.at < b.at || a.at == b.at && a.word < b.word }

// recount sets s.hits to all hits in data, of which runs are copied from a text of the given size with the hits old. Those that lie in a
// run with all that they depend on are as they were. It returns false if there are too many.
func (d *Detector) recount(data []byte, s *scratch, old []hit, oldSize int, runs []Copy) bool {
	if !s.resetHits(data) {
		return false
	}
	last := Range{} // the last run that was taken over, with all its hits but those at its beginning and at its end
	rest := func(to int) bool {
		return d.countRange(data, s, last.Start, to, last.End)
	}
	for _, c := range runs {
		if c.Len < leastRun {
			continue
		}
		if !rest(c.At + 1) {
			return false
		}
		d.takeOver(s, old, c, c.within(len(data), oldSize))
		last = Range{c.At + 1, c.At + c.Len}
	}
	return rest(len(data)) && s.settle()
}

// takeOver appends the hits in a run, of which inner is what they may depend on, in the old text. What is at its beginning or
// its end is a hit or none by a byte beside it that is not in the run.
func (d *Detector) takeOver(s *scratch, old []hit, c Copy, inner Range) {
	for _, h := range old[firstFrom(old, c.From+1):] {
		at := int(h.at)
		if at >= c.From+c.Len {
			break
		}
		if at+d.wordLen(int(h.word)) >= c.From+c.Len {
			continue
		}
		h.fresh = h.back == farAway || h.ahead == farAway || at-int(h.back) < inner.Start || at+int(h.ahead) > inner.End
		h.at = uint32(at - c.From + c.At)
		s.hits = append(s.hits, h)
	}
}

// within returns the range of the old text that is the same around the copy in both texts, of the given sizes: where it begins or
// ends with both of them, there is nothing else beyond.
func (c Copy) within(size, oldSize int) Range {
	r := Range{c.From, c.From + c.Len}
	if c.At == 0 && c.From == 0 {
		r.Start = math.MinInt
	}
	if c.At+c.Len == size && c.From+c.Len == oldSize {
		r.End = math.MaxInt
	}
	return r
}

// firstFrom returns the place of the first hit at an offset or behind it.
func firstFrom(hits []hit, at int) int {
	n, _ := slices.BinarySearchFunc(hits, at, func(h hit, at int) int { return int(h.at) - at })
	return n
}

// keepHits returns the hits to be kept.
func (s *scratch) keepHits() []hit {
	kept := append(make([]hit, 0, len(s.hits)), s.hits...)
	for i := range kept {
		kept[i].fresh = false
	}
	return kept
}
