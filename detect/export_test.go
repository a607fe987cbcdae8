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
		all[m.rule.ID] = append(all[m.rule.ID], [4]int{m.start, m.end, m.from, m.to})
	}
	return all
}

// PlainMatches returns the same, found by running each rule's pattern over all of data with the standard library.
func PlainMatches(rules []Rule, data []byte) map[string][][4]int {
	all := map[string][][4]int{}
	for _, r := range rules {
		re := regexp.MustCompile(r.Pattern)
		for _, loc := range re.FindAllSubmatchIndex(data, -1) {
			from, to := secretOf(loc, max(re.SubexpIndex("secret"), 0))
			if from < to {
				all[r.ID] = append(all[r.ID], [4]int{loc[0], loc[1], from, to})
			}
		}
	}
	return all
}
