package baseline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
)

// A Suppressor decides which findings are not reported. It is immutable and safe for concurrent use.
type Suppressor struct {
	rules []detect.Rule
}

// New returns a Suppressor for findings of these rules, which comments may name by id or alias. The slice is not changed
// and must not be while the Suppressor is in use.
func New(rules []detect.Rule) *Suppressor {
	return &Suppressor{rules}
}

// Judge sets f.Suppressed to the reason, in words and without the secret, if the finding is not to be reported; and adds to
// its evidence why a comment that seems to ask for that does not have its way. lines are those that the match stands on and
// above the one before, as [detect.Options].Suppress describes.
func (s *Suppressor) Judge(f *detect.Finding, above, lines []byte) {
	if !mayHaveMarkers(above) && !mayHaveMarkers(lines) {
		return
	}
	note := ""
	for _, m := range markersOn(string(above), string(lines)) {
		switch {
		case m.needsRule && len(m.rules) == 0:
			note = fmt.Sprintf("%s names no rule: write %s %s", m.name, m.name, f.RuleID)
		case m.needsRule && !slices.ContainsFunc(m.rules, func(name string) bool { return s.means(name, f.RuleID) }):
			note = fmt.Sprintf("%s on this line is not for %s", m.name, f.RuleID)
		case !m.needsRule && f.Confidence == detect.ConfidenceProven:
			note = fmt.Sprintf("%s does not silence a proven secret: %s %s would", m.name, ownMarker, f.RuleID)
		default:
			f.Suppressed = m.name
			if reason := presentable(m.reason, f.Secret); reason != "" {
				f.Suppressed += ": " + reason
			}
			return
		}
	}
	if note != "" {
		f.Evidence = append(f.Evidence, note)
	}
}

// means reports whether name stands for the rule with this id: as its id or one of its aliases.
func (s *Suppressor) means(name, id string) bool {
	if strings.EqualFold(name, id) {
		return true
	}
	i := slices.IndexFunc(s.rules, func(r detect.Rule) bool { return r.ID == id })
	return i >= 0 && slices.ContainsFunc(s.rules[i].Aliases, func(alias string) bool { return strings.EqualFold(name, alias) })
}

// Limits of the reason that is shown. Long words may be what is meant to stay hidden: another secret on the same line.
const (
	reasonWidth = 120 // bytes
	longWord    = 20  // bytes
)

// presentable returns a reason as it may be shown: in one line, without the secret and what may be another one.
func presentable(reason string, secret detect.Secret) string {
	if text := string(secret.Reveal()); text != "" {
		reason = strings.ReplaceAll(reason, text, "…")
	}
	words := strings.Fields(strings.ToValidUTF8(reason, "…"))
	length := 0
	for i, w := range words {
		if len(w) >= longWord {
			words[i] = "…"
		}
		if length += len(words[i]) + 1; length > reasonWidth {
			words = append(words[:i], "…")
			break
		}
	}
	return strings.Join(words, " ")
}
