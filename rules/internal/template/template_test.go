package template

import (
	"regexp"
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	for _, tt := range []struct {
		template string
		want     string // regular expression of the whole text
		parts    int
	}{
		{"plain", "plain", 0},
		{"a {{x_:5:digit}} b", `a x_[0-9]{5} b`, 1},
		{"{{:8-12:hex}}{{:3:HEX}}", `[0-9a-f]{8,12}[0-9A-F]{3}`, 2},
		{"{{a:b:3:lower}}", `a:b[a-z]{3}`, 1},
		{"{{:10:word}}", `[0-9A-Za-z][0-9A-Za-z_-]{8}[0-9A-Za-z]`, 1},
		{"{{p:4:x}}", `pxxxx`, 1},
		{"{{uuid}}", `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`, 1},
		{"{{ .Value }} {{", `\{\{ \.Value \}\} \{\{`, 0},
		{"{{=b64 user:pass}}", `dXNlcjpwYXNz`, 1},
		{"{{=hex {{:1:x}}}}", `78`, 1},
		{"{{=github gho_}}", `gho_[0-9A-Za-z]{36}`, 1},
		{"{{!github}}", `ghp_[0-9A-Za-z]{36}`, 1},
	} {
		text, err := Expand(tt.template, "seed", 1)
		if err != nil {
			t.Errorf("%s: %v", tt.template, err)
			continue
		}
		if !regexp.MustCompile("^(?:"+tt.want+")$").Match(text.Data) || len(text.Parts) != tt.parts {
			t.Errorf("%s: %q with %d parts, want %q with %d", tt.template, text.Data, len(text.Parts), tt.want, tt.parts)
		}
		again, _ := Expand(tt.template, "seed", 1)
		if string(again.Data) != string(text.Data) {
			t.Errorf("%s: %q, then %q", tt.template, text.Data, again.Data)
		}
	}
}

func TestExpandErrors(t *testing.T) {
	for template, want := range map[string]string{
		"{{:5:hex":          "no }}",
		"{{:5:hexx}}":       "unknown class",
		"{{:5-:hex}}":       "not a length",
		"{{:9-5:hex}}":      "not a length",
		"{{:99999999:hex}}": "not a length",
		"{{hex}}":           "want PREFIX",
		"{{=nothing}}":      "unknown format",
		"{{=b64 {{:hex}}}}": "want PREFIX",
		"{{=azure +XXX}}":   "want a signature",
		"{{=pem dsa}}":      "unknown kind",
	} {
		if _, err := Expand(template, "", 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", template, err, want)
		}
	}
}

// TestEveryGenerator makes a token of each format, twice the same.
func TestEveryGenerator(t *testing.T) {
	args := map[string]string{"azure": " +ASt 88", "b64": " x", "b64url": " x", "hex": " x"}
	for _, name := range Generators() {
		template := "{{=" + name + args[name] + "}}"
		a, err := Expand(template, "s", 0)
		b, _ := Expand(template, "s", 0)
		if err != nil || len(a.Data) == 0 || string(a.Data) != string(b.Data) {
			t.Errorf("%s: %q, then %q: %v", template, a.Data, b.Data, err)
		}
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("a {{x:5:hex}} {{=b64 {{uuid}}}} {{!github}} {{")
	f.Fuzz(func(t *testing.T, template string) {
		if strings.Contains(template, "pem") || strings.Contains(template, "der") {
			t.Skip("slow")
		}
		text, err := Expand(template, "", 0)
		for _, p := range text.Parts {
			if err == nil && (p.Start > p.End || p.End > len(text.Data)) {
				t.Fatal(p)
			}
		}
	})
}
