package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/keysieve/keysieve/detect"
)

// A Spec is a rule as its author wrote it: the rule itself, and what is needed to document and test it.
type Spec struct {
	detect.Rule

	File         string   // base name of the file it was read from: "gitlab.toml"
	Line         int      // line of its [[rule]] header in that file, from 1
	ProviderName string   // the provider's name for people: "GitLab"
	CheckName    string   // name of the offline check that Rule.Check is, "" when there is none
	Hit, Miss    []string // templates of text that the rule must and must not report, see package rulestest

	// What stands instead of keywords and pattern, which are composed of it; nothing in a rule that has a pattern of its own.
	Near, Words, Host []string
	Value             string

	// Named is the offline check alone, nil when there is none. Rule.Check also knows the examples of documentation.
	Named func(secret []byte) detect.Proof
}

// Specs returns the built-in rules with their documentation and examples, by provider and in the order of their files.
// It parses the embedded sources each time it is called; to scan, use [All].
func Specs() ([]Spec, error) {
	var specs []Spec
	var bad []error
	for f, err := range sources() {
		if err != nil {
			return nil, err
		}
		s, err := Load(f.name, f.data)
		specs = append(specs, s...)
		bad = append(bad, err)
	}
	return specs, errors.Join(bad...)
}

// SpecsOf returns those of one provider, and parses only its file.
func SpecsOf(provider string) ([]Spec, error) {
	for f, err := range sources() {
		if err != nil {
			return nil, err
		}
		if f.name == provider+".toml" {
			return Load(f.name, f.data)
		}
	}
	return nil, nil
}

// ruleFile is one of the files of data, with its base name.
type ruleFile struct {
	name string
	data []byte
}

// A sourceFile is the shape of a rule file.
type sourceFile struct {
	Provider string       `toml:"provider"`
	Name     string       `toml:"name"`
	Rules    []sourceRule `toml:"rule"`
}

type sourceRule struct {
	ID         string        `toml:"id"`
	Title      string        `toml:"title"`
	Doc        string        `toml:"doc"`
	Severity   string        `toml:"severity"`
	Confidence string        `toml:"confidence"`
	Aliases    []string      `toml:"aliases"`
	Keywords   []string      `toml:"keywords"`
	Pattern    string        `toml:"pattern"`
	Near       []string      `toml:"near"`    // names that stand before the value
	Initial    bool          `toml:"initial"` // the names count only where a word begins
	Words      []string      `toml:"words"`   // words for a credential, one of which stands between name and value
	Host       []string      `toml:"host"`    // that a request sends the value to
	Value      string        `toml:"value"`   // pattern of the value
	Exact      bool          `toml:"exact"`   // the value near a name is never longer
	Not        []string      `toml:"not"`     // names of allowlists
	Span       int           `toml:"span"`
	Path       string        `toml:"path"`
	Entropy    float64       `toml:"entropy"`
	Check      string        `toml:"check"`
	Revoke     string        `toml:"revoke"`
	Source     string        `toml:"source"`
	Specific   int           `toml:"specificity"`
	TextOnly   bool          `toml:"text_only"`
	Off        bool          `toml:"off"`
	Slow       string        `toml:"slow"`
	Hit        []string      `toml:"hit"`
	Miss       []string      `toml:"miss"`
	Allow      []sourceAllow `toml:"allow"`
	Pair       []sourcePair  `toml:"pair"`
}

type sourcePair struct {
	Name    string `toml:"name"`
	Pattern string `toml:"pattern"`
}

type sourceAllow struct {
	Reason    string   `toml:"reason"`
	All       bool     `toml:"all"`
	Target    string   `toml:"target"`
	Patterns  []string `toml:"patterns"`
	StopWords []string `toml:"stop_words"`
	Paths     []string `toml:"paths"`
	Commits   []string `toml:"commits"`
}

