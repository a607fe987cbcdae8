//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain makes the test binary the program that is measured when its first argument says so:
//
//	helper exit N            ends with code N and a line on standard error
//	helper burn N            uses N milliseconds of CPU
//	helper hold N            holds N megabytes
//	helper parent COMMAND N  runs "helper COMMAND N" and waits for it
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "helper" {
		os.Exit(help(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func help(args []string) int {
	n, _ := strconv.Atoi(args[len(args)-1])
	switch args[0] {
	case "exit":
		_, _ = io.WriteString(os.Stderr, "first line\nwhat went wrong\n\n")
		return n
	case "burn":
		for used := time.Duration(0); used < time.Duration(n)*time.Millisecond; used = ownCPU() {
		}
	case "hold":
		held := make([]byte, n<<20)
		for i := 0; i < len(held); i += 512 {
			held[i] = 1
		}
		runtime.KeepAlive(held)
	case "parent":
		self, _ := os.Executable()
		if exec.Command(self, append([]string{"helper"}, args[1:]...)...).Run() != nil {
			return 1
		}
	}
	return 0
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func helper(t *testing.T, found []int, args ...string) *contender {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &contender{
		tool:     tool{name: "helper", program: self, found: found, report: stdout},
		commands: [][]string{append([]string{"helper"}, args...)},
	}
}

func TestRunMeasures(t *testing.T) {
	for _, c := range []struct {
		args []string
		cpu  time.Duration // at least
		peak int64         // at least, in bytes
		exit int
		fail string
	}{
		{[]string{"exit", "0"}, 0, 1, 0, ""},
		{[]string{"exit", "3"}, 0, 1, 3, ""},
		{[]string{"exit", "4"}, 0, 0, 0, "exit code 4: what went wrong"},
		{[]string{"burn", "50"}, 50 * time.Millisecond, 1, 0, ""},
		{[]string{"parent", "burn", "50"}, 50 * time.Millisecond, 1, 0, ""},
		{[]string{"hold", "100"}, 0, 100 << 20, 0, ""},
		{[]string{"parent", "hold", "100"}, 0, 100 << 20, 0, ""},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			s, err := helper(t, []int{3}, c.args...).run(context.Background(), t.TempDir())
			if c.fail != "" {
				if err == nil || err.Error() != c.fail {
					t.Fatalf("error %v, want %s", err, c.fail)
				}
				return
			}
			if err != nil || s.cpu < c.cpu || s.peak < c.peak || s.exit != c.exit {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

func TestRunAddsUpSeveralProcesses(t *testing.T) {
	c := helper(t, []int{3}, "burn", "50")
	c.commands = append(c.commands, c.commands[0], []string{"helper", "exit", "3"}, []string{"helper", "hold", "100"})
	s, err := c.run(context.Background(), t.TempDir())
	if err != nil || s.cpu < 100*time.Millisecond || s.peak < 100<<20 || s.exit != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestRunIsStopped(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, cause)
	defer cancel()
	if _, err := helper(t, nil, "burn", "600000").run(ctx, t.TempDir()); !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
}

func TestRunOfAMissingProgram(t *testing.T) {
	c := &contender{tool: tool{program: filepath.Join(t.TempDir(), "none")}, commands: [][]string{{}}}
	if s, err := c.run(context.Background(), t.TempDir()); err == nil {
		t.Errorf("%+v without an error", s)
	}
}

func TestRunStartsInAnEmptyDirectory(t *testing.T) {
	work := t.TempDir()
	if err := os.MkdirAll(filepath.Join(work, "old", "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := helper(t, nil, "exit", "0").run(context.Background(), work); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(work)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	if !slices.Equal(names, []string{"stderr", "stdout"}) {
		t.Errorf("it holds %q", names)
	}
}
