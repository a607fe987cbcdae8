package report_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/report"
)

func TestJSON(t *testing.T) {
	summary := `"summary":{"findings":{"total":1,"severity":{"critical":0,"high":1,"medium":0,"low":0},` +
		`"confidence":{"proven":1,"high":0,"medium":0,"low":0}},"suppressed":2,"coverage":[` +
		`{"name":"scanned","unit":"files","value":1204},{"name":"scanned","unit":"bytes","value":3412345},` +
		`{"name":"skipped","reason":"too large","unit":"files","value":1},{"name":"failed","unit":"files","value":0}],` +
		`"incomplete":true,"reasons":["big.bin: larger than 100 MB"]}}` + "\n"
	empty := `"summary":{"findings":{"total":0,"severity":{"critical":0,"high":0,"medium":0,"low":0},` +
		`"confidence":{"proven":0,"high":0,"medium":0,"low":0}},"suppressed":0,"coverage":[],` +
		`"incomplete":false,"reasons":[]}}` + "\n"
	head := `{"schema_version":"1","tool":{"name":"keysieve","version":"1.2.3","command":"scan","roots":["."],"rules":900},"findings":[`
	full := `"rule_id":"acme-token","title":"Acme token","provider":"acme","path":"src/a.env",` +
		`"start_line":7,"start_column":7,"end_line":7,"end_column":38,"secret":"tok-********",` +
		`"confidence":"proven","severity":"high","evidence":["checksum is valid","assigned to TOKEN"],` +
		`"fingerprint":"` + sample().Fingerprint() + `","revoke":"https://acme.example/revoke","decoded_from":"base64 of gzip",` +
		`"commit":"0123456789012345678901234567890123456789","author":"Jane Doe","email":"jane@example.org",` +
		`"date":"2024-03-01T01:30:00Z","ref":"refs/heads/main","lifecycle":"new","in_head":true,"refs":["refs/heads/main"],"ref_count":1}`
	plain := `"rule_id":"acme-token","title":"Acme token","provider":"generic","path":"src/a.env",` +
		`"start_line":7,"start_column":7,"end_line":7,"end_column":38,"secret":"tok-********",` +
		`"confidence":"proven","severity":"high","evidence":[],"fingerprint":"` + plainSample().Fingerprint() + `"}`
	for _, test := range []struct {
		name, format string
		findings     []detect.Finding
		sum          report.Summary
		want         string
	}{
		{"no finding", "json", nil, report.Summary{}, head + "]," + empty},
		{"one", "json", []detect.Finding{sample()}, sampleSummary(), head + "\n{" + full + "\n]," + summary},
		{"two", "json", []detect.Finding{sample(), plainSample()}, sampleSummary(), head + "\n{" + full + ",\n{" + plain + "\n]," + summary},
		{"no finding", "jsonl", nil, report.Summary{}, `{"schema_version":"1",` + empty},
		{
			"two", "jsonl", []detect.Finding{sample(), plainSample()}, sampleSummary(),
			`{"schema_version":"1",` + full + "\n" + `{"schema_version":"1",` + plain + "\n" + `{"schema_version":"1",` + summary,
		},
	} {
		if got := write(t, test.format, report.Options{}, test.sum, test.findings...); got != test.want {
			t.Errorf("%s, %s:\n%s\nwant\n%s", test.name, test.format, got, test.want)
		}
	}
}

// oddFindings have strings that JSON has no way to hold, or that a terminal would act upon.
func oddFindings() []detect.Finding {
	f := sample()
	f.Origin.Path = "caf\xe9/\u202e\u009b\U000e0041.txt"
	f.Secret = detect.NewSecret([]byte("\xff\xfe" + token(12)))
	f.Evidence = []string{"\xff", "\x1b[2J\u2028<&>"}
	f.Origin.Commit.Author, f.Origin.Commit.Email, f.Origin.Commit.Ref = "J\xf6rg", "\xf6", "\xf6"
	return []detect.Finding{f}
}

func TestJSONOddText(t *testing.T) {
	f := oddFindings()[0]
	var got struct {
		Path        string
		PathBytes   []byte `json:"path_bytes"`
		SecretBytes []byte `json:"secret_bytes"`
		Secret      string
		Evidence    []string
		Author      string
	}
	line, _, _ := strings.Cut(write(t, "jsonl", report.Options{ShowSecrets: true}, sampleSummary(), f), "\n")
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, got, want string }{
		{"path", got.Path, `caf\xe9/\u202e\u009b\U000e0041.txt`},
		{"path_bytes", string(got.PathBytes), f.Origin.Path},
		{"secret", got.Secret, `\xff\xfe` + token(12)},
		{"secret_bytes", string(got.SecretBytes), string(f.Secret.Reveal())},
		{"evidence", strings.Join(got.Evidence, "|"), "\\xff|\x1b[2J\u2028<&>"},
		{"author", got.Author, `J\xf6rg`},
	} {
		if test.got != test.want {
			t.Errorf("%s is %q, want %q", test.name, test.got, test.want)
		}
	}
	wantHarmless(t, line)
	if line = write(t, "jsonl", report.Options{}, sampleSummary(), f); strings.Contains(line, "secret_bytes") {
		t.Errorf("the bytes of a redacted secret: %s", line)
	}
}

// wantPath checks that a report of the JSON formats is well formed and gives back the path of its findings.
func wantPath(t *testing.T, format, text, path string, exact bool) {
	t.Helper()
	type finding struct {
		Path  string
		Bytes []byte `json:"path_bytes"`
	}
	var findings []finding
	if format == "json" {
		var doc struct{ Findings []finding }
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		findings = doc.Findings
	} else {
		for line := range strings.Lines(text) {
			var f finding
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			findings = append(findings, f)
		}
		findings = findings[:len(findings)-1]
	}
	for _, f := range findings {
		got := f.Path
		if f.Bytes != nil {
			got = string(f.Bytes)
		}
		if exact && got != path {
			t.Errorf("%s: path %q became %q", format, path, got)
		}
	}
}

