package pattern

import (
	"fmt"
	"testing"
)

// TestRun says what all matches of a pattern have: the length, the least and the most distance, and which of some characters.
func TestRun(t *testing.T) {
	const some = "aZ5_-=.+ \né"
	for _, c := range []struct {
		pattern string
		width   int
		want    string
	}{
		{`key-[0-9a-f]{32}\b`, 99, "36 0 0 a5-"},
		{`key.{0,9}=[0-9a-f]{32}`, 999, "33 3 39 a5="},
		{`key[^\n]{0,99}=[0-9a-f]{32}`, 200, "33 3 167 a5="}, // no match is longer
		{`key[^\n]*=[0-9a-f]{32}`, 200, "33 3 167 a5="},
		{`key[^\n]*=[0-9a-f]{32}`, 4096, ""}, // may be too far away
		{`key=[0-9a-f]{11}`, 99, "15 0 0 a5="},
		{`key: [0-9a-f]{11}`, 99, ""}, // too short
		{`key=[0-9a-f]{32}`, 30, ""},  // there is no such match
		{`key=.{32}`, 99, ""},         // anything
		{`key=[^\s]{32}`, 99, "36 0 0 aZ5_-=.+é"},
		{`key:? (?i:[a-z0-9]{20})`, 99, "20 4 5 aZ5é"}, // the long s folds, too
		{`key (?:[0-9]{16}|[a-f]{4}(?:-[a-f]{4}){3})`, 99, "16 4 4 a5-"},
		{`key (?:[0-9]{16}|x(?:[a-f]{20})?)`, 99, ""},
		{`key (?:x [0-9]{16})+`, 99, "16 6 6 5"},
		{`key (?:x[0-9]{16}){2,}`, 99, "34 4 4 5"},
		{`key (?:x[0-9]{16}){0,9}`, 99, ""},
		{`key é{1,3}[0-9]{16}`, 99, "17 4 4 5é"},
		{`key (?:é|[a-z]+ )[0-9]{16}`, 99, "16 6 83 5"},
		{`key [0-9]{8}-[0-9]{8} ["0-9]{40}`, 99, "40 22 22 5"},
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
		got := ""
		if r := a.Run.Within(c.width); r != nil {
			got = fmt.Sprint(r.Len, r.From, r.To, " ")
			for _, s := range some {
				if r.Has(string(s)[0]) {
					got += string(s)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s in %d: got %q, want %q", c.pattern, c.width, got, c.want)
		}
	}
}

func TestRunIn(t *testing.T) {
	re, err := Parse(`key.{0,4}=[0-9]{12}`)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Align(re, []string{"key"})
	if err != nil {
		t.Fatal(err)
	}
	run := a.Run.Within(99)
	for text, want := range map[string]bool{
		"key=012345678901": true, "key=01234567890": false, "key=0123456789x=012345678901": true, "key1=1234567890": false,
		"key----------------=012345678901": true, "key-----------------=012345678901": false, "": false, "key": false,
	} {
		from, end := run.Where([]byte(text), 0)
		if got := run.In([]byte(text), from, end); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
