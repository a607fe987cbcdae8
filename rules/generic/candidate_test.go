package generic

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

// The values are words of a made-up language, written as one sign each, so that nothing here looks like a secret.
func spell(s string) string {
	return strings.NewReplacer("◊", "zorb"+"ulon", "◆", "fimb"+"rat", "●", "evZyOm"+"L8bG8=", "○", "em9yOm"+"J1bG9u").Replace(s)
}

var candidateTests = []struct {
	path, text string
	want       string // the values, joined by |
}{
	{"a.go", `password := "◊"`, "◊"},
	{"a.go", `const apiKey = "◊" // comment`, "◊"},
	{"a.go", "Token: `◊`,", "◊"},
	{"a.go", `if password != "◊" {`, "◊"},
	{"a.go", `c.SetPassword("◊")`, "◊"},
	{"a.go", `m.Set("password", "◊")`, "◊"},
	{"a.go", `SecretKey: aws.String("◊")`, "◊"},
	{"a.go", `Key: "◊"`, ""},
	{"a.json", `"key": 1234567, "token": null, "secret": true, "auth": 7`, ""},
	{"a.go", `Tokens: []string{"◊", "◆"}`, "◊|◆"},
	{"a.go", `seed := []byte("◊")`, "◊"},
	{"a.go", `password := os.Getenv("DB_PASSWORD")`, "DB_PASSWORD"},
	{"a.go", `func parseKeyValue(tokens []Token) error {`, ""},
	{"a.go", `const passBit = 0x40107447`, ""},
	{"a.go", `"{\"password\": \"◊\", \"user\": \"x\"}"`, "◊"},
	{"a.py", `PASSWORD = os.environ.get("PASSWORD", "◊")`, "◊"},
	{"a.py", `user, password = 'x', '◊'`, "◊"},
	{"a.py", `user, password = read("◊")`, ""},
	{"a.py", "def f(self,\n      user, password='◊')", "◊"},
	{"a.go", `user, password := "zz", "◊"`, "◊"},
	{"a.rs", `let token: &str = "◊";`, "◊"},
	{"a.rs", `const PASSWORD: &'static str = "◊";`, "◊"},
	{"a.ts", `let token: string | null = '◊'`, "◊"},
	{"a.c", `easy_setopt(c, CURLOPT_PASSWORD, "◊");`, "◊"},
	{"a.go", `f(token, "◊")`, ""},
	{"build.gradle", `buildConfigField 'String', 'API_KEY', '"◊"'`, "◊"},
	{"Dockerfile", "FROM x\nENV API_KEY ◊\n", "◊"},
	{"a.txt", "token=◊&secret=◆\n", "◆|◊"},
	{"a.env", "TOKEN=◊&◆\n", "◊&◆"},
	{"a.spec", "%define token ◊\n", "◊"},
	{"a.c", `easy_setopt(c, CURLOPT_USERPWD, "root:◊");`, "◊"},
	{"a.txt", "PSSWD:=◊", "◊"},
	{"a.sql", "ALTER USER 'x' IDENTIFIED WITH mysql_native_password BY '◊';", "◊"},
	{"a.sql", "ALTER USER 'x' IDENTIFIED WITH 'sha256_password' AS '◊';", ""},
	{"a.md", "The API_KEY ◊ is needed.", ""},
	{"a.xml", `<assemblyIdentity name="x" publicKeyToken="◊" />`, ""},
	{"a.env", "PASSWORD=${DB}\nPASSWORD=$DB\nPASSWORD=%DB%\nPASSWORD=$(cat ◊)\nPASSWORD=<◊>", ""},
	{"a.txt", "Authorization: Basic ●", "●"},
	{"a.py", `config['password'] = u'◊'`, "◊"},
	{"a.py", `connect(user="x", password="◊")`, "◊"},
	{"a.js", `password: process.env.PASSWORD || '◊',`, "◊"},
	{"a.ts", `private token: string = '◊';`, "◊"},
	{"a.rb", `:password => "◊"`, "◊"},
	{"a.rb", `ROTP::TOTP.new '◊'`, "◊"},
	{"a.rb", `config.secret_key = "◊"`, "◊"},
	{"a.rb", `set(:jira, :token, '◊')`, "◊"},
	{"a.php", `define('DB_PASSWORD', '◊');`, "◊"},
	{"a.php", `$this->password = '◊';`, "◊"},
	{"a.scala", `password = Some("◊")`, "◊"},
	{"a.m", `NSString *password = @"◊";`, "◊"},
	{"a.cs", `((Box)passwordInput).Text = "◊";`, "◊"},
	{"a.json", `"password": "◊",`, "◊"},
	{"a.json", `{"name": "DB_PASSWORD", "value": "◊"}`, "◊"},
	{"a.json", `"token": "{\"id\": \"◊◆\", \"user\": \"x\"}"`, "◊◆"},
	{"a.php", `s:8:"password";s:8:"◊";`, "◊"},
	{"a.yml", "password: ENC(◊)", ""},
	{"locale/a.yml", "password: ◊", ""},
	{"a.sh", "DB_PW=◊", "◊"},
	{"a.json", `"primaryKey": "◊", "keyId": "◊", "publicKey": "◊"`, ""},
	{"a.json", `"tokens":["◊","◆"]`, "◊|◆"},
	{"a.yml", "password: ◊ # note", "◊"},
	{"a.yml", "- DB_PASSWORD=◊", "◊"},
	{"a.yml", "- name: DB_PASSWORD\n  value: ◊", "◊"},
	{"a.yml", "password: ${DB_PASSWORD:◊}", "◊"},
	{"a.yml", "password:", ""},
	{".env", "export DB_PASSWORD=zor;bu,lon", "zor;bu,lon"},
	{"a.properties", "spring.datasource.password = ◊", "◊"},
	{"a.xml", `<password>◊</password>`, "◊"},
	{"a.plist", "<key>apiToken</key>\n\t<string>◊</string>", "◊"},
	{"a.plist", "<key>apiToken</key>\n\t<true/>\n\t<string>◊</string>", ""},
	{"a.xml", `<add key="ApiKey" value="◊"/>`, "◊"},
	{"a.xml", `<user name="x" password="◊"/>`, "◊"},
	{"a.html", `{&quot;password&quot;: &quot;◊&quot;}`, "◊"},
	{"a.sql", `CREATE USER x IDENTIFIED BY '◊';`, "◊"},
	{"a.sql", `ALTER ROLE x WITH PASSWORD '◊';`, "◊"},
	{"a.sh", "mysql -u root -p◊ db", "◊"},
	{"a.sh", "sshpass -p ◊ ssh x", "◊"},
	{"a.sh", "tool --user admin --password ◊ --x", "◊"},
	{"a.sh", "tool --password=◊ --x", "◊"},
	{"a.sh", "curl -u admin:◊ https://example.org/", "◊"},
	{"a.sh", `curl --user "admin:◊" https://example.org/`, "◊"},
	{"a.sh", "PASSWORD=`cat ◊`", ""},
	{"a.c", "password_expiry_utc = 1684189401;", ""},
	{"a.sh", "mkdir -p /var/lib/x", ""},
	{"a.ps1", `$p = ConvertTo-SecureString '◊' -AsPlainText`, "◊"},
	{"a.md", "grant_type=password&password=◊&x=y", "◊"},
	{"a.md", "oauth_token%3D◊%26realm%3D1.0", "◊"},
	{"a.md", "user%5Bpassword%5D=◊&x=y", "◊"},
	{"a.md", "Server=x;User Id=sa;Pwd=◊;", "◊"},
	{"a.txt", "Authorization: Basic ○", "○"},
	{"a.txt", "Authorization: Basic em9yYnVsb24=", ""},
	{"a.txt", "Authorization: Bearer ◊◆", "◊◆"},
	{"a.txt", "Authorization: Bearer ◊{{token}}", ""},
	{"a.txt", "authorization: 'ApiKey ◊'", "◊"},
	{"a.txt", "Basic auth", ""},
	{"a.txt", "machine x login y password ◊", "◊"},
	{"a.txt", "postgres://user:◊@host/db", "◊"},
	{"a.txt", "see http://example.org:8080/a@b", ""},
	{"a.txt", "http://[::1]:80/", ""},
	{"a.txt", "the password is lost", ""},
	{"a.go", `seed := "◊\n◆\n◊\n◆\n"`, ""},
	{"a.txt", "lets it pass ◊ too", ""},
	{"a.rb", "%w[PGPASSWORD PGSSLMODE]", ""},
	{"a.json", `"first_key": "12345678-1234-1234-1234-123456789abc", "key": "0123456789ABCDEF"`, ""},
	{"a.html", `<input name="authenticity_token" value="◊">`, ""},
	{"a.yml", `PASS", `, ""}, // the end of the data is not a line's
	{"a.json", `{"kty":"oct","k":"◊"}`, "◊"},
}

