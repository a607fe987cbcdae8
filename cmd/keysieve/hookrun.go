package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/keysieve/keysieve/cmd/keysieve/internal/hook"
	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
	"github.com/keysieve/keysieve/report"
)

// run scans what the hook that is running is about.
func (o *hookOptions) run(ctx context.Context, env environment, args []string) error {
	if o.global {
		return &usageError{"hook", errors.New("hook run has no --global")}
	}
	name, err := o.hook()
	if err != nil {
		return err
	}
	if name != "pre-receive" && slices.Contains(strings.Split(env.getenv("SKIP"), ","), "keysieve") {
		complain(env, errors.New("skipped, as SKIP says: nothing was checked"))
		return nil
	}
	if name == "" {
		name, args, err = o.recognise(ctx, &env, args)
		if err != nil {
			return err
		}
	}
	repo, err := o.open(env)
	if err != nil {
		return err
	}
	defer repo.Close()
	j, err := hookJob(ctx, env, repo, name, args)
	if err != nil {
		return err
	}
	j.command, j.quiet = "hook run", o.quiet
	return o.scan(ctx, env, repo, j)
}

// hook returns the name of the hook that the flags say is running, "" if they do not.
func (o *hookOptions) hook() (string, error) {
	found := ""
	_, all := hook.Names()
	for _, name := range all {
		if *o.named[name] {
			if found != "" {
				return "", &usageError{"hook", fmt.Errorf("--%s and --%s: only one hook can be running", found, name)}
			}
			found = name
		}
	}
	return found, nil
}

// Ways that a hook framework has of saying what it is about, beside those that git has. They take the place of a hook's
// name.
const (
	pushOfUnknown  = "a push of which the refs are not known"
	frameworkRange = "a range of commits"
	trackedFiles   = "all tracked files"
)

// recognise finds out what is running, from what git or a framework says. It returns the name of a hook or one of the
// constants above, with the arguments that belong to it; and what it has read from standard input, env gives again.
func (o *hookOptions) recognise(ctx context.Context, env *environment, args []string) (string, []string, error) {
	input, err := givenInput(ctx, env.stdin)
	if err != nil {
		return "", nil, err
	}
	env.stdin = bytes.NewReader(input)
	remote, from, to := env.getenv("PRE_COMMIT_REMOTE_NAME"), env.getenv("PRE_COMMIT_FROM_REF"), env.getenv("PRE_COMMIT_TO_REF")
	first, _, _ := strings.Cut(string(input), "\n")
	switch fields := len(strings.Fields(first)); {
	case fields >= 4:
		if len(args) == 0 {
			args = []string{remote}
		}
		return "pre-push", args, nil
	case fields == 3:
		return "pre-receive", nil, nil
	case fields > 0:
		return "", nil, &usageError{"hook", errors.New("standard input is neither what git tells a pre-push hook nor a pre-receive hook: say which hook is running, as with --pre-commit")}
	case remote != "":
		return pushOfUnknown, []string{remote}, nil
	case from != "" && to != "":
		return frameworkRange, []string{from, to}, nil
	case len(args) == 1:
		return "commit-msg", args, nil
	case len(args) == 2: // what git gives to pre-push, but without the input
		return pushOfUnknown, args, nil
	case len(args) > 0:
		return "", nil, &usageError{"hook", fmt.Errorf("no hook has %d arguments: say which is running, as with --pre-commit", len(args))}
	}
	name, err := o.withoutCommit(ctx, *env)
	return name, nil, err
}

// withoutCommit decides what to scan when no commit may be under way: git sets GIT_INDEX_FILE when there is one. Then, with
// nothing staged, a framework has been asked to check everything.
func (o *hookOptions) withoutCommit(ctx context.Context, env environment) (string, error) {
	if env.getenv("GIT_INDEX_FILE") != "" {
		return "pre-commit", nil
	}
	repo, err := o.open(env)
	if err != nil {
		return "", err
	}
	defer repo.Close()
	for range repo.Staged(ctx) {
		return "pre-commit", nil
	}
	switch {
	case repo.Coverage().Enumerated.Files > 0:
		return "pre-commit", nil
	case env.getenv("CI") != "" || env.getenv("PRE_COMMIT") != "":
		complain(env, errors.New("nothing is staged: scanning all tracked files"))
		return trackedFiles, nil
	}
	complain(env, errors.New(`nothing is staged; "keysieve scan" looks at the files that are there`))
	return "pre-commit", nil
}

// hookJob returns the scan for a hook, without what is common to all.
func hookJob(ctx context.Context, env environment, repo *gitscan.Repository, name string, args []string) (job, error) {
	switch name {
	case "pre-commit":
		return job{fragments: repo.Staged(ctx), ways: commitWays("git commit")}, nil
	case "pre-merge-commit":
		return job{fragments: repo.Staged(ctx), ways: commitWays("git merge")}, nil
	case trackedFiles:
		return job{fragments: repo.Tracked(ctx), ways: commitWays("git commit")}, nil
	case "commit-msg":
		return messageJob(args)
	case frameworkRange:
		return job{
			fragments: repo.Range(ctx, args[1:], args[:1]), ways: pushWays(), roots: []string{args[0] + ".." + args[1]},
		}, nil
	case pushOfUnknown:
		return job{fragments: repo.Unpushed(ctx, args[0]), ways: pushWays(), roots: args[:1]}, nil
	}
	if !maySay(env.stdin) {
		return job{}, fmt.Errorf("git tells a %s hook on standard input what it is about, and there is none: have it passed on (in lefthook, use_stdin: true)", name)
	}
	input, err := readInput(env.stdin)
	if err != nil {
		return job{}, err
	}
	if name == "pre-receive" {
		updates, err := parseUpdates(string(input), parseReceived)
		return job{
			fragments: repo.Receive(ctx, updates), auditable: true,
			ways: &ways{where: "Take it out of the commit that brought it, not only in a new one: the commits are what is pushed."},
		}, err
	}
	updates, err := parseUpdates(string(input), parsePushed)
	remote := ""
	if len(args) > 0 {
		remote = args[0]
	}
	return job{fragments: repo.Push(ctx, updates, remote), ways: pushWays(), roots: args[:min(1, len(args))]}, err
}

