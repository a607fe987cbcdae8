package report_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/report"
)

// token returns text that looks like a secret and is none.
func token(n int) string { return "tok-" + strings.Repeat("x9", n) }

// sample returns a finding with everything set.
func sample() detect.Finding {
	return detect.Finding{
		RuleID: "acme-token", Title: "Acme token", Provider: "acme",
		Severity: detect.SeverityHigh, Confidence: detect.ConfidenceProven,
		Origin: detect.Origin{Path: "src/a.env", Commit: &detect.Commit{
			ID: strings.Repeat("0123456789", 4), Author: "Jane Doe", Email: "jane@example.org", Ref: "refs/heads/main",
			Date: time.Date(2024, 2, 29, 23, 30, 0, 0, time.FixedZone("", -2*3600)),
		}},
		Start: detect.Position{Offset: 100, Line: 7, Column: 7}, End: detect.Position{Offset: 131, Line: 7, Column: 38},
		Secret:   detect.NewSecret([]byte(token(12))),
		Context:  detect.Context{Before: "TOKEN=", After: " # deploy"},
		Evidence: []string{"checksum is valid", "assigned to TOKEN"},

		DecodedFrom: "base64 of gzip",

		Revoke: "https://acme.example/revoke",

		Lifecycle: detect.LifecycleNew,
		Standing:  &detect.Standing{Head: true, Refs: []string{"refs/heads/main"}},
	}
}

// plainSample returns a finding with nothing set that may be left out.
func plainSample() detect.Finding {
	f := sample()
	f.Provider, f.Revoke, f.Origin.Commit, f.Evidence, f.Lifecycle, f.Standing, f.DecodedFrom = "", "", nil, nil, 0, nil, ""
	return f
}

func sampleSummary() report.Summary {
	sum := report.Summary{
		Suppressed: 2,
		Coverage: []report.Counter{
			{Name: report.Scanned, Unit: "files", Value: 1204},
			{Name: report.Scanned, Unit: report.Bytes, Value: 3_412_345},
			{Name: "skipped", Reason: "too large", Unit: "files", Value: 1},
			{Name: "failed", Unit: "files", Value: 0},
		},
		Reasons: []string{"big.bin: larger than 100 MB"},
		Elapsed: 834 * time.Millisecond,
	}
	sum.Add(sample())
	return sum
}

var sampleRun = report.Run{Tool: "keysieve", Version: "1.2.3", Command: "scan", Roots: []string{"."}, Rules: 900}

