// Package baseline decides which findings are not reported, and says why.
//
// It is the one place that does. A [Suppressor] is made once for a scan, from the rules in use, and its method Judge is what
// [detect.Options].Suppress wants: it sees every finding with the text around it and sets Finding.Suppressed where somebody
// has accepted the finding. Suppressed findings are returned by the detector like others, so that they can be counted and
// shown.
//
// # Inline comments
//
// A comment on one of the lines that the finding's match stands on, in any syntax, is looked for by its marker alone:
//
//	keysieve:allow RULE-ID reason    the named rules' findings on the line: ids or aliases, separated by commas
//	gitleaks:allow                   every finding on the line
//	betterleaks:allow                every finding on the line
//	trufflehog:ignore                every finding on the line
//	pragma: allowlist secret         every finding on the line, in a comment that ends the line
//	pragma: allowlist nextline secret    every finding on the next line, in a comment that is a line of its own
//
// The last two are those of detect-secrets, which also take "whitelist", a hyphen for the space between words and no space
// after the colon. The others are looked for exactly as they are written here.
//
// Markers that name no rule do not silence a finding of [detect.ConfidenceProven]: whoever writes one means "this only looks
// like a secret", and a proven one is. The finding's evidence then says so, and so it does if a keysieve:allow names other
// rules only or none.
//
// Text further than [detect.SuppressWidth] bytes from a match is not seen.
package baseline
