package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

const progressInterval = 200 * time.Millisecond

// progress is a line on the terminal that says how far a scan is.
type progress struct {
	terminal io.Writer // nil when nothing is to be shown
	quit     chan struct{}
	once     sync.Once
	done     sync.WaitGroup

	mu       sync.Mutex
	findings int
	began    time.Time // of the part that is under way
	unit     string    // of that part
	shown    bool
}

// status is how far a scan is. A scan may have several parts, of which each counts in a unit of its own.
type status struct {
	unit  string
	done  int64
	total int64 // 0 if it is not known
	bytes int64
}

// showProgress begins to show how far a scan is on standard error, when that is a terminal. seen returns what has been
// scanned so far; it is called from another goroutine.
func showProgress(env environment, seen func() status) *progress {
	p := &progress{quit: make(chan struct{})}
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
func (p *progress) show(s status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	if s.unit != p.unit {
		p.unit, p.began = s.unit, time.Now()
	}
	_, _ = fmt.Fprint(p.terminal, s.line(time.Since(p.began), p.findings))
	p.shown = true
}

// line describes the status of a part that has taken some time.
func (s status) line(elapsed time.Duration, findings int) string {
	parts := []string{fmt.Sprintf("%d %s", s.done, s.unit)}
	if s.total > 0 {
		parts[0] = fmt.Sprintf("%d of %d %s", s.done, s.total, s.unit)
	}
	if seconds := elapsed.Seconds(); s.bytes > 0 && seconds > 0 {
		mb := float64(s.bytes) / 1e6
		parts = append(parts, fmt.Sprintf("%.0f MB, %.0f MB/s", mb, mb/seconds))
	}
	parts = append(parts, fmt.Sprintf("%d findings", findings))
	if s.total > s.done && s.done > 0 && elapsed > time.Second {
		left := time.Duration(float64(elapsed) / float64(s.done) * float64(s.total-s.done))
		parts = append(parts, left.Round(time.Second).String()+" left")
	}
	return strings.Join(parts, ", ")
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
