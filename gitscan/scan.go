package gitscan

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/store"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
)

// scan is one sequence of fragments under way.
type scan struct {
	*Repository
	ctx   context.Context
	yield func(detect.Fragment, error) bool
	over  bool // nothing more is to be yielded

	lost map[string]bool    // refs and commits that were reported as unreadable
	tags map[object.ID]bool // whose messages were yielded
}

// scan returns the sequence that run makes. The error of run, or of ctx, is the last pair.
func (r *Repository) scan(ctx context.Context, run func(*scan) error) iter.Seq2[detect.Fragment, error] {
	return func(yield func(detect.Fragment, error) bool) {
		s := &scan{Repository: r, ctx: ctx, yield: yield, lost: make(map[string]bool), tags: make(map[object.ID]bool)}
		err := run(s)
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if err != nil && !s.over {
			yield(detect.Fragment{}, err)
		}
	}
}

// stopped reports whether the consumer or the context has ended the scan.
func (s *scan) stopped() bool { return s.over || s.ctx.Err() != nil }

func (s *scan) emit(f detect.Fragment) {
	if !s.stopped() {
		s.over = !s.yield(f, nil)
	}
}

// report yields an error that the scan goes on after, if there is one.
func (s *scan) report(err error) {
	if err != nil && !s.stopped() {
		s.over = !s.yield(detect.Fragment{}, err)
	}
}

// lose reports, once, a ref or commit that cannot be read.
func (s *scan) lose(name string, err error) {
	if !s.lost[name] {
		s.lost[name] = true
		s.report(s.unreadable(detect.Origin{Path: name}, err))
	}
}

// files yields a fragment for each path that has new content. commit is nil outside a history.
func (s *scan) files(changes iter.Seq2[treediff.Change, error], commit *detect.Commit) {
	var added []treediff.Change
	before := s.newEarlier()
	for c, err := range changes {
		if s.stopped() {
			return
		}
		var tree *object.TreeError
		switch {
		case errors.As(err, &tree):
			s.report(s.unreadable(originOf(tree.Path, commit), fmt.Errorf("tree %s: %w", tree.ID, tree.Err)))
			continue
		case err != nil:
			s.report(s.unreadable(originOf(c.Path, commit), err))
			continue
		}
		before.add(c)
		switch {
		case c.Mode == object.ModeNone:
		case c.Mode.IsBlob():
			added = append(added, c)
		default:
			s.account(func(c *Coverage) {
				c.Enumerated.add(0)
				c.Submodules.add(0)
			})
		}
	}
	for _, c := range added {
		if s.stopped() {
			return
		}
		s.file(c, commit, before)
	}
}

// file yields the fragment of a path that has new content.
func (s *scan) file(c treediff.Change, commit *detect.Commit, before *earlier) {
	s.account(func(c *Coverage) { c.Enumerated.add(0) })
	origin := originOf(c.Path, commit)
	r := s.Repository
	s.emit(detect.Fragment{
		Origin: origin,
		Load:   func(*[]byte) (detect.Fragment, error) { return r.load(c, origin, before) },
	})
}

// message yields the message of a commit or tag, and counts it.
func (s *scan) message(path string, text []byte, commit *detect.Commit) {
	s.account(func(c *Coverage) { c.Messages++ })
	s.say(path, text, commit)
}

// say yields a text of a commit or tag.
func (s *scan) say(path string, text []byte, commit *detect.Commit) {
	if len(text) > 0 {
		s.emit(detect.Fragment{Origin: detect.Origin{Path: path, Kind: detect.KindMessage, Commit: commit}, Data: text})
	}
}

// originOf names a path or, if it is empty, the top directory.
func originOf(path string, commit *detect.Commit) detect.Origin {
	if path == "" {
		path = "."
	}
	return detect.Origin{Path: path, Commit: commit}
}

// unreadable enters something that has not been met before and cannot be read in the account, and returns the error that it
// is to the scan, nil if the options allow it.
func (r *Repository) unreadable(origin detect.Origin, err error) error {
	r.account(func(c *Coverage) { c.Enumerated.add(0) })
	return r.failed(origin, err)
}

// failed enters what cannot be read in the account and returns the error that it is to the scan, nil if the options allow it.
func (r *Repository) failed(origin detect.Origin, err error) error {
	var large *store.TooLargeError
	var missing *store.MissingError
	promised := errors.As(err, &missing) && missing.Promised
	r.account(func(c *Coverage) {
		switch {
		case errors.As(err, &large):
			c.Enumerated.Bytes += large.Size
			c.TooLarge.add(large.Size)
		case promised:
			c.Missing.add(0)
		default:
			c.Failed.add(0)
		}
	})
	if promised && r.opts.AllowMissing {
		return nil
	}
	return inputError(origin, err)
}

// inputError says what is wrong with an input, and in which commit.
func inputError(origin detect.Origin, err error) error {
	if origin.Commit != nil {
		err = fmt.Errorf("commit %s: %w", origin.Commit.ID, err)
	}
	return &detect.InputError{Path: origin.Path, Err: err}
}
