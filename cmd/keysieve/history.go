package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
	"github.com/keysieve/keysieve/rules/generic"
)

// historyOptions are the flags of history.
type historyOptions struct {
	gitOptions
	refs, paths list
	since       date
	history     gitscan.HistoryOptions
}

func (o *historyOptions) define(fs *flag.FlagSet) {
	o.gitOptions.define(fs)
	fs.Var(&o.refs, "ref", "begin only from these `refs`: branches, tags, patterns or revisions (comma-separated, repeatable)")
	fs.Var(&o.refs, "branch", "the same as --ref")
	fs.Var(&o.since, "since", "leave out commits that were made before this `date`: 2025-01-31, 2025-01-31T12:00:00Z, or 90d, 12w, 2y ago")
	fs.IntVar(&o.history.MaxDepth, "max-depth", 0, "look only at the last `n` commits of each line of history")
	fs.Var(&o.paths, "path", "look only at these `paths`: files, directories or patterns like *.env (comma-separated, repeatable)")
	fs.BoolVar(&o.history.Reflog, "reflog", false, "begin also from what the reflogs remember: commits that were amended or reset")
	fs.BoolVar(&o.history.AllObjects, "all-objects", false, "look also at objects that nothing leads to any more")
	fs.StringVar(&o.history.Cache, "cache", "", "keep what was found out in this `directory`, so that the next scan reads only what is new; whoever\ncan write there can hide secrets")
	fs.BoolVar(&o.history.AllowShallow, "allow-shallow", false, "do not call the scan of a shallow clone incomplete")
}

func historyCommand() command {
	return command{
		name: "history", summary: "Find secrets in everything a repository has ever stored.", usage: "[FLAG…] [REPO]",
		help: `Scans every commit, file, message and name that a ref, a stash or HEAD leads to, and reports each secret with the commits
that introduced it. REPO is a directory in a repository, or a bare repository; the current directory if it is not given.

  keysieve history                           everything
  keysieve history --branch main --since 90d what was committed to main in the last 90 days
  keysieve history --reflog --all-objects    with what was amended, reset or dropped
  keysieve history --path 'config/,*.env'    some files only`,
		flags: func(fs *flag.FlagSet) { new(historyOptions).define(fs) },
		run:   runHistory,
	}
}

func runHistory(ctx context.Context, env environment) error {
	var o historyOptions
	args, err := parseFlags("history", o.define, env.args)
	if err != nil {
		return err
	}
	dir := "."
	switch {
	case len(args) > 1:
		return &usageError{"history", errors.New("history takes one repository")}
	case o.history.MaxDepth < 0:
		return &usageError{"history", errors.New("--max-depth must not be negative")}
	case o.history.AllObjects && (len(o.refs) > 0 || !time.Time(o.since).IsZero() || o.history.MaxDepth > 0):
		return &usageError{"history", errors.New("--all-objects is about what no ref leads to: it does not go with --ref, --since or --max-depth")}
	case o.history.Reflog && len(o.refs) > 0:
		return &usageError{"history", errors.New("--ref begins only from the refs it names: it does not go with --reflog")}
	case len(args) == 1 && args[0] == "":
		return &usageError{"history", errors.New("the repository's path is empty: is a variable not set?")}
	case len(args) == 1:
		dir, env.getenv = args[0], withoutGit(env.getenv)
	}
	if err := o.cleanPaths(); err != nil {
		return &usageError{"history", err}
	}
	if env.getenv("GOGC") == "" && env.getenv("GOMEMLIMIT") == "" {
		defer holdMemory()()
	}
	repo, err := o.openIn(env, dir)
	if err != nil {
		return err
	}
	defer repo.Close()
	detector, _, err := o.detector()
	if err != nil {
		return &usageError{"history", err}
	}
	o.history.Refs, o.history.Paths, o.history.Since = o.refs, o.paths, time.Time(o.since)
	o.history.Workers = o.workers
	if o.history.Cache != "" {
		if o.history.Program, err = programDigest(o.levels, o.decodeDepth); err != nil {
			return fmt.Errorf("--cache: %w", err)
		}
	}
	history := repo.History(detector, o.history)
	err = o.scan(ctx, env, repo, job{
		command: "history", roots: []string{dir}, auditable: true,
		fragments: o.checked(repo, history, history.Fragments(ctx)), grouped: true,
		complete: func(ctx context.Context, findings []detect.Finding) error {
			for i := range findings {
				findings[i].Standing = history.Standing(findings[i])
			}
			return ctx.Err()
		},
		progress: func() status { return historyStatus(history.Progress()) },
	})
	for _, note := range history.Notes() {
		complain(env, errors.New(note))
	}
	return err
}

