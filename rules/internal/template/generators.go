package template

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/keysieve/keysieve/rules/internal/checksum"
)

// A generator makes tokens of one format, or, when broken is set, text of the same shape that fails its check.
type generator struct {
	name string
	make func(args string, broken bool, r *rand.Rand) (string, error)
}

// generators is in alphabetical order of names.
var generators = [...]generator{
	{"1password", make1Password},
	{"age", makeAge},
	{"atlassian", makeAtlassian},
	{"aws-key-id", makeAWSKeyID},
	{"azure", makeAzure},
	{"b64", makeBase64},
	{"b64url", makeBase64URL},
	{"bbdc", makeBBDC},
	{"bedrock", makeBedrock},
	{"cloudflare", makeCloudflare},
	{"confluent", makeConfluent},
	{"der", makeDER},
	{"discord", makeDiscord},
	{"github", makeGitHub},
	{"gitlab-routable", makeGitLab},
	{"grafana-glc", makeGrafanaCloud},
	{"grafana-glsa", makeGrafana},
	{"hex", makeHex},
	{"jfrog-akcp", makeAKCp},
	{"jfrog-reftkn", makeRefToken},
	{"jwt", makeJWT},
	{"mapbox", makeMapbox},
	{"nkey", makeNKey},
	{"npm", makeNpm},
	{"pem", makePEM},
	{"pypi", makePyPI},
	{"sendgrid", makeSendGrid},
	{"sentry-org", makeSentryOrg},
}

// crc returns the CRC32 of s, a wrong one when broken.
func crc(s string, broken bool) uint32 {
	sum := crc32.ChecksumIEEE([]byte(s))
	if broken {
		sum = ^sum
	}
	return sum
}

// spoil replaces the first character of s, of the base64 alphabet, so that what it stood for no longer decodes or parses.
func spoil(s string, broken bool) string {
	if !broken {
		return s
	}
	if s[0] == 'x' {
		return "y" + s[1:]
	}
	return "x" + s[1:]
}

func makeBase64(args string, _ bool, _ *rand.Rand) (string, error) {
	return base64.StdEncoding.EncodeToString([]byte(args)), nil
}

func makeBase64URL(args string, _ bool, _ *rand.Rand) (string, error) {
	return base64.RawURLEncoding.EncodeToString([]byte(args)), nil
}

func makeHex(args string, _ bool, _ *rand.Rand) (string, error) {
	return hex.EncodeToString([]byte(args)), nil
}

// makeGitHub makes a classic token; the argument is its prefix, ghp_ when there is none.
func makeGitHub(args string, broken bool, r *rand.Rand) (string, error) {
	return base62Token(orElse(args, "ghp_"), broken, r), nil
}

func makeNpm(_ string, broken bool, r *rand.Rand) (string, error) {
	return base62Token("npm_", broken, r), nil
}

func base62Token(prefix string, broken bool, r *rand.Rand) string {
	body := random(r, alnums, 30)
	return prefix + body + checksum.Digits(uint64(crc(body, broken)), checksum.Base62, 6)
}

func makeGrafana(_ string, broken bool, r *rand.Rand) (string, error) {
	token := "glsa_" + random(r, alnums, 32)
	sum := binary.LittleEndian.AppendUint32(nil, crc(token, broken))
	return token + "_" + hex.EncodeToString(sum), nil
}

func makeGrafanaCloud(_ string, broken bool, r *rand.Rand) (string, error) {
	object := fmt.Sprintf(`{"o":"%s","n":"stack-%s-hm-write","k":"%s","m":{"r":"eu"}}`,
		random(r, digits, 6), random(r, digits, 5), random(r, alnums, 24))
	// Spoiled in the middle: the token begins like any JSON.
	body := base64.StdEncoding.EncodeToString([]byte(object))
	if broken {
		body = body[:8] + spoil(body[8:9], true) + random(r, alnums, len(body)-11) + body[len(body)-2:]
	}
	return "glc_" + body, nil
}

// makeGitLab makes a routable token; the argument is its prefix, glpat- when there is none.
func makeGitLab(args string, broken bool, r *rand.Rand) (string, error) {
	payload := append(randomBytes(r, 16), fmt.Sprintf("\no:%s\nu:%s", random(r, "123456789", 1), random(r, digits, 4))...)
	payload = append(payload, byte(len(payload)))
	body := base64.RawURLEncoding.EncodeToString(payload)
	token := orElse(args, "glpat-") + body + ".01." + checksum.Digits(uint64(len(body)), checksum.Base36, 2)
	return token + checksum.Digits(uint64(crc(token, broken)), checksum.Base36, 7), nil
}

// makeCloudflare makes a token; the argument is its prefix, cfut_ when there is none.
func makeCloudflare(args string, broken bool, r *rand.Rand) (string, error) {
	body := random(r, alnums, 40)
	return orElse(args, "cfut_") + body + fmt.Sprintf("%08x", crc(body, broken)), nil
}

