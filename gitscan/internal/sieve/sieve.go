// Package sieve finds out which blobs have secrets, reading each of them once.
//
// A blob is searched in the order of its pack's deltas: of one that is made of another, only what is new in it and around is
// searched, and what was found in the rest is taken over ([detect.Detector.Retrace], which gives what a search of the whole would). What is found can depend on the path; blobs
// are searched once for each class of paths that they stand at ([detect.Detector.PathClass]).
package sieve

import (
	"context"
	"io"
	"slices"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/pack"
	"github.com/keysieve/keysieve/internal/text"
)

// Blobs are blobs to be searched, of which each id comes up once. One without classes is passed over.
type Blobs struct {
	IDs     []object.ID
	Classes [][]uint16 // by blob: those of the paths it stands at
}

// Len returns how many are not passed over.
func (b Blobs) Len() (n int) {
	for _, classes := range b.Classes {
		if classes != nil {
			n++
		}
	}
	return n
}

// Some returns the blobs with these numbers, the others without classes.
func (b Blobs) Some(numbers []int) Blobs {
	some := Blobs{b.IDs, make([][]uint16, len(b.Classes))}
	for _, i := range numbers {
		some.Classes[i] = b.Classes[i]
	}
	return some
}

// A Result is what was found out about a blob. There are very many of them, and few have anything to say.
type Result struct {
	Size         int64 // bytes
	Read, Binary bool  // all of it was read; it is no text
	Found        *Found
}

// Found is what there is to say about a blob.
type Found struct {
	Err  error // it could not be read, or not searched completely
	Hits []Hit

	// Shadows are the classes of paths under which a rule may hide what another one sees ([detect.TraceSpan]).
	Shadows []uint16
}

// Err returns why the blob could not be read or not searched completely, or nil.
func (r *Result) Err() error {
	if r.Found == nil {
		return nil
	}
	return r.Found.Err
}

// Hits returns what was found.
func (r *Result) Hits() []Hit {
	if r.Found == nil {
		return nil
	}
	return r.Found.Hits
}

// Note returns what there is to say, to be added to.
func (r *Result) Note() *Found {
	if r.Found == nil {
		r.Found = new(Found)
	}
	return r.Found
}

// A Hit says which secrets a blob has under paths of a class.
type Hit struct {
	Class   uint16
	Secrets []uint64 // [detect.Finding.Sum64], ascending
	Guess   bool     // there may be others: the blob was searched in pieces
}

// Options say how blobs are read.
type Options struct {
	Workers int
	Paths   []string          // one path of each class
	Max     int64             // size in bytes above which a blob is not read
	Done    func(bytes int64) // called by any worker when a blob is done; may be nil
}

const (
	// Blobs from this size on are read in pieces of chunk bytes that overlap, unless others are made of them.
	stream  = 16 << 20
	chunk   = 4 << 20
	overlap = 64 << 10

	// Each worker keeps so many bytes of what other blobs are made of, and with each the traces of so many classes.
	held      = 16 << 20
	maxTraces = 4
)

// traces is what is kept of a blob for those that are made of it.
type traces struct {
	binary bool
	list   []classTrace
}

type classTrace struct {
	class uint16
	trace detect.Trace
}

// Run searches blobs. The results are by blob; the error is that of ctx.
func Run(ctx context.Context, d *detect.Detector, objects *bulk.Objects, blobs Blobs, opts Options) ([]Result, error) {
	results := make([]Result, len(blobs.IDs))
	wanted := func(i int) bool { return blobs.Classes[i] != nil }
	bufs := make([][]byte, opts.Workers)
	limits := pack.Limits{Max: opts.Max, Stream: stream, Held: held}
	err := bulk.Walk(ctx, objects, opts.Workers, limits, blobs.IDs, wanted, func(worker, i int, b *pack.Object[*traces]) *traces {
		r := &results[i]
		r.Size = b.Size
		var kept *traces
		switch {
		case b.Err != nil:
			r.Note().Err = b.Err
		case b.Stream != nil:
			r.pieces(ctx, d, b.Stream, blobs.Classes[i], opts.Paths, &bufs[worker])
		default:
			r.Size = int64(len(b.Data))
			kept = r.whole(d, b, blobs.Classes[i], opts.Paths)
		}
		if opts.Done != nil {
			opts.Done(r.Size)
		}
		return kept
	})
	return results, err
}

