package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// NoLimit is a limit for objects of any size.
const NoLimit = 1<<63 - 1

// Objects are the objects of a repository.
type Objects struct {
	dirs   []string
	absent []string
	bases  bases

	mu       sync.Mutex
	packs    []*pack
	known    map[string]*pack // by path, also those that are gone
	promisor bool

	last atomic.Pointer[pack] // in which an object was found last
}

// Open returns the objects in dir, in the alternates, and in those that their files info/alternates name. The names of
// directories are used as they are, so that relative ones depend on the working directory. An alternate that does not
// exist is no error until an object is missing. The error is fs.ErrNotExist if dir does not exist.
func Open(dir string, alternates ...string) (*Objects, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrInvalid}
	}
	var d directories
	for _, dir := range append([]string{dir}, alternates...) {
		if err := d.add(dir, 0); err != nil {
			return nil, err
		}
	}
	o := &Objects{dirs: d.found, absent: d.absent, known: make(map[string]*pack)}
	_, err := o.refresh()
	return o, err
}

// Close closes the files that are open. It must not be called before all other calls have returned.
func (o *Objects) Close() error {
	var errs []error
	for _, p := range o.known {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}

// Directories returns the object directories, in the order in which they are searched.
func (o *Objects) Directories() []string { return slices.Clone(o.dirs) }

// Object returns the kind and content of an object of at most max bytes. The error is a *MissingError, a *TooLargeError or
// a *CorruptError, or comes from the file system.
func (o *Objects) Object(id object.ID, max int64) (kind object.Kind, data []byte, err error) {
	err = o.visit(id, func(pl place) error {
		c, err := pl.open(id, max)
		if err != nil {
			return err
		}
		kind = c.kind
		data, err = readAll(c, max)
		if err == nil && object.Hash(kind, data) != id {
			err = errWrongID
		}
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	return kind, data, nil
}

// Stat returns the kind and size in bytes of an object. It reads as little as it can, so that the content may still turn out
// to be corrupt. The errors are those of Object.
func (o *Objects) Stat(id object.ID) (kind object.Kind, size int64, err error) {
	err = o.visit(id, func(pl place) (err error) {
		kind, size, err = pl.stat(id)
		return err
	})
	return kind, size, err
}

// Open opens an object for reading from beginning to end, without having all of it in memory unless it is stored as a delta;
// then the limit of max bytes applies. Whether the content is sound is known at its end, where a *CorruptError takes
// the place of io.EOF. The other errors are those of Object. The reader has to be closed.
func (o *Objects) Open(id object.ID, max int64) (kind object.Kind, size int64, r io.ReadCloser, err error) {
	err = o.visit(id, func(pl place) error {
		c, err := pl.open(id, max)
		if err != nil {
			return err
		}
		kind, size = c.kind, c.size
		r = &verifier{content: c, id: id, file: pl.file(id), hash: object.NewHash(kind, size)}
		return nil
	})
	return kind, size, r, err
}

// WithPrefix returns the ids of up to limit objects whose hexadecimal form begins with prefix, which has 2 to 40 digits.
func (o *Objects) WithPrefix(prefix string, limit int) ([]object.ID, error) {
	prefix = strings.ToLower(prefix)
	low, err := object.ParseID(prefix + strings.Repeat("0", max(object.HexSize-len(prefix), 0)))
	if err != nil || len(prefix) < 2 {
		return nil, fmt.Errorf("%q does not abbreviate an object id", prefix)
	}
	var found []object.ID
	add := func(id object.ID) bool {
		if !strings.HasPrefix(id.String(), prefix) {
			return false
		}
		if !slices.Contains(found, id) {
			found = append(found, id)
		}
		return len(found) < limit
	}
	for _, p := range o.snapshot() {
		if err := p.withPrefix(low, add); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	for _, dir := range o.dirs {
		entries, err := os.ReadDir(filepath.Join(dir, prefix[:2]))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if id, err := object.ParseID(prefix[:2] + e.Name()); err == nil && len(found) < limit {
				add(id)
			}
		}
	}
	return found, nil
}

func (p *pack) withPrefix(low object.ID, add func(object.ID) bool) error {
	if err := p.load(); err != nil {
		return err
	}
	pos, err := p.idx.search(low)
	for ; err == nil && pos < p.idx.count(); pos++ {
		var id object.ID
		if id, err = p.idx.id(pos); err == nil && !add(id) {
			break
		}
	}
	return err
}

// visit calls read for each place where the object is, until it succeeds, and otherwise returns the first error.
func (o *Objects) visit(id object.ID, read func(place) error) (err error) {
	var first error
	for round := range 2 {
		for pl, err := range o.places(id) {
			if err == nil {
				if err = guard(read, pl); err == nil {
					return nil
				}
			}
			if first == nil && !errors.Is(err, fs.ErrNotExist) {
				first = describe(err, id, pl.file(id))
			}
		}
		// Git may have moved the object into a new pack meanwhile.
		if round == 0 {
			if changed, err := o.refresh(); err != nil || !changed {
				break
			}
		}
	}
	if first != nil {
		return first
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return &MissingError{ID: id, Promised: o.promisor, Absent: o.absent}
}

func guard(read func(place) error, pl place) (err error) {
	defer recovered(&err)
	return read(pl)
}

// describe adds to an error which object it is about.
func describe(err error, id object.ID, file string) error {
	var large *TooLargeError
	if errors.As(err, &large) {
		large.ID = id
		return large
	}
	return &CorruptError{ID: id, File: file, Err: err}
}

// place is where an object is stored: in a pack, or in its own file below a directory. The zero place has the empty tree.
type place struct {
	pack   *pack
	offset int64
	dir    string
}

// emptyTree is known to git without being stored; commits and indexes name it.
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

func (pl place) file(id object.ID) string {
	if pl.pack != nil {
		return pl.pack.path + ".pack"
	}
	name := id.String()
	return filepath.Join(pl.dir, name[:2], name[2:])
}

func (pl place) open(id object.ID, max int64) (content, error) {
	switch {
	case pl.pack != nil:
		return pl.pack.read(pl.offset, max)
	case pl.dir == "":
		return content{object.Tree, 0, io.NopCloser(strings.NewReader(""))}, nil
	}
	return openLoose(pl.file(id))
}

func (pl place) stat(id object.ID) (object.Kind, int64, error) {
	if pl.pack != nil {
		return pl.pack.stat(pl.offset)
	}
	c, err := pl.open(id, statLimit)
	if err != nil {
		return 0, 0, err
	}
	return c.kind, c.size, c.Close()
}

// places yields where the object may be; a loose file may turn out not to exist. An error says that a pack's index cannot be
// read.
func (o *Objects) places(id object.ID) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		last := o.last.Load()
		in := func(p *pack) bool {
			offset, err := p.find(id)
			if err == errNotFound {
				return true
			}
			if err == nil {
				o.last.Store(p)
			}
			return yield(place{pack: p, offset: offset}, err)
		}
		if last != nil && !in(last) {
			return
		}
		for _, p := range o.snapshot() {
			if p != last && !in(p) {
				return
			}
		}
		for _, dir := range o.dirs {
			if !yield(place{dir: dir}, nil) {
				return
			}
		}
		if id.String() == emptyTree {
			yield(place{}, nil)
		}
	}
}

func (o *Objects) snapshot() []*pack {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.packs
}

// refresh reads which packs there are, and reports whether one is new.
func (o *Objects) refresh() (changed bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var packs []*pack
	for _, dir := range o.dirs {
		dir = filepath.Join(dir, "pack")
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		for _, e := range entries {
			name, isIndex := strings.CutSuffix(e.Name(), ".idx")
			o.promisor = o.promisor || strings.HasSuffix(e.Name(), ".promisor")
			if !isIndex {
				continue
			}
			path := filepath.Join(dir, name)
			p := o.known[path]
			if p == nil {
				p = newPack(path, len(o.known), &o.bases)
				o.known[path] = p
				changed = true
			}
			packs = append(packs, p)
		}
	}
	o.packs = packs
	return changed, nil
}

// readAll reads an object of at most max bytes and closes it.
func readAll(c content, max int64) ([]byte, error) {
	defer c.Close()
	if c.size > max {
		return nil, &TooLargeError{Size: c.size, Max: max}
	}
	var buf bytes.Buffer
	buf.Grow(int(min(c.size, maxCached)) + bytes.MinRead)
	n, err := buf.ReadFrom(io.LimitReader(c, c.size+1))
	if err == nil && n != c.size {
		err = errWrongSize
	}
	return buf.Bytes(), err
}

// verifier makes sure at the end of an object that it is the one that was asked for.
type verifier struct {
	content
	id   object.ID
	file string
	hash hash.Hash
	read int64
}

// Read reads on.
func (v *verifier) Read(p []byte) (n int, err error) {
	defer recovered(&err)
	n, err = v.content.Read(p)
	v.hash.Write(p[:n])
	v.read += int64(n)
	switch {
	case err == nil && v.read > v.size, err == io.EOF && v.read != v.size:
		err = errWrongSize
	case err == io.EOF && !bytes.Equal(v.hash.Sum(nil), v.id[:]):
		err = errWrongID
	case err == nil || err == io.EOF:
		return n, err
	}
	return n, &CorruptError{ID: v.id, File: v.file, Err: err}
}

// All yields the ids of all objects, those in several places more than once. An error says that some could not be listed.
func (o *Objects) All() iter.Seq2[object.ID, error] {
	return func(yield func(object.ID, error) bool) {
		for _, p := range o.snapshot() {
			err := p.load()
			for pos := uint32(0); err == nil && pos < p.idx.count(); pos++ {
				var id object.ID
				if id, err = p.idx.id(pos); err == nil && !yield(id, nil) {
					return
				}
			}
			if err != nil && !yield(object.ID{}, fmt.Errorf("%s.idx: %w", p.path, err)) {
				return
			}
		}
		for _, dir := range o.dirs {
			for id, err := range loose(dir) {
				if !yield(id, err) {
					return
				}
			}
		}
	}
}

// loose yields the ids that the names of the files in an object directory stand for.
func loose(dir string) iter.Seq2[object.ID, error] {
	return func(yield func(object.ID, error) bool) {
		for first := range 256 {
			name := fmt.Sprintf("%02x", first)
			entries, err := os.ReadDir(filepath.Join(dir, name))
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !yield(object.ID{}, err) {
				return
			}
			for _, e := range entries {
				if id, err := object.ParseID(name + e.Name()); err == nil && !yield(id, nil) {
					return
				}
			}
		}
	}
}
