package gittest

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
	"github.com/keysieve/keysieve/gitscan/internal/repo"
	"github.com/keysieve/keysieve/gitscan/internal/staged"
)

// hookOutput is a variable that names a file; with it, this program is a hook that writes what it sees as staged.
const hookOutput = "KEYSIEVE_TEST_HOOK_OUTPUT"

func TestMain(m *testing.M) {
	if output := os.Getenv(hookOutput); output != "" {
		run := runHook
		if len(os.Args) > 1 && os.Args[1] == "pre-receive" {
			run = runReceiveHook
		}
		if err := run(output); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runHook(output string) error {
	found, err := repo.Discover(".", os.Getenv)
	if err != nil {
		return err
	}
	objects, err := found.Objects()
	if err != nil {
		return err
	}
	defer objects.Close()
	list, err := ourChanges(found, objects, staged.Options{})
	if err != nil {
		return err
	}
	if err := os.WriteFile(output, []byte(strings.Join(list, "\n")), 0o600); err != nil {
		return err
	}
	return writeScan(output+".scan", (*gitscan.Repository).Staged)
}

// runReceiveHook is a pre-receive hook that writes what it would scan.
func runReceiveHook(output string) error {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var updates []gitscan.Update
	for line := range strings.Lines(string(input)) {
		f := strings.Fields(line)
		updates = append(updates, gitscan.Update{RemoteID: f[0], LocalID: f[1], RemoteRef: f[2]})
	}
	return writeScan(output, func(r *gitscan.Repository, ctx context.Context) iter.Seq2[detect.Fragment, error] {
		return r.Receive(ctx, updates)
	})
}

// writeScan writes "PATH: LAST LINE" of each fragment of the repository that the environment leads to.
func writeScan(output string, sequence func(*gitscan.Repository, context.Context) iter.Seq2[detect.Fragment, error]) error {
	opened, err := gitscan.Open(".", os.Getenv, gitscan.Options{})
	if err != nil {
		return err
	}
	defer opened.Close()
	var lines []string
	for f, err := range sequence(opened, context.Background()) {
		if err == nil && f.Load != nil {
			f, err = f.Load(new([]byte))
		}
		if err != nil {
			return err
		}
		if f.Origin.Path == gitscan.CommitHeader || f.Origin.Path == gitscan.TagHeader {
			continue // there is one for each message
		}
		text := strings.TrimSpace(string(f.Data))
		lines = append(lines, f.Origin.Path+": "+text[strings.LastIndexByte(text, '\n')+1:])
	}
	slices.Sort(lines)
	return os.WriteFile(output, []byte(strings.Join(lines, "\n")), 0o600)
}

// In the environment and the state in which git runs a hook, the staged changes are those that git sees there.
func TestInHook(t *testing.T) {
	cases := []struct {
		name    string
		dir     string
		env     []string
		prepare []string // a git command before the commit
		commit  []string
		want    string // the letters and paths of the changes
	}{
		{"commit", ".", nil, nil, []string{"-m", "x"}, "M staged"},
		{"commit -a", ".", nil, nil, []string{"-a", "-m", "x"}, "M dir/changed,M staged"},
		{"commit -i", ".", nil, nil, []string{"-m", "x", "-i", "dir/changed"}, "M dir/changed,M staged"},
		{"commit path", ".", nil, nil, []string{"-m", "x", "--", "dir/changed"}, "M dir/changed"},
		{"commit path from a sub-directory", "dir", nil, nil, []string{"-m", "x", "--", "changed"}, "M dir/changed"},
		{"amend", ".", nil, nil, []string{"--amend", "-m", "x"}, "M staged"},
		{"amend path", ".", nil, nil, []string{"--amend", "-m", "x", "--", "dir/changed"}, "M dir/changed"},
		{"split index", ".", nil, []string{"update-index", "--split-index"}, []string{"-a", "-m", "x"}, "M dir/changed,M staged"},
		{"version 4", ".", nil, []string{"update-index", "--index-version", "4"}, []string{"-m", "x", "--", "dir/changed"}, "M dir/changed"},
		{"intended", ".", nil, []string{"add", "-N", "new"}, []string{"-m", "x"}, "M staged"},
		{"GIT_DIR and GIT_WORK_TREE", "..", []string{"GIT_DIR=r/.git", "GIT_WORK_TREE=r"}, nil, []string{"-a", "-m", "x"}, "M dir/changed,M staged"},
		{"linked worktree", "linked", nil, nil, []string{"-a", "-m", "x"}, "M staged"},
		{"sub-directory of a linked worktree", "linked/dir", nil, nil, []string{"-m", "x", "--", "../staged"}, "M staged"},
		{"submodule", "module", nil, nil, []string{"-a", "-m", "x"}, "M staged"},
		{"first commit", "fresh", nil, []string{"add", "-A"}, []string{"-m", "x"}, "A first"},
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			base := t.TempDir()
			output := filepath.Join(base, "output")
			hooks := filepath.Join(base, "hooks")
			script := fmt.Sprintf("#!/bin/sh\ngit %s >'%s.git' && exec '%s'\n", strings.Join(diffCached, " "), output, program)
			r := &repository{t: t, dir: base}
			r.write("r/staged", "1", "r/dir/changed", "1", "r/other", "1")
			r.dir = filepath.Join(base, "r")
			r.git("init", "-q", "-b", "main")
			r.commit()
			r.git("worktree", "add", "-q", "linked")
			r.git("submodule", "add", "-q", r.dir, "module")
			r.git("init", "-q", "fresh")
			r.write(".gitignore", "linked\nfresh\n")
			r.commit()
			r.write("staged", "2", "linked/staged", "2", "module/staged", "2", "fresh/first", "1", "dir/changed", "2", "new", "1")
			r.git("add", "staged")
			in := r.in(c.dir, c.env...)
			if len(c.prepare) > 0 {
				in.git(c.prepare...)
			}
			r.write("../hooks/pre-commit", script)
			if err := os.Chmod(filepath.Join(hooks, "pre-commit"), 0o700); err != nil {
				t.Fatal(err)
			}
			in.env = append(in.env, hookOutput+"="+output)
			in.git(append([]string{"-c", "core.hooksPath=" + hooks, "commit", "-q"}, c.commit...)...)
			checkHook(t, output, c.want)
		})
	}
}

