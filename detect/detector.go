package detect

import (
	"cmp"
	"errors"
	"fmt"
	"sync"

	"github.com/keysieve/keysieve/detect/internal/prefilter"
)

// Options change what a [Detector] reports and how it works. The zero value is the recommended setting.
type Options struct {
	MinConfidence Confidence // findings below it are left out; 0 means ConfidenceMedium
	Workers       int        // goroutines that Scan uses; 0 means GOMAXPROCS
	Tables        *Tables    // what New works out about rules, made beforehand; for rules that it lacks, New does
	DecodeDepth   int        // how many encodings, one inside the other, are decoded; 0 means DefaultDecodeDepth, less than 0 none

	// Suppress, when set, is called with each finding, from several goroutines, and sets its Suppressed when it is not to
	// be reported. lines are the lines that the match stands on and above is the line before them, without its end; of
	// each at most [SuppressWidth] bytes beside the match. They are only valid during the call.
	Suppress func(f *Finding, above, lines []byte)
}

// A Detector finds what its rules describe. It is immutable and safe for concurrent use.
type Detector struct {
	opts    Options
	rules   []*rule
	matcher *prefilter.Matcher
	leads   [][]lead // by word of the matcher
	always  []*rule  // run over every fragment that their paths allow: neither aligned nor with a keyword
	before  int      // see Retrace
	longest int      // bytes of the longest keyword
	paths   *pathTable
	pool    sync.Pool
}

// New compiles rules into a Detector. Every rule that cannot be used is reported, joined into one error of
// [RuleError]s. Of a rule whose pattern and keywords are in Options.Tables, the other regular expressions are compiled when it
// first matches, and what is wrong with them is an error of that scan.
func New(rules []Rule, opts Options) (*Detector, error) {
	if opts.MinConfidence == 0 {
		opts.MinConfidence = ConfidenceMedium
	}
	if opts.DecodeDepth == 0 {
		opts.DecodeDepth = DefaultDecodeDepth
	}
	t, sums := cmp.Or(opts.Tables, noTables), digests(rules)
	t, err := t.with(rules, sums)
	if err != nil {
		return nil, err
	}
	if len(rules) < len(t.plans)/2 {
		t = t.only(sums)
	}
	d := &Detector{opts: opts, matcher: t.matcher}
	d.pool.New = func() any { return &scratch{} }
	var bad []error
	ids := map[string]bool{}
	d.rules = make([]*rule, len(rules))
	made := make([]rule, len(rules))
	for i := range rules {
		if ids[rules[i].ID] {
			bad = append(bad, &RuleError{rules[i].ID, errors.New("another rule has the same id")})
		}
		ids[rules[i].ID] = true
		r := &made[i]
		r.Rule, r.index, r.plan = withDefaults(rules[i]), i, t.plans[sums[i]]
		d.rules[i] = r
	}
	d.register()
	d.before, d.paths = reachBefore(d.rules), newPathTable(d.rules)
	for i := range d.matcher.Words() {
		d.longest = max(d.longest, len(d.matcher.Word(i)))
	}
	return d, errors.Join(bad...)
}

// register notes where the keywords of all rules lead. Most lead to one rule, for which there is room beforehand.
func (d *Detector) register() {
	leads, n := make([]lead, d.matcher.Words()), 0
	d.leads = make([][]lead, len(leads))
	for w := range leads {
		d.leads[w] = leads[w : w : w+1]
	}
	for _, r := range d.rules {
		n += len(r.anchors)
	}
	uses := make([]use, n)
	for _, r := range d.rules {
		d.registerRule(r, uses)
		uses = uses[len(r.anchors):]
	}
}

func (d *Detector) registerRule(r *rule, uses []use) {
	if len(r.Keywords) == 0 {
		d.always = append(d.always, r)
	}
	for i := range r.anchors {
		a := &r.anchors[i]
		if r.aligned {
			// Occurrences are ordered by a gram somewhere in the keyword, and an automaton starts before the keyword.
			r.disorder = max(r.disorder, a.Back+2*len(a.Keyword))
			r.behind = max(r.behind, a.Back)
		}
		d.lead(a.word, a.Back).add(use{r, a.before}, uses[i:i:i+1])
	}
}

// withDefaults returns a copy of r with what its zero values stand for.
func withDefaults(r Rule) Rule {
	if r.Severity == 0 {
		r.Severity = SeverityHigh
	}
	if r.Confidence == 0 {
		r.Confidence = ConfidenceHigh
	}
	if r.Span == 0 {
		r.Span = DefaultSpan
	}
	return r
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
