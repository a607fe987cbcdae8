package gitscan

import (
	"context"
	"slices"

	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/sieve"
	"github.com/keysieve/keysieve/gitscan/internal/survey"
)

// surveys reports whether the trees of all commits are to be surveyed rather than compared: if the commits are all there are, or nearly, and
// their changes are not to be remembered.
func (w *historyWalk) surveys() bool {
	o := &w.opts
	return o.Cache == "" && !o.AllObjects && len(o.Refs) == 0 && o.Since.IsZero() && o.MaxDepth == 0
}

// A treeReading reads all trees for a survey while something else is done.
type treeReading struct {
	cancel context.CancelFunc
	done   chan struct{}
	survey *survey.Survey
	err    error
}

// readTrees begins to read the trees.
func (w *historyWalk) readTrees() *treeReading {
	ctx, cancel := context.WithCancel(w.ctx)
	r := &treeReading{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.survey, r.err = survey.Read(ctx, w.objects, w.opts.Workers, func() { w.state.trees.Add(1) })
	}()
	return r
}

// stop waits until nothing is read any more.
func (r *treeReading) stop() {
	if r != nil {
		r.cancel()
		<-r.done
	}
}

// survey finds out which blobs the commits and the other beginnings have at which paths.
func (w *historyWalk) survey(list []commits.Commit, roots []ledger.Root) (*survey.Survey, error) {
	reading := w.treesRead
	if <-reading.done; reading.err != nil {
		return nil, reading.err
	}
	var trees []object.ID
	for i := range list {
		if list[i].Err == nil {
			trees = append(trees, list[i].Tree)
		}
	}
	for _, r := range roots {
		if r.Mode.IsTree() {
			trees = append(trees, r.ID)
		}
	}
	var want func(string) bool
	if len(w.opts.Paths) > 0 {
		want = w.wants
	}
	s := reading.survey
	if err := s.Locate(w.ctx, trees, want); err != nil {
		return nil, err
	}
	for _, r := range roots {
		if !r.Mode.IsTree() && (want == nil || want(r.Ref)) {
			s.Add(r.Ref, r.ID)
		}
	}
	return s, nil
}

// fromSurvey searches what a survey has met, and compares the commits in which something comes up.
func (w *historyWalk) fromSurvey(s *survey.Survey, list []commits.Commit, roots []ledger.Root) error {
	found, err := w.search(stock{s.Paths, s.Blobs, func(yield func(blob, path uint32) bool) {
		for _, u := range s.Uses {
			if !yield(u.Blob, u.Path) {
				return
			}
		}
	}})
	if err != nil {
		return err
	}
	w.ofBlob = nil
	matters := make([]bool, len(found))
	for i := range found {
		matters[i] = !found[i].Read || found[i].Found != nil
	}
	w.holdings = s.Holdings(matters, w.telling(s.Paths))
	some, err := w.bringing(list)
	if err != nil {
		return err
	}
	if err := w.read(some, roots); err != nil {
		return err
	}
	w.results = make([]sieve.Result, len(w.ledger.Blobs))
	for i, id := range w.ledger.Blobs {
		if n, ok := s.Blob(id); ok {
			w.results[i] = found[n]
		}
	}
	w.accountFor(list, found, s.Trees, s.Submodules)
	return nil
}

// bringing returns the commits that have something that matters where none of their parents has it, and those of which there is something else to say.
func (w *historyWalk) bringing(list []commits.Commit) (some []commits.Commit, err error) {
	var trees []object.ID
	for i := range list {
		trees = append(append(trees, list[i].Tree), list[i].ParentTrees...)
	}
	sets, err := w.holdings.Trees(trees)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		set, parents := sets[0], sets[1:1+len(c.ParentTrees)]
		sets = sets[1+len(parents):]
		if c.Err != nil || c.Shallow || w.commits.marked[c.ID] || set != 0 && !slices.Contains(parents, set) {
			some = append(some, c)
		}
	}
	return some, nil
}
