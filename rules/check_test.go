package rules

import (
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/internal/template"
)

// TestGenerators holds the checks and the generators of the templates, which do not share the code for a format's layout,
// against each other.
func TestGenerators(t *testing.T) {
	for _, tt := range []struct {
		expression    string // without "=" or "!"
		check         string
		whole, broken detect.Verdict
	}{
		{"1password", "1password", detect.Valid, detect.Unknown},
		{"age", "age-bech32", detect.Valid, detect.Invalid},
		{"atlassian ATATT", "atlassian-crc32", detect.Valid, detect.Unknown},
		{"atlassian ATBB", "atlassian-crc32", detect.Valid, detect.Unknown},
		{"aws-key-id ASIA", "aws-key-id", detect.Unknown, detect.Unknown},
		{"azure +ASt 88", "azure-marvin32", detect.Valid, detect.Invalid},
		{"azure +ASt 88", "azure-64bytes", detect.Valid, detect.Invalid},
		{"azure +ASb 44", "azure-marvin32", detect.Valid, detect.Invalid},
		{"azure AzSe 52", "azure-marvin32", detect.Valid, detect.Invalid},
		{"azure AzFu 56", "azure-marvin32", detect.Valid, detect.Invalid},
		{"bbdc", "atlassian-bbdc", detect.Valid, detect.Unknown},
		{"bedrock", "bedrock", detect.Valid, detect.Unknown},
		{"cloudflare", "cloudflare-crc32", detect.Valid, detect.Invalid},
		{"cloudflare 12|", "sanctum-crc32", detect.Valid, detect.Unknown},
		{"cloudflare 7|acme_", "sanctum-crc32", detect.Valid, detect.Unknown},
		{"confluent", "confluent-crc32", detect.Valid, detect.Invalid},
		{"discord", "discord-bot", detect.Valid, detect.Unknown},
		{"github gho_", "github-crc32", detect.Valid, detect.Invalid},
		{"gitlab-routable", "gitlab-routable", detect.Valid, detect.Invalid},
		{"grafana-glc", "grafana-glc", detect.Valid, detect.Unknown},
		{"grafana-glsa", "grafana-crc32", detect.Valid, detect.Invalid},
		{"jfrog-akcp", "jfrog-akcp", detect.Unknown, detect.Unknown},
		{"jfrog-reftkn", "jfrog-reftkn", detect.Valid, detect.Unknown},
		{"jwt", "jwt", detect.Valid, detect.Unknown},
		{"jwt none", "jwt", detect.Unknown, detect.Unknown},
		{"jwt supabase anon", "supabase", detect.Valid, detect.Unknown},
		{"jwt", "supabase", detect.Unknown, detect.Unknown},
		{"mapbox sk", "mapbox", detect.Valid, detect.Unknown},
		{"nkey SU", "nkey-crc16", detect.Valid, detect.Invalid},
		{"nkey SA", "nkey-crc16", detect.Valid, detect.Invalid},
		{"npm", "npm-crc32", detect.Valid, detect.Invalid},
		{"pem rsa", "pem", detect.Valid, detect.Unknown},
		{"pem ec", "pem", detect.Valid, detect.Unknown},
		{"pem pkcs8", "pem", detect.Valid, detect.Unknown},
		{"pem encrypted", "pem", detect.Invalid, detect.Unknown},
		{"pem openssh", "pem", detect.Valid, detect.Unknown},
		{"pem pgp", "pem", detect.Valid, detect.Valid}, // the checksum is that of what is there
		{"pem rsa escaped", "pem", detect.Valid, detect.Unknown},
		{"pem rsa folded", "pem", detect.Valid, detect.Unknown},
		{"der rsa", "pem", detect.Valid, detect.Unknown},
		{"b64 {{=pem ec}}", "pem", detect.Valid, detect.Valid},
		{"b64 {{=jwt}}", "jwt", detect.Valid, detect.Valid},
		{"pypi", "pypi-macaroon", detect.Valid, detect.Unknown},
		{"pypi test.pypi.org", "pypi-macaroon", detect.Valid, detect.Unknown},
		{"sendgrid", "sendgrid", detect.Unknown, detect.Unknown},
		{"sentry-org", "sentry-org", detect.Valid, detect.Unknown},
	} {
		t.Run(tt.expression, func(t *testing.T) {
			check := lookupCheck(tt.check)
			for n := range uint64(20) {
				for _, c := range []struct {
					sign string
					want detect.Verdict
				}{{"=", tt.whole}, {"!", tt.broken}} {
					text, err := template.Expand("{{"+c.sign+tt.expression+"}}", t.Name(), n)
					if err != nil {
						t.Fatal(err)
					}
					if got := check(text.Data); got.Verdict != c.want || got.Note == "" && c.want != detect.Unknown {
						t.Fatalf("%s: %s: verdict %d, want %d (%s)", c.sign, text.Data, got.Verdict, c.want, got.Note)
					}
				}
			}
		})
	}
}

