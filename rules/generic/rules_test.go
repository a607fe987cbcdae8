package generic

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/internal/template"
)

// findings are texts with a made-up secret, or its end, where the last {{…}} stands, which must be reported by default, and by which rule.
var findings = []struct{ path, text, rule string }{
	{"app/.env", "DB_PASSWORD={{:16:alnum}}\n", "generic-password"},
	{"config/database.yml", "production:\n  username: app\n  password: {{:14:alnum}}\n", "generic-password"},
	{"src/Main.java", "dataSource.setPassword(\"{{:14:alnum}}\");\n", "generic-password"},
	{"settings.py", "SECRET_KEY = '{{:50:alnum}}'\n", "generic-api-key"},
	{"main.go", "const apiKey = \"{{:32:hex}}\"\n", "generic-api-key"},
	{"app.js", "  authToken: '{{:40:alnum}}',\n", "generic-api-key"},
	{"appsettings.json", "  \"ClientSecret\": \"{{:40:alnum}}\",\n", "generic-api-key"},
	{"README.md", "export API_TOKEN={{:40:alnum}}\n", "generic-api-key"},
	{"db.go", "db, err := sql.Open(\"postgres\", \"postgres://app:{{:14:alnum}}@db.internal/app\")\n", "url-credentials"},
	{"run.sh", "curl -u admin:{{:14:alnum}} https://ci.internal/\n", "generic-command-password"},
	{"run.sh", "curl -H 'Authorization: Bearer {{:40:alnum}}' https://ci.internal/\n", "bearer-token"},
	{"pwdump.txt", "Administrator:500:{{:32:hex}}:{{:32:hex}}:::\n", "ntlm-hash"},
	{".htpasswd", "ann:{SHA}{{:27:alnum}}=\n", "ldap-password-hash"},
	{"app.yml", "db:\n  password: |\n    {{:18:alnum}}\n  port: 1\n", "generic-password"},
	{"app.yml", "token: >-\n  {{:40:alnum}}\n", "generic-api-key"},
	{"crypt.go", "var encryptionKey = []byte{0x{{:2:hex}}, 0x1f, 0x2e, 0x3d, 4, 0x5b, 0x6a, 0x79, 0x88, 0x97, 0xa6, 0xb5, 0xc4, 0xd3, 0xe2, 0xf1}\n", "generic-api-key"},
	{"Crypt.cs", "byte[] aesKey = new byte[] {\n  31, 46, 61, 76, 91, 106, 121, 136,\n  151, 166, 181, 196, 211, 226, 241, {{:2:digit}} };\n", "generic-api-key"},
	{"crypt.c", "static const uint8_t aes_key[16] = { 31, 46, 61, 76, 91, 106, 121, 136, 151, 166, 181, 196, 211, 226, 241, {{:2:digit}} };\n", "generic-api-key"},
	{"auth.c", "char password[] = \"{{:16:alnum}}\";\n", "generic-password"},
	{"config.json", "{\"auths\":{\"registry.internal\":{\"password\":\"{{:20:alnum}}\"}}}\n", "generic-password"},
	{"prod.tfstate", "{\"attributes\":{\"username\":\"app\",\"password\":\"{{:18:alnum}}\",\"port\":5432}}\n", "generic-password"},
	{"prod.tfvars", "db_password = \"{{:18:alnum}}\"\n", "generic-password"},
	{"variables.tf", "variable \"db_password\" {\n  type    = string\n  default = \"{{:18:alnum}}\"\n}\n", "generic-password"},
	{".github/workflows/ci.yml", "env:\n  DB_PASSWORD: {{:16:alnum}}\n", "generic-password"},
	{".gitlab-ci.yml", "variables:\n  DEPLOY_TOKEN: \"{{:30:alnum}}\"\n", "generic-api-key"},
	{"report.ipynb", "{\"source\":[\"api_key = \\\"{{:32:alnum}}\\\"\\n\",\"x\\n\"]}\n", "generic-api-key"},
	{"postman.json", "{\"bearer\":[{\"key\":\"token\",\"value\":\"{{:40:alnum}}\",\"type\":\"string\"}]}\n", "generic-api-key"},
	{"openapi.yaml", "      properties:\n        password:\n          type: string\n          example: {{:16:alnum}}\n", "generic-password"},
	{"jwk.json", "{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"{{:43:alnum}}\"}\n", "jwk-private-member"},
	{"app/.env", "DB_PASSWORD=1.2-{{:12:alnum}}\n", "generic-password"},
	{"nginx.conf", "set $auth_token \"{{:24:alnum}}\";\n", "generic-api-key"},
	{"config.json", "{\"client_secret\": \"{{:256:alnum}}" + strings.Repeat("Zk4p", 200) + "\"}\n", "generic-api-key"},
	{".env", "REFRESH_TOKEN={{:256:alnum}}" + strings.Repeat("Zk4p", 200) + "\n", "generic-api-key"},
	{"run.sh", "curl -H 'Authorization: Bearer {{:256:alnum}}" + strings.Repeat("Zk4p", 200) + "' https://ci.internal/\n", "bearer-token"},
	{"jwk.json", "{\"kty\":\"RSA\",\"d\":\"{{:256:alnum}}" + strings.Repeat("Zk4p", 100) + "\"}\n", "jwk-private-member"},
}

