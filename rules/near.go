package rules

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// The pieces of a pattern that finds a value by the name that stands before it. They admit assignments in any language,
// JSON, YAML and XML, function arguments, headers and command lines:
//
//	ACME_TOKEN=…    "acme": {"token": "…"}    <acme-token>…</    acme.New(`…`)    X-Acme-Token: …    --acme-token …
const (
	// On the line of the name, or on the next one, or behind what a declaration says of the name, or in the same URL.
	nearGap  = `(?:[^\n]{0,60}?(?:\n` + nearDeclared + `[^\n]{0,60}?)?|` + nearQuery + `)`
	nearWord = `(?:[^\n]{0,40}?(?:\n[^\n]{0,40}?)?|` + nearQuery + `)`

	// What leads from a host to a parameter of the URL, however long that is.
	nearQuery = `[^\s"'<>]*?[?&;][0-9A-Za-z_.-]*?`

	// An operator or quote, the blank after a flag, an environment variable's name or a word for a credential, "key is".
	nearOperator = `(?:[=:,("'` + "`" + `>|]|[-_][0-9A-Za-z_-]{1,30}[ \t]|[ \t]is[ \t]|` +
		`(?i:secret|private|access|token|key|code|passwd|password|credentials)[\s-]{1,3})`

	// What joins a name and a value that are next to each other: "acme …", "acme-…".
	nearJoint = `[ \t-]{1,3}`

	// What may stand between the operator and the value: more of the operator, quotes, an authentication scheme, the
	// first part of a value as Jenkins encrypts it.
	nearOpening = `[\s=>"'` + "`" + `\\(\[{-]{0,12}(?:(?i:bearer|basic|token|apikey|api-key|key)[ =:]{1,2}|` +
		`(?:[0-9a-z]{1,20} )?AQAAA[0-9A-Za-z+/]{1,20}={0,2} )?`

	// What ends the value: nothing that could belong to a longer value, a path or a file name.
	nearEnd = `(?:[.?]?(?:[^0-9A-Za-z_=+/.?-]|$))`

	// The word for a credential that ends a name: "acme_secret_key", "acme PRIVATE ACCESS TOKEN", "acme.apiKey".
	nearKeyWords = `secret|private|access|token|key|password`

	// What leads from a name to the value that is assigned to it: a word for a credential, an operator or blanks.
	nearAssigned = `[0-9A-Za-z_. -]{0,20}?(?i:` + nearKeyWords + `)["'` + "`" + `\\\])}]{0,3}(?:[ \t]{0,4}(?:=>|:=|[=:,(])|[ \t-]{1,3})[ \t"'` + "`" + `]{0,3}`

	// The other members of a block that the name heads, up to the name of the member that is the credential.
	nearBlock = `[^\n]{0,32}(?:\n[^\n]+){1,3}\n[\s"'<{|-]{0,24}[0-9A-Za-z_.-]{0,20}?`

	// What ends that member's name and leads to its value.
	nearMember = `[0-9A-Za-z_]{0,8}?["'` + "`" + `>]{0,2}[ \t]{0,4}(?:=>|:=|[=:|,]|[ \t>])`

	// What leads from a word for a credential to its value, which may stand on the line below as that of an environment variable
	// of a container or of a variable of Terraform, or in the string below its key in a property list.
	nearWorded = `(?:[ \t-]{1,3}(?:is[ \t])?|[^\n]{0,40}?` + nearOperator + `|[0-9A-Za-z_-]*(?:` + nearDefault + `|</key>\s+<string>))`

	// Lines of the declaration of a variable that may stand before its value.
	nearDeclared = `(?:[ \t]+(?:type|desc|sensi)[^\n]*\n)*`

	// What leads from the name of such a variable to its value.
	nearDefault = `["'` + "`" + `]?,?[ {]{0,2}\r?\n` + nearDeclared + `[ \t]+["']?(?:value|default)["']?[ \t]*[:=]`

	// Where a value of limited length ends at most, in bytes behind the name.
	nearSpan = 450

	// Values that end in so many characters of one class may be longer than documented: after fewer it is another format.
	minLengthened, maxLengthened = 16, 120

	// Names up to this length are part of too many words; they must be a word, alone or within an identifier.
	shortName = 4
)

