// Package bulk reads very many objects of a repository: from its packs in the order that costs least, and what is not in a pack
// that can be read that way through package store.
//
// What it promises is what package pack does for objects in packs, and what package store does for the others. An object that is
// damaged in one place is looked for in the others.
package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/pack"
	"github.com/keysieve/keysieve/gitscan/internal/parallel"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// Objects are the objects of a repository. They are safe for concurrent use.
type Objects struct {
	rest  *store.Objects
	packs []*pack.Pack
	first []int // by pack: the number of its first object
	len   int
}

// Open opens the packs in the directories of rest. One that cannot be opened is left to rest.
func Open(rest *store.Objects) *Objects {
	o := &Objects{rest: rest}
	for _, dir := range rest.Directories() {
		names, _ := filepath.Glob(filepath.Join(escape(dir), "pack", "pack-*.idx"))
		for _, name := range names {
			if p, err := pack.Open(strings.TrimSuffix(name, ".idx")); err == nil {
				o.packs = append(o.packs, p)
				o.first = append(o.first, o.len)
				o.len += p.Len()
			}
		}
	}
	return o
}

// Len returns how many objects are in packs. They are numbered from 0; one that is in several packs has several numbers.
func (o *Objects) Len() int { return o.len }

// Bytes returns how many bytes the packs have.
func (o *Objects) Bytes() (n int64) {
	for _, p := range o.packs {
		n += p.Bytes()
	}
	return n
}

// Number returns the number of an object, the first one if it has several.
func (o *Objects) Number(id object.ID) (n int, ok bool) {
	for i, p := range o.packs {
		if e, ok := p.Find(id); ok {
			return o.first[i] + e, true
		}
	}
	return 0, false
}

// First returns the first number of the object that has a number.
func (o *Objects) First(n int) int {
	if n >= o.len || len(o.packs) < 2 {
		return n
	}
	first, _ := o.Number(o.ID(n))
	return first
}

// Several reports whether the object with a number has others, too.
func (o *Objects) Several(n int) bool {
	if len(o.packs) < 2 {
		return false
	}
	id := o.ID(n)
	for i, p := range o.packs {
		if e, ok := p.Find(id); ok && o.first[i]+e != n {
			return true
		}
	}
	return false
}

// ID returns the id of the object with a number.
func (o *Objects) ID(n int) object.ID {
	i := len(o.packs) - 1
	for o.first[i] > n {
		i--
	}
	return o.packs[i].ID(n - o.first[i])
}

