package ci

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxEvent is the size in bytes up to which an event is read. GitHub itself stops at 25 MB.
const maxEvent = 32 << 20

// targetEvent is the event of a pull request whose jobs have the target checked out, whatever the depth.
const targetEvent = "pull_request_target"

// githubEvent is what is read of the file that GITHUB_EVENT_PATH names, which has a webhook's payload.
type githubEvent struct {
	Ref        string `json:"ref"`
	Before     string `json:"before"`
	After      string `json:"after"`
	Deleted    bool   `json:"deleted"`
	Forced     bool   `json:"forced"`
	Repository struct {
		DefaultBranch string `json:"default_branch"`
	} `json:"repository"`
	PullRequest *struct {
		Number int       `json:"number"`
		Base   githubTip `json:"base"`
		Head   githubTip `json:"head"`
	} `json:"pull_request"`
	MergeGroup *struct {
		BaseSHA string `json:"base_sha"`
		HeadSHA string `json:"head_sha"`
	} `json:"merge_group"`
}

type githubTip struct {
	Ref string `json:"ref"`
	SHA string `json:"sha"`
}

// github reads the event. GITHUB_SHA is of no use: for a pull request it is a merge that GitHub has made, or the target.
func github(j job) (Change, error) {
	name := j.getenv("GITHUB_EVENT_NAME")
	path := j.getenv("GITHUB_EVENT_PATH")
	if name == "" || path == "" {
		return Change{}, errors.New("GITHUB_EVENT_NAME and GITHUB_EVENT_PATH are not both set: pass them on if this runs in a container of its own")
	}
	switch name {
	case "push", "pull_request", targetEvent, "pull_request_review", "pull_request_review_comment", "merge_group":
	default:
		return Change{}, fmt.Errorf("the event %.100q brings no commits: %s", name, noRange)
	}
	text, err := j.readFile(path, maxEvent)
	if err != nil {
		return Change{}, fmt.Errorf("GITHUB_EVENT_PATH, the file with the event: %w", err)
	}
	var e githubEvent
	if err := json.Unmarshal(text, &e); err != nil {
		return Change{}, fmt.Errorf("%q, the file with the event: %w", path, err)
	}
	var c Change
	switch {
	case name == "push":
		c, err = e.push()
	case name == "merge_group":
		c, err = e.mergeGroup()
	default:
		c, err = e.pullRequest()
	}
	if err != nil {
		return Change{}, fmt.Errorf("%q, the file with the event %s: %w", path, name, err)
	}
	c.Event = name
	return c, nil
}

func (e *githubEvent) pullRequest() (c Change, err error) {
	if e.PullRequest == nil {
		return c, errors.New("there is no pull_request in it")
	}
	base, err := commitID("pull_request.base.sha", e.PullRequest.Base.SHA)
	if err != nil {
		return c, err
	}
	c.Base = []string{base}
	if e.PullRequest.Base.Ref != "" {
		c.Base = append(c.Base, onHost(e.PullRequest.Base.Ref))
	}
	c.Head, err = commitID("pull_request.head.sha", e.PullRequest.Head.SHA)
	c.ref = fmt.Sprintf("refs/pull/%d/head", e.PullRequest.Number)
	return c, err
}

func (e *githubEvent) push() (c Change, err error) {
	if e.Deleted || isZero(e.After) {
		return Change{Nothing: fmt.Sprintf("the push deleted %.100q", e.Ref)}, nil
	}
	if c.Head, err = commitID("after", e.After); err != nil {
		return c, err
	}
	if !isZero(e.Before) {
		before, err := commitID("before", e.Before)
		if err != nil {
			return c, err
		}
		c.Base = []string{before}
	}
	if e.Repository.DefaultBranch == "" {
		return c, errors.New("there is no repository.default_branch in it")
	}
	if e.Ref == "refs/heads/"+e.Repository.DefaultBranch {
		c.Whole = true
	} else {
		c.Base = append(c.Base, onHost(e.Repository.DefaultBranch))
	}
	c.MayBeEmpty = e.Forced || isZero(e.Before)
	if strings.HasPrefix(e.Ref, "refs/tags/") {
		c.MayBeEmpty, c.ref = true, allTags
	}
	return c, nil
}

func (e *githubEvent) mergeGroup() (c Change, err error) {
	if e.MergeGroup == nil {
		return c, errors.New("there is no merge_group in it")
	}
	base, err := commitID("merge_group.base_sha", e.MergeGroup.BaseSHA)
	if err != nil {
		return c, err
	}
	c.Base = []string{base}
	c.Head, err = commitID("merge_group.head_sha", e.MergeGroup.HeadSHA)
	return c, err
}
