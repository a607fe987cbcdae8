package generic

import "testing"

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		ident string
		class class
		head  string // the part that names it
		about bool
	}{
		{"password", classPassword, "password", false},
		{"dbPassword", classPassword, "Password", false},
		{"DB_PASSWORD_2", classPassword, "PASSWORD", false},
		{"adminpwd", classPassword, "pwd", false},
		{"PGPASSWORD", classPassword, "PASSWORD", false},
		{"smtp.pass", classPassword, "pass", false},
		{"passphrases", classPassword, "passphrases", false},
		{"password_field_label", classPassword, "password", true},
		{"passwordHash", classPassword, "password", false},
		{"api_key", classAPIKey, "key", false},
		{"apiKeys", classAPIKey, "Keys", false},
		{"APIKey", classAPIKey, "Key", false},
		{"secret_key_base", classAPIKey, "key", false},
		{"AWS_SECRET_ACCESS_KEY", classAPIKey, "KEY", false},
		{"token_secret", classSecret, "secret", false},
		{"session_token", classToken, "token", false},
		{"tokens", classToken, "tokens", false},
		{"token_type", classToken, "token", true},
		{"key", classKey, "key", false},
		{"primary_key", classKey, "key", false},
		{"keyCode", classKey, "key", true},
		{"Authorization", classAuth, "Authorization", false},
		{"credentialsId", classCredential, "credentials", true},
		{"keyboard", classNone, "", false},
		{"monkey", classNone, "", false},
		{"tokenizer", classNone, "", false},
		{"bypass", classNone, "", false},
		{"compass", classNone, "", false},
		{"passenger", classNone, "", false},
		{"author", classNone, "", false},
		{"Sid", classNone, "", false},
	} {
		got := judge([]byte(c.ident))
		if got.class != c.class || got.about != c.about || c.class != classNone && c.ident[got.head:got.headEnd] != c.head {
			t.Errorf("%s: %s about %v head %q, want %s about %v head %q", c.ident, classNames[got.class], got.about, c.ident[got.head:got.headEnd], classNames[c.class], c.about, c.head)
		}
	}
}
