package commits

import (
	"container/heap"
	"context"
	"errors"
	"slices"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// MergeBases returns the best common ancestors of two commits, as "git merge-base --all" does: those that no other common
// ancestor descends from, the latest first. Of histories that have nothing in common there are none. A commit of the way that
// cannot be read is the error, and so is that of ctx. Where dates of commits are wrong, there can be one that is not best.
func MergeBases(ctx context.Context, r Repository, a, b object.ID) ([]object.ID, error) {
	w := painting{repository: r, nodes: make(map[object.ID]*painted)}
	if err := errors.Join(w.paint(a, ofA), w.paint(b, ofB)); err != nil {
		return nil, err
	}
	var found []*painted
	for !w.complete(found) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := heap.Pop(&w.queue).(*painted)
		p.queued = false
		if p.color&old == 0 {
			w.open--
		}
		color := p.color
		if color&(ofA|ofB) == ofA|ofB {
			if !p.found {
				p.found = true
				found = append(found, p)
			}
			color |= old
		}
		for _, id := range p.Parents {
			if err := w.paint(id, color); err != nil {
				return nil, err
			}
		}
	}
	// What turned out to be an ancestor of another one is not best.
	found = slices.DeleteFunc(found, func(p *painted) bool { return p.color&old != 0 })
	slices.SortFunc(found, func(x, y *painted) int { return order(y.node, x.node) })
	var bases []object.ID
	for _, p := range found {
		bases = append(bases, p.ID)
	}
	return bases, nil
}

// paint says from where a commit can be reached.
type paint uint8

const (
	ofA paint = 1 << iota
	ofB
	old // from a common ancestor
)

// painted is a commit that the search for common ancestors has met.
type painted struct {
	*node
	color paint
	found bool
}

type painting struct {
	repository Repository
	nodes      map[object.ID]*painted
	queue      latest
	open       int // in the queue and not old
}

// paint adds to what is known of a commit and has it looked at again if that is news.
func (w *painting) paint(id object.ID, color paint) error {
	p := w.nodes[id]
	if p == nil {
		links, err := w.repository.Read(id)
		if err != nil {
			return err
		}
		p = &painted{node: &node{Commit: Commit{ID: id, Links: links}}}
		if w.repository.Shallow[id] {
			p.Parents = nil
		}
		w.nodes[id] = p
	}
	if p.color|color == p.color {
		return nil
	}
	if p.queued && p.color&old == 0 && color&old != 0 {
		w.open--
	}
	p.color |= color
	if !p.queued {
		p.queued = true
		heap.Push(&w.queue, p)
		if p.color&old == 0 {
			w.open++
		}
	}
	return nil
}

// complete reports whether nothing in the queue can change which common ancestors are best.
func (w *painting) complete(found []*painted) bool {
	if w.open > 0 || len(found) < 2 || len(w.queue) == 0 {
		return w.open == 0
	}
	oldest := slices.MinFunc(found, func(x, y *painted) int { return order(x.node, y.node) })
	return w.queue[0].Date < oldest.Date-dateSlack
}

// latest is a queue that the latest commit leaves first.
type latest []*painted

func (q latest) Len() int           { return len(q) }
func (q latest) Less(i, j int) bool { return order(q[i].node, q[j].node) > 0 }
func (q latest) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *latest) Push(p any)        { *q = append(*q, p.(*painted)) }
func (q *latest) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	*q = (*q)[:last]
	return p
}
