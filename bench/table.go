package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// columns are the heads of a table. The command comes last, so that a line of figures can be repeated from it alone.
func columns() []string {
	return []string{"tool", "CPU ms", "min–max", "CPU ratio", "MB/s of CPU", "wall ms", "peak MB", "peak ratio", "findings", "exit", "command"}
}

// none stands in a cell for which there is no figure.
const none = "–"

// write writes the comparison as aligned text or as Markdown.
func (c *comparison) write(w io.Writer, markdown bool) error {
	var base *result
	if i := slices.IndexFunc(c.results, func(r *result) bool { return r.name == keysieve }); i >= 0 {
		base = c.results[i]
	}
	rows := [][]string{columns()}
	for _, r := range c.results {
		rows = append(rows, c.row(r, base))
	}
	var b strings.Builder
	b.WriteString(c.title())
	if markdown {
		for i := range rows[1:] {
			command := &rows[i+1][len(rows[0])-1]
			*command = "`` " + *command + " ``"
		}
		writeMarkdown(&b, rows)
	} else {
		writeText(&b, rows)
	}
	b.WriteString("\n")
	for _, note := range c.allNotes() {
		b.WriteString(note + "\n")
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *comparison) title() string {
	return fmt.Sprintf("%s %s: %s, %s MB; rounds: %d after a warm-up; %s/%s, %s\n\n", c.mode, c.target,
		plural(int64(c.files), "file"), decimals(float64(c.bytes)/1e6), c.rounds, runtime.GOOS, runtime.GOARCH, plural(int64(runtime.NumCPU()), "CPU"))
}

// row returns the cells of a result; base is Keysieve's, nil if it did not take part.
func (c *comparison) row(r, base *result) []string {
	if r.failure != nil {
		cells := slices.Repeat([]string{none}, len(columns()))
		cells[0], cells[1], cells[len(cells)-1] = r.name, "failed", r.shown
		return cells
	}
	cpu := each(r.samples, cpuSeconds)
	var baseline []sample
	if base != nil {
		baseline = base.samples
	}
	peak, peakRatio := c.peak(median(each(r.samples, peakBytes))), figure(ratio(r.samples, baseline, peakBytes))
	if !c.measurable(r) || base == nil || !c.measurable(base) {
		peakRatio = none
	}
	findings := none
	if r.findings != nil {
		findings = strconv.FormatInt(r.counted.findings, 10)
	}
	return []string{
		r.name, figure(median(cpu) * 1e3), figure(slices.Min(cpu)*1e3) + "–" + figure(slices.Max(cpu)*1e3),
		figure(ratio(r.samples, baseline, cpuSeconds)), figure(float64(c.bytes) / 1e6 / median(cpu)),
		figure(median(each(r.samples, wallSeconds)) * 1e3), peak, peakRatio,
		findings, strconv.Itoa(r.samples[len(r.samples)-1].exit), r.shown,
	}
}

// measurable tells whether the peak memory of all runs was above what can be told from this program's own.
func (c *comparison) measurable(r *result) bool {
	return len(r.samples) > 0 && slices.Min(each(r.samples, peakBytes)) > float64(c.floor)
}

func (c *comparison) peak(bytes float64) string {
	if bytes <= float64(c.floor) && bytes > 0 {
		return "≤ " + figure(float64(c.floor)/1e6)
	}
	return figure(bytes / 1e6)
}

// allNotes returns what has to be said below the table.
func (c *comparison) allNotes() []string {
	var notes, versions []string
	for _, r := range c.results {
		versions = append(versions, r.name+" "+r.version)
		if r.failure != nil {
			notes = append(notes, fmt.Sprintf("%s failed and is not timed: %v", r.name, r.failure))
		}
		if n := r.counted; n.files > 0 || n.bytes > 0 {
			notes = append(notes, fmt.Sprintf("%s says it scanned %s, %s MB.", r.name, plural(n.files, "file"), decimals(float64(n.bytes)/1e6)))
		}
	}
	notes = append(notes, c.notes...)
	if versions != nil {
		notes = append(notes, "Versions: "+strings.Join(versions, "; ")+".")
	}
	return notes
}

// figure formats a number with three significant digits at least, and a dash for what was not measured.
func figure(v float64) string {
	switch {
	case v <= 0 || v > 1e15: // also the division of something by nothing
		return none
	case v < 0.1:
		return strconv.FormatFloat(v, 'f', 4, 64)
	case v < 1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// decimals formats megabytes in full: a file of a few bytes is not nothing.
func decimals(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}

// writeText aligns the columns: the first and the last to the left, figures to the right.
func writeText(b *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch i {
			case 0:
				b.WriteString(cell + space)
			case len(row) - 1:
				b.WriteString("  " + cell)
			default:
				b.WriteString("  " + space + cell)
			}
		}
		b.WriteString("\n")
	}
}

func writeMarkdown(b *strings.Builder, rows [][]string) {
	for n, row := range rows {
		for _, cell := range row {
			b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
		b.WriteString("|\n")
		if n == 0 {
			b.WriteString("|---|" + strings.Repeat("---:|", len(row)-2) + "---|\n")
		}
	}
}
