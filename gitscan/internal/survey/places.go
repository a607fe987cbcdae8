package survey

import (
	"context"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// A place is a tree, by its object's number, in a directory.
type place struct{ tree, dir uint32 }

// Add meets a blob that is at a path without a tree.
func (s *Survey) Add(path string, id object.ID) {
	n, _ := s.blob(s.number(id))
	s.Uses = append(s.Uses, Use{n, uint32(len(s.Paths))})
	s.Paths = append(s.Paths, path)
	s.last = append(s.last, s.name(path))
}

// blob returns the number of an object among the blobs, which it is entered in if it is new there.
func (s *Survey) blob(object uint32) (n uint32, isNew bool) {
	s.blobs = upTo(s.blobs, object)
	if isNew = s.blobs[object] == 0; isNew {
		s.Blobs = append(s.Blobs, s.id(object))
		s.blobs[object] = uint32(len(s.Blobs))
	}
	return s.blobs[object] - 1, isNew
}

// locator finds out where the trees are that some trees lead to, and with them the blobs.
type locator struct {
	*Survey
	want func(string) bool

	dirs  []dir             // 0 is none, 1 the top
	below map[name]uint32   // directories
	files map[name]uint32   // paths, from 1; 0 if one is not wanted
	asked []pathIn          // by name: the last one of files that was asked for
	links map[link]struct{} // submodules
	long  int               // bytes of paths beyond freePath

	first   []uint32 // by blob: the first path that it was seen at
	dirOf   []uint32 // by object: the first directory that it was seen in as a tree
	further map[place]bool
	seen    []place

	todo  []place
	steps int // in search of them
	again int // entries of trees that were looked at before
}

// A dir is a directory.
type dir struct {
	path  string // with a slash at its end
	depth int
}

// A name is one in a directory.
type name struct{ dir, name uint32 }

// A pathIn is what files has for a name in a directory, 0 for none.
type pathIn struct{ dir, path uint32 }

// A link is another repository's commit at a path.
type link struct {
	name
	commit uint32
}

const top = 1

const (
	// So many entries of trees are looked at once more, in other directories, and each of these trees counts for some.
	maxAgain = 1 << 20
	perPlace = 8

	// Paths that are longer than freePath may have so many bytes more, all together.
	freePath = 1 << 10
	maxLong  = 4 << 20
)

// Locate fills in which blobs are where, given the trees to look at and, if it is not nil, which paths are wanted. It is for one call, before
// all others. The error is that of ctx or has the cause ErrUnusual.
func (s *Survey) Locate(ctx context.Context, roots []object.ID, want func(string) bool) error {
	s.reader = s.objects.NewReader(held)
	defer func() { s.reader = nil }()
	l := locator{
		Survey: s, want: want, dirs: make([]dir, top+1), below: make(map[name]uint32), files: make(map[name]uint32), links: make(map[link]struct{}),
		further: make(map[place]bool), dirOf: make([]uint32, len(s.trees)),
	}
	s.blobs = make([]uint32, len(s.trees))
	for _, n := range s.numbersOf(roots) {
		if err := l.visit(n, top); err != nil {
			return err
		}
	}
	for done := 0; len(l.todo) > 0; {
		if err := l.follow(ctx); err != nil {
			return err
		}
		// What a tree has in common with its base was met if that is in the same directory, too.
		for ; done < len(l.seen) && len(l.todo) == 0; done++ {
			at := l.seen[done]
			t := &s.trees[at.tree]
			if t.base == 0 || l.isAt(uint32(s.objects.First(int(t.base-1))), at.dir) {
				continue
			}
			all, steps := s.all(t)
			l.again += len(all)
			if l.steps += steps; l.steps > maxSteps+stepsPerObject*len(s.trees) {
				return unusual("the chains of deltas between directories are too long")
			}
			if done%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := l.enter(all, at.dir); err != nil {
				return err
			}
		}
	}
	s.Trees = int64(len(l.seen) - len(l.further))
	s.Submodules = int64(len(l.links))
	return nil
}

// follow enters what the trees that are to be done have anew.
func (l *locator) follow(ctx context.Context) error {
	for n := 0; len(l.todo) > 0; n++ {
		at := l.todo[len(l.todo)-1]
		l.todo = l.todo[:len(l.todo)-1]
		if err := l.enter(l.fresh(&l.trees[at.tree]), at.dir); err != nil {
			return err
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// isAt reports whether a tree was seen in a directory.
func (l *locator) isAt(number, dir uint32) bool {
	return int(number) < len(l.dirOf) && (l.dirOf[number] == dir || l.further[place{number, dir}])
}

// visit meets a tree in a directory.
func (l *locator) visit(number, dir uint32) error {
	if l.isAt(number, dir) {
		return nil
	}
	if !l.trees[number].read {
		if int(number) < l.objects.Len() {
			return unusual("tree " + l.id(number).String() + " cannot be read")
		}
		if err := l.load(number); err != nil {
			return err
		}
	}
	l.dirOf = upTo(l.dirOf, number)
	if l.dirOf[number] == 0 {
		l.dirOf[number] = dir
	} else {
		l.further[place{number, dir}] = true
		l.again += int(l.trees[number].count) + perPlace
	}
	l.seen = append(l.seen, place{number, dir})
	l.todo = append(l.todo, place{number, dir})
	return nil
}

// upTo returns a list that has a place n.
func upTo(list []uint32, n uint32) []uint32 {
	for int(n) >= len(list) {
		list = append(list, 0)
	}
	return list
}

// enter meets the entries of a tree in a directory.
func (l *locator) enter(entries []entry, dir uint32) error {
	if l.again > maxAgain {
		return unusual("the same directories come up too often")
	}
	for _, e := range entries {
		at := name{dir, e.name}
		if l.long > maxLong {
			return unusual("the paths of files are too long")
		}
		switch e.kind() {
		case directory:
			sub, err := l.sub(at)
			if err == nil {
				err = l.visit(e.child(), sub)
			}
			if err != nil {
				return err
			}
		case file:
			l.file(e.child(), at)
		default:
			if l.pathNumber(at) > 0 {
				l.links[link{at, e.child()}] = struct{}{}
			}
		}
	}
	return nil
}

func (l *locator) path(at name) string {
	above, last := l.dirs[at.dir].path, l.names[at.name]
	l.long += max(0, len(above)+len(last)-freePath)
	return above + last
}

// sub returns the number of a directory.
func (l *locator) sub(at name) (uint32, error) {
	n, ok := l.below[at]
	if ok {
		return n, nil
	}
	d := dir{l.path(at) + "/", l.dirs[at.dir].depth + 1}
	if d.depth > object.MaxDepth {
		return 0, unusual(object.ErrTooDeep.Error())
	}
	n = uint32(len(l.dirs))
	l.dirs = append(l.dirs, d)
	l.below[at] = n
	return n, nil
}

// file meets a blob.
func (l *locator) file(object uint32, at name) {
	path := l.pathNumber(at)
	if path == 0 {
		return
	}
	n, isNew := l.blob(object)
	if isNew {
		l.first = append(l.first, path)
	} else if l.first[n] == path {
		return
	}
	l.Uses = append(l.Uses, Use{n, path - 1})
}

// pathNumber returns the number of a path, from 1; 0 if it is not wanted.
func (l *locator) pathNumber(at name) uint32 {
	for len(l.asked) < len(l.names) {
		l.asked = append(l.asked, pathIn{})
	}
	last := &l.asked[at.name]
	if last.dir != at.dir {
		*last = pathIn{at.dir, l.enterPath(at)}
	}
	return last.path
}

// enterPath returns the same, and enters a path that is new.
func (l *locator) enterPath(at name) uint32 {
	n, ok := l.files[at]
	if ok {
		return n
	}
	if path := l.path(at); l.want == nil || l.want(path) {
		l.Paths = append(l.Paths, path)
		l.last = append(l.last, at.name)
		n = uint32(len(l.Paths))
	}
	l.files[at] = n
	return n
}
