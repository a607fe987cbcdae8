package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/generic"
)

// A tokenCase is one line of the labelled tokens: a text with a token of a provider, or with what only looks like one.
type tokenCase struct {
	ID             string   `json:"id"`
	Source         string   `json:"source"`
	Provider       string   `json:"provider"`
	Text           string   `json:"text"`
	Secret         string   `json:"secret"`
	Secrets        []string `json:"secrets"`
	Expect         bool     `json:"expect"`
	Tier           string   `json:"tier"`
	Ext            string   `json:"ext"`
	Path           string   `json:"path"`
	Group          string   `json:"group"`
	Kind           string   `json:"neg_type"`
	Placeholderish bool     `json:"placeholderish"`
	HasPositive    any      `json:"neg_contains_positive"`
	Checksum       string   `json:"checksum"`

	found    bool // the rules of providers find it, or anything where nothing is expected
	examples []int
	share    float64 // cases of its group
}

// name returns the path under which the case is measured.
func (c *tokenCase) name() string {
	switch {
	case c.Path != "" && c.Source != "secretlint":
		return c.ID + "." + strings.TrimPrefix(path.Base(c.Path), ".")
	case c.Ext != "":
		return c.ID + c.Ext
	}
	return c.ID + ".txt"
}

// clean reports whether the case counts: it expects a token that is no placeholder and has no wrong checksum, or is wholly without one.
func (c *tokenCase) clean() bool {
	if c.Tier != "" && c.Tier != "secret" {
		return false
	}
	if c.Expect {
		return !c.Placeholderish && c.Checksum != "bad"
	}
	return c.Kind != "context" && (c.HasPositive == nil || c.HasPositive == "" || c.HasPositive == false)
}

func (c *tokenCase) wanted(text string) bool {
	want := c.Secrets
	if c.Secret != "" && len(want) == 0 {
		want = []string{c.Secret}
	}
	if len(want) == 0 {
		return true
	}
	return slices.ContainsFunc(want, func(w string) bool { return overlap(squash(text), squash(w)) })
}

// Weights of the tokens: of all of a group of cases with one token, of a case without, and of a candidate beside a token.
const (
	groupWeight    = 1.0
	negativeWeight = 1.0
	besideWeight   = 0.2
)

// addTokens reads labelled tokens and adds their candidates that no provider's rule answers for.
func (d *dataset) addTokens(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 64<<20)
	sizes, index := map[string]int{}, map[string]int{}
	for s.Scan() {
		c := &tokenCase{}
		if err := json.Unmarshal(s.Bytes(), c); err != nil {
			return err
		}
		if !c.clean() {
			continue
		}
		if c.Group == "" {
			c.Group = c.ID
		}
		sizes[c.Group]++
		if _, ok := index[c.Provider]; !ok {
			index[c.Provider] = len(d.repos)
			d.repos = append(d.repos, c.Provider)
		}
		d.cases = append(d.cases, c)
	}
	if err := s.Err(); err != nil {
		return err
	}
	for _, c := range d.cases {
		if err := d.addCase(c, index[c.Provider], sizes[c.Group]); err != nil {
			return err
		}
	}
	return nil
}

func (d *dataset) addCase(c *tokenCase, repo, group int) error {
	c.share = float64(group)
	f := detect.Fragment{Data: []byte(c.Text), Origin: detect.Origin{Path: c.name()}}
	known, shadows, err := d.providers(f)
	if err != nil {
		return err
	}
	for _, k := range known {
		c.found = c.found || !c.Expect || c.wanted(string(k.Secret.Reveal()))
	}
	for _, g := range generic.Candidates(&f) {
		text := c.Text[g.Value.Start:g.Value.End]
		e := &example{file: -1, repo: repo, features: g.Features, weight: negativeWeight, secret: c.Expect && c.wanted(text),
			hit: hit{text: squash(text), rule: g.Rule}, context: c.Text[max(0, g.Value.Start-60):g.Value.End]}
		switch {
		case e.secret:
			e.weight = groupWeight / c.share
		case c.Expect:
			e.weight = besideWeight / c.share
		}
		for _, k := range append(known, shadows...) {
			e.hidden = e.hidden || int(k.Start.Offset) < g.Value.End && g.Value.Start < int(k.End.Offset)
		}
		c.examples = append(c.examples, len(d.examples))
		d.examples = append(d.examples, e)
	}
	return nil
}

// tokenRates are shares of the cases with tokens: of the groups that hold one, in which something is found, with the generic rules and without, and of the
// cases without one.
type tokenRates struct{ recall, recallAlone, wrong, wrongAlone float64 }

func (t tokenRates) print(title string) {
	fmt.Printf("%-32s recall %.3f (rules of providers alone %.3f)  false %.3f (%.3f)\n", title, t.recall, t.recallAlone, t.wrong, t.wrongAlone)
}

// rateTokens measures a threshold on the cases with tokens.
func (d *dataset) rateTokens(score func(*example) float64, threshold float64) (t tokenRates) {
	groups, negatives := map[string]bool{}, 0.0
	for _, c := range d.cases {
		found, share := 0.0, 1/c.share
		if !c.Expect {
			share = 1
			negatives++
		} else {
			groups[c.Group] = true
		}
		if c.found || slices.ContainsFunc(c.examples, func(i int) bool {
			e := d.examples[i]
			return !e.hidden && score(e) >= threshold && (!c.Expect || e.secret)
		}) {
			found = share
		}
		alone := 0.0
		if c.found {
			alone = share
		}
		if c.Expect {
			t.recall, t.recallAlone = t.recall+found, t.recallAlone+alone
		} else {
			t.wrong, t.wrongAlone = t.wrong+found, t.wrongAlone+alone
		}
	}
	n := float64(max(len(groups), 1))
	negatives = max(negatives, 1)
	return tokenRates{t.recall / n, t.recallAlone / n, t.wrong / negatives, t.wrongAlone / negatives}
}
