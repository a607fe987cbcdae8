package ci

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// ids of commits by a letter: "a" is forty of them.
func id(letter string) string { return strings.Repeat(letter, 40) }

var zero = id("0")

// show writes a change as the tables have it: ids as their letter, refs without what they all begin with.
func show(c Change) string {
	short := func(name string) string {
		if len(name) == 40 {
			return name[:1]
		}
		return strings.TrimPrefix(name, "refs/remotes/origin/")
	}
	var bases []string
	for _, base := range c.Base {
		bases = append(bases, short(base))
	}
	text := fmt.Sprintf("%s: %s..%s", c.Event, strings.Join(bases, "|"), short(c.Head))
	if c.Whole {
		text += " whole"
	}
	if c.MayBeEmpty {
		text += " ?"
	}
	return text + c.Nothing
}

func TestDetect(t *testing.T) {
	a, b, c := id("a"), id("b"), id("c")
	for _, test := range []struct {
		name string
		env  string
		want string // or, after "!", a part of the error
	}{
		{"nowhere", "", "!this is no CI job that keysieve knows"},
		{"CI alone", "CI=true", "!this is no CI job that keysieve knows"},
		{"not GitHub", "GITHUB_ACTIONS=false", "!this is no CI job that keysieve knows"},
		{"two at once", "GITHUB_ACTIONS=true JENKINS_URL=x", "!that of GitHub Actions (GITHUB_ACTIONS) and of Jenkins (JENKINS_URL)"},

		{"GitLab, merge request", "GITLAB_CI=true CI_PIPELINE_SOURCE=merge_request_event CI_MERGE_REQUEST_IID=1 CI_COMMIT_SHA=" + b +
			" CI_MERGE_REQUEST_DIFF_BASE_SHA=" + a + " CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main", "merge_request_event: a|main..b"},
		{"GitLab, merged results", "GITLAB_CI=true CI_PIPELINE_SOURCE=merge_request_event CI_MERGE_REQUEST_IID=1 CI_COMMIT_SHA=" + c +
			" CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=" + b + " CI_MERGE_REQUEST_TARGET_BRANCH_SHA=" + a, "merge_request_event: a..b"},
		{"GitLab, child of a merge request's pipeline", "GITLAB_CI=true CI_PIPELINE_SOURCE=parent_pipeline CI_MERGE_REQUEST_IID=1 CI_COMMIT_SHA=" + b +
			" CI_MERGE_REQUEST_DIFF_BASE_SHA=" + a, "parent_pipeline: a..b"},
		{"GitLab, merge request without a base", "GITLAB_CI=true CI_MERGE_REQUEST_IID=1 CI_COMMIT_SHA=" + b, "!CI_MERGE_REQUEST_DIFF_BASE_SHA"},
		{"GitLab, merge request with a bad base", "GITLAB_CI=true CI_MERGE_REQUEST_IID=1 CI_MERGE_REQUEST_DIFF_BASE_SHA=main CI_COMMIT_SHA=" + b,
			`!CI_MERGE_REQUEST_DIFF_BASE_SHA is "main", which is no commit's id`},
		{"GitLab, external pull request", "GITLAB_CI=true CI_PIPELINE_SOURCE=external_pull_request_event CI_EXTERNAL_PULL_REQUEST_IID=1" +
			" CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA=" + b + " CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA=" + a,
			"external_pull_request_event: a..b"},
		{"GitLab, push", "GITLAB_CI=true CI_PIPELINE_SOURCE=push CI_COMMIT_BRANCH=x CI_DEFAULT_BRANCH=main CI_COMMIT_SHA=" + b +
			" CI_COMMIT_BEFORE_SHA=" + a, "push: a|main..b ?"},
		{"GitLab, new branch", "GITLAB_CI=true CI_PIPELINE_SOURCE=push CI_COMMIT_BRANCH=x CI_DEFAULT_BRANCH=main CI_COMMIT_SHA=" + b +
			" CI_COMMIT_BEFORE_SHA=" + zero, "push: main..b ?"},
		{"GitLab, not said which branch", "GITLAB_CI=true CI_PIPELINE_SOURCE=push CI_DEFAULT_BRANCH=main CI_COMMIT_SHA=" + b +
			" CI_COMMIT_BEFORE_SHA=" + zero, "!CI_DEFAULT_BRANCH and CI_COMMIT_BRANCH"},
		{"GitLab, by hand", "GITLAB_CI=true CI_PIPELINE_SOURCE=web CI_COMMIT_BRANCH=x CI_DEFAULT_BRANCH=main CI_COMMIT_SHA=" + b +
			" CI_COMMIT_BEFORE_SHA=" + zero, "!keysieve history"},
		{"GitLab, tag", "GITLAB_CI=true CI_PIPELINE_SOURCE=push CI_COMMIT_TAG=v1 CI_DEFAULT_BRANCH=main CI_COMMIT_SHA=" + b,
			"tag: main..refs/tags/v1 ?"},

		{"Azure, pull request", "TF_BUILD=True BUILD_REASON=PullRequest SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/rel/1" +
			" SYSTEM_PULLREQUEST_SOURCECOMMITID=" + b + " BUILD_SOURCEVERSION=" + c, "PullRequest: rel/1..b"},
		{"Azure, manual run of a pull request", "TF_BUILD=True BUILD_REASON=Manual SYSTEM_PULLREQUEST_TARGETBRANCH=main BUILD_SOURCEVERSION=" + c,
			"Manual: main..c"},
		{"Azure, push", "TF_BUILD=True BUILD_REASON=IndividualCI BUILD_SOURCEBRANCH=refs/heads/x BUILD_SOURCEVERSION=" + b, "IndividualCI: HEAD..b"},
		{"Azure, tag", "TF_BUILD=True BUILD_REASON=IndividualCI BUILD_SOURCEBRANCH=refs/tags/v1 BUILD_SOURCEVERSION=" + b,
			"IndividualCI: HEAD..refs/tags/v1 ?"},
		{"Azure, by hand", "TF_BUILD=True BUILD_REASON=Manual BUILD_SOURCEBRANCH=refs/heads/x BUILD_SOURCEVERSION=" + b, "!keysieve history"},
		{"Azure, no version", "TF_BUILD=True BUILD_REASON=IndividualCI", "!BUILD_SOURCEVERSION is not set"},

		{"Bitbucket, pull request", "BITBUCKET_BUILD_NUMBER=1 BITBUCKET_PR_ID=2 BITBUCKET_COMMIT=" + b +
			" BITBUCKET_PR_DESTINATION_COMMIT=aaaaaaaaaaaa BITBUCKET_PR_DESTINATION_BRANCH=main", "pull request: aaaaaaaaaaaa|main..b"},
		{"Bitbucket, bad destination", "BITBUCKET_BUILD_NUMBER=1 BITBUCKET_PR_ID=2 BITBUCKET_COMMIT=" + b +
			" BITBUCKET_PR_DESTINATION_COMMIT=HEAD", "!BITBUCKET_PR_DESTINATION_COMMIT is \"HEAD\", which is no commit's id"},
		{"Bitbucket, no destination", "BITBUCKET_BUILD_NUMBER=1 BITBUCKET_PR_ID=2 BITBUCKET_COMMIT=" + b, "!are not set"},
		{"Bitbucket, tag", "BITBUCKET_BUILD_NUMBER=1 BITBUCKET_TAG=v1 BITBUCKET_COMMIT=" + b, "tag: HEAD..refs/tags/v1 ?"},
		{"Bitbucket, branch", "BITBUCKET_BUILD_NUMBER=1 BITBUCKET_COMMIT=" + b, "branch: HEAD..b"},

		{"Jenkins, change request", "JENKINS_URL=x CHANGE_TARGET=main GIT_COMMIT=" + b, "change request: main..b"},
		{"Jenkins, scripted", "JENKINS_URL=x CHANGE_TARGET=main", "change request: main..HEAD"},
		{"Jenkins, branch", "JENKINS_URL=x GIT_COMMIT=" + b + " GIT_PREVIOUS_COMMIT=" + c + " GIT_PREVIOUS_SUCCESSFUL_COMMIT=" + a,
			"branch: a..b whole ?"},
		{"Jenkins, never a success", "JENKINS_URL=x GIT_COMMIT=" + b + " GIT_PREVIOUS_COMMIT=" + c + " GIT_PREVIOUS_SUCCESSFUL_COMMIT=null",
			"branch: ..b whole ?"},
		{"Jenkins, tag", "JENKINS_URL=x TAG_NAME=v1 GIT_COMMIT=" + b, "tag: HEAD..refs/tags/v1 ?"},

		{"CircleCI", "CIRCLECI=true CIRCLE_SHA1=" + b, "branch: HEAD..b"},
		{"CircleCI, tag", "CIRCLECI=true CIRCLE_TAG=v1 CIRCLE_SHA1=" + b, "tag: HEAD..refs/tags/v1 ?"},
		{"CircleCI, no commit", "CIRCLECI=true", "!CIRCLE_SHA1 is not set"},

		{"Buildkite, pull request", "BUILDKITE=true BUILDKITE_COMMIT=HEAD BUILDKITE_PULL_REQUEST=1 BUILDKITE_PULL_REQUEST_BASE_BRANCH=main",
			"pull request: main..HEAD"},
		{"Buildkite, no target", "BUILDKITE=true BUILDKITE_COMMIT=HEAD BUILDKITE_PULL_REQUEST=1", "!BUILDKITE_PULL_REQUEST_BASE_BRANCH is not set"},
		{"Buildkite, branch", "BUILDKITE=true BUILDKITE_PULL_REQUEST=false BUILDKITE_PIPELINE_DEFAULT_BRANCH=main BUILDKITE_COMMIT=" + b,
			"branch: main..b"},
		{"Buildkite, tag", "BUILDKITE=true BUILDKITE_TAG=v1 BUILDKITE_PIPELINE_DEFAULT_BRANCH=main BUILDKITE_COMMIT=" + b,
			"tag: main..refs/tags/v1 ?"},
	} {
		t.Run(test.name, func(t *testing.T) { check(t, test.env, "", test.want) })
	}
}

