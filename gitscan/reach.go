package gitscan

import (
	"slices"
	"sync"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// plan chooses where to begin and which commits to look at.
func (w *historyWalk) plan() (list []commits.Commit, roots []ledger.Root, err error) {
	tips, err := w.beginnings()
	if err != nil {
		return nil, nil, err
	}
	w.targets = w.follow(tips)
	include, others := split(w.targets)
	for _, o := range others {
		roots = append(roots, ledger.Root{Ref: o.Path, Mode: o.Mode, ID: o.ID})
	}
	from := commits.Repository{Read: w.links}
	if from.Shallow, err = w.shallow(); err != nil {
		return nil, nil, err
	}
	w.objects = w.packs()
	if err := w.readCommits(); err != nil {
		return nil, nil, err
	}
	if w.surveys() {
		w.treesRead = w.readTrees() // while one goroutine is busy with what follows
	}
	if list, err = commits.Select(w.ctx, from, include, nil); err != nil {
		return nil, nil, err
	}
	w.top = make(map[object.ID]object.ID, len(include))
	for _, id := range include {
		w.top[id] = object.ID{}
	}
	for i := range list {
		if _, ok := w.top[list[i].ID]; ok {
			w.top[list[i].ID] = list[i].Tree
		}
	}
	if w.opts.AllObjects {
		return w.addUnreachable(from, list, roots)
	}
	return w.restrict(list, include), roots, nil
}

// readCommits reads all commits in packs, which is much faster than one after the other as they lead to each other.
func (w *historyWalk) readCommits() error {
	w.commits = commitTable{links: make(map[object.ID]commits.Links), marked: make(map[object.ID]bool)}
	isNew := func(id object.ID) bool {
		_, known := w.remembered.commit(id)
		return !known
	}
	var mu sync.Mutex
	return w.objects.Commits(w.ctx, w.opts.Workers, isNew, func(_ int, id object.ID, c *object.CommitData) {
		marked := w.speaks(c)
		mu.Lock()
		defer mu.Unlock()
		w.commits.add(id, c, marked)
	})
}

// commitTable is what is kept of commits.
type commitTable struct {
	links  map[object.ID]commits.Links
	marked map[object.ID]bool // those whose messages have secrets
}

func (t *commitTable) add(id object.ID, c *object.CommitData, marked bool) {
	t.links[id] = commits.LinksOf(*c)
	if marked {
		t.marked[id] = true
	}
}

// speaks reports whether a commit's message, or what stands before it, has a secret.
func (w *historyWalk) speaks(c *object.CommitData) bool {
	has := func(path string, text []byte) bool {
		return w.interesting(detect.Fragment{Origin: detect.Origin{Path: path, Kind: detect.KindMessage}, Data: text}) != nil
	}
	return len(w.opts.Paths) == 0 && (has(CommitMessage, c.Message) || has(CommitHeader, c.Header))
}

func (w *historyWalk) links(id object.ID) (commits.Links, error) {
	if links, ok := w.commits.links[id]; ok {
		return links, nil
	}
	if c, ok := w.remembered.commit(id); ok {
		w.commits.links[id] = c.Links
		if c.Marked && len(w.opts.Paths) == 0 {
			w.commits.marked[id] = true
		}
		return c.Links, nil
	}
	data, err := w.scan.objects.Commit(id)
	if err == nil {
		w.commits.add(id, &data, w.speaks(&data))
	}
	return commits.LinksOf(data), err
}

// restrict leaves out what the options leave out.
func (w *historyWalk) restrict(list []commits.Commit, include []object.ID) []commits.Commit {
	if w.opts.MaxDepth > 0 {
		at := make(map[object.ID]int, len(list))
		for i := range list {
			at[list[i].ID] = i
		}
		near := make(map[object.ID]bool)
		level := include
		for depth := 0; depth < w.opts.MaxDepth && len(level) > 0; depth++ {
			var next []object.ID
			for _, id := range level {
				if i, ok := at[id]; ok && !near[id] {
					near[id] = true
					next = append(next, list[i].Parents...)
				}
			}
			level = next
		}
		list = slices.DeleteFunc(list, func(c commits.Commit) bool { return !near[c.ID] })
	}
	if !w.opts.Since.IsZero() {
		list = slices.DeleteFunc(list, func(c commits.Commit) bool { return c.Err == nil && c.Date < w.opts.Since.Unix() })
	}
	return list
}

// addUnreachable adds what the repository stores and nothing leads to: commits, then blobs that are in none of them.
func (w *historyWalk) addUnreachable(from commits.Repository, list []commits.Commit, roots []ledger.Root) ([]commits.Commit, []ledger.Root, error) {
	known := make(map[object.ID]bool, len(list))
	for _, c := range list {
		known[c.ID] = true
	}
	w.unreachable = make(map[object.ID]bool)
	var rest []object.ID
	n := len(roots)
	ids := make(map[object.ID]bool)
	for id, err := range w.objects.All() {
		if err != nil {
			w.lose("objects", err)
			continue
		}
		if ids[id] || known[id] || w.scan.tags[id] {
			continue
		}
		ids[id] = true
		kind, err := w.objects.Kind(id)
		switch {
		case err != nil:
			w.lose("object "+id.String(), err)
		case kind == object.Commit:
			rest = append(rest, id)
		case kind == object.Tag:
			w.peel(tip{Unreachable, id})
		case kind == object.Blob:
			roots = append(roots, ledger.Root{Ref: "(unreachable blob " + id.String() + ")", Mode: object.ModeFile, ID: id, Rest: true})
		}
	}
	slices.SortFunc(rest, object.ID.Compare)
	slices.SortFunc(roots[n:], func(a, b ledger.Root) int { return a.ID.Compare(b.ID) })
	more, err := commits.Select(w.ctx, from, rest, nil)
	for _, c := range more {
		if !known[c.ID] {
			w.unreachable[c.ID] = true
			list = append(list, c)
		}
	}
	return list, roots, err
}

// read reads what the commits change, which are at these places among all of them if at is not nil.
func (w *historyWalk) read(list []commits.Commit, at []int, roots []ledger.Root) (err error) {
	w.state.allCommits.Store(int64(len(list) + len(roots)))
	opts := ledger.Options{
		Workers:  w.opts.Workers,
		At:       at,
		Progress: func(n int) { w.state.commits.Add(int64(n)) },
	}
	if len(w.opts.Paths) > 0 {
		opts.Want = w.wants
	} else if w.remembered.Cache != nil {
		opts.Known = w.remembered.changes
	}
	w.ledger, err = ledger.Make(w.ctx, w.objects, list, roots, opts)
	return err
}
