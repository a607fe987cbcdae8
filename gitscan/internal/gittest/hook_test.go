package gittest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/repo"
	"github.com/keysieve/keysieve/gitscan/internal/staged"
)

// hookOutput is a variable that names a file; with it, this program is a hook that writes what it sees as staged.
const hookOutput = "KEYSIEVE_TEST_HOOK_OUTPUT"

func TestMain(m *testing.M) {
	if output := os.Getenv(hookOutput); output != "" {
		if err := runHook(output); err != nil {
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
	return os.WriteFile(output, []byte(strings.Join(list, "\n")), 0o600)
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
	slices.Sort(letters)
	if got := strings.Join(letters, ","); got != summary {
		t.Errorf("changes %q, want %q", got, summary)
	}
}
