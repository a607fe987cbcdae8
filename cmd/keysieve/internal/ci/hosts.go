package ci

import (
	"errors"
	"fmt"
	"strings"
)

// gitlab reads the variables of docs.gitlab.com/ci/variables/predefined_variables.
func gitlab(j job) (Change, error) {
	source := j.getenv("CI_PIPELINE_SOURCE")
	switch {
	case j.getenv("CI_MERGE_REQUEST_IID") != "":
		return gitlabMergeRequest(j, source)
	case j.getenv("CI_EXTERNAL_PULL_REQUEST_IID") != "":
		head, err := j.commit("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA")
		if err != nil {
			return Change{}, err
		}
		base, err := j.commit("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA")
		return Change{Event: source, Head: head, Base: []string{base}}, err
	case j.getenv("CI_COMMIT_TAG") != "":
		return tag("tag", j.getenv("CI_COMMIT_TAG"), j.getenv("CI_DEFAULT_BRANCH")), nil
	}
	return gitlabPush(j, source)
}

// gitlabMergeRequest leaves CI_COMMIT_SHA alone where it is a merge that GitLab has made.
func gitlabMergeRequest(j job, source string) (Change, error) {
	head, err := j.commit("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA")
	if err != nil {
		return Change{}, err
	}
	c := Change{Event: source, Head: head}
	for _, name := range []string{"CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA"} {
		if j.getenv(name) == "" {
			continue
		}
		base, err := j.commit(name)
		if err != nil {
			return Change{}, err
		}
		c.Base = append(c.Base, base)
	}
	if target := j.getenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"); target != "" {
		c.Base = append(c.Base, onHost(target))
	}
	if len(c.Base) == 0 {
		return Change{}, errors.New("CI_MERGE_REQUEST_DIFF_BASE_SHA and CI_MERGE_REQUEST_TARGET_BRANCH_NAME are not set")
	}
	return c, nil
}

// gitlabPush tells a new branch, where CI_COMMIT_BEFORE_SHA is zero, from a pipeline that somebody or a schedule has started, where it
// is as well.
func gitlabPush(j job, source string) (Change, error) {
	head, err := j.commit("CI_COMMIT_SHA")
	if err != nil {
		return Change{}, err
	}
	c := Change{Event: source, Head: head, MayBeEmpty: true}
	switch before := j.getenv("CI_COMMIT_BEFORE_SHA"); {
	case before != "" && !isZero(before):
		id, err := j.commit("CI_COMMIT_BEFORE_SHA")
		if err != nil {
			return Change{}, err
		}
		c.Base = []string{id}
	case source != "push":
		return Change{}, fmt.Errorf("a pipeline of the source %.100q brings no commits: %s", source, noRange)
	}
	built, main := j.getenv("CI_COMMIT_BRANCH"), j.getenv("CI_DEFAULT_BRANCH")
	switch {
	case main == "" || built == "":
		return Change{}, errors.New("CI_DEFAULT_BRANCH and CI_COMMIT_BRANCH are not both set")
	case built == main:
		c.Whole = true
	default:
		c.Base = append(c.Base, onHost(main))
	}
	return c, nil
}

// azure reads the variables of learn.microsoft.com/azure/devops/pipelines/build/variables. The target of a pull request is
// refs/heads/main in Azure Repos and main on GitHub.
func azure(j job) (Change, error) {
	reason := j.getenv("BUILD_REASON")
	if target := j.getenv("SYSTEM_PULLREQUEST_TARGETBRANCH"); target != "" {
		// Where the source's commit is not known, it is the merge of it into the target, which has it.
		head, err := j.commit("SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION")
		return Change{Event: reason, Head: head, Base: []string{onHost(target)}}, err
	}
	source := j.getenv("BUILD_SOURCEBRANCH")
	head, err := j.commit("BUILD_SOURCEVERSION")
	switch {
	case err != nil:
		return Change{}, err
	case reason != "IndividualCI" && reason != "BatchedCI":
		return Change{}, fmt.Errorf("a build with the reason %.100q brings no commits: %s", reason, noRange)
	case strings.HasPrefix(source, "refs/tags/"):
		return tag(reason, source, ""), nil
	}
	return branch(reason, head, ""), nil
}

