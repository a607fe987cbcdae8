package detect_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

// Rules of the tests below. A check judges a secret by its last character.
var testRules = []detect.Rule{
	{ID: "tok", Provider: "acme", Keywords: []string{"tok_"}, Pattern: `\btok_[0-9a-z]{8}\b`, Check: lastCharacter,
		Allow: []detect.Allow{{StopWords: []string{"EXAMPLE"}}, {Paths: []string{`_test\.go$`}}}},
	{ID: "tok-special", Provider: "acme", Keywords: []string{"tok_"}, Pattern: `\btok_special[0-9a-z]\b`, Specificity: 1},
	{ID: "generic", Confidence: detect.ConfidenceMedium, Keywords: []string{"secret"}, Pattern: `(?i)secret ?[=:] ?"?([0-9a-z_]{4,40})`, MinEntropy: 2, TextOnly: true},
	{ID: "block", Keywords: []string{"--begin"}, Pattern: `--begin\n((?:[a-z]{1,20}\n){1,10})--end`},
	{ID: "look", Keywords: []string{"look"}, Pattern: `(?<=<)look[0-9]{2,4}(?=>)`},
	{ID: "file", Path: `\.cookie$`, Pattern: `(?m:^[a-z]{9}$)`},
	{ID: "go-only", Path: `\.go$`, Keywords: []string{"gopher"}, Pattern: `gopher[0-9]{3}`},
	{ID: "both", Keywords: []string{"both"}, Pattern: `both[0-9]{3}`,
		Allow: []detect.Allow{{All: true, Paths: []string{`^docs/`}, Target: detect.TargetLine, Patterns: []string{`(?i)sample`}}}},
	{ID: "judged", Keywords: []string{"judge"}, Matcher: judged},
}

// judged finds the word after "judge " and is sure of it when it has an x.
func judged(f *detect.Fragment, at, n int) ([]detect.Match, detect.Range) {
	word, _, _ := strings.Cut(string(f.Data[at+n:]), "\n")
	if word = strings.TrimPrefix(word, " "); word == "" {
		return nil, detect.Range{}
	}
	m := detect.Match{Range: detect.Range{Start: at, End: at + n + 1 + len(word)}, Secret: detect.Range{Start: at + n + 1, End: at + n + 1 + len(word)}}
	if !strings.Contains(word, "x") {
		m.Confidence = detect.ConfidenceLow
	}
	return []detect.Match{m}, detect.Range{}
}

func lastCharacter(secret []byte) detect.Proof {
	switch secret[len(secret)-1] {
	case '1':
		return detect.Proof{Verdict: detect.Valid, Note: "checksum is valid"}
	case '0':
		return detect.Proof{Verdict: detect.Invalid, Note: "checksum is wrong"}
	}
	return detect.Proof{}
}

// show prints a finding as rule line:column-line:column confidence secret, and what this was decoded from.
func show(f detect.Finding) string {
	s := fmt.Sprintf("%s %d:%d-%d:%d %s %s", f.RuleID, f.Start.Line, f.Start.Column, f.End.Line, f.End.Column, f.Confidence, f.Secret.Reveal())
	if f.DecodedFrom != "" {
		s += " from " + f.DecodedFrom
	}
	return s
}

// checkFind fails unless the findings in a fragment, as show prints them, are those that are wanted, separated by semicolons. It returns them.
func checkFind(t *testing.T, d *detect.Detector, f detect.Fragment, want string) []detect.Finding {
	t.Helper()
	found, err := d.Find(f)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, show(f))
	}
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	return found
}