func TestGitHub(t *testing.T) {
	a, b := id("a"), id("b")
	request := `{"pull_request":{"number":7,"base":{"ref":"main","sha":"` + a + `"},"head":{"ref":"x","sha":"` + b + `"}}}`
	push := func(ref, before, after, more string) string {
		return fmt.Sprintf(`{"ref":%q,"before":%q,"after":%q,"repository":{"default_branch":"main"}%s}`, ref, before, after, more)
	}
	for _, test := range []struct{ name, event, payload, want string }{
		{"pull request", "pull_request", request, "pull_request: a|main..b"},
		{"with the target checked out", "pull_request_target", request, "pull_request_target: a|main..b"},
		{"review", "pull_request_review", request, "pull_request_review: a|main..b"},
		{"comment on a review", "pull_request_review_comment", request, "pull_request_review_comment: a|main..b"},
		{"merge queue", "merge_group", `{"merge_group":{"base_sha":"` + a + `","head_sha":"` + b + `"}}`, "merge_group: a..b"},
		{"push", "push", push("refs/heads/x", a, b, ""), "push: a|main..b"},
		{"push to the default branch", "push", push("refs/heads/main", a, b, ""), "push: a..b whole"},
		{"forced", "push", push("refs/heads/x", a, b, `,"forced":true`), "push: a|main..b ?"},
		{"new branch", "push", push("refs/heads/x", zero, b, `,"created":true`), "push: main..b ?"},
		{"first push", "push", push("refs/heads/main", zero, b, ""), "push: ..b whole ?"},
		{"tag", "push", push("refs/tags/v1", zero, b, ""), "push: main..b ?"},
		{"a tag with the name of the default branch", "push", push("refs/tags/main", zero, b, ""), "push: main..b ?"},
		{"tag moved", "push", push("refs/tags/v1", a, b, ""), "push: a|main..b ?"},
		{"deleted", "push", push("refs/heads/x", a, zero, `,"deleted":true`), `push: ..the push deleted "refs/heads/x"`},
		{"no default branch", "push", `{"ref":"refs/heads/x","before":"` + a + `","after":"` + b + `"}`, "!no repository.default_branch"},
		{"schedule", "schedule", `{"schedule":"0 0 * * *"}`, `!the event "schedule" brings no commits`},
		{"release", "release", `{"action":"published"}`, "!keysieve history"},
		{"comment", "issue_comment", `{"issue":{"pull_request":{"url":"x"}}}`, `!the event "issue_comment" brings no commits`},
		{"no event", "", "{}", "!GITHUB_EVENT_NAME and GITHUB_EVENT_PATH"},
		{"another event's payload", "pull_request", push("refs/heads/x", a, b, ""), "!there is no pull_request in it"},
		{"no head", "pull_request", strings.Replace(request, b, "", 1), "!pull_request.head.sha is not set"},
		{"zero head", "pull_request", strings.Replace(request, b, zero, 1), "!which is no commit's id"},
		{"not JSON", "push", "ref", "!invalid character"},
		{"cut short", "push", request[:40], "!unexpected end of JSON input"},
		{"too deep", "push", strings.Repeat(`{"a":`, 20_000), "!exceeded max depth"},
		{"unreadable", "push", "!", "!the file with the event: file does not exist"},
	} {
		t.Run(test.name, func(t *testing.T) {
			check(t, "GITHUB_ACTIONS=true GITHUB_EVENT_PATH=event.json GITHUB_EVENT_NAME="+test.event, test.payload, test.want)
		})
	}
}

