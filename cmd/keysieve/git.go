package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/keysieve/keysieve/gitscan"
	"github.com/keysieve/keysieve/report"
)

// gitOptions are the flags of every command that scans what a git repository stores.
type gitOptions struct {
	detection
	output
	maxSize      size
	allowMissing bool
}

func (o *gitOptions) define(fs *flag.FlagSet) {
	o.detection.define(fs)
	o.output.define(fs)
	o.maxSize = gitscan.DefaultMaxBlob
	fs.Var(&o.maxSize, "max-size", "do not read files larger than this `size`: 500k, 10M, 2G (default: 100 MiB); with such a\nfile, the scan is incomplete")
	fs.BoolVar(&o.allowMissing, "allow-missing", false, "count what a partial clone has left out instead of calling the scan incomplete")
}

// open opens the repository of the current directory and the environment.
func (o *gitOptions) open(env environment) (*gitscan.Repository, error) { return o.openIn(env, ".") }

// openIn opens the repository of a directory and the environment.
func (o *gitOptions) openIn(env environment, dir string) (*gitscan.Repository, error) {
	opts := gitscan.Options{MaxBlob: int64(o.maxSize), AllowMissing: o.allowMissing}
	for _, v := range env.environ() {
		name, _, _ := strings.Cut(v, "=")
		if id, ok := strings.CutPrefix(name, "GITHEAD_"); ok && isID(id) {
			opts.MergeHeads = append(opts.MergeHeads, id)
		}
	}
	repo, err := gitscan.Open(dir, env.getenv, opts)
	if errors.Is(err, gitscan.ErrNotRepository) {
		err = fmt.Errorf("%w: run this inside of one, or set GIT_DIR", err)
	}
	return repo, err
}

// scan scans a part of a repository and reports it. The job lacks what is the same for all parts, and mostly its coverage.
func (o *gitOptions) scan(ctx context.Context, env environment, repo *gitscan.Repository, j job) error {
	j.detection, j.output = &o.detection, &o.output
	if j.coverage == nil {
		j.coverage = func() []report.Counter { return gitCounters(repo.Coverage()) }
	}
	if j.progress == nil {
		j.progress = func() status {
			c := repo.Coverage()
			return status{unit: "files", done: c.Scanned.Files, bytes: c.Scanned.Bytes}
		}
	}
	return scanAll(ctx, env, j)
}

// gitCounters returns the account of a scan of a repository as the report shows it.
func gitCounters(c gitscan.Coverage) []report.Counter {
	var counters []report.Counter
	if c.Commits > 0 {
		counters = append(counters, report.Counter{Name: report.Scanned, Unit: "commits", Value: c.Commits})
	}
	counters = append(counters, []report.Counter{
		{Name: report.Scanned, Unit: "files", Value: c.Scanned.Files},
		{Name: report.Scanned, Unit: report.Bytes, Value: c.Scanned.Bytes},
		{Name: report.Binary, Unit: "files", Value: c.Binary.Files},
		{Name: "skipped", Reason: "submodule", Unit: "files", Value: c.Submodules.Files},
		{Name: "skipped", Reason: "too large", Unit: "files", Value: c.TooLarge.Files},
		{Name: "skipped", Reason: "left out by a partial clone", Unit: "files", Value: c.Missing.Files},
		{Name: "failed", Unit: "files", Value: c.Failed.Files},
	}...)
	return counters
}

func stagedCommand() command {
	return command{
		name: "staged", summary: "Find secrets in what the next commit would add.", usage: "[FLAG…]",
		help: `Scans what is staged, as git stores it, and reports secrets on lines that are new. "keysieve hook install" has git run
this before each commit.

  keysieve staged
  keysieve staged --format json`,
		flags: func(fs *flag.FlagSet) { new(gitOptions).define(fs) },
		run:   runStaged,
	}
}

func runStaged(ctx context.Context, env environment) error {
	var o gitOptions
	args, err := parseFlags("staged", o.define, env.args)
	if err != nil {
		return err
	}
	if len(args) > 0 {
		return &usageError{"staged", fmt.Errorf("staged takes no arguments, and %q is one: it scans all that is staged", args[0])}
	}
	repo, err := o.open(env)
	if err != nil {
		return err
	}
	defer repo.Close()
	return o.scan(ctx, env, repo, job{
		command: "staged", fragments: repo.Staged(ctx), ways: &ways{bypass: "git commit --no-verify"},
	})
}

// diffOptions are the flags of diff.
type diffOptions struct {
	gitOptions
	commit revisionFlag
}

func (o *diffOptions) define(fs *flag.FlagSet) {
	o.gitOptions.define(fs)
	fs.Var(&o.commit, "commit", "scan this `commit` alone, as COMMIT^! does")
}

func diffCommand() command {
	return command{
		name: "diff", summary: "Find secrets in what a range of commits adds.", usage: "[FLAG…] BASE[..HEAD] | BASE...HEAD | COMMIT^!",
		help: `Scans every commit that can be reached from HEAD and not from BASE: its message, and what it adds to all of its parents.
A secret that a later commit of the range takes out again is found, too. HEAD is the current commit if it is not given.
BASE...HEAD is the same, and needs the two to have a commit in common, at which HEAD parted from BASE. COMMIT^! is one
commit alone. Of each secret it says whether it is still there at the end, was taken out again, or stood there before.

  keysieve diff main                 the commits of the current branch
  keysieve diff v1.0..v1.1           what a release brought
  keysieve diff HEAD^!               the last commit`,
		flags: func(fs *flag.FlagSet) { new(diffOptions).define(fs) },
		run:   runDiff,
	}
}

func runDiff(ctx context.Context, env environment) error {
	var o diffOptions
	args, err := parseFlags("diff", o.define, env.args)
	if err != nil {
		return err
	}
	if o.commit != "" {
		args = append(args, string(o.commit)+"^!")
	}
	if len(args) != 1 {
		return &usageError{"diff", errors.New("diff takes one argument: BASE, BASE..HEAD, BASE...HEAD, or COMMIT^! for one commit")}
	}
	r, symmetric, err := parseRange(args[0])
	if err != nil {
		return &usageError{"diff", err}
	}
	repo, err := o.open(env)
	if err != nil {
		return err
	}
	defer repo.Close()
	if symmetric {
		if _, err := repo.MergeBase(ctx, r.base, r.head); err != nil {
			return err
		}
	}
	r.mayBeEmpty = r.same(repo)
	r.advice = fmt.Sprintf("for what %s has: keysieve diff %s..%s", r.base, r.head, r.base)
	return r.scan(ctx, env, repo, &o.gitOptions, "diff")
}

// parseRange reads BASE, BASE..HEAD, BASE...HEAD or COMMIT^!. The commits that HEAD has in BASE...HEAD are those of BASE..HEAD, and it
// is symmetric.
func parseRange(text string) (r commitRange, symmetric bool, err error) {
	if commit, ok := strings.CutSuffix(text, "^!"); ok && !strings.Contains(text, "..") {
		if commit == "" {
			return r, false, fmt.Errorf("%q has no commit: is a variable not set?", text)
		}
		return commitRange{base: commit + "^@", head: commit}, false, nil
	}
	base, head, found := strings.Cut(text, "..")
	head, symmetric = strings.CutPrefix(head, ".")
	if base == "" {
		return r, false, fmt.Errorf("%q has no base: is a variable not set?", text)
	}
	if !found || head == "" {
		head = "HEAD"
	}
	return commitRange{base: base, head: head}, symmetric, nil
}
