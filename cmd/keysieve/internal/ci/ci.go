// Package ci finds out from the environment of a CI job which commits it is about. It asks no server and needs no token: all
// that it reads are variables and, on GitHub, the file with the event.
//
// # What is taken for the change
//
// Of a pull request, by whatever name, it is what its head has and its target does not; of a push, what the branch has and did not
// have before. Where the host does not say what a branch was before (a new branch, one that was overwritten, hosts that never say
// it), it is what the branch has and the default branch does not: that may be more than was pushed, never less. Other branches
// do not count as known: two that are pushed at once would vouch for each other. A run that no change has caused (on a schedule, by
// hand) has none, and Detect returns an error that says so.
//
// Whoever proposes a change chooses names of branches and tags. So nothing here is a revision that git would have to guess the
// meaning of: it is an object's id, HEAD, or the full name of a ref that the checkout has from the host.
package ci

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Change is what a job is about: the commits that can be reached from Head and not from the base.
type Change struct {
	Provider string // the host, as people call it
	Event    string // what caused the job, as the host calls it

	Head string // an object's id, possibly abbreviated, a full ref, or HEAD

	// Base has what may stand for the base, in the same form. The first one that the clone has is the base.
	Base []string

	// Whole is set if everything that Head leads to is the change when the clone is complete and has none of Base: the first push
	// to the default branch, and one that overwrote it.
	Whole bool

	// MayBeEmpty is set if no commit may be new: a branch or tag can be put on an old commit. Otherwise, a change without commits is
	// a mistake.
	MayBeEmpty bool

	// Nothing says why there is nothing to scan, as when a branch was deleted. Then Head and Base are not set.
	Nothing string

	Advice string // what to do if the base has all of Head though that may not be

	depth string // how to set the provider's checkout so that it fetches all of the history
	ref   string // what has to be fetched beside the branches, "" for nothing
}

// Fix says how to get what the clone lacks. shallow says whether its history is cut off.
func (c Change) Fix(shallow bool) string {
	var ways []string
	unshallow := ""
	if shallow && c.depth != "" && c.Event != targetEvent {
		ways = append(ways, c.depth)
	}
	if shallow {
		unshallow = "--unshallow "
	}
	ways = append(ways, strings.TrimSpace("run: git fetch --no-tags "+unshallow+"origin '+refs/heads/*:refs/remotes/origin/*' "+c.ref))
	if slices.Contains(c.Base, hostHead) {
		ways[len(ways)-1] += " && git remote set-head origin --auto"
		ways = append(ways, "name the default branch with --base origin/BRANCH")
	}
	return strings.Join(ways, "; or ")
}

// ErrNoProvider is the error of Detect outside of a CI job that it knows.
var ErrNoProvider = errors.New("this is no CI job that keysieve knows (GitHub, GitLab, Azure, Bitbucket, Jenkins, CircleCI, Buildkite): " +
	"say what to scan with --base REV [--head REV]")

const noRange = `scan everything with "keysieve history", or say since when with --base REV`

// Detect finds the change that the job is about. getenv looks up a variable; readFile returns the content of a regular file of at most
// max bytes. The error says what is missing or wrong, where, and what to do.
func Detect(getenv func(string) string, readFile func(path string, max int64) ([]byte, error)) (Change, error) {
	j := job{getenv: getenv, readFile: readFile}
	var active []provider
	for _, p := range providers() {
		if j.getenv(p.variable) != "" && (p.value == "" || strings.EqualFold(j.getenv(p.variable), p.value)) {
			active = append(active, p)
		}
	}
	switch {
	case len(active) == 0:
		return Change{}, ErrNoProvider
	case len(active) > 1:
		return Change{}, fmt.Errorf("the environment is that of %s (%s) and of %s (%s): say what to scan with --base REV --head REV",
			active[0].name, active[0].variable, active[1].name, active[1].variable)
	}
	p := active[0]
	c, err := p.change(j)
	if err != nil {
		return Change{}, fmt.Errorf("%s: %w", p.name, err)
	}
	c.Provider, c.depth = p.name, p.depth
	if c.Advice == "" {
		c.Advice = noRange
	}
	return c, nil
}

// provider is a CI host.
type provider struct {
	name     string
	variable string // that its jobs have
	value    string // that it has there, in any case; "" for any
	change   func(job) (Change, error)
	depth    string
}

