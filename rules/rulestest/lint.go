package rulestest

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
)

// lintNames tests that ids and aliases are unique in the set.
func lintNames(specs []rules.Spec) []error {
	var bad []error
	owner := map[string]rules.Spec{}
	claim := func(name string, s rules.Spec) {
		if first, taken := owner[name]; taken {
			bad = append(bad, fmt.Errorf("%s:%d: %q is also a name of rule %q (%s:%d)",
				s.File, s.Line, name, first.ID, first.File, first.Line))
			return
		}
		owner[name] = s
	}
	for _, s := range specs {
		claim(s.ID, s)
	}
	for _, s := range specs {
		for _, alias := range s.Aliases {
			claim(alias, s)
		}
	}
	return bad
}

// lint tests the rule's text: that it is complete and well formed. What detect.New refuses is not tested again.
func lint(s rules.Spec) []error {
	var bad []error
	complain := func(when bool, format string, args ...any) {
		if when {
			bad = append(bad, fmt.Errorf(format, args...))
		}
	}
	complain(!isKebab(s.ID), "id %q is not kebab-case", s.ID)
	complain(s.Title == "", "has no title")
	complain(s.Doc == "", "has no doc")
	complain(s.Source == "", "has no source")
	complain(s.Source != "" && !isURL(s.Source), "source %q is not a URL", s.Source)
	complain(s.Revoke != "" && !isURL(s.Revoke), "revoke %q is not a URL", s.Revoke)
	complain(s.ProviderName == "", "its file gives the provider no name")
	complain(s.Provider != "" && s.Provider+".toml" != s.File, "provider %q stands in %s", s.Provider, s.File)
	complain(s.Provider == "", "it has no provider: what has none is found by package generic")
	complain(len(s.Hit) == 0, "has no hit")
	complain(len(s.Miss) == 0, "has no miss")
	complain(len(s.Keywords) == 0 && s.Slow == "", "has no keywords")
	for _, k := range s.Keywords {
		complain(len(k) < minKeyword && !slices.Contains(strings.Fields(shortKeywords), k),
			"keyword %q is short: take a longer one, or say in shortKeywords why there is none", k)
	}
	for i, a := range s.Allow {
		complain(a.Reason == "", "allow %d has no reason", i+1)
		for _, p := range a.Patterns {
			complain(a.Target == detect.TargetMatch && !strings.HasPrefix(strings.TrimPrefix(p, "(?i)"), "^") && !strings.HasSuffix(p, "$"),
				"allow %d looks for %s anywhere in a match, which may begin lines before the secret: say what stands right before it", i+1, p)
		}
	}
	return append(bad, lintPattern(s)...)
}

// minKeyword is the shortest keyword that needs no reason. A shorter one occurs often and takes up much of the prefilter.
const minKeyword = 4

// shortKeywords are the shorter ones that there is a reason for: they begin a token, or stand in it, of which no more is
// fixed; or they are the name of a provider or tool that is no longer.
const shortKeywords = `
$1$ $5$ $6$ $y$ 0Q~ 1Q~ 2Q~ 3Q~ 4Q~ 5Q~ 6Q~ 7Q~ 8Q~ 9Q~ :*: :// :AA ==: 00D A2- A3- BSA EAA EXO MTA MTE MTI MTM MTQ MTU MTY
MTc MTg MTk NF- SCW SG. VF. cio cl- cl_ cr- cu_ db- eyJ fb_ fc- fw_ hf_ jsn m3o mb_ oy2 p8- pa- pk_ r8_ re_ sc_ sk- sk_ sl-
sl. sl_ t1. y0_ y1_ y2_ y3_
aha box glm ibm jwt ngc npm pwd zai`

// maxProgram is how many instructions a pattern may compile to. A larger one compiles slowly, and package regexp runs it
// on its slowest engine. What makes them large are repeats with a high upper limit, which the engine does not need after the
// keyword: a match is bounded by the rule's span.
const maxProgram = 1500

// lintPattern tests that the pattern runs only around the keywords, and that it is small.
func lintPattern(s rules.Spec) []error {
	var bad []error
	if n := programSize(s.Pattern); n > maxProgram && s.Slow == "" {
		bad = append(bad, fmt.Errorf("pattern compiles to %d instructions, more than %d: write {20,} instead of {20,1000}", n, maxProgram))
	}
	switch err := detect.Aligned(s.Rule); {
	case err != nil && s.Slow == "":
		bad = append(bad, fmt.Errorf("pattern runs over whole files: %w", err))
	case err == nil && s.Slow != "" && programSize(s.Pattern) <= maxProgram:
		bad = append(bad, errors.New("says that it is slow, but its pattern runs only around its keywords"))
	}
	return bad
}

// programSize returns the number of instructions that a pattern compiles to, 0 if it is none that package regexp takes.
func programSize(pattern string) int {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// anchorsLines reports whether a pattern asks for the beginning or the end of a line, so that it cannot match in the
// middle of one.
func anchorsLines(pattern string) bool {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return true
	}
	var anchors func(*syntax.Regexp) bool
	anchors = func(re *syntax.Regexp) bool {
		if re.Op == syntax.OpBeginLine || re.Op == syntax.OpEndLine {
			return true
		}
		for _, sub := range re.Sub {
			if anchors(sub) {
				return true
			}
		}
		return false
	}
	return anchors(tree)
}

func isKebab(id string) bool {
	for word := range strings.SplitSeq(id, "-") {
		if word == "" || strings.Trim(word, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return true
}

func isURL(s string) bool {
	host, ok := strings.CutPrefix(s, "https://")
	return ok && strings.Contains(host, ".") && !strings.ContainsAny(s, " \t\n")
}
