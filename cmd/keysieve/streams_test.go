package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// What was read before standard input failed is reported, and the scan is incomplete.
func TestStandardInputFails(t *testing.T) {
	token := githubToken(t)
	for _, format := range []string{"text", "json", "jsonl"} {
		stdin := io.MultiReader(
			strings.NewReader(token+"\n"+filler(2*chunkSize)+token+"\n"),
			iotest.ErrReader(errors.New("the line is dead")),
		)
		stdout, stderr, code := inProcess(stdin, "scan", "--format", format, "-")
		if code != exitIncomplete {
			t.Errorf("%s: exit code %d", format, code)
		}
		if !strings.Contains(stdout, "github-pat") || !strings.Contains(stdout, "<stdin>: the line is dead") {
			t.Errorf("%s: %s", format, stdout)
		}
		if inReport := format == "text"; strings.Contains(stderr, "the line is dead") == inReport {
			t.Errorf("%s: on standard error: %s", format, stderr)
		}
		if strings.Contains(stdout+stderr, token) {
			t.Errorf("%s discloses the token", format)
		}
	}
}

// A report that breaks off is exit 2, wherever it does.
func TestStandardOutputFails(t *testing.T) {
	token := githubToken(t)
	for _, format := range []string{"text", "json", "jsonl"} {
		whole, _, _ := inProcess(strings.NewReader(token), "scan", "--format", format, "-")
		for _, limit := range []int{0, 1, len(whole) - 60} {
			var stderr bytes.Buffer
			code := run(context.Background(), environment{
				args: []string{"scan", "--format", format, "-"}, stdin: strings.NewReader(token),
				stdout: &limitedWriter{limit}, stderr: &stderr, getenv: func(string) string { return "" },
			})
			if code != exitIncomplete || stderr.String() != "keysieve: the disk is full\n" {
				t.Errorf("%s, after %d bytes: exit code %d, %s", format, limit, code, &stderr)
			}
		}
	}
}

// A limitedWriter takes a number of bytes and then fails.
type limitedWriter struct{ left int }

func (w *limitedWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	if n < len(p) {
		return n, errors.New("the disk is full")
	}
	return n, nil
}
