// Package linediff finds the lines of a text that earlier versions of it do not have.
//
// It is no diff of the usual kind: it does not say what was removed, and a line that only moved is not new. Time and memory
// are linear in the size of the texts.
package linediff

import (
	"bytes"
	"hash/maphash"

	"github.com/keysieve/keysieve/detect"
)

// Where more lines than this may have changed, all of them count as new, so that memory stays bounded.
const maxLines = 1 << 20

// Added returns the lines of text that are new compared with every one of the old versions, in ascending order: those of which
// text has more copies than the old version. All copies of such a line are new, except at the beginning and the end of the text,
// as far as these are those of the old version. Lines end with "\n"; whether the last one does makes no difference. Without
// old versions the result is nil, for every line; if nothing is new it is empty and not nil.
func Added(text []byte, olds ...[]byte) []detect.LineRange {
	var added []detect.LineRange
	for i, old := range olds {
		lines := compare(text, old)
		if i > 0 {
			lines = intersect(added, lines)
		}
		added = lines
	}
	return added
}

// compare returns the lines of text that are new compared with old.
func compare(text, old []byte) []detect.LineRange {
	start := commonStart(text, old)
	first := bytes.Count(text[:start], newline) + 1
	text, old = text[start:], old[start:]
	end := commonEnd(text, old)
	text, old = text[:len(text)-end], old[:len(old)-end]

	added := []detect.LineRange{}
	n := countLines(text)
	if n == 0 {
		return added
	}
	if n > maxLines || len(old) == 0 {
		return append(added, detect.LineRange{First: first, Last: first + n - 1})
	}
	hashes, surplus := compareCounts(text, old, n)
	for i, h := range hashes {
		if surplus[h] <= 0 {
			continue
		}
		line := first + i
		if last := len(added) - 1; last >= 0 && added[last].Last == line-1 {
			added[last].Last = line
		} else {
			added = append(added, detect.LineRange{First: line, Last: line})
		}
	}
	return added
}

// compareCounts returns the hash of each of the n lines of text, and by hash, how many copies it has more than old. The seed
// is random, so that nobody can make a line that passes for another.
func compareCounts(text, old []byte, n int) (hashes []uint64, surplus map[uint64]int) {
	seed := maphash.MakeSeed()
	hashes = make([]uint64, 0, n)
	surplus = make(map[uint64]int, n)
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, newline)
		h := maphash.Bytes(seed, line)
		hashes = append(hashes, h)
		surplus[h]++
	}
	for len(old) > 0 {
		var line []byte
		line, old, _ = bytes.Cut(old, newline)
		h := maphash.Bytes(seed, line)
		if count, ok := surplus[h]; ok {
			surplus[h] = count - 1
		}
	}
	return hashes, surplus
}

var newline = []byte{'\n'}

// commonStart returns the length of the lines that both begin with.
func commonStart(a, b []byte) int {
	const block = 1 << 10
	n, limit := 0, min(len(a), len(b))
	for n+block <= limit && bytes.Equal(a[n:n+block], b[n:n+block]) {
		n += block
	}
	for n < limit && a[n] == b[n] {
		n++
	}
	if n == len(a) && n == len(b) {
		return n
	}
	return bytes.LastIndexByte(a[:n], '\n') + 1
}

// commonEnd returns the length of lines that both end with; it can leave out the first of them.
func commonEnd(a, b []byte) int {
	const block = 1 << 10
	n, limit := 0, min(len(a), len(b))
	for n+block <= limit && bytes.Equal(a[len(a)-n-block:len(a)-n], b[len(b)-n-block:len(b)-n]) {
		n += block
	}
	for n < limit && a[len(a)-n-1] == b[len(b)-n-1] {
		n++
	}
	end := a[len(a)-n:]
	if i := bytes.IndexByte(end, '\n'); i >= 0 {
		return len(end) - i - 1
	}
	return 0
}

func countLines(text []byte) int {
	n := bytes.Count(text, newline)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		n++
	}
	return n
}

// intersect returns the lines that are in both.
func intersect(a, b []detect.LineRange) []detect.LineRange {
	both := []detect.LineRange{}
	for len(a) > 0 && len(b) > 0 {
		first, last := max(a[0].First, b[0].First), min(a[0].Last, b[0].Last)
		if first <= last {
			both = append(both, detect.LineRange{First: first, Last: last})
		}
		if a[0].Last < b[0].Last {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return both
}
