package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// bench measures targets with the tools that are installed.
type bench struct {
	options
	installed []tool // Keysieve first
	missing   []string
	built     string // the command line that built Keysieve; "" if it was given
	work      string // directory in which the measured programs run
	log       io.Writer
}

// comparison is the outcome for one target in one mode.
type comparison struct {
	mode    mode
	target  string
	rounds  int
	files   int
	bytes   int64
	floor   int64 // peak memory, in bytes, below which nothing can be told
	results []*result
	notes   []string
}

// result is what was measured of one contender.
type result struct {
	*contender
	version string
	samples []sample // one a round
	counted counted
	failure error // why there are no samples
}

// measure compares the tools on a target in a mode. Its error says that there was nothing to compare.
func (b *bench) measure(ctx context.Context, t *target, m mode) (*comparison, error) {
	l, err := t.list(m)
	if err != nil {
		return nil, err
	}
	if len(l.names) == 0 {
		return nil, fmt.Errorf("there is nothing to scan in it")
	}
	c := &comparison{mode: m, target: t.path, rounds: b.rounds, files: len(l.names), bytes: l.bytes}
	if b.missing != nil {
		c.notes = append(c.notes, "Not on PATH: "+strings.Join(b.missing, ", ")+".")
	}
	if b.built != "" {
		c.notes = append(c.notes, "keysieve was built for this with: "+b.built)
	}
	var unable []string
	for _, tool := range b.installed {
		r := &result{contender: newContender(tool, t, m, l)}
		switch {
		case r.contender == nil:
			if tool.findings != nil { // a baseline for another mode is not missed
				unable = append(unable, tool.name)
			}
			continue
		case tool.name == keysieve && !b.knows(ctx, r.commands[0][0]):
			c.notes = append(c.notes, fmt.Sprintf("This Keysieve has no command %q, so there is nothing to compare with.", r.commands[0][0]))
			continue
		}
		r.version = b.ask(ctx, tool)
		c.results = append(c.results, r)
	}
	if unable != nil {
		c.notes = append(c.notes, "No command for this: "+strings.Join(unable, ", ")+".")
	}
	alternate(c.results, b.rounds, func(r *result, round int) {
		_, _ = fmt.Fprintf(b.log, "%s %s: round %d of %d: %s\n", m, t.path, round, b.rounds, r.name)
		b.once(ctx, r, round)
	})
	c.floor = ownPeakMemory()
	return c, ctx.Err()
}

// failure returns why Keysieve could not be measured, if so. What another tool does is in the table only.
func (c *comparison) failure() error {
	for _, r := range c.results {
		if r.name == keysieve && r.failure != nil {
			return fmt.Errorf("%s: %w", keysieve, r.failure)
		}
	}
	return nil
}

// alternate calls run for every result in every round, each round beginning with the next one, so that what changes
// on the machine while it lasts meets all of them alike. Round 0 is the warm-up. A result that failed is not run again.
func alternate(results []*result, rounds int, run func(r *result, round int)) {
	for round := range rounds + 1 {
		for i := range results {
			if r := results[(i+round)%len(results)]; r.failure == nil {
				run(r, round)
			}
		}
	}
}

// once runs a contender once and keeps what it cost, but not of the warm-up.
func (b *bench) once(ctx context.Context, r *result, round int) {
	run, cancel := context.WithTimeoutCause(ctx, b.timeout, fmt.Errorf("longer than %v allowed by -timeout", b.timeout))
	defer cancel()
	s, err := r.run(run, b.work)
	if err == nil {
		r.counted, err = r.count(b.work)
	}
	switch {
	case err != nil:
		r.failure, r.samples = err, nil
	case round > 0:
		r.samples = append(r.samples, s)
	}
}

// knows reports whether the Keysieve that is measured has a command.
func (b *bench) knows(ctx context.Context, command string) bool {
	return exec.CommandContext(ctx, b.installed[0].program, "help", command).Run() == nil
}

// ask returns the version of a tool: that of the module a Go program was installed from, because only released
// programs know their own, or the first line that it prints.
func (b *bench) ask(ctx context.Context, t tool) string {
	if info, err := buildinfo.ReadFile(t.program); err == nil && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.program, t.version...)
	cmd.Env = environment(b.work)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "unknown"
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return strings.TrimSpace(line)
}

// median returns the middle of values, the mean of the two middle ones where their number is even, and 0 for none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// each returns one figure of every sample.
func each(samples []sample, figure func(sample) float64) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = figure(s)
	}
	return values
}

// ratio returns the median over the rounds of a's figure divided by base's in the same round, and 0 where there is
// nothing to compare. Two runs of one round had the same machine; two medians may come from different hours.
func ratio(a, base []sample, figure func(sample) float64) float64 {
	var ratios []float64
	for i := range min(len(a), len(base)) {
		if d := figure(base[i]); d > 0 {
			ratios = append(ratios, figure(a[i])/d)
		}
	}
	return median(ratios)
}

func cpuSeconds(s sample) float64  { return s.cpu.Seconds() }
func wallSeconds(s sample) float64 { return s.wall.Seconds() }
func peakBytes(s sample) float64   { return float64(s.peak) }
