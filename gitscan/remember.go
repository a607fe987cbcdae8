package gitscan

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/cache"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/sieve"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
)

// remembered is what an earlier scan has found out.
type remembered struct {
	*cache.Cache // nil without one
	dir          string

	changed *detect.Detector // the rules that are not those of the cache; nil if there are none
	stale   bool             // the rules are not those of the cache
}

// remember loads the cache.
func (w *historyWalk) remember() error {
	if w.opts.Cache == "" {
		return nil
	}
	r := &w.remembered
	place := sha256.Sum256([]byte(w.scan.found.CommonDir))
	r.dir = filepath.Join(w.opts.Cache, hex.EncodeToString(place[:8]))
	engine := sha256.Sum256(fmt.Appendf(nil, "%x %v", w.opts.Program, w.detector.MinConfidence()))
	rules := w.detector.Digests()
	old, err := cache.Load(r.dir)
	switch {
	case err == nil && old.Engine == engine:
	case err == nil:
		w.notes = append(w.notes, "the cache is of another version of the program, or of another --min-confidence: everything is scanned again")
		fallthrough
	case cache.IsNew(err):
		old = cache.New()
	case errors.Is(err, cache.ErrDamaged):
		w.notes = append(w.notes, "the cache is damaged and is discarded: everything is scanned again")
		old = cache.New()
	default:
		w.notes = append(w.notes, fmt.Sprintf("the cache cannot be read: %v", err))
		old = cache.New()
	}
	if len(old.Commits)+len(old.Blobs) > 0 && !maps.Equal(old.Rules, rules) {
		r.stale = true
		isNew := func(id string) bool { sum, ok := old.Rules[id]; return !ok || sum != rules[id] }
		if r.changed, err = w.detector.Subset(isNew); err != nil {
			return err
		}
	}
	old.Engine, old.Rules = engine, rules
	r.Cache = old
	return nil
}

// commit returns what is remembered of a commit, if the message does not have to be searched again.
func (r *remembered) commit(id object.ID) (cache.Commit, bool) {
	if r.Cache == nil || r.stale {
		return cache.Commit{}, false
	}
	c, ok := r.Commits[id]
	return c, ok
}

// changes returns what is remembered of a commit's changes.
func (r *remembered) changes(id object.ID) (list []treediff.Change, ok bool) {
	c := r.Commits[id]
	for i, ch := range c.Changes {
		if i == 0 || !ch.Same(c.Changes[i-1]) {
			list = append(list, treediff.Change{Path: r.Paths[ch.Path], Mode: ch.Mode.Object(), ID: r.id(ch.New)})
		}
		if ch.OldMode != ledger.None {
			last := &list[len(list)-1]
			last.Olds = append(last.Olds, treediff.Entry{Mode: ch.OldMode.Object(), ID: r.id(ch.Old)})
		}
	}
	return list, c.Listed
}

func (r *remembered) id(number uint32) (id object.ID) {
	if number > 0 {
		id = r.IDs[number-1]
	}
	return id
}

// sift searches the blobs that are not remembered, and those that other rules are to be tried on.
func (w *historyWalk) sift(blobs sieve.Blobs) ([]sieve.Result, error) {
	if w.remembered.Cache == nil {
		return w.searchAll(w.detector, blobs)
	}
	results := make([]sieve.Result, len(blobs.IDs))
	var whole, again []int // to be searched with all rules; first only with those that are not the same
	for i := range blobs.IDs {
		known, plain := w.recall(blobs.IDs[i], blobs.Classes[i], &results[i])
		switch {
		case !known, w.remembered.stale && !plain:
			whole = append(whole, i)
		case w.remembered.changed != nil:
			again = append(again, i)
		}
	}
	if len(again) > 0 {
		found, err := w.searchAll(w.remembered.changed, blobs.Some(again))
		if err != nil {
			return nil, err
		}
		for _, i := range again {
			if found[i].Found != nil {
				whole = append(whole, i)
			}
		}
	}
	found, err := w.searchAll(w.detector, blobs.Some(whole))
	for _, i := range whole {
		results[i] = found[i]
	}
	return results, err
}