// commitWays are the ways out of a command that makes a commit.
func commitWays(command string) *ways {
	return &ways{bypass: fmt.Sprintf("SKIP=keysieve %s …, or %s --no-verify", command, command)}
}

func pushWays() *ways {
	return &ways{
		where:  "Take it out of the commit that brought it (git commit --amend, git rebase -i), not only in a new one.",
		bypass: "SKIP=keysieve git push …, or git push --no-verify",
	}
}

// messageJob scans the file with a commit's message.
func messageJob(args []string) (job, error) {
	if len(args) != 1 {
		return job{}, &usageError{"hook", fmt.Errorf("commit-msg has one argument, the file with the message, not %d", len(args))}
	}
	text, err := readMessage(args[0])
	if err != nil {
		return job{}, err
	}
	message := detect.Fragment{Origin: detect.Origin{Path: gitscan.CommitMessage, Kind: detect.KindMessage}, Data: text}
	var one iter.Seq2[detect.Fragment, error] = func(yield func(detect.Fragment, error) bool) { yield(message, nil) }
	w := commitWays("git commit")
	w.where = "The message is still there: git commit -e -F " + args[0]
	coverage := []report.Counter{
		{Name: report.Scanned, Unit: "messages", Value: 1},
		{Name: report.Scanned, Unit: report.Bytes, Value: int64(len(text))},
	}
	return job{fragments: one, ways: w, coverage: func() []report.Counter { return coverage }}, nil
}

// readMessage reads the file that git gives to a commit-msg hook, without what git cuts off: "git commit -v" shows the
// change, with the secrets that it removes, below a line that githooks calls scissors.
func readMessage(path string) ([]byte, error) {
	text, err := readRegular(path, maxInput)
	if err != nil {
		return nil, err
	}
	const scissors = " ------------------------ >8 ------------------------\n"
	if i := bytes.Index(text, []byte(scissors)); i >= 0 && bytes.LastIndexByte(text[:i], '\n') == i-2 {
		text = text[:i-1] // the character before begins a comment, see core.commentChar
	}
	return text, nil
}

// maxInput bounds what is read of standard input and of a message, in bytes: some hundred thousand refs.
const maxInput = 64 << 20

func readInput(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(text) > maxInput {
		err = fmt.Errorf("more than %d bytes of input", maxInput)
	}
	return text, err
}

// inputPatience is how long standard input may stay open without a word. Git writes at once.
const inputPatience = 10 * time.Second

// givenInput reads standard input if it can be from git. Whoever calls may have left it open to something that never ends.
func givenInput(ctx context.Context, stdin io.Reader) ([]byte, error) {
	if !maySay(stdin) {
		return nil, nil
	}
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := readInput(stdin)
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(inputPatience):
		return nil, errors.New("standard input stays open and nothing comes: say which hook is running, as with --pre-commit, or close it with </dev/null")
	}
}

// maySay reports whether standard input can be from git: it is not when it is closed, a terminal or /dev/null.
func maySay(stdin io.Reader) bool {
	f, ok := stdin.(*os.File)
	if !ok {
		return true
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice == 0
}

// parseUpdates reads what git tells a hook about refs, a line each.
func parseUpdates(text string, parse func(string) (gitscan.Update, bool)) ([]gitscan.Update, error) {
	var updates []gitscan.Update
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			continue
		}
		u, ok := parse(line)
		if !ok {
			return nil, fmt.Errorf("standard input: %q is not how git tells a hook of a ref, see githooks(5)", line)
		}
		updates = append(updates, u)
	}
	return updates, nil
}

// parsePushed reads a line for pre-push: local ref, local id, remote ref, remote id. The local ref is as the user wrote it
// and may have spaces, as in HEAD@{1 day ago}.
func parsePushed(line string) (u gitscan.Update, ok bool) {
	fields := strings.Split(line, " ")
	n := len(fields) - 3
	if n < 1 || !isID(fields[n]) || !isID(fields[n+2]) {
		return u, false
	}
	return gitscan.Update{
		LocalRef: strings.Join(fields[:n], " "), LocalID: fields[n], RemoteRef: fields[n+1], RemoteID: fields[n+2],
	}, true
}

// parseReceived reads a line for pre-receive: old id, new id, ref.
func parseReceived(line string) (u gitscan.Update, ok bool) {
	fields := strings.Split(line, " ")
	if len(fields) != 3 || !isID(fields[0]) || !isID(fields[1]) {
		return u, false
	}
	return gitscan.Update{RemoteID: fields[0], LocalID: fields[1], RemoteRef: fields[2]}, true
}

// isID reports whether text is an object's id.
func isID(text string) bool {
	return len(text) == 40 && strings.Trim(text, "0123456789abcdef") == ""
}
