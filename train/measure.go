package main

import (
	"fmt"
	"slices"
	"strings"
)

// A count is what the labelled values of a category come to.
type count struct{ secrets, hits, false int }

func (c count) rates() (precision, recall, f1 float64) {
	if c.hits+c.false > 0 {
		precision = float64(c.hits) / float64(c.hits+c.false)
	}
	if c.secrets > 0 {
		recall = float64(c.hits) / float64(c.secrets)
	}
	if precision+recall > 0 {
		f1 = 2 * precision * recall / (precision + recall)
	}
	return precision, recall, f1
}

// A result is the measure of a threshold.
type result struct {
	all        count
	categories map[string]*count
	unlabelled int // findings that match no label
	misses     []string
	wrong      []string
}

func ignored(l *label) bool {
	for _, c := range strings.Split(l.Category, ":") {
		if !slices.Contains(identifiers, c) {
			return false
		}
	}
	return true
}

// measure counts what is found at a threshold, with the score of held-out folds or the fitted one. own leaves out what the rules of
// providers find.
func (d *dataset) measure(score func(*example) float64, threshold float64, own bool) *result {
	r := &result{categories: map[string]*count{}}
	for _, x := range d.files {
		var found []*hit
		for i := range x.known {
			if !own {
				found = append(found, &x.known[i])
			}
		}
		for _, i := range x.examples {
			if e := d.examples[i]; !e.hidden && score(e) >= threshold {
				found = append(found, &e.hit)
			}
		}
		used := make([]bool, len(found))
		for k := range x.Labels {
			l := &x.Labels[k]
			got := slices.IndexFunc(found, func(h *hit) bool { return l.matches(h) })
			if got >= 0 {
				used[got] = true
			}
			if ignored(l) {
				continue
			}
			r.count(d, x, l, got, found, score)
		}
		for _, u := range used {
			if !u {
				r.unlabelled++
			}
		}
	}
	return r
}

func (r *result) count(d *dataset, x *file, l *label, got int, found []*hit, score func(*example) float64) {
	add := func(c *count) {
		switch {
		case l.Label == "T":
			c.secrets++
			if got >= 0 {
				c.hits++
			}
		case got >= 0:
			c.false++
		}
	}
	add(&r.all)
	for _, c := range strings.Split(l.Category, ":") {
		if r.categories[c] == nil {
			r.categories[c] = &count{}
		}
		add(r.categories[c])
	}
	switch {
	case l.Label == "T" && got < 0:
		why := "no candidate"
		for _, i := range x.examples {
			if e := d.examples[i]; l.matches(&e.hit) {
				why = fmt.Sprintf("score %.2f", score(e))
			}
		}
		r.misses = append(r.misses, fmt.Sprintf("%-12s %s %s:%d %.40s | %s", why, l.Category, x.Name[max(0, len(x.Name)-24):], l.Line, l.value, around(x.Lines[fmt.Sprint(l.Line)], l)))
	case l.Label != "T" && got >= 0:
		r.wrong = append(r.wrong, fmt.Sprintf("%s %s %s %s:%d %.50s | %s", found[got].rule, l.Label, l.Category, x.Name[max(0, len(x.Name)-24):], l.Line, found[got].text, around(x.Lines[fmt.Sprint(l.Line)], l)))
	}
}

func around(line string, l *label) string {
	r := []rune(strings.TrimSpace(line))
	at := 0
	if l.Start != nil {
		at = max(*l.Start-70, 0)
	}
	at = min(at, len(r))
	return string(r[at:min(len(r), at+150)])
}

func (r *result) print(title string, table bool) {
	p, rec, f := r.all.rates()
	fmt.Printf("%-32s T %5d  TP %5d  FP %5d  precision %.3f  recall %.3f  F1 %.3f  unlabelled %d\n", title, r.all.secrets, r.all.hits, r.all.false, p, rec, f, r.unlabelled)
	if !table {
		return
	}
	names := slices.SortedFunc(func(yield func(string) bool) {
		for n := range r.categories {
			if !yield(n) {
				return
			}
		}
	}, func(a, b string) int {
		if d := r.categories[b].secrets - r.categories[a].secrets; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, n := range names {
		c := r.categories[n]
		p, rec, f := c.rates()
		fmt.Printf("  %-30s T %5d  TP %5d  FP %5d  precision %.3f  recall %.3f  F1 %.3f\n", n, c.secrets, c.hits, c.false, p, rec, f)
	}
}
