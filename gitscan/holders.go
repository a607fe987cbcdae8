package gitscan

import (
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/parallel"
	"github.com/keysieve/keysieve/gitscan/internal/survey"
)

// Standing returns where a finding's secret still is: not in which commits, but in the files that one gets with a ref. It may be called
// once the first fragment was yielded. Refs are in the order of their names; of findings in messages and names nothing is known.
func (h *History) Standing(f detect.Finding) *detect.Standing {
	if f.Origin.Kind != detect.KindContent {
		return nil
	}
	if s := h.holders[f.Sum64()]; s != nil {
		return s
	}
	return &detect.Standing{}
}

// hold finds out which refs hold which secrets.
func (w *historyWalk) hold() {
	w.found = make(map[object.ID][]uint64)
	for n := range w.results {
		var list []uint64
		for _, hit := range w.results[n].Hits() {
			list = append(list, hit.Secrets...)
		}
		if len(list) > 0 {
			slices.Sort(list)
			w.found[w.ledger.Blobs[n]] = slices.Compact(list)
		}
	}
	w.holders = make(map[uint64]*detect.Standing)
	if len(w.found) == 0 || w.stopped() {
		return
	}
	lists := w.secretsOf(w.targets)
	for i, tip := range w.targets {
		for _, secret := range lists[i] {
			s := w.holders[secret]
			if s == nil {
				s = new(detect.Standing)
				w.holders[secret] = s
			}
			if tip.name == "HEAD" {
				s.Head = true
			} else if strings.HasSuffix(tip.name, reflogSuffix) {
				continue // it is no ref
			} else if len(s.Refs) == 0 || s.Refs[len(s.Refs)-1] != tip.name {
				s.Refs = append(s.Refs, tip.name)
			}
		}
	}
}

// secretsOf returns the secrets in the files of each target.
func (w *historyWalk) secretsOf(targets []target) [][]uint64 {
	lists := make([][]uint64, len(targets))
	for i, t := range targets {
		if t.kind == object.Blob {
			lists[i] = w.found[t.id]
		}
	}
	if w.holdings == nil {
		w.readSecrets(w.treesOf(targets), lists)
		return lists
	}
	s := setSecrets{w.holdings, w.found, make(map[survey.Set][]uint64)}
	for i, set := range w.held {
		if set != 0 {
			lists[i] = s.of(set)
		}
	}
	return lists
}

// treesOf returns the trees of targets; the zero id of those that have none.
func (w *historyWalk) treesOf(targets []target) []object.ID {
	trees := make([]object.ID, len(targets))
	for i, t := range targets {
		switch t.kind {
		case object.Commit:
			trees[i] = w.top[t.id]
		case object.Tree:
			trees[i] = t.id
		}
	}
	return trees
}

// holdTargets notes what the survey has found in the targets' trees.
func (w *historyWalk) holdTargets() (err error) {
	w.held, err = w.holdings.Sets(w.holdings.TreesOf(w.treesOf(w.targets)))
	return err
}

// setSecrets finds the secrets in what trees were found to hold.
type setSecrets struct {
	*survey.Holdings
	found map[object.ID][]uint64 // by blob
	known map[survey.Set][]uint64
}

func (s *setSecrets) of(set survey.Set) []uint64 {
	list, ok := s.known[set]
	if ok {
		return list
	}
	for _, m := range s.Members(set) {
		if m.Below != 0 {
			list = append(list, s.of(m.Below)...)
		} else if m.Blob != survey.NoBlob {
			list = append(list, s.found[s.Blobs[m.Blob]]...)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	s.known[set] = list
	return list
}

// readSecrets fills in the secrets in the trees that are given. Neighbours have much in common, so that each worker takes some that follow
// each other.
func (w *historyWalk) readSecrets(trees []object.ID, lists [][]uint64) {
	var dirs map[string]bool // nil: everywhere, as what was found may be elsewhere than where it was looked for
	if len(w.opts.Paths) == 0 {
		dirs = w.directories()
	}
	var maybe [256]bool
	for id := range w.found {
		maybe[id[0]] = true
	}
	parallel.Shares(w.opts.Workers, len(trees), func(from, to int) {
		h := holdings{found: w.found, reader: w.objects.NewReader(16 << 20), maybe: maybe, dirs: dirs, trees: make(map[treeAt][]uint64)}
		for i := from; i < to && w.ctx.Err() == nil; i++ {
			if !trees[i].IsZero() {
				lists[i] = h.tree(treeAt{trees[i], ""}, 0)
				h.reader.Release()
			}
		}
	})
}

// directories returns those, with a slash at their ends, in which there was a blob with a secret at some time.
func (w *historyWalk) directories() map[string]bool {
	dirs := make(map[string]bool)
	for i := range w.ledger.Entries {
		for _, c := range w.ledger.Entries[i].Changes {
			if c.New == 0 || len(w.results[c.New-1].Hits()) == 0 {
				continue
			}
			path := w.ledger.Paths[c.Path]
			for end := strings.LastIndexByte(path, '/') + 1; end > 0 && !dirs[path[:end]]; end = strings.LastIndexByte(path[:end-1], '/') + 1 {
				dirs[path[:end]] = true
			}
		}
	}
	return dirs
}

// holdings finds the secrets in trees that it reads.
type holdings struct {
	found  map[object.ID][]uint64 // by blob
	reader *bulk.Reader
	maybe  [256]bool           // first bytes of blobs with secrets
	dirs   map[string]bool     // where to look; nil is everywhere
	trees  map[treeAt][]uint64 // ascending
}

// treeAt is a tree and the path of its directory.
type treeAt struct {
	id  object.ID
	dir string
}

func (h *holdings) tree(at treeAt, depth int) []uint64 {
	if list, ok := h.trees[at]; ok || depth > object.MaxDepth {
		return list
	}
	content, err := h.reader.Tree(at.id)
	if err != nil {
		return nil
	}
	var list []uint64
	h.trees[at] = nil // a forged index may lead round in circles
	dir := []byte(at.dir)
	for r := object.NewTreeReader(content); r.Next(); {
		switch {
		case r.Mode.IsTree():
			sub := treeAt{id: r.ID}
			if h.dirs != nil {
				if dir = append(append(dir[:len(at.dir)], r.Name...), '/'); !h.dirs[string(dir)] {
					continue
				}
				sub.dir = string(dir)
			}
			list = append(list, h.tree(sub, depth+1)...)
		case r.Mode.IsBlob() && h.maybe[r.ID[0]]:
			list = append(list, h.found[r.ID]...)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	h.trees[at] = list
	return list
}
