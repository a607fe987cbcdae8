package main

import (
	"bytes"
	"testing"
)

// exclusive returns examples that only two features together tell apart, and that a third says nothing about.
func exclusive() []*example {
	var out []*example
	for i := range int16(400) {
		a, b := i&1, i>>1&1
		out = append(out, &example{features: []int16{a, b, i % 7}, secret: a != b, weight: 1})
	}
	return out
}

var small = settings{trees: 30, depth: 2, rate: 0.3, lambda: 1, leastHes: 1, bins: 16}

func TestFitLearnsTwoFeatures(t *testing.T) {
	// Greedy splits need a feature that helps alone: one corner is made heavier.
	all := exclusive()
	for _, e := range all {
		if e.features[0] == 1 && e.features[1] == 0 {
			e.weight = 2
		}
	}
	m := fit(all, small)
	for _, e := range all {
		if got := m.score(e.features) > 0; got != e.secret {
			t.Fatalf("%v: %v", e.features, got)
		}
	}
}

func TestEmitIsDeterministic(t *testing.T) {
	a := emit(fit(exclusive(), small), thresholds{0, 1, 2, -1})
	b := emit(fit(exclusive(), small), thresholds{0, 1, 2, -1})
	if !bytes.Equal(a, b) {
		t.Error("two runs differ")
	}
}

func TestFlatten(t *testing.T) {
	in := tree{{feature: 1, yes: 1, no: 4}, {feature: 2, yes: 2, no: 3}, {value: 1}, {value: 2}, {value: 3}}
	flat := flatten(in, 0, 0, []treeNode{{}})
	for i, n := range flat {
		if n.yes > 0 && n.yes+1 >= len(flat) {
			t.Errorf("node %d: its branches are not in the table", i)
		}
	}
	if len(flat) != len(in) || flat[flat[0].yes+1].value != 3 {
		t.Errorf("%+v", flat)
	}
}

func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"zorbulon", "zorbulon", true},
		{"zorbulon", "x=zorbulon;", true},
		{"zor", "zorbulon", false},
		{"zorb", "zorbulon", true},
		{"abcdefghij", "xxabcdefghyy", true},
		{"abcdefg", "xxabcdyy", false},
		{"", "x", false},
	} {
		if got := overlap(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
