package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

const progressInterval = 200 * time.Millisecond

// progress is a line on the terminal that says how far a scan is.
type progress struct {
	terminal io.Writer // nil when nothing is to be shown
	began    time.Time
	quit     chan struct{}
	once     sync.Once
	done     sync.WaitGroup

	mu       sync.Mutex
	findings int
	shown    bool
}

// showProgress begins to show how far a scan is on standard error, when that is a terminal. seen returns what has been
// scanned so far; it is called from another goroutine.
func showProgress(env environment, seen func() (files, bytes int64)) *progress {
	p := &progress{began: time.Now(), quit: make(chan struct{})}
	if !isTerminal(env.stderr) || env.getenv("TERM") == "dumb" {
		return p
	}
	p.terminal = env.stderr
	p.done.Go(func() {
		tick := time.NewTicker(progressInterval)
		defer tick.Stop()
		for {
			select {
			case <-p.quit:
				return
			case <-tick.C:
				p.show(seen())
			}
		}
	})
	return p
}

// show writes the line, in place of the one that is there.
func (p *progress) show(files, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	mb := float64(bytes) / 1e6
	_, _ = fmt.Fprintf(p.terminal, "%d files, %.0f MB, %.0f MB/s, %d findings", files, mb, mb/time.Since(p.began).Seconds(), p.findings)
	p.shown = true
}

// clear takes the line away, if there is one. p.mu is held.
func (p *progress) clear() {
	if p.shown {
		_, _ = fmt.Fprint(p.terminal, "\r\x1b[K")
		p.shown = false
	}
}

// found counts a finding and has it reported, without the line: the report may go to the same terminal.
func (p *progress) found(report func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.findings++
	p.clear()
	return report()
}

// stop takes the line away for good. It may be called more than once.
func (p *progress) stop() {
	p.once.Do(func() { close(p.quit) })
	p.done.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}
