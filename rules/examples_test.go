package rules

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

func TestExamplesOrder(t *testing.T) {
	for i, e := range examples {
		if b, err := hex.DecodeString(e.sum); err != nil || len(b) != 32 || e.sum != strings.ToLower(e.sum) || e.of == "" {
			t.Errorf("example %d is malformed: %+v", i, e)
		}
	}
	less := func(a, b example) int { return strings.Compare(a.sum, b.sum) }
	if !slices.IsSortedFunc(examples[:], less) {
		t.Error("the examples are not in order of their sums")
	}
}

// TestExamples has the examples in pieces, so that this file holds none.
func TestExamples(t *testing.T) {
	valid := func([]byte) detect.Proof { return detect.Proof{Verdict: detect.Valid} }
	for _, tt := range []struct {
		secret string
		want   string // a part of the note, "" when the secret is neither an example nor a placeholder
	}{
		{"AKIA|IOSFODNN7EXAMPLE", "Amazon's documentation"},
		{"sk_te|st_4eC39HqLyjWDarjtT1zdp7dc", "Stripe's documentation"},
		{"abcdef|.0123456789abcdef", "Kubernetes"},
		{"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9|.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ|.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c", "jwt.io"},
		{"AKIA|Z7VRSQ5TLEXAMPLE", "placeholder"},
		{"xoxb-|your-token-here", "placeholder"},
		{"AKIA|IOSFODNN7EXAMPLF", ""},
		{"mongo|db://app:9f8e7d6c@db.example.com/app", ""}, // keysieve:allow url-credentials made up
		{strings.Repeat("data ", 40) + "example", ""},
		{"", ""},
	} {
		secret := []byte(strings.ReplaceAll(tt.secret, "|", ""))
		for _, check := range []func([]byte) detect.Proof{nil, valid} {
			got := withExamples(check)(secret)
			known := got.Verdict == detect.Invalid && strings.Contains(got.Note, tt.want)
			if known != (tt.want != "") {
				t.Errorf("%s: %+v, want %q", tt.secret, got, tt.want)
			}
		}
	}
}

// TestSampleSignature signs with the secret that jwt.io's editor proposes.
func TestSampleSignature(t *testing.T) {
	token := "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ" + // keysieve:allow generic-api-key the example of jwt.io
		".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
	if got := checkJWT([]byte(token)); got.Verdict != detect.Invalid {
		t.Errorf("%+v", got)
	}
	if got := checkJWT([]byte(strings.Replace(token, ".Sfl", ".Sfm", 1))); got.Verdict != detect.Valid {
		t.Errorf("altered: %+v", got)
	}
}
