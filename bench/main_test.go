package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// fakeKeysieve writes a program that behaves like Keysieve's command line as far as bench looks at it.
func fakeKeysieve(t *testing.T, exit int) string {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a shell")
	}
	script := `#!/bin/sh
case "$1" in
version) echo fake 1.0 ;;
help) [ "$2" = scan ] ;;
scan)
	echo '{"rule":"a"}'
	echo '{"summary":{"findings":{"total":7},"coverage":[{"name":"scanned","unit":"files","value":2},{"name":"scanned","unit":"bytes","value":6}]}}'
	exit ` + strconv.Itoa(exit) + ` ;;
esac
`
	path := filepath.Join(t.TempDir(), "keysieve")
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	dir := writeFiles(t, map[string]string{"a": "12", "sub/b": "3456", ".git/config": "x"})
	fake, broken := fakeKeysieve(t, 1), fakeKeysieve(t, 2)
	for _, c := range []struct {
		name string
		args []string
		want string // in the output
		fail string // in the error
	}{
		{"tree", []string{"-keysieve", fake, dir}, "tree " + dir + ": 2 files, 0.000006 MB; rounds: 2", ""},
		{"findings and command", []string{"-keysieve", fake, dir}, "       7     1  " + fake + " scan --format jsonl --no-gitignore " + dir + " > stdout\n", ""},
		{"coverage", []string{"-keysieve", fake, dir}, "keysieve says it scanned 2 files, 0.000006 MB.", ""},
		{"version", []string{"-keysieve", fake, dir}, "Versions: keysieve fake 1.0", ""},
		{"file", []string{"-keysieve", fake, dir + "/a"}, "file " + dir + "/a: 1 file,", ""},
		{"stdin", []string{"-keysieve", fake, dir + "/a"}, " scan --format jsonl - < " + dir + "/a > stdout\n", ""},
		{"one", []string{"-keysieve", fake, "-mode", "one", dir + "/a"}, "one " + dir + "/a: 1 file,", ""},
		{"markdown", []string{"-keysieve", fake, "-md", dir}, "|---|---:|", ""},
		{"tree that is a file", []string{"-keysieve", fake, "-mode", "tree", dir + "/a"}, "", "does not fit"},
		{"keysieve fails", []string{"-keysieve", broken, dir}, "keysieve failed and is not timed: exit code 2", "exit code 2"},
		{"no keysieve", []string{"-keysieve", dir + "/none", dir}, "", "cannot be run"},
		{"no target", []string{"-keysieve", fake}, "", "nothing to measure"},
		{"one target missing, one not", []string{"-keysieve", fake, dir + "/none", dir}, "tree " + dir, "none"},
		{"unknown tool", []string{"-keysieve", fake, "-tools", "dog", dir}, "", `no tool "dog"`},
		{"unknown mode", []string{"-keysieve", fake, "-mode", "dog", dir}, "", `no mode "dog"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			args := append([]string{"-n", "2", "-tools", "cat"}, c.args...)
			err := run(context.Background(), args, &out, io.Discard)
			if (err == nil) != (c.fail == "") || err != nil && !strings.Contains(err.Error(), c.fail) {
				t.Errorf("error %v, want %q", err, c.fail)
			}
			if !strings.Contains(out.String(), c.want) {
				t.Errorf("no %q in\n%s", c.want, out.String())
			}
		})
	}
}

// writeFiles creates a directory and returns its resolved path.
func writeFiles(t *testing.T, files map[string]string) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
