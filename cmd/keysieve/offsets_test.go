package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/rules/rulestest"
)

// reach is how far from a chunk's edge a token is moved, in bytes; it is longer than the token.
const reach = 65

// edges is a file or a stream of chunks in which a token stands at each edge, at another offset from it.
type edges struct {
	token   string
	offsets []int // from the first edge on
}

// place returns where the token stands that is nearest to edge i, from 0.
func (e *edges) place(i int) int { return (i+1)*chunkSize + e.offsets[i] }

// reader returns the text: lines of filler, and before each token a space.
func (e *edges) reader() io.Reader {
	var parts []io.Reader
	at := 0
	block := filler(chunkSize + 2*reach)
	for i := range e.offsets {
		parts = append(parts, strings.NewReader(block[:e.place(i)-at-1]), strings.NewReader(" "+e.token+"\n"))
		at = e.place(i) + len(e.token) + 1
	}
	return io.MultiReader(append(parts, strings.NewReader(block))...)
}

// check compares what was found with the places of the tokens, whose lines it counts by reading the text again.
func (e *edges) check(t *testing.T, found []jsonFinding) {
	t.Helper()
	if len(found) != len(e.offsets) {
		t.Errorf("%d tokens are found, of %d", len(found), len(e.offsets))
	}
	at := map[string]int{}
	for _, f := range found {
		at[fmt.Sprintf("%d:%d", f.StartLine, f.StartColumn)]++
		if f.Secret != e.token || f.RuleID != "github-pat" {
			t.Errorf("%s is found: %s", f.RuleID, f.Secret)
		}
	}
	line, column, offset := 1, 1, 0
	block := filler(chunkSize + 2*reach)
	for i, distance := range e.offsets {
		before := block[:e.place(i)-offset-1] + " "
		line += strings.Count(before, "\n")
		column = len(before) - strings.LastIndexByte(before, '\n')
		if n := at[fmt.Sprintf("%d:%d", line, column)]; n != 1 {
			t.Errorf("the token %d bytes from an edge, at %d:%d, is found %d times", distance, line, column, n)
		}
		line++
		offset = e.place(i) + len(e.token) + 1
	}
}

func githubToken(t *testing.T) string {
	example, err := rulestest.Expand("{{=github ghp_}}", t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return example.Text
}

func TestEveryOffsetAroundChunkEdgesOfAStream(t *testing.T) {
	e := edges{token: githubToken(t)}
	for offset := -reach; offset <= reach; offset++ {
		e.offsets = append(e.offsets, offset)
	}
	e.check(t, scanJSON(t, e.reader(), "--rule", "github-pat", "-")["<stdin>"])
}

// TestOffsetsAroundChunkEdgesOfAFile takes fewer offsets, because the file is on disk.
func TestOffsetsAroundChunkEdgesOfAFile(t *testing.T) {
	token := githubToken(t)
	e := edges{token: token, offsets: []int{-len(token) - 1, -len(token), -len(token) + 1, -4, -1, 0, 1, 4}}
	text, err := io.ReadAll(e.reader())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "large.txt")
	writeFile(t, path, string(text))
	e.check(t, scanJSON(t, nil, path)[filepath.ToSlash(path)])
}