func TestFind(t *testing.T) {
	lines := func(ranges ...detect.LineRange) []detect.LineRange { return append([]detect.LineRange{}, ranges...) }
	cases := []struct {
		name     string
		fragment detect.Fragment
		min      detect.Confidence
		want     string
	}{
		{"position", detect.Fragment{Data: []byte("a\nb tok_abcdefgh c")}, 0, "tok 2:3-2:15 high tok_abcdefgh"},
		{"keyword in capitals", detect.Fragment{Data: []byte("TOK_abcdefgh")}, 0, ""},
		{"proven", detect.Fragment{Data: []byte("tok_abcdefg1")}, 0, "tok 1:1-1:13 proven tok_abcdefg1"},
		{"disproved", detect.Fragment{Data: []byte("tok_abcdefg0")}, 0, ""},
		{"disproved, asked for", detect.Fragment{Data: []byte("tok_abcdefg0")}, detect.ConfidenceLow, "tok 1:1-1:13 low tok_abcdefg0"},
		{"disproved is not generic either", detect.Fragment{Data: []byte("secret = tok_abcdefg0")}, 0, ""},
		{"stop word", detect.Fragment{Data: []byte("tok_8example")}, 0, ""},
		{"a stop word cannot silence proof", detect.Fragment{Data: []byte("tok_example1")}, 0, "tok 1:1-1:13 proven tok_example1"},
		{"allowed is not generic either", detect.Fragment{Data: []byte("secret = tok_8example")}, 0, ""},
		{"allowed path", detect.Fragment{Data: []byte("tok_abcdefgh"), Origin: detect.Origin{Path: "a_test.go"}}, 0, ""},
		{"provider before generic", detect.Fragment{Data: []byte("secret: tok_abcdefgh")}, 0, "tok 1:9-1:21 high tok_abcdefgh"},
		{"specificity", detect.Fragment{Data: []byte("tok_special8")}, 0, "tok-special 1:1-1:13 high tok_special8"},
		{"entropy", detect.Fragment{Data: []byte("secret: aaaaaaaabb secret: 1a2b3c4d")}, 0, "generic 1:28-1:36 medium 1a2b3c4d"},
		{"two on a line", detect.Fragment{Data: []byte("tok_abcdefgh tok_12345678")}, 0, "tok 1:1-1:13 high tok_abcdefgh; tok 1:14-1:26 high tok_12345678"},
		{"several lines", detect.Fragment{Data: []byte("x\n--begin\nabc\ndef\n--end")}, 0, "block 3:1-5:1 high abc\ndef\n"},
		{"lookaround", detect.Fragment{Data: []byte("é<look123> look124> <look125")}, 0, "look 1:4-1:11 high look123"},
		{"path of the rule", detect.Fragment{Data: []byte("gopher123"), Origin: detect.Origin{Path: "a.go"}}, 0, "go-only 1:1-1:10 high gopher123"},
		{"a whole file", detect.Fragment{Data: []byte("#\nabcdefghi\n"), Origin: detect.Origin{Path: "a.cookie"}}, 0, "file 2:1-2:10 high abcdefghi"},
		{"a whole file elsewhere", detect.Fragment{Data: []byte("#\nabcdefghi\n"), Origin: detect.Origin{Path: "cookie.a"}}, 0, ""},
		{"another path", detect.Fragment{Data: []byte("gopher123"), Origin: detect.Origin{Path: "a.c"}}, 0, ""},
		{"all conditions", detect.Fragment{Data: []byte("a sample: both123"), Origin: detect.Origin{Path: "docs/a"}}, 0, ""},
		{"one condition of all", detect.Fragment{Data: []byte("a sample: both123"), Origin: detect.Origin{Path: "a"}}, 0, "both 1:11-1:18 high both123"},
		{"binary", detect.Fragment{Data: []byte("\x00secret=1a2b3c4d tok_abcdefgh"), Binary: true}, 0, "tok 1:18-1:30 high tok_abcdefgh"}, // keysieve:allow generic-api-key made up
		{"base", detect.Fragment{Data: []byte("tok_abcdefgh\ntok_abcdefgi"), Base: detect.Position{Offset: 100, Line: 7, Column: 5}}, 0,
			"tok 7:5-7:17 high tok_abcdefgh; tok 8:1-8:13 high tok_abcdefgi"},
		{"own", detect.Fragment{Data: []byte("tok_abcdefgh tok_abcdefgi tok_abcdefgj"), Own: &detect.Range{Start: 1, End: 26}}, 0, "tok 1:14-1:26 high tok_abcdefgi"},
		{"added line", detect.Fragment{Data: []byte("tok_abcdefgh\ntok_abcdefgi\ntok_abcdefgj"), Added: lines(detect.LineRange{First: 2, Last: 2})}, 0, "tok 2:1-2:13 high tok_abcdefgi"},
		{"added line inside a secret", detect.Fragment{Data: []byte("--begin\nabc\ndef\nghi\n--end"), Added: lines(detect.LineRange{First: 3, Last: 3})}, 0, "block 2:1-5:1 high abc\ndef\nghi\n"},
		{"added line beside a secret", detect.Fragment{Data: []byte("--begin\nabc\n--end"), Added: lines(detect.LineRange{First: 1, Last: 1}, detect.LineRange{First: 3, Last: 9})}, 0, ""},
		{"no added line", detect.Fragment{Data: []byte("tok_abcdefgh"), Added: lines()}, 0, ""},
		{"known before", detect.Fragment{Data: []byte("  tok_abcdefgh tok_abcdefgi"), Before: [][]byte{[]byte("x"), []byte("tok_abcdefgh")}}, 0, "tok 1:16-1:28 high tok_abcdefgi"},
		{"known, but not as a secret", detect.Fragment{Data: []byte("secret=1a2b3c4d"), Before: [][]byte{[]byte("x=1a2b3c4d")}}, 0, "generic 1:8-1:16 medium 1a2b3c4d"},
		{"at the ends", detect.Fragment{Data: []byte("tok_abcdefgh")}, 0, "tok 1:1-1:13 high tok_abcdefgh"},
		{"matcher", detect.Fragment{Data: []byte("Judge abx\njudge abc\njudge")}, 0, "judged 1:7-1:10 high abx"},
		{"empty", detect.Fragment{}, 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDetector(t, testRules, detect.Options{MinConfidence: c.min})
			checkFind(t, d, c.fragment, c.want)
		})
	}
}

