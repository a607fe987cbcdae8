//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/rules/rulestest"
)

// canaries are programs that other scanners start, or that a repository can ask for. Each writes a file when it is run.
var canaries = []string{
	"git", "sh", "bash", "env", "cat", "less", "more", "grep", "sed", "ssh", "gpg", "gpgsm", "true", "false", "vi", "curl", "keysieve",
	"git-remote-ext", "git-lfs", "hg", "pager",
}

// No command starts a process, whatever the repository asks for; and without git on the PATH all is the same.
func TestNoProcessIsStarted(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	witness := filepath.Join(dir, "witness")
	bin := filepath.Join(dir, "bin")
	canary := fmt.Sprintf("#!/bin/sh\necho \"$0 $*\" >>'%s'\n", witness)
	for _, name := range canaries {
		writeProgram(t, filepath.Join(bin, name), canary)
	}
	repo, head := hostileRepository(t, filepath.Join(dir, "repo"), filepath.Join(bin, "canary"), canary)
	_, _ = tryGit(repo, "status")
	if err := os.Remove(witness); err != nil {
		t.Fatalf("the bait is not taken by git either: %v", err)
	}
	zero := strings.Repeat("0", 40)
	cases := []struct {
		input string
		code  int
		args  []string
	}{
		{"", exitFindings, []string{"staged"}},
		{"", exitFindings, []string{"hook", "run"}},
		{"", exitFindings, []string{"hook", "run", "--pre-commit"}},
		{"", exitFindings, []string{"hook", "run", "--pre-merge-commit"}},
		{"", exitClean, []string{"hook", "run", "--commit-msg", ".git/COMMIT_EDITMSG"}},
		{"refs/heads/main " + head + " refs/heads/main " + zero + "\n", exitIncomplete, []string{"hook", "run", "--pre-push", "--", "origin", "ext::x"}}, // as for HEAD~2
		{zero + " " + head + " refs/heads/new\n", exitClean, []string{"hook", "run", "--pre-receive"}},
		{"", exitIncomplete, []string{"diff", "HEAD~2"}}, // a partial clone's blob is missing
		{"", exitFindings, []string{"diff", "HEAD~1"}},
		{"", exitIncomplete, []string{"history"}}, // as for HEAD~2
		{"", exitIncomplete, []string{"history", "--reflog", "--all-objects", "--workers", "1"}},
		{"", exitFindings, []string{"scan", "."}},
		{"", exitClean, []string{"hook", "status"}},
		{"", exitClean, []string{"hook", "install"}},
	}
	strace, _ := exec.LookPath("strace")
	for _, c := range cases {
		name := strings.Join(c.args, " ")
		run := func(path, trace string) string {
			cmd := program(t, repo, c.args...)
			if trace != "" {
				// The program is called by a link, from whose name it knows what to be.
				link := filepath.Join(dir, "keysieve")
				if _, err := os.Lstat(link); err != nil {
					if err := os.Symlink(cmd.Path, link); err != nil {
						t.Fatal(err)
					}
				}
				cmd = exec.Command(strace, append([]string{"-f", "-qq", "-e", "trace=execve,execveat", "-o", trace, link}, c.args...)...)
				cmd.Dir = repo
			}
			cmd.Env = []string{"PATH=" + path, "TMPDIR=" + t.TempDir(), "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "PAGER=pager", "GIT_PAGER=pager", "EDITOR=vi"}
			cmd.Stdin = strings.NewReader(c.input)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			_ = cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("%s: exit code %d, want %d:\n%s", name, code, c.code, &out)
			}
			return untimed(out.String())
		}
		usual := run(os.Getenv("PATH"), "")
		if got := run(bin, ""); got != usual {
			t.Errorf("%s: with canaries on the PATH it says\n%s\nelse\n%s", name, got, usual)
		}
		if got := run(filepath.Join(dir, "nothing"), ""); got != usual {
			t.Errorf("%s: with nothing on the PATH it says\n%s\nelse\n%s", name, got, usual)
		}
		if strace != "" {
			trace := filepath.Join(dir, "trace")
			run(bin, trace)
			if calls := readFile(t, trace); strings.Count(calls, "execve") != 1 {
				t.Errorf("%s: %s", name, calls)
			}
		}
		if told, err := os.ReadFile(witness); err == nil {
			t.Fatalf("%s started %s", name, told)
		}
	}
}

func writeProgram(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// tryGit runs git with an environment of its own.
func tryGit(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull}, gitEnvironment...)
	return cmd.CombinedOutput()
}

// git runs git, which has to succeed.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := tryGit(dir, args...)
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// hostileRepository makes a repository that asks for a program in every way that git knows, with a secret staged, one in
// the last commit and a blob missing from the one before, which a remote has promised to run a program for. It returns its
// directory and the last commit.
func hostileRepository(t *testing.T, dir, program, text string) (repo, head string) {
	t.Helper()
	writeProgram(t, program, text)
	git(t, filepath.Dir(dir), "init", "-q", dir)
	secret := func(seed string) string {
		example, err := rulestest.Expand("token={{=github ghp_}}\n", seed)
		if err != nil {
			t.Fatal(err)
		}
		return example.Text
	}
	commit := func(name, text string) {
		writeFile(t, filepath.Join(dir, name), text)
		git(t, dir, "add", "-A")
		git(t, dir, "commit", "-q", "-m", "x")
	}
	commit("first", "1\n")
	commit("missing", "promised\n")
	commit("known", secret("known"))
	blob := git(t, dir, "rev-parse", "HEAD:missing")
	if err := os.Remove(filepath.Join(dir, ".git/objects", blob[:2], blob[2:])); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "staged"), secret("staged"))
	git(t, dir, "add", "staged")
	head = git(t, dir, "rev-parse", "HEAD")
	writeFile(t, filepath.Join(dir, ".gitattributes"), "* diff=x filter=x merge=x text\n")
	var config strings.Builder
	for _, name := range []string{
		"core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass", "core.alternateRefsCommand",
		"sequence.editor", "gpg.program", "gpg.ssh.program", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.clean",
		"filter.x.smudge", "filter.x.process", "merge.x.driver", "credential.helper", "uploadpack.packObjectsHook",
		"interactive.diffFilter", "pager.diff", "alias.diff", "alias.staged", "browser.x.cmd",
	} {
		section, key := name[:strings.LastIndex(name, ".")], name[strings.LastIndex(name, ".")+1:]
		if top, sub, ok := strings.Cut(section, "."); ok {
			section = fmt.Sprintf("%s %q", top, sub)
		}
		fmt.Fprintf(&config, "[%s]\n\t%s = %q\n", section, key, program)
	}
	fmt.Fprintf(&config, "[remote \"origin\"]\n\turl = %q\n\tpromisor = true\n\tpartialclonefilter = blob:none\n", "ext::"+program)
	config.WriteString("[extensions]\n\tpartialClone = origin\n[core]\n\trepositoryFormatVersion = 1\n\tuntrackedCache = true\n")
	old := readFile(t, filepath.Join(dir, ".git/config"))
	writeFile(t, filepath.Join(dir, ".git/config"), old+config.String())
	for _, hook := range []string{"post-index-change", "pre-commit", "pre-push", "post-checkout", "reference-transaction", "fsmonitor-watchman"} {
		writeProgram(t, filepath.Join(dir, ".git/hooks", hook), text)
	}
	return dir, head
}
