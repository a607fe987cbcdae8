package hook_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/cmd/keysieve/internal/hook"
)

// snapshot lists a directory: names, modes, times and contents.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		text := ""
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			text, err = os.Readlink(path)
		case info.Mode().IsRegular():
			var data []byte
			data, err = os.ReadFile(path)
			text = fmt.Sprintf("%s %q", info.ModTime(), data)
		}
		fmt.Fprintf(&b, "%s %s %s\n", path, info.Mode(), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whatever was there, installing twice is installing once, and uninstalling gives it back.
func TestInstallAndUninstall(t *testing.T) {
	cases := []struct {
		name    string
		prepare func(path string) error
		chained bool
	}{
		{"nothing", func(string) error { return nil }, false},
		{"hook", func(p string) error { return os.WriteFile(p, []byte("#!/bin/sh\nexit 0\n\x00\xff"), 0o750) }, true},
		{"not executable", func(p string) error { return os.WriteFile(p, []byte("x"), 0o640) }, true},
		{"link", func(p string) error { return os.Symlink("../elsewhere", p) }, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := hook.Dir{Path: t.TempDir(), Program: "/opt/it's/keysieve"}
			if err := c.prepare(filepath.Join(d.Path, "pre-push")); err != nil {
				t.Skip(err)
			}
			before := snapshot(t, d.Path)
			s, changed, err := d.Install("pre-push")
			if err != nil || !changed || s.State != hook.Current || (s.Chained != "") != c.chained {
				t.Fatalf("%+v, changed %t: %v", s, changed, err)
			}
			after := snapshot(t, d.Path)
			if _, changed, err := d.Install("pre-push"); err != nil || changed || snapshot(t, d.Path) != after {
				t.Fatalf("installing again: changed %t: %v", changed, err)
			}
			d.Program = "/elsewhere/keysieve"
			if s, err := d.Status("pre-push"); err != nil || s.State != hook.Outdated {
				t.Fatalf("%+v: %v", s, err)
			}
			if s, changed, err := d.Install("pre-push"); err != nil || !changed || s.State != hook.Current || (s.Chained != "") != c.chained {
				t.Fatalf("%+v, changed %t: %v", s, changed, err)
			}
			if _, changed, err := d.Uninstall("pre-push"); err != nil || !changed {
				t.Fatalf("uninstalling: changed %t: %v", changed, err)
			}
			if got := snapshot(t, d.Path); got != before {
				t.Fatalf("left:\n%s\nwas:\n%s", got, before)
			}
			if _, changed, err := d.Uninstall("pre-push"); err != nil || changed {
				t.Fatalf("uninstalling again: changed %t: %v", changed, err)
			}
		})
	}
}

// An interruption between two steps leaves a hook moved aside and none in its place.
func TestInterrupted(t *testing.T) {
	for _, install := range []bool{true, false} {
		d := hook.Dir{Path: t.TempDir(), Program: "/keysieve"}
		path := filepath.Join(d.Path, "pre-commit")
		if err := os.WriteFile(path+".keysieve-chained", []byte("x"), 0o700); err != nil {
			t.Fatal(err)
		}
		if install {
			if s, _, err := d.Install("pre-commit"); err != nil || s.State != hook.Current || s.Chained == "" || !s.Runs {
				t.Fatalf("%+v: %v", s, err)
			}
		}
		if s, _, err := d.Uninstall("pre-commit"); err != nil || s.State != hook.Foreign || s.Chained != "" {
			t.Fatalf("%+v: %v", s, err)
		}
	}
}

// A hook that another tool has put in the place of ours is neither lost nor moved.
func TestReplacedByAnother(t *testing.T) {
	d := hook.Dir{Path: t.TempDir(), Program: "/keysieve"}
	path := filepath.Join(d.Path, "pre-commit")
	for _, p := range []string{path, path + ".keysieve-chained"} {
		if err := os.WriteFile(p, []byte(p), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	before := snapshot(t, d.Path)
	if _, _, err := d.Install("pre-commit"); err == nil {
		t.Error("installed")
	}
	if _, _, err := d.Uninstall("pre-commit"); err == nil {
		t.Error("uninstalled")
	}
	if got := snapshot(t, d.Path); got != before {
		t.Errorf("left:\n%s\nwas:\n%s", got, before)
	}
	if err := os.Mkdir(filepath.Join(d.Path, "commit-msg"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Install("commit-msg"); err == nil {
		t.Error("installed in the place of a directory")
	}
	if _, _, err := d.Install("post-commit"); err == nil {
		t.Error("installed a hook that there is no script for")
	}
}