func checkHook(t *testing.T, output, summary string) {
	t.Helper()
	raw, err := os.ReadFile(output + ".git")
	if err != nil {
		t.Fatal(err)
	}
	want, err := parseChanges(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(string(text), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	var letters []string
	for _, line := range got {
		fields := strings.Fields(line)
		letters = append(letters, strings.ReplaceAll(strings.Join(fields[len(fields)-2:], " "), `"`, ""))
	}
	if scanned, err := os.ReadFile(output + ".scan"); err != nil || strings.Count(string(scanned), ":") != len(got) {
		t.Errorf("scanned %q, %v", scanned, err)
	}
	slices.Sort(letters)
	if got := strings.Join(letters, ","); got != summary {
		t.Errorf("changes %q, want %q", got, summary)
	}
}

// A server's hook sees what is pushed before it is let in, in a directory of its own.
func TestReceiveHook(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	server := newRepository(t, "--bare")
	output := filepath.Join(t.TempDir(), "output")
	server.write("hooks/pre-receive", fmt.Sprintf("#!/bin/sh\n%s='%s' exec '%s' pre-receive\n", hookOutput, output, program))
	if err := os.Chmod(filepath.Join(server.dir, "hooks", "pre-receive"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := newRepository(t, "--template=")
	r.git("remote", "add", "origin", server.dir)
	steps := []struct{ name, script, want string }{
		{"first push", "a: 1\n add a\n commit -q -m first\n push -q origin main", "(commit message): first\na: 1"},
		{"update", "a: 1|2\n commit -q -a -m second\n push -q origin main", "(commit message): second\na: 2"},
		{"new branch", "checkout -q -b side\n b: 3\n add b\n commit -q -m third\n push -q origin side", "(commit message): third\nb: 3"},
		{"merge of what is there", "checkout -q main\n merge -q --no-ff -m fourth side\n push -q origin main", "(commit message): fourth"},
		{"several, with a tag", "c: 4\n add c\n commit -q -m fifth\n tag -a -m tagged v1\n push -q origin main v1 :side",
			"(commit message): fifth\n(tag message): tagged\nc: 4"},
		{"deleted", "push -q origin :v1", ""},
	}
	for _, step := range steps {
		r.do(step.script)
		got, err := os.ReadFile(output)
		if err != nil || string(got) != step.want {
			t.Errorf("%s: %q, %v; want %q", step.name, got, err, step.want)
		}
	}
}
