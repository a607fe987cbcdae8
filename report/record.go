package report

import (
	"cmp"
	"crypto/sha256"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/keysieve/keysieve/detect"
)

// A record is a finding as the formats see it: strings are valid UTF-8, and nothing in it holds the secret in clear
// unless the options ask for that. The tags are the JSON formats' field names, as in docs/findings.schema.json.
type record struct {
	RuleID      string            `json:"rule_id"`
	Title       string            `json:"title"`
	Provider    string            `json:"provider"`
	Path        string            `json:"path"`
	PathBytes   []byte            `json:"path_bytes,omitempty"` // when the path is not valid UTF-8
	StartLine   int               `json:"start_line"`
	StartColumn int               `json:"start_column"`
	EndLine     int               `json:"end_line"`
	EndColumn   int               `json:"end_column"`
	Secret      string            `json:"secret"`
	SecretBytes []byte            `json:"secret_bytes,omitempty"` // when it is shown and not valid UTF-8
	Confidence  detect.Confidence `json:"confidence"`
	Severity    detect.Severity   `json:"severity"`
	Evidence    []string          `json:"evidence"`
	Fingerprint string            `json:"fingerprint"`
	Revoke      string            `json:"revoke,omitempty"`
	DecodedFrom string            `json:"decoded_from,omitempty"`
	Commit      string            `json:"commit,omitempty"`
	Author      string            `json:"author,omitempty"`
	Email       string            `json:"email,omitempty"`
	Date        string            `json:"date,omitempty"` // RFC 3339, in UTC
	Ref         string            `json:"ref,omitempty"`
	Lifecycle   string            `json:"lifecycle,omitempty"`
	InHead      *bool             `json:"in_head,omitempty"`
	Refs        []string          `json:"refs,omitempty"`      // the first of those that have the secret
	RefCount    int               `json:"ref_count,omitempty"` // how many there are

	rawPath       string // the path byte for byte, with the secret redacted
	kind          detect.Kind
	before, after string            // the context, with the secret redacted, not sanitised
	same          [sha256.Size]byte // equal for findings of the same rule and secret
}

// maxRefs is how many refs a record names.
const maxRefs = 20

// noProvider stands for the provider of what no provider's rule has found.
const noProvider = "generic"

// newRecord makes the record of a finding. It is the only place of the package that reveals a secret.
func newRecord(f detect.Finding, opts Options) *record {
	revealed := string(f.Secret.Reveal())
	hide := func(s string) string { return s }
	if !opts.ShowSecrets && revealed != "" {
		hide = func(s string) string { return strings.ReplaceAll(s, revealed, f.Secret.String()) }
	}
	hideMeta := hide
	if len(revealed) < hiddenMinLen && f.Origin.Kind != detect.KindName {
		hideMeta = func(s string) string { return s }
	}
	r := &record{
		RuleID:      readable(f.RuleID),
		Title:       readable(f.Title),
		Provider:    cmp.Or(readable(f.Provider), noProvider),
		StartLine:   f.Start.Line,
		StartColumn: f.Start.Column,
		EndLine:     f.End.Line,
		EndColumn:   f.End.Column,
		Secret:      f.Secret.String(),
		Confidence:  confidenceOf(f),
		Severity:    severityOf(f),
		Evidence:    make([]string, 0, len(f.Evidence)),
		Fingerprint: f.Fingerprint(),
		Revoke:      readable(f.Revoke),
		DecodedFrom: readable(f.DecodedFrom),
		Lifecycle:   f.Lifecycle.String(),
		rawPath:     hideMeta(f.Origin.Path),
		kind:        f.Origin.Kind,
		before:      hide(f.Context.Before),
		after:       hide(f.Context.After),
		same:        sha256.Sum256([]byte(f.RuleID + "\x00" + revealed)),
	}
	for _, e := range f.Evidence {
		r.Evidence = append(r.Evidence, readable(hideMeta(e)))
	}
	r.Path, r.PathBytes = readableBytes(r.rawPath)
	if opts.ShowSecrets {
		r.Secret, r.SecretBytes = readableBytes(revealed)
	}
	if s := f.Standing; s != nil {
		r.InHead = &s.Head
		r.RefCount = len(s.Refs)
		for _, ref := range s.Refs[:min(len(s.Refs), maxRefs)] {
			r.Refs = append(r.Refs, readable(hideMeta(ref)))
		}
	}
	if c := f.Origin.Commit; c != nil {
		r.Commit = readable(c.ID)
		r.Author, r.Email = readable(hideMeta(c.Author)), readable(hideMeta(c.Email))
		r.Ref = readable(hideMeta(c.Ref))
		if !c.Date.IsZero() {
			r.Date = c.Date.UTC().Format(time.RFC3339)
		}
	}
	return r
}

// hiddenMinLen is the length in bytes from which a secret is also redacted in the path and the other places where it
// should not be. A shorter one may be an everyday word, and a path with such a word redacted leads nowhere (and tells
// the word). A secret that is a file's name is redacted at any length.
const hiddenMinLen = 20

// readable returns s, with the bytes that are not UTF-8 made visible if there are any.
func readable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return Sanitize(s)
}

// readableBytes returns s readable, and its bytes when that form is not s itself.
func readableBytes(s string) (string, []byte) {
	if utf8.ValidString(s) {
		return s, nil
	}
	return Sanitize(s), []byte(s)
}

// severityOf returns a finding's severity; one that is not set, or that no name is known for, is high, as for a rule.
func severityOf(f detect.Finding) detect.Severity {
	if f.Severity < detect.SeverityLow || f.Severity > detect.SeverityCritical {
		return detect.SeverityHigh
	}
	return f.Severity
}

// confidenceOf returns a finding's confidence; one that is not set, or that no name is known for, is high, as for a rule.
func confidenceOf(f detect.Finding) detect.Confidence {
	if f.Confidence < detect.ConfidenceLow || f.Confidence > detect.ConfidenceProven {
		return detect.ConfidenceHigh
	}
	return f.Confidence
}
