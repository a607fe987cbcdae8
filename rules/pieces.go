package rules

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/keysieve/keysieve/detect"
)

// Pieces of patterns that many rules share, by the name that stands for them in a rule file: {{begin}}.
var pieces = map[string]string{
	// Where a token begins: not within a word, but behind an escaped line end or tab, what is percent-encoded or a Unicode
	// escape, and the colour of a terminal.
	"begin": `(?:\b` + escapes + `)`,

	// The same for tokens that are also found behind an underscore.
	"begin_": `(?:\b|_` + escapes + `)`,

	// What leads from a name to its value, for an allowlist that goes by the name right before the value and not by one on a line further up, which
	// the match of a rule with near has, too.
	"assigned": assigned,

	// What a token may stand behind, as more alternatives of what else begins it.
	"escapes": escapes,
}

const assigned = `["'` + "`" + `\])}]{0,3}[ \t]{0,20}(?:=>|:=|[=:,( ])[ \t"'` + "`" + `]{0,24}`

const escapes = `|\\[nrt]|%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\[[0-9;]{0,8}m`

var pieceName = regexp.MustCompile(`\{\{[a-z_]+\}\}`)

// withPieces returns the pattern with the pieces that it names.
func withPieces(pattern string) (string, error) {
	var err error
	pattern = pieceName.ReplaceAllStringFunc(pattern, func(name string) string {
		piece, ok := pieces[strings.Trim(name, "{}")]
		if !ok {
			err = fmt.Errorf("unknown piece %s of a pattern", name)
		}
		return piece
	})
	return pattern, err
}

// camelCase matches names as programs have them, with abbreviations and a number at the end.
const camelCase = `[A-Z]{0,8}[a-z]+(?:(?:[A-Z][a-z]+)+(?:(?:[A-Z]{2,8}|V?[0-9]{1,2}[A-Z])[a-z]{2,})?|[A-Z]{2,8}[a-z]{2,})` +
	`(?:[A-Z][a-z]+)*(?:[A-Z]{1,8}|V?[0-9]{1,2})?`

const (
	snakeCase    = `^[a-z]+(?:[_-][a-z]+)+$`
	constantCase = `^[A-Z]+(?:_[A-Z]+)+$`

	// Words with a number behind them: release-of-november-26.
	numberedWords = `[a-z]+(?:[_-][a-z]+){2,}[_-][0-9]{1,4}`
)

// allowlists are what many values are not, by the name that stands for it in a rule file: not = ["digitless"].
var allowlists = map[string]detect.Allow{
	"digitless": {Reason: "a name or a path: no digit in it", Patterns: []string{`^[^0-9]+$`}},
	"digest": {
		Reason: "a digest, of a file or of a commit",
		Target: detect.TargetMatch,
		Patterns: []string{
			`(?i)(?:(?:\b|_)md5|sha-?[0-9]{0,3}|(?:\b|_)zh|checksum|digest|etag|integrity|revision|commit|hash)` + assigned +
				`(?:[a-z.]{1,24}\()?["'` + "`" + `]?[0-9a-f]{32,128}[^0-9a-f]{0,2}$`,
		},
	},
	"unmixed": {
		Reason:   "a digest or an identifier: it lacks digits, capitals or lower case",
		Patterns: []string{`^[^0-9]+$`, `^[^a-z]+$`, `^[^A-Z]+$`},
	},
	"simple identifier": {
		Reason:   "an identifier of several words",
		Patterns: []string{`^[A-Za-z][a-z]+(?:[A-Z][a-z]+)+$`, snakeCase, constantCase},
	},
	"identifier": {
		Reason:   "an identifier of several words",
		Patterns: []string{`^` + camelCase + `$`, snakeCase, constantCase},
	},
	"words": {
		Reason:   "words, or a simple name",
		Patterns: []string{`^(?:[a-z_-]+|[A-Z_-]+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)+|` + numberedWords + `)$`},
	},
	"name": {
		Reason:   "a name, not a random string",
		Patterns: []string{`^(?:[a-z_-]+|[A-Z_-]+|` + camelCase + `|` + numberedWords + `)$`},
	},
	"word or name": {
		Reason:   "a name, not a random string",
		Patterns: []string{`^(?:[A-Z]?[a-z]+[A-Z]?|` + camelCase + `)$`},
	},
	"stand-in": {
		Reason: "stands for a password",
		Patterns: []string{
			`(?i)^(?:(?:my|your|the|some|a|very)?[ _-]?(?:pass(?:word|phrase|wd)?|pwd|psk|key|secret|community)[ _-]?(?:here|string|phrase)?|` +
				`changeme|your.*|my.?pass.*|x+|test(?:ing)?|example|foobared|guest|public|private)$`,
			`^[A-Z_]+$`,
		},
	},
	"password argument": {
		Reason:   "stands for a password, or says where it is read from",
		Patterns: []string{`(?i)^(?:pass(?:word|phrase|wd)?|pwd|secret|changeme|your.*|my.?pass.*|x+|test|example|stdin|foobared)$`, `^[A-Z_]+$`},
	},
	"password elsewhere": {
		Reason: "stands for a password, or reads it from elsewhere",
		Patterns: []string{
			`(?i)^(?:your|my|the|db|user|env|os|process|config|settings|secrets?|var|some|default|root|admin)?[-_.]?(?:password|passwd|pwd|pass)`,
			`(?i)^(?:os|process|config|settings|self|args|options|var|local|env|this)\.`,
			`(?i)^(?:x+|\*+|\.+|changeme|change_me|secret|example.*|.*placeholder.*|<.*>|%.*%|\[.*\])$`,
			`(?i)(?:password|passwd|pwd|passphrase)[\])]?$`,
			`^[A-Za-z_]+(?:\.[A-Za-z_]+)+$|^[A-Za-z_.]+\[`,
			`^(?:[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+|[a-z]+(?:[A-Z][a-z]+)+|(?:[A-Z][a-z]+){2,})$`,
		},
	},
}
