package main

import (
	"math"
	"slices"
)

// settings are those of the boosting.
type settings struct {
	trees    int
	depth    int
	rate     float64
	lambda   float64 // added to the weight of each leaf
	leastHes float64 // weight that each leaf needs
	bins     int     // thresholds of each feature
}

// A tree is its nodes; a leaf has no feature.
type tree []treeNode

type treeNode struct {
	feature int
	max     int16
	yes, no int // indexes, 0 for a leaf
	value   float64
}

type model struct {
	bias  float64
	trees []tree
}

func (m *model) score(x []int16) float64 {
	total := m.bias
	for _, t := range m.trees {
		i := 0
		for t[i].yes > 0 {
			if x[t[i].feature] <= t[i].max {
				i = t[i].yes
			} else {
				i = t[i].no
			}
		}
		total += t[i].value
	}
	return total
}

// binned is the examples with each feature replaced by the number of its bin.
type binned struct {
	cuts  [][]int16 // by feature: upper ends of its bins, ascending
	bins  [][]uint8 // by feature and example
	label []float64
	weigh []float64
}

func bin(examples []*example, s settings) *binned {
	b := &binned{}
	nf := len(examples[0].features)
	for f := range nf {
		values := make([]int16, len(examples))
		for i, e := range examples {
			values[i] = e.features[f]
		}
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		var cuts []int16
		for k := 1; k < s.bins; k++ {
			if v := sorted[k*len(sorted)/s.bins]; len(cuts) == 0 || v > cuts[len(cuts)-1] {
				cuts = append(cuts, v)
			}
		}
		distinct := slices.Compact(slices.Clone(sorted))
		if len(distinct) <= s.bins {
			cuts = distinct[:len(distinct)-1]
		}
		col := make([]uint8, len(values))
		for i, v := range values {
			n, _ := slices.BinarySearch(cuts, v)
			col[i] = uint8(n)
		}
		b.cuts = append(b.cuts, cuts)
		b.bins = append(b.bins, col)
	}
	for _, e := range examples {
		y := 0.0
		if e.secret {
			y = 1
		}
		b.label = append(b.label, y)
		b.weigh = append(b.weigh, e.weight)
	}
	return b
}

// fit boosts trees on the examples, by Newton steps on the logistic loss.
func fit(examples []*example, s settings) *model {
	b := bin(examples, s)
	n := len(examples)
	var pos, all float64
	for i, y := range b.label {
		pos += y * b.weigh[i]
		all += b.weigh[i]
	}
	m := &model{bias: math.Log(pos / (all - pos))}
	scores := make([]float64, n)
	for i := range scores {
		scores[i] = m.bias
	}
	grad, hess := make([]float64, n), make([]float64, n)
	for range s.trees {
		for i := range n {
			p := 1 / (1 + math.Exp(-scores[i]))
			grad[i] = (b.label[i] - p) * b.weigh[i]
			hess[i] = p * (1 - p) * b.weigh[i]
		}
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = int32(i)
		}
		g := grower{b: b, s: s, grad: grad, hess: hess, scores: scores}
		g.grow(rows, s.depth)
		m.trees = append(m.trees, g.out)
	}
	return m
}

type grower struct {
	b          *binned
	s          settings
	grad, hess []float64
	scores     []float64
	out        tree
}

// grow adds the subtree for the rows and returns its index.
func (g *grower) grow(rows []int32, depth int) int {
	var sg, sh float64
	for _, i := range rows {
		sg += g.grad[i]
		sh += g.hess[i]
	}
	at := len(g.out)
	g.out = append(g.out, treeNode{value: g.s.rate * sg / (sh + g.s.lambda)})
	f, cut, ok := -1, 0, false
	if depth > 0 {
		f, cut, ok = g.split(rows, sg, sh)
	}
	if !ok {
		for _, i := range rows {
			g.scores[i] += g.out[at].value
		}
		return at
	}
	var yes, no []int32
	for _, i := range rows {
		if int(g.b.bins[f][i]) <= cut {
			yes = append(yes, i)
		} else {
			no = append(no, i)
		}
	}
	y := g.grow(yes, depth-1)
	x := g.grow(no, depth-1)
	g.out[at].feature, g.out[at].max, g.out[at].yes, g.out[at].no = f, g.b.cuts[f][cut], y, x
	return at
}

// split returns the feature and bin that tell the rows apart best.
func (g *grower) split(rows []int32, sg, sh float64) (feature, cut int, ok bool) {
	s := g.s
	best := sg*sg/(sh+s.lambda) + 0.5
	var hg, hh [256]float64
	for f := range g.b.bins {
		cuts := len(g.b.cuts[f])
		if cuts == 0 {
			continue
		}
		clear(hg[:cuts+1])
		clear(hh[:cuts+1])
		col := g.b.bins[f]
		for _, i := range rows {
			hg[col[i]] += g.grad[i]
			hh[col[i]] += g.hess[i]
		}
		var lg, lh float64
		for c := range cuts {
			lg += hg[c]
			lh += hh[c]
			rg, rh := sg-lg, sh-lh
			if lh < s.leastHes || rh < s.leastHes {
				continue
			}
			if gain := lg*lg/(lh+s.lambda) + rg*rg/(rh+s.lambda); gain > best {
				best, feature, cut, ok = gain, f, c, true
			}
		}
	}
	return feature, cut, ok
}