func makeConfluent(_ string, broken bool, r *rand.Rand) (string, error) {
	body := random(r, base64s, 54)
	sum := binary.LittleEndian.AppendUint32(nil, crc(body, broken))
	return "cflt" + body + base64.RawStdEncoding.EncodeToString(sum), nil
}

// makeAtlassian makes a cloud token; the argument is its prefix: ATATT, ATBB or ATCTT.
func makeAtlassian(args string, broken bool, r *rand.Rand) (string, error) {
	prefix := orElse(args, "ATATT")
	var token string
	if prefix == "ATBB" {
		token = prefix + random(r, alnums, 24)
	} else {
		token = prefix + "3xFfGF0" + random(r, alnums+"_-", 173) + "="
	}
	return token + fmt.Sprintf("%08X", crc(token, broken)), nil
}

// makeAzure makes an identifiable key; the arguments are its signature and its length in characters.
func makeAzure(args string, broken bool, r *rand.Rand) (string, error) {
	signature, size, _ := strings.Cut(args, " ")
	seeds := checksum.AzureSeeds(signature)
	length, err := strconv.Atoi(orElse(size, "88"))
	if err != nil || len(seeds) == 0 {
		return "", errors.New("want a signature and a length")
	}
	var padding int
	switch length {
	case 88, 56:
		padding = 2
	case 44:
		padding = 1
	case 52:
	default:
		return "", errors.New("the length is 44, 52, 56 or 88")
	}
	at := length - padding - checksum.AzureTail
	text := random(r, alnums, at) + signature + strings.Repeat("A", length-padding-at-len(signature))
	key, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", err
	}
	end := len(key) - 4
	sum := checksum.Marvin32(key[:end], seeds[r.IntN(len(seeds))])
	if broken {
		sum = ^sum
	}
	binary.LittleEndian.PutUint32(key[end:], sum)
	return base64.StdEncoding.EncodeToString(key), nil
}

// makeAWSKeyID makes an access key id; the argument is its prefix, AKIA when there is none.
func makeAWSKeyID(args string, broken bool, r *rand.Rand) (string, error) {
	account := uint64(1e11) + r.Uint64N(9e11)
	b := make([]byte, 8, 10)
	binary.BigEndian.PutUint64(b, (1<<47|account<<7|r.Uint64N(1<<7))<<16)
	id := base32.StdEncoding.EncodeToString(append(b[:6], randomBytes(r, 4)...))
	if broken {
		id = id[:4] + "1089" + id[8:]
	}
	return orElse(args, "AKIA") + id, nil
}

func makeBedrock(_ string, broken bool, r *rand.Rand) (string, error) {
	body := fmt.Sprintf("BedrockAPIKey-%s-at-%s:%s", random(r, lowers+digits, 8), random(r, digits, 12), random(r, base64s, 44))
	return "ABSK" + spoil(base64.StdEncoding.EncodeToString([]byte(body)), broken), nil
}

func makeBBDC(_ string, broken bool, r *rand.Rand) (string, error) {
	body := append([]byte(random(r, "123456789", 12)+":"), randomBytes(r, 20)...)
	return spoil(base64.StdEncoding.EncodeToString(body), broken), nil
}

func makeAge(_ string, broken bool, r *rand.Rand) (string, error) {
	key := strings.ToUpper(checksum.EncodeBech32("age-secret-key-", randomBytes(r, 32)))
	if broken {
		last := byte('Q')
		if key[len(key)-1] == last {
			last = 'P'
		}
		key = key[:len(key)-1] + string(last)
	}
	return key, nil
}

// makeNKey makes a seed; the argument is the first two characters, S and the kind of key: SU, SA, SO, SN, SC, SX.
func makeNKey(args string, broken bool, r *rand.Rand) (string, error) {
	const seed = 18 << 3
	kind := strings.IndexByte(base32s, orElse(args, "SU")[1])
	if kind < 0 {
		return "", errors.New("want S and the kind of key")
	}
	b := append([]byte{seed | byte(kind)>>2, byte(kind) << 6}, randomBytes(r, 32)...)
	// The kind takes five bits: three in the first byte and two in the second.
	sum := checksum.CRC16(b)
	if broken {
		sum = ^sum
	}
	b = binary.LittleEndian.AppendUint16(b, sum)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b), nil
}