// write returns a whole report.
func write(t *testing.T, format string, opts report.Options, sum report.Summary, findings ...detect.Finding) string {
	t.Helper()
	var b bytes.Buffer
	w, err := report.New(format, &b, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Begin(sampleRun); err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if err := w.Finding(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(sum); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	for _, name := range []string{"text", "json", "jsonl"} {
		if !slices.Contains(report.Formats(), name) {
			t.Errorf("no format %s", name)
		}
	}
	_, err := report.New("yaml", io.Discard, report.Options{})
	if err == nil || !strings.Contains(err.Error(), `"yaml"`) || !strings.Contains(err.Error(), strings.Join(report.Formats(), ", ")) {
		t.Errorf("unknown format: %v", err)
	}
}

// calls runs the calls of a script, B, F and E, and returns the error of each.
func calls(w report.Writer, script string) []error {
	var errs []error
	for _, c := range script {
		switch c {
		case 'B':
			errs = append(errs, w.Begin(sampleRun))
		case 'F':
			errs = append(errs, w.Finding(sample()))
		case 'E':
			errs = append(errs, w.End(sampleSummary()))
		}
	}
	return errs
}

func TestOrderOfCalls(t *testing.T) {
	for _, test := range []struct {
		script string
		first  int // index of the first call that fails
	}{
		{"BE", 2}, {"BFFE", 4}, {"FBE", 0}, {"EB", 0}, {"BBFE", 1}, {"BFEF", 3}, {"BEE", 2}, {"BEB", 2},
	} {
		for _, format := range report.Formats() {
			w, err := report.New(format, io.Discard, report.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i, err := range calls(w, test.script) {
				if (err != nil) != (i >= test.first) {
					t.Errorf("%s %s: call %d: %v", format, test.script, i, err)
				}
			}
		}
	}
}

// A failing writer accepts a number of writes and then fails each, whole or by writing less than it was given.
type failing struct {
	accept int
	short  bool
	calls  int
}

var errDisk = errors.New("no space")

func (w *failing) Write(p []byte) (int, error) {
	w.calls++
	switch {
	case w.calls <= w.accept:
		return len(p), nil
	case w.short:
		return len(p) - 1, nil
	}
	return 0, errDisk
}

func TestWriteErrorsAreReturned(t *testing.T) {
	const script = "BFFFE"
	for _, format := range report.Formats() {
		count := &failing{accept: 100}
		w, err := report.New(format, count, report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		calls(w, script)
		if count.calls > len(script) {
			t.Errorf("%s: %d writes for %d calls", format, count.calls, len(script))
		}
		for accept := range count.calls {
			for _, short := range []bool{false, true} {
				want := errDisk
				if short {
					want = io.ErrShortWrite
				}
				disk := &failing{accept: accept, short: short}
				if w, err = report.New(format, disk, report.Options{}); err != nil {
					t.Fatal(err)
				}
				failed := false
				for i, err := range calls(w, script) {
					if failed && !errors.Is(err, want) {
						t.Errorf("%s: call %d after the error: %v", format, i, err)
					}
					failed = failed || err != nil
				}
				if !failed {
					t.Errorf("%s: the error of write %d was lost", format, accept)
				}
				if disk.calls != accept+1 {
					t.Errorf("%s: written to after an error", format)
				}
			}
		}
	}
}

func TestSecretsDoNotLeak(t *testing.T) {
	long, short := token(12), "hunter2"
	with := func(secret string, change func(*detect.Finding)) detect.Finding {
		f := sample()
		f.Secret = detect.NewSecret([]byte(secret))
		change(&f)
		return f
	}
	for _, test := range []struct {
		name, secret string
		finding      detect.Finding
	}{
		{"plain", long, with(long, func(*detect.Finding) {})},
		{"context", long, with(long, func(f *detect.Finding) { f.Context = detect.Context{Before: long + "=", After: "=" + long} })},
		{"short, context", short, with(short, func(f *detect.Finding) { f.Context = detect.Context{Before: short, After: short} })},
		{"path", long, with(long, func(f *detect.Finding) { f.Origin.Path = "dir/" + long + "/x" })},
		{"evidence", long, with(long, func(f *detect.Finding) { f.Evidence = []string{"is " + long} })},
		{"ref", long, with(long, func(f *detect.Finding) { f.Origin.Commit.Ref = "refs/heads/" + long })},
		{"author", long, with(long, func(f *detect.Finding) { f.Origin.Commit.Author = long })},
		{"e-mail", long, with(long, func(f *detect.Finding) { f.Origin.Commit.Email = long + "@example.org" })},
		{"name of a file", short, with(short, func(f *detect.Finding) {
			f.Origin.Kind, f.Origin.Path = detect.KindName, "dir/"+short+".txt"
		})},
		{"invalid UTF-8", "\xff" + long, with("\xff"+long, func(f *detect.Finding) { f.Origin.Path = "\xff" + long })},
	} {
		for _, format := range report.Formats() {
			for _, opts := range []report.Options{{}, {Verbose: true}, {Color: true}} {
				got := write(t, format, opts, sampleSummary(), test.finding, test.finding)
				if strings.Contains(got, test.secret) || strings.Contains(got, long) {
					t.Errorf("%s, %s %+v: leaked in\n%s", test.name, format, opts, got)
				}
			}
			if got := write(t, format, report.Options{ShowSecrets: true}, sampleSummary(), test.finding); !strings.Contains(got, strings.TrimPrefix(test.secret, "\xff")) {
				t.Errorf("%s, %s: not shown when asked for:\n%s", test.name, format, got)
			}
		}
	}
}

// A short secret may be an everyday word; a path that contains it must still lead to the file.
func TestPathWithShortSecretIsKept(t *testing.T) {
	f := sample()
	f.Secret, f.Origin.Path = detect.NewSecret([]byte("admin")), "admin/config.yml"
	for _, format := range report.Formats() {
		if got := write(t, format, report.Options{}, sampleSummary(), f); !strings.Contains(got, "admin/config.yml") {
			t.Errorf("%s:\n%s", format, got)
		}
	}
}

func TestOutputIsDeterministic(t *testing.T) {
	for _, format := range report.Formats() {
		first := write(t, format, report.Options{}, sampleSummary(), sample(), plainSample())
		for range 10 {
			if got := write(t, format, report.Options{}, sampleSummary(), sample(), plainSample()); got != first {
				t.Fatalf("%s differs:\n%s\n%s", format, first, got)
			}
		}
		if other := sampleSummary(); format != "text" {
			other.Elapsed = time.Hour
			if got := write(t, format, report.Options{}, other, sample(), plainSample()); got != first {
				t.Errorf("%s depends on the time", format)
			}
		}
	}
}

func TestSummaryAdd(t *testing.T) {
	var sum report.Summary
	for _, s := range []detect.Severity{detect.SeverityLow, detect.SeverityCritical, 0, 200} {
		sum.Add(detect.Finding{Severity: s, Confidence: detect.Confidence(s)})
	}
	if got := fmt.Sprint(sum.Findings(), sum.Severity, sum.Confidence); got != "4 [0 1 0 2 1] [0 1 0 2 1]" {
		t.Error(got)
	}
}

func FuzzWriters(f *testing.F) {
	f.Add("src/a.env", token(12), "TOKEN=", " # x", "checksum is valid")
	f.Add("\xff\n\x1b[2J", "\x00\u202e", "\t\u2028", "\xc3", "\U000e0041\x85")
	f.Add("", "", strings.Repeat("日", 60), strings.Repeat("é", 60), "\"\\")
	f.Fuzz(func(t *testing.T, path, secret, before, after, evidence string) {
		finding := sample()
		finding.Origin.Path, finding.Evidence = path, []string{evidence}
		finding.Origin.Commit.ID, finding.Origin.Commit.Author = evidence, before
		finding.Secret = detect.NewSecret([]byte(secret))
		finding.Context = detect.Context{Before: before, After: after}
		sum := sampleSummary()
		sum.Reasons = []string{path}
		for _, opts := range []report.Options{{}, {ShowSecrets: true, Verbose: true}} {
			for _, format := range report.Formats() {
				got := write(t, format, opts, sum, finding, finding)
				wantHarmless(t, strings.ReplaceAll(got, "\n", ""))
				if format == "text" {
					continue
				}
				wantPath(t, format, got, path, opts.ShowSecrets)
			}
		}
	})
}
