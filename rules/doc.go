// Package rules holds the built-in rules: what the secrets of some hundred providers look like, and the offline checks
// that tell a real one from its look-alikes.
//
// A rule is written down in one place, the TOML file of its provider under data, with its documentation, the source of
// the format, and examples of what it must and must not report. [Load] reads such a file, [Specs] all of the built-in
// ones. Package rulestest runs the examples. Secrets that no provider issues have no file: package generic scores them, and
// [All] ends with its rules.
//
// The generator in internal/gen turns the files into Go literals (rules_gen.go) and works out beforehand what the detector
// needs to know about them (tables.bin, see [Tables]), so that a program that scans parses and compiles nothing at its start. It also
// packs the files themselves (sources.tar.gz), for whatever documents or tests rules.
//
// What rules have in common is written down once: near, words and value for a value by the name that stands before it, exact if the value is
// never longer, initial if the name begins a word (near.go); host and value for the credential of a request before the host that it is sent
// to (request.go); the beginning of a token, {{begin}}, what leads from a name to its value, {{assigned}}, and what many values are not,
// not = ["digitless"] (pieces.go).
//
// # Checks
//
// A check looks at a secret alone, without a network. It says Valid only of what cannot come by chance, a checksum that
// holds or a structure that decodes and parses, and Invalid only where the issuer documents the checksum; all else
// is Unknown. Its note says what was learned and never holds the secret.
//
// Before any check, a secret is looked up among the examples of documentation and judged by whether it says that it is a
// placeholder. Such a secret is still found, with low confidence and the reason.
//
// # Changing a rule
//
// Edit its file, run go generate ./rules, then go test ./rules. A test fails while the generated code or docs/rules.md is
// not current. go test ./rules -bench Keywords shows which keywords occur most in source code, -bench Rules which rules
// cost most.
package rules

//go:generate go run -tags rulesgen ./internal/gen
