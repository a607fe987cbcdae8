package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
)

const goodFile = `
provider = "acme"
name     = "Acme"

[[rule]]
id       = "acme-token"
title    = "Acme token"
severity = "critical"
keywords = ["acme_"]
pattern  = '''acme_[0-9a-f]{32}'''
span     = 100
check    = "jwt"
hit      = ["{{acme_:32:hex}}"]
specificity = 2

[[rule.allow]]
reason     = "the one in the manual"
target     = "line"
stop_words = ["manual"]

[[rule]]
id    = "acme-key"
near  = ["acme"]
words = ["key"]
value = '''[0-9a-f]{32}'''
off   = true
`

func TestLoad(t *testing.T) {
	specs, err := rules.Load("acme.toml", []byte(goodFile))
	if err != nil || len(specs) != 2 {
		t.Fatal(len(specs), err)
	}
	s := specs[0]
	if s.ID != "acme-token" || s.Provider != "acme" || s.ProviderName != "Acme" || s.File != "acme.toml" || s.Line != 5 ||
		s.Severity != detect.SeverityCritical || s.Confidence != detect.ConfidenceHigh || s.Span != 100 ||
		s.CheckName != "jwt" || s.Check == nil || len(s.Hit) != 1 || s.Specificity != 2 ||
		len(s.Allow) != 1 || s.Allow[0].Target != detect.TargetLine {
		t.Errorf("%+v", s)
	}
	s = specs[1]
	if s.Line != 21 || s.Severity != detect.SeverityHigh || s.Confidence != detect.ConfidenceMedium || !s.Off ||
		!slices.Equal(s.Keywords, []string{"acme"}) || s.Pattern == "" {
		t.Errorf("%+v", s)
	}
}

func TestLoadErrors(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string // every one of them
	}{
		{"syntax", "provider = \n", []string{"a.toml", "line 1"}},
		{"unknown key", "provider = 'a'\nproviders = 'b'\n[[rule]]\nid = 'x'\nkeyword = ['k']\n",
			[]string{`a.toml:2: unknown key "providers"`, `a.toml:5: unknown key "rule.keyword"`}},
		{"unknown key after a long string", "[[rule]]\npattern = '''\nx = 1\n'''\nx = 1\n", []string{`a.toml:5: unknown key "rule.x"`}},
		{"unknown key in an allow", "[[rule]]\nid = 'x'\n[[rule.allow]]\nregex = 'x'\n", []string{`a.toml:4: unknown key "rule.allow.regex"`}},
		{"level", "[[rule]]\nid = 'x'\nseverity = 'bad'\nconfidence = 'worse'\n", []string{`a.toml:1: rule "x": "bad"`, `"worse"`}},
		{"check", "[[rule]]\nid = 'x'\ncheck = 'crc'\n", []string{`unknown check "crc"`, "github-crc32"}},
		{"target", "[[rule]]\nid = 'x'\n[[rule.allow]]\ntarget = 'word'\n", []string{`"word" is not a target`}},
		{"piece", "[[rule]]\npattern = '{{edge}}x'\n", []string{"unknown piece {{edge}}"}},
		{"not", "[[rule]]\npattern = 'x'\nnot = ['a word']\n", []string{`unknown "a word"`, "digitless"}},
		{"near without value", "[[rule]]\nnear = ['acme']\n", []string{"need value"}},
		{"host without value", "[[rule]]\nhost = ['api.acme.test']\n", []string{"need value"}},
		{"host and near", "[[rule]]\nhost = ['api.acme.test']\nnear = ['acme']\nvalue = 'x'\n", []string{"near or host"}},
		{"words without near", "[[rule]]\nhost = ['api.acme.test']\nwords = ['key']\nvalue = 'x'\n", []string{"words need near"}},
		{"value without near", "[[rule]]\nvalue = 'x'\n", []string{"needs near or host"}},
		{"near and pattern", "[[rule]]\nnear = ['acme']\nvalue = 'x'\npattern = 'x'\n", []string{"instead of"}},
		{"near too short", "[[rule]]\nnear = ['ab']\nvalue = 'x'\n", []string{"at least 3"}},
		{"near not ASCII", "[[rule]]\nnear = ['caf\u00e9']\nvalue = 'x'\n", []string{"ASCII"}},
		{"type", "[[rule]]\nspan = 'x'\n", []string{"a.toml"}},
	} {
		_, err := rules.Load("a.toml", []byte(tt.text))
		if err == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q lacks %q", tt.name, err, want)
			}
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(goodFile))
	f.Add([]byte("[[rule]]\nnear = ['é', '']\nvalue = '('\n"))
	f.Add([]byte("[[rule]]\nnear = ['abcd']\nwords = ['']\nvalue = '0'\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		specs, err := rules.Load("f.toml", data)
		for _, s := range specs {
			if err == nil && (s.Severity == 0 || s.Confidence == 0 || s.CheckName != "" && s.Named == nil) {
				t.Errorf("%+v", s)
			}
		}
	})
}

