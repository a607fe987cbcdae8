// Package cache keeps what was found out about the commits and blobs of repositories, so that the next scan reads only what is new.
//
// Everything in it is about objects by their ids, which never change, so it may serve several repositories. What was found depends on
// the program and its rules; their digests are in the cache. A cache holds exact sets: an object that is not in it is read.
//
// It says which blobs need not be searched, and is believed: whoever can write it can hide secrets. It is a file that only its
// owner can read and write, and a checksum at its end tells damage, not forgery.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
	"github.com/keysieve/keysieve/gitscan/internal/sieve"
)

// A Cache is what is remembered.
type Cache struct {
	Engine [32]byte            // digest of the program, and of what else decides what is found
	Rules  map[string][16]byte // digests by id

	Commits map[object.ID]Commit
	Blobs   map[object.ID][]Blob // by class of path
	Paths   []string
	IDs     []object.ID // blobs that changes name
}

// A Commit is what is remembered of a commit.
type Commit struct {
	commits.Links
	Marked  bool            // its message has a secret
	Listed  bool            // Changes are known
	Changes []ledger.Change // with numbers in Cache.Paths and, plus 1, Cache.IDs
}

// A Blob is what was found in a blob under paths of a class.
type Blob struct {
	Class   uint64 // [detect.Detector.PathClass]
	Size    int64
	Binary  bool
	Shadows bool
	Guess   bool
	Secrets []uint64
}

// New returns an empty cache.
func New() *Cache {
	return &Cache{Rules: make(map[string][16]byte), Commits: make(map[object.ID]Commit), Blobs: make(map[object.ID][]Blob)}
}

const (
	name    = "history"
	magic   = "keysieve cache 1\n"
	maxSize = 4 << 30
)

// ErrDamaged is the error about a cache that is not as it was written.
var ErrDamaged = errors.New("the cache is damaged")

// Load reads the cache in a directory; the error is fs.ErrNotExist if there is none, or ErrDamaged.
func Load(dir string) (*Cache, error) {
	data, err := regular.Read(filepath.Join(dir, name), maxSize)
	if err != nil {
		return nil, err
	}
	body, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok || len(body) < sha256.Size {
		return nil, ErrDamaged
	}
	body, sum := body[:len(body)-sha256.Size], body[len(body)-sha256.Size:]
	if want := sha256.Sum256(body); !bytes.Equal(sum, want[:]) {
		return nil, ErrDamaged
	}
	return decode(body)
}