// quiet are texts in which nothing may be reported by default.
var quiet = []struct{ path, text string }{
	{"main.go", "password := os.Getenv(\"DB_PASSWORD\")\n"},
	{"main.go", "token, err := parser.NextToken(ctx)\n"},
	{"main.go", "return errors.New(\"invalid password\")\n"},
	{"config.yml", "password: ${DB_PASSWORD}\n"},
	{"config.yml", "password: changeme\n"},
	{"config.yml", "api_key: <your-api-key>\n"},
	{"values.yaml", "secretName: my-app-secret\n"},
	{"app.js", "passwordLabel: 'Enter your password',\n"},
	{"locale/de.yml", "password: Passwort\n"},
	{"app.tsx", "<Field key=\"password\" type=\"password\" placeholder=\"Password\" />\n"},
	{"index.html", "<input type=\"password\" name=\"password\" value=\"\">\n"},
	{"README.md", "curl -u user:password https://example.com/\n"},
	{"README.md", "postgres://user:password@localhost/db\n"},
	{"keys.go", "case tcell.KeyEnter: key = \"enter\"\n"},
	{"test_edit.vim", "  call feedkeys(\"Gof\\<C-X>\\<C-N>qz\\<F5>\\<Esc>\", 'xt')\n"},
	{"msg.h", "#define CURL_BAD_PASSWORD_ENTERED 251756642\n"},
	{"if_test.go", "Token: \"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\",\n"},
	{"installed.txt", "passwd\t1:4.13+dfsg1-1+deb12u1\n"},
	{"requirements.txt", "password 1.0b4\n"},
	{"run.sh", "PGPASSWORD=$DB_PASSWORD psql -c 'select 1'\n"},
	{"sealed.yaml", "kind: SealedSecret\nspec:\n  encryptedData:\n    db_password: " + "AgBy" + strings.Repeat("Zk4p", 200) + "\n"},
	{"app.env", "SECRET_CERT=" + "MIIDdzCCAl+gAwIBAgIE" + strings.Repeat("Zk4p", 200) + "\n"},
	{"values.yaml", "token: vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==\n"},
	{"run.sh", "mytool -u bob:{{ bob_password }}\n"},
}

