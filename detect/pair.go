package detect

import (
	"bytes"
	"fmt"
	"regexp"
)

// A Pair says what an id looks like that a provider issues together with a rule's secret: the access key id, the account,
// the client. It is no secret, and says which of many secrets has leaked. A finding of the rule names the id that
// stands nearest to the secret, at most [PairReach] bytes from it, as evidence; without one it is a finding all the same.
type Pair struct {
	Name    string // what it is, in words: "access key id"
	Pattern string // regular expression; the id is the first group that took part in the match, else the match
}

// PairReach is how far an id of a [Pair] may stand from its secret, in bytes, on either side.
const PairReach = 512

// pair is a Pair with its pattern compiled.
type pair struct {
	name    string
	pattern *regexp.Regexp
}

// paired says in words which ids of the rule's pairs stand beside the candidate's secret, which begins on the given line, 0 if it is none of the origin.
func (c *candidate) paired(data []byte, line int) []string {
	if c.decoded != nil {
		in := c.decoded[0]
		return in.candidate.paired(in.text.Data, 0)
	}
	with, err := c.rule.matcher()
	if err != nil {
		return nil // search has reported it
	}
	var notes []string
	for _, p := range with.pairs {
		id := p.nearest(data, c.from, c.to)
		if id.Start == id.End {
			continue
		}
		note := fmt.Sprintf("with the %s %s", p.name, data[id.Start:id.End])
		if line > 0 {
			note += fmt.Sprintf(", line %d", line+countLines(data, c.from, id.Start))
		}
		notes = append(notes, note)
	}
	return notes
}

// countLines returns by how many lines to stands below from, less than 0 when it stands above.
func countLines(data []byte, from, to int) int {
	if to < from {
		return -countLines(data, to, from)
	}
	return bytes.Count(data[from:to], []byte{'\n'})
}

// nearest returns where the id stands that is nearest to data[from:to] without being part of it, an empty range when there
// is none. What begins or ends where the search does may go on, and is none.
func (p pair) nearest(data []byte, from, to int) (id Range) {
	lo, hi := max(from-PairReach, 0), min(to+PairReach, len(data))
	least := PairReach + 1
	for _, m := range p.pattern.FindAllSubmatchIndex(data[lo:hi], -1) {
		at := group(m)
		at.Start, at.End = at.Start+lo, at.End+lo
		if at.Start == lo && lo > 0 || at.End == hi && hi < len(data) || at.Start < to && from < at.End {
			continue
		}
		if away := max(at.Start-to, from-at.End); away < least {
			least, id = away, at
		}
	}
	return id
}

// group returns the first group of a match that took part in it, else the match.
func group(m []int) Range {
	for i := 2; i < len(m); i += 2 {
		if m[i] >= 0 {
			return Range{m[i], m[i+1]}
		}
	}
	return Range{m[0], m[1]}
}
