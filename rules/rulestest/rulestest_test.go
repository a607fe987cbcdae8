package rulestest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

// good is a rule that passes; each case below spoils one line of it.
const good = `
provider = "acme"
name     = "Acme"
[[rule]]
id       = "acme-token"
title    = "Acme token"
doc      = "Opens everything."
keywords = ["acme_"]
pattern  = '''\b(?P<secret>acme_[0-9a-f]{32})(?:[^0-9a-f]|$)'''
entropy  = 3.0
source   = "https://acme.test/docs"
hit      = ["token: {{acme_:32:hex}}", "{{acme_:32:hex}}"]
miss     = ["{{acme_:31:hex}}", "acme_00000000000000000000000000000000"]
`

func TestRule(t *testing.T) {
	for _, tt := range []struct {
		name, line string // replaces the line of the same key
		want       string // a part of what is said, "" when nothing is
	}{
		{"good", "", ""},
		{"id", `id = "AcmeToken"`, "not kebab-case"},
		{"title", `title = ""`, "no title"},
		{"doc", `doc = ""`, "no doc"},
		{"source", `source = ""`, "no source"},
		{"source not a URL", `source = "the manual"`, "not a URL"},
		{"provider", `provider = "acne"`, "stands in acme.toml"},
		{"no provider", `provider = ""`, "it has no provider"},
		{"name", `name = ""`, "no name"},
		{"no hit", `hit = []`, "no hit"},
		{"no miss", `miss = []`, "no miss"},
		{"short keyword", `keywords = ["ac"]`, "has 2 bytes"},
		{"keyword without a reason", `keywords = ["acm"]`, "is short"},
		{"keyword not in the pattern", `keywords = ["acme_", "acme-"]`, `"acme-" occurs neither`},
		{"keyword not in a hit", `keywords = ["acne_"]`, "has none of the keywords"},
		{"keyword not in every match", `pattern = '''(?P<secret>(?:acme_|acme-)[0-9a-f]{32})\b'''`, "runs over whole files"},
		{"pattern matches nothing", `pattern = '''(?P<secret>(?:acme_[0-9a-f]{32})?)'''`, "empty string"},
		{"pattern does not match", `pattern = '''acme_[0-9]{32}'''`, "is not found"},
		{"pattern takes a part", `pattern = '''acme_[0-9a-f]{31}'''`, "only a part"},
		{"pattern wants the end", `pattern = '''acme_[0-9a-f]{32}\z'''`, "between lines"},
		{"pattern takes a longer one", `pattern = '''acme_[0-9a-f]{31,32}'''`, "is reported"},
		{"large program", `pattern = '''acme_[0-9a-f]{32,999}[0-9a-f]{0,999}\b'''`, "instructions"},
		{"entropy", `entropy = 3.9`, "is not found"},
		{"no entropy", `entropy = 0.0`, "is reported"},
		{"slow, but is not", `slow = "it is slow"`, "says that it is slow"},
		{"hit is literal", `hit = ["acme_0123456789abcdef0123456789abcdef"]`, "write it as a template"},
		{"hit is no template", `hit = ["acme_{{:32}}"]`, "want PREFIX"},
		{"allow without a reason", "[[rule.allow]]\nstop_words = ['manual']", "no reason"},
	} {
		specs, err := rules.Load("acme.toml", []byte(replaceLine(good, tt.line)))
		if err != nil {
			t.Fatal(tt.name, err)
		}
		got := errors.Join(rulestest.New(specs).Rule(specs[0])...)
		if (got == nil) != (tt.want == "") || got != nil && !strings.Contains(got.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, got, tt.want)
		}
	}
}

// replaceLine puts line in the place of the line with the same key, or at the end.
func replaceLine(text, line string) string {
	key, _, _ := strings.Cut(line, " ")
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if key != "" && strings.HasPrefix(l, key+" ") {
			lines[i] = line
			return strings.Join(lines, "\n")
		}
	}
	return text + line + "\n"
}

func TestSet(t *testing.T) {
	rule := func(id, more string) string {
		return fmt.Sprintf("[[rule]]\nid = '%s'\nkeywords = ['acme_']\npattern = 'acme_[0-9]{8}'\n%s\n", id, more)
	}
	for _, tt := range []struct{ name, text, want string }{
		{"fine", rule("a", "aliases = ['x']") + rule("b", "aliases = ['y']"), ""},
		{"id twice", rule("a", "") + rule("a", ""), `acme.toml:6: "a" is also a name of rule "a" (acme.toml:1)`},
		{"alias is an id", rule("a", "aliases = ['b']") + rule("b", ""), `"b" is also a name`},
		{"alias twice", rule("a", "aliases = ['x']") + rule("b", "aliases = ['x']"), `"x" is also a name`},
		{"bad pattern", rule("a", "") + "[[rule]]\nid = 'b'\nkeywords = ['acme_']\npattern = '('\n", `rule "b"`},
	} {
		specs, err := rules.Load("acme.toml", []byte(tt.text))
		if err != nil {
			t.Fatal(tt.name, err)
		}
		got := errors.Join(rulestest.New(specs).Set()...)
		if (got == nil) != (tt.want == "") || got != nil && !strings.Contains(got.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, got, tt.want)
		}
	}
}

// TestPlace has two rules see the same text.
func TestPlace(t *testing.T) {
	other := strings.ReplaceAll(good[strings.Index(good, "[[rule]]"):], "acme-token", "acme-other") + "specificity = 1\n"
	specs, err := rules.Load("acme.toml", []byte(good+other))
	if err != nil {
		t.Fatal(err)
	}
	kit := rulestest.New(specs)
	if got := errors.Join(kit.Rule(specs[0])...); got == nil || !strings.Contains(got.Error(), "rule acme-other takes its place") {
		t.Error(got)
	}
	if got := errors.Join(kit.Rule(specs[1])...); got != nil {
		t.Error(got)
	}
}

func Example() {
	specs, err := rules.Load("acme.toml", []byte(replaceLine(good, `entropy = 3.9`)))
	if err != nil {
		fmt.Println(err)
		return
	}
	kit := rulestest.New(specs)
	for _, spec := range specs {
		for _, err := range kit.Rule(spec) {
			what, _, _ := strings.Cut(err.Error(), " acme_")
			fmt.Printf("%s: %s …\n", spec.ID, what)
		}
	}
	// Output:
	// acme-token: hit 1: is not found: token: …
	// acme-token: hit 2: is not found: …
}