func providers() []provider {
	return []provider{
		{"GitHub Actions", "GITHUB_ACTIONS", "true", github, `set "fetch-depth: 0" below "with:" in the step that uses actions/checkout`},
		{"GitLab CI", "GITLAB_CI", "true", gitlab, `set the variable GIT_DEPTH: "0" in .gitlab-ci.yml`},
		{"Azure Pipelines", "TF_BUILD", "true", azure, `begin the steps with "- checkout: self" and set "fetchDepth: 0" there`},
		{"Bitbucket Pipelines", "BITBUCKET_BUILD_NUMBER", "", bitbucket, `set "depth: full" below "clone:" in bitbucket-pipelines.yml`},
		{"Jenkins", "JENKINS_URL", "", jenkins, `take "Shallow clone" out of the checkout's advanced clone behaviours (shallow: false)`},
		{"CircleCI", "CIRCLECI", "true", circleCI, `set "method: full" in the checkout step, and leave out a depth`},
		{"Buildkite", "BUILDKITE", "true", buildkite, `take --depth out of BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS`},
	}
}

// job is the environment of a job.
type job struct {
	getenv   func(string) string
	readFile func(path string, max int64) ([]byte, error)
}

// first returns the first of the variables that has a value, and its name; the last name if none has.
func (j job) first(names ...string) (name, value string) {
	for _, name = range names {
		// Jenkins writes null for what it does not know.
		if value = j.getenv(name); value != "" && value != "null" {
			return name, value
		}
	}
	return name, ""
}

// commit returns the id that the first of the variables with a value has.
func (j job) commit(names ...string) (string, error) {
	name, value := j.first(names...)
	return commitID(name, value)
}

// commitID checks that value, which name is where it comes from, is an object's id and not all zeros.
func commitID(name, value string) (string, error) {
	id := strings.ToLower(value)
	switch {
	case value == "":
		return "", fmt.Errorf("%s is not set", name)
	case strings.Trim(id, "0123456789abcdef") != "":
		return "", fmt.Errorf("%s is %.100q, which is no commit's id", name, value)
	case len(id) == 64:
		return "", fmt.Errorf("%s is an id of a SHA-256 repository, which is not supported", name)
	case len(id) != 40 || isZero(id):
		return "", fmt.Errorf("%s is %.100q, which is no commit's id", name, value)
	}
	return id, nil
}

// abbreviatedID checks that value is an object's id or the beginning of one.
func abbreviatedID(name, value string) (string, error) {
	if len(value) < 7 || len(value) > 40 || strings.Trim(value, "0123456789abcdefABCDEF") != "" || isZero(value) {
		return "", fmt.Errorf("%s is %.100q, which is no commit's id", name, value)
	}
	return value, nil
}

// isZero reports whether an id stands for nothing: a ref that is created or deleted.
func isZero(id string) bool { return id != "" && strings.Trim(id, "0") == "" }

// onHost returns the ref that a clone has for a branch of the host.
func onHost(branch string) string {
	return "refs/remotes/origin/" + strings.TrimPrefix(branch, "refs/heads/")
}

// allTags is what has to be fetched for a tag. Its own name may be anything, and is not for people to paste into a shell.
const allTags = "'+refs/tags/*:refs/tags/*'"

// hostHead is the host's default branch, if the clone knows it: a full clone does, a fetch into an empty repository does not.
const hostHead = "refs/remotes/origin/HEAD"

// branch returns the change that a build of a branch is about when the host does not say what was there before: what the default
// branch does not have. Of the default branch itself, there is none.
func branch(event, head, defaultBranch string) Change {
	c := Change{
		Event: event, Head: head, Base: []string{hostHead},
		Advice: "this looks like a build of the default branch, and the host does not say what was pushed: " + noRange,
	}
	if defaultBranch != "" {
		c.Base = []string{onHost(defaultBranch)}
	}
	return c
}

// tag returns the change that a tag is: what it has and the default branch does not, and its message.
func tag(event, name, defaultBranch string) Change {
	c := branch(event, "refs/tags/"+strings.TrimPrefix(name, "refs/tags/"), defaultBranch)
	c.MayBeEmpty = true
	c.ref = allTags
	return c
}
