package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Memory is first collected when there are 16 MB, 4 MB times startPercent: a small scan ends before. From then on gcPercent keeps it low:
// little is allocated after the start, so collecting twice as often costs next to nothing.
const (
	startPercent = 400
	gcPercent    = 50
)

// collectLate sets how often memory is collected, unless it is set in another way by then.
func collectLate() {
	debug.SetGCPercent(startPercent)
	collected := new(*byte)
	runtime.AddCleanup(collected, func(int) {
		if now := debug.SetGCPercent(gcPercent); now != startPercent {
			debug.SetGCPercent(now)
		}
	}, 0)
}

// What a scan of a history holds is a few megabytes or hundreds of them. Memory is collected seldom while that is little, and more often the
// closer all of it comes to historyMemory, down to historyLeast percent of what is held. What is free goes back to the system when all comes
// to historyLimit, or to much more than what is held.
const (
	historyMemory = 190 << 20 // bytes
	historyLimit  = 255 << 20 // bytes
	historyMost   = 200
	historyLeast  = 20

	memoryInterval = 20 * time.Millisecond
)

// memoryPlan is how much memory is to be used.
type memoryPlan struct {
	percent int   // of what is held that may come up before memory is collected
	limit   int64 // bytes
}

// apply sets the plan and returns the one that it replaces.
func (p memoryPlan) apply() memoryPlan {
	return memoryPlan{debug.SetGCPercent(p.percent), debug.SetMemoryLimit(p.limit)}
}

// holdMemory keeps memory within bounds until the result is called, as far as what is held allows it.
func holdMemory() (stop func()) {
	held := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	plan := planFor(0)
	last := plan.apply()
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(memoryInterval)
		defer tick.Stop()
		for {
			metrics.Read(held)
			if p := planFor(held[0].Value.Uint64()); p != plan { // it stops the world
				plan = p
				plan.apply()
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
		last.apply()
	}
}

// planFor returns how much memory is to be used while so much is held, in steps.
func planFor(held uint64) memoryPlan {
	const (
		step      = 5
		limitStep = 32 << 20
	)
	room := int(historyMemory*100/max(held, 1)) - 100
	return memoryPlan{
		percent: min(max(room/step*step, historyLeast), historyMost),
		limit:   max(historyLimit, int64(held+held/2)/limitStep*limitStep),
	}
}
