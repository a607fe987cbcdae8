package pattern

import (
	"fmt"
	"regexp"
	"testing"
)

func TestAlign(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		keywords []string
		want     string // anchors, prefix and width; or ""
	}{
		{`\bkey-[0-9a-f]{32}\b`, []string{"KEY-"}, "[{key- 0}] 0 36"},
		{`(?i)(a|b)?api[_-]?key=\w+`, []string{"apikey", "api_key", "api-key"}, "[{apikey 0} {apikey 1} {api-key 0} {api_key 0} {api-key 1} {api_key 1}] 0 -1"},
		{`[\w.-]{0,50}?(?:key|token)[0-9]`, []string{"key", "token"}, "[{key 0} {token 0}] 50 6"},
		{`(?:foo-?key|to?ken)x`, []string{"key", "ken"}, "[{key 3} {key 4} {ken 1} {ken 2}] 0 8"},
		{`(?:ab){2}key`, []string{"abkey"}, "[{abkey 2}] 0 7"},
		{`x{2,4}y`, []string{"xxy", "xxx"}, "[{xxy 0} {xxx 0}] 0 5"},
		{`(?:key)+`, []string{"key"}, "[{key 0}] 0 -1"},
		{`é{1,2}key`, []string{"key"}, "[{key 2} {key 4}] 0 7"},
		{`(?:AKIA|A3T[A-Z0-9])[A-Z0-9]{16}`, []string{"AKIA", "A3T"}, "[{akia 0} {a3t 0}] 0 20"},
		{`(?:key.{3}|token\w*)x`, []string{"key", "token"}, "[{key 0} {token 0}] 0 -1"},
		{`AP[0-9A-F][0-9A-Za-z]{18}`, []string{"AP0", "AP1", "AP2", "AP3", "AP4", "AP5", "AP6", "AP7", "AP8", "AP9", "APA", "APB", "APC", "APD", "APE"}, ""},
		{`(?:key)*x`, []string{"key"}, ""},
		{`.*key`, []string{"key"}, ""},
		{`.{400}key`, []string{"key"}, ""},
		{`key|other`, []string{"key"}, ""},
		{`[a-z]ey`, []string{"key"}, ""},
		{`key`, nil, ""},
	} {
		re, err := Parse(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if a, err := Align(re, c.keywords); err == nil {
			got = fmt.Sprint(a.Anchors, a.Prefix, a.Width)
		}
		if got != c.want {
			t.Errorf("%s with %q: got %q, want %q", c.pattern, c.keywords, got, c.want)
		}
	}
}

func TestFoldIsOfASCII(t *testing.T) {
	re, err := Parse(`(?i)sk-É`)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(re.String())
	for text, want := range map[string]bool{"sk-É": true, "SK-É": true, "ſk-É": false, "s\u212A-É": false} {
		if m.MatchString(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}

func TestWithoutLookaround(t *testing.T) {
	for pattern, want := range map[string]string{
		`(?<!x)key(?=[)](a))b`:    `keyb`,
		`a(?!\)(b(c)))d`:          `ad`,
		`[(?=x)]a\(?=`:            `[(?=x)]a\(?=`,
		`(?<name>a)(?:b)(?P<c>d)`: `(?<name>a)(?:b)(?P<c>d)`,
		`\Q(?=\E[]]x(?<=y)`:       `\Q(?=\E[]]x`,
		`a(?=b`:                   `a`,
		`[[:alpha:]](?=b)`:        `[[:alpha:]]`,
	} {
		got, found := WithoutLookaround(pattern)
		if got != want || found != (got != pattern) {
			t.Errorf("%s: got %s, %t, want %s", pattern, got, found, want)
		}
	}
}
