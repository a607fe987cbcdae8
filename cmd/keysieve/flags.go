package main

import (
	"fmt"
	"strconv"
	"strings"
)

// list is a flag that may be given several times, each time with one or more values separated by commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	for v := range strings.SplitSeq(s, ",") {
		if v = strings.TrimSpace(v); v == "" {
			return fmt.Errorf("an empty name")
		}
		*l = append(*l, v)
	}
	return nil
}

// patterns is a flag that may be given several times; commas are part of a value.
type patterns []string

func (p *patterns) String() string { return strings.Join(*p, " ") }

func (p *patterns) Set(s string) error {
	*p = append(*p, s)
	return nil
}

// size is a number of bytes with an optional unit: 500k, 10M, 2G, in multiples of 1,000.
type size int64

func (s *size) String() string { return strconv.FormatInt(int64(*s), 10) }

func (s *size) Set(text string) error {
	factor := int64(1)
	digits := strings.TrimSuffix(strings.ToLower(text), "b")
	for i, unit := range []string{"k", "m", "g", "t"} {
		if d, ok := strings.CutSuffix(digits, unit); ok {
			digits = d
			for range i + 1 {
				factor *= 1000
			}
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/factor {
		return fmt.Errorf("%q is not a size: write 500k, 10M or 2G", text)
	}
	*s = size(n * factor)
	return nil
}

// reveal says whether secrets are shown: no, yes, or by force even where that could end in a log.
type reveal struct{ show, force bool }

func (r *reveal) String() string   { return "" }
func (r *reveal) IsBoolFlag() bool { return true }

func (r *reveal) Set(s string) error {
	if s == "force" {
		*r = reveal{true, true}
		return nil
	}
	show, err := strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf(`use --show-secrets or --show-secrets=force`)
	}
	*r = reveal{show: show}
	return nil
}
