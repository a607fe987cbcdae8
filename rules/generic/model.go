package generic

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/keysieve/keysieve/detect"
)

// node is a node of a decision tree. A leaf has no yes.
type node struct {
	w   int32 // what the node says of the candidates that come to it, in thousandths of the logarithm of the odds
	max int16 // the yes branch is for values up to this
	yes int16 // index of the yes branch in the table; the no branch follows it
	f   feature
}

// sum returns the score of the features: the logarithm of the odds that the candidate is a secret, in thousandths.
func sum(v *features) int {
	total := int(bias)
	for _, root := range roots {
		total += int(leaf(v, root).w)
	}
	return total
}

// ProbeTrees is the number of trees that decide whether a candidate is worth the others.
const ProbeTrees = 24

// probe reports whether the first trees leave a chance to a candidate. Most end here, before what costs more is looked at.
func probe(v *features) bool {
	total := int(bias)
	for _, root := range roots[:ProbeTrees] {
		total += int(leaf(v, root).w)
	}
	return total >= probeFrom
}

// leaf returns the leaf of a tree that the features lead to.
func leaf(v *features, root int16) *node {
	n := &nodes[root]
	for n.yes > 0 {
		next := n.yes
		if v[n.f] > n.max {
			next++
		}
		n = &nodes[next]
	}
	return n
}

// weigh returns how much each feature moved the score, in thousandths: by what each step down a tree changed.
func weigh(v *features) (by [numFeatures]int) {
	for _, root := range roots {
		n := &nodes[root]
		for n.yes > 0 {
			next := n.yes
			if v[n.f] > n.max {
				next++
			}
			by[n.f] += int(nodes[next].w - n.w)
			n = &nodes[next]
		}
	}
	return by
}

// Score returns the score of the features of a [Candidate] under the built-in weights, the logarithm of the odds in thousandths.
func Score(c Candidate) int {
	var v features
	copy(v[:], c.Features)
	return sum(&v)
}

// Levels are the scores from which a candidate has each confidence: natural logarithms of the odds that it is a secret. 0 stands for the
// calibrated one, see Thresholds; even odds are a very small number. Candidates far below the calibrated low threshold are never judged.
type Levels struct{ Low, Medium, High float64 }

// Thresholds returns the scores that count. The calibrated ones: on labelled values of repositories that were not trained on, nine in ten findings of medium
// confidence and above, those of providers included, were secrets, and nineteen in twenty generic ones of high confidence.
func (l Levels) Thresholds() (low, medium, high float64) {
	s := l.scores()
	return float64(s.low) / 1000, float64(s.medium) / 1000, float64(s.high) / 1000
}

// scores are levels in the unit of scores.
type scores struct{ low, medium, high int }

func (l Levels) scores() scores {
	of := func(own float64, calibrated int) int {
		if own == 0 {
			return calibrated
		}
		return int(math.Ceil(1000 * own))
	}
	return scores{of(l.Low, lowFrom), of(l.Medium, mediumFrom), of(l.High, highFrom)}
}

// of returns the confidence of a score, 0 for one that is not worth a finding at any.
func (l scores) of(score int) detect.Confidence {
	switch {
	case score >= l.high:
		return detect.ConfidenceHigh
	case score >= l.medium:
		return detect.ConfidenceMedium
	case score >= l.low:
		return detect.ConfidenceLow
	}
	return 0
}

// evidence returns what the name says and, for what is reported by default, what moved the score most.
func evidence(w *window, c *candidate, v *features, level detect.Confidence) []string {
	out := []string{placeSentence(w, c)}
	if level < detect.ConfidenceMedium {
		return out
	}
	if c.goesOn {
		out = append(out, fmt.Sprintf("longer than these %d bytes", firstBytes))
	}
	for _, said := range sentences(c, v) {
		if !slices.Contains(out, said) {
			out = append(out, said)
		}
	}
	return out
}

