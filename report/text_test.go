package report_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fatih/color"
	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/report"
)

// change returns the plain sample with a change.
func change(edit func(*detect.Finding)) detect.Finding {
	f := plainSample()
	edit(&f)
	return f
}

// at returns the plain sample at another place.
func at(path string, line int) detect.Finding {
	return change(func(f *detect.Finding) { f.Origin.Path, f.Start.Line = path, line })
}

// other returns a finding of another secret.
func other(path string, line int) detect.Finding {
	f := at(path, line)
	f.Secret = detect.NewSecret([]byte("hunter2"))
	return f
}

// inCommit returns f as a finding of a commit.
func inCommit(f detect.Finding, digit string) detect.Finding {
	f.Origin.Commit = &detect.Commit{ID: strings.Repeat(digit, 40), Author: "Jane Doe", Date: time.Unix(1700000000, 0)}
	return f
}

const (
	fullText = "  high  Acme token (acme-token)  src/a.env:7:7\n    TOKEN=tok-******** # deploy\n          ^^^^^^^^^^^^\n    why: proven confidence\n"
	endText  = "\nNo secrets found. Scanned nothing in 0 ms.\n"
)

func TestTextFindings(t *testing.T) {
	lines := func(s ...string) string { return strings.Join(s, "\n") + "\n" }
	for _, test := range []struct {
		name     string
		findings []detect.Finding
		want     string // without the last line
	}{
		{"plain", []detect.Finding{plainSample()}, "src/a.env\n" + fullText},
		{"everything", []detect.Finding{sample()}, lines(
			"src/a.env",
			"  high  Acme token (acme-token)  src/a.env:7:7",
			"    TOKEN=tok-******** # deploy",
			"          ^^^^^^^^^^^^",
			"    in:  commit 012345678901, Jane Doe, 2024-03-01, refs/heads/main",
			"    now: still in HEAD and in 1 ref (refs/heads/main)",
			"    why: proven confidence; checksum is valid; assigned to TOKEN",
			"    was: decoded from base64 of gzip",
			"    fix: revoke it, https://acme.example/revoke",
		)},
		{"again in the same file and in the next", []detect.Finding{plainSample(), at("src/a.env", 9), at("src/b.env", 1)},
			"src/a.env\n" + fullText + "    also at src/a.env:9:7\n    also at src/b.env:1:7\n"},
		{"again after another", []detect.Finding{plainSample(), other("src/b.env", 2), at("src/b.env", 3), at("src/b.env", 4)},
			"src/a.env\n" + fullText + lines(
				"",
				"src/b.env",
				"  high  Acme token (acme-token)  src/b.env:2:7",
				"    TOKEN=******** # deploy",
				"          ^^^^^^^^",
				"    why: proven confidence",
				"",
				"  also at src/b.env:3:7  the acme-token of src/a.env:7:7",
				"    also at src/b.env:4:7",
			)},
		{"another in the same file", []detect.Finding{plainSample(), other("src/a.env", 8)},
			"src/a.env\n" + fullText + lines(
				"",
				"  high  Acme token (acme-token)  src/a.env:8:7",
				"    TOKEN=******** # deploy",
				"          ^^^^^^^^",
				"    why: proven confidence",
			)},
		{"same secret, another rule", []detect.Finding{plainSample(), change(func(f *detect.Finding) { f.RuleID = "acme-key" })},
			"src/a.env\n" + fullText + "\n" + strings.ReplaceAll(fullText, "acme-token", "acme-key")},
		{"in a history", []detect.Finding{inCommit(plainSample(), "a"), inCommit(plainSample(), "b")},
			"src/a.env\n" + strings.Replace(fullText, "    why", "    in:  commit aaaaaaaaaaaa, Jane Doe, 2023-11-14\n    why", 1) +
				"    also at src/a.env:7:7 in bbbbbbbbbbbb\n"},
		{"lifecycles", []detect.Finding{
			change(func(f *detect.Finding) { f.Lifecycle = detect.LifecycleRemoved }),
			change(func(f *detect.Finding) { f.RuleID, f.Lifecycle = "acme-key", detect.LifecycleMoved }),
		},
			"src/a.env\n" + strings.Replace(fullText, "    why", "    now: taken out again within this change, but it stays in the history: revoke it\n    why", 1) +
				"\n" + strings.ReplaceAll(strings.Replace(fullText, "    why", "    now: not new: it stood there before this change\n    why", 1), "acme-token", "acme-key")},
		{"many places in a history", slices.Repeat([]detect.Finding{inCommit(plainSample(), "a")}, 7),
			"src/a.env\n" + strings.Replace(fullText, "    why", "    in:  commit aaaaaaaaaaaa, Jane Doe, 2023-11-14\n    why", 1) +
				strings.Repeat("    also at src/a.env:7:7 in aaaaaaaaaaaa\n", 3) + "    and at 3 more places\n"},
		{"in no ref", []detect.Finding{change(func(f *detect.Finding) { f.Standing = &detect.Standing{} })},
			"src/a.env\n" + strings.Replace(fullText, "    why", "    now: in the files of no ref any more, but it stays in the history: revoke it\n    why", 1)},
		{"in refs", []detect.Finding{change(func(f *detect.Finding) { f.Standing = &detect.Standing{Refs: strings.Fields("a b c d")} })},
			"src/a.env\n" + strings.Replace(fullText, "    why", "    now: not in HEAD, but in 4 refs (a, b, c, …)\n    why", 1)},
		{"odd path", []detect.Finding{at("a\x1b[2J\xff", 7)},
			`"a\x1b[2J\xff"` + "\n" + strings.Replace(fullText, "src/a.env", `"a\x1b[2J\xff"`, 1)},
		{"standard input", []detect.Finding{at("", 7)},
			"(standard input)\n" + strings.Replace(fullText, "src/a.env", "(standard input)", 1)},
		{"commit message", []detect.Finding{change(func(f *detect.Finding) { f.Origin.Path, f.Origin.Kind = "", detect.KindMessage })},
			"(commit message)\n" + strings.Replace(fullText, "src/a.env", "(commit message)", 1)},
		{"name of a file", []detect.Finding{change(func(f *detect.Finding) { f.Origin.Kind = detect.KindName })},
			"src/a.env\n" + strings.Replace(fullText, "src/a.env:7:7", "src/a.env (the file's name)", 1)},
	} {
		if got := write(t, "text", report.Options{}, report.Summary{}, test.findings...); got != test.want+endText {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want+endText)
		}
	}
}

