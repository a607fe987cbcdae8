// Command train makes the tables of package rules/generic.
//
//	train names   -out providers_gen.go
//	train lang    -words LIST -source DIR -out lang.bin
//	train weights -lines FILE -tokens FILE -clean DIRECTORY -out weights_gen.go
//
// The first makes the language models and the dictionary from a list of English words and the Go source files below a directory.
// The second reads labelled lines and makes the decision trees, and prints how good they are on repositories that they
// have not seen. Both are deterministic: the same input gives the same output, byte for byte. README.md names
// the input that the committed tables are made from, and the form of the labelled lines.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/generic"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to make: lang, names or weights")
	}
	fs := flag.NewFlagSet(args[0], flag.ContinueOnError)
	out := fs.String("out", "", "the `file` to write")
	switch args[0] {
	case "lang":
		list := fs.String("words", "/usr/share/dict/american-english", "a `list` of words, one a line")
		foreign := fs.String("foreign", "", "`lists` of words of other languages, separated by commas")
		source := fs.String("source", "", "the `directory` of Go source")
		if err := fs.Parse(args[1:]); err != nil {
			return err
		}
		data, err := makeLang(*list, strings.Split(*foreign, ","), *source)
		if err != nil {
			return err
		}
		return os.WriteFile(*out, data, 0o644)
	case "names":
		if err := fs.Parse(args[1:]); err != nil {
			return err
		}
		src, err := emitNames(providerNames(rules.All()))
		if err != nil {
			return err
		}
		return os.WriteFile(*out, src, 0o644)
	case "weights":
		lines := fs.String("lines", "", "the labelled lines, JSON objects, one a line")
		tokens := fs.String("tokens", "", "labelled tokens of providers, JSON objects, one a line")
		clean := fs.String("clean", "", "a `directory` of source whose every candidate counts as no secret")
		folds := fs.Int("folds", 8, "groups of repositories for cross-validation")
		misses := fs.Int("misses", 0, "missed secrets to print")
		wrong := fs.Int("wrong", 0, "false findings to print")
		s := settings{bins: 64}
		fs.IntVar(&s.trees, "trees", 120, "number of trees")
		fs.IntVar(&s.depth, "depth", 4, "depth of the trees")
		fs.Float64Var(&s.rate, "rate", 0.2, "share of each step that is taken")
		fs.Float64Var(&s.lambda, "lambda", 12, "regularisation")
		fs.Float64Var(&s.leastHes, "least", 4, "least weight of a leaf")
		if err := fs.Parse(args[1:]); err != nil {
			return err
		}
		return weights(*lines, *tokens, *clean, *out, *folds, s, *misses, *wrong)
	}
	return fmt.Errorf("%q is not lang, names or weights", args[0])
}

func weights(lines, tokens, clean, out string, folds int, s settings, misses, wrong int) error {
	d, err := load(lines)
	if err != nil {
		return err
	}
	d.balance()
	if tokens != "" {
		if err := d.addTokens(tokens); err != nil {
			return err
		}
	}
	if clean != "" {
		if err := d.addClean(clean); err != nil {
			return err
		}
	}
	d.validate(folds, s)
	held := func(e *example) float64 { return e.score }
	levels := d.levels()
	r := d.measure(held, levels.medium, false)
	r.print(fmt.Sprintf("cross-validated, all, from %.1f", levels.medium), true)
	d.measure(held, levels.low, true).print(fmt.Sprintf("generic, low from %.1f", levels.low), false)
	d.measure(held, levels.medium, true).print(fmt.Sprintf("generic, medium from %.1f", levels.medium), false)
	d.measure(held, levels.high, true).print(fmt.Sprintf("generic, high from %.1f", levels.high), false)
	d.measure(held, 1e9, false).print("providers", false)
	if tokens != "" {
		d.rateTokens(held, levels.medium).print("tokens, cross-validated")
	}
	show("MISS", r.misses, misses)
	show("FP", r.wrong, wrong)
	m := fit(open(d.examples), s)
	for _, e := range d.examples {
		e.fitted = m.score(e.features)
	}
	d.measure(func(e *example) float64 { return e.fitted }, levels.medium, false).print("fitted, all", false)
	if tokens != "" {
		d.rateTokens(func(e *example) float64 { return e.fitted }, levels.medium).print("tokens, fitted")
	}
	levels.probe = d.probe(m, levels.medium)
	if out == "" {
		return nil
	}
	return os.WriteFile(out, emit(m, levels), 0o644)
}

// show prints n of the texts, evenly spread.
func show(title string, all []string, n int) {
	for i := range min(n, len(all)) {
		fmt.Println(title, all[i*len(all)/min(n, len(all))])
	}
}

