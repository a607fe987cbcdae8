package detect

import (
	"math"
)

// Of a text that is full of keywords, the hits are not kept: those beyond one in so many bytes, and some.
const (
	hitSpacing = 32
	hitsFree   = 4 << 10
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

// countRange appends the hits that begin in data[from:to] and end behind offset done. It returns false when there are too many.
func (d *Detector) countRange(data []byte, s *scratch, from, to, done int) bool {
	most := len(data)/hitSpacing + hitsFree
	d.matcher.ScanRange(data, from, to, func(word, at int) {
		if len(s.hits) <= most && at+len(d.matcher.Word(word)) > done {
			s.hits = append(s.hits, hit{uint32(at), uint32(word)})
		}
	})
	return len(s.hits) <= most
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

// recount sets s.hits to all hits in data, of which runs, ascending, are copied from a text with the hits old. It returns false if there
// are too many.
func (d *Detector) recount(data []byte, s *scratch, old []hit, runs []Copy) bool {
	if !s.resetHits(data) {
		return false
	}
	last := Range{} // the last run that was taken over, with all its hits
	rest := func(to int) bool {
		return d.countRange(data, s, max(last.End-d.longest+1, last.Start), to, last.End)
	}
	for _, c := range runs {
		if c.Len < leastRun {
			continue
		}
		if !rest(c.At) {
			return false
		}
		for _, h := range old[firstFrom(old, c.From):] {
			at, end := int(h.at), int(h.at)+len(d.matcher.Word(int(h.word)))
			if at >= c.From+c.Len {
				break
			}
			if end <= c.From+c.Len {
				s.hits = append(s.hits, hit{uint32(at - c.From + c.At), h.word})
			}
		}
		last = Range{c.At, c.At + c.Len}
	}
	return rest(len(data)) && s.settle()
}

// cloneHits returns a copy, which is nil only if there is none.
func cloneHits(hits []hit) []hit {
	if hits == nil {
		return nil
	}
	return append(make([]hit, 0, len(hits)), hits...)
}
