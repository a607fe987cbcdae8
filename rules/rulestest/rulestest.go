// Package rulestest is the one test that every rule passes, built in or not: its documentation is complete, it finds
// each of its examples wherever it stands, and none of its counterexamples.
//
// Examples are templates, expanded from a seed that is the rule's id, so that no file holds text that looks like a
// secret:
//
//	{{PREFIX:LEN:CLASS}}  PREFIX, which may be empty, and LEN random characters of CLASS; LEN is N or MIN-MAX
//	{{uuid}}              a random UUID in lower case
//	{{=NAME ARGS}}        a valid token of a format that has a checksum or a structure
//	{{!NAME ARGS}}        the same with the checksum or the structure broken
package rulestest

import (
	"fmt"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
)

// A Kit tests the rules of a set. It is immutable and safe for concurrent use.
type Kit struct {
	specs []rules.Spec
	all   *detect.Detector // the rules that are not off; nil when they cannot be used together
	bad   error            // why
}

// New returns a kit for a set of rules.
func New(specs []rules.Spec) *Kit {
	var all []detect.Rule
	for _, s := range specs {
		if !s.Off {
			all = append(all, s.Rule)
		}
	}
	k := &Kit{specs: specs}
	if k.all, k.bad = detect.New(all, detect.Options{Tables: rules.Tables()}); k.bad != nil {
		k.all = nil
	}
	return k
}

// Set tests what concerns several rules: that they can be used together, and their ids and aliases. It returns everything
// that is wrong.
func (k *Kit) Set() []error {
	bad := lintNames(k.specs)
	if k.bad != nil {
		bad = append(bad, k.bad)
	}
	return bad
}

// Rule tests one rule of the set, its text and its examples, and returns everything that is wrong.
func (k *Kit) Rule(spec rules.Spec) []error {
	bad := lint(spec)
	alone, err := detect.New([]detect.Rule{spec.Rule}, detect.Options{MinConfidence: detect.ConfidenceLow})
	if err != nil {
		return append(bad, err)
	}
	t := trial{spec: spec, alone: alone, path: examplePath(spec.Path)}
	if !spec.Off {
		t.all = k.all
	}
	bad = append(bad, t.keywords()...)
	for i, hit := range spec.Hit {
		bad = append(bad, label(fmt.Sprintf("hit %d", i+1), t.hit(hit))...)
	}
	for i, miss := range spec.Miss {
		bad = append(bad, label(fmt.Sprintf("miss %d", i+1), t.miss(miss))...)
	}
	return bad
}

func label(what string, errs []error) []error {
	for i, err := range errs {
		errs[i] = fmt.Errorf("%s: %w", what, err)
	}
	return errs
}
