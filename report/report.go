package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keysieve/keysieve/detect"
)

// A Writer writes one report: one Begin, any number of Findings, one End. Calls in another order are errors. An error
// ends the report: every later call returns it again. Errors of the underlying writer are returned as they are.
type Writer interface {
	Begin(Run) error
	Finding(detect.Finding) error
	End(Summary) error
}

// Options change how a report looks. The zero value is the recommended setting for a file.
type Options struct {
	Color       bool // text: mark with terminal colours; else a line of carets stands under each secret
	ShowSecrets bool // write secrets in clear
	Verbose     bool // text: also the run, fingerprints, every counter and every reason
}

// Run says what is being run.
type Run struct {
	Tool    string   // the program's name
	Version string   // the program's version
	Command string   // the subcommand, such as "scan"
	Roots   []string // what it was asked to look at, as the user named it
	Rules   int      // number of rules in use
}

// Summary says how a run went.
type Summary struct {
	// Severity and Confidence count the findings of each level, such as Severity[detect.SeverityHigh].
	Severity   [detect.SeverityCritical + 1]int
	Confidence [detect.ConfidenceProven + 1]int

	Suppressed int       // findings left out because of a baseline, an ignore file or a comment
	Coverage   []Counter // what was seen, in the order to show it

	// Incomplete is set when something that was asked for was not scanned; a scan with Reasons is incomplete in any case.
	Incomplete bool
	Reasons    []string // what could not be scanned and why, one sentence each

	Elapsed time.Duration // shown by the text format only, so that the others do not differ between equal runs
}

// Add counts a finding.
func (s *Summary) Add(f detect.Finding) {
	s.Severity[severityOf(f)]++
	s.Confidence[confidenceOf(f)]++
}

// Findings returns the number of findings counted.
func (s Summary) Findings() int {
	n := 0
	for _, c := range s.Severity {
		n += c
	}
	return n
}

// incomplete reports whether something was not scanned.
func (s Summary) incomplete() bool { return s.Incomplete || len(s.Reasons) > 0 }

// A Counter is one entry of the coverage record: how many of something a run saw, and what became of them.
type Counter struct {
	Name   string // what became of them: [Scanned], [Binary], "skipped", "failed", …
	Reason string // why, for what was not scanned; "" otherwise
	Unit   string // what is counted, in the plural: [Bytes], "files", "commits", …
	Value  int64
}

// Names and units that the text format treats specially: what was scanned comes first, binary is said before the unit,
// and bytes are shown in multiples of 1,000.
const (
	Scanned = "scanned"
	Binary  = "binary"
	Bytes   = "bytes"
)

// New returns a Writer of a format that [Formats] lists. Every call on it writes to w at most once.
func New(format string, w io.Writer, opts Options) (Writer, error) {
	for _, f := range formats() {
		if f.name == format {
			return &stream{w: w, opts: opts, enc: f.new(opts)}, nil
		}
	}
	return nil, fmt.Errorf("report: unknown format %q: use one of %s", format, strings.Join(Formats(), ", "))
}

// Formats returns the names of the formats, the default one first.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// formats is the table that a new format adds its line to.
func formats() []format {
	return []format{
		{"text", newText},
		{"json", newJSON},
		{"jsonl", newJSONL},
	}
}

type format struct {
	name string
	new  func(Options) encoder
}

// An encoder renders one format. It is called in order, never after an error, and sees no secret that is not to be
// shown.
type encoder interface {
	begin(*bytes.Buffer, Run) error
	finding(*bytes.Buffer, *record) error
	end(*bytes.Buffer, Summary) error
}

// stream is the Writer of every format: it keeps the order of calls and the first error.
type stream struct {
	w     io.Writer
	opts  Options
	enc   encoder
	buf   bytes.Buffer
	state state
	err   error
}

type state int

const (
	fresh state = iota
	begun
	ended
)

func (s *stream) Begin(run Run) error {
	return s.step("Begin", fresh, begun, func() error { return s.enc.begin(&s.buf, run) })
}

func (s *stream) Finding(f detect.Finding) error {
	return s.step("Finding", begun, begun, func() error { return s.enc.finding(&s.buf, newRecord(f, s.opts)) })
}

func (s *stream) End(sum Summary) error {
	return s.step("End", begun, ended, func() error { return s.enc.end(&s.buf, sum) })
}

// step renders and writes one part of the report, if it is its turn.
func (s *stream) step(call string, from, to state, render func() error) error {
	if s.err != nil {
		return s.err
	}
	if s.state != from {
		s.err = fmt.Errorf("report: %s called out of order", call)
		return s.err
	}
	s.state = to
	s.buf.Reset()
	if err := render(); err != nil {
		s.err = fmt.Errorf("report: %w", err)
	} else {
		s.err = s.flush()
	}
	return s.err
}

// flush writes what was rendered, in one call. Nothing rendered is nothing written.
func (s *stream) flush() error {
	if s.buf.Len() == 0 {
		return nil
	}
	n, err := s.w.Write(s.buf.Bytes())
	if err == nil && n < s.buf.Len() {
		err = io.ErrShortWrite
	}
	return err
}
