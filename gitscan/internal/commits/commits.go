// Package commits chooses the commits of a range: those that can be reached from some commits and not from others.
package commits

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// A Commit is a commit of a range.
type Commit struct {
	ID      object.ID
	Err     error // the commit cannot be read, so that what it leads to is not in the range
	Shallow bool  // its parents were left out when the repository was cloned
	Links         // without parents if Shallow is set

	ParentTrees []object.ID // of the parents that can be read
	Orphaned    bool        // there are others
}

// Links are what a commit leads to.
type Links struct {
	Tree    object.ID
	Parents []object.ID
	Date    int64 // of the committer, in seconds since 1970
}

// LinksOf returns the links of a commit.
func LinksOf(c object.CommitData) Links {
	return Links{c.Tree, c.Parents, c.Committer.When.Unix()}
}

// Repository is where commits come from.
type Repository struct {
	Read    func(object.ID) (Links, error)
	Shallow map[object.ID]bool // commits whose parents are not followed
}

// Dates of commits may be wrong by this much, in seconds, before a commit is taken for part of the range that is not.
const dateSlack = 24 * 60 * 60

// Select returns the commits that can be reached from include and not from exclude, parents before children and otherwise by
// date. Only as much of the history is read as the dates of commits call for: with dates that are wrong there can be more
// commits than there should be, never fewer. An excluded commit that cannot be read excludes nothing more. The error is
// that of ctx.
func Select(ctx context.Context, r Repository, include, exclude []object.ID) ([]Commit, error) {
	w := walk{repository: r, nodes: make(map[object.ID]*node), oldest: math.MaxInt64}
	for _, id := range exclude {
		w.add(id, true)
	}
	for _, id := range include {
		w.add(id, false)
	}
	for !w.complete() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := heap.Pop(&w.queue).(*node)
		n.queued = false
		if !n.hidden {
			w.open--
			w.found = append(w.found, n)
			w.oldest = min(w.oldest, n.Date)
		}
		for _, id := range n.Parents {
			w.add(id, n.hidden)
		}
	}
	found := slices.DeleteFunc(w.found, func(n *node) bool { return n.hidden })
	return w.sort(found), nil
}

// node is a commit that the walk has met.
type node struct {
	Commit
	hidden bool // can be reached from an excluded commit
	queued bool

	waiting  int     // parents in the range that are still to come
	children []*node // in the range
}

type walk struct {
	repository Repository
	nodes      map[object.ID]*node
	queue      newest
	open       int // nodes in the queue that are not hidden
	found      []*node
	oldest     int64 // date among found
}

// complete reports whether nothing in the queue can change what belongs to the range.
func (w *walk) complete() bool {
	switch {
	case w.queue.Len() == 0:
		return true
	case w.open > 0:
		return false
	}
	return len(w.found) == 0 || w.queue.nodes[0].Date < w.oldest-dateSlack
}

// add meets a commit.
func (w *walk) add(id object.ID, hidden bool) {
	if n := w.nodes[id]; n != nil {
		if hidden {
			w.hide(n)
		}
		return
	}
	n := &node{Commit: Commit{ID: id}, hidden: hidden, queued: true}
	w.nodes[id] = n
	links, err := w.repository.Read(id)
	if err != nil {
		n.Err = err
	} else {
		n.Links = links
		if w.repository.Shallow[id] {
			n.Shallow = len(n.Parents) > 0
			n.Parents = nil
		}
	}
	heap.Push(&w.queue, n)
	if !hidden {
		w.open++
	}
}

// hide takes a commit, and everything that it is known to lead to, out of the range.
func (w *walk) hide(n *node) {
	for todo := []*node{n}; len(todo) > 0; {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if n.hidden {
			continue
		}
		n.hidden = true
		if n.queued {
			w.open--
			continue
		}
		for _, id := range n.Parents {
			todo = append(todo, w.nodes[id])
		}
	}
}

// sort orders the commits of the range.
func (w *walk) sort(found []*node) []Commit {
	var ready oldest
	for _, n := range found {
		for _, id := range n.Parents {
			parent := w.nodes[id]
			if parent.Err == nil {
				n.ParentTrees = append(n.ParentTrees, parent.Tree)
			} else {
				n.Orphaned = true
			}
			if !parent.hidden {
				parent.children = append(parent.children, n)
				n.waiting++
			}
		}
		if n.waiting == 0 {
			ready.nodes = append(ready.nodes, n)
		}
	}
	w.nodes = nil // from here on memory is scarce
	heap.Init(&ready)
	sorted := make([]Commit, 0, len(found))
	for ready.Len() > 0 {
		n := heap.Pop(&ready).(*node)
		sorted = append(sorted, n.Commit)
		for _, child := range n.children {
			if child.waiting--; child.waiting == 0 {
				heap.Push(&ready, child)
			}
		}
		n.children = nil
	}
	return sorted
}

// order is by date and then by id, so that it does not depend on where the walk began.
func order(a, b *node) int { return cmp.Or(cmp.Compare(a.Date, b.Date), a.ID.Compare(b.ID)) }

type nodes []*node

func (q nodes) Len() int      { return len(q) }
func (q nodes) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *nodes) Push(n any)   { *q = append(*q, n.(*node)) }
func (q *nodes) Pop() any {
	last := len(*q) - 1
	n := (*q)[last]
	*q = (*q)[:last]
	return n
}

// newest is a queue that the latest commit leaves first, oldest one that the earliest does.
type (
	newest struct{ nodes }
	oldest struct{ nodes }
)

func (q newest) Less(i, j int) bool { return order(q.nodes[i], q.nodes[j]) > 0 }
func (q oldest) Less(i, j int) bool { return order(q.nodes[i], q.nodes[j]) < 0 }
