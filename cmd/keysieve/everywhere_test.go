package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

// chunkSize is what one chunk of a large file or a stream owns, as package filescan documents it.
const chunkSize = 4 << 20

// A sample is the first example of one rule.
type sample struct {
	path    string
	special bool // the rule applies to such paths only
	text    string
	want    []expected
}

// An expected secret, at an offset in the sample's text.
type expected struct {
	rule       string
	start, end int // bytes
}

// samples returns a sample for each rule that is not off. What is expected is what the rule finds by itself.
func samples(t *testing.T) []sample {
	specs, err := rules.Specs()
	if err != nil {
		t.Fatal(err)
	}
	scanned, tables := rules.All(), rules.Tables()
	var all []sample
	for _, spec := range specs {
		if !slices.ContainsFunc(scanned, func(r detect.Rule) bool { return r.ID == spec.ID && !r.Off }) {
			continue
		}
		example, err := rulestest.Expand(spec.Hit[0], spec.ID)
		if err != nil {
			t.Fatalf("%s: %v", spec.ID, err)
		}
		path := cmp.Or(rulestest.ExamplePath(spec), spec.ID+".txt")
		s := sample{path: path, special: spec.Path != "", text: example.Text}
		alone, err := detect.New([]detect.Rule{spec.Rule}, detect.Options{Tables: tables})
		if err != nil {
			t.Fatal(err)
		}
		found, err := alone.Find(detect.Fragment{Origin: detect.Origin{Path: s.path}, Data: []byte(s.text)})
		if err != nil || len(found) == 0 {
			t.Errorf("%s does not find its first example: %v", spec.ID, err)
		}
		for _, f := range found {
			s.want = append(s.want, expected{f.RuleID, int(f.Start.Offset), int(f.End.Offset)})
		}
		all = append(all, s)
	}
	return all
}

// A document is text with samples in it.
type document struct {
	path string
	text string
	want []expected // offsets in text
}

func (d *document) add(s sample) {
	for _, e := range s.want {
		d.want = append(d.want, expected{e.rule, len(d.text) + e.start, len(d.text) + e.end})
	}
	d.text += s.text
}

// check compares what was found in a document with what is in it. A rule may leave its secret to a more specific one
// that names it.
func (d *document) check(t *testing.T, found []jsonFinding) {
	t.Helper()
	starts := []int{0}
	for line := range strings.Lines(d.text) {
		starts = append(starts, starts[len(starts)-1]+len(line))
	}
	places := make([]expected, len(found))
	for i, f := range found {
		p := expected{f.RuleID, starts[f.StartLine-1] + f.StartColumn - 1, starts[f.EndLine-1] + f.EndColumn - 1}
		places[i] = p
		if p.end < p.start || p.end > len(d.text) || d.text[p.start:p.end] != f.Secret {
			t.Errorf("%s: %s is not at %d:%d to %d:%d", d.path, f.RuleID, f.StartLine, f.StartColumn, f.EndLine, f.EndColumn)
		}
		if i > 0 && p.start < places[i-1].end {
			t.Errorf("%s: %s at %d overlaps %s before it", d.path, f.RuleID, p.start, places[i-1].rule)
		}
	}
	for _, e := range d.want {
		named := false
		for i, p := range places {
			overlap := p.start < e.end && e.start < p.end
			named = named || p == e || overlap && slices.Contains(found[i].Evidence, "also matches "+e.rule)
		}
		if !named {
			t.Errorf("%s: %s at %d to %d is not found: %q", d.path, e.rule, e.start, e.end, d.text[e.start:e.end])
		}
	}
}

// inProcess runs the program and returns what it writes.
func inProcess(stdin io.Reader, args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = run(context.Background(), environment{
		args: args, stdin: stdin, stdout: &out, stderr: &errs, getenv: func(string) string { return "" },
	})
	return out.String(), errs.String(), code
}