// TestNear says what a rule with near takes for an assignment of a key.
func TestNear(t *testing.T) {
	const value = "0123456789abcdef0123456789abcdef"
	load := func(near, words string) *regexp.Regexp {
		specs, err := rules.Load("n.toml", []byte("[[rule]]\nid = 'n'\nvalue = '[0-9a-f]{32}'\nnear = "+near+"\nwords = "+words+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(specs[0].Pattern)
	}
	long, short, worded := load("['algolia']", "[]"), load("['box']", "[]"), load("['linear']", "['key', 'token']")
	apart, general := load("['acme cloud', 'acme_ci']", "[]"), load("['linear']", "['key', 'token', 'secret']")
	for _, tt := range []struct {
		re   *regexp.Regexp
		text string // % stands for the value
		want bool
	}{
		{long, `ALGOLIA_API_KEY=%`, true},
		{long, `export ALGOLIA_API_KEY="%"`, true},
		{long, `algoliaKey := "%"`, true},
		{long, "\"algolia\": {\n  \"apiKey\": \"%\"\n}", true},
		{long, "algolia:\n  api_key: %", true},
		{long, `<algolia-key>%</algolia-key>`, true},
		{long, `<add key="algolia" value="%"/>`, true},
		{long, `algoliasearch('APPID', '%')`, true},
		{long, `curl -H "X-Algolia-API-Key: %"`, true},
		{long, `curl https://x.algolia.net -H "Authorization: Bearer %"`, true},
		{long, `tool --algolia-key % run`, true},
		{long, `ENV ALGOLIA_KEY %`, true},
		{long, `https://algolia.net/?key=%&x=1`, true},
		{long, `{\"algolia_key\":\"%\"}`, true},
		{long, `$algolia['key'] = '%';`, true},
		{long, `'algolia' => '%',`, true},
		{long, `algolia % prose`, true},
		{long, `algolia-%`, true},
		{long, `algoliaSECRET-%`, true},
		{long, `Your algolia key is %, keep it safe.`, true},
		{long, "algolia private access key\n%", true},
		{long, "<algolia>\n        %\n</algolia>", true},
		{long, `algolia = "%?x"`, false},
		{long, `algolia_hash = "%ab"`, false},
		{long, `algolia_path = "%/x"`, false},
		{long, `algolia_image = "%.png"`, false},
		{long, `the key of algolia is "%".`, true},
		{long, "algolia\n\n\nkey = %", false},
		{long, "algolia:\n  app: X1\n  url: https://x.test\n  api_key: %", true},
		{long, "algolia:\n  app: X1\n  url: https://x.test\n  checksum: %", false},
		{long, "algolia:\n  a: 1\n  b: 2\n  c: 3\n  d: 4\n  api_key: %", false},
		{long, `resolved "https://registry.test/algolia-4.0.0.tgz#%"`, false},
		{short, `BOX_KEY=%`, true},
		{short, `box.key = "%"`, true},
		{short, `boxKey = "%"`, true},
		{short, `myBoxKey = "%"`, true},
		{short, `box = "%"`, true},
		{short, `BOX=%`, true},
		{short, `my_box_key = "%"`, true},
		{short, `boxKEY=%`, true},
		{short, `boxes = "%"`, false},
		{short, `sandbox = "%"`, false},
		{short, `SANDBOX_KEY = "%"`, false},
		{worded, `linear_api_key = "%"`, true},
		{worded, "linear:\n  token: '%'", true},
		{worded, `linear_gradient = "%"`, false},
		{worded, `linear_auth = "%"`, false},
		{worded, "variable \"linear_token\" {\n  type = string\n  default = \"%\"\n}", true},
		{long, "variable \"algolia_key\" {\n  description = \"x\"\n  type = string\n  default = \"%\"\n}", true},
		{worded, "<key>linearTokenDev</key>\n\t<string>%</string>", true},
		{worded, "env:\n  - name: LINEAR_TOKEN_DEV\n    value: %", true},
		{general, `linear_auth = "%"`, true},
		{general, `LINEAR_CREDENTIAL=%`, true},
		{general, `linear_gradient = "%"`, false},
		{apart, `ACME_CLOUD_KEY=%`, true},
		{apart, `acmeCloudKey = "%"`, true},
		{apart, `--acme-cloud-key %`, true},
		{apart, `Acme Cloud key: %`, true},
		{apart, `acme-ci-key: %`, true},
		{apart, `ACME_CI=%`, true},
		{apart, `acme_key = "%"`, false},
	} {
		m := tt.re.FindStringSubmatch(strings.ReplaceAll(tt.text, "%", value))
		if got := m != nil && strings.Join(m[1:], "") == value; got != tt.want {
			t.Errorf("%s: %v, want %v", tt.text, got, tt.want)
		}
	}
}

// TestRequest says where the credential of a request is found before the host that it is sent to.
func TestRequest(t *testing.T) {
	specs, err := rules.Load("h.toml", []byte("[[rule]]\nid = 'h'\nhost = ['api.acme.test', 'acme.example/v2']\nvalue = '[0-9a-f]{16}'\n"))
	if err != nil {
		t.Fatal(err)
	}
	re := regexp.MustCompile(specs[0].Pattern)
	const value = "0123456789abcdef"
	for text, want := range map[string]bool{
		`curl -u %: https://api.acme.test/v1`:                                    true,
		`curl -u user:% https://api.acme.test/v1`:                                true,
		"curl -H 'X-Acme-Key: %' \\\n  https://eu.api.acme.test/v1":              true,
		`curl --header="Authorization: Bearer %" -X GET 'https://API.acme.test'`: true,
		`get(headers={"Authorization": "Token %"}, url="https://api.acme.test")`: true,
		"key = '%'\nurl = 'https://acme.example/v2'":                             true,
		`curl -H 'X-Acme-Key: %a' https://api.acme.test`:                         false,
		`curl -H 'X-Acme-Key: %' https://api.acmes.test`:                         false,
		`curl -H 'X-Acme-Key: %' https://myapi.acme.test`:                        false,
		`commit % of https://api.acme.test`:                                      false,
	} {
		m := re.FindStringSubmatch(strings.ReplaceAll(text, "%", value))
		if got := m != nil && m[1] == value; got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

// TestLengthened says when a value may be longer than its rule says.
func TestLengthened(t *testing.T) {
	const one = "[[rule]]\nid = 'one'\nnear = ['algolia']\nvalue = '%s'\n"
	for _, tt := range []struct {
		file, text string
		want       string
	}{
		{fmt.Sprintf(one, `[0-9a-z]{16}`), "algolia_key = 0123456789wxyz0123456789", "0123456789wxyz0123456789"},
		{fmt.Sprintf(one, `[0-9a-z]{16}`), "algolia PRIVATE KEY : 0123456789wxyz0123456789", "0123456789wxyz0123456789"},
		{fmt.Sprintf(one, `a_[0-9a-z]{16}`), "algoliaToken('a_0123456789wxyz012')", "a_0123456789wxyz012"},
		{fmt.Sprintf(one, `(?:b|a)_[0-9a-z]{16}`), "algoliaToken('a_0123456789wxyz012')", "a_0123456789wxyz012"},
		{fmt.Sprintf(one, `(?:live|test)_[0-9a-z]{16}`), "algolia_key = test", ""},
		{fmt.Sprintf(one, `[0-9a-z]{16}`), "algolia_key = 0123456789wxyz0123456789x", ""},
		{fmt.Sprintf(one, `[0-9a-z]{16}`), "algolia_image = 0123456789wxyz012", ""},
		{fmt.Sprintf(one, `[0-9a-z]{16}`), "algolia: asks for a key, 0123456789wxyz012", ""},
		{fmt.Sprintf(one, `[0-9a-f]{16}`), "algolia_key = 0123456789abcdef012", ""},
		{fmt.Sprintf(one, `[0-9a-z]{8}`), "algolia_key = 0123wxyz0", ""},
		{fmt.Sprintf(one, `[0-9a-z]{16}`) + fmt.Sprintf(one, `[0-9a-z]{20}`), "algolia_key = 0123456789wxyz012", ""},
	} {
		specs, err := rules.Load("n.toml", []byte(tt.file))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if m := regexp.MustCompile(specs[0].Pattern).FindStringSubmatch(tt.text); m != nil {
			got = strings.Join(m[1:], "")
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestNoTokens scans the rule files: they are public, and hold templates only.
func TestNoTokens(t *testing.T) {
	detector, err := detect.New(rules.All(), detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("data/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found, err := detector.Find(detect.Fragment{Data: data, Origin: detect.Origin{Path: "rules/" + filepath.ToSlash(name)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s:%d: holds a token (%s): %s: write it as a template", name, f.Start.Line, f.RuleID, f.Secret.Reveal())
		}
	}
}