// TestJSONSchema checks every kind of output against docs/findings.schema.json, and that every property that the
// schema knows is written.
func TestJSONSchema(t *testing.T) {
	text, err := os.ReadFile("../docs/findings.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s := schema{t: t, used: map[string]bool{}}
	if err := json.Unmarshal(text, &s.root); err != nil {
		t.Fatal(err)
	}
	for _, opts := range []report.Options{{}, {ShowSecrets: true}} {
		for _, findings := range [][]detect.Finding{nil, {sample(), plainSample()}, oddFindings()} {
			for _, sum := range []report.Summary{{}, sampleSummary()} {
				s.check("json", s.root, write(t, "json", opts, sum, findings...))
				for line := range strings.Lines(write(t, "jsonl", opts, sum, findings...)) {
					s.check("jsonl", map[string]any{"$ref": "#/$defs/line"}, line)
				}
			}
		}
	}
	defs := s.root["$defs"].(map[string]any)
	for _, def := range slices.Sorted(maps.Keys(defs)) {
		props, _ := defs[def].(map[string]any)["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(props)) {
			if !s.used[def+"."+name] {
				t.Errorf("nothing written has the schema's property %s of %s", name, def)
			}
		}
	}
	for _, bad := range []string{`{}`, `[]`, `{"schema_version":"2","tool":{},"findings":[],"summary":{}}`} {
		var v any
		if err := json.Unmarshal([]byte(bad), &v); err != nil {
			t.Fatal(err)
		}
		if _, errs := s.validate("bad", "", s.root, v); len(errs) == 0 {
			t.Errorf("the schema accepts %s", bad)
		}
	}
}

// A schema checks values against as much of JSON Schema as docs/findings.schema.json uses; another keyword is an error.
type schema struct {
	t    *testing.T
	root map[string]any
	used map[string]bool // definition.property pairs that were met
}

func (s *schema) check(name string, node map[string]any, text string) {
	s.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		s.t.Fatalf("%s: %v in %s", name, err, text)
	}
	if _, errs := s.validate(name, "", node, v); len(errs) > 0 {
		s.t.Errorf("%s:\n%s\nin %s", name, strings.Join(errs, "\n"), text)
	}
}

// validate returns the properties of v that node, or what it refers to, describes, and what is wrong. def names the
// definition that node is.
func (s *schema) validate(at, def string, node map[string]any, v any) (map[string]bool, []string) {
	known := map[string]bool{}
	var errs []string
	fail := func(format string, args ...any) { errs = append(errs, at+": "+fmt.Sprintf(format, args...)) }
	merge := func(k map[string]bool, e []string) {
		maps.Copy(known, k)
		errs = append(errs, e...)
	}
	object, _ := v.(map[string]any)
	list, _ := v.([]any)
	if ref, ok := node["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/$defs/")
		merge(s.validate(at, name, s.root["$defs"].(map[string]any)[name].(map[string]any), v))
	}
	if props, ok := node["properties"].(map[string]any); ok {
		for name, value := range object {
			if prop, ok := props[name].(map[string]any); ok {
				known[name], s.used[def+"."+name] = true, true
				_, e := s.validate(at+"."+name, def, prop, value)
				merge(nil, e)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(node)) {
		switch arg := node[key]; key {
		case "$schema", "$defs", "title", "description", "contentEncoding", "$ref", "properties":
		case "type":
			if got := typeOf(v); got != arg {
				fail("is %s, not %s", got, arg)
			}
		case "const":
			if v != arg {
				fail("is %v, not %v", v, arg)
			}
		case "enum":
			if !slices.Contains(arg.([]any), v) {
				fail("is %v, not one of %v", v, arg)
			}
		case "minimum":
			if n, _ := v.(float64); n < arg.(float64) {
				fail("is %v, less than %v", v, arg)
			}
		case "pattern":
			if text, _ := v.(string); !regexp.MustCompile(arg.(string)).MatchString(text) {
				fail("is %v, not like %v", v, arg)
			}
		case "items":
			for i, value := range list {
				_, e := s.validate(fmt.Sprintf("%s[%d]", at, i), "", arg.(map[string]any), value)
				merge(nil, e)
			}
		case "required":
			for _, name := range arg.([]any) {
				if _, ok := object[name.(string)]; !ok {
					fail("lacks %v", name)
				}
			}
		case "additionalProperties", "unevaluatedProperties":
			for name := range object {
				if !known[name] {
					fail("has %s, which is not in the schema", name)
				}
			}
		case "oneOf":
			merge(s.one(at, arg.([]any), v))
		default:
			fail("keyword %s is not known to this test", key)
		}
	}
	return known, errs
}

// one validates v against the one schema of several that fits.
func (s *schema) one(at string, nodes []any, v any) (map[string]bool, []string) {
	var known map[string]bool
	var all []string
	fits := 0
	for _, node := range nodes {
		k, errs := s.validate(at, "", node.(map[string]any), v)
		if len(errs) == 0 {
			known = k
			fits++
		}
		all = append(all, errs...)
	}
	if fits == 1 {
		return known, nil
	}
	return nil, append(all, fmt.Sprintf("%s: fits %d of %d", at, fits, len(nodes)))
}

func typeOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		if utf8.ValidString(v) {
			return "string"
		}
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return "null"
}
