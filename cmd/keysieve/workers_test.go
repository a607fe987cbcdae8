package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/rules/rulestest"
)

// secretTree makes a tree of a few hundred files, many of them with secrets, some large.
func secretTree(t *testing.T) string {
	dir := t.TempDir()
	for i := range 300 {
		sub := filepath.Join(dir, fmt.Sprintf("%d", i%7), fmt.Sprintf("%d", i%5))
		if err := os.MkdirAll(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		text := filler(i * 37)
		if i%3 == 0 {
			text += "\na: {{=github ghp_}}\nb = \"{{=npm}}\"\nc: {{=github ghp_}}, {{xoxb-:12:digit}}{{-:13:digit}}{{-:24:alnum}}\n"
		}
		if i%100 == 0 {
			text += filler(9_000_000) + "{{=npm}}\n"
		}
		example, err := rulestest.Expand(text, fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(sub, fmt.Sprintf("%d.txt", i)), example.Text)
	}
	return dir
}

func TestOutputIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	dir := secretTree(t)
	for _, test := range []struct {
		format string
		paths  []string
	}{
		{"text", []string{dir}},
		{"json", []string{dir}},
		{"jsonl", []string{dir, filepath.Join(dir, "missing"), "-"}},
	} {
		var first string
		for _, workers := range []string{"1", "2", "8", "33"} {
			args := append([]string{"scan", "--workers", workers, "--format", test.format}, test.paths...)
			stdout, stderr, code := inProcess(strings.NewReader(filler(9_000_000)), args...)
			got := fmt.Sprintf("%s\n%s\nexit %d", untimed(stdout), stderr, code)
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%s with %s workers differs from that with one: %d and %d bytes", test.format, workers, len(got), len(first))
			}
		}
		if n := strings.Count(first, "github-pat"); n < 200 {
			t.Errorf("%s: %d findings", test.format, n)
		}
	}
}
