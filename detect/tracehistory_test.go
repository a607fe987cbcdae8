package detect_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
)

// lineCopies makes a version of old whose copies are whole lines, in the order in which the text has them.
func lineCopies(old, text []byte) version {
	places := map[string]int{}
	for at := 0; at < len(old); at += lineLen(old[at:]) {
		line := string(old[at : at+lineLen(old[at:])])
		if _, ok := places[line]; !ok {
			places[line] = at
		}
	}
	v := version{text: text}
	next := 0 // where the last copy ends in old
	for at := 0; at < len(text); {
		n := lineLen(text[at:])
		from := next
		if !bytes.HasPrefix(old[from:], text[at:at+n]) {
			var ok bool
			if from, ok = places[string(text[at:at+n])]; !ok {
				at += n
				continue
			}
		}
		v.copies = append(v.copies, detect.Copy{At: at, From: from, Len: n})
		at, next = at+n, from+n
	}
	return v
}

func lineLen(text []byte) int {
	if n := bytes.IndexByte(text, '\n'); n >= 0 {
		return n + 1
	}
	return len(text)
}

// TestRetraceHistory traces what the last commits of the repository KEYSIEVE_TRACE_REPO have modified, as many files as
// KEYSIEVE_TRACE_FILES says, or 2000.
func TestRetraceHistory(t *testing.T) {
	repo := os.Getenv("KEYSIEVE_TRACE_REPO")
	if repo == "" {
		t.Skip("KEYSIEVE_TRACE_REPO is not set")
	}
	files, err := strconv.Atoi(os.Getenv("KEYSIEVE_TRACE_FILES"))
	if err != nil {
		files = 2000
	}
	d := newDetector(t, rules.All(), detect.Options{Tables: rules.Tables()})
	blob := blobs(t, repo)
	log, err := exec.Command("git", "-C", repo, "log", "--all", "--no-renames", "--diff-filter=M", "--format=", "--raw", "--no-abbrev", "-n", strconv.Itoa(2*files)).Output()
	if err != nil {
		t.Fatal(err)
	}
	traces := map[string]detect.Trace{}
	var long, versions, size, spans, secrets int
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	for i := len(lines) - 1; i >= max(0, len(lines)-files); i-- {
		var modes [2]string
		var ids [2]string
		info, path, _ := strings.Cut(lines[i], "\t")
		if _, err := fmt.Sscanf(info, ":%s %s %s %s", &modes[0], &modes[1], &ids[0], &ids[1]); err != nil {
			t.Fatal(err, lines[i])
		}
		if modes[0] != modes[1] || modes[0] == "160000" {
			continue
		}
		before, after := blob(ids[0]), blob(ids[1])
		old, ok := traces[path+ids[0]]
		if !ok {
			old = traceWhole(t, d, detect.Fragment{Data: before, Origin: detect.Origin{Path: path}})
		}
		now := retrace(t, d, old, lineCopies(before, after), path)
		traces[path+ids[1]] = now
		versions++
		size += len(after)
		spans += len(now.Spans)
		for _, s := range now.Spans {
			secrets += len(s.Secrets)
		}
		if now.Long {
			long++
		}
	}
	t.Logf("%d versions of %d bytes together, %d long, %d spans, %d secrets", versions, size, long, spans, secrets)
}

// blobs returns a function that reads a blob of the repository.
func blobs(t *testing.T, repo string) func(id string) []byte {
	cmd := exec.Command("git", "-C", repo, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	out := bufio.NewReader(pipe)
	return func(id string) []byte {
		if _, err := fmt.Fprintln(in, id); err != nil {
			t.Fatal(err)
		}
		header, err := out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		var name, kind string
		var n int
		if _, err := fmt.Sscan(header, &name, &kind, &n); err != nil {
			t.Fatal(header, err)
		}
		data := make([]byte, n+1)
		if _, err := io.ReadFull(out, data); err != nil {
			t.Fatal(err)
		}
		return data[:n]
	}
}