// bitbucket reads the variables of support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets. The commits of a pull
// request may be abbreviated.
func bitbucket(j job) (Change, error) {
	head, err := abbreviatedID("BITBUCKET_COMMIT", j.getenv("BITBUCKET_COMMIT"))
	if err != nil {
		return Change{}, err
	}
	switch {
	case j.getenv("BITBUCKET_PR_ID") != "":
		c := Change{Event: "pull request", Head: head}
		if base := j.getenv("BITBUCKET_PR_DESTINATION_COMMIT"); base != "" {
			if base, err = abbreviatedID("BITBUCKET_PR_DESTINATION_COMMIT", base); err != nil {
				return Change{}, err
			}
			c.Base = append(c.Base, base)
		}
		if target := j.getenv("BITBUCKET_PR_DESTINATION_BRANCH"); target != "" {
			c.Base = append(c.Base, onHost(target))
		}
		if len(c.Base) == 0 {
			return Change{}, errors.New("BITBUCKET_PR_DESTINATION_COMMIT and BITBUCKET_PR_DESTINATION_BRANCH are not set")
		}
		return c, nil
	case j.getenv("BITBUCKET_TAG") != "":
		return tag("tag", j.getenv("BITBUCKET_TAG"), ""), nil
	}
	return branch("branch", head, ""), nil
}

// jenkins reads the variables of the plugins for git and for multibranch pipelines. A branch is scanned from the last build that
// succeeded, and not from the last one: what a build that failed has brought is still there.
func jenkins(j job) (Change, error) {
	head := "HEAD" // scripted pipelines do not set GIT_COMMIT
	if _, value := j.first("GIT_COMMIT"); value != "" {
		id, err := commitID("GIT_COMMIT", value)
		if err != nil {
			return Change{}, err
		}
		head = id
	}
	if target := j.getenv("CHANGE_TARGET"); target != "" {
		return Change{Event: "change request", Head: head, Base: []string{onHost(target)}}, nil
	}
	if name := j.getenv("TAG_NAME"); name != "" {
		return tag("tag", name, ""), nil
	}
	c := Change{Event: "branch", Head: head, MayBeEmpty: true}
	if _, value := j.first("GIT_PREVIOUS_SUCCESSFUL_COMMIT"); value != "" {
		id, err := commitID("GIT_PREVIOUS_SUCCESSFUL_COMMIT", value)
		if err != nil {
			return Change{}, err
		}
		c.Base = []string{id}
	}
	// Without a build that succeeded, everything: asking for something else would keep the first one from succeeding.
	c.Whole = true
	return c, nil
}

// circleCI reads the variables of circleci.com/docs/reference/variables. What a branch was before, and the target of a pull
// request, are values of the pipeline and not of a job's environment.
func circleCI(j job) (Change, error) {
	if name := j.getenv("CIRCLE_TAG"); name != "" {
		return tag("tag", name, ""), nil
	}
	head, err := j.commit("CIRCLE_SHA1")
	c := branch("branch", head, "")
	c.Advice += " (in .circleci/config.yml: --base << pipeline.git.base_revision >>)"
	return c, err
}

// buildkite reads the variables of buildkite.com/docs/pipelines/environment-variables. BUILDKITE_COMMIT is HEAD for builds that
// were started by hand.
func buildkite(j job) (Change, error) {
	head := j.getenv("BUILDKITE_COMMIT")
	if head != "HEAD" {
		id, err := j.commit("BUILDKITE_COMMIT")
		if err != nil {
			return Change{}, err
		}
		head = id
	}
	main := j.getenv("BUILDKITE_PIPELINE_DEFAULT_BRANCH")
	switch request, target := j.getenv("BUILDKITE_PULL_REQUEST"), j.getenv("BUILDKITE_PULL_REQUEST_BASE_BRANCH"); {
	case request != "" && request != "false":
		if target == "" {
			return Change{}, errors.New("BUILDKITE_PULL_REQUEST_BASE_BRANCH is not set")
		}
		return Change{Event: "pull request", Head: head, Base: []string{onHost(target)}}, nil
	case j.getenv("BUILDKITE_TAG") != "":
		return tag("tag", j.getenv("BUILDKITE_TAG"), main), nil
	}
	return branch("branch", head, main), nil
}
