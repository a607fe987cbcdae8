package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What a scan of a history holds is a few megabytes or hundreds of them. Memory is collected seldom while that is little, and more often the
// closer all of it comes to historyMemory, down to historyLeast percent of what is held.
const (
	historyMemory = 200 << 20 // bytes
	historyMost   = 200
	historyLeast  = 25

	memoryInterval = 20 * time.Millisecond
)

// holdMemory keeps memory within historyMemory until the result is called, as far as what is held allows it.
func holdMemory() (stop func()) {
	held := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	last := debug.SetGCPercent(historyMost)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(memoryInterval)
		defer tick.Stop()
		for percent := historyMost; ; {
			metrics.Read(held)
			if p := collectAt(held[0].Value.Uint64()); p != percent {
				percent = p
				debug.SetGCPercent(p)
			}
			select {
			case <-quit:
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(quit)
		<-done
		debug.SetGCPercent(last)
	}
}

// collectAt returns how many percent of what is held may come up before memory is collected, in steps.
func collectAt(held uint64) int {
	const step = 5
	room := int(historyMemory*100/max(held, 1)) - 100
	return min(max(room/step*step, historyLeast), historyMost)
}
