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

// surveys reports whether the trees of all commits are to be surveyed rather than compared: if all commits are looked at, and
// what they change is not to be remembered.
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
	trees := make([]object.ID, 0, len(list)+len(roots))
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
	s := reading.survey
	reading.survey = nil
	add, stop := w.classes.ahead() // while one goroutine is busy with the places
	err := s.Locate(w.ctx, trees, func(path string) bool {
		wanted := w.wants(path)
		if wanted {
			add(path)
		}
		return wanted
	})
	if stop(); err != nil {
		return nil, err
	}
	for _, r := range roots {
		if !r.Mode.IsTree() && w.wants(r.Ref) {
			s.Add(r.Ref, r.ID)
		}
	}
	return s, nil
}

// fromSurvey searches what a survey has met, and compares the commits in which something comes up.
func (w *historyWalk) fromSurvey(s *survey.Survey, list *briefCommits, roots []ledger.Root) error {
	ofPath, err := w.classes.number(s.Paths)
	if err != nil {
		return err
	}
	found, err := w.search(stock{s.Blobs, ofPath, func(yield func(blob, path uint32) bool) {
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
	some, at, err := w.bringing(list)
	if err != nil {
		return err
	}
	if err := w.holdTargets(); err != nil {
		return err
	}
	w.holdings.Seal()
	if err := w.read(some, at, roots); err != nil {
		return err
	}
	if w.ofPath, err = w.classes.number(w.ledger.Paths); err != nil {
		return err
	}
	w.results = make([]sieve.Result, len(w.ledger.Blobs))
	for i, id := range w.ledger.Blobs {
		if n, ok := s.Blob(id); ok {
			w.results[i] = found[n]
		}
	}
	w.accountFor(list.readable, found, s.Trees, s.Submodules)
	return nil
}

// bringing returns the commits that have something that matters where none of their parents has it, and those of which there is something else to say,
// with their places in the list.
func (w *historyWalk) bringing(list *briefCommits) (some []commits.Commit, at []int, err error) {
	sets, err := w.holdings.Sets(list.trees)
	if err != nil {
		return nil, nil, err
	}
	for i := range list.ids {
		from, to := list.treesOf(i)
		set, parents := sets[from], sets[from+1:to]
		if set != 0 && !slices.Contains(parents, set) || list.special[i] != nil || w.commits.marked[list.ids[i]] {
			some, at = append(some, list.commit(i)), append(at, i)
		}
	}
	return some, at, nil
}

// briefCommits are commits with what is needed of them after a survey, in a fifth of the memory.
type briefCommits struct {
	survey   *survey.Survey
	ids      []object.ID
	first    []uint32                // by commit: where its trees begin
	trees    []survey.Tree           // each commit's own, then those of its parents
	special  map[int]*commits.Commit // those that cannot be read, or lack parents
	readable int
}

func briefly(list []commits.Commit, s *survey.Survey) *briefCommits {
	b := &briefCommits{survey: s, ids: make([]object.ID, len(list)), first: make([]uint32, len(list)), special: make(map[int]*commits.Commit)}
	n := 0
	for i := range list {
		n += 1 + len(list[i].ParentTrees)
	}
	trees := make([]object.ID, 0, n)
	for i := range list {
		c := &list[i]
		b.ids[i], b.first[i] = c.ID, uint32(len(trees))
		trees = append(append(trees, c.Tree), c.ParentTrees...)
		if c.Err != nil || c.Shallow || c.Orphaned {
			special := *c
			b.special[i] = &special
		}
	}
	b.trees, b.readable = s.TreesOf(trees), readable(list)
	return b
}

// readable returns how many commits can be read.
func readable(list []commits.Commit) (n int) {
	for i := range list {
		if list[i].Err == nil {
			n++
		}
	}
	return n
}

// treesOf returns where a commit's trees are.
func (b *briefCommits) treesOf(i int) (from, to int) {
	if i+1 < len(b.first) {
		return int(b.first[i]), int(b.first[i+1])
	}
	return int(b.first[i]), len(b.trees)
}

// commit returns a commit without its parents and date.
func (b *briefCommits) commit(i int) commits.Commit {
	if c := b.special[i]; c != nil {
		return *c
	}
	from, to := b.treesOf(i)
	c := commits.Commit{ID: b.ids[i], Links: commits.Links{Tree: b.survey.ID(b.trees[from])}}
	for _, t := range b.trees[from+1 : to] {
		c.ParentTrees = append(c.ParentTrees, b.survey.ID(t))
	}
	return c
}

func (b *briefCommits) all() (list []commits.Commit) {
	for i := range b.ids {
		list = append(list, b.commit(i))
	}
	return list
}