func newDetector(t *testing.T) *detect.Detector {
	t.Helper()
	d, err := detect.New(Rules(), detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func find(t *testing.T, d *detect.Detector, path, text string) []detect.Finding {
	t.Helper()
	fs, err := d.Find(detect.Fragment{Data: []byte(text), Origin: detect.Origin{Path: path}})
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

func TestLevels(t *testing.T) {
	_, medium, _ := Levels{}.Thresholds()
	text := []byte(spell("password = '◊'\n"))
	f := &detect.Fragment{Data: text, Origin: detect.Origin{Path: "a.py"}}
	score := Explain(f, 1, Levels{})[0].Score
	for _, c := range []struct {
		levels Levels
		want   detect.Confidence
	}{
		{Levels{Low: score - 3, Medium: score - 2, High: score - 1}, detect.ConfidenceHigh},
		{Levels{Low: score - 3, Medium: score - 1, High: score + 1}, detect.ConfidenceMedium},
		{Levels{Low: score - 1, Medium: score + 1, High: score + 2}, detect.ConfidenceLow},
		{Levels{}, Levels{Medium: medium}.scores().of(int(1000 * score))},
	} {
		d, err := detect.New(RulesWith(c.levels), detect.Options{MinConfidence: detect.ConfidenceLow})
		if err != nil {
			t.Fatal(err)
		}
		fs, err := d.Find(*f)
		if err != nil || len(fs) != 1 || fs[0].Confidence != c.want {
			t.Errorf("%v: %v %v, want %v", c.levels, fs, err, c.want)
		}
	}
}

func TestFindings(t *testing.T) {
	d := newDetector(t)
	for _, c := range findings {
		for n := range uint64(5) {
			text, err := template.Expand(c.text, "generic", n)
			if err != nil {
				t.Fatal(err)
			}
			part := text.Parts[len(text.Parts)-1]
			want := string(text.Data[part.Start:part.End])
			fs := find(t, d, c.path, string(text.Data))
			i := slices.IndexFunc(fs, func(f detect.Finding) bool { return strings.Contains(string(f.Secret.Reveal()), want) })
			if i < 0 {
				t.Errorf("%s: not found in %s: %v", c.rule, text.Data, Explain(&detect.Fragment{Data: text.Data, Origin: detect.Origin{Path: c.path}}, 1, Levels{}))
				continue
			}
			if fs[i].RuleID != c.rule {
				t.Errorf("%s: found by %s", c.text, fs[i].RuleID)
			}
			for _, e := range fs[i].Evidence {
				if strings.Contains(e, want) {
					t.Errorf("%s: its evidence shows the secret", c.text)
				}
			}
		}
	}
}

func TestQuiet(t *testing.T) {
	d := newDetector(t)
	for _, c := range quiet {
		for _, f := range find(t, d, c.path, c.text) {
			t.Errorf("%s: %s reports %q: %q", c.text, f.RuleID, f.Secret.Reveal(), f.Evidence)
		}
	}
}

func TestExplain(t *testing.T) {
	f := &detect.Fragment{Data: []byte("a: b\npassword: changeme\n"), Origin: detect.Origin{Path: "a.yml"}}
	if got := Explain(f, 1, Levels{}); got != nil {
		t.Errorf("line 1: %v", got)
	}
	got := Explain(f, 2, Levels{})
	if len(got) != 1 || got[0].Rule != "generic-password" || got[0].Column != 11 || got[0].Place != "assigned to password" {
		t.Fatalf("line 2: %+v", got)
	}
	total := got[0].Bias
	for _, w := range got[0].Weights {
		total += w.Weight
	}
	if d := total - got[0].Score; d > 0.001 || d < -0.001 {
		t.Errorf("the weights sum up to %v and not to %v", total, got[0].Score)
	}
}

func TestTrees(t *testing.T) {
	for i, n := range nodes {
		if n.yes != 0 && (int(n.yes) <= i || int(n.yes)+1 >= len(nodes)) || n.f >= numFeatures {
			t.Errorf("node %d: %+v", i, n)
		}
	}
	if lowFrom > mediumFrom || mediumFrom > highFrom {
		t.Error("the thresholds are not ascending")
	}
}

func TestFeaturesHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range FeatureNames() {
		if n == "" || seen[n] {
			t.Errorf("feature %q", n)
		}
		seen[n] = true
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		text    string
		natural bool
	}{
		{"password", true}, {"administrator", true}, {"correcthorse", true}, {"zxqvkjwq", false}, {"qwrtplkj", false},
	} {
		var p prose
		p.read([]byte(c.text))
		if got := p.words[0] > 0; got != c.natural {
			t.Errorf("%s: %+v", c.text, p)
		}
	}
	if len(langData) != LangSize {
		t.Errorf("the table has %d bytes", len(langData))
	}
}
