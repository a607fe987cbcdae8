//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keysieve/keysieve/rules/rulestest"
)

// importHistory makes a repository of what git fast-import is given.
func importHistory(t *testing.T, input string, settings ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repo")
	git(t, filepath.Dir(dir), "init", "-q", dir)
	cmd := exec.Command("git", append(settings, "fast-import", "--quiet")...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull}, gitEnvironment...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// commitOf is a commit for git fast-import with files, given as names and contents by turns.
func commitOf(branch string, n int, files ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "commit refs/heads/%s\ncommitter C <c@example.com> %d +0000\ndata 7\nmessage\n", branch, 1_700_000_000+n)
	for i := 0; i < len(files); i += 2 {
		fmt.Fprintf(&b, "M 644 inline %s\ndata %d\n%s\n", files[i], len(files[i+1]), files[i+1])
	}
	return b.String()
}

// made expands a template.
func made(t *testing.T, template, seed string) string {
	t.Helper()
	example, err := rulestest.Expand(template, seed)
	if err != nil {
		t.Fatal(err)
	}
	return example.Text
}

func TestHistoryIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	var input strings.Builder
	for i := range 60 {
		text := filler(i*997%20_000) + made(t, "a: {{=github ghp_}}\nb = \"{{=npm}}\"\n", fmt.Sprint(i/3)) + filler(i*31)
		input.WriteString(commitOf([]string{"main", "other", "third"}[i%3], i, fmt.Sprintf("dir/%d.txt", i%11), text, fmt.Sprintf("f%d", i), text))
	}
	dir := importHistory(t, input.String())
	git(t, dir, "repack", "-adfq", "--depth=50")
	for _, format := range []string{"text", "json"} {
		var first string
		for i, n := range []struct{ processors, workers string }{{"1", "1"}, {"2", "2"}, {"8", "7"}, {"8", "1"}, {"1", "7"}} {
			cmd := program(t, dir, "history", "--workers", n.workers, "--format", format)
			cmd.Env = append(cmd.Env, "GOMAXPROCS="+n.processors)
			out, _ := cmd.CombinedOutput()
			got := untimed(string(out))
			if i == 0 {
				first = got
			}
			if code := cmd.ProcessState.ExitCode(); got != first || code != exitFindings {
				t.Errorf("%s with %+v differs from that with one: exit code %d, %d and %d bytes", format, n, code, len(got), len(first))
			}
		}
	}
}

// A scan of a history stops when it is told to, and leaves nothing behind.
func TestHistorySignals(t *testing.T) {
	var input strings.Builder
	for i := range 100 { // of a size that is searched in much less than patience even with the race detector
		input.WriteString(commitOf("main", i, "f", made(t, "a: {{=github ghp_}}\n", "x")+fmt.Sprint(i)+filler(1_000_000)+made(t, "{{:40:hex}}\n", fmt.Sprint(i))))
	}
	dir := importHistory(t, input.String(), "-c", "core.compression=0")
	for _, test := range []struct {
		signal os.Signal
		code   int
	}{
		{os.Interrupt, exitInterrupted},
		{syscall.SIGTERM, exitTerminated},
	} {
		report := filepath.Join(t.TempDir(), "report.json")
		cmd := program(t, dir, "history", "--format", "json", "-o", report)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for { // until it has begun
			if temporary, _ := filepath.Glob(filepath.Join(filepath.Dir(report), ".keysieve-*")); len(temporary) == 1 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
		told := time.Now()
		if err := cmd.Process.Signal(test.signal); err != nil {
			t.Fatal(err)
		}
		hung := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		hung.Stop()
		code := cmd.ProcessState.ExitCode()
		t.Logf("%v: %v", test.signal, time.Since(told))
		if code == exitFindings {
			t.Log("it was over before it was told to stop")
			continue
		}
		if code != test.code {
			t.Errorf("%v: exit code %d, want %d: %s", test.signal, code, test.code, &stderr)
		}
		if _, err := os.Stat(report); err == nil {
			t.Errorf("%v: there is a report", test.signal)
		}
		wantNoTemp(t, report, false)
	}
}

// TestHugeBlob scans a history with a file of 2.2 GB, which is too large. It runs when KEYSIEVE_LONG is set: git takes long to
// store the file.
func TestHugeBlob(t *testing.T) {
	if os.Getenv("KEYSIEVE_LONG") == "" {
		t.Skip("KEYSIEVE_LONG is not set")
	}
	dir := importHistory(t, commitOf("main", 0, "small", made(t, "a: {{=github ghp_}}\n", "small")))
	huge := filepath.Join(t.TempDir(), "huge")
	f, err := os.Create(huge)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(2_200_000_000); err != nil {
		t.Fatal(err)
	}
	f.Close()
	blob := git(t, dir, "hash-object", "-w", huge)
	git(t, dir, "update-index", "--add", "--cacheinfo", "100644,"+blob+",huge")
	git(t, dir, "update-ref", "refs/heads/huge", git(t, dir, "commit-tree", "-m", "m", "-p", "main", git(t, dir, "write-tree")))
	for _, how := range []string{"loose", "packed"} {
		cmd := program(t, dir, "history")
		out, _ := cmd.CombinedOutput()
		t.Logf("%s: %v of CPU", how, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		if code := cmd.ProcessState.ExitCode(); code != exitIncomplete || !strings.Contains(string(out), "huge: ") || !strings.Contains(string(out), "1 finding") {
			t.Errorf("%s: exit code %d: %s", how, code, out)
		}
		git(t, dir, "-c", "core.bigFileThreshold=100m", "repack", "-adq")
	}
}
