package rulestest

import (
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/internal/template"
)

// An Example is an expanded template: text with secrets that are made up.
type Example struct {
	Text  string
	Parts []string // what the template's expressions gave, in order; parts of an expression's arguments are not listed
}

// Expand expands a template as the kit does with the examples of rules. The same template and seed always give the same
// text; a rule's examples have its id as their seed. The error says which expression is wrong.
func Expand(tmpl, seed string) (Example, error) {
	text, err := template.Expand(tmpl, seed, 0)
	if err != nil {
		return Example{}, err
	}
	out := Example{Text: string(text.Data)}
	for _, p := range text.Parts {
		out.Parts = append(out.Parts, string(text.Data[p.Start:p.End]))
	}
	return out, nil
}

// ExamplePath returns a path that the rule applies to, "" when it applies to any.
func ExamplePath(s rules.Spec) string { return examplePath(s.Path) }
