package main

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"
)

// A finding is not written behind the line that says how far the scan is.
func TestProgressMakesWayForFindings(t *testing.T) {
	var terminal bytes.Buffer
	p := &progress{terminal: &terminal, quit: make(chan struct{})}
	finding := func() error {
		_, err := fmt.Fprintln(&terminal, "finding")
		return err
	}
	p.show(status{unit: "files", done: 1, bytes: 2e6})
	p.show(status{unit: "files", done: 3, bytes: 4e6})
	for range 2 {
		if err := p.found(finding); err != nil {
			t.Fatal(err)
		}
	}
	p.show(status{unit: "files", done: 5, bytes: 6e6})
	p.stop()
	p.stop()
	const away = "\r\x1b[K"
	want := "1 files, 2 MB, N MB/s, 0 findings" + away + "3 files, 4 MB, N MB/s, 0 findings" + away +
		"finding\nfinding\n5 files, 6 MB, N MB/s, 2 findings" + away
	if got := regexp.MustCompile(`\d+ MB/s`).ReplaceAllString(terminal.String(), "N MB/s"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
