package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/report"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

type rulesOptions struct{ json bool }

func (o *rulesOptions) define(fs *flag.FlagSet) {
	fs.BoolVar(&o.json, "json", false, "print JSON instead of text (list, show)")
}

func rulesCommand() command {
	return command{
		name: "rules", summary: "List, explain and test the rules.", usage: "[list [WORD…] | show ID… | test [ID…]] [--json]",
		help: `list prints the rules, or those whose id, title, provider or alias contains one of the words. show explains rules, by
id, alias or provider:NAME. test checks their documentation and finds each of their examples, of all rules when none
is named.

  keysieve rules list                     all rules
  keysieve rules list gitlab slack        those of two providers
  keysieve rules show aws-access-token    one rule, with its pattern
  keysieve rules test                     is every rule in order?`,
		flags: func(fs *flag.FlagSet) { new(rulesOptions).define(fs) },
		run:   runRules,
	}
}

func runRules(_ context.Context, env environment) error {
	var o rulesOptions
	args, err := parseFlags("rules", o.define, env.args)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"list"}
	}
	switch args[0] {
	case "list":
		return listRules(env, &o, args[1:])
	case "show":
		return showRules(env, &o, args[1:])
	case "test":
		return testRules(env, args[1:])
	}
	return &usageError{"rules", fmt.Errorf("rules has no %q: use list, show or test", args[0])}
}

// ruleRecord is a rule as JSON.
type ruleRecord struct {
	ID         string            `json:"id"`
	Provider   string            `json:"provider,omitempty"`
	Title      string            `json:"title"`
	Doc        string            `json:"doc"`
	Severity   detect.Severity   `json:"severity"`
	Confidence detect.Confidence `json:"confidence"`
	Aliases    []string          `json:"aliases"`
	Keywords   []string          `json:"keywords"`
	Pattern    string            `json:"pattern"`
	Entropy    float64           `json:"entropy,omitempty"`
	Checked    bool              `json:"checked"`
	Off        bool              `json:"off"`
	Source     string            `json:"source,omitempty"`
	Revoke     string            `json:"revoke,omitempty"`
}

// isChecked reports whether the rule has a check that looks at more than the known examples.
func isChecked(r detect.Rule) bool { return r.Check != nil && rules.Proves(r.ID) }

func newRuleRecord(r detect.Rule) ruleRecord {
	return ruleRecord{
		ID: r.ID, Provider: r.Provider, Title: r.Title, Doc: r.Doc, Severity: r.Severity, Confidence: r.Confidence,
		Aliases: append([]string{}, r.Aliases...), Keywords: append([]string{}, r.Keywords...), Pattern: r.Pattern,
		Entropy: r.MinEntropy, Checked: isChecked(r), Off: r.Off, Source: r.Source, Revoke: r.Revoke,
	}
}

func printJSON(env environment, list []detect.Rule) error {
	records := make([]ruleRecord, 0, len(list))
	for _, r := range list {
		records = append(records, newRuleRecord(r))
	}
	enc := json.NewEncoder(env.stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(records)
}

func listRules(env environment, o *rulesOptions, words []string) error {
	var list []detect.Rule
	for _, r := range rules.All() {
		text := strings.ToLower(r.ID + " " + r.Title + " " + r.Provider + " " + strings.Join(r.Aliases, " "))
		if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, strings.ToLower(w)) }) {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		for i, w := range words {
			words[i] = strconv.Quote(w)
		}
		return fmt.Errorf("no rule's id, title, provider or alias contains %s", strings.Join(words, " or "))
	}
	if o.json {
		return printJSON(env, list)
	}
	w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	for _, r := range list {
		title := r.Title
		if r.Off {
			title += " (off by default)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.ID, r.Severity, report.Sanitize(title))
	}
	return w.Flush()
}

// namedRules returns the rules that names, ids or aliases, stand for.
func namedRules(names []string) ([]detect.Rule, error) {
	if len(names) == 0 {
		return nil, &usageError{"rules", errors.New("name a rule")}
	}
	list, err := rules.Select(rules.All(), names, nil)
	if err != nil {
		return nil, &usageError{"rules", err}
	}
	return list, nil
}

func showRules(env environment, o *rulesOptions, names []string) error {
	list, err := namedRules(names)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(env, list)
	}
	specs, err := written(list)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i, s := range specs {
		if i > 0 {
			b.WriteByte('\n')
		}
		writeRule(&b, s)
	}
	return writeAll(env.stdout, b.String())
}

// written returns rules as their authors wrote them. The generic ones, which have no provider, are not written down.
func written(list []detect.Rule) ([]rules.Spec, error) {
	byID, read := map[string]rules.Spec{}, map[string]bool{"": true}
	specs := make([]rules.Spec, len(list))
	for i, r := range list {
		if !read[r.Provider] {
			read[r.Provider] = true
			all, err := rules.SpecsOf(r.Provider)
			if err != nil {
				return nil, err
			}
			for _, s := range all {
				byID[s.ID] = s
			}
		}
		var ok bool
		if specs[i], ok = byID[r.ID]; !ok {
			specs[i].Rule = r
		}
	}
	return specs, nil
}

func writeRule(b *strings.Builder, r rules.Spec) {
	fmt.Fprintf(b, "%s: %s\n%s\n\n", r.ID, r.Title, r.Doc)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "  %-11s %s\n", name, value)
		}
	}
	line("provider", r.Provider)
	line("severity", r.Severity.String())
	line("confidence", r.Confidence.String())
	line("aliases", strings.Join(r.Aliases, ", "))
	line("near", strings.Join(r.Near, ", "))
	line("words", strings.Join(r.Words, ", "))
	line("before", strings.Join(r.Host, ", "))
	line("value", r.Value)
	if r.Value == "" {
		line("keywords", strings.Join(r.Keywords, ", "))
		line("pattern", r.Pattern)
	}
	if r.MinEntropy > 0 {
		line("entropy", fmt.Sprintf("at least %.1f bits per byte", r.MinEntropy))
	}
	if isChecked(r.Rule) {
		line("check", "offline proof of the format")
	}
	for _, a := range r.Allow {
		line("not", a.Reason)
	}
	for _, p := range r.Pairs {
		line("named with", "the "+p.Name+" beside it")
	}
	if r.Off {
		line("off", "runs only when named with --rule")
	}
	line("format", r.Source)
	line("revoke", r.Revoke)
}

func testRules(env environment, names []string) error {
	specs, err := rules.Specs()
	if err != nil {
		return err
	}
	kit := rulestest.New(specs)
	failures := kit.Set()
	if len(names) > 0 {
		list, err := namedRules(names)
		if err != nil {
			return err
		}
		failures = nil
		specs = slices.DeleteFunc(specs, func(s rules.Spec) bool {
			return !slices.ContainsFunc(list, func(r detect.Rule) bool { return r.ID == s.ID })
		})
	}
	for _, s := range specs {
		for _, err := range kit.Rule(s) {
			failures = append(failures, fmt.Errorf("%s:%d: %s: %w", s.File, s.Line, s.ID, err))
		}
	}
	for _, err := range failures {
		complain(env, err)
	}
	if len(failures) > 0 {
		return &exitError{code: exitFindings}
	}
	passed := "rules passed"
	if len(specs) == 1 {
		passed = "rule passed"
	}
	return writeAll(env.stdout, fmt.Sprintf("%d %s\n", len(specs), passed))
}
