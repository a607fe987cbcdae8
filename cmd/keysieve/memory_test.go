package main

import (
	"runtime/debug"
	"testing"
)

func TestPlanFor(t *testing.T) {
	for _, c := range []struct {
		held    uint64 // MB
		percent int
		limit   int64 // MB
	}{{0, 200, 255}, {10, 200, 255}, {80, 135, 255}, {100, 90, 255}, {150, 25, 255}, {170, 20, 255}, {200, 20, 288}, {10_000, 20, 14_976}} {
		if got := planFor(c.held << 20); got != (memoryPlan{c.percent, c.limit << 20}) {
			t.Errorf("%d MB held: %d %%, %d MB", c.held, got.percent, got.limit>>20)
		}
	}
}

func TestHoldMemoryLeavesNothingBehind(t *testing.T) {
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	limit := debug.SetMemoryLimit(-1)
	holdMemory()()
	if got := debug.SetMemoryLimit(-1); got != limit {
		t.Errorf("the limit is %d afterwards", got)
	}
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("the percentage is %d afterwards", got)
	}
}