func TestContextHidesSecrets(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	for text, want := range map[string]string{
		"a = tok_abcdefgh # b":                          "a = | # b",
		"tok_abcdefgh, tok_abcdefgi":                    "|, ********",
		"x\nid: 0123456789abcdefABCD tok_abcdefgh\r\ny": "id: ******** |",
		"tok_abcdefgh xtok_abcdefgh":                    "| x********",
		strings.Repeat("long ", 50) + "tok_abcdefgh":    strings.Repeat("long ", 16) + "|",
	} {
		found, err := d.Find(detect.Fragment{Data: []byte(text)})
		if err != nil || len(found) == 0 {
			t.Fatalf("%q: %d findings, error %v", text, len(found), err)
		}
		c := found[0].Context
		if got := c.Before + "|" + c.After; got != want {
			t.Errorf("%q: context is %q, want %q", text, got, want)
		}
	}
}

func TestSuppress(t *testing.T) {
	for text, want := range map[string]string{
		"a tok_abcdefgh # b":                         "|a tok_abcdefgh # b",
		"x\r\n\ny\n  tok_abcdefgh\nz":                "y|  tok_abcdefgh",
		"\ntok_abcdefgh":                             "|tok_abcdefgh",
		"x\n--begin\nabc\ndef\n--end # c\ny":         "x|--begin\nabc\ndef\n--end # c",
		strings.Repeat("x", 70000) + " tok_abcdefgh": "|" + strings.Repeat("x", detect.SuppressWidth-1) + " tok_abcdefgh",
		"tok_abcdefgh " + strings.Repeat("x", 70000): "|tok_abcdefgh " + strings.Repeat("x", detect.SuppressWidth-1),
	} {
		got := ""
		d := newDetector(t, testRules, detect.Options{Suppress: func(f *detect.Finding, above, lines []byte) {
			got = string(above) + "|" + string(lines)
			f.Suppressed = "because"
		}})
		found, err := d.Find(detect.Fragment{Data: []byte(text)})
		if err != nil || len(found) != 1 || found[0].Suppressed != "because" || got != want {
			t.Errorf("%.80q: %d findings, error %v, lines %.80q, want %.80q", text, len(found), err, got, want)
		}
	}
}

