package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
)

func TestParseUpdates(t *testing.T) {
	a, b, zero := strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("0", 40)
	update := func(localRef, local, remoteRef, remote string) gitscan.Update {
		return gitscan.Update{LocalRef: localRef, LocalID: local, RemoteRef: remoteRef, RemoteID: remote}
	}
	cases := []struct {
		name  string
		text  string
		parse func(string) (gitscan.Update, bool)
		want  []gitscan.Update // nil for an error
	}{
		{"nothing", "", parsePushed, []gitscan.Update{}},
		{"branch", "refs/heads/x " + a + " refs/heads/y " + b + "\n", parsePushed, []gitscan.Update{update("refs/heads/x", a, "refs/heads/y", b)}},
		{"two", "x " + a + " y " + zero + "\n(delete) " + zero + " z " + b, parsePushed,
			[]gitscan.Update{update("x", a, "y", zero), update("(delete)", zero, "z", b)}},
		{"spaces", "HEAD@{1 day ago} " + a + " refs/heads/y " + b + "\n", parsePushed, []gitscan.Update{update("HEAD@{1 day ago}", a, "refs/heads/y", b)}},
		{"no id", "x y z " + b + "\n", parsePushed, nil},
		{"short id", "x " + a[1:] + " z " + b + "\n", parsePushed, nil},
		{"too short", a + " z " + b + "\n", parsePushed, nil},
		{"one bad line", "x " + a + " y " + zero + "\nx\n", parsePushed, nil},
		{"received", a + " " + b + " refs/heads/x\n", parseReceived, []gitscan.Update{update("", b, "refs/heads/x", a)}},
		{"received, too long", a + " " + b + " refs/heads/x y\n", parseReceived, nil},
		{"received, no id", "x " + b + " refs/heads/x\n", parseReceived, nil},
	}
	for _, c := range cases {
		got, err := parseUpdates(c.text, c.parse)
		if (err != nil) != (c.want == nil) || len(got) != len(c.want) {
			t.Errorf("%s: %v, %v", c.name, got, err)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got[i], c.want[i])
			}
		}
	}
}

func TestReadMessage(t *testing.T) {
	const scissors = "# ------------------------ >8 ------------------------\n"
	for text, want := range map[string]string{
		"":                                   "",
		"a\n\nb":                             "a\n\nb",
		"a\n" + scissors + "# x\n-b\n":       "a\n",
		scissors + "b\n":                     "",
		";" + scissors[1:] + "b\n":           "",
		"a\nx" + scissors + "b\n":            "a\nx" + scissors + "b\n",
		"a\n# - >8 -\nb\n":                   "a\n# - >8 -\nb\n",
		"a\n" + scissors[:20] + "\nsecret\n": "a\n" + scissors[:20] + "\nsecret\n",
	} {
		path := filepath.Join(t.TempDir(), "COMMIT_EDITMSG")
		writeFile(t, path, text)
		if got, err := readMessage(path); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestPasteable(t *testing.T) {
	for path, want := range map[string]string{
		"a.py": "# |", "Makefile": "# |", ".env": "# |", "a/b.go": "// |", "A.JS": "// |", "a.css": "/* | */", "q.sql": "-- |",
		"i.html": "<!-- | -->", "README.md": "<!-- | -->", "x.ini": "; |", "a.tex": "% |", "m.vb": "' |", "r.bat": ":: |",
		"a.json": "|", "a.txt": "|",
	} {
		f := detect.Finding{RuleID: "r", Origin: detect.Origin{Path: path}}
		if got := strings.Replace(pasteable(f), "keysieve:allow r REASON", "|", 1); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	f := detect.Finding{RuleID: "r", Origin: detect.Origin{Path: gitscan.CommitMessage, Kind: detect.KindMessage}}
	if got := pasteable(f); got != "keysieve:allow r REASON" {
		t.Errorf("message: %q", got)
	}
}
