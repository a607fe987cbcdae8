package rules

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/keysieve/keysieve/detect"
)

// checkAWSKeyID says which account an access key id belongs to. The id has no checksum, so that this proves nothing.
// The sixteen characters after the prefix are base32; 40 bits of them, after the first, are the account's number. Ids
// from before 2019, whose fifth character is I or J, hold no account.
// Source: Aidan Steele, "AWS Access Key ID formats", 2020; Tal Be'ery, "A short note on AWS KEY ID", 2023.
func checkAWSKeyID(secret []byte) detect.Proof {
	const prefix, size = 4, 20
	if len(secret) != size {
		return detect.Proof{}
	}
	b, err := base32.StdEncoding.DecodeString(string(secret[prefix:]))
	if err != nil {
		return detect.Proof{Note: "is not base32, as key ids of AWS are"}
	}
	if c := secret[prefix]; c == 'I' || c == 'J' {
		return detect.Proof{Note: "of the kind from before 2019, which names no account"}
	}
	const accountMask, accountShift, accounts = 0x7fffffffff80, 7, 1e12
	number := binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...)) & accountMask >> accountShift
	if number >= accounts {
		return detect.Proof{Note: "names no possible AWS account"}
	}
	return detect.Proof{Note: fmt.Sprintf("AWS account %012d", number)}
}

// checkBedrock judges Bedrock API keys. A long-term key is base64 of the name of its IAM credential, a colon and a
// password; a short-term key is a prefix and base64 of a presigned request.
func checkBedrock(secret []byte) detect.Proof {
	if request, found := bytes.CutPrefix(secret, []byte("bedrock-api-key-")); found {
		b, ok := decodeBase64(request)
		if ok && bytes.HasPrefix(b, []byte("bedrock.amazonaws.com/")) {
			return detect.Proof{Verdict: detect.Valid, Note: "decodes to a presigned Bedrock request"}
		}
		return detect.Proof{}
	}
	body, _ := bytes.CutPrefix(secret, []byte("ABSK"))
	b, ok := decodeBase64(body)
	name, password, colon := bytes.Cut(b, []byte(":"))
	if !ok || !colon || len(password) == 0 || !bytes.HasPrefix(name, []byte("BedrockAPIKey-")) {
		return detect.Proof{}
	}
	note := "decodes to a Bedrock API key"
	if at := bytes.LastIndex(name, []byte("-at-")); at >= 0 && allDigits(name[at+4:]) {
		note += " of AWS account " + string(name[at+4:])
	}
	return detect.Proof{Verdict: detect.Valid, Note: note}
}

// decodeBase64 decodes either alphabet of base64, padded or not.
func decodeBase64(s []byte) ([]byte, bool) {
	s = bytes.TrimRight(s, "=")
	encoding := base64.RawStdEncoding
	if bytes.ContainsAny(s, "-_") {
		encoding = base64.RawURLEncoding
	}
	b, err := encoding.DecodeString(string(s))
	return b, err == nil && len(b) > 0
}

func allDigits(s []byte) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) > 0
}