func TestOverlappingRulesAreNamed(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	found, _ := d.Find(detect.Fragment{Data: []byte("secret = tok_abcdefg1")})
	if len(found) != 1 || strings.Join(found[0].Evidence, "; ") != "checksum is valid; also matches generic" {
		t.Fatalf("found %v", found)
	}
}

func TestFingerprintIsIndependentOfTheLine(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	print := func(path, text string) string {
		found, _ := d.Find(detect.Fragment{Data: []byte(text), Origin: detect.Origin{Path: path}})
		return found[0].Fingerprint()
	}
	a := print("a", "tok_abcdefgh")
	if a != print("a", "\n\n  tok_abcdefgh") || a == print("b", "tok_abcdefgh") || a == print("a", "tok_abcdefgi") || len(a) != 32 {
		t.Fatalf("fingerprint %s", a)
	}
}

func TestEveryBadRuleIsReported(t *testing.T) {
	_, err := detect.New([]detect.Rule{
		{ID: "syntax", Pattern: `(`},
		{ID: "empty", Pattern: `a*`},
		{ID: "none"},
		{ID: "two", Pattern: "abc", Keywords: []string{"abc"}, Matcher: judged},
		{ID: "aimless", Matcher: judged},
		{Pattern: `abc`},
		{ID: "short", Keywords: []string{"ab"}, Pattern: `ab`},
		{ID: "path", Pattern: `abc`, Path: `[`},
		{ID: "allow", Pattern: `abc`, Allow: []detect.Allow{{Patterns: []string{`(`}, Paths: []string{`(`}}}},
		{ID: "fine", Pattern: `abc`},
	}, detect.Options{})
	for _, id := range []string{"syntax", "empty", "none", "two", "aimless", `""`, "short", "path", "allow"} {
		if err == nil || !strings.Contains(err.Error(), id) {
			t.Fatalf("no word of %s in: %v", id, err)
		}
	}
	var bad *detect.RuleError
	if !errors.As(err, &bad) || strings.Contains(err.Error(), `"fine"`) {
		t.Fatalf("error is %v", err)
	}
	twice := []detect.Rule{{ID: "a", Pattern: "abc"}, {ID: "a", Pattern: "abd"}}
	if _, err := detect.New(twice, detect.Options{}); err == nil {
		t.Fatal("two rules with one id were accepted")
	}
}

func TestTimeoutMakesTheScanIncomplete(t *testing.T) {
	rules := []detect.Rule{
		{ID: "slow", Keywords: []string{"slow"}, Pattern: `slow(a+)+(?!x)$`, Span: 1000},
		{ID: "tok", Keywords: []string{"tok_"}, Pattern: `tok_[a-z]{4}`},
	}
	d := newDetector(t, rules, detect.Options{})
	found, err := d.Find(detect.Fragment{Origin: detect.Origin{Path: "p"}, Data: []byte("slow" + strings.Repeat("a", 200) + "b tok_abcd")})
	var input *detect.InputError
	var rule *detect.RuleError
	if !errors.As(err, &input) || input.Path != "p" || !errors.As(err, &rule) || rule.ID != "slow" {
		t.Fatalf("error is %v", err)
	}
	if len(found) != 1 || found[0].RuleID != "tok" {
		t.Fatalf("found %v", found)
	}
}