// check runs Detect with variables and the file event.json, which does not exist if it is "!".
func check(t *testing.T, env, payload, want string) {
	t.Helper()
	vars := make(map[string]string)
	for _, v := range strings.Fields(env) {
		name, value, _ := strings.Cut(v, "=")
		vars[name] = value
	}
	read := func(path string, max int64) ([]byte, error) {
		if path != "event.json" || payload == "!" {
			return nil, fs.ErrNotExist
		}
		return []byte(payload), nil
	}
	got, err := Detect(func(name string) string { return vars[name] }, read)
	part, wrong := strings.CutPrefix(want, "!")
	switch {
	case wrong && (err == nil || !strings.Contains(err.Error(), part)):
		t.Errorf("%+v, error %v, want one with %q", got, err, part)
	case !wrong && err != nil:
		t.Error(err)
	case !wrong && show(got) != want:
		t.Errorf("%s, want %s", show(got), want)
	case err == nil && (got.Provider == "" || got.Advice == "" || got.Nothing == "" && got.Head == ""):
		t.Errorf("%+v lacks something", got)
	}
	if wrong && strings.Contains(part, "no CI job") && !errors.Is(err, ErrNoProvider) {
		t.Errorf("%v is not ErrNoProvider", err)
	}
}

func TestFix(t *testing.T) {
	for _, test := range []struct {
		env           string
		shallow, full string
	}{
		{"GITLAB_CI=true CI_PIPELINE_SOURCE=push CI_COMMIT_BRANCH=x CI_DEFAULT_BRANCH=main CI_COMMIT_SHA=" + id("a"),
			`set the variable GIT_DEPTH: "0" in .gitlab-ci.yml; or run: git fetch --no-tags --unshallow origin '+refs/heads/*:refs/remotes/origin/*'`,
			"run: git fetch --no-tags origin '+refs/heads/*:refs/remotes/origin/*'"},
		{"CIRCLECI=true CIRCLE_SHA1=" + id("a"),
			`set "method: full" in the checkout step, and leave out a depth; or run: git fetch --no-tags --unshallow origin '+refs/heads/*:refs/remotes/origin/*' && git remote set-head origin --auto; or name the default branch with --base origin/BRANCH`,
			"run: git fetch --no-tags origin '+refs/heads/*:refs/remotes/origin/*' && git remote set-head origin --auto; or name the default branch with --base origin/BRANCH"},
		{"BUILDKITE=true BUILDKITE_TAG=v1;x BUILDKITE_PIPELINE_DEFAULT_BRANCH=main BUILDKITE_COMMIT=HEAD",
			`take --depth out of BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS; or run: git fetch --no-tags --unshallow origin '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*'`,
			"run: git fetch --no-tags origin '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*'"},
	} {
		vars := make(map[string]string)
		for _, v := range strings.Fields(test.env) {
			name, value, _ := strings.Cut(v, "=")
			vars[name] = value
		}
		c, err := Detect(func(name string) string { return vars[name] }, nil)
		if err != nil {
			t.Error(err)
		}
		if got := c.Fix(true); got != test.shallow {
			t.Errorf("shallow: %s\nwant %s", got, test.shallow)
		}
		if got := c.Fix(false); got != test.full {
			t.Errorf("full: %s\nwant %s", got, test.full)
		}
	}
}