// recall fills in the result of a blob that is remembered for all of its classes. plain is true if nothing was in it, and nothing that
// may have hidden something.
func (w *historyWalk) recall(id object.ID, classes []uint16, r *sieve.Result) (known, plain bool) {
	for _, class := range classes {
		i := slices.IndexFunc(w.remembered.Blobs[id], func(c cache.Blob) bool { return c.Class == w.classes.sums[class] })
		if i < 0 || w.remembered.Blobs[id][i].Size > w.scan.opts.MaxBlob {
			*r = sieve.Result{}
			return false, false
		}
		w.remembered.Blobs[id][i].Result(class, r)
	}
	return true, r.Found == nil
}

func (w *historyWalk) searchAll(d *detect.Detector, blobs sieve.Blobs) ([]sieve.Result, error) {
	w.state.allBlobs.Add(int64(blobs.Len()))
	return sieve.Run(w.ctx, d, w.objects, blobs, sieve.Options{
		Workers: w.opts.Workers, Paths: w.classes.paths, Max: w.scan.opts.MaxBlob,
		Done: func(bytes int64) {
			w.state.blobs.Add(1)
			w.state.bytes.Add(bytes)
		},
	})
}

// learned reports whether there is something that the cache does not have.
func (w *historyWalk) learned() bool {
	c := &w.remembered
	if c.stale || w.state.allBlobs.Load() > 0 {
		return true
	}
	for id := range w.commits.links {
		if _, known := c.Commits[id]; !known {
			return true
		}
	}
	return slices.ContainsFunc(w.ledger.Entries, func(e ledger.Entry) bool { return lists(&e) && !c.Commits[e.ID].Listed })
}

// lists reports whether an entry has all that its commit changes: nothing was cut off or could not be read.
func lists(e *ledger.Entry) bool {
	return !e.ID.IsZero() && e.Read && !e.Shallow && !e.Orphaned && len(e.Errs) == 0
}

// keep saves what this scan has found out, with what was known before and is still right.
func (w *historyWalk) keep() {
	c := w.remembered.Cache
	if c == nil || len(w.opts.Paths) > 0 || !w.learned() {
		return
	}
	if w.remembered.stale {
		maps.DeleteFunc(c.Commits, func(id object.ID, _ cache.Commit) bool {
			_, seen := w.commits.links[id]
			return !seen // its message was not searched again
		})
		clear(c.Blobs)
	}
	l := w.ledger
	for id, old := range c.Commits { // in no order: only numbers depend on it
		if old.Listed {
			for i := range old.Changes {
				ch := &old.Changes[i]
				ch.Path = l.Path(c.Paths[ch.Path])
				if ch.New > 0 {
					ch.New = l.Blob(c.IDs[ch.New-1])
				}
				if ch.Old > 0 {
					ch.Old = l.Blob(c.IDs[ch.Old-1])
				}
			}
		}
		c.Commits[id] = old
	}
	c.Paths, c.IDs = l.Paths, l.Blobs
	for id, links := range w.commits.links {
		old := c.Commits[id]
		c.Commits[id] = cache.Commit{Links: links, Marked: w.commits.marked[id], Listed: old.Listed, Changes: old.Changes}
	}
	for i := range l.Entries {
		if e := &l.Entries[i]; lists(e) {
			commit := c.Commits[e.ID]
			commit.Listed, commit.Changes = true, e.Changes
			c.Commits[e.ID] = commit
		}
	}
	for n := range w.results {
		w.keepBlob(n)
	}
	if err := c.Save(w.remembered.dir); err != nil {
		w.notes = append(w.notes, fmt.Sprintf("the cache cannot be written: %v", err))
	}
}

// keepBlob enters what was found in a blob, for each class of path, in the cache.
func (w *historyWalk) keepBlob(n int) {
	r := &w.results[n]
	if !r.Read || r.Err() != nil {
		return
	}
	id := w.ledger.Blobs[n]
	for _, class := range w.ofBlob[n] {
		b := cache.Blob{Class: w.classes.sums[class], Size: r.Size, Binary: r.Binary, Shadows: r.Found != nil && slices.Contains(r.Found.Shadows, class)}
		if hit := r.Of(class); hit != nil {
			b.Secrets, b.Guess = hit.Secrets, hit.Guess
		}
		list := w.remembered.Blobs[id]
		if i := slices.IndexFunc(list, func(c cache.Blob) bool { return c.Class == b.Class }); i >= 0 {
			list[i] = b
		} else {
			w.remembered.Blobs[id] = append(list, b)
		}
	}
}
