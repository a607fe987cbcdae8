package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

func TestExplain(t *testing.T) {
	cases := []struct {
		name     string
		fragment detect.Fragment
		want     string
	}{
		{"nothing", detect.Fragment{Data: []byte("tok_abc")}, ""},
		{"reported", detect.Fragment{Data: []byte("a\nb tok_abcdefgh")}, "2:3 tok high: reported"},
		{"proven", detect.Fragment{Data: []byte("tok_abcdefg1")}, "1:1 tok proven: reported"},
		{"disproved", detect.Fragment{Data: []byte("tok_abcdefg0")}, "1:1 tok low: the check says no: confidence low < medium"},
		{"stop word", detect.Fragment{Data: []byte("tok_8example")}, "1:1 tok high: allowed: an allowlist of the rule"},
		{"reason", detect.Fragment{Data: []byte("why_abcd")}, "1:1 why high: allowed: because"},
		{"overlap", detect.Fragment{Data: []byte("tok_special8")}, "1:1 tok high: overlapped by tok-special; 1:1 tok-special high: reported"},
		{"overlap by what is allowed", detect.Fragment{Data: []byte("secret = tok_8example")},
			"1:10 generic medium: overlapped by tok; 1:10 tok high: allowed: an allowlist of the rule"},
		{"entropy", detect.Fragment{Data: []byte("secret: aaaaaaaabb")}, "1:9 generic medium: entropy 0.722 < 2.000 bits per byte"},
		{"path", detect.Fragment{Data: []byte("gopher123"), Origin: detect.Origin{Path: "a.c"}}, "1:1 go-only unknown: the rule is not for this path"},
		{"low confidence", detect.Fragment{Data: []byte("judge word")}, "1:7 judged low: confidence low < medium"},
		{"found twice", detect.Fragment{Data: []byte("twice twice here")}, "1:13 twice high: reported"},
		{"comment", detect.Fragment{Data: []byte("tok_abcdefgh # fine")}, "1:1 tok high: suppressed by a comment: fine"},
		{"base and own", detect.Fragment{Data: []byte("tok_abcdefgh\ntok_abcdefgi\ntok_abcdefgj"), Own: &detect.Range{Start: 1, End: 26},
			Base: detect.Position{Offset: 100, Line: 7, Column: 5}}, "8:1 tok high: reported"},
		{"what is new does not matter", detect.Fragment{Data: []byte("tok_abcdefgh"), Added: []detect.LineRange{}, Before: [][]byte{[]byte("tok_abcdefgh")}},
			"1:1 tok high: reported"},
	}
	rules := append([]detect.Rule{
		{ID: "why", Keywords: []string{"why_"}, Pattern: `\bwhy_[a-z]{4}\b`, Allow: []detect.Allow{{StopWords: []string{"none"}}, {Reason: "because", Patterns: []string{"abc"}}}},
		{ID: "twice", Keywords: []string{"twice"}, Matcher: lastWord},
	}, testRules...)
	d, err := detect.New(rules, detect.Options{Suppress: func(f *detect.Finding, _, lines []byte) {
		_, f.Suppressed, _ = strings.Cut(string(lines), " # ")
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		steps, err := d.Explain(c.fragment)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var got []string
		for _, s := range steps {
			confidence := "unknown"
			if s.Confidence != 0 {
				confidence = s.Confidence.String()
			}
			got = append(got, fmt.Sprintf("%d:%d %s %s: %s", s.Start.Line, s.Start.Column, s.RuleID, confidence, s.Verdict))
			if s.Reported != (s.Verdict == "reported") {
				t.Errorf("%s: %s: reported is %v", c.name, s.Verdict, s.Reported)
			}
		}
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// lastWord finds the last word of the text, wherever the keyword stands.
func lastWord(f *detect.Fragment, at, _ int) ([]detect.Match, detect.Range) {
	from := strings.LastIndex(string(f.Data), " ") + 1
	return []detect.Match{{Range: detect.Range{Start: at, End: len(f.Data)}, Secret: detect.Range{Start: from, End: len(f.Data)}}}, detect.Range{}
}

// TestExplainAgrees holds that what Explain says is reported is what Find reports.
func TestExplainAgrees(t *testing.T) {
	text := "secret: tok_abcdefgh tok_special8\njudge xyz\nboth123 --begin\nabc\n--end secret=tok_abcdefg0 tok_12345671\n<look123> secret: aaaaaaaabb secret: 1a2b3c4d" // keysieve:allow generic-api-key made up
	d, err := detect.New(testRules, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := detect.Fragment{Data: []byte(text)}
	found, err := d.Find(f)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := d.Explain(f)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, x := range found {
		want = append(want, fmt.Sprint(x.RuleID, x.Start, x.End, x.Confidence, x.Evidence))
	}
	for _, s := range steps {
		if s.Reported {
			got = append(got, fmt.Sprint(s.RuleID, s.Start, s.End, s.Confidence, s.Evidence))
		}
	}
	if len(want) < 5 || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("explained:\n%s\nfound:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
