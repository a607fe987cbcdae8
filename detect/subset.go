package detect

import (
	"crypto/sha256"
	"fmt"
)

// Digests returns, by the rule's id, a digest of all that a rule is made of except its functions. Of two detectors of the same program, rules of
// the same digest find the same.
func (d *Detector) Digests() map[string][16]byte {
	sums := make(map[string][16]byte, len(d.rules))
	for _, r := range d.rules {
		data := r.Rule
		functions := fmt.Sprint(data.Check != nil, data.Matcher != nil, data.PathClass != nil)
		data.Check, data.Matcher, data.PathClass = nil, nil, nil
		sum := sha256.Sum256(fmt.Appendf(nil, "%#v %s", data, functions))
		sums[r.ID] = [16]byte(sum[:])
	}
	return sums
}

// MinConfidence returns the confidence from which on findings are reported.
func (d *Detector) MinConfidence() Confidence { return d.opts.MinConfidence }

// Subset returns a detector with the rules for whose ids keep is true.
func (d *Detector) Subset(keep func(id string) bool) (*Detector, error) {
	var rules []Rule
	for _, r := range d.rules {
		if keep(r.ID) {
			rules = append(rules, r.Rule)
		}
	}
	return New(rules, d.opts)
}
