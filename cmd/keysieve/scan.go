package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/keysieve/keysieve/baseline"
	"github.com/keysieve/keysieve/config"
	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/filescan"
	"github.com/keysieve/keysieve/report"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/generic"
)

// scanOptions are the flags of scan.
type scanOptions struct {
	detection
	output
	files     filescan.Options
	exclude   patterns
	maxSize   size
	stdinName string
}

// detection says what is looked for. Every command that scans has these flags.
type detection struct {
	only, disable list
	minConfidence detect.Confidence // 0: as the configuration says
	decodeDepth   int
	config        string
	workers       int

	levels generic.Levels // by detector, as all below
	built  *detect.Detector
	rules  int
}

func (o *detection) define(fs *flag.FlagSet) {
	fs.Var(&o.only, "rule", "run only the rules with these `ids`, aliases or provider:NAMEs (comma-separated, repeatable)")
	fs.Var(&o.disable, "disable-rule", "do not run the rules with these `ids`, aliases or provider:NAMEs")
	o.defineSight(fs)
	fs.IntVar(&o.workers, "workers", 0, "scan `n` inputs at once (default: one for each processor)")
}

// defineSight defines the flags about what is seen and what of it is certain enough to be reported.
func (o *detection) defineSight(fs *flag.FlagSet) {
	fs.IntVar(&o.decodeDepth, "max-decode-depth", detect.DefaultDecodeDepth,
		fmt.Sprintf("decode what is encoded (base64, hex, escapes) up to `n` times over; 0 for not at all (default: %d)", detect.DefaultDecodeDepth))
	fs.TextVar(&o.minConfidence, "min-confidence", o.minConfidence, "report findings of this `level` and above: low, medium (default), high, proven")
	fs.StringVar(&o.config, "config", "", "read the thresholds of confidence from this `file`, a keysieve.toml (no file is read that is not named)")
}

// detector returns the detector the flags ask for, always the same one, and how many rules it has.
func (o *detection) detector() (*detect.Detector, int, error) {
	if o.built != nil {
		return o.built, o.rules, nil
	}
	if o.workers < 0 {
		return nil, 0, fmt.Errorf("--workers must not be negative")
	}
	if o.decodeDepth < 0 {
		return nil, 0, fmt.Errorf("--max-decode-depth must not be negative")
	}
	if err := o.configure(); err != nil {
		return nil, 0, err
	}
	selected, err := rules.Select(rules.AllWith(o.levels), o.only, o.disable)
	if err != nil {
		return nil, 0, err
	}
	depth := o.decodeDepth
	if depth == 0 {
		depth = -1 // to the detector, 0 is the default
	}
	d, err := detect.New(selected, detect.Options{
		MinConfidence: o.minConfidence, Workers: o.workers, Tables: rules.Tables(), DecodeDepth: depth, Suppress: baseline.New(selected).Judge,
	})
	o.built, o.rules = d, len(selected)
	return d, len(selected), err
}

// configure takes from the configuration what no flag says.
func (o *detection) configure() error {
	if o.config == "" {
		return nil
	}
	c, err := config.Read(o.config)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	o.levels = c.Generic.Levels()
	if o.minConfidence == 0 {
		o.minConfidence = c.MinConfidence
	}
	return nil
}

// output says how findings are reported. Every command that scans has these flags.
type output struct {
	format   string
	file     string
	color    string
	verbose  bool
	reveal   reveal
	exitCode int
}

func (o *output) define(fs *flag.FlagSet) {
	fs.StringVar(&o.format, "format", "text", "write the report in this `format`: text (default), json, jsonl")
	fs.StringVar(&o.file, "o", "", "write the report to this `file`, readable by its owner only, instead of standard output")
	fs.StringVar(&o.color, "color", "auto", "`when` to use colours: auto (default: on a terminal, unless NO_COLOR is set), always, never")
	fs.BoolVar(&o.verbose, "verbose", false, "show fingerprints, every counter, what is suppressed and every reason for an incomplete scan")
	fs.Var(&o.reveal, "show-secrets", "print secrets in clear; refused when CI is set, unless the output is a terminal or it is\ngiven as --show-secrets=force")
	fs.IntVar(&o.exitCode, "exit-code", exitFindings, "end with this `code` instead of 1 when there are findings")
}

