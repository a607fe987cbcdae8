package baseline_test

import (
	"strings"
	"testing"

	"github.com/keysieve/keysieve/baseline"
	"github.com/keysieve/keysieve/detect"
)

var testRules = []detect.Rule{
	{ID: "acme-token", Aliases: []string{"acme-key", "acme_old"}},
	{ID: "other-token"},
}

// judge returns why a finding of acme-token is suppressed, or else the evidence that it got.
func judge(confidence detect.Confidence, above, lines string) string {
	f := detect.Finding{RuleID: "acme-token", Confidence: confidence, Secret: detect.NewSecret([]byte("s3cr3t"))} // keysieve:allow generic-api-key made up
	baseline.New(testRules).Judge(&f, []byte(above), []byte(lines))
	if f.Suppressed != "" {
		return f.Suppressed
	}
	return strings.Join(append([]string{"reported"}, f.Evidence...), "; ")
}

func TestJudge(t *testing.T) {
	const proven = "gitleaks:allow does not silence a proven secret: keysieve:allow acme-token would"
	cases := []struct{ name, above, lines, high, proven string }{
		{"no comment", "", "s3cr3t", "reported", "reported"},
		{"rule", "", "s3cr3t # keysieve:allow acme-token", "keysieve:allow", "keysieve:allow"},
		{"reason", "", "s3cr3t # keysieve:allow acme-token made up, see docs", "keysieve:allow: made up, see docs", "keysieve:allow: made up, see docs"},
		{"reason after a dash", "", "s3cr3t # keysieve:allow acme-token -- made up", "keysieve:allow: made up", "keysieve:allow: made up"},
		{"reason after a colon", "", "s3cr3t // keysieve:allow acme-token: made up", "keysieve:allow: made up", "keysieve:allow: made up"},
		{"alias", "", "s3cr3t -- keysieve:allow ACME_old", "keysieve:allow", "keysieve:allow"},
		{"several", "", "s3cr3t ; keysieve:allow other-token, acme-key,x why", "keysieve:allow: why", "keysieve:allow: why"},
		{"before the secret", "", "/* keysieve:allow acme-token why */ s3cr3t", "keysieve:allow: why", "keysieve:allow: why"},
		{"markup", "", "<!-- keysieve:allow acme-token why -->", "keysieve:allow: why", "keysieve:allow: why"},
		{"in a value of JSON", "", `"a": "s3cr3t", "comment": "keysieve:allow acme-token why"}`, "keysieve:allow: why", "keysieve:allow: why"},
		{"second comment", "", "s3cr3t # keysieve:allow other-token keysieve:allow acme-token", "keysieve:allow", "keysieve:allow"},
		{"any line", "", "s3\ncr3t # keysieve:allow acme-token why\nx", "keysieve:allow: why", "keysieve:allow: why"},
		{"the reason ends with the line", "", "s3 # keysieve:allow acme-token why\r\ncr3t", "keysieve:allow: why", "keysieve:allow: why"},
		{"a secret in the reason", "", "# keysieve:allow acme-token is s3cr3t and 0123456789abcdefghij", "keysieve:allow: is … and …", "keysieve:allow: is … and …"},
		{"above does not count", "# keysieve:allow acme-token", "s3cr3t", "reported", "reported"},
		{"no rule", "", "s3cr3t # keysieve:allow", "reported; keysieve:allow names no rule: write keysieve:allow acme-token",
			"reported; keysieve:allow names no rule: write keysieve:allow acme-token"},
		{"another rule", "", "s3cr3t # keysieve:allow other-token", "reported; keysieve:allow on this line is not for acme-token",
			"reported; keysieve:allow on this line is not for acme-token"},
		{"a provider is no rule", "", "s3cr3t # keysieve:allow acme", "reported; keysieve:allow on this line is not for acme-token",
			"reported; keysieve:allow on this line is not for acme-token"},
		{"a longer word", "", "s3cr3t # keysieve:allowed acme-token", "reported", "reported"},
		{"gitleaks", "", "s3cr3t # gitleaks:allow", "gitleaks:allow", "reported; " + proven},
		{"gitleaks, anywhere", "", "xgitleaks:allowx s3cr3t", "gitleaks:allow", "reported; " + proven},
		{"betterleaks", "", "s3cr3t # betterleaks:allow", "betterleaks:allow", "reported; " + strings.ReplaceAll(proven, "gitleaks", "betterleaks")},
		{"trufflehog", "", "s3cr3t # trufflehog:ignore", "trufflehog:ignore", "reported; " + strings.ReplaceAll(proven, "gitleaks:allow", "trufflehog:ignore")},
		{"gitleaks and a named rule", "", "s3cr3t # gitleaks:allow keysieve:allow acme-token", "keysieve:allow", "keysieve:allow"},
		{"gitleaks and another rule", "", "s3cr3t # gitleaks:allow keysieve:allow other-token", "gitleaks:allow", "reported; " + proven},
		{"pragma", "", "s3cr3t  # pragma: allowlist secret\r\n", "pragma: allowlist secret",
			"reported; pragma: allowlist secret does not silence a proven secret: keysieve:allow acme-token would"},
	}
	for _, c := range cases {
		if got := judge(detect.ConfidenceHigh, c.above, c.lines); got != c.high {
			t.Errorf("%s: %q, want %q", c.name, got, c.high)
		}
		if got := judge(detect.ConfidenceProven, c.above, c.lines); got != c.proven {
			t.Errorf("%s, proven: %q, want %q", c.name, got, c.proven)
		}
	}
}

