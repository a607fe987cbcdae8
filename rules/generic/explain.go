package generic

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/keysieve/keysieve/detect"
)

// An Explanation says of one candidate how it was judged. It never holds the value in clear.
type Explanation struct {
	Rule       string            // id of the rule that would report it
	Place      string            // where it stands, in words: "assigned to db_password"
	Line       int               // of the value's first byte, from 1, in the fragment's origin
	Column     int               // of the same, in bytes from 1
	Secret     detect.Secret     // the value
	Bias       float64           // the score that every candidate begins with
	Weights    []Weight          // what moved it, the most first
	Score      float64           // the natural logarithm of the odds that the value is a secret
	Confidence detect.Confidence // 0 when the score is too low for any
}

// Weight is how much one feature moved a score, and which way.
type Weight struct {
	Feature string // its name in the table of weights
	Value   int
	Weight  float64
	Meaning string // in words, "" where there are none
}

// Explain returns how each candidate on a line of the fragment was judged with these levels, in order. The line counts from 1 in the
// fragment's origin. A line without candidates has no explanation.
func Explain(f *detect.Fragment, line int, l Levels) []Explanation {
	start := max(f.Base.Line, 1)
	var out []Explanation
	lo := 0
	for ; start < line; start++ {
		i := bytes.IndexByte(f.Data[lo:], '\n')
		if i < 0 {
			return nil
		}
		lo += i + 1
	}
	hi := len(f.Data)
	if i := bytes.IndexByte(f.Data[lo:], '\n'); i >= 0 {
		hi = lo + i
	}
	collect(f, func(p *place, w *window, c *candidate) {
		if at := w.base + c.value.Start; lo <= at && at < hi {
			out = append(out, explain(p, w, c, l, line, at-lo+1))
		}
	})
	slices.SortStableFunc(out, func(a, b Explanation) int { return cmp.Compare(a.Column, b.Column) })
	return out
}

func explain(p *place, w *window, c *candidate, l Levels, line, column int) Explanation {
	if level := c.fixed(w); level > 0 {
		return Explanation{Rule: p.id, Place: placeSentence(w, c), Line: line, Column: column, Secret: detect.NewSecret(w.data[c.value.Start:c.value.End]), Confidence: level}
	}
	var v features
	score, ok := judgement(&v, w, c)
	level := l.scores().of(score)
	if !ok {
		level = 0
		describeLate(&v, w.data, c)
		score = sum(&v)
	}
	e := Explanation{
		Rule: p.id, Place: placeSentence(w, c), Line: line, Column: column,
		Secret: detect.NewSecret(w.data[c.value.Start:c.value.End]),
		Score:  float64(score) / 1000, Confidence: level,
	}
	moved := 0
	for i, w := range weigh(&v) {
		moved += w
		if w != 0 {
			e.Weights = append(e.Weights, Weight{featureNames[i], int(v[i]), float64(w) / 1000, sentence(feature(i), &v, c)})
		}
	}
	e.Bias = float64(score-moved) / 1000
	slices.SortStableFunc(e.Weights, func(a, b Weight) int { return cmp.Compare(max(b.Weight, -b.Weight), max(a.Weight, -a.Weight)) })
	return e
}
