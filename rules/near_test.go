package rules

import (
	"regexp"
	"testing"
)

// TestNames says in which identifiers a name counts: a short one where it is a word, a longer one anywhere, or where a word begins.
func TestNames(t *testing.T) {
	short := regexp.MustCompile(nearNames([]string{"acme"}, false))
	long := regexp.MustCompile(nearNames([]string{"gateio", "gate_io"}, false))
	initial := regexp.MustCompile(nearNames([]string{"gateio", "gate_io"}, true))
	humps := regexp.MustCompile(alternatives(humps([]string{"tron"}, []string{"key"})))
	for _, c := range []struct {
		re   *regexp.Regexp
		text string
		want bool
	}{
		{short, "acme_key", true}, {short, "acmeKey", true}, {short, "myAcmeKey", true}, {short, "ACME_KEY", true}, {short, "ACMEKey", true},
		{short, "acmes", false}, {short, "placme", false},
		{long, "gateio", true}, {long, "aggregateio", true}, {long, "COINGATE_IO", true},
		{initial, "gateio", true}, {initial, "GATE_IO_KEY", true}, {initial, "prodGateIoKey", true}, {initial, "prodGateIOKey", true}, {initial, "s3gateio", true},
		{initial, "x_gateio", true}, {initial, `\ngateio`, true}, {initial, "coingateio", false}, {initial, "COINGATE_IO", false}, {initial, "aggregateIo", false},
		{humps, "tronKey", true}, {humps, "myTronKey", true}, {humps, "TRONKEY", true}, {humps, "electronKey", false}, {humps, "patronKEY", false}, {humps, "tronkey", false},
	} {
		if got := c.re.MatchString(c.text); got != c.want {
			t.Errorf("%s in %q: %t", c.re, c.text, got)
		}
	}
}
