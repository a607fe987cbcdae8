package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/filescan"
	"github.com/keysieve/keysieve/report"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/generic"
)

func explainCommand() command {
	return command{
		name: "explain", summary: "Say why a line was or was not reported.", usage: "FILE:LINE",
		help: `Shows what a scan with the same flags makes of one line: each match of each rule and what became of it, and each value that
the generic rules weighed, with what moved its score most. Secrets are redacted. What .gitignore names is explained
like any other file. Write ./-FILE for a name that begins with "-".

  keysieve explain src/config.yaml:12`,
		flags: func(fs *flag.FlagSet) { new(detection).defineSight(fs) },
		run:   runExplain,
	}
}

func runExplain(ctx context.Context, env environment) error {
	var look detection
	args, err := parseFlags("explain", look.defineSight, env.args)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return &usageError{"explain", errors.New("name one line, as FILE:LINE")}
	}
	name, line, err := parseLine(args[0])
	if err != nil {
		return &usageError{"explain", err}
	}
	detector, _, err := look.detector()
	if err != nil {
		return &usageError{"explain", err}
	}
	x := explanation{line: line, detector: detector, rules: rules.All(), levels: look.levels}
	if err := x.read(ctx, name); err != nil {
		return err
	}
	if line > x.lines {
		return fmt.Errorf("%s: there is no line %d: it has %d", report.QuotePath(name), line, x.lines)
	}
	if err := writeAll(env.stdout, x.text(name)); err != nil {
		return err
	}
	return errors.Join(x.failed...)
}

// parseLine splits FILE:LINE, or FILE:LINE:COLUMN as reports write it. Lines count from 1.
func parseLine(arg string) (name string, line int, err error) {
	i := strings.LastIndexByte(arg, ':')
	if j := strings.LastIndexByte(arg[:max(i, 0)], ':'); j > 0 {
		if _, err := strconv.Atoi(arg[j+1 : i]); err == nil {
			arg, i = arg[:i], j
		}
	}
	if i <= 0 {
		return "", 0, fmt.Errorf("%s names no line: write FILE:LINE", report.QuotePath(arg))
	}
	line, err = strconv.Atoi(arg[i+1:])
	if err != nil || line < 1 {
		return "", 0, fmt.Errorf("%s names no line: write FILE:LINE, with LINE a number from 1", report.QuotePath(arg))
	}
	return arg[:i], line, nil
}

// explanation gathers what is known about one line.
type explanation struct {
	line     int
	detector *detect.Detector
	rules    []detect.Rule
	levels   generic.Levels // of the generic ones

	lines      int  // of the file
	binary     bool // rules for text are not applied
	steps      []detect.Step
	candidates []generic.Explanation
	keywords   []string // on the line, in lower case
	failed     []error
}

// read looks for the line in a file.
func (x *explanation) read(ctx context.Context, name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory: name a file and a line of it", report.QuotePath(name))
	}
	source, err := filescan.New([]string{name}, filescan.Options{})
	if err != nil {
		return err
	}
	var buf []byte
	for f, err := range source.Fragments(ctx) {
		if err != nil {
			return err
		}
		if f, err = f.Load(&buf); err != nil {
			return err
		}
		x.look(&f)
	}
	return nil
}

// look takes what one fragment, of several of a large file, shows of the line.
func (x *explanation) look(f *detect.Fragment) {
	end := f.Base.After(f.Data)
	last := end.Line
	if end.Column == 1 { // a line end ends the text: no line begins there
		last--
	}
	x.lines = max(x.lines, last)
	if x.line < f.Base.Line || x.line > last {
		return
	}
	x.binary = x.binary || f.Binary
	steps, err := x.detector.Explain(*f)
	if err != nil {
		x.failed = append(x.failed, err)
	}
	for _, s := range steps {
		through := s.End.Line
		if s.End.Column == 1 && through > s.Start.Line {
			through--
		}
		if s.Start.Line <= x.line && x.line <= through {
			x.steps = append(x.steps, s)
		}
	}
	start := 0
	for range x.line - f.Base.Line {
		start += bytes.IndexByte(f.Data[start:], '\n') + 1
	}
	text, _, _ := bytes.Cut(f.Data[start:], []byte{'\n'})
	x.note(text)
	if !f.Binary {
		x.weigh(f, start)
	}
}

// note adds the keywords on the line.
func (x *explanation) note(text []byte) {
	text = bytes.ToLower(text)
	for _, r := range x.rules {
		for _, k := range r.Keywords {
			if k = strings.ToLower(k); bytes.Contains(text, []byte(k)) {
				x.keywords = append(x.keywords, strings.TrimSpace(k))
			}
		}
	}
	slices.Sort(x.keywords)
	x.keywords = slices.Compact(x.keywords)
}

