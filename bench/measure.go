package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// sample is what one run cost.
type sample struct {
	cpu  time.Duration // user and system, of the process and all the descendants that were waited for
	wall time.Duration
	peak int64 // resident memory in bytes, of the largest process among them
	exit int
}

// add puts the cost of a run after s into s.
func (s *sample) add(next sample) {
	s.cpu += next.cpu
	s.wall += next.wall
	s.peak = max(s.peak, next.peak)
	s.exit = max(s.exit, next.exit)
}

// contender is a tool set on a target.
type contender struct {
	tool
	commands [][]string // arguments of one process after the other; more than one only for cat of many files
	dir      string     // where they start; "" for the work directory
	input    string     // file that standard input reads; "" for none
	shown    string     // the command line that repeats it in a shell
}

// newContender sets a tool on a target. It returns nil if the tool has nothing to do with the mode.
func newContender(t tool, on *target, m mode, l listing) *contender {
	template, ok := t.args[m.template()]
	if !ok || slices.Contains(template, packArg) && on.pack == "" {
		return nil
	}
	args := expand(template, on)
	c := &contender{tool: t, commands: [][]string{args}}
	c.shown = shellWords(append([]string{cmp.Or(t.display, t.program)}, args...))
	if t.name == "cat" && m == tree {
		c.dir, c.commands = on.path, batches(l.names, maxArgs)
		c.shown = "cd " + shellWords([]string{on.path}) + " && find . -name .git -prune -o -type f -print0 | xargs -0 " + c.shown
	}
	if m == stdin {
		c.input = on.path
		c.shown += " < " + shellWords([]string{on.path})
	}
	if t.report == "" {
		c.shown += " > " + os.DevNull
	} else if t.report == stdout {
		c.shown += " > " + stdout
	}
	return c
}

// maxArgs is how many bytes of arguments xargs gives to a command at most.
const maxArgs = 128 << 10

// batches cuts names into groups of at most limit bytes, each name counted with its final zero.
func batches(names []string, limit int) [][]string {
	var all [][]string
	start, size := 0, 0
	for i, name := range names {
		if size += len(name) + 1; size > limit && i > start {
			all = append(all, names[start:i:i])
			start, size = i, len(name)+1
		}
	}
	if start < len(names) {
		all = append(all, names[start:])
	}
	return all
}

// run runs the contender once in an empty work directory. Its error says why the run cannot be counted: it did not
// start, was killed, or ended with a code that means neither clean nor findings.
func (c *contender) run(ctx context.Context, work string) (sample, error) {
	var total sample
	if err := empty(work); err != nil {
		return total, err
	}
	for _, args := range c.commands {
		s, err := c.runOne(ctx, work, args)
		if err != nil {
			return total, err
		}
		total.add(s)
	}
	if total.exit != 0 && !slices.Contains(c.found, total.exit) {
		return total, fmt.Errorf("exit code %d: %s", total.exit, lastLine(filepath.Join(work, "stderr")))
	}
	return total, nil
}

func (c *contender) runOne(ctx context.Context, work string, args []string) (sample, error) {
	cmd := exec.CommandContext(ctx, c.program, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = work, environment(work), 5*time.Second
	if c.dir != "" {
		cmd.Dir = c.dir
	}
	output := os.DevNull
	if c.report == stdout {
		output = filepath.Join(work, stdout)
	}
	// The streams are files, never pipes: whoever fills or empties a pipe would be measured too, or make others wait.
	streams := []struct {
		name string
		flag int
		to   func(*os.File)
	}{
		{c.input, os.O_RDONLY, func(f *os.File) { cmd.Stdin = f }},
		{output, os.O_WRONLY | os.O_CREATE | os.O_TRUNC, func(f *os.File) { cmd.Stdout = f }},
		{filepath.Join(work, "stderr"), os.O_WRONLY | os.O_CREATE | os.O_TRUNC, func(f *os.File) { cmd.Stderr = f }},
	}
	for _, s := range streams {
		if s.name == "" {
			continue
		}
		f, err := os.OpenFile(s.name, s.flag, 0o600)
		if err != nil {
			return sample{}, err
		}
		defer func() { _ = f.Close() }()
		s.to(f)
	}
	return runCommand(ctx, cmd)
}

// runCommand runs cmd and returns what it cost. An exit code other than 0 is no error.
func runCommand(ctx context.Context, cmd *exec.Cmd) (sample, error) {
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return sample{}, fmt.Errorf("stopped after %v: %w", wall.Round(time.Second), context.Cause(ctx))
	case err != nil && !errors.As(err, &exit):
		return sample{}, err
	case !cmd.ProcessState.Exited():
		return sample{}, err
	}
	state := cmd.ProcessState
	return sample{
		cpu: state.UserTime() + state.SystemTime(), wall: wall, peak: peakMemory(state), exit: state.ExitCode(),
	}, nil
}

// environment is all that a measured program gets: no settings of the user or the machine, and no way to the network
// for programs that heed proxies.
func environment(work string) []string {
	const nowhere = "http://127.0.0.1:9" // the discard port
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + work, "TMPDIR=" + work, "LANG=C", "NO_COLOR=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_PAGER=cat",
		"HTTP_PROXY=" + nowhere, "HTTPS_PROXY=" + nowhere, "http_proxy=" + nowhere, "https_proxy=" + nowhere,
	}
}

// empty removes all that a directory holds.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// count reads the report of the last run.
func (c *contender) count(work string) (counted, error) {
	if c.findings == nil {
		return counted{}, nil
	}
	f, err := os.Open(filepath.Join(work, c.report))
	if err != nil {
		return counted{}, err
	}
	defer func() { _ = f.Close() }()
	n, err := c.findings(f)
	if err != nil && err != io.EOF { // an empty report is one without findings
		return counted{}, fmt.Errorf("its report: %w", err)
	}
	return n, nil
}

// lastLine returns the last line of a file that is not empty, shortened.
func lastLine(name string) string {
	const most = 160 // bytes
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() > 4096 {
		_, _ = f.Seek(-4096, io.SeekEnd)
	}
	text, _ := io.ReadAll(f)
	line := ""
	for l := range strings.Lines(string(text)) {
		if l = strings.TrimSpace(l); l != "" {
			line = l
		}
	}
	return strings.ToValidUTF8(line[:min(len(line), most)], "")
}

// shellWords joins words so that a POSIX shell splits them again as they are.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%") != "" {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		quoted[i] = w
	}
	return strings.Join(quoted, " ")
}
