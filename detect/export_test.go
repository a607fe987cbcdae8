package detect

import "regexp"

// RawMatches returns the matches of the patterns of d's rules in data as the engine finds them, per rule id:
// the range of the match and of the secret.
func RawMatches(d *Detector, data []byte) map[string][][4]int {
	var s scratch
	if failed := d.search(&Fragment{Data: data}, &s); failed != nil {
		panic(failed[0])
	}
	all := map[string][][4]int{}
	for _, m := range s.matches {
		if m.decoded != nil {
			continue
		}
		all[m.rule.ID] = append(all[m.rule.ID], [4]int{m.start, m.end, m.from, m.to})
	}
	return all
}

// Plain finds matches by running each rule's pattern over the whole text with the standard library.
type Plain struct {
	rules    []Rule
	compiled []*regexp.Regexp
}

// NewPlain compiles the patterns of rules.
func NewPlain(rules []Rule) *Plain {
	p := &Plain{rules: rules}
	for _, r := range rules {
		p.compiled = append(p.compiled, regexp.MustCompile(r.Pattern))
	}
	return p
}

// Matches returns what RawMatches does, of rule i.
func (p *Plain) Matches(i int, data []byte) (all [][4]int) {
	re := p.compiled[i]
	for _, loc := range re.FindAllSubmatchIndex(data, -1) {
		from, to := secretOf(loc, max(re.SubexpIndex("secret"), 0))
		if from < to {
			all = append(all, [4]int{loc[0], loc[1], from, to})
		}
	}
	return all
}

// ZoneSize returns the number of bytes that Retrace searches at first.
func ZoneSize(d *Detector, size int, old Trace, copies []Copy) (n int) {
	var r retrace
	if old.Long || !r.prepare(d, size, &old, copies) {
		return size
	}
	for _, z := range r.zone {
		n += z.End - z.Start
	}
	return n
}