// TestVectors holds the checks against values that others published. They stand in pieces, with bars between, because
// scanners read this file too.
func TestVectors(t *testing.T) {
	for _, tt := range []struct {
		check, secret string
		want          detect.Verdict
		note          string // a part of it
	}{
		// https://docs.confluent.io, "API secret format"
		{"confluent-crc32", "cfl|tT8d8RzkNseTMEDKcjNM1BZTFPHq|Rn/dQm9q7w6SjzZ12wZfwjaJdipHZtDjw", detect.Valid, "CRC32"},
		// https://docs.nats.io, "NKeys"
		{"nkey-crc16", "SUACSSL3UAHUDXKFSNVUZRF5|UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY", detect.Valid, "CRC16"},   // keysieve:allow generic-api-key of a standard or made up
		{"nkey-crc16", "SUACSSL3UAHUDXKFSNVUZRF5|UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCV3VY", detect.Invalid, "CRC16"}, // keysieve:allow generic-api-key of a standard or made up
		// Aidan Steele, "AWS Access Key ID formats"
		{"aws-key-id", "ASIA|Y34FZKBOKMUTVV7A", detect.Unknown, "609629065308"},
		{"aws-key-id", "AKIA|IOSFODNN7EXAMPLE", detect.Unknown, "before 2019"},
		{"aws-key-id", "AKIA|1OSFODNN7EXAMPLE", detect.Unknown, "base32"},
		// RFC 7515, appendix A.1, and the same with its header cut
		{"jwt", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9|.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ|.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", // keysieve:allow generic-api-key of a standard or made up
			detect.Valid, "HS256, issued by joe, expires 2011-03-22"},
		{"jwt", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1Ni|.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ|.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", // keysieve:allow generic-api-key of a standard or made up
			detect.Unknown, "does not decode"},
		{"jwt-strict", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1Ni|.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ|.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", // keysieve:allow generic-api-key of a standard or made up
			detect.Invalid, "does not decode"},
		// A macaroon that ends in its first caveat
		{"pypi-macaroon", "pypi-AgEIcHlwaS5vcmcCJDAwMDAwM|DAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMAACF1sxLFs", detect.Invalid, "cut off"},
		// RFC 8410, section 10.3
		{"pem", "-----BEGIN PRIVATE| KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+|K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE| KEY-----", detect.Valid, "Ed25519"},
		{"pem", "-----BEGIN PRIVATE| KEY-----\n... your key here ...\n-----END PRIVATE| KEY-----", detect.Invalid, "no key"},
		// Discord's reference, "Snowflakes": 175928847299117063 was made on 2016-04-30.
		{"discord-bot", "MTc1OTI4ODQ3|Mjk5MTE3MDYz.AAAAAA.|aaaaaaaaaaaaaaaaaaaaaaaaaaa", detect.Valid, "2016-04-30"},
		{"openai", "sk-0123456789|T3Blbk|FJ0123456789", detect.Unknown, "has the signature"},
		{"anthropic", "sk-ant-api03-|AA", detect.Unknown, "ends as"},
		// Dynamic's reference, TokenWithRaw
		{"dynamic-crc32", "dy|n_aGLjTe3TUN40vSE75sTtgUx9AjI|e0q4n3LFC", detect.Valid, "CRC32"},
		{"dynamic-crc32", "dy|n_aGLjTe3TUN40vSE75sTtgUx9AjI|e0q4n3LFD", detect.Unknown, "wrong"},
		{"telegram", "110201543:|AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", detect.Unknown, "Telegram"},
	} {
		secret := strings.ReplaceAll(tt.secret, "|", "")
		got := lookupCheck(tt.check)([]byte(secret))
		if got.Verdict != tt.want || !strings.Contains(got.Note, tt.note) {
			t.Errorf("%s: %s: %+v, want %d, %q", tt.check, secret, got, tt.want, tt.note)
		}
	}
}

