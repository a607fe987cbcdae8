package generic

import (
	"bytes"

	"github.com/keysieve/keysieve/detect"
)

// seeker is one of the ways to candidates from a key word.
type seeker uint8

const (
	seekNamed seeker = iota
	seekCommand
	seekURL
	seekBasic
	seekBearer
	seekMembers
	seekDump
	seekDirectory
)

// place is one kind of place that a secret is found in.
type place struct {
	id, title, doc string
	keywords       []string
	seek           seeker
	classes        uint32 // of names, for the places that share a seeker; 0 for all
}

func only(cs ...class) (set uint32) {
	for _, c := range cs {
		set |= 1 << c
	}
	return set
}

// places are all of them. A candidate of a name belongs to the place that has its class.
func places() []place {
	return []place{
		{
			id: "generic-password", title: "Password", doc: "Signs in as whoever it belongs to.",
			keywords: []string{"pass", "pwd", "_pw", "pw=", "pw:", "pw ", "psw", "pssw", "pasw"},
			seek:     seekNamed, classes: only(classPassword),
		},
		{
			id: "generic-api-key", title: "Secret, token or key", doc: "Is assigned to something that is named as a secret is.",
			keywords: []string{"secret", "token", "key", "auth", "cred", "otp", "jwt", "seed", "salt", "sid", "session", "cookie"},
			seek:     seekNamed, classes: only(classSecret, classToken, classAPIKey, classKey, classAuth, classCredential, classSeed, classSession),
		},
		{
			id: "generic-command-password", title: "Password on a command line or in a statement", doc: "Signs in as the user it is given with.",
			keywords: []string{" -u", "--user", " -p", "identified by", "identified with", "to-securestring"},
			seek:     seekCommand,
		},
		{id: "url-credentials", title: "Password in a URL", doc: "Signs in to the host of the URL.", keywords: []string{"://"}, seek: seekURL},
		{id: "basic-auth", title: "Basic authorization", doc: "Is a user's name and password, encoded.", keywords: []string{"basic"}, seek: seekBasic},
		{id: "bearer-token", title: "Bearer token", doc: "Grants access to whoever has it.", keywords: []string{"bearer"}, seek: seekBearer},
		{id: "jwk-private-member", title: "Private member of a JSON web key", doc: "Is the private part of the key.", keywords: []string{"kty", `"d":`, `"d" :`, " d: '", ` d: "`}, seek: seekMembers},
		{id: "ntlm-hash", title: "NTLM hash of a Windows password", doc: "Signs in as the user in place of the password, and can be cracked.", keywords: []string{":::"}, seek: seekDump},
		{id: "ldap-password-hash", title: "Password hash of a web server or directory", doc: "Can be cracked: SHA-1, however it is salted, is fast.", keywords: []string{"{sha}", "{ssha}"}, seek: seekDirectory},
	}
}

// Rules returns the generic rules with the calibrated thresholds. Each is a matcher around its key words; see the package's documentation.
func Rules() []detect.Rule { return RulesWith(Levels{}) }

// RulesWith returns the generic rules with thresholds of one's own.
func RulesWith(l Levels) []detect.Rule {
	var rules []detect.Rule
	for _, p := range places() {
		rules = append(rules, detect.Rule{
			ID: p.id, Title: p.title, Doc: p.doc, Severity: detect.SeverityMedium, Confidence: detect.ConfidenceMedium,
			Source:   "https://cwe.mitre.org/data/definitions/798.html",
			Revoke:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
			Keywords: p.keywords, Matcher: p.matcher(l), PathClass: pathClass, TextOnly: true, Specificity: -1,
		})
	}
	return rules
}

// candidates appends the candidates that the key word at w.data[at:at+n] leads to and that belong to the place.
func (p *place) candidates(out []candidate, w *window, at, n int) []candidate {
	first := len(out)
	switch p.seek {
	case seekNamed:
		out = named(out, w, at, n)
	case seekCommand:
		out = command(out, w, at, n)
	case seekURL:
		out = urls(out, w, at, n)
	case seekBasic:
		out = header(out, w, at, n, classBasic)
	case seekBearer:
		out = header(out, w, at, n, classBearer)
	case seekMembers:
		out = members(out, w, at, n)
	case seekDump:
		out = dump(out, w, at)
	case seekDirectory:
		out = directory(out, w, at, n)
	}
	if p.classes != 0 && len(out) > first && p.classes&(1<<out[first].name.class) == 0 {
		return out[:first]
	}
	return out
}

// matcher judges the candidates of a place.
func (p place) matcher(l Levels) detect.Matcher {
	levels := l.scores()
	return func(f *detect.Fragment, at, n int) ([]detect.Match, detect.Range) {
		var few [2]candidate
		var out []detect.Match
		w, at := windowOf(f, at)
		found := p.candidates(few[:0], &w, at, n)
		if len(found) == 0 {
			return nil, w.shift(w.looked)
		}
		for _, c := range found {
			m := detect.Match{
				Range:  w.shift(detect.Range{Start: min(c.key.Start, c.value.Start), End: max(c.key.End, c.value.End)}),
				Secret: w.shift(c.value), Confidence: c.fixed(&w),
			}
			if m.Confidence > 0 {
				m.Evidence = []string{placeSentence(&w, &c)}
			} else {
				var v features
				score, ok := judgement(&v, &w, &c)
				if m.Confidence = levels.of(score); !ok || m.Confidence == 0 {
					continue
				}
				m.Evidence = evidence(&w, &c, &v, m.Confidence)
			}
			out = append(out, m)
		}
		return out, detect.Range{}
	}
}

// A Candidate is a value that may be a secret, as the scanners see it.
type Candidate struct {
	Rule     string // id of the rule that finds it
	Key      detect.Range
	Value    detect.Range
	Features []int16 // by [FeatureNames]
}

// Candidates returns all candidates of a fragment that the trees judge, for training. It looks for the key words itself, slowly.
func Candidates(f *detect.Fragment) []Candidate {
	var out []Candidate
	collect(f, func(p *place, w *window, c *candidate) {
		if c.fixed(w) > 0 {
			return
		}
		var v features
		describe(&v, w, c)
		describeLate(&v, w.data, c)
		out = append(out, Candidate{Rule: p.id, Key: w.shift(c.key), Value: w.shift(c.value), Features: append([]int16(nil), v[:]...)})
	})
	return out
}

// collect calls use for each candidate of the fragment, once for each value.
func collect(f *detect.Fragment, use func(p *place, w *window, c *candidate)) {
	seen := map[detect.Range]bool{}
	occurrences(f.Data, func(p *place, at, n int) {
		w, at := windowOf(f, at)
		for _, c := range p.candidates(nil, &w, at, n) {
			if value := w.shift(c.value); !seen[value] {
				seen[value] = true
				use(p, &w, &c)
			}
		}
	})
}

// occurrences calls use for each key word of each place in the text.
func occurrences(text []byte, use func(p *place, at, n int)) {
	low := lowerASCII(text)
	for _, p := range places() {
		for _, k := range p.keywords {
			for at := 0; ; at++ {
				i := bytes.Index(low[at:], []byte(k))
				if i < 0 {
					break
				}
				at += i
				use(&p, at, len(k))
			}
		}
	}
}

func lowerASCII(text []byte) []byte {
	out := bytes.Clone(text)
	for i, c := range out {
		if isUpper(c) {
			out[i] = c | 0x20
		}
	}
	return out
}