// nearPattern composes the pattern of a rule whose value has no shape of its own: one of the names, at most 120 bytes
// and one line break, or the rest of a URL up to a parameter's name, an operator, the value. With words, one of them stands between the name and the value. The name may
// also head a block that has the value up to four lines below, as a member with a name for a credential.
//
// Issuers lengthen their keys. When this is the only rule of its provider's that goes by the name, and not exact, a value assigned to
// just the name and a word for a credential may be somewhat longer than documented.
//
// With initial, a longer name, too, counts only where a word begins: ding_token, not pending_token.
func nearPattern(names, words []string, value string, only, initial bool) string {
	credential := `(?i:` + nearKeyWords + `)`
	lead := nearGap + nearOperator
	if len(words) > 0 {
		credential = `(?i:` + quoteAll(synonyms(words)) + `)`
		lead = nearWord + credential + nearWorded
	}
	block := nearBlock + credential + nearMember
	named := nearNames(names, initial)
	var head string
	switch humps := humps(names, words); {
	case len(humps) > 0:
		head = alternatives([]string{alternatives(append(humps, named+nearWord+credential)) + nearWorded, named + block})
	case len(words) > 0:
		head = named + alternatives([]string{lead, block})
	default:
		head = named + alternatives([]string{nearJoint, lead, block})
	}
	pattern := head + nearOpening + `(` + value + `)`
	if long := lengthened(value); only && long != "" {
		pattern = alternatives([]string{named + nearAssigned + `(` + long + `)`, pattern})
	}
	return pattern + nearEnd
}

// synonyms returns the words, and where they are those for any credential, the others for one.
func synonyms(words []string) []string {
	for _, w := range []string{"token", "key", "secret"} {
		if !slices.Contains(words, w) {
			return words
		}
	}
	all := slices.Clone(words)
	for _, w := range []string{"pass", "auth", "cred", "api"} {
		if !slices.Contains(words, w) {
			all = append(all, w)
		}
	}
	return all
}