// Load reads one rule file. Name is used in errors, which name the line where it is known, and recorded in the specs.
// A key that the format does not have is an error. Everything that is wrong is reported, joined into one error; the
// specs that could be read are returned beside it.
func Load(name string, data []byte) ([]Spec, error) {
	var src sourceFile
	meta, err := toml.Decode(string(data), &src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	lines := locateKeys(data)
	var bad []error
	for _, key := range meta.Undecoded() {
		bad = append(bad, fmt.Errorf("%s:%d: unknown key %q", name, lines.take(key.String()), key))
	}
	named := map[string]int{} // how many rules are near a name
	for i := range src.Rules {
		for _, name := range src.Rules[i].Near {
			named[name]++
		}
	}
	specs := make([]Spec, 0, len(src.Rules))
	for _, r := range src.Rules {
		only := !slices.ContainsFunc(r.Near, func(name string) bool { return named[name] > 1 })
		spec, errs := r.spec(only)
		spec.File, spec.Line = name, lines.take("rule")
		spec.Provider, spec.ProviderName = src.Provider, src.Name
		for _, err := range errs {
			bad = append(bad, fmt.Errorf("%s:%d: rule %q: %w", name, spec.Line, r.ID, err))
		}
		specs = append(specs, spec)
	}
	return specs, errors.Join(bad...)
}

// spec turns the rule as written into what the detector takes, and says what is wrong with it.
// Only is true for a rule with near when no other of its file is near the same name.
func (r *sourceRule) spec(only bool) (Spec, []error) {
	var bad []error
	s := Spec{CheckName: r.Check, Hit: r.Hit, Miss: r.Miss, Near: r.Near, Words: r.Words, Host: r.Host, Value: r.Value, Rule: detect.Rule{
		ID: r.ID, Title: r.Title, Doc: r.Doc, Aliases: r.Aliases, Source: r.Source, Revoke: r.Revoke,
		Severity: detect.SeverityHigh, Confidence: detect.ConfidenceHigh,
		Keywords: r.Keywords, Pattern: r.Pattern, Span: r.Span, Path: r.Path, MinEntropy: r.Entropy,
		Specificity: r.Specific, TextOnly: r.TextOnly, Off: r.Off, Slow: r.Slow,
	}}
	if len(r.Near) > 0 || len(r.Host) > 0 || r.Value != "" || len(r.Words) > 0 {
		s.Confidence = detect.ConfidenceMedium
		if err := r.compose(&s.Rule, only); err != nil {
			bad = append(bad, err)
		}
	}
	if r.Severity != "" {
		bad = append(bad, s.Severity.UnmarshalText([]byte(r.Severity)))
	}
	if r.Confidence != "" {
		bad = append(bad, s.Confidence.UnmarshalText([]byte(r.Confidence)))
	}
	if r.Check != "" {
		if s.Named = lookupCheck(r.Check); s.Named == nil {
			bad = append(bad, fmt.Errorf("unknown check %q: use one of %s", r.Check, strings.Join(CheckNames(), ", ")))
		}
	}
	s.Check = withExamples(s.Named)
	var err error
	if s.Pattern, err = withPieces(s.Pattern); err != nil {
		bad = append(bad, err)
	}
	for _, name := range r.Not {
		allow, ok := allowlists[name]
		if !ok {
			bad = append(bad, fmt.Errorf("unknown %q in not: use one of %q", name, slices.Sorted(maps.Keys(allowlists))))
		}
		s.Allow = append(s.Allow, allow)
	}
	for i := range r.Allow {
		allow, err := r.Allow[i].allow()
		s.Allow = append(s.Allow, allow)
		bad = append(bad, err)
	}
	for _, p := range r.Pair {
		s.Pairs = append(s.Pairs, detect.Pair(p))
	}
	return s, nonNil(bad)
}

// minName is the shortest name that near and host take: it becomes a keyword of the detector's.
const minName = 3

// compose makes keywords and pattern of what stands instead of them: near, words and value, or host and value.
func (r *sourceRule) compose(rule *detect.Rule, only bool) error {
	switch {
	case len(r.Near) == 0 && len(r.Words) > 0:
		return errors.New("words need near")
	case (len(r.Near) == 0) == (len(r.Host) == 0):
		return errors.New("value needs near or host")
	case r.Value == "":
		return errors.New("near and host need value")
	case r.Pattern != "" || len(r.Keywords) > 0:
		return errors.New("near and host stand instead of keywords and pattern")
	}
	for _, name := range slices.Concat(r.Near, r.Host) {
		if len(name) < minName || strings.IndexFunc(name, func(c rune) bool { return c < ' ' || c > '~' }) >= 0 {
			return fmt.Errorf("%q: a name has at least %d bytes, all ASCII", name, minName)
		}
	}
	if slices.Contains(r.Words, "") {
		return errors.New("words has an empty word")
	}
	if len(r.Host) > 0 {
		rule.Keywords, rule.Pattern = r.Host, requestPattern(r.Host, r.Value)
		return nil
	}
	rule.Keywords = spellings(r.Near)
	rule.Pattern = nearPattern(rule.Keywords, r.Words, r.Value, only && !r.Exact, r.Initial)
	if rule.Span == 0 && isLimited(r.Value) {
		rule.Span = nearSpan
	}
	return nil
}

func (a *sourceAllow) allow() (detect.Allow, error) {
	out := detect.Allow{Reason: a.Reason, All: a.All, StopWords: a.StopWords, Paths: a.Paths, Commits: a.Commits}
	var bad []error
	for _, p := range a.Patterns {
		p, err := withPieces(p)
		out.Patterns, bad = append(out.Patterns, p), append(bad, err)
	}
	switch a.Target {
	case "", "secret":
		out.Target = detect.TargetSecret
	case "match":
		out.Target = detect.TargetMatch
	case "line":
		out.Target = detect.TargetLine
	default:
		bad = append(bad, fmt.Errorf("%q is not a target: use one of [secret match line]", a.Target))
	}
	return out, errors.Join(bad...)
}

func nonNil(errs []error) []error {
	var out []error
	for _, err := range errs {
		if err != nil {
			out = append(out, err)
		}
	}
	return out
}

// keyLines maps a key, in dotted form, to the lines it is written on, in order. It serves error messages only, because
// the decoder does not tell where a key that it accepted stands.
type keyLines map[string][]int

// take returns the first line of the key that was not taken yet, or 0.
func (k keyLines) take(key string) int {
	lines := k[key]
	if len(lines) == 0 {
		return 0
	}
	k[key] = lines[1:]
	return lines[0]
}

// locateKeys finds the lines of table headers and of keys at the beginning of a line, outside multi-line strings.
func locateKeys(data []byte) keyLines {
	found := keyLines{}
	table, quoted := "", ""
	for i, line := range strings.Split(string(data), "\n") {
		if quoted == "" {
			line := strings.TrimSpace(line)
			if head, ok := strings.CutPrefix(line, "["); ok {
				head, _, _ = strings.Cut(strings.TrimPrefix(head, "["), "]")
				table = strings.TrimSpace(head)
				found[table] = append(found[table], i+1)
				table += "."
			} else if key, _, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
				key = table + strings.TrimSpace(key)
				found[key] = append(found[key], i+1)
			}
		}
		quoted = multilineQuote(line, quoted)
	}
	return found
}

// multilineQuote returns the delimiter of the multi-line string that is open at the end of the line, "" if none is;
// open is the one that was open at its beginning.
func multilineQuote(line, open string) string {
	for {
		if open != "" {
			_, rest, ok := strings.Cut(line, open)
			if !ok {
				return open
			}
			line, open = rest, ""
		}
		at := strings.IndexAny(line, `'"#`)
		if at < 0 || line[at] == '#' {
			return ""
		}
		q := line[at : at+1]
		if strings.HasPrefix(line[at:], q+q+q) {
			line, open = line[at+3:], q+q+q
			continue
		}
		_, rest, ok := strings.Cut(line[at+1:], q)
		if !ok {
			return ""
		}
		line = rest
	}
}