// makePyPI makes a token; the argument is where it is from, pypi.org when there is none.
func makePyPI(args string, broken bool, r *rand.Rand) (string, error) {
	var b bytes.Buffer
	field := func(kind byte, data string) {
		b.Write(binary.AppendUvarint([]byte{kind}, uint64(len(data))))
		b.WriteString(data)
	}
	b.WriteByte(2)
	field(1, orElse(args, "pypi.org"))
	field(2, uuid(r))
	b.WriteByte(0)
	field(2, `[3,"`+uuid(r)+`"]`)
	b.WriteString("\x00\x00")
	field(6, string(randomBytes(r, 32)))
	token := base64.RawURLEncoding.EncodeToString(b.Bytes())
	if broken {
		token = token[:60] + random(r, alnums, 40) + token[100:]
	}
	return "pypi-" + token, nil
}

func makeAKCp(_ string, broken bool, r *rand.Rand) (string, error) {
	token := "AKCp" + random(r, "5678", 1) + random(r, base58s, 68)
	if broken {
		token = token[:10] + "0OIl" + token[14:]
	}
	return token, nil
}

func makeRefToken(_ string, broken bool, r *rand.Rand) (string, error) {
	body := fmt.Sprintf("reftkn:01:17%s:%s", random(r, digits, 8), random(r, alnums, 27))
	if broken {
		body = fmt.Sprintf("reftkn-%s", random(r, alnums, 41))
	}
	return base64.StdEncoding.EncodeToString([]byte(body)), nil
}

func makeDiscord(_ string, broken bool, r *rand.Rand) (string, error) {
	id := random(r, "123456789", 18)
	if broken {
		id = "1" + random(r, lowers, 17)
	}
	stamp := base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, 0x60000000|r.Uint32N(1<<26)))
	return base64.RawStdEncoding.EncodeToString([]byte(id)) + "." + stamp + "." + random(r, alnums+"_-", 27), nil
}

func makeSentryOrg(_ string, broken bool, r *rand.Rand) (string, error) {
	object := fmt.Sprintf(`{"iat":17%s.%s,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"%s"}`,
		random(r, digits, 8), random(r, digits, 6), random(r, lowers, 8))
	if broken {
		object = `{"iat":` + random(r, alnums, len(object)-7)
	}
	return "sntrys_" + base64.StdEncoding.EncodeToString([]byte(object)) + "_" + random(r, base64s, 43), nil
}

func make1Password(_ string, broken bool, r *rand.Rand) (string, error) {
	object := fmt.Sprintf(`{"signInAddress":"my.1password.com","userAuth":{"method":"SRPg-4096","alg":"PBES2g-HS256",`+
		`"iterations":650000,"salt":"%s"},"email":"%s@1passwordserviceaccounts.com","srpX":"%s","secretKey":"A3-%s"}`,
		random(r, alnums, 22), random(r, lowers, 13), random(r, hexLower, 64), random(r, digits+uppers, 30))
	if broken {
		object = `{"signIn` + random(r, alnums, len(object)-8)
	}
	return "ops_" + base64.RawURLEncoding.EncodeToString([]byte(object)), nil
}

// makeMapbox makes a token; the argument is its kind: pk, sk or tk.
func makeMapbox(args string, broken bool, r *rand.Rand) (string, error) {
	object := fmt.Sprintf(`{"u":"%s","a":"%s"}`, random(r, lowers, 8), "c"+random(r, lowers+digits, 24))
	if broken {
		object = `{"u":"` + random(r, alnums, len(object)-6)
	}
	return orElse(args, "sk") + "." + base64.RawURLEncoding.EncodeToString([]byte(object)) + "." + random(r, alnums+"_-", 22), nil
}

func makeSendGrid(_ string, _ bool, r *rand.Rand) (string, error) {
	encode := base64.RawURLEncoding.EncodeToString
	return "SG." + encode(randomBytes(r, 16)) + "." + encode(randomBytes(r, 32)), nil
}

// makeJWT makes a signed token with random claims. The argument says what else it has: "supabase" and "supabase anon" make a
// project's key, "none" one without a signature, any other text is its issuer.
func makeJWT(args string, broken bool, r *rand.Rand) (string, error) {
	header := `{"alg":"HS256","typ":"JWT"}`
	claims := fmt.Sprintf(`{"sub":"%s","iat":17%s`, random(r, digits, 10), random(r, digits, 8))
	kind, role, _ := strings.Cut(args, " ")
	switch kind {
	case "supabase":
		claims = fmt.Sprintf(`{"iss":"supabase","ref":"%s","role":"%s","iat":17%s,"exp":20%s`,
			random(r, lowers, 20), orElse(role, "service_role"), random(r, digits, 8), random(r, digits, 8))
	case "none":
		header = `{"alg":"none"}`
	case "":
	default:
		claims += fmt.Sprintf(`,"iss":%q`, args)
	}
	claims += "}"
	if broken {
		claims = `{"sub` + random(r, alnums, len(claims)-5)
	}
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(header)) + "." + encode([]byte(claims)) + "."
	if kind != "none" {
		token += encode(randomBytes(r, 32))
	}
	return token, nil
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