func TestPragma(t *testing.T) {
	const same, next = "pragma: allowlist secret", "pragma: allowlist nextline secret"
	cases := []struct{ above, lines, want string }{
		{"", "s3cr3t # pragma: allowlist secret", same},
		{"", "s3cr3t // pragma:allowlist secret", same},
		{"", "s3cr3t /* pragma: whitelist secret */", same},
		{"", "s3cr3t ' pragma: allowlist-secret", same},
		{"", "s3cr3t --pragma: allowlist secret", same},
		{"", "s3cr3t <!-- pragma: allowlist secret -->", same},
		{"", "s3cr3t <!-- # pragma: allowlist secret -->", same},
		{"", "s3cr3t # pragma: allowlist secret because it is none", same},
		{"", "s3cr3t # pragma: x # pragma: allowlist secret", same},
		{"", "x\ns3cr3t # pragma: allowlist secret\ny", same},
		{"", "s3cr3t# pragma: allowlist secret", "reported"},
		{"", "s3cr3t pragma: allowlist secret", "reported"},
		{"", "/* pragma: allowlist secret */ s3cr3t", "reported"},
		{"", "s3cr3t # pragma: allowlist secrets", "reported"},
		{"", "s3cr3t # pragma: allowlist", "reported"},
		{"", "s3cr3t # pragma:  allowlist secret", "reported"},
		{"", "s3cr3t # pragma: allowlist nextline secret", "reported"},
		{"# pragma: allowlist nextline secret", "s3cr3t", next},
		{"\t// pragma: whitelist-nextline-secret\r", "s3cr3t", next},
		{"x # pragma: allowlist nextline secret", "s3cr3t", "reported"},
		{"# pragma: allowlist secret", "s3cr3t", "reported"},
	}
	for _, c := range cases {
		if got := judge(detect.ConfidenceHigh, c.above, c.lines); got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.above, c.lines, got, c.want)
		}
	}
}

func TestReasonIsBounded(t *testing.T) {
	got := judge(detect.ConfidenceHigh, "", "# keysieve:allow acme-token "+strings.Repeat("because ", 1000))
	if len(got) > 150 || !strings.HasSuffix(got, "because …") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

// Whatever stands on the lines, only a known marker silences, and only one that names the rule silences a proven finding.
func FuzzComment(f *testing.F) {
	f.Add("# pragma: allowlist nextline secret", "s3cr3t # keysieve:allow acme-token, x -- why */")
	f.Add("", "<!-- # pragma: allowlist secret --> gitleaks:allow")
	f.Fuzz(func(t *testing.T, above, lines string) {
		for _, confidence := range []detect.Confidence{detect.ConfidenceHigh, detect.ConfidenceProven} {
			got := judge(confidence, above, lines)
			if strings.Contains(strings.TrimPrefix(got, "reported"), "s3cr3t") {
				t.Fatalf("tells the secret: %q", got)
			}
			if strings.HasPrefix(got, "reported") {
				continue
			}
			named := strings.Contains(lines, "keysieve:allow") && strings.HasPrefix(got, "keysieve:allow")
			if !named && (confidence == detect.ConfidenceProven || !strings.Contains(above+lines, ":")) {
				t.Fatalf("silenced: %q", got)
			}
		}
	})
}
