// Package parallel divides work among goroutines.
package parallel

import "sync"

// Shares calls do for parts of 0 to n that follow each other, one for each of the workers, at the same time, and returns when all are done.
func Shares(workers, n int, do func(from, to int)) {
	share := (n + workers - 1) / workers
	var running sync.WaitGroup
	for from := 0; from < n; from += share {
		running.Go(func() { do(from, min(from+share, n)) })
	}
	running.Wait()
}

// Ahead begins a call and returns what waits for its result. If the call panics, so does that.
func Ahead[T any](do func() T) (wait func() T) {
	wait = sync.OnceValue(do)
	go func() {
		defer func() { _ = recover() }() // whoever waits gets it, too
		wait()
	}()
	return wait
}
