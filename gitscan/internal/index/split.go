package index

import (
	"fmt"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// link is the "link" extension of a split index: the shared index that it is based on, and two bitmaps over the entries of
// that: those to be left out and those whose content is replaced. The replacements are the first entries of the split
// index and have no path; the others are added.
type link struct {
	base    object.ID // the checksum of the shared index; zero if there is none
	bitmaps []byte
	start   int // of the bitmaps in the file
}

func parseLink(data []byte, start int) (*link, error) {
	if len(data) < object.Size {
		return nil, &SyntaxError{start, "the link to the shared index is cut short"}
	}
	return &link{object.ID(data), data[object.Size:], start + object.Size}, nil
}

// mergeSplit puts the split index together with the entries of its base.
func mergeSplit(split *file, base []Entry) (*Index, error) {
	deleted, replaced, err := split.link.read(len(base))
	if err != nil {
		return nil, err
	}
	own := split.Entries
	merged := make([]Entry, 0, len(base)+len(own))
	for i := range base {
		e := base[i]
		if replaced[i] {
			if len(own) == 0 || own[0].Path != "" {
				return nil, &SyntaxError{split.link.start, "there are fewer replacements than the bitmap says"}
			}
			path := e.Path
			e, own = own[0], own[1:]
			e.Path = path
		}
		if !deleted[i] {
			merged = append(merged, e)
		}
	}
	if err := checkOrder(own); err != nil {
		return nil, err
	}
	result := split.Index
	result.Entries = addEntries(merged, own)
	return &result, checkOrder(result.Entries)
}

// read returns for each of n base entries whether it is deleted and whether it is replaced.
func (l *link) read(n int) (deleted, replaced []bool, err error) {
	deleted, replaced = make([]bool, n), make([]bool, n)
	if len(l.bitmaps) == 0 {
		return deleted, replaced, nil
	}
	rest, err := ewahBits(l.bitmaps, n, func(i int) { deleted[i] = true })
	if err == nil {
		rest, err = ewahBits(rest, n, func(i int) { replaced[i] = true })
	}
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes follow the bitmaps", len(rest))
	}
	if err != nil {
		return nil, nil, &SyntaxError{l.start, err.Error()}
	}
	return deleted, replaced, nil
}

// addEntries merges two sorted lists. Where both have an entry, the added one counts; an added entry that is not in
// conflict takes the place of all stages of its path.
func addEntries(base, added []Entry) []Entry {
	if len(added) == 0 {
		return base
	}
	merged := make([]Entry, 0, len(base)+len(added))
	for len(base) > 0 && len(added) > 0 {
		b, a := &base[0], &added[0]
		switch {
		case a.Path == b.Path && (a.Stage == 0 || a.Stage == b.Stage):
			base = base[1:]
		case compareEntries(b, a) < 0:
			merged = append(merged, *b)
			base = base[1:]
		default:
			merged = append(merged, *a)
			added = added[1:]
			// Other stages of the path must go when this one settles the conflict.
			for a.Stage == 0 && len(base) > 0 && base[0].Path == a.Path {
				base = base[1:]
			}
		}
	}
	merged = append(merged, base...)
	return append(merged, added...)
}