// scanJSON scans what holds secrets, and returns them by path.
func scanJSON(t *testing.T, stdin io.Reader, args ...string) map[string][]jsonFinding {
	t.Helper()
	out, errs, code := inProcess(stdin, append([]string{"scan", "--format", "json", "--show-secrets"}, args...)...)
	if code != exitFindings || errs != "" {
		t.Errorf("scan %s: exit code %d, %s", args, code, errs)
	}
	r, err := parseReport(out)
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string][]jsonFinding{}
	for _, f := range r.Findings {
		byPath[f.Path] = append(byPath[f.Path], f)
	}
	return byPath
}

// inUTF16 returns text as UTF-16, in one of its four forms: either byte order, with and without a byte order mark.
func inUTF16(form int, text string) string {
	orders := []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}
	return encodeUTF16(text, orders[form%2], form/2%2 == 0)
}

// TestEveryRuleEverywhere plants an example of each rule wherever text can come from.
func TestEveryRuleEverywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long with the race detector")
	}
	all := samples(t)
	t.Run("tree", func(t *testing.T) {
		testTree(t, all, func(_ int, text string) string { return text })
	})
	t.Run("tree in UTF-16", func(t *testing.T) {
		testTree(t, all, inUTF16)
	})
	t.Run("standard input", func(t *testing.T) { testStandardInput(t, all) })
	t.Run("large file", func(t *testing.T) { testLarge(t, all) })
}

// testTree scans a tree with a file for each sample, stored as encode says.
func testTree(t *testing.T, all []sample, encode func(i int, text string) string) {
	dir := t.TempDir()
	var documents []document
	for i, s := range all {
		d := document{path: filepath.Join(dir, fmt.Sprintf("%04d", i), s.path), text: "first line, größer\n"}
		d.add(s)
		d.text += "\nlast line\n"
		if err := os.MkdirAll(filepath.Dir(d.path), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, d.path, encode(i, d.text))
		documents = append(documents, d)
	}
	found := scanJSON(t, nil, dir)
	for _, d := range documents {
		d.check(t, found[filepath.ToSlash(d.path)])
	}
}

// testStandardInput scans all samples as one stream, and some alone: each run costs as much as a start of the program.
func testStandardInput(t *testing.T, all []sample) {
	together := shuffled(all, 0)
	together.path = "together"
	scanStream(t, &together, together.text)
	for form := range 4 {
		scanStream(t, &together, inUTF16(form, together.text))
	}
	for i := 0; i < len(all); i += 50 {
		alone := document{path: all[i].path}
		alone.add(all[i])
		scanStream(t, &alone, alone.text)
		scanStream(t, &alone, inUTF16(i/50, alone.text))
	}
}

func scanStream(t *testing.T, d *document, text string) {
	t.Helper()
	d.check(t, scanJSON(t, strings.NewReader(text), "--stdin-name", d.path, "-")[d.path])
}

// testLarge has all samples stand around both edges of a large file, in different orders.
func testLarge(t *testing.T, all []sample) {
	d := document{path: filepath.Join(t.TempDir(), "large")}
	for edge := chunkSize; edge <= 2*chunkSize; edge += chunkSize {
		block := shuffled(all, uint64(edge))
		d.text += filler(edge-len(block.text)/2-len(d.text)) + "\n"
		d.add(sample{text: block.text, want: block.want})
	}
	d.text += filler(100_000)
	writeFile(t, d.path, d.text)
	d.check(t, scanJSON(t, nil, d.path)[filepath.ToSlash(d.path)])
	d.path = "large"
	scanStream(t, &d, d.text)
}

// shuffled returns the samples that any file may hold in one document, those of one provider apart from each other.
func shuffled(all []sample, seed uint64) document {
	var d document
	for _, i := range rand.New(rand.NewPCG(1, seed)).Perm(len(all)) {
		if !all[i].special {
			d.text += filler(250) + "\n\n"
			d.add(all[i])
			d.text += "\n\n"
		}
	}
	return d
}
