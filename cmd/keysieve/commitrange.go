package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
)

// commitRange is what diff and ci scan: the commits that can be reached from head and not from base.
type commitRange struct {
	head, base         string // revisions
	headName, baseName string // what to call them, if they are ids that were found under other names
	whole              bool   // there is no base: everything that head leads to
	mayBeEmpty         bool
	advice             string // what to do if it is empty and may not be
	fix                string // how to get what a shallow clone lacks
}

// String says what is scanned.
func (r commitRange) String() string {
	head := nameAndID(r.headName, r.head)
	if r.whole {
		return "all commits of " + head
	}
	return fmt.Sprintf("the commits of %s that %s does not have", head, nameAndID(r.baseName, r.base))
}

// nameAndID returns a name with the object's id, or one of them if that says it all.
func nameAndID(name, id string) string {
	if isID(id) {
		id = id[:12]
	}
	if name == "" || isID(name) {
		return id
	}
	return fmt.Sprintf("%s (%s)", strings.TrimPrefix(name, "refs/remotes/"), id)
}

// root names the range in a report.
func (r commitRange) root() string {
	if r.whole {
		return r.head
	}
	return r.base + ".." + r.head
}

// scan scans the range and reports it.
func (r commitRange) scan(ctx context.Context, env environment, repo *gitscan.Repository, o *gitOptions, command string) error {
	var exclude []string
	if !r.whole {
		exclude = []string{r.base}
	}
	// The author of the commits may not be the one who reads the report, so what comments suppress is listed.
	err := o.scan(ctx, env, repo, job{
		command: command, roots: []string{r.root()}, auditable: true,
		fragments: r.checked(repo, repo.Range(ctx, []string{r.head}, exclude)),
		complete:  (&lifecycles{repo: repo, commits: r}).set,
	})
	if err == nil && isEmpty(repo) {
		complain(env, r.empty())
	}
	return err
}

// checked adds to a range's fragments the errors that concern all of it: that there is nothing in it, and how to get what a shallow
// clone lacks.
func (r commitRange) checked(repo *gitscan.Repository, in iter.Seq2[detect.Fragment, error]) iter.Seq2[detect.Fragment, error] {
	return func(yield func(detect.Fragment, error) bool) {
		failed := false
		for f, err := range in {
			failed = failed || err != nil
			if !yield(f, err) {
				return
			}
		}
		switch {
		case repo.Coverage().Truncated > 0 && r.fix != "":
			yield(detect.Fragment{}, errors.New(r.fix))
		case !failed && isEmpty(repo) && !r.mayBeEmpty:
			yield(detect.Fragment{}, fmt.Errorf("%w; %s", r.empty(), r.advice))
		}
	}
}

// isEmpty reports whether a scan has met nothing.
func isEmpty(repo *gitscan.Repository) bool {
	c := repo.Coverage()
	return c.Commits == 0 && c.Messages == 0 && c.Enumerated.Files == 0
}

// empty says that there is nothing in the range.
func (r commitRange) empty() error {
	return fmt.Errorf("nothing to scan: %s has all commits that %s has", nameAndID(r.baseName, r.base), nameAndID(r.headName, r.head))
}

// same reports whether both ends are one commit.
func (r commitRange) same(repo *gitscan.Repository) bool {
	head, err := repo.Commit(r.head)
	base, err2 := repo.Commit(r.base)
	return err == nil && err2 == nil && head == base
}
