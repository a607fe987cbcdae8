package rules

import (
	"regexp"
	"strings"
)

// The pieces of a pattern that finds a value by the name that stands before it. They admit assignments in any language,
// JSON, YAML and XML, function arguments, headers and command lines:
//
//	ACME_TOKEN=…    "acme": {"token": "…"}    <acme-token>…</    acme.New(`…`)    X-Acme-Token: …    --acme-token …
const (
	// On the line of the name, or on the next one.
	nearGap  = `[^\n]{0,60}?(?:\n[^\n]{0,60}?)?`
	nearWord = `[^\n]{0,40}?(?:\n[^\n]{0,40}?)?`

	// An operator or quote, the blank after a flag, an environment variable's name or a word for a credential, "key is".
	nearOperator = `(?:[=:,("'` + "`" + `>|]|[-_][0-9A-Za-z_-]{1,30}[ \t]|` +
		`(?i:secret|private|access|token|key|code|passwd|password|credentials)(?:[\s-]{1,3}|[ \t]is[ \t]))`

	// What joins a name and a value that are next to each other: "acme …", "acme-…".
	nearJoint = `[ \t-]{1,3}`

	// What may stand between the operator and the value: more of the operator, quotes, an authentication scheme, the
	// first part of a value as Jenkins encrypts it.
	nearOpening = `[\s=>"'` + "`" + `\\(\[{]{0,12}(?:(?i:bearer|basic|token|apikey|api-key|key)[ =:]{1,2}|` +
		`(?:[0-9a-z]{1,20} )?AQAAA[0-9A-Za-z+/]{1,20}={0,2} )?`

	// What ends the value: nothing that could belong to a longer value, a path or a file name.
	nearEnd = `(?:[.?]?(?:[^0-9A-Za-z_=+/.?-]|$))`

	// Names up to this length are part of too many words; they must be a word, alone or within an identifier.
	shortName = 4
)

// nearPattern composes the pattern of a rule whose value has no shape of its own: one of the names, at most 120 bytes
// and one line break, an operator, the value. With words, one of them stands between the name and the value.
func nearPattern(names, words []string, value string) string {
	var b strings.Builder
	if len(words) > 0 {
		b.WriteString(alternatives(append([]string{nearNames(names) + nearWord + `(?i:` + quoteAll(words) + `)`}, humps(names, words)...)))
		b.WriteString(`(?:[ \t-]{1,3}|[^\n]{0,40}?` + nearOperator + nearOpening + `)`)
	} else {
		b.WriteString(nearNames(names) + `(?:` + nearJoint + `|` + nearGap + nearOperator + `)` + nearOpening)
	}
	b.WriteString(`(?P<secret>` + value + `)` + nearEnd)
	return b.String()
}

// edge is where a word within an identifier begins or ends.
const edge = `(?:\b|_)`

// nearNames matches one of the names ignoring ASCII case, a short one only where it is a word: acme_key, acmeKey,
// myAcmeKey, ACME_KEY, ACMEKey, but neither acmes nor placme.
func nearNames(names []string) string {
	var long, alts []string
	for _, name := range names {
		if len(name) > shortName {
			long = append(long, name)
		}
	}
	if len(long) > 0 {
		alts = append(alts, `(?i:`+quoteAll(long)+`)`)
	}
	for _, name := range names {
		if len(name) > shortName {
			continue
		}
		lower, upper := strings.ToLower(name), strings.ToUpper(name)
		alts = append(alts,
			edge+`(?i:`+regexp.QuoteMeta(name)+`(?:\b|_|api|key|token|secret|access|private|auth))`,
			edge+regexp.QuoteMeta(lower)+`[A-Z]`,
			edge+regexp.QuoteMeta(upper)+`[A-Z][a-z]`,
			regexp.QuoteMeta(upper[:1]+lower[1:])+`(?:\b|[A-Z_])`,
		)
	}
	return alternatives(alts)
}

// humps matches a short name with one of the words right after it: acmeKey, acmeKEY. In nearNames the name would take
// the word's first letter.
func humps(names, words []string) []string {
	var capitals []string
	for _, w := range words {
		capitals = append(capitals, strings.ToUpper(w[:1])+w[1:], strings.ToUpper(w))
	}
	var alts []string
	for _, name := range names {
		if len(name) <= shortName {
			alts = append(alts, `(?i:`+regexp.QuoteMeta(name)+`)(?:`+quoteAll(capitals)+`)`)
		}
	}
	return alts
}

func alternatives(alts []string) string {
	if len(alts) == 1 {
		return alts[0]
	}
	return `(?:` + strings.Join(alts, "|") + `)`
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = regexp.QuoteMeta(w)
	}
	return strings.Join(quoted, "|")
}
