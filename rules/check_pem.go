package rules

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/internal/checksum"
)

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END"
	pemDash  = "-----"

	// The shortest private key, an Ed25519 key in PKCS #8, has 64 characters of base64. What has fewer than this
	// is a placeholder.
	pemShortest = 40

	notAKey = "does not parse as a key: it is cut off or altered"
)

// checkPEM judges private keys in PEM (RFC 7468) and in OpenPGP armour (RFC 9580): Valid when the body parses as a key.
// It sees through what keys are wrapped in when they stand in other files: escaped line ends, string literals joined
// line by line, comment signs, the time stamps of logs, base64 around it all. It judges the bare base64 of a key, too. A body that is
// too short for any key is Invalid, and so is a key that is encrypted with a pass phrase; one that is cut off or altered is Unknown.
func checkPEM(secret []byte) detect.Proof {
	label, armor, found := splitPEM(string(secret))
	if !found {
		decoded, ok := decodeBase64([]byte(readArmor(string(secret)).base64))
		if note := describeDER(decoded); ok && note != "" {
			return detect.Proof{Verdict: detect.Valid, Note: note}
		}
		label, armor, found = splitPEM(string(decoded))
	}
	if !found {
		return detect.Proof{Note: notAKey}
	}
	body := readArmor(armor)
	if len(body.base64) < pemShortest {
		return detect.Proof{Verdict: detect.Invalid, Note: "has no key between its BEGIN and END"}
	}
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(body.base64, "="))
	if err != nil {
		return detect.Proof{Note: "is not base64 between its BEGIN and END"}
	}
	var note string
	switch {
	case strings.Contains(label, "PGP"):
		note = describePGP(key, body.crc)
	case body.encrypted && describeDER(key) == "":
		return encrypted
	case bytes.HasPrefix(key, []byte(opensshMagic)):
		note = describeOpenSSH(key)
	case strings.Contains(label, "ENCRYPTED"):
		note = describeEncrypted(key)
	default:
		note = describeDER(key)
	}
	switch {
	case note == "":
		return detect.Proof{Note: notAKey}
	case strings.HasSuffix(note, withPassPhrase):
		return encrypted
	}
	return detect.Proof{Verdict: detect.Valid, Note: note}
}

// encrypted is the proof of a key that is of no use without its pass phrase.
var encrypted = detect.Proof{Verdict: detect.Invalid, Note: "is " + withPassPhrase}

const withPassPhrase = "encrypted with a pass phrase"

// splitPEM returns the label of the BEGIN line and what stands between it and END, or the end of the text.
func splitPEM(text string) (label, armor string, found bool) {
	_, rest, found := strings.Cut(text, pemBegin)
	if !found {
		return "", "", false
	}
	label, rest, found = strings.Cut(rest, pemDash)
	if !found {
		return "", "", false
	}
	armor, _, _ = strings.Cut(rest, pemEnd)
	return label, armor, true
}

// An armorBody is what the lines between BEGIN and END say.
type armorBody struct {
	base64    string
	crc       string // OpenPGP's checksum, the line that begins with "="
	encrypted bool   // a header says so (RFC 1421)
}

// readArmor reads the lines between BEGIN and END and leaves out headers and everything that is not base64.
func readArmor(armor string) armorBody {
	lines := strings.Split(unescapeLines(armor), "\n")
	indent := commonPrefix(lines)
	var body armorBody
	var b strings.Builder
	for i, line := range lines {
		if i > 0 && len(line) >= indent {
			line = line[indent:]
		}
		if name, value, ok := strings.Cut(line, ": "); ok && isHeaderName(name) {
			body.encrypted = body.encrypted || strings.Contains(value, "ENCRYPTED")
			continue
		}
		for _, token := range strings.FieldsFunc(line, notBase64) {
			switch {
			case strings.Trim(token, "+/") == "": // joins string literals, or begins a comment
			case token[0] == '=' && len(token) == 5:
				body.crc = token[1:]
			default:
				b.WriteString(token)
			}
		}
	}
	body.base64 = b.String()
	return body
}