// whole searches a blob that is in memory.
func (r *Result) whole(d *detect.Detector, b *pack.Object[*traces], classes []uint16, paths []string) *traces {
	data, bom := text.Decode(b.Data)
	plain := bom == 0 && len(data) == len(b.Data)
	r.Read, r.Binary = true, text.IsBinary(data)
	t := &traces{binary: r.Binary, list: make([]classTrace, 0, len(classes))}
	var base *traces
	if plain && b.Base != nil && *b.Base != nil && (*b.Base).binary == r.Binary {
		base = *b.Base
	}
	for _, c := range classes {
		f := detect.Fragment{Origin: detect.Origin{Path: paths[c]}, Data: data, Binary: r.Binary}
		var trace detect.Trace
		var err error
		if old := base.of(c); old != nil {
			trace, err = d.Retrace(f, *old, b.Copies)
		} else {
			trace, err = d.Trace(f)
		}
		if err != nil {
			r.Note().Err = err
		}
		r.add(Hit{Class: c, Secrets: trace.Secrets()})
		r.shadow(c, trace)
		if len(t.list) < maxTraces {
			t.list = append(t.list, classTrace{c, trace})
		}
	}
	if !plain {
		return nil
	}
	return t
}

func (t *traces) of(class uint16) *detect.Trace {
	if t == nil {
		return nil
	}
	for i := range t.list {
		if t.list[i].class == class {
			return &t.list[i].trace
		}
	}
	return nil
}

func (r *Result) add(h Hit) {
	if len(h.Secrets) > 0 {
		r.Note().Hits = append(r.Hits(), h)
	}
}

func (r *Result) shadow(class uint16, t detect.Trace) {
	if slices.ContainsFunc(t.Spans, func(s detect.TraceSpan) bool { return s.Shadows }) {
		if f := r.Note(); !slices.Contains(f.Shadows, class) {
			f.Shadows = append(f.Shadows, class)
		}
	}
}

// pieces searches a blob that is read bit by bit.
func (r *Result) pieces(ctx context.Context, d *detect.Detector, in io.Reader, classes []uint16, paths []string, buf *[]byte) {
	t := text.NewReader(in)
	found := make([][]uint64, len(classes))
	data := (*buf)[:0]
	var err error
	for err == nil && ctx.Err() == nil {
		data = append(data[:0], data[max(0, len(data)-overlap):]...)
		data, err = t.Append(data, chunk)
		r.Binary = r.Binary || text.IsBinary(data)
		for i, c := range classes {
			// What is binary here and there may be text all in all, and more is found in text.
			trace, failed := d.Trace(detect.Fragment{Origin: detect.Origin{Path: paths[c]}, Data: data})
			if failed != nil {
				r.Note().Err = failed
			}
			found[i] = append(found[i], trace.Secrets()...)
			r.shadow(c, trace)
		}
	}
	*buf = data
	if r.Read = err == io.EOF; !r.Read && err != nil {
		r.Note().Err = err
	}
	for i, c := range classes {
		slices.Sort(found[i])
		r.add(Hit{Class: c, Secrets: slices.Compact(found[i]), Guess: true})
	}
}

// Of returns what was found under paths of a class, nil if nothing was.
func (r *Result) Of(class uint16) *Hit {
	hits := r.Hits()
	for i := range hits {
		if hits[i].Class == class {
			return &hits[i]
		}
	}
	return nil
}
