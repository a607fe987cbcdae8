package parallel

import (
	"slices"
	"testing"
)

func TestShares(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7} {
		for _, n := range []int{0, 1, 2, 6, 7, 8, 100} {
			seen := make([]int, n)
			Shares(workers, n, func(from, to int) {
				for i := from; i < to; i++ {
					seen[i]++
				}
			})
			if slices.ContainsFunc(seen, func(times int) bool { return times != 1 }) {
				t.Errorf("%d workers, %d: %v", workers, n, seen)
			}
		}
	}
}

func TestAhead(t *testing.T) {
	if n := Ahead(func() int { return 3 })(); n != 3 {
		t.Error(n)
	}
	wait := Ahead(func() int { panic("lost") })
	for range 2 {
		func() {
			defer func() {
				if p := recover(); p != "lost" {
					t.Errorf("recovered %v", p)
				}
			}()
			wait()
		}()
	}
}
