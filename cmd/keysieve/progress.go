package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const progressInterval = 200 * time.Millisecond

// progress is a line on the terminal that says how far a scan is.
type progress struct {
	findings atomic.Int64
	quit     chan struct{}
	once     sync.Once
	done     sync.WaitGroup
}

// showProgress begins to show how far a scan is on standard error, when that is a terminal. seen returns what has been
// scanned so far; it is called from another goroutine.
func showProgress(env environment, seen func() (files, bytes int64)) *progress {
	p := &progress{quit: make(chan struct{})}
	if !isTerminal(env.stderr) || env.getenv("TERM") == "dumb" {
		return p
	}
	p.done.Go(func() {
		began := time.Now()
		tick := time.NewTicker(progressInterval)
		defer tick.Stop()
		for shown := false; ; shown = true {
			select {
			case <-p.quit:
				if shown {
					_, _ = fmt.Fprint(env.stderr, "\r\x1b[K")
				}
				return
			case <-tick.C:
				files, bytes := seen()
				mb := float64(bytes) / 1e6
				_, _ = fmt.Fprintf(env.stderr, "\r\x1b[K%d files, %.0f MB, %.0f MB/s, %d findings", files, mb, mb/time.Since(began).Seconds(), p.findings.Load())
			}
		}
	})
	return p
}

// found counts a finding.
func (p *progress) found() { p.findings.Add(1) }

// stop takes the line away. It may be called more than once.
func (p *progress) stop() {
	p.once.Do(func() { close(p.quit) })
	p.done.Wait()
}
