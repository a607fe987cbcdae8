package rules_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/generic"
)

func TestSelect(t *testing.T) {
	all := []detect.Rule{
		{ID: "aws-access-token", Provider: "aws", Aliases: []string{"AWSKeyDetector"}},
		{ID: "aws-secret-key", Provider: "aws"},
		{ID: "aws-entropy", Provider: "aws", Off: true},
		{ID: "github-pat", Provider: "github"},
		{ID: "generic-api-key"},
	}
	for _, tt := range []struct {
		name          string
		only, disable []string
		want          []string
		err           string // a part of it
	}{
		{"all that are on", nil, nil, []string{"aws-access-token", "aws-secret-key", "github-pat", "generic-api-key"}, ""},
		{"by id", []string{"github-pat"}, nil, []string{"github-pat"}, ""},
		{"by alias, in the order of the set", []string{"github-pat", "AWSKeyDetector"}, nil, []string{"aws-access-token", "github-pat"}, ""},
		{"by provider", []string{"provider:aws"}, nil, []string{"aws-access-token", "aws-secret-key"}, ""},
		{"off by default", []string{"aws-entropy"}, nil, []string{"aws-entropy"}, ""},
		{"by provider and off", []string{"aws-entropy", "provider:aws"}, nil, []string{"aws-access-token", "aws-secret-key", "aws-entropy"}, ""},
		{"disabled", nil, []string{"generic-api-key", "provider:aws"}, []string{"github-pat"}, ""},
		{"disabled wins", []string{"provider:aws"}, []string{"AWSKeyDetector"}, []string{"aws-secret-key"}, ""},
		{"unknown", []string{"github-pta"}, nil, nil, `"github-pta"; similar: github-pat`},
		{"unknown part", nil, []string{"entropy"}, nil, "similar: aws-entropy"},
		{"unknown provider", []string{"provider:awss"}, nil, nil, "similar: provider:aws"},
		{"unknown altogether", []string{"zzz"}, nil, nil, `no rule is named "zzz"`},
		{"nothing left", []string{"github-pat"}, []string{"github-pat"}, nil, rules.ErrNoRules.Error()},
	} {
		got, err := rules.Select(all, tt.only, tt.disable)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
		var ids []string
		for _, r := range got {
			ids = append(ids, r.ID)
		}
		if !slices.Equal(ids, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, ids, tt.want)
		}
	}
	if _, err := rules.Select(nil, nil, nil); !errors.Is(err, rules.ErrNoRules) {
		t.Errorf("an empty set: %v", err)
	}
}

// TestAll holds the generated rules against those of the files.
func TestAll(t *testing.T) {
	specs, err := rules.Specs()
	if err != nil {
		t.Fatal(err)
	}
	all, others := rules.All(), generic.Rules()
	if len(all) != len(specs)+len(others) {
		t.Fatalf("%d rules generated of %d: run go generate ./rules", len(all)-len(others), len(specs))
	}
	for i, s := range specs {
		if r := all[i]; r.ID != s.ID || r.Pattern != s.Pattern || len(r.Allow) != len(s.Allow) {
			t.Errorf("%s is not current: run go generate ./rules", s.ID)
		}
		if rules.Proves(s.ID) != (s.Named != nil) {
			t.Errorf("%s: proven: %t", s.ID, rules.Proves(s.ID))
		}
	}
}
