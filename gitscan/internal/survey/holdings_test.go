package survey

import (
	"errors"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// TestTreeOfItsOwnDirectory is about a directory whose tree is stored as a delta of the one above it.
func TestTreeOfItsOwnDirectory(t *testing.T) {
	above, below := object.ID{1}, object.ID{2}
	s := &Survey{objects: &bulk.Objects{}, workers: 1, numbers: make(map[object.ID]uint32), byName: make(map[string]uint32)}
	upper, lower := s.number(above), s.number(below)
	s.parts = []*part{{entries: []entry{{what: directory | lower}}}}
	s.trees[upper] = tree{read: true, count: 1}
	s.trees[lower] = tree{read: true, base: upper + 1}
	if _, err := s.Holdings(nil, nil).Sets(s.TreesOf([]object.ID{above})); !errors.Is(err, ErrUnusual) {
		t.Errorf("err = %v", err)
	}
}
