package detect

import (
	"bytes"
	"slices"
)

// report turns what is left of the candidates into findings with their positions.
func (d *Detector) report(kept []candidate, f *Fragment) []Finding {
	var out []Finding
	at := startOf(f)
	done := 0
	for _, c := range kept {
		if !d.reports(&c) {
			continue
		}
		at = at.After(f.Data[done:c.from])
		done = c.from
		end := at.After(f.Data[c.from:c.to])
		first := at.Line
		if c.decoded != nil {
			// A change further ahead in encoded text may be why it can be decoded.
			first -= countLines(f.Data, c.extent().Start, c.from)
		}
		if f.Added != nil && !overlapsLines(f.Added, first, lastLine(at, end)) {
			continue
		}
		found := Finding{
			RuleID: c.rule.ID, Title: c.rule.Title, Provider: c.rule.Provider, Severity: c.rule.Severity,
			Confidence: c.confidence, Origin: f.Origin, Start: at, End: end,
			Secret: NewSecret(c.secret(f.Data)), DecodedFrom: c.encodings(), Context: contextOf(f.Data, &c, kept),
			Evidence: append(c.evidence, c.paired(f.Data, at.Line)...), Revoke: c.rule.Revoke,
		}
		if d.opts.Suppress != nil {
			above, lines := linesOf(f.Data, c.commented())
			d.opts.Suppress(&found, above, lines)
		}
		out = append(out, found)
	}
	return out
}

// SuppressWidth is the most that [Options].Suppress is shown on each side of a match, in bytes, so that many findings on
// one endless line cost no more than so much each.
const SuppressWidth = 16 << 10

// commented returns the range whose lines a comment may stand on: what the match is read from, unless that is very long.
func (m *match) commented() Range {
	if all := m.extent(); m.decoded == nil || all.End-all.Start <= SuppressWidth {
		return all
	}
	return Range{m.start, m.end}
}

// linesOf returns the lines that a range stands on, and the line above.
func linesOf(data []byte, r Range) (above, lines []byte) {
	from, to := r.Start, r.End
	// A pattern may take in the end of the line before or of its own.
	for from < to && isSpace(data[from]) {
		from++
	}
	for to > from && isSpace(data[to-1]) {
		to--
	}
	near := max(0, from-SuppressWidth)
	first := near + lineStart(data[near:], from-near)
	last := lineEnd(data[:min(len(data), to+SuppressWidth)], to)
	if first > near {
		above = data[near+lineStart(data[near:], first-1-near) : first-1]
	}
	return above, data[first:last]
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func startOf(f *Fragment) Position {
	if f.Base == (Position{}) {
		return Position{Offset: 0, Line: 1, Column: 1}
	}
	return f.Base
}

// lastLine returns the line of the last byte before end.
func lastLine(start, end Position) int {
	if end.Column == 1 && end.Line > start.Line {
		return end.Line - 1
	}
	return end.Line
}

// overlapsLines reports whether one of ranges, which are ascending, has a line from first to last.
func overlapsLines(ranges []LineRange, first, last int) bool {
	i, _ := slices.BinarySearchFunc(ranges, first, func(r LineRange, line int) int { return r.Last - line })
	return i < len(ranges) && ranges[i].First <= last
}

// contextOf returns what stands before and after the candidate's secret on its line. Whatever else there is or may be secret is
// blanked out: other candidates, further copies of the secret, encoded or not, and long words that look random.
func contextOf(data []byte, c *candidate, all []candidate) Context {
	from, to := c.from, c.to
	near := max(0, from-ContextWidth)
	first := near + lineStart(data[near:], from-near)
	last := lineEnd(data[:min(len(data), to+ContextWidth)], to)
	secrets := [][]byte{data[from:to], c.secret(data)}
	return Context{
		Before: blank(data, runeStart(data, first), from, secrets, all),
		After:  blank(data, to, runeStart(data, last), secrets, all),
	}
}

// blank returns data[from:to] as text without secrets. all is ordered by offset, without overlaps.
func blank(data []byte, from, to int, secrets [][]byte, all []candidate) string {
	next, _ := slices.BinarySearchFunc(all, from, func(c candidate, at int) int { return c.to - at - 1 })
	var out []byte
	for i := from; i < to; {
		n := wordLen(data[i:to])
		hidden := n >= randomWordLen && looksRandom(data[i:i+n])
		n = max(n, 1)
		for ; next < len(all) && all[next].from < i+n; next++ {
			hidden, n = true, max(n, min(all[next].to, to)-i)
		}
		if hidden {
			out = append(bytes.TrimSuffix(out, []byte(blanked)), blanked...)
		} else {
			out = append(out, data[i:i+n]...)
		}
		i += n
	}
	out = bytes.TrimRight(out, "\r\n")
	for _, secret := range secrets {
		out = bytes.ReplaceAll(out, secret, []byte(blanked))
	}
	return string(out)
}

// blanked is how something secret shows.
const blanked = "********"

// randomWordLen is the length from which a word with letters and digits is taken for random.
const randomWordLen = 16

// wordLen returns the length of the word of characters that keys are made of that text begins with.
func wordLen(text []byte) int {
	for i, c := range text {
		if !isAlnum(c) && c != '+' && c != '/' && c != '_' && c != '-' {
			return i
		}
	}
	return len(text)
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func looksRandom(word []byte) bool {
	digits, letters := 0, 0
	for _, c := range word {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case isAlnum(c):
			letters++
		}
	}
	return digits >= 2 && letters >= 2
}