// TestChecksum holds the checks whose vectors would be tokens in use against values computed with zlib's crc32.
func TestChecksum(t *testing.T) {
	body := strings.Repeat("0123456789", 6)
	for _, tt := range []struct {
		check  string
		pieces []string
	}{
		{"github-crc32", []string{"gh", "p_", body[:30], "0pV6Ps"}},
		{"vercel-crc32", []string{"vc", "p_", body[:50], "3egt2i"}},
		{"npm-crc32", []string{"np", "m_", body[:30], "0pV6Ps"}},
		{"cloudflare-crc32", []string{"cf", "ut_", body[:40], "a6463c49"}},
		{"sanctum-crc32", []string{"12", "|", body[:40], "a6463c49"}},
		{"grafana-crc32", []string{"gl", "sa_", body[:32], "_1160b31a"}},
		{"atlassian-crc32", []string{"ATA", "TT3", body[:50], "D64BEA67"}},
		{"gitlab-routable", []string{"gl", "pat-", body[:36], ".01.100jx4h7r"}},
	} {
		secret := []byte(strings.Join(tt.pieces, ""))
		if got := lookupCheck(tt.check)(secret); got.Verdict != detect.Valid {
			t.Errorf("%s: %+v", tt.check, got)
		}
		secret[12] ^= 1
		if got := lookupCheck(tt.check)(secret); got.Verdict == detect.Valid {
			t.Errorf("%s: an altered token is %+v", tt.check, got)
		}
	}
}

// TestArmor writes one key in the ways that keys are found.
func TestArmor(t *testing.T) {
	text, err := template.Expand("{{=pem ec}}", t.Name(), 0)
	if err != nil {
		t.Fatal(err)
	}
	key := string(text.Data)
	each := func(before, after string) string {
		return before + strings.ReplaceAll(key, "\n", after+"\n"+before)
	}
	for _, tt := range []struct {
		name, text string
		want       detect.Verdict
	}{
		{"plain", key, detect.Valid},
		{"CRLF", strings.ReplaceAll(key, "\n", "\r\n"), detect.Valid},
		{"blank lines", strings.ReplaceAll(key, "\n", "\n\n"), detect.Valid},
		{"escaped", strings.ReplaceAll(key, "\n", `\n`), detect.Valid},
		{"escaped twice", strings.ReplaceAll(key, "\n", `\\r\\n`), detect.Valid},
		{"escaped and wrapped", strings.ReplaceAll(key, "\n", `\n\`+"\n"), detect.Valid},
		{"indented", each("    ", ""), detect.Valid},
		{"commented", each(" * ", ""), detect.Valid},
		{"shell comment", each("# ", ""), detect.Valid},
		{"Go comment", each("// ", ""), detect.Valid},
		{"joined strings", each(`"`, `\n" +`), detect.Valid},
		{"joined strings before", each(`  + "`, `\n"`), detect.Valid},
		{"list of strings", each(`'`, `',`), detect.Valid},
		{"logged", each("2026-01-02 03:04:05 ", ""), detect.Valid},
		{"one line", strings.ReplaceAll(key, "\n", ""), detect.Valid},
		{"with blanks", strings.ReplaceAll(key, "\n", " "), detect.Valid},
		{"within code", "key := `" + key + "`", detect.Valid},
		{"no END", key[:strings.Index(key, "-----END")], detect.Valid},
		{"cut", key[:len(key)/2], detect.Unknown},
		{"altered", strings.Replace(key, "\nM", "\nX", 1), detect.Unknown},
		{"encrypted", strings.Replace(key, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1), detect.Valid}, // a header that lies
		{"dots", "-----BEGIN EC PRIVATE" + " KEY-----\n...\n-----END EC PRIVATE KEY-----", detect.Invalid},
		{"nothing", "-----BEGIN EC PRIVATE" + " KEY-----", detect.Invalid},
		{"no key", "-----BEGIN", detect.Unknown},
	} {
		if got := checkPEM([]byte(tt.text)); got.Verdict != tt.want {
			t.Errorf("%s: %+v, want %d", tt.name, got, tt.want)
		}
	}
}

// FuzzChecks gives every check any text.
func FuzzChecks(f *testing.F) {
	for _, g := range template.Generators() {
		text, err := template.Expand("{{="+g+"}}", g, 0)
		if err == nil {
			f.Add(text.Data)
		}
	}
	f.Fuzz(func(t *testing.T, secret []byte) {
		for _, c := range checks {
			if proof := c.check(secret); len(proof.Note) > 400 {
				t.Errorf("%s: a note of %d bytes", c.name, len(proof.Note))
			}
		}
	})
}
