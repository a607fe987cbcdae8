package rules

import (
	"regexp"
	"strings"
)

// The pieces of a pattern that finds the credential of a request before the host that it is sent to:
//
//	curl -u KEY: https://api.acme.com    curl -H 'X-Token: KEY' \ https://api.acme.com    headers={"Authorization": "Bearer KEY"}, url="https://api.acme.com"
const (
	// An option of curl with what stands in its argument before the credential, or a header's name or scheme.
	requestLead = `(?:(?:-H|--header|-u|--user)[ =]{0,2}\\?["'` + "`" + `]?(?:[0-9A-Za-z:@._ -]{0,50}?[ :])?|` +
		`(?i:bearer|token|basic|secret|key|authorization)["'` + "`" + `]?[\s:=,(]{1,4}["'` + "`" + `]?(?:(?i:bearer|token|basic) )?)`

	// What ends the credential, perhaps the other half of a user and password, and what may stand before the host.
	requestRest = `(?::[0-9A-Za-z_]{0,20})?\\?["'` + "`" + `\s,)][ -~\s]{0,160}?`
)

// requestPattern composes the pattern of a rule whose value is sent to one of the hosts, which stands at most 160 bytes behind it.
func requestPattern(hosts []string, value string) string {
	quoted := make([]string, len(hosts))
	for i, h := range hosts {
		quoted[i] = regexp.QuoteMeta(h)
	}
	return requestLead + `(` + value + `)` + requestRest + `(?:\b|[./])` + `(?i:` + strings.Join(quoted, "|") + `)`
}
