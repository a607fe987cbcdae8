package report_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/keysieve/keysieve/report"
)

func TestSanitize(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"ASCII", ` !"#$%&'()*+,-./09:;<=>?@AZ[\]^_az{|}~`, ` !"#$%&'()*+,-./09:;<=>?@AZ[\]^_az{|}~`},
		{"letters", "naïve Größe 日本語 עברית ไทย", "naïve Größe 日本語 עברית ไทย"},
		{"emoji", "🔑", "🔑"},
		{"combining mark", "e\u0301", "e\u0301"},
		{"no-break space", "a\u00a0b", "a\u00a0b"},
		{"replacement character", "\ufffd", "\ufffd"},
		{"line ends and tab", "a\r\n\tb", `a\r\n\tb`},
		{"terminal sequence", "\x1b[31m\x07", `\x1b[31m\x07`},
		{"NUL and DEL", "\x00\x7f", `\x00\x7f`},
		{"C1", "\u0080\u0085\u009b31m\u009f", `\u0080\u0085\u009b31m\u009f`},
		{"bidi embeddings", "\u202a\u202b\u202c\u202d\u202e", `\u202a\u202b\u202c\u202d\u202e`},
		{"bidi isolates", "\u2066\u2067\u2068\u2069", `\u2066\u2067\u2068\u2069`},
		{"bidi marks", "\u061c\u200e\u200f", `\u061c\u200e\u200f`},
		{"separators", "\u2028\u2029", `\u2028\u2029`},
		{"zero width", "a\u200bb\u200cc\u200dd\u2060e", `a\u200bb\u200cc\u200dd\u2060e`},
		{"byte order mark", "\ufeffa", `\ufeffa`},
		{"soft hyphen", "a\u00adb", `a\u00adb`},
		{"fillers", "\u115f\u1160\u3164\uffa0\u2800", `\u115f\u1160\u3164\uffa0\u2800`},
		{"variation selectors", "\ufe00\U000e0100", `\ufe00\U000e0100`},
		{"tags", "\U000e0001\U000e0041\U000e007f", `\U000e0001\U000e0041\U000e007f`},
		{"unassigned", "\U000e0000\uffff", `\U000e0000\uffff`},
		{"invalid bytes", "a\xffb\xc3", `a\xffb\xc3`},
		{"surrogate as bytes", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"overlong", "\xc0\xaf", `\xc0\xaf`},
		{"command of a runner", "  ::set-output name=a::b", `  \x3a:set-output name=a::b`},
		{"colons elsewhere", "std::string a[]; ## heading", "std::string a[]; ## heading"},
		{"commands of another", "a ##vso[task.x]b ##[error]c ###VSO[d", `a \x23#vso[task.x]b \x23#[error]c #\x23#VSO[d`},
		{"invalid after replacement character", "\ufffd\xff", "\ufffd\\xff"},
	} {
		if got := report.Sanitize(test.in); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, strconv.QuoteToASCII(got), strconv.QuoteToASCII(test.want))
		}
	}
}

func TestQuotePath(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"src/main.go", "src/main.go"},
		{"::error::x", `"\x3a:error::x"`},
		{"a/##[b]", `"a/\x23#[b]"`},
		{"my file.txt", "my file.txt"},
		{`dir\file`, `dir\file`},
		{"日本/鍵.txt", "日本/鍵.txt"},
		{"", `""`},
		{" a", `" a"`},
		{"a ", `"a "`},
		{`say "hi"`, `"say \"hi\""`},
		{"it's", `"it's"`},
		{"a\nb", `"a\nb"`},
		{"a\\nb\n", `"a\\nb\n"`},
		{"\x1b[2J", `"\x1b[2J"`},
		{"fdp.\u202eexe", `"fdp.\u202eexe"`},
		{"caf\xe9", `"caf\xe9"`},
	} {
		if got := report.QuotePath(test.in); got != test.want {
			t.Errorf("%s: %s, want %s", strconv.QuoteToASCII(test.in), got, test.want)
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, s := range []string{
		"", "plain text", "a\r\n\tb", "\x1b]0;title\x07", "\u202eevil\u2066", "\u2028\ufeff\u200b", "\U000e0041",
		"\xff\xfe\xc3(", "\u0085\u009b", `\x1b`, "\ufffd\xff", "\u00a0::error::", "##[x", "###vSo[x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := report.Sanitize(s)
		wantHarmless(t, got)
		if again := report.Sanitize(got); again != got {
			t.Errorf("%q becomes %q when sanitised again", got, again)
		}
		if isPlainASCII(s) && !strings.Contains(s, "::") && !strings.Contains(s, "##") && got != s {
			t.Errorf("plain %q became %q", s, got)
		}
		quoted := report.QuotePath(s)
		wantHarmless(t, quoted)
		if quoted == s {
			return
		}
		if back, err := strconv.Unquote(quoted); err != nil || back != s {
			t.Errorf("path %q is quoted as %s, which reads %q, %v", s, quoted, back, err)
		}
	})
}

func isPlainASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// wantHarmless checks that nothing in s drives a terminal or is invisible. It names the characters by other means than
// the code under test.
func wantHarmless(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%q is not valid UTF-8", s)
	}
	if strings.HasPrefix(strings.TrimLeftFunc(s, unicode.IsSpace), "::") || strings.Contains(s, "##[") || strings.Contains(strings.ToLower(s), "##vso[") {
		t.Errorf("%q is a command to a runner", s)
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Variation_Selector,
			unicode.Other_Default_Ignorable_Code_Point) || 0xe0000 <= r && r <= 0xe0fff {
			t.Errorf("%q contains %U", s, r)
		}
	}
}
