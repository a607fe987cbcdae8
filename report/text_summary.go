package report

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keysieve/keysieve/detect"
)

// reasonsShown is how many reasons of an incomplete scan the text format lists unless it is verbose.
const reasonsShown = 10

func (t *textEncoder) end(b *bytes.Buffer, sum Summary) error {
	t.rest(b)
	if t.some {
		b.WriteByte('\n')
	}
	if t.opts.Verbose {
		t.coverage(b, sum.Coverage)
	}
	if sum.incomplete() {
		t.incomplete(b, sum.Reasons)
	}
	t.result(b, sum)
	fmt.Fprintf(b, " %s.\n", Sanitize(coverageLine(sum.Coverage, sum.Elapsed)))
	return nil
}

// coverage lists every counter.
func (t *textEncoder) coverage(b *bytes.Buffer, counters []Counter) {
	for _, c := range counters {
		fmt.Fprintln(b, t.paint.faint.Sprint(Sanitize(counted(c))))
	}
	if len(counters) > 0 {
		b.WriteByte('\n')
	}
}

// incomplete says that the scan was not complete, and why.
func (t *textEncoder) incomplete(b *bytes.Buffer, reasons []string) {
	fmt.Fprintf(b, "%s Not everything could be scanned", t.paint.bad.Sprint("INCOMPLETE"))
	if len(reasons) == 0 {
		b.WriteString(".\n")
		return
	}
	b.WriteString(":\n")
	shown := reasons
	if len(shown) > reasonsShown && !t.opts.Verbose {
		shown = shown[:reasonsShown]
	}
	for _, reason := range shown {
		fmt.Fprintf(b, "  - %s\n", Sanitize(reason))
	}
	if more := len(reasons) - len(shown); more > 0 {
		fmt.Fprintf(b, "  - and %s more\n", thousands(int64(more)))
	}
}

// result writes what was found: the beginning of the last line.
func (t *textEncoder) result(b *bytes.Buffer, sum Summary) {
	total := sum.Findings()
	suppressed := ""
	if sum.Suppressed > 0 {
		suppressed = fmt.Sprintf(" (%s suppressed)", thousands(int64(sum.Suppressed)))
	}
	switch {
	case total == 0 && sum.incomplete():
		fmt.Fprintf(b, "No secrets found in what was scanned%s.", suppressed)
		return
	case total == 0:
		fmt.Fprintf(b, "%s%s.", t.paint.good.Sprint("No secrets found"), suppressed)
		return
	}
	var levels []string
	for s := detect.SeverityCritical; s >= detect.SeverityLow; s-- {
		if n := sum.Severity[s]; n > 0 {
			levels = append(levels, t.paint.severity[s].Sprintf("%s %s", thousands(int64(n)), s))
		}
	}
	distinct := ""
	if n := len(t.first); 0 < n && n < total {
		distinct = fmt.Sprintf(" of %s", quantity(int64(n), "secrets"))
	}
	fmt.Fprintf(b, "%s%s: %s%s.", quantity(int64(total), "findings"), distinct, strings.Join(levels, ", "), suppressed)
}

// coverageLine says in half a sentence what was scanned, how long it took and what was left out.
func coverageLine(counters []Counter, elapsed time.Duration) string {
	var scanned, rest []string
	for _, c := range counters {
		switch {
		case c.Name == Scanned:
			scanned = append(scanned, quantity(c.Value, c.Unit))
		case c.Value != 0:
			rest = append(rest, counted(c))
		}
	}
	if len(scanned) == 0 {
		scanned = []string{"nothing"}
	}
	line := "Scanned " + strings.Join(scanned, ", ") + " in " + duration(elapsed)
	return strings.Join(append([]string{line}, rest...), "; ")
}

// counted says what a counter says: "2 files skipped (too large)", "1 binary file".
func counted(c Counter) string {
	if c.Name == Binary {
		return quantity(c.Value, c.Name+" "+c.Unit)
	}
	s := quantity(c.Value, c.Unit) + " " + c.Name
	if c.Reason != "" {
		s += " (" + c.Reason + ")"
	}
	return s
}

// quantity says how many of a unit there are: "1 file", "1,204 files", "3.4 MB".
func quantity(n int64, unit string) string {
	switch {
	case unit == Bytes:
		return size(n)
	case n == 1 && strings.HasSuffix(unit, "ies"):
		unit = strings.TrimSuffix(unit, "ies") + "y"
	case n == 1:
		unit = strings.TrimSuffix(unit, "s")
	}
	return thousands(n) + " " + unit
}

// size shows a number of bytes in multiples of 1,000.
func size(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		if v /= 1000; v < 999.95 {
			return fmt.Sprintf("%.1f %s", v, unit)
		}
	}
	return fmt.Sprintf("%.1f PB", v/1000)
}

// thousands shows n with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// duration shows a time span as people say it.
func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
