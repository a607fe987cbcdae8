package refs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// packedRef is a line of packed-refs, and the line after it if that says what the ref's tag points to.
type packedRef struct {
	name   string
	id     object.ID
	peeled object.ID // zero if not said
}

// The shortest line that holds a ref has an id, a space, a character and an end.
const minPackedLine = object.HexSize + 3

// parsePacked reads a packed-refs file and returns the refs sorted by name. The first line can be a comment that begins with "#"; the
// others are an id and a name, or "^" and the id of what the tag in the line before points to in the end.
func parsePacked(data []byte) ([]packedRef, error) {
	list := make([]packedRef, 0, len(data)/minPackedLine)
	text := string(data)
	for number := 1; text != ""; number++ {
		line, rest, ended := strings.Cut(text, "\n")
		text = rest
		line = strings.TrimSuffix(line, "\r")
		var err error
		switch {
		case !ended:
			err = fmt.Errorf("its end is missing")
		case line == "" || line[0] == '#' && number == 1:
		case line[0] == '^':
			var id object.ID
			if id, err = object.ParseID(line[1:]); err == nil && len(list) > 0 {
				list[len(list)-1].peeled = id
			}
		case len(line) < minPackedLine-1 || line[object.HexSize] != ' ':
			err = errBadContent
		default:
			ref := packedRef{name: line[object.HexSize+1:]}
			ref.id, err = object.ParseID(line[:object.HexSize])
			list = append(list, ref)
		}
		if err != nil {
			return nil, &BrokenError{"packed-refs", fmt.Errorf("line %d: %w", number, err)}
		}
	}
	byName := func(a, b packedRef) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(list, byName) {
		slices.SortStableFunc(list, byName)
	}
	return list, nil
}

// find returns the ref of that name in a sorted list.
func find(list []packedRef, name string) (packedRef, bool) {
	i, ok := slices.BinarySearchFunc(list, name, func(r packedRef, name string) int { return strings.Compare(r.name, name) })
	if !ok {
		return packedRef{}, false
	}
	return list[i], true
}
