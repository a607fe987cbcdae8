//go:build !rulesgen

package rules

import (
	"slices"
	"sync"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/generic"
)

// All returns the built-in rules, by provider, those that are off by default too, and then the generic ones. Their checks also know the examples of
// documentation. The slice is the caller's; what the rules refer to is shared and must not be changed.
func All() []detect.Rule { return AllWith(generic.Levels{}) }

// AllWith is All with other thresholds for the generic rules.
func AllWith(l generic.Levels) []detect.Rule {
	all := slices.Concat(builtin[:], generic.RulesWith(l))
	for i := range builtin {
		all[i].Check = withExamples(all[i].Check)
	}
	return all
}

// Proves reports whether the built-in rule of this id has an offline check of its own, beside the examples that all rules know.
func Proves(id string) bool { return proving()[id] }

var proving = sync.OnceValue(func() map[string]bool {
	ids := map[string]bool{}
	for i := range builtin {
		ids[builtin[i].ID] = builtin[i].Check != nil
	}
	return ids
})