func TestCandidates(t *testing.T) {
	for _, c := range candidateTests {
		text, want := spell(c.text), spell(c.want)
		f := &detect.Fragment{Data: []byte(text), Origin: detect.Origin{Path: c.path}}
		var got []string
		for _, k := range Candidates(f) {
			got = append(got, text[k.Value.Start:k.Value.End])
		}
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("%s: %s\n got %q\nwant %q", c.path, text, g, want)
		}
	}
}

// TestCandidatesOfAnything cuts and mixes the texts of the other test: nothing may panic or leave the data.
func TestCandidatesOfAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		var text []byte
		for range 1 + rng.IntN(3) {
			s := spell(candidateTests[rng.IntN(len(candidateTests))].text)
			text = append(text, s[rng.IntN(len(s)):]...)
			if rng.IntN(3) == 0 {
				text = append(text, "\n\"'%\\\xff=:"[rng.IntN(8)])
			}
		}
		f := &detect.Fragment{Data: text[:rng.IntN(len(text)+1)], Origin: detect.Origin{Path: "a.yml"}}
		check(t, f)
	}
}

func FuzzCandidates(f *testing.F) {
	for _, c := range candidateTests {
		f.Add([]byte(spell(c.text)))
	}
	f.Fuzz(func(t *testing.T, data []byte) { check(t, &detect.Fragment{Data: data}) })
}

func check(t *testing.T, f *detect.Fragment) {
	t.Helper()
	for _, c := range Candidates(f) {
		if c.Value.Start < 0 || c.Value.End > len(f.Data) || c.Value.End-c.Value.Start < minValue {
			t.Fatalf("%q: value %v", f.Data, c.Value)
		}
	}
	for _, e := range Explain(f, 1, Levels{}) {
		if e.Column < 1 {
			t.Fatalf("%q: column %d", f.Data, e.Column)
		}
	}
}