// sentences returns what three groups of features, the strongest together, say. Features that say the same are a group.
func sentences(c *candidate, v *features) []string {
	type group struct {
		text   string
		weight int
	}
	var groups []group
	for i, weight := range weigh(v) {
		if weight == 0 {
			continue
		}
		text := sentence(feature(i), v, c)
		at := slices.IndexFunc(groups, func(g group) bool { return g.text == text })
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{text: text})
		}
		groups[at].weight += int(weight)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return max(b.weight, -b.weight) - max(a.weight, -a.weight) })
	var list []string
	for _, g := range groups {
		switch {
		case g.text == "" || g.weight == 0 || len(list) == 3:
		case g.weight < 0:
			list = append(list, "against: "+g.text)
		default:
			list = append(list, g.text)
		}
	}
	return list
}

// placeSentence says where the value stands: "assigned to db_password".
func placeSentence(w *window, c *candidate) string {
	key := string(w.data[c.key.Start:c.key.End])
	switch c.form {
	case formURL:
		return "password of a URL"
	case formUser:
		return "password of a command's user option"
	case formHeader:
		return classNames[c.name.class] + " credentials"
	case formMember:
		return "private member of a JSON web key"
	case formBytes:
		return "bytes assigned to " + key
	case formHash:
		return "hash of a password"
	case formCall:
		return "argument of " + key
	case formFlag:
		return "value of the option " + key
	case formWord:
		return "follows " + key
	}
	return "assigned to " + key
}

// sentence returns what a feature says in words, "" for one that says nothing to a person.
func sentence(i feature, v *features, c *candidate) string {
	switch i {
	case fClass, fPassword, fStrong, fWeakKey, fQualified:
		return "its name says " + classNames[c.name.class]
	case fAbout, fNameAfter:
		if v[fAbout] == 1 {
			return "its name is about a secret"
		}
	case fPublic:
		if v[i] == 1 {
			return "its name is that of a public key"
		}
	case fNatural, fIdentifier, fForeign, fLowest, fCovered, fLongest, fWordCount, fUncovered:
		if v[fCovered] >= 60 || max(v[fNatural], v[fForeign]) > 50 {
			return "looks like natural language"
		}
		return "looks random"
	case fEntropy, fDistinct:
		return "entropy of " + strconv.Itoa(int(v[fEntropy])/100) + "." + strconv.Itoa(int(v[fEntropy])/10%10) + " bits per byte"
	case fLength:
		return strconv.Itoa(int(v[i])) + " bytes long"
	case fDigits, fUppers, fLowers, fSymbols, fSwitches, fCapital, fStrange:
		return "its mix of characters"
	case fRepeat, fSequence:
		return "has runs of characters"
	case fHex, fBase64, fPadding:
		return "its encoding"
	case fPlaceholder, fKeyWord, fConstant:
		if v[fPlaceholder] > 0 || v[fConstant] > 0 {
			return "looks like a placeholder"
		}
	case fProvider, fProviderWord, fPrefix:
		if v[i] > 0 {
			return "is not built as the keys of the provider that it is named after"
		}
	case fReport:
		if v[i] == 1 {
			return "its name is that of a message"
		}
	case fSameAsName:
		if v[i] > 0 {
			return "repeats its name"
		}
	case fTemplate:
		if v[i] > 0 {
			return "looks like a template"
		}
	case fReference, fCallShape, fSnake, fCamel, fUpperSnake:
		if v[i] > 0 {
			return "looks like an identifier"
		}
	case fShape:
		return shapeNames[v[i]]
	case fDecodes:
		if v[i] > 0 {
			return "decodes to text"
		}
	case fQuote, fOperator, fForm, fEnd, fWrapped:
		return "the way it is written"
	case fKind:
		return "in a " + kindNames[v[i]] + " file"
	case fUser, fHost:
		if v[i] == 1 {
			return "a user or host stands near"
		}
	case fSpaces, fNonASCII:
		if v[i] > 0 {
			return "has characters of running text"
		}
	}
	return ""
}

var shapeNames = [...]string{"", "is a UUID", "is a URL", "is a path", "is an e-mail address", "is a version", "is a date", "is a host", "is a file name",
	"is a password hash", "is a public key", "is encrypted", "is a resource name", "is a dotted name", "is a sentence", "is a media type", "is bytes spelled out"}
