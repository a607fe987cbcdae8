//go:build rulesgen

package rules

import (
	"embed"
	"iter"
)

//go:embed data/*.toml
var data embed.FS

// sources yields the rule files as they are now, for the generator.
func sources() iter.Seq2[ruleFile, error] {
	return func(yield func(ruleFile, error) bool) {
		entries, err := data.ReadDir("data")
		if err != nil {
			yield(ruleFile{}, err)
			return
		}
		for _, e := range entries {
			text, err := data.ReadFile("data/" + e.Name())
			if !yield(ruleFile{e.Name(), text}, err) {
				return
			}
		}
	}
}