// weigh adds what the generic rules see on the line, which begins at f.Data[start:].
func (x *explanation) weigh(f *detect.Fragment, start int) {
	for _, c := range generic.Explain(f, x.line, x.levels) {
		at := start + c.Column - 1
		if f.Own != nil && (at < f.Own.Start || at >= f.Own.End) {
			continue
		}
		if x.line == f.Base.Line {
			c.Column += f.Base.Column - 1
		}
		x.candidates = append(x.candidates, c)
	}
}

// text returns all of it in words, what has come of the line first.
func (x *explanation) text(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d\n\n%s\n", report.QuotePath(name), x.line, x.answer())
	if x.binary {
		b.WriteString("The file is binary: rules for text are not applied.\n")
	}
	for _, s := range x.steps {
		x.writeStep(&b, s)
	}
	for _, c := range x.candidates {
		x.writeCandidate(&b, c)
	}
	return b.String()
}

func (x *explanation) answer() string {
	reported := 0
	for _, s := range x.steps {
		if s.Reported {
			reported++
		}
	}
	switch {
	case reported > 0:
		return fmt.Sprintf("Reported on this line: %d.", reported)
	case len(x.steps)+len(x.candidates) > 0:
		return "Nothing is reported on this line."
	case len(x.keywords) > 0:
		return fmt.Sprintf("Nothing is reported on this line: keywords seen (%s), but no rule's pattern matched.", strings.Join(x.keywords, ", "))
	}
	return "Nothing is reported on this line: no rule's keyword is on it."
}

func (x *explanation) writeStep(b *strings.Builder, s detect.Step) {
	fmt.Fprintf(b, "\n%s at %d:%d: %s\n", s.RuleID, s.Start.Line, s.Start.Column, s.Secret)
	if s.DecodedFrom != "" {
		fmt.Fprintf(b, "  decoded     from %s\n", s.DecodedFrom)
	}
	if s.Confidence != 0 {
		fmt.Fprintf(b, "  confidence  %s\n", s.Confidence)
	}
	weighed := slices.ContainsFunc(x.rules, func(r detect.Rule) bool { return r.ID == s.RuleID && r.Matcher != nil })
	for i, e := range s.Evidence {
		if weighed && i == 0 { // the place
			e = x.presentable(e)
		}
		fmt.Fprintf(b, "  evidence    %s\n", report.Sanitize(e))
	}
	fmt.Fprintf(b, "  verdict     %s\n", report.Sanitize(s.Verdict))
}

func (x *explanation) writeCandidate(b *strings.Builder, c generic.Explanation) {
	fmt.Fprintf(b, "\nweighed for %s at %d:%d: %s, %s\n", c.Rule, c.Line, c.Column, c.Secret, x.presentable(c.Place))
	fmt.Fprintf(b, "  %+8.3f  every candidate\n", c.Bias)
	few, rest := 0, 0.0
	for _, w := range c.Weights {
		if math.Abs(w.Weight) < leastWeight {
			few++
			rest += w.Weight
			continue
		}
		fmt.Fprintf(b, "  %s\n", strings.TrimRight(fmt.Sprintf("%+8.3f  %-12s %s", w.Weight, w.Feature, w.Meaning), " "))
	}
	if few > 0 {
		fmt.Fprintf(b, "  %+8.3f  %d more, each less than %.1f\n", rest, few, leastWeight)
	}
	level := "too low to be looked at any further"
	if c.Confidence != 0 {
		level = "confidence " + c.Confidence.String()
	}
	low, medium, high := x.levels.Thresholds()
	fmt.Fprintf(b, "  %+8.3f  score: %s (low from %+.3f, medium from %+.3f, high from %+.3f)\n", c.Score, level, low, medium, high)
}

// leastWeight is the least weight that has a line of its own.
const leastWeight = 0.2

// hidden stands for what may be secret.
const hidden = "********"

const (
	randomWordLen = 16 // bytes from which a word with letters and digits is taken for random
	minPart       = 4  // bytes from which a name in a secret is more than chance
)

// presentable returns a place in words as it may be shown. It may end in a name from the file, which may hold one of the
// line's secrets, be a part of one, or be one that no rule knows.
func (x *explanation) presentable(place string) string {
	i := strings.LastIndexByte(place, ' ') + 1
	name := place[i:]
	hide := len(name) >= randomWordLen && looksRandom(name)
	secrets := make([]detect.Secret, 0, len(x.steps)+len(x.candidates))
	for _, s := range x.steps {
		secrets = append(secrets, s.Secret)
	}
	for _, c := range x.candidates {
		secrets = append(secrets, c.Secret)
	}
	lower := strings.ToLower(name)
	for _, s := range secrets {
		text := string(s.Reveal())
		part := len(name) >= minPart && strings.Contains(text, name)
		hide = hide || part || text != "" && strings.Contains(lower, strings.ToLower(text))
	}
	if hide {
		place = place[:i] + hidden
	}
	return report.Sanitize(place)
}

// looksRandom reports whether a word has several letters and several digits.
func looksRandom(word string) bool {
	digits, letters := 0, 0
	for _, c := range []byte(word) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			letters++
		}
	}
	return digits >= 2 && letters >= 2
}