// spellings returns the names as they are written in identifiers, options and prose. A blank in a name stands between words that are
// also joined, or have a joint of their own: "acme cloud", ACME_CLOUD_TOKEN, --acme-cloud-token, acmeCloud. An underscore between
// words may also be a hyphen.
func spellings(names []string) []string {
	var all []string
	for _, name := range names {
		spelt := []string{name}
		switch {
		case strings.Contains(strings.TrimSpace(name), " "):
			spelt = nil
			for _, joint := range []string{"", "_", "-", ".", " "} {
				spelt = append(spelt, strings.ReplaceAll(name, " ", joint))
			}
		case strings.Contains(strings.Trim(name, "_"), "_"):
			spelt = append(spelt, innerHyphens(name))
		}
		for _, s := range spelt {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// innerHyphens returns the name with hyphens instead of the underscores between its words.
func innerHyphens(name string) string {
	words := strings.Trim(name, "_")
	return strings.Replace(name, words, strings.ReplaceAll(words, "_", "-"), 1)
}

func isShort(name string) bool { return len(name) <= shortName }

// lengthened returns the pattern of a value that ends in a number of characters of one class as it matches up to half as
// many more of them, "" for any other; of several, the first that can. Hexadecimal digits are left alone: more of
// them are another digest.
func lengthened(value string) string {
	re, err := syntax.Parse(value, syntax.Perl)
	if err != nil {
		return ""
	}
	if re.Op == syntax.OpAlternate {
		for _, sub := range re.Sub {
			if long := lengthened(sub.String()); long != "" {
				return long
			}
		}
		return ""
	}
	before, last := "", re
	if re.Op == syntax.OpConcat {
		for _, sub := range re.Sub[:len(re.Sub)-1] {
			before += `(?:` + sub.String() + `)`
		}
		last = re.Sub[len(re.Sub)-1]
	}
	if last.Op != syntax.OpRepeat || last.Sub[0].Op != syntax.OpCharClass || isHex(last.Sub[0].Rune) ||
		last.Max < minLengthened || last.Max > maxLengthened {
		return ""
	}
	return fmt.Sprintf("%s%s{%d,%d}", before, last.Sub[0], last.Max+1, last.Max+last.Max/2)
}

// isLimited reports whether a pattern matches up to so many characters and no more.
func isLimited(value string) bool {
	re, err := syntax.Parse(value, syntax.Perl)
	return err == nil && !goesOn(re)
}

func goesOn(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat && re.Max < 0 || slices.ContainsFunc(re.Sub, goesOn)
}

// isHex reports whether a class of characters, as pairs of the first and last of a range, is of hexadecimal digits.
func isHex(ranges []rune) bool {
	for i := 0; i < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		if !('0' <= lo && hi <= '9' || 'A' <= lo && hi <= 'F' || 'a' <= lo && hi <= 'f') {
			return false
		}
	}
	return true
}

// edge is where a word within an identifier begins or ends.
const edge = `(?:\b|_|\\[nrt])`

// nearNames matches one of the names ignoring ASCII case, a short one only where it is a word: acme_key, acmeKey,
// myAcmeKey, ACME_KEY, ACMEKey, but neither acmes nor placme.
//
// With initial, a longer one must begin a word.
func nearNames(names []string, initial bool) string {
	alts := longNames(names, initial)
	for _, name := range names {
		if !isShort(name) {
			continue
		}
		lower, upper := strings.ToLower(name), strings.ToUpper(name)
		alts = append(alts,
			edge+`(?i:`+regexp.QuoteMeta(name)+`(?:\b|_|api|key|token|secret|access|private|auth))`,
			edge+regexp.QuoteMeta(lower)+`[A-Z]`,
			edge+regexp.QuoteMeta(upper)+`[A-Z][a-z]`,
			regexp.QuoteMeta(capital(lower))+`(?:\b|[A-Z_])`,
		)
	}
	return alternatives(alts)
}

// longNames matches those that are not short.
func longNames(names []string, initial bool) (alts []string) {
	var long, capitals []string
	for _, name := range names {
		if isShort(name) {
			continue
		}
		long = append(long, name)
		if !strings.ContainsAny(name, "_-. ") {
			capitals = append(capitals, regexp.QuoteMeta(strings.ToUpper(name[:1]))+`(?i:`+regexp.QuoteMeta(name[1:])+`)`)
		}
	}
	switch {
	case len(long) == 0:
		return nil
	case !initial:
		return []string{`(?i:` + quoteAll(long) + `)`}
	}
	alts = append(alts, `(?:`+edge+`|[0-9])(?i:`+quoteAll(long)+`)`)
	if len(capitals) > 0 {
		alts = append(alts, `[a-z]`+alternatives(capitals))
	}
	return alts
}

// capital returns the word with a capital.
func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// humps matches a short name with one of the words right after it: acmeKey, acmeKEY. In nearNames the name would take
// the word's first letter.
func humps(names, words []string) []string {
	var capitals []string
	for _, w := range words {
		capitals = append(capitals, capital(w), strings.ToUpper(w))
	}
	if len(words) == 0 {
		return nil
	}
	var alts []string
	for _, name := range names {
		if isShort(name) {
			hump := alternatives([]string{edge + `(?i:` + regexp.QuoteMeta(name) + `)`, regexp.QuoteMeta(capital(strings.ToLower(name)))})
			alts = append(alts, hump+`(?:`+quoteAll(capitals)+`)`)
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
