package detect

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Options change what a [Detector] reports and how it works. The zero value is the recommended setting.
type Options struct {
	MinConfidence Confidence // findings below it are left out; 0 means ConfidenceMedium
	Workers       int        // goroutines that Scan uses; 0 means GOMAXPROCS
	Tables        *Tables    // analysis of the rules made beforehand; nil, or rules that are not in it: made by New
}

// A Detector finds what its rules describe. It is immutable and safe for concurrent use.
type Detector struct {
	opts  Options
	rules []*compiledRule
}

// Tables holds the analysis of a set of rules, so that New need not make it at start.
type Tables struct{}

// New compiles rules into a Detector. Every rule that cannot be used is reported, joined into one error of
// [RuleError]s.
func New(rules []Rule, opts Options) (*Detector, error) {
	if opts.MinConfidence == 0 {
		opts.MinConfidence = ConfidenceMedium
	}
	d := &Detector{opts: opts}
	var bad []error
	for _, r := range rules {
		c, err := compileRule(r)
		if err != nil {
			bad = append(bad, &RuleError{ID: r.ID, Err: err})
			continue
		}
		d.rules = append(d.rules, c)
	}
	return d, errors.Join(bad...)
}

// A RuleError says why a rule cannot be used.
type RuleError struct {
	ID  string
	Err error
}

// Error names the rule and what is wrong with it.
func (e *RuleError) Error() string { return fmt.Sprintf("rule %q: %v", e.ID, e.Err) }

// Unwrap returns the cause.
func (e *RuleError) Unwrap() error { return e.Err }

// Find returns the fragment's findings, ordered by offset and then by rule. A rule that had to be given up on (a
// pattern with lookaround that took too long) is an error; the findings are then those of the other rules.
func (d *Detector) Find(f Fragment) ([]Finding, error) {
	return d.find(f)
}

// Scan looks for secrets in every fragment of in, in parallel, and yields the findings in the order of the input.
// An error of in, or of a fragment's Load or Find, is yielded in its place, and the scan goes on if it is an
// [*InputError]; any other ends the sequence. When ctx is cancelled the sequence ends with its error. No goroutine outlives the call, whether
// the sequence is consumed to its end or not.
func (d *Detector) Scan(ctx context.Context, in iter.Seq2[Fragment, error]) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		var buf []byte
		for f, err := range in {
			if err == nil && f.Load != nil {
				f, err = f.Load(&buf)
			}
			var found []Finding
			if err == nil {
				found, err = d.Find(f)
			}
			for _, x := range found {
				if !yield(x, nil) {
					return
				}
			}
			if err == nil {
				err = ctx.Err()
			}
			var input *InputError
			if err != nil && (!yield(Finding{}, err) || !errors.As(err, &input)) {
				return
			}
		}
	}
}
