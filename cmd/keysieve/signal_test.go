//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// program returns the command that runs keysieve as a process of its own, in dir.
func program(t *testing.T, dir string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"keysieve"}, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}
	return cmd
}

// A run that waits for standard input stops when it is told to, and leaves the older report as it was.
func TestSignals(t *testing.T) {
	for _, test := range []struct {
		signal os.Signal
		code   int
	}{
		{os.Interrupt, exitInterrupted},
		{syscall.SIGTERM, exitTerminated},
	} {
		for _, older := range []string{"", "older report\n"} {
			dir := t.TempDir()
			report := filepath.Join(dir, "report.json")
			if older != "" {
				writeFile(t, report, older)
			}
			cmd := program(t, dir, "scan", "--format", "json", "-o", "report.json", "-")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(stdin, filler(9_000_000)); err != nil { // more than it reads before it has begun
				t.Fatal(err)
			}
			if temporary, _ := filepath.Glob(filepath.Join(dir, ".keysieve-*")); len(temporary) != 1 {
				t.Errorf("while the report is written there are %q beside it", temporary)
			}
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			hung := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait()
			hung.Stop()
			if code := cmd.ProcessState.ExitCode(); code != test.code {
				t.Errorf("%v: exit code %d, want %d: %s", test.signal, code, test.code, &stderr)
			}
			if got := readFile(t, report); got != older {
				t.Errorf("%v: the report is %q", test.signal, got)
			}
			wantNoTemp(t, report, older != "")
		}
	}
}

// Who reads the beginning of a report only, as head does, need not hear about it.
func TestBrokenPipe(t *testing.T) {
	for _, format := range []string{"text", "json", "jsonl"} {
		cmd := program(t, secretTree(t), "scan", "--format", format, ".")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
			t.Error(err)
		}
		_ = stdout.Close()
		_ = cmd.Wait()
		if stderr.Len() > 0 {
			t.Errorf("%s: %s", format, &stderr)
		}
		if cmd.ProcessState.ExitCode() == exitClean {
			t.Errorf("%s: exit code 0 although there are findings", format)
		}
	}
}