// escape makes a directory's name a pattern for itself.
func escape(dir string) string {
	if filepath.Separator == '\\' {
		return dir
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// Close closes the packs. No other call may be under way.
func (o *Objects) Close() error {
	var errs []error
	for _, p := range o.packs {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// maxParsed bounds the commits, tags and trees that are read, in bytes. A directory of a million files has a tree of some 40 MB.
const maxParsed = 64 << 20

// A Reader reads commits, tags and trees one by one, best in about the order of their history. It serves one goroutine.
type Reader struct {
	objects *Objects
	packs   []*pack.Reader
	last    int // the pack in which an object was found last
}

// NewReader returns a reader that remembers about so many bytes of objects.
func (o *Objects) NewReader(remember int) *Reader {
	r := &Reader{objects: o}
	for _, p := range o.packs {
		r.packs = append(r.packs, p.NewReader(maxParsed, remember/len(o.packs)))
	}
	return r
}

// Release says that no content that was returned so far is used any more: its memory may serve for what is read next.
func (r *Reader) Release() {
	for _, p := range r.packs {
		p.Release()
	}
}

// Read returns an object's kind and content, which must not be changed and is valid until Release is called. The errors are those of [store.Objects.Object].
func (r *Reader) Read(id object.ID) (kind object.Kind, data []byte, err error) {
	for i := range r.packs {
		n := (r.last + i) % len(r.packs)
		e, ok := r.objects.packs[n].Find(id)
		if !ok {
			continue
		}
		if kind, data, err = r.read(n, e); err == nil {
			r.last = n
			return kind, data, nil
		}
	}
	return r.objects.rest.Object(id, maxParsed)
}

func (r *Reader) read(n, entry int) (kind object.Kind, data []byte, err error) {
	defer recovered(&err)
	return r.packs[n].Read(entry)
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("internal error: %v", p)
	}
}

func (r *Reader) ofKind(id object.ID, want object.Kind) ([]byte, error) {
	kind, data, err := r.Read(id)
	if err == nil && kind != want {
		return nil, fmt.Errorf("object %s is a %s and not a %s", id, kind, want)
	}
	return data, err
}

// Tree returns a tree's content, as Read does.
func (r *Reader) Tree(id object.ID) ([]byte, error) { return r.ofKind(id, object.Tree) }

// Commit returns what a commit says.
func (r *Reader) Commit(id object.ID) (object.CommitData, error) {
	data, err := r.ofKind(id, object.Commit)
	if err != nil {
		return object.CommitData{}, err
	}
	return parseCommit(id, data)
}

func parseCommit(id object.ID, data []byte) (object.CommitData, error) {
	commit, err := object.ParseCommit(data)
	if err != nil {
		err = fmt.Errorf("object %s: %w", id, err)
	}
	return commit, err
}

// heldCommits is how many bytes of commits each worker keeps on its way.
const heldCommits = 4 << 20

// Commits visits the commits in packs for which want is true, in no order, with several workers at once, each of which is passed a number from 0. One that
// cannot be read there is left out; it may be elsewhere. The error is that of ctx.
func (o *Objects) Commits(ctx context.Context, workers int, want func(object.ID) bool, visit func(worker int, id object.ID, c *object.CommitData)) error {
	for _, p := range o.packs {
		isCommit := func(e int) bool { return p.Kind(e) == object.Commit && want(p.ID(e)) }
		err := pack.Walk(ctx, p, workers, pack.Limits{Max: maxParsed, Held: heldCommits}, isCommit, func(worker int, c *pack.Object[struct{}]) (none struct{}) {
			if c.Err != nil {
				return
			}
			id := p.ID(c.Entry)
			if commit, err := parseCommit(id, c.Data); err == nil {
				visit(worker, id, &commit)
			}
			return
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// WalkTrees visits all trees in packs, given their numbers, with several workers at once, each of which is passed a number from 0, too. What a visit returns is given to the
// visits of trees that are made of this one, each of them by the same worker, depth first. The error is that of ctx.
func WalkTrees[T any](ctx context.Context, o *Objects, workers int, limits pack.Limits, visit func(worker, number int, t *pack.Object[T]) T) error {
	for i, p := range o.packs {
		isTree := func(e int) bool { return p.Kind(e) == object.Tree }
		err := pack.Walk(ctx, p, workers, limits, isTree, func(worker int, t *pack.Object[T]) T {
			return visit(worker, o.first[i]+t.Entry, t)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Walk visits those blobs of a list without duplicates, in any order, for whose place in it want is true, with several workers at once. A visit is passed the worker's number, from
// 0, and that place. What a visit returns is given to the visits of blobs that are made of this one. Each blob is visited once: if it cannot be read anywhere,
// with an error, which is one of store or [pack.ErrTooLarge]. The error is that of ctx.
func Walk[T any](ctx context.Context, o *Objects, workers int, limits pack.Limits, blobs []object.ID, want func(i int) bool, visit func(worker, i int, b *pack.Object[T]) T) error {
	left := make([]bool, len(blobs)) // still to be visited
	for i := range left {
		left[i] = want(i)
	}
	for _, p := range o.packs {
		number := make([]int32, p.Len()) // by entry, from 1
		parallel.Shares(workers, len(blobs), func(from, to int) {
			for i := from; i < to; i++ {
				if !left[i] {
					continue
				}
				if e, ok := p.Find(blobs[i]); ok && p.Kind(e) == object.Blob {
					number[e] = int32(i) + 1
				}
			}
		})
		err := pack.Walk(ctx, p, workers, limits, func(e int) bool { return number[e] > 0 }, func(worker int, b *pack.Object[T]) (kept T) {
			i := int(number[b.Entry]) - 1
			if errors.Is(b.Err, pack.ErrTooLarge) {
				b.Err = &store.TooLargeError{ID: blobs[i], Size: b.Size, Max: limits.Max}
			} else if b.Err != nil {
				return kept // it may be elsewhere, and otherwise store says what is wrong
			}
			left[i] = false
			return visit(worker, i, b)
		})
		if err != nil {
			return err
		}
	}
	return walkRest(ctx, o, workers, limits, blobs, left, visit)
}

// walkRest visits what is not in a pack that could be read.
func walkRest[T any](ctx context.Context, o *Objects, workers int, limits pack.Limits, blobs []object.ID, left []bool, visit func(worker, i int, b *pack.Object[T]) T) error {
	var next atomic.Int64
	var running sync.WaitGroup
	for worker := range workers {
		running.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(blobs) {
					return
				}
				if left[i] {
					visitOne(o, limits, blobs[i], func(b *pack.Object[T]) { visit(worker, i, b) })
				}
			}
		})
	}
	running.Wait()
	return ctx.Err()
}

// visitOne reads a blob on its own.
func visitOne[T any](o *Objects, limits pack.Limits, id object.ID, visit func(*pack.Object[T])) {
	kind, size, r, err := o.rest.Open(id, limits.Max)
	b := &pack.Object[T]{Entry: -1, Kind: kind, Size: size, Err: err}
	if err != nil {
		visit(b)
		return
	}
	defer r.Close()
	switch {
	case kind != object.Blob:
		b.Err = fmt.Errorf("object %s is a %s and not a blob", id, kind)
	case size > limits.Max:
		b.Err = &store.TooLargeError{ID: id, Size: size, Max: limits.Max}
	case limits.Stream > 0 && size >= limits.Stream:
		b.Stream = r
	default:
		b.Data, b.Err = io.ReadAll(r)
	}
	visit(b)
}

// All yields the id of every object in the repository's own and borrowed directories, some more than once.
func (o *Objects) All() iter.Seq2[object.ID, error] { return o.rest.All() }

// Kind returns the kind of an object.
func (o *Objects) Kind(id object.ID) (object.Kind, error) {
	for _, p := range o.packs {
		if e, ok := p.Find(id); ok && p.Kind(e) != 0 {
			return p.Kind(e), nil
		}
	}
	kind, _, err := o.rest.Stat(id)
	return kind, err
}