// balance weighs down repositories with many examples.
func (d *dataset) balance() {
	count := make([]float64, len(d.repos))
	for _, e := range d.examples {
		count[e.repo] += e.weight
	}
	for _, e := range d.examples {
		e.weight *= math.Min(1, math.Pow(300/count[e.repo], 0.5))
	}
}

// open returns the examples that no provider's rule answers for. Of the others the model must learn nothing: that a provider is named
// there says that its rules have taken the value, and where they have not, that they would not.
func open(examples []*example) []*example {
	return slices.DeleteFunc(slices.Clone(examples), func(e *example) bool { return e.hidden })
}

// validate sets the score of each example by a model that has not seen its repository.
func (d *dataset) validate(folds int, s settings) {
	fold := d.assign(folds)
	var wg sync.WaitGroup
	limit := make(chan struct{}, 2)
	for k := range folds {
		wg.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			var seen []*example
			for _, e := range d.examples {
				if e.repo < 0 || fold[e.repo] != k {
					seen = append(seen, e)
				}
			}
			m := fit(open(seen), s)
			for _, e := range d.examples {
				if e.repo >= 0 && fold[e.repo] == k {
					e.score = m.score(e.features)
				}
			}
		})
	}
	wg.Wait()
}

// assign puts the repositories into folds of about equal size, the largest first.
func (d *dataset) assign(folds int) []int {
	size := make([]int, len(d.repos))
	for _, e := range d.examples {
		if e.repo >= 0 {
			size[e.repo]++
		}
	}
	fold, total := make([]int, len(d.repos)), make([]int, folds)
	for done := make([]bool, len(d.repos)); ; {
		best := -1
		for r, n := range size {
			if !done[r] && (best < 0 || n > size[best]) {
				best = r
			}
		}
		if best < 0 {
			return fold
		}
		least := 0
		for k := range total {
			if total[k] < total[least] {
				least = k
			}
		}
		done[best] = true
		fold[best] = least
		total[least] += size[best] + 1
	}
}

// thresholds are the scores from which the confidences begin, and that of the first trees from which the others are asked.
type thresholds struct{ low, medium, high, probe float64 }

// probeMargin is how much lower than of any labelled value that is reported the score of the first trees may be.
const probeMargin = 0.3

// probe returns the score of the first trees below which no example that is reported has been, and prints how many candidates of the clean source are above.
func (d *dataset) probe(m *model, medium float64) float64 {
	first := &model{bias: m.bias, trees: m.trees[:min(generic.ProbeTrees, len(m.trees))]}
	early := func(e *example) float64 {
		x := slices.Clone(e.features)
		clear(x[generic.EarlyFeatures:])
		return first.score(x)
	}
	least := math.Inf(1)
	for _, e := range d.examples {
		if e.fitted >= medium && !e.hidden {
			least = math.Min(least, early(e))
		}
	}
	least -= probeMargin
	clean, above := 0, 0
	for _, e := range d.examples {
		if e.repo < 0 {
			clean++
			if early(e) >= least {
				above++
			}
		}
	}
	fmt.Printf("the first %d trees decide on %d of %d clean candidates\n", generic.ProbeTrees, clean-above, clean)
	return least
}

// Precision that the confidences promise on labelled values that the model has not seen.
const (
	lowPrecision    = 0.80
	mediumPrecision = 0.905
	highPrecision   = 0.955
)

// slack is how much F1 the threshold of medium may cost to be higher: near the best one the curve is flat, and precision matters more.
const slack = 0.003

// mostWrong is the share of texts without a token in which something may be found.
const mostWrong = 0.04

// leastStep is the lowest threshold that is tried, in tenths.
const leastStep = -15

// levels picks for medium the highest threshold whose F1 is close to the best of those that are precise enough with the rules of providers, on values and
// on tokens, and for high and low the lowest that are precise enough without.
func (d *dataset) levels() thresholds {
	t := thresholds{low: 99, medium: 99, high: 99}
	held := func(e *example) float64 { return e.score }
	type point struct{ at, f1 float64 }
	var points []point // from the highest threshold down
	best := -1.0
	for step := 60; step >= leastStep; step-- {
		at := float64(step) / 10
		if p, _, f1 := d.measure(held, at, false).all.rates(); p >= mediumPrecision && d.rateTokens(held, at).wrong <= mostWrong {
			points = append(points, point{at, f1})
			best = math.Max(best, f1)
		}
		p, _, _ := d.measure(held, at, true).all.rates()
		if p >= highPrecision {
			t.high = at
		}
		if p >= lowPrecision {
			t.low = at
		}
	}
	for _, p := range points {
		if p.f1 >= best-slack {
			t.medium = p.at
			break
		}
	}
	t.high = math.Max(t.high, t.medium+0.5)
	return t
}
