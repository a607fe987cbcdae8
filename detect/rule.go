package detect

// A Rule says what one kind of secret looks like. It is plain data: [New] copies what it needs, and nothing in this
// package knows any particular rule.
type Rule struct {
	ID       string // stable, kebab-case; part of a finding's fingerprint
	Title    string // what it finds, in a few words: "GitLab personal access token"
	Doc      string // what the secret opens, for whoever has to judge a finding
	Provider string // who issues the secret, lower case; "" for a rule of no provider
	Aliases  []string
	Source   string // where the format is documented (URL)
	Revoke   string // how to revoke or rotate the secret (URL)

	Severity   Severity   // 0 means SeverityHigh
	Confidence Confidence // of a match that no check has judged; 0 means ConfidenceHigh

	// Keywords are literals of at least 3 bytes, compared ignoring ASCII case. Where the pattern allows it, New
	// works out where in a match they stand (the rule is then aligned, see [Aligned]) and the pattern is run only
	// around them. A rule that cannot be aligned is run over the whole fragment when one of its keywords occurs in it,
	// and wherever its Path lets it when it has none.
	Keywords []string

	// Pattern is a regular expression in RE2 syntax (Go's regexp/syntax, Perl flags). (?i) folds ASCII letters only.
	// The secret is the group named "secret", else the first group that took part in the match, else the match.
	// A pattern with lookaround or a back-reference runs on regexp2, on a window of bounded size and for a bounded time.
	Pattern string

	// Matcher, in a rule without Pattern, is called for each occurrence of a keyword and finds what stands around it. It
	// is for what no regular expression tells: values that are judged by their context.
	Matcher Matcher

	// PathClass, in a rule with a Matcher that looks at the fragment's path, says how: it treats paths of equal class alike.
	// nil means that it does not look at the path.
	PathClass func(path string) uint32

	// Span is the number of bytes after a keyword that a match may reach; 0 means [DefaultSpan]. What lies beyond is
	// not seen by the pattern. Rules for text of several kilobytes (private keys) state their own.
	Span int

	Path       string                    // regular expression that the fragment's path must match; "" for any
	MinEntropy float64                   // lowest Shannon entropy of the secret, in bits per byte
	Check      func(secret []byte) Proof // offline proof, always the same of a secret; nil when the format offers none
	Allow      []Allow                   // what is known not to be a secret
	Pairs      []Pair                    // ids that are issued with the secret

	// Specificity decides where findings of different rules overlap: the higher wins. 0 suits most rules; a rule that
	// narrows down what another rule finds (a JWT of one issuer) states more.
	Specificity int

	TextOnly bool   // not applied to binary content: the rule leans on how text is written
	Off      bool   // not part of the default set; runs only when it is asked for by name
	Slow     string // why the pattern cannot be aligned, and what it costs; "" for a rule that must align
}

// Severity says how bad it is when a secret of this kind leaks.
type Severity uint8

// The severities, from SeverityLow up. The zero value stands for SeverityHigh.
const (
	SeverityLow Severity = iota + 1
	SeverityMedium
	SeverityHigh
	SeverityCritical
)

var severityNames = [...]string{"", "low", "medium", "high", "critical"}

// Confidence says how sure it is that a finding is a secret.
type Confidence uint8

// The confidences, from ConfidenceLow up.
const (
	ConfidenceLow    Confidence = iota + 1 // more likely not a secret
	ConfidenceMedium                       // more likely a secret than not
	ConfidenceHigh                         // has the shape of a secret that little else has
	ConfidenceProven                       // carries a valid checksum or parses as what it claims to be
)

var confidenceNames = [...]string{"", "low", "medium", "high", "proven"}

// A Verdict is what an offline check says of a secret.
type Verdict uint8

// The verdicts. Valid raises a finding to ConfidenceProven, Invalid lowers it to ConfidenceLow, and Unknown leaves it.
const (
	Unknown Verdict = iota
	Valid
	Invalid
)

// Proof is the result of a [Rule]'s check: the verdict, and in words what was looked at or learned
// ("CRC32 checksum is valid", "AWS account 123456789012"). The note never contains the secret.
type Proof struct {
	Verdict Verdict
	Note    string
}

// A Matcher looks at the text around one occurrence of a keyword, f.Data[at:at+n], and returns what it finds there, nil for
// nothing. It is pure and safe for concurrent use. The same secret may be found from several occurrences.
//
// It is shown a window: f.Data is the fragment's text from [MatcherBefore] bytes before the occurrence's first byte to
// [MatcherAfter] bytes after it, less where the text ends. Of the rest of the fragment it gets the origin's path and kind,
// and Binary.
//
// Where it finds nothing, it may say what range of f.Data that depends on, so that it is not asked again when a text changes elsewhere. The range
// holds the keyword, goes beyond f.Data where it matters that the text begins or ends there, and is zero for all that there is to see. Whatever
// stands beyond it, a Matcher says the same.
type Matcher func(f *Fragment, at, n int) (found []Match, looked Range)

// The window that a [Matcher] is shown, in bytes before and after the first byte of a keyword.
const (
	MatcherBefore = 256
	MatcherAfter  = 512
)

// Match is what a [Matcher] has found. Ranges are in the data that it was shown.
type Match struct {
	Range      Range // all that speaks for the secret: the name it is given, the value
	Secret     Range
	Confidence Confidence // 0 means the rule's
	Evidence   []string   // what spoke for and against it, in words; never the secret
}

// Allow describes matches that are known not to be secrets. It applies when any of its conditions holds, or all of the
// kinds that are set when All is true; one without conditions never applies. A finding that a check has proven is never silenced by one.
type Allow struct {
	Reason    string   // why, in words
	All       bool     // every kind of condition that is set must hold, instead of any
	Target    Target   // what Patterns look at
	Patterns  []string // regular expressions, unanchored
	StopWords []string // substrings of the secret, ignoring ASCII case
	Paths     []string // regular expressions on the fragment's path, unanchored
	Commits   []string // full commit ids in hexadecimal
}

// Target is the text that the patterns of an [Allow] are matched against.
type Target uint8

// The targets.
const (
	TargetSecret Target = iota // the secret
	TargetMatch                // everything the rule's pattern matched
	TargetLine                 // the lines that the match stands on, at most 512 bytes on each side of it
)

// DefaultSpan is how far after its keyword a match may reach, in bytes, where a rule states no span.
const DefaultSpan = 4 << 10
