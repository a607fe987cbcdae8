// Package report writes findings in the formats that people and programs read.
//
// Every format stands behind one [Writer]: [Writer.Begin] with what is being run, [Writer.Finding] for each finding as
// it comes, [Writer.End] with the [Summary]. [New] makes one by the format's name; [Formats] lists the names.
//
//	text    for people: findings grouped by file, a few lines each, and a last line that says what was scanned
//	json    one document, described by docs/findings.schema.json
//	jsonl   one JSON object a line for each finding, then a last line with the summary
//
// # Promises
//
// Findings are written as they come, one Write call each, and never held back, so a report needs no memory for them
// (text keeps 32 bytes and a place for every different secret, to show each in full once). Findings stand in the order
// they were given. A report depends on nothing but what the Writer was given: no clock, no environment, no map order.
// A json document that ends early is not valid JSON, so a broken report cannot be taken for a complete one.
//
// Secrets are redacted before a format sees them, unless [Options] asks for them. A finding's secret is also redacted
// in the text around it, and in the path, the evidence and the commit's fields if it is a file's name or has at least
// 20 bytes (a shorter one may be an everyday word, and the path would lead nowhere). Text from the scanned content cannot drive a terminal:
// text passes [Sanitize], and the JSON formats write the same characters as \u escapes.
//
// The first error of the underlying writer is returned by the call that met it and by every later one.
//
// # What it does not promise
//
// The package opens no file; whoever does so decides how a report replaces an older one. It does not count: the
// Summary is what the caller says, for which [Summary.Add] helps. The layout of the text format may change.
// A Writer is not safe for concurrent use.
package report
