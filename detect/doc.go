// Package detect finds secrets in bytes.
//
// A [Rule] is plain data that says what one kind of secret looks like: keywords, a pattern, and what is known about it.
// [New] compiles a set of rules into a [Detector]. [Detector.Find] looks at one [Fragment] of text and returns its
// findings; [Detector.Scan] does so for a sequence of fragments, in parallel. The package knows no rule, no file and
// no repository: rules come from package rules or from its user, fragments from filescan, gitscan or its user.
//
// # How a fragment is searched
//
// One pass of a prefilter finds every keyword of every rule, where a match can have it. Around each keyword the run of
// characters is looked for that every match of the rule has, such as the 40 hexadecimal digits of a token. Where there
// is one, a lazily built automaton follows the rule's pattern; nearly all keywords die there after a few bytes. Where
// one survives, the rule's regular expression is run on the few bytes around it. What it matches is judged by the rule's
// entropy, check and allowlists, and overlapping findings are resolved to the most specific. The result is the same as
// running every rule's regular expression over the whole text, which is how the tests judge it.
//
// # Encoded text
//
// What the text has in base64, hexadecimal digits or escapes, see package decode, is decoded and searched in the same way, and again what is
// encoded in that. A finding there stands where the encoded text does; its secret is what that decodes to.
//
// # Texts that were made from others
//
// [Detector.Trace] says where a text has something, and [Detector.Retrace] the same of a text that was made from another
// one, by searching only what is new. Whoever reads the versions of a file, as a history has them, so pays for their
// differences.
//
// # Promises
//
// Find is pure: it reads and writes nothing but its arguments, keeps no reference to the fragment and is safe for
// concurrent use. Findings are ordered by offset, then by rule. Scan yields findings in the order of its input,
// whatever the number of workers, and no goroutine outlives it. A [Secret] prints redacted however it is printed.
// Time grows linearly with the text for rules in RE2 syntax. The package does no I/O and has no global state.
//
// # What it does not promise
//
// A match that reaches further from its keyword than the rule's span is found only as far as the span. Text in an
// unknown encoding is searched as bytes. What is encoded counts as far as it is text, from its beginning on: where a fragment begins in the middle of
// it, that part is not decoded.
package detect
