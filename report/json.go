package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/keysieve/keysieve/detect"
)

// schemaVersion names the layout of the JSON formats. Adding a property keeps it; removing one or changing what one
// means raises it.
const schemaVersion = "1"

// jsonEncoder writes one document, a finding a line.
type jsonEncoder struct{ some bool }

func newJSON(Options) encoder { return &jsonEncoder{} }

func (e *jsonEncoder) begin(b *bytes.Buffer, run Run) error {
	fmt.Fprintf(b, `{"schema_version":%q,"tool":`, schemaVersion)
	if err := marshal(b, newToolJSON(run)); err != nil {
		return err
	}
	b.WriteString(`,"findings":[`)
	return nil
}

func (e *jsonEncoder) finding(b *bytes.Buffer, r *record) error {
	if e.some {
		b.WriteByte(',')
	}
	e.some = true
	b.WriteByte('\n')
	return marshal(b, r)
}

func (e *jsonEncoder) end(b *bytes.Buffer, sum Summary) error {
	if e.some {
		b.WriteByte('\n')
	}
	b.WriteString(`],"summary":`)
	if err := marshal(b, newSummaryJSON(sum)); err != nil {
		return err
	}
	b.WriteString("}\n")
	return nil
}

// jsonlEncoder writes one object a line: the findings, then the summary.
type jsonlEncoder struct{}

func newJSONL(Options) encoder { return jsonlEncoder{} }

func (jsonlEncoder) begin(*bytes.Buffer, Run) error { return nil }

func (jsonlEncoder) finding(b *bytes.Buffer, r *record) error {
	return marshalLine(b, struct {
		SchemaVersion string `json:"schema_version"`
		*record
	}{schemaVersion, r})
}

func (jsonlEncoder) end(b *bytes.Buffer, sum Summary) error {
	return marshalLine(b, struct {
		SchemaVersion string      `json:"schema_version"`
		Summary       summaryJSON `json:"summary"`
	}{schemaVersion, newSummaryJSON(sum)})
}

// toolJSON is the "tool" object: which program wrote the report, and what it was asked to do.
type toolJSON struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Command string   `json:"command"`
	Roots   []string `json:"roots"`
	Rules   int      `json:"rules"`
}

func newToolJSON(run Run) toolJSON {
	return toolJSON{readable(run.Tool), readable(run.Version), readable(run.Command), readableAll(run.Roots), run.Rules}
}

// summaryJSON is the "summary" object.
type summaryJSON struct {
	Findings   countsJSON    `json:"findings"`
	Suppressed int           `json:"suppressed"`
	Coverage   []counterJSON `json:"coverage"`
	Incomplete bool          `json:"incomplete"`
	Reasons    []string      `json:"reasons"`
}

type countsJSON struct {
	Total      int            `json:"total"`
	Severity   severityJSON   `json:"severity"`
	Confidence confidenceJSON `json:"confidence"`
}

type severityJSON struct {
	Critical int `json:"critical"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
}

type confidenceJSON struct {
	Proven int `json:"proven"`
	High   int `json:"high"`
	Medium int `json:"medium"`
	Low    int `json:"low"`
}

type counterJSON struct {
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"`
	Unit   string `json:"unit"`
	Value  int64  `json:"value"`
}

func newSummaryJSON(sum Summary) summaryJSON {
	s, c := sum.Severity, sum.Confidence
	out := summaryJSON{
		Findings: countsJSON{
			Total: sum.Findings(),
			Severity: severityJSON{
				s[detect.SeverityCritical], s[detect.SeverityHigh], s[detect.SeverityMedium], s[detect.SeverityLow],
			},
			Confidence: confidenceJSON{
				c[detect.ConfidenceProven], c[detect.ConfidenceHigh], c[detect.ConfidenceMedium], c[detect.ConfidenceLow],
			},
		},
		Suppressed: sum.Suppressed,
		Coverage:   make([]counterJSON, 0, len(sum.Coverage)),
		Incomplete: sum.incomplete(),
		Reasons:    readableAll(sum.Reasons),
	}
	for _, n := range sum.Coverage {
		out.Coverage = append(out.Coverage, counterJSON{readable(n.Name), readable(n.Reason), readable(n.Unit), n.Value})
	}
	return out
}

// readableAll returns every string readable; never nil.
func readableAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, readable(s))
	}
	return out
}

func marshalLine(b *bytes.Buffer, v any) error {
	err := marshal(b, v)
	b.WriteByte('\n')
	return err
}

// marshal appends v as JSON in one line. Characters that are not visible are written as \u escapes, which a parser
// reads back as the same text, so that a report is as safe in a terminal as any other text.
func marshal(b *bytes.Buffer, v any) error {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	for text := bytes.TrimSuffix(plain.Bytes(), []byte("\n")); len(text) > 0; {
		r, n := utf8.DecodeRune(text)
		switch {
		case visible(r):
			b.Write(text[:n])
		case r <= 0xffff:
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(b, `\u%04x\u%04x`, hi, lo)
		}
		text = text[n:]
	}
	return nil
}
