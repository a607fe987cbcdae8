package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// TestBefore says for each anchor which of some characters may stand before where the automaton starts; ^ stands for the beginning of the
// text.
func TestBefore(t *testing.T) {
	const some = "^aZ5_-=\n \"é"
	for _, c := range []struct {
		pattern string
		want    string // for each anchor
	}{
		{`key`, some},
		{`\bkey`, "^-=\n \"é"},
		{`\b-key`, "aZ5_é"},
		{`^key`, "^"},
		{`(?m:^)key`, "^\n"},
		{`(?m)^\bkey`, "^\n"},
		{`(?:^|[^0-9A-Za-z])key`, "^_-=\n \"é"},
		{`[^a-z]{1,9}key`, "Z5_-=\n \"é"},
		{`[^a-z]{0,9}key`, some},
		{`[^é]{1,9}_?key`, "aZ5_-=\n \"é aZ5_-=\n \"é"},
		{`(?:[^\n]{9}|\b)key`, some},
		{`(?:\b|\\[nrt])key`, "^-=\n \"é " + some},
		{`(?:a|\bb)?key`, some + " " + some},
		{`(?:\b|_)key`, "^-=\n \"é " + some},
		{`é{0,300}key`, some},
		{`[^\n]{3}(?:x[^=]{9}|)key`, "aZ5_-=\n \"é"},
		{`.{30}key`, "aZ5_-= \"é"},
		{`\Bkey`, some},
		{`(?i)\bkey`, "^-=\n \"é"},
		{`(?:\b|%[0-9]{5})key`, "^5-=\n \"é"},
		{`(?:\b|=[^\n]{9})-key`, "aZ5_-= \"é"},
		{`(?:\bx|)(?:\b|)key`, "^-=\n \"é " + some},
	} {
		re, err := Parse(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Align(re, []string{"key"})
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		var got []string
		for i := range a.Before {
			may := ""
			for _, r := range some {
				data, at := string(r)+"key", len(string(r))
				if r == '^' {
					data, at = "key", 0
				}
				if a.Before[i].Allows([]byte(data), at) {
					may += string(r)
				}
			}
			got = append(got, may)
		}
		if fmt.Sprintf("%q", strings.Join(got, " ")) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%s: got %q for %v, want %q", c.pattern, strings.Join(got, " "), a.Anchors, c.want)
		}
	}
}

// TestNear says for each anchor what may stand before the keyword.
func TestNear(t *testing.T) {
	for pattern, want := range map[string]string{
		`\bkey`:                   "- ",
		`(?:^|[^a-z])k(?i:Ey)_id`: "Z5_- ",
		`a-?(?i:key)`:             "a -",
		`(?i:[az]key)`:            "aZ", // two anchors that are the same
		`[0-9_]key`:               "5_",
	} {
		re, err := Parse(pattern)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Align(re, []string{"key"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, near := range a.Near {
			may := ""
			for _, c := range []byte("aZ5_- ") {
				if near.Allows([]byte{c}, 1) {
					may += string(rune(c))
				}
			}
			got = append(got, may)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q for %v, want %q", pattern, got, a.Anchors, want)
		}
	}
}