// Save writes the cache to a directory, which is made if it does not exist, in place of the one that is there.
func (c *Cache) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	body := c.encode()
	sum := sha256.Sum256(body)
	f, err := os.CreateTemp(dir, name+".*") // readable by its owner only
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	for _, part := range [][]byte{[]byte(magic), body, sum[:]} {
		if err == nil {
			_, err = f.Write(part)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}

// IsNew reports whether the error of Load says that there was no cache.
func IsNew(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// Flags of commits and blobs.
const (
	flagMarked = 1 << iota
	flagListed
	flagBinary
	flagShadows
	flagGuess
)

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

func (c *Cache) encode() []byte {
	w := writer{append([]byte(nil), c.Engine[:]...)}
	w.number(len(c.Rules))
	for _, id := range sorted(c.Rules, func(a, b string) int { return bytes.Compare([]byte(a), []byte(b)) }) {
		sum := c.Rules[id]
		w.text(id)
		w.b = append(w.b, sum[:]...)
	}
	w.number(len(c.Paths))
	for _, p := range c.Paths {
		w.text(p)
	}
	w.ids(c.IDs)
	w.number(len(c.Commits))
	for _, id := range sorted(c.Commits, object.ID.Compare) {
		w.commit(id, c.Commits[id])
	}
	w.number(len(c.Blobs))
	for _, id := range sorted(c.Blobs, object.ID.Compare) {
		w.b = append(w.b, id[:]...)
		w.number(len(c.Blobs[id]))
		for _, b := range c.Blobs[id] {
			w.blob(b)
		}
	}
	return w.b
}

func sorted[K comparable, V any](m map[K]V, order func(K, K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, order)
	return keys
}

// writer appends to a cache's body.
type writer struct{ b []byte }

func (w *writer) number(n int) { w.b = binary.AppendUvarint(w.b, uint64(n)) }

func (w *writer) text(s string) {
	w.number(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) ids(list []object.ID) {
	w.number(len(list))
	for _, id := range list {
		w.b = append(w.b, id[:]...)
	}
}

func (w *writer) commit(id object.ID, c Commit) {
	w.b = append(w.b, id[:]...)
	w.b = append(w.b, c.Tree[:]...)
	w.ids(c.Parents)
	w.b = binary.AppendVarint(w.b, c.Date)
	w.b = append(w.b, flag(c.Marked, flagMarked)|flag(c.Listed, flagListed))
	w.number(len(c.Changes))
	for _, ch := range c.Changes {
		w.number(int(ch.Path))
		w.number(int(ch.New))
		w.number(int(ch.Old))
		w.b = append(w.b, byte(ch.Mode)<<4|byte(ch.OldMode))
	}
}

func (w *writer) blob(b Blob) {
	w.b = binary.LittleEndian.AppendUint64(w.b, b.Class)
	w.number(int(b.Size))
	w.b = append(w.b, flag(b.Binary, flagBinary)|flag(b.Shadows, flagShadows)|flag(b.Guess, flagGuess))
	w.number(len(b.Secrets))
	for _, s := range b.Secrets {
		w.b = binary.LittleEndian.AppendUint64(w.b, s)
	}
}

func decode(body []byte) (*Cache, error) {
	r := reader{b: body}
	c := New()
	copy(c.Engine[:], r.bytes(len(c.Engine)))
	for range r.count(1 + 16) {
		id := r.text()
		c.Rules[id] = [16]byte(r.bytes(16))
	}
	for range r.count(1) {
		c.Paths = append(c.Paths, r.text())
	}
	c.IDs = r.ids()
	for range r.count(2 * object.Size) {
		id := r.id()
		c.Commits[id] = r.commit(len(c.Paths), len(c.IDs))
	}
	for range r.count(object.Size) {
		id := r.id()
		for range r.count(8) {
			c.Blobs[id] = append(c.Blobs[id], r.blob())
		}
	}
	if r.bad || len(r.b) > 0 {
		return nil, ErrDamaged
	}
	return c, nil
}

// reader takes a cache's body apart. When something is wrong it goes on with zeros.
type reader struct {
	b   []byte
	bad bool
}

var zeros [64]byte

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		if n > len(zeros) {
			return nil
		}
		return zeros[:n]
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) number() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > math.MaxInt64 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

// count reads how many things of at least so many bytes follow.
func (r *reader) count(least int) int {
	n := r.number()
	if n > len(r.b)/least {
		r.bad, r.b = true, nil
		return 0
	}
	return n
}

func (r *reader) text() string { return string(r.bytes(r.count(1))) }

func (r *reader) id() object.ID { return object.ID(r.bytes(object.Size)) }

func (r *reader) ids() []object.ID {
	list := make([]object.ID, r.count(object.Size))
	for i := range list {
		list[i] = r.id()
	}
	return list
}

func (r *reader) commit(paths, ids int) (c Commit) {
	c.Tree = r.id()
	c.Parents = r.ids()
	date, n := binary.Varint(r.b)
	r.bytes(max(n, 1))
	c.Date = date
	flags := r.bytes(1)[0]
	c.Marked, c.Listed = flags&flagMarked != 0, flags&flagListed != 0
	c.Changes = make([]ledger.Change, r.count(4))
	for i := range c.Changes {
		ch := &c.Changes[i]
		path, now, old := r.number(), r.number(), r.number()
		mode := r.bytes(1)[0]
		ch.Path, ch.New, ch.Old, ch.Mode, ch.OldMode = uint32(path), uint32(now), uint32(old), ledger.Mode(mode>>4), ledger.Mode(mode&15)
		if path >= paths || now > ids || old > ids || ch.Mode > ledger.Submodule || ch.OldMode > ledger.Submodule {
			r.bad = true
		}
	}
	return c
}

func (r *reader) blob() (b Blob) {
	b.Class = binary.LittleEndian.Uint64(r.bytes(8))
	b.Size = int64(r.number())
	flags := r.bytes(1)[0]
	b.Binary, b.Shadows, b.Guess = flags&flagBinary != 0, flags&flagShadows != 0, flags&flagGuess != 0
	b.Secrets = make([]uint64, r.count(8))
	for i := range b.Secrets {
		b.Secrets[i] = binary.LittleEndian.Uint64(r.bytes(8))
	}
	return b
}

// Result adds what is remembered of a blob to a result.
func (b *Blob) Result(class uint16, r *sieve.Result) {
	r.Size, r.Binary, r.Read = b.Size, b.Binary, true
	if len(b.Secrets) > 0 {
		f := r.Note()
		f.Hits = append(f.Hits, sieve.Hit{Class: class, Secrets: b.Secrets, Guess: b.Guess})
	}
	if b.Shadows {
		f := r.Note()
		f.Shadows = append(f.Shadows, class)
	}
}
