package rules

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"strings"
	"time"

	"github.com/keysieve/keysieve/detect"
)

// decodeObject decodes base64 of a JSON object.
func decodeObject(s []byte) (map[string]json.RawMessage, bool) {
	b, ok := decodeBase64(s)
	if !ok {
		return nil, false
	}
	var object map[string]json.RawMessage
	return object, json.Unmarshal(b, &object) == nil && object != nil
}

// textMember returns a member of an object that is a string, "" if it is something else or too long to show.
func textMember(object map[string]json.RawMessage, name string) string {
	const most = 100
	var s string
	if json.Unmarshal(object[name], &s) != nil || len(s) > most {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// dateMember returns the date of a member that is a number of seconds since 1970, "" if it is none.
func dateMember(object map[string]json.RawMessage, name string) string {
	const last = 1 << 33 // a date after 2240 is none
	var seconds float64
	if json.Unmarshal(object[name], &seconds) != nil || seconds <= 0 || seconds > last {
		return ""
	}
	return time.Unix(int64(seconds), 0).UTC().Format(time.DateOnly)
}

// parseJWT returns the header and the claims of a signed token in compact form (RFC 7515), and whether it is one.
func parseJWT(token []byte) (header, claims map[string]json.RawMessage, ok bool) {
	parts := bytes.Split(token, []byte("."))
	if len(parts) != 3 {
		return nil, nil, false
	}
	if header, ok = decodeObject(parts[0]); !ok {
		return nil, nil, false
	}
	claims, ok = decodeObject(parts[1])
	return header, claims, ok
}

// checkJWT judges JSON Web Tokens, also those in base64: Valid when header and claims decode and parse and a signature
// follows. Source: RFC 7519.
func checkJWT(secret []byte) detect.Proof {
	if bytes.IndexByte(secret, '.') < 0 {
		if decoded, ok := decodeBase64(secret); ok {
			secret = bytes.TrimSpace(decoded)
		}
	}
	header, claims, ok := parseJWT(secret)
	if !ok {
		return detect.Proof{Note: "does not decode as a JWT"}
	}
	alg := textMember(header, "alg")
	if strings.EqualFold(alg, "none") || bytes.HasSuffix(secret, []byte(".")) {
		return detect.Proof{Note: "decodes as a JWT without a signature"}
	}
	if signedBySample(secret, alg) {
		return detect.Proof{Verdict: detect.Invalid, Note: "signed with the sample secret of jwt.io"}
	}
	return detect.Proof{Verdict: detect.Valid, Note: describeJWT(alg, claims)}
}

// checkStrictJWT judges what nothing but its shape says is a JSON Web Token: as checkJWT, and Invalid when its header is
// not the JSON object that RFC 7519, section 7.2, asks for.
func checkStrictJWT(secret []byte) detect.Proof {
	header, _, _ := bytes.Cut(secret, []byte("."))
	if _, ok := decodeObject(header); !ok {
		return detect.Proof{Verdict: detect.Invalid, Note: "its header does not decode as a JWT's"}
	}
	return checkJWT(secret)
}

// signedBySample reports whether the token's signature is made with a secret that jwt.io's editor proposes: whoever made it
// was trying things out.
func signedBySample(token []byte, alg string) bool {
	var digest func() hash.Hash
	bits, ok := strings.CutPrefix(alg, "HS")
	switch {
	case !ok:
		return false
	case bits == "256":
		digest = sha256.New
	case bits == "384":
		digest = sha512.New384
	case bits == "512":
		digest = sha512.New
	default:
		return false
	}
	dot := bytes.LastIndexByte(token, '.')
	signature, err := base64.RawURLEncoding.DecodeString(string(token[dot+1:]))
	if err != nil {
		return false
	}
	for _, size := range [...]string{"256", "384", "512"} {
		for _, secret := range [...]string{"your-" + size + "-bit-secret", "a-string-secret-at-least-" + size + "-bits-long"} {
			mac := hmac.New(digest, []byte(secret))
			mac.Write(token[:dot])
			if hmac.Equal(mac.Sum(nil), signature) {
				return true
			}
		}
	}
	return false
}

func describeJWT(alg string, claims map[string]json.RawMessage) string {
	note := "decodes as a JWT"
	if alg != "" {
		note += ", " + alg
	}
	if iss := textMember(claims, "iss"); iss != "" {
		note += ", issued by " + iss
	}
	if exp := dateMember(claims, "exp"); exp != "" {
		note += ", expires " + exp
	}
	return note
}

// checkSupabase judges the API keys of a project that are JWTs: issued by supabase, with the role they act as.
// Source: https://supabase.com/docs/guides/api/api-keys
func checkSupabase(secret []byte) detect.Proof {
	header, claims, ok := parseJWT(secret)
	if !ok || textMember(claims, "iss") != "supabase" && textMember(claims, "ref") == "" {
		return detect.Proof{}
	}
	note := describeJWT(textMember(header, "alg"), claims)
	if role := textMember(claims, "role"); role != "" {
		note += ", role " + role
		if role == "anon" {
			note += " (public by design)"
		}
	}
	return detect.Proof{Verdict: detect.Valid, Note: note}
}

// judgeObject is the proof that base64 of a JSON object with one of these members gives.
func judgeObject(s []byte, what string, members ...string) detect.Proof {
	object, ok := decodeObject(s)
	if !ok {
		return detect.Proof{Note: "does not decode as " + what}
	}
	for _, m := range members {
		if _, has := object[m]; has {
			return detect.Proof{Verdict: detect.Valid, Note: "decodes as " + what}
		}
	}
	return detect.Proof{Note: "decodes as JSON that is not " + what}
}

// checkGrafanaCloud judges cloud access policy tokens, glc_ and base64 of JSON, and the API keys before them, JSON alone.
func checkGrafanaCloud(secret []byte) detect.Proof {
	return judgeObject(bytes.TrimPrefix(secret, []byte("glc_")), "a Grafana token", "k")
}

// checkSentryOrg judges organization tokens: sntrys_, base64 of JSON, an underscore and a random part.
// Source: https://develop.sentry.dev/backend/application-domains/auth-tokens/
func checkSentryOrg(secret []byte) detect.Proof {
	body := bytes.TrimPrefix(secret, []byte("sntrys_"))
	at := bytes.LastIndexByte(body, '_')
	if at < 0 {
		return detect.Proof{}
	}
	return judgeObject(body[:at], "a Sentry token", "iat", "org")
}

// check1Password judges service account tokens: ops_ and base64 of JSON.
func check1Password(secret []byte) detect.Proof {
	return judgeObject(bytes.TrimPrefix(secret, []byte("ops_")), "a service account", "signInAddress", "userAuth", "secretKey")
}

// checkMapbox judges tokens: pk, sk or tk, a dot, base64 of JSON with the user's name, a dot and a signature.
// Source: https://docs.mapbox.com/help/dive-deeper/access-tokens/
func checkMapbox(secret []byte) detect.Proof {
	parts := bytes.Split(secret, []byte("."))
	if len(parts) != 3 {
		return detect.Proof{}
	}
	object, ok := decodeObject(parts[1])
	if !ok {
		return detect.Proof{Note: "does not decode as a Mapbox token"}
	}
	user := textMember(object, "u")
	if user == "" {
		return detect.Proof{Note: "decodes as JSON that is not a Mapbox token"}
	}
	note := "decodes as a Mapbox token of user " + user
	if string(parts[0]) == "pk" {
		note += " (public by design)"
	}
	return detect.Proof{Verdict: detect.Valid, Note: note}
}
