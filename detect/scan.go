package detect

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
)

// Scan looks for secrets in every fragment of in, in parallel, and yields the findings in the order of the input.
//
// An error of in, or of a fragment's Load or Find, is yielded in its place, after what was found in spite of it. The scan goes on after an [*InputError]; any
// other error is the last pair. When ctx is cancelled the sequence ends with its error.
//
// The sequence in is consumed from another goroutine than the caller's, one fragment at a time. No goroutine outlives
// the sequence, whether it is consumed to its end or not; so a source that blocks for ever also blocks its end.
func (d *Detector) Scan(ctx context.Context, in iter.Seq2[Fragment, error]) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		workers := d.opts.Workers
		if workers <= 0 {
			workers = runtime.GOMAXPROCS(0)
		}
		ctx, cancel := context.WithCancelCause(ctx)
		ordered := make(chan *job, 16*workers) // bounds how far reading is ahead of reporting
		jobs := make(chan *job, workers)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel(nil)
		running.Go(func() {
			defer close(jobs)
			defer close(ordered)
			feed(ctx, in, ordered, jobs)
		})
		for range workers {
			running.Go(func() {
				var s scratch
				for j := range jobs {
					d.work(ctx, j, &s)
				}
			})
		}
		deliver(ctx, ordered, yield)
	}
}

// job is one fragment on its way, or the error that came in its place.
type job struct {
	fragment Fragment
	findings []Finding
	err      error
	done     chan struct{} // closed when findings and err are there
}

// feed turns the input into jobs, in order, until it ends or ctx does.
func feed(ctx context.Context, in iter.Seq2[Fragment, error], ordered, jobs chan<- *job) {
	for f, err := range in {
		j := &job{fragment: f, err: err, done: make(chan struct{})}
		if err != nil {
			close(j.done)
		}
		select {
		case ordered <- j:
		case <-ctx.Done():
			return
		}
		if err != nil {
			continue
		}
		select {
		case jobs <- j:
		case <-ctx.Done():
			return
		}
	}
}

// work loads and searches one fragment.
func (d *Detector) work(ctx context.Context, j *job, s *scratch) {
	defer close(j.done)
	if ctx.Err() != nil {
		return
	}
	path := j.fragment.Origin.Path
	defer func() {
		if p := recover(); p != nil {
			*s = scratch{buf: s.buf}
			j.err = &InputError{Path: path, Err: internalError(p)}
		}
	}()
	f := j.fragment
	j.fragment = Fragment{}
	var unread error
	if f.Load != nil {
		f, unread = f.Load(&s.buf)
	}
	j.findings, j.err = d.find(f, s)
	if unread != nil {
		j.err = unread
	}
}

// internalError describes a panic without its value, which could hold text of the fragment.
func internalError(p any) error {
	if err, ok := p.(runtime.Error); ok {
		return fmt.Errorf("internal error, please report it: %w", err)
	}
	return fmt.Errorf("internal error, please report it: %T", p)
}

// deliver yields the results of jobs in their order.
func deliver(ctx context.Context, ordered <-chan *job, yield func(Finding, error) bool) {
	for j := range ordered {
		select {
		case <-j.done:
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			yield(Finding{}, err)
			return
		}
		for _, f := range j.findings {
			if !yield(f, nil) {
				return
			}
		}
		if j.err == nil {
			continue
		}
		var input *InputError
		if !yield(Finding{}, j.err) || !errors.As(j.err, &input) {
			return
		}
	}
	if err := ctx.Err(); err != nil {
		yield(Finding{}, err)
	}
}