// withoutGit hides the variables that say where a repository is, for one that is named.
func withoutGit(getenv func(string) string) func(string) string {
	return func(name string) string {
		if strings.HasPrefix(name, "GIT_") {
			return ""
		}
		return getenv(name)
	}
}

// checked adds to a history's fragments the error that there is nothing in it: who asks for something expects that there is.
func (o *historyOptions) checked(repo *gitscan.Repository, history *gitscan.History, in iter.Seq2[detect.Fragment, error]) iter.Seq2[detect.Fragment, error] {
	return func(yield func(detect.Fragment, error) bool) {
		failed := false
		for f, err := range in {
			failed = failed || err != nil
			if !yield(f, err) {
				return
			}
		}
		if err := o.empty(repo, history); err != nil && !failed {
			yield(detect.Fragment{}, err)
		}
	}
}

// cleanPaths makes the paths those that the history takes.
func (o *historyOptions) cleanPaths() error {
	for i, p := range o.paths {
		clean, err := gitscan.CleanPath(p)
		if err != nil {
			return fmt.Errorf("--path: %w", err)
		}
		o.paths[i] = clean
	}
	return nil
}

// empty says why there was nothing to scan, nil if there was something.
func (o *historyOptions) empty(repo *gitscan.Repository, history *gitscan.History) error {
	unmatched := history.Unmatched()
	switch {
	case len(unmatched) > 0:
		return fmt.Errorf("nothing to scan: no commit brings a file that --path names (%s); paths begin at the top of the repository", strings.Join(unmatched, ", "))
	case !isEmpty(repo):
		return nil
	case !time.Time(o.since).IsZero():
		return fmt.Errorf("nothing to scan: no commit is younger than --since %s", o.since.String())
	}
	return errors.New("nothing to scan: the repository has no commits")
}

// programDigest returns a digest of the running program, of the thresholds it works with and of how far it decodes.
func programDigest(l generic.Levels, depth int) (sum [sha256.Size]byte, err error) {
	path, err := os.Executable()
	if err != nil {
		return sum, err
	}
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	if err := binary.Write(h, binary.LittleEndian, struct {
		generic.Levels
		Depth int64
	}{l, int64(depth)}); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// historyStatus says how far the scan of a history is.
func historyStatus(p gitscan.Progress) status {
	switch {
	case p.AllBlobs > 0:
		return status{unit: "objects", done: p.Blobs, total: p.AllBlobs, bytes: p.Bytes}
	case p.Trees > 0:
		return status{unit: "directories", done: p.Trees}
	}
	return status{unit: "commits", done: p.Commits, total: p.AllCommits}
}

// A date is a flag's value: a day, a time, or how long ago.
type date time.Time

func (d *date) String() string {
	if d == nil || time.Time(*d).IsZero() {
		return ""
	}
	return time.Time(*d).Format(time.RFC3339)
}

// Set reads a date.
func (d *date) Set(text string) error {
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			*d = date(t)
			return nil
		}
	}
	var n int
	var unit string
	if _, err := fmt.Sscanf(strings.TrimSuffix(text, " ago"), "%d%s", &n, &unit); err == nil && n > 0 && n < 100_000 {
		now := time.Now()
		switch unit {
		case "d", "days":
			*d = date(now.AddDate(0, 0, -n))
			return nil
		case "w", "weeks":
			*d = date(now.AddDate(0, 0, -7*n))
			return nil
		case "m", "months":
			*d = date(now.AddDate(0, -n, 0))
			return nil
		case "y", "years":
			*d = date(now.AddDate(-n, 0, 0))
			return nil
		}
	}
	return errors.New("it must be like 2025-01-31, 2025-01-31T12:00:00Z, or 90d, 12w, 6m, 2y")
}
