package gitscan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
)

// entry yields what is new in an entry of the ledger: a commit's message, names of files, and files with secrets that none of
// the commit's parents has in what the commit changes.
func (w *historyWalk) entry(i int) {
	e := &w.ledger.Entries[i]
	introduced := w.introduced(e)
	named := w.named(e)
	broken := w.broken[uint32(i)]
	if len(e.Errs) == 0 && len(broken) == 0 && len(introduced) == 0 && len(named) == 0 && !w.commits.marked[e.ID] && !e.Shallow {
		return
	}
	commit, data := w.describe(e)
	for _, err := range e.Errs {
		w.unreadableIn(e, commit, err)
	}
	if e.Shallow {
		w.account(func(c *Coverage) { c.Truncated++ })
		if !w.opts.AllowShallow {
			w.report(&detect.InputError{Path: "commit " + e.ID.String(), Err: ErrShallow})
		}
	}
	for _, n := range broken {
		origin := originOf(w.ledger.Paths[w.ledger.First[n].Path], commit)
		if w.results[n].Read {
			w.report(inputError(origin, w.results[n].Err()))
		} else {
			w.report(w.unreadable(origin, w.results[n].Err()))
		}
	}
	if w.commits.marked[e.ID] {
		w.say(CommitMessage, data.Message, commit)
		w.say(CommitHeader, data.Header, commit)
	}
	for _, name := range named {
		w.emit(detect.Fragment{Origin: detect.Origin{Path: name, Kind: detect.KindName, Commit: commit}, Data: []byte(name)})
	}
	w.content(e, commit, introduced)
}

// describe returns what the report says about an entry's commit, nil if the entry is no commit, and what the commit says.
func (w *historyWalk) describe(e *ledger.Entry) (*detect.Commit, object.CommitData) {
	if e.ID.IsZero() {
		return nil, object.CommitData{}
	}
	commit := &detect.Commit{ID: e.ID.String()}
	if w.unreachable[e.ID] {
		commit.Ref = Unreachable
	}
	data, err := w.scan.objects.Commit(e.ID)
	if err == nil {
		commit.Author, commit.Email, commit.Date = data.Author.Name, data.Author.Email, data.Author.When
	}
	return commit, data
}

// unreadableIn reports a directory, each once, or a commit that cannot be read.
func (w *historyWalk) unreadableIn(e *ledger.Entry, commit *detect.Commit, err error) {
	var tree *object.TreeError
	if !errors.As(err, &tree) {
		w.lose("commit "+e.ID.String(), err)
		return
	}
	if !w.trees[tree.ID] {
		w.trees[tree.ID] = true
		w.report(w.unreadable(originOf(tree.Path, commit), fmt.Errorf("tree %s: %w", tree.ID, tree.Err)))
	}
}

// named returns the names that come up in an entry for the first time and are to be yielded.
func (w *historyWalk) named(e *ledger.Entry) (names []string) {
	for _, c := range e.Changes {
		if len(w.names) > 0 && c.Mode != ledger.None && w.names[c.Path] {
			delete(w.names, c.Path)
			names = append(names, w.ledger.Paths[c.Path])
		}
	}
	return names
}

// introduced returns, by place among the entry's changes, the paths with a secret that is in nothing of what the commit replaces or removes.
func (w *historyWalk) introduced(e *ledger.Entry) (list []int) {
	var known map[uint16]map[uint64]bool // secrets in what was there before, by class
	for i, c := range e.Changes {
		if c.New == 0 || i > 0 && c.Same(e.Changes[i-1]) {
			continue
		}
		class := w.ofPath[c.Path]
		hit := w.results[c.New-1].Of(class)
		if hit == nil {
			continue
		}
		if known == nil {
			known = w.before(e)
		}
		if slices.ContainsFunc(hit.Secrets, func(secret uint64) bool { return !known[class][secret] }) {
			list = append(list, i)
		}
	}
	return list
}

// before returns the secrets in what a commit replaces or removes. Of blobs that were searched in pieces, none is certain.
func (w *historyWalk) before(e *ledger.Entry) map[uint16]map[uint64]bool {
	known := make(map[uint16]map[uint64]bool)
	for _, c := range e.Changes {
		if c.Old == 0 {
			continue
		}
		for _, hit := range w.results[c.Old-1].Hits() {
			if hit.Guess {
				continue
			}
			if known[hit.Class] == nil {
				known[hit.Class] = make(map[uint64]bool)
			}
			for _, secret := range hit.Secrets {
				known[hit.Class][secret] = true
			}
		}
	}
	return known
}

// content yields the introduced changes of an entry.
func (w *historyWalk) content(e *ledger.Entry, commit *detect.Commit, introduced []int) {
	if len(introduced) == 0 {
		return
	}
	before := w.newEarlier()
	for _, c := range e.Changes {
		// What was searched and has nothing does not matter.
		if c.Old > 0 && (!w.results[c.Old-1].Read || len(w.results[c.Old-1].Hits()) > 0) {
			before.add(w.change([]ledger.Change{c}))
		}
	}
	for _, i := range introduced {
		n := i + 1
		for n < len(e.Changes) && e.Changes[n].Same(e.Changes[i]) {
			n++
		}
		change := w.change(e.Changes[i:n])
		origin := originOf(change.Path, commit)
		w.emit(detect.Fragment{
			Origin: origin,
			Load: func(*[]byte) (detect.Fragment, error) {
				f, _, err := w.repo.read(change, origin, before)
				if err != nil {
					err = inputError(origin, err)
				}
				return f, err
			},
		})
	}
}

// change returns the changes at one path as one.
func (w *historyWalk) change(group []ledger.Change) treediff.Change {
	first := group[0]
	change := treediff.Change{Path: w.ledger.Paths[first.Path], Mode: first.Mode.Object()}
	if first.New > 0 {
		change.ID = w.ledger.Blobs[first.New-1]
	}
	for _, c := range group {
		if c.Old > 0 {
			change.Olds = append(change.Olds, treediff.Entry{Mode: c.OldMode.Object(), ID: w.ledger.Blobs[c.Old-1]})
		}
	}
	return change
}