func TestAligned(t *testing.T) {
	for _, c := range []struct {
		pattern string
		aligned bool
	}{
		{`\bkey-[0-9a-f]{32}\b`, true},
		{`(?i)[\w.-]{0,50}?(?:key|token)[ =]{1,3}(\w{20})`, true},
		{`(?:foo-?key|to?ken)x`, true},
		{`(?i)[ck]ey`, false},
		{`\w+key`, false},
		{`(?:key|password)`, false},
		{`[0-9a-f]{32}`, false},
		{`(?<!x)key(?=y)`, true},
		{`(x)key\1`, false},
	} {
		err := detect.Aligned(detect.Rule{Keywords: []string{"key", "token", "ken"}, Pattern: c.pattern})
		if (err == nil) != c.aligned {
			t.Errorf("%s: aligned is %t: %v", c.pattern, err == nil, err)
		}
	}
}

// TestStoredTablesHideNoBadRule has rules whose keywords the tables know already.
func TestStoredTablesHideNoBadRule(t *testing.T) {
	good := []detect.Rule{{ID: "p", Keywords: []string{"abc"}, Pattern: "abc[0-9]"}, {ID: "m", Keywords: []string{"judge"}, Matcher: judged}}
	tables, err := detect.BuildTables(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []detect.Rule{
		{Keywords: []string{"abc"}, Pattern: "abc[0-9]"},
		{ID: "both", Keywords: []string{"abc"}, Pattern: "abc[0-9]", Matcher: judged},
		{ID: "neither", Keywords: []string{"judge"}},
	} {
		if _, err := detect.New([]detect.Rule{bad}, detect.Options{Tables: tables}); err == nil {
			t.Errorf("rule %q is accepted", bad.ID)
		}
	}
	for _, r := range good {
		r.Allow = []detect.Allow{{Patterns: []string{"("}}}
		d, err := detect.New([]detect.Rule{r}, detect.Options{Tables: tables})
		if err != nil {
			continue
		}
		if _, err := d.Find(detect.Fragment{Data: []byte("abc1 judge x")}); err == nil {
			t.Errorf("rule %q has an allowlist that cannot be read, and there is no error", r.ID)
		}
	}
}

// TestPanicLeavesNothingBehind searches once more after a matcher has panicked.
func TestPanicLeavesNothingBehind(t *testing.T) {
	panics := func(f *detect.Fragment, _, _ int) ([]detect.Match, detect.Range) { panic("matcher") }
	d := newDetector(t, []detect.Rule{{ID: "a", Keywords: []string{"token"}, Pattern: `token[0-9]{3}\b`}, {ID: "m", Keywords: []string{"judge"}, Matcher: panics}}, detect.Options{})
	func() {
		defer func() { _ = recover() }()
		_, _ = d.Find(detect.Fragment{Data: []byte("token123 judge")})
		t.Error("there was no panic")
	}()
	if found, err := d.Find(detect.Fragment{Data: []byte("a token456 b")}); len(found) != 1 || err != nil {
		t.Errorf("after a panic: %v, %v", found, err)
	}
}

func TestStoredTablesGiveTheSameDetector(t *testing.T) {
	built, err := detect.BuildTables(shapes)
	if err != nil {
		t.Fatal(err)
	}
	stored := built.AppendBinary(nil)
	loaded, err := detect.LoadTables(stored)
	if err != nil {
		t.Fatal(err)
	}
	data := []byte("ab_0101ab key=abab00\nxyzab --begin --aab--end é")
	newPair(t, shapes, loaded).compare(t, data)
	newPair(t, shapes[3:8], loaded).compare(t, data) // fewer than half, so for them alone
	some, err := detect.BuildTables(shapes[:5])
	if err != nil {
		t.Fatal(err)
	}
	if some, err = detect.LoadTables(some.AppendBinary(nil)); err != nil {
		t.Fatal(err)
	}
	newPair(t, shapes, some).compare(t, data)
	newPair(t, shapes[3:8], some).compare(t, data)
	for n := 0; n < len(stored); n += 13 {
		if _, err := detect.LoadTables(stored[:n]); err == nil {
			t.Fatalf("tables cut at %d bytes were accepted", n)
		}
	}
}
