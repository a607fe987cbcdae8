package rules_test

import (
	"cmp"
	"testing"

	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

// TestRules runs the kit on every built-in rule, as TestRules/PROVIDER/RULE.
func TestRules(t *testing.T) {
	specs, err := rules.Specs()
	if err != nil {
		t.Error(err)
	}
	kit := rulestest.New(specs)
	for _, err := range kit.Set() {
		t.Error(err)
	}
	for i := 0; i < len(specs); {
		provider := cmp.Or(specs[i].Provider, "generic")
		first := i
		for i < len(specs) && specs[i].File == specs[first].File {
			i++
		}
		t.Run(provider, func(t *testing.T) {
			for _, spec := range specs[first:i] {
				t.Run(spec.ID, func(t *testing.T) {
					for _, err := range kit.Rule(spec) {
						t.Errorf("%s:%d: %v", spec.File, spec.Line, err)
					}
				})
			}
		})
	}
}
