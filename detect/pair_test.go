package detect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

func TestPair(t *testing.T) {
	d, err := detect.New([]detect.Rule{{
		ID: "acme", Keywords: []string{"acme-"}, Pattern: `acme-[0-9]{4}`,
		Pairs: []detect.Pair{
			{Name: "account", Pattern: `\bacct_[0-9]{3}\b`},
			{Name: "client", Pattern: `client=([a-z]{3})\b|cid:([0-9]{2})`},
		},
	}}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	far := strings.Repeat("x\n", detect.PairReach/2)
	for _, tt := range []struct {
		name, text string
		base       int // line of the text's beginning
		want       string
	}{
		{"before", "acct_123\n\nacme-0001", 1, "with the account acct_123, line 1"},
		{"after", "acme-0001\n\nacct_123\n", 1, "with the account acct_123, line 3"},
		{"same line", "\nacct_123 acme-0001", 1, "with the account acct_123, line 2"},
		{"base", "\nacct_123 acme-0001", 41, "with the account acct_123, line 42"},
		{"the nearest", "acct_111\nacct_222\nacme-0001\n\n\nacct_333", 1, "with the account acct_222, line 2"},
		{"group", "client=abc acme-0001", 1, "with the client abc, line 1"},
		{"second group", "cid:42 acme-0001", 1, "with the client 42, line 1"},
		{"two", "cid:42 acme-0001 acct_123", 1, "with the account acct_123, line 1|with the client 42, line 1"},
		{"none", "acme-0001", 1, ""},
		{"too far before", "acct_123\n" + far + "acme-0001", 1, ""},
		{"too far after", "acme-0001\n" + far + "acct_123", 1, ""},
		{"cut at the window", "client=ab" + strings.Repeat("c", detect.PairReach-1) + " acme-0001", 1, ""},
	} {
		f := detect.Fragment{Data: []byte(tt.text), Base: detect.Position{Line: tt.base, Column: 1}}
		found, err := d.Find(f)
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %v", tt.name, found, err)
		}
		if got := strings.Join(found[0].Evidence, "|"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPairInvalid(t *testing.T) {
	_, err := detect.New([]detect.Rule{{ID: "acme", Keywords: []string{"acme-"}, Pattern: `acme-[0-9]{4}`,
		Pairs: []detect.Pair{{Name: "account", Pattern: `(`}, {Pattern: `x`}}}}, detect.Options{})
	for _, want := range []string{"pair: ", "a pair has no name"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

// TestPairOfSeveral says that two secrets beside one id are named with the same one.
func TestPairOfSeveral(t *testing.T) {
	d, err := detect.New([]detect.Rule{{ID: "acme", Keywords: []string{"acme-"}, Pattern: `acme-[0-9]{4}`,
		Pairs: []detect.Pair{{Name: "account", Pattern: `acct_[0-9]{3}`}}}}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := d.Find(detect.Fragment{Data: []byte("acme-0001\nacct_123\nacme-0002\n")})
	if err != nil || len(found) != 2 || !slices.Equal(found[0].Evidence, found[1].Evidence) {
		t.Errorf("%+v, %v", found, err)
	}
}