func (o *scanOptions) define(fs *flag.FlagSet) {
	o.detection.define(fs)
	o.output.define(fs)
	fs.BoolVar(&o.files.NoGitignore, "no-gitignore", false, "also scan files that .gitignore names")
	fs.Var(&o.exclude, "exclude", "leave out what matches this `pattern`, as in .gitignore, relative to each path (repeatable)")
	fs.Var(&o.maxSize, "max-size", "leave out, and count, files larger than this `size`: 500k, 10M, 2G (default: no limit)")
	fs.StringVar(&o.stdinName, "stdin-name", "<stdin>", "report findings in standard input under this `name`")
}

func scanCommand() command {
	return command{
		name: "scan", summary: "Find secrets in files, directories and standard input.", usage: "[FLAG…] [PATH…]",
		help: `Scans the given files and directories, the current directory when none is given; "-" is standard input. In a git
repository, what .gitignore names is left out of directories. Files given by name are always scanned.

  keysieve scan                              the current directory
  keysieve scan src config.yaml              a directory and a file
  git show HEAD | keysieve scan -            a stream
  keysieve scan --rule aws-access-token .    one rule only
  keysieve scan --format json -o report.json .`,
		flags: func(fs *flag.FlagSet) { new(scanOptions).define(fs) },
		run:   runScan,
	}
}

func runScan(ctx context.Context, env environment) error {
	var o scanOptions
	paths, err := parseFlags("scan", o.define, env.args)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	if slices.Contains(paths, "") {
		return &usageError{"scan", errors.New("a path is empty: is a variable not set?")}
	}
	if slices.Contains(paths, "-") {
		o.files.Stdin, o.files.StdinName = env.stdin, o.stdinName
	}
	o.files.Exclude, o.files.MaxSize = o.exclude, int64(o.maxSize)
	source, err := filescan.New(paths, o.files)
	if err != nil {
		return &usageError{"scan", err}
	}
	return scanAll(ctx, env, job{
		command: "scan", roots: paths, detection: &o.detection, output: &o.output,
		fragments: source.Fragments(ctx),
		coverage:  func() []report.Counter { return fileCounters(source.Coverage()) },
		progress: func() status {
			c := source.Coverage()
			return status{unit: "files", done: c.Scanned.Files, bytes: c.Scanned.Bytes}
		},
	})
}

// job is one scan, wherever its fragments come from.
type job struct {
	command   string
	roots     []string
	detection *detection
	output    *output
	fragments iter.Seq2[detect.Fragment, error]
	coverage  func() []report.Counter
	progress  func() status
	quiet     bool  // write nothing when there is nothing to report
	auditable bool  // list what is suppressed, whether the flags ask for it or not
	ways      *ways // what to do about findings; nil when the report does not say

	// complete, when set, adds to findings what is known about all of them together. Its error is that of ctx.
	complete func(ctx context.Context, findings []detect.Finding) error
	grouped  bool // report all findings of a secret together, as far as they can be held
}

// scanAll runs a scan and reports it. Its error says how the run ends.
func scanAll(ctx context.Context, env environment, j job) error {
	detector, n, err := j.detection.detector()
	if err != nil {
		return &usageError{j.command, err}
	}
	out, err := j.output.open(env, j.command)
	if err != nil {
		return err
	}
	defer out.abort()
	summary := report.Summary{}
	began := time.Now()
	if err := out.Begin(report.Run{Tool: "keysieve", Version: buildVersion(), Command: j.command, Roots: j.roots, Rules: n}); err != nil {
		return err
	}
	progress := showProgress(env, j.progress)
	defer progress.stop()
	after := trailer{listed: j.output.verbose || j.auditable, ways: j.ways}
	found := batch{complete: j.complete, grouped: j.grouped, write: func(f detect.Finding) error {
		return progress.found(func() error { return out.Finding(f) })
	}}
	for f, err := range detector.Scan(ctx, j.fragments) {
		switch {
		case errors.Is(err, context.Canceled):
			out.abort() // the sequence may not end before the process does: a read that blocks holds it up
			return err
		case err != nil:
			summary.Incomplete = true
			summary.Reasons = append(summary.Reasons, err.Error())
			continue
		case f.Suppressed != "":
			summary.Suppressed++
			after.suppressed(f)
			continue
		}
		summary.Add(f)
		after.found(f)
		if err := found.add(ctx, f); err != nil {
			return err
		}
	}
	if err := found.flush(ctx); err != nil {
		return err
	}
	progress.stop()
	summary.Coverage = j.coverage()
	summary.Elapsed = time.Since(began)
	if j.quiet && summary.Findings() == 0 && !summary.Incomplete && !j.output.verbose && len(after.left) == 0 {
		return nil
	}
	if err := out.finish(summary, after.String()); err != nil {
		return err
	}
	if out.text == nil {
		for _, line := range after.left {
			complain(env, errors.New(line))
		}
	}
	if out.elsewhere {
		for _, reason := range summary.Reasons {
			complain(env, errors.New(reason))
		}
	}
	switch {
	case summary.Incomplete:
		return &exitError{code: exitIncomplete}
	case summary.Findings() > 0:
		return &exitError{code: j.output.exitCode}
	}
	return nil
}

