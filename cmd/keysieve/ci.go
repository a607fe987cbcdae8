package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/keysieve/keysieve/cmd/keysieve/internal/ci"
	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
)

// ciOptions are the flags of ci.
type ciOptions struct {
	gitOptions
	base, head revisionFlag
}

func (o *ciOptions) define(fs *flag.FlagSet) {
	o.gitOptions.define(fs)
	fs.Var(&o.base, "base", "leave out the commits of this `revision`, whatever the environment says")
	fs.Var(&o.head, "head", "scan the commits of this `revision`, whatever the environment says (with --base: HEAD)")
}

func ciCommand() command {
	return command{
		name: "ci", summary: "Find secrets in the change that a CI job is about.", usage: "[FLAG…]",
		help: `Finds out from the environment of the job what was pushed or is to be merged, and scans every commit of it: its message,
and what it adds to all of its parents. It knows GitHub Actions, GitLab CI, Azure Pipelines, Bitbucket Pipelines,
Jenkins, CircleCI and Buildkite, needs no token and asks no server. Elsewhere, say what to scan with --base.

Of each secret it says whether it is still there at the end of the change, was taken out again, in which case it is in
the history all the same, or stood there before.

The checkout needs the history of the change. Where a shallow clone lacks some of it, ci ends with 2 and says what to
set; it never scans less than the change. See docs/ci.md for what to write into the configuration of each host.

  keysieve ci                                       in a job
  keysieve ci --base origin/main                    the commits of HEAD that main does not have
  keysieve ci --format json -o keysieve.json        with a report for other programs`,
		flags: func(fs *flag.FlagSet) { new(ciOptions).define(fs) },
		run:   runCI,
	}
}

func runCI(ctx context.Context, env environment) error {
	var o ciOptions
	args, err := parseFlags("ci", o.define, env.args)
	if err != nil {
		return err
	}
	if len(args) > 0 {
		return &usageError{"ci", fmt.Errorf("ci takes no arguments, and %q is one: say what to scan with --base and --head", args[0])}
	}
	change, err := o.change(env)
	if err != nil {
		return err
	}
	repo, err := o.open(env)
	if err != nil {
		return err
	}
	defer repo.Close()
	if change.Nothing != "" {
		complain(env, fmt.Errorf("%s, %s: %s: nothing to scan", change.Provider, change.Event, change.Nothing))
		return o.scan(ctx, env, repo, job{command: "ci", fragments: func(func(detect.Fragment, error) bool) {}})
	}
	r, err := o.resolve(repo, change)
	if err != nil {
		return err
	}
	complain(env, fmt.Errorf("%s, %s: %s", change.Provider, change.Event, r))
	return r.scan(ctx, env, repo, &o.gitOptions, "ci")
}

// change returns what to scan. The flags win over the environment.
func (o *ciOptions) change(env environment) (ci.Change, error) {
	if o.base != "" {
		return ci.Change{Provider: "flags", Event: "--base", Advice: "give a --base from before the change"}, nil
	}
	c, err := ci.Detect(env.getenv, readRegular)
	if err == nil && o.head != "" {
		c.MayBeEmpty = false
	}
	return c, err
}

// resolve finds the change's head and base in the repository.
func (o *ciOptions) resolve(repo *gitscan.Repository, c ci.Change) (commitRange, error) {
	shallow, err := repo.Shallow()
	if err != nil {
		return commitRange{}, err
	}
	r := commitRange{head: string(o.head), base: string(o.base), mayBeEmpty: c.MayBeEmpty, advice: c.Advice, fix: c.Fix(shallow)}
	lacks := func(what string, err error) error {
		return fmt.Errorf("%s, %s: the clone does not have %s: %w\n%s", c.Provider, c.Event, what, err, r.fix)
	}
	switch {
	case r.head == "" && r.base != "":
		r.head = "HEAD"
	case r.head == "":
		if r.head, err = repo.Named(c.Head); err != nil {
			return r, lacks("the change", err)
		}
		r.headName = c.Head
	}
	if r.base != "" {
		return r, nil
	}
	err = fmt.Errorf("%s does not say what was there before", c.Provider)
	for _, name := range c.Base {
		if r.base, err = repo.Named(name); err == nil {
			r.baseName = name
			return r, nil
		}
		if !errors.Is(err, gitscan.ErrUnknownRevision) {
			break
		}
	}
	if c.Whole && !shallow && (len(c.Base) == 0 || errors.Is(err, gitscan.ErrUnknownRevision)) {
		r.whole = true
		return r, nil
	}
	return r, lacks("what the change is based on", err)
}

// revisionFlag is a flag with a revision.
type revisionFlag string

func (r *revisionFlag) String() string { return string(*r) }

func (r *revisionFlag) Set(s string) error {
	if s == "" {
		return errors.New("is empty: is a variable not set?")
	}
	*r = revisionFlag(s)
	return nil
}

// readRegular reads a regular file of at most max bytes.
func readRegular(path string, max int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(text)) > max {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("larger than %d bytes", max)}
	}
	return text, err
}
