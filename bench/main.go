// The command bench measures what a scan costs: Keysieve, the other secret scanners found on PATH, and baselines that
// only read the same data, one after the other on the same target, round after round. README.md says how to use it
// and how to read its tables.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	keysieve string
	source   string
	rounds   int
	mode     mode
	only     string
	timeout  time.Duration
	markdown bool
	generate []size // in the order of generators
}

func (o *options) define(fs *flag.FlagSet) {
	fs.StringVar(&o.keysieve, "keysieve", "", "measure the program at this `path` (default: build it from -source)")
	fs.StringVar(&o.source, "source", "..", "the `directory` of Keysieve's source")
	fs.IntVar(&o.rounds, "n", 5, "measure this many `rounds`, after one to warm up")
	fs.Var(&o.mode, "mode", "`what` to measure: tree, file, stdin, one or history (default: by the target)")
	fs.StringVar(&o.only, "tools", "", "beside Keysieve run only these `names`, comma-separated, baselines included")
	fs.DurationVar(&o.timeout, "timeout", 30*time.Minute, "a run that takes `longer` has failed")
	fs.BoolVar(&o.markdown, "md", false, "write Markdown")
	o.generate = make([]size, len(generators()))
	for i, g := range generators() {
		fs.Var(&o.generate[i], "gen-"+g.name, "write `size` bytes (500k, 10M, 1G) of "+g.what+" to the path given, and end")
	}
}

const usage = `Usage: go -C bench run . [flags] TREE|REPO|FILE…
       go -C bench run . -gen-log|-gen-line|-gen-tree SIZE PATH

A directory is measured as a tree, a bare repository as a history, a file by name and through standard input. Relative
paths start at the directory the command runs in, which is bench/ with go -C.

`

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		_, _ = io.WriteString(stderr, usage)
		fs.PrintDefaults()
	}
	o.define(fs)
	if err := fs.Parse(args); err != nil {
		return err
	}
	for i, g := range generators() {
		if o.generate[i] == 0 {
			continue
		}
		if fs.NArg() != 1 {
			return fmt.Errorf("-gen-%s needs one path to write to", g.name)
		}
		return g.write(fs.Arg(0), int64(o.generate[i]))
	}
	if fs.NArg() == 0 || o.rounds < 1 {
		fs.Usage()
		return errors.New("there is nothing to measure")
	}
	return measureAll(ctx, o, fs.Args(), stdout, stderr)
}

// measureAll measures every target in every mode that fits it and writes a table for each. Its error joins what went
// wrong with single targets; the others are measured all the same.
func measureAll(ctx context.Context, o options, paths []string, stdout, stderr io.Writer) error {
	temp, err := os.MkdirTemp("", "keysieve-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	bench := &bench{options: o, work: filepath.Join(temp, "work"), log: stderr}
	if err := os.MkdirAll(bench.work, 0o700); err != nil {
		return err
	}
	program, err := filepath.Abs(o.keysieve)
	if o.keysieve == "" {
		program = filepath.Join(temp, "keysieve")
		bench.built, err = build(ctx, o.source, program)
	}
	if err != nil {
		return err
	}
	if bench.installed, bench.missing, err = findTools(program, o.only); err != nil {
		return err
	}
	if bench.built != "" {
		bench.installed[0].display = keysieve
	}
	var failures []error
	for _, path := range paths {
		t, err := openTarget(path)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		for _, m := range t.modes(o.mode) {
			c, err := bench.measure(ctx, t, m)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil {
				err = errors.Join(c.write(stdout, o.markdown), c.failure())
			}
			if err != nil {
				failures = append(failures, fmt.Errorf("%s %s: %w", m, path, err))
			}
		}
	}
	return errors.Join(failures...)
}

// build compiles the command as it is released, stripped and without the paths of this machine, and returns the
// command line that does so.
func build(ctx context.Context, source, to string) (string, error) {
	source, err := filepath.Abs(source)
	if err != nil {
		return "", err
	}
	args := func(to string) []string {
		return []string{"go", "-C", source, "build", "-trimpath", "-ldflags=-s -w", "-o", to, "./cmd/keysieve"}
	}
	cmd := exec.CommandContext(ctx, "go", args(to)[1:]...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building Keysieve from %s: %w\n%s", source, err, strings.TrimSpace(string(out)))
	}
	return "CGO_ENABLED=0 " + shellWords(args("PATH")), nil
}