// destination is a report on its way to standard output or a file.
type destination struct {
	report.Writer
	file      *File     // nil for standard output
	text      io.Writer // where the report goes if it is for people, else nil
	elsewhere bool      // the report does not tell a person what went wrong: it is in a file or for a program
}

// open checks the flags and begins the report's file.
func (o *output) open(env environment, command string) (*destination, error) {
	terminal := isTerminal(env.stdout)
	if o.reveal.show && !o.reveal.force && env.getenv("CI") != "" && (!terminal || o.file != "") {
		return nil, &usageError{command, errors.New("--show-secrets would write secrets into a CI log: use --show-secrets=force if that is what you want")}
	}
	if o.exitCode < 0 || o.exitCode > 125 {
		return nil, &usageError{command, fmt.Errorf("--exit-code must be 0 to 125, not %d", o.exitCode)}
	}
	opts := report.Options{ShowSecrets: o.reveal.show, Verbose: o.verbose}
	switch o.color {
	case "auto":
		opts.Color = terminal && o.file == "" && env.getenv("NO_COLOR") == "" && env.getenv("TERM") != "dumb"
	case "always":
		opts.Color = true
	case "never":
	default:
		return nil, &usageError{command, fmt.Errorf("--color must be auto, always or never, not %q", o.color)}
	}
	d := &destination{elsewhere: o.file != "" || o.format != "text"}
	var w io.Writer = env.stdout
	if formats := report.Formats(); !slices.Contains(formats, o.format) { // before the file is touched
		return nil, &usageError{command, fmt.Errorf("--format must be one of %s, not %q", strings.Join(formats, ", "), o.format)}
	}
	if o.file != "" {
		f, err := Create(o.file)
		if err != nil {
			return nil, err
		}
		d.file, w = f, f
	}
	if o.format == "text" {
		d.text = w
	}
	var err error
	d.Writer, err = report.New(o.format, w, opts)
	return d, err
}

// finish writes the end of the report and, if it is for people, text after it, and completes its file.
func (d *destination) finish(s report.Summary, after string) error {
	if err := d.End(s); err != nil {
		return err
	}
	if d.text != nil && after != "" {
		if err := writeAll(d.text, after); err != nil {
			return err
		}
	}
	if d.file != nil {
		return d.file.Commit()
	}
	return nil
}

func (d *destination) abort() {
	if d.file != nil {
		d.file.Abort()
	}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// fileCounters returns the account of a scan of files as the report shows it.
func fileCounters(c filescan.Coverage) []report.Counter {
	counters := []report.Counter{
		{Name: report.Scanned, Unit: "files", Value: c.Scanned.Files},
		{Name: report.Scanned, Unit: report.Bytes, Value: c.Scanned.Bytes},
		{Name: report.Binary, Unit: "files", Value: c.Binary.Files},
	}
	for _, k := range []struct {
		name, reason, unit string
		n                  int64
	}{
		{"skipped", "ignored by git", "files", c.Ignored.Files},
		{"skipped", "ignored by git", "directories", c.IgnoredDirs},
		{"skipped", "excluded", "files", c.Excluded.Files},
		{"skipped", "excluded", "directories", c.ExcludedDirs},
		{"skipped", "symbolic link", "files", c.Symlinks.Files},
		{"skipped", "not a regular file", "files", c.Special.Files},
		{"skipped", "too large", "files", c.TooLarge.Files},
		{"failed", "", "files", c.Failed.Files},
	} {
		counters = append(counters, report.Counter{Name: k.name, Reason: k.reason, Unit: k.unit, Value: k.n})
	}
	return counters
}
