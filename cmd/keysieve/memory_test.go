package main

import (
	"runtime/debug"
	"testing"
)

func TestCollectAt(t *testing.T) {
	for _, c := range []struct {
		held uint64 // MB
		want int
	}{{0, 200}, {10, 200}, {80, 150}, {100, 100}, {150, 30}, {170, 25}, {10_000, 25}} {
		if got := collectAt(c.held << 20); got != c.want {
			t.Errorf("%d MB held: %d %%, want %d", c.held, got, c.want)
		}
	}
}

func TestHoldMemoryLeavesNothingBehind(t *testing.T) {
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	holdMemory()()
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("the percentage is %d afterwards", got)
	}
}