// unescapeLines turns line ends that are written as escapes, however often they were escaped, into line ends.
func unescapeLines(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		for i+1 < len(s) && s[i+1] == '\\' {
			i++
		}
		if i+1 == len(s) {
			break
		}
		switch s[i+1] {
		case 'n':
			b.WriteByte('\n')
			i++
		case 'r', 't':
			b.WriteByte(' ')
			i++
		}
	}
	return b.String()
}

// commonPrefix returns the length of what stands before each line, a time stamp or a comment sign, in bytes. It is
// what stands before END, when that could not be base64.
func commonPrefix(lines []string) int {
	const most = 64
	last := lines[len(lines)-1]
	if len(lines) < 2 || len(last) > most || strings.IndexFunc(last, notBase64) < 0 {
		return 0
	}
	return len(last)
}

func isHeaderName(s string) bool {
	for _, c := range s {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return s != ""
}

func notBase64(c rune) bool {
	return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '+' && c != '/' && c != '='
}

// describeDER parses a key in one of the forms of X.509 and says what it is, "" if it is none.
func describeDER(der []byte) string {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return describeKey(key, "PKCS #1")
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return describeKey(key, "SEC 1")
	}
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return describeKey(key, "PKCS #8")
	}
	// Kinds and sizes of keys that x509 does not take: a sequence to the last byte that begins with a version and goes on.
	var sequence struct {
		Version int
		Next    asn1.RawValue
	}
	rest, err := asn1.Unmarshal(der, &sequence)
	if err != nil || len(rest) > 0 || sequence.Version < 0 || sequence.Version > 1 {
		return ""
	}
	return fmt.Sprintf("parses as a private key of %d bytes", len(der))
}

func describeKey(key any, form string) string {
	var kind string
	switch key := key.(type) {
	case *rsa.PrivateKey:
		kind = fmt.Sprintf("RSA key of %d bits", key.N.BitLen())
	case *ecdsa.PrivateKey:
		kind = "ECDSA key on " + key.Curve.Params().Name
	case ed25519.PrivateKey:
		kind = "Ed25519 key"
	default:
		kind = "key"
	}
	return "parses as a private " + kind + " (" + form + ")"
}

// describeEncrypted parses an EncryptedPrivateKeyInfo (RFC 5958).
func describeEncrypted(der []byte) string {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 {
		return ""
	}
	return "parses as a private key of PKCS #8, " + withPassPhrase
}

const opensshMagic = "openssh-key-v1\x00"

// describeOpenSSH parses the fields of a key of OpenSSH. Source: PROTOCOL.key of OpenSSH.
func describeOpenSSH(b []byte) string {
	b = b[len(opensshMagic):]
	var fields [3][]byte // cipher, key derivation function and its options
	ok := true
	for i := range fields {
		if fields[i], b, ok = sshString(b); !ok {
			return ""
		}
	}
	if len(b) < 4 {
		return ""
	}
	public, b, ok := sshString(b[4:]) // after the number of keys
	if !ok {
		return ""
	}
	kind, _, ok := sshString(public)
	if !ok {
		return ""
	}
	if _, b, ok = sshString(b); !ok || len(b) > 16 { // a cipher may add a tag
		return ""
	}
	note := "parses as a private key of OpenSSH"
	if len(kind) < 64 && bytes.HasPrefix(kind, []byte("ssh-")) || bytes.HasPrefix(kind, []byte("ecdsa-")) {
		note += ", " + string(kind)
	}
	if string(fields[0]) != "none" {
		note += ", " + withPassPhrase
	}
	return note
}

func sshString(b []byte) (data, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// describePGP judges a block of OpenPGP packets by its first packet, a secret key, and its checksum.
func describePGP(packets []byte, crc string) string {
	const secretKey = 5
	tag := packets[0] & 0x3f
	if packets[0]&0x40 == 0 {
		tag = packets[0] & 0x3f >> 2
	}
	sum := checksum.CRC24(packets)
	want := base64.StdEncoding.EncodeToString([]byte{byte(sum >> 16), byte(sum >> 8), byte(sum)})
	if packets[0]&0x80 == 0 || tag != secretKey || crc != want {
		return ""
	}
	return "parses as a secret key of OpenPGP, with a valid checksum"
}