func TestTextLine(t *testing.T) {
	wide, bytes80 := strings.Repeat("é", 40), strings.Repeat("0123456789", 8)
	for _, test := range []struct {
		name, before, after string
		column              int
		want                string // the line and its carets
	}{
		{"nothing beside", "", "", 1, "tok-********\n^^^^^^^^^^^^"},
		{"indented", "\t  key\t= ", "\t\n", 10, "key = tok-********\n      ^^^^^^^^^^^^"},
		{"wide characters", "鍵=", "", 5, "鍵=tok-********\n   ^^^^^^^^^^^^"},
		{"combining mark", "e\u0301=", "", 5, "e\u0301=tok-********\n  ^^^^^^^^^^^^"},
		{"controls", "\x1b[2J", "\u202e", 5, `\x1b[2Jtok-********\u202e` + "\n       ^^^^^^^^^^^^"},
		{"long", bytes80, bytes80, 81, "…" + bytes80[40:] + "tok-********" + bytes80[:40] + "…\n" + strings.Repeat(" ", 41) + "^^^^^^^^^^^^"},
		{"cut by the detector", "=", "", 300, "…=tok-********\n  ^^^^^^^^^^^^"},
		{"shortened by redaction", "A=********", "", 80, "A=********tok-********\n          ^^^^^^^^^^^^"},
		{"cut between characters", "x" + wide, "x" + wide, 82, "…" + wide[:40] + "tok-********x" + wide[:38] + "…\n" + strings.Repeat(" ", 21) + "^^^^^^^^^^^^"},
	} {
		f := change(func(f *detect.Finding) {
			f.Context = detect.Context{Before: test.before, After: test.after}
			f.Start.Column = test.column
		})
		all := strings.Split(write(t, "text", report.Options{}, report.Summary{}, f), "\n")
		got := strings.TrimPrefix(all[2], "    ") + "\n" + strings.TrimPrefix(all[3], "    ")
		if got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestTextSummary(t *testing.T) {
	scanned := []report.Counter{{Name: report.Scanned, Unit: "files", Value: 1}, {Name: report.Scanned, Unit: report.Bytes, Value: 999}}
	for _, test := range []struct {
		name string
		sum  report.Summary
		want string
	}{
		{"clean", report.Summary{Coverage: scanned, Elapsed: 1234 * time.Millisecond}, "No secrets found. Scanned 1 file, 999 B in 1.2 s.\n"},
		{"suppressed", report.Summary{Coverage: scanned, Suppressed: 3}, "No secrets found (3 suppressed). Scanned 1 file, 999 B in 0 ms.\n"},
		{"incomplete", report.Summary{Coverage: scanned, Incomplete: true, Elapsed: 75 * time.Second},
			"INCOMPLETE Not everything could be scanned.\nNo secrets found in what was scanned. Scanned 1 file, 999 B in 1m15s.\n"},
		{"reasons make it incomplete", report.Summary{Coverage: scanned, Reasons: []string{"a: \x1b", "b"}},
			"INCOMPLETE Not everything could be scanned:\n  - a: \\x1b\n  - b\nNo secrets found in what was scanned. Scanned 1 file, 999 B in 0 ms.\n"},
		{"many reasons", report.Summary{Coverage: scanned, Reasons: strings.Split(strings.Repeat("r,", 1010)+"r", ",")},
			"INCOMPLETE Not everything could be scanned:\n" + strings.Repeat("  - r\n", 10) +
				"  - and 1,001 more\nNo secrets found in what was scanned. Scanned 1 file, 999 B in 0 ms.\n"},
		{"findings", report.Summary{Severity: [...]int{0, 1, 0, 1200, 2}, Suppressed: 1}, "1,203 findings: 2 critical, 1,200 high, 1 low (1 suppressed). Scanned nothing in 0 ms.\n"},
		{"what was left out", report.Summary{Coverage: []report.Counter{
			{Name: "skipped", Reason: "too large", Unit: "entries", Value: 1},
			{Name: "failed", Unit: "files", Value: 0},
			{Name: report.Scanned, Unit: report.Bytes, Value: 999_960},
			{Name: report.Scanned, Unit: report.Bytes, Value: 2_500_000_000},
			{Name: report.Binary, Unit: "files", Value: 1_234_567},
		}}, "No secrets found. Scanned 1.0 MB, 2.5 GB in 0 ms; 1 entry skipped (too large); 1,234,567 binary files.\n"},
	} {
		if got := write(t, "text", report.Options{}, test.sum); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestTextVerbose(t *testing.T) {
	sum := sampleSummary()
	sum.Reasons = strings.Split(strings.Repeat("r,", 20)+"last", ",")
	got := write(t, "text", report.Options{Verbose: true}, sum, sample())
	for _, want := range []string{
		"keysieve 1.2.3, scan ., 900 rules\n", "fingerprint: " + sample().Fingerprint(), "\n1,204 files scanned\n", "\n0 files failed\n", "- last\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// Colour is what the options say, whatever the environment says, and nothing but colour differs.
func TestTextColor(t *testing.T) {
	f := sample()
	f.Origin.Path, f.Evidence = "\x1b[31m", []string{"\x1b[0m"}
	defer func(was bool) { color.NoColor = was }(color.NoColor)
	for _, env := range []string{"", "1"} {
		t.Setenv("NO_COLOR", env)
		color.NoColor = env != "" // as the color package would set it on a terminal
		plain := write(t, "text", report.Options{}, sampleSummary(), f)
		if strings.Contains(plain, "\x1b") {
			t.Errorf("NO_COLOR=%q: colour that was not asked for:\n%q", env, plain)
		}
		coloured := write(t, "text", report.Options{Color: true}, sampleSummary(), f)
		if !strings.Contains(coloured, "\x1b[1;33mtok-********\x1b[") {
			t.Errorf("NO_COLOR=%q: the secret is not marked:\n%q", env, coloured)
		}
		var bare []string
		for line := range strings.Lines(plain) {
			if !strings.Contains(line, "^^^") {
				bare = append(bare, line)
			}
		}
		if got := uncolour(coloured); got != strings.Join(bare, "") {
			t.Errorf("without its colours:\n%s\nwant\n%s", got, strings.Join(bare, ""))
		}
	}
}

// uncolour removes colour sequences: ESC [ … m.
func uncolour(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(rest, "m")
	}
}
