package rules

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/internal/checksum"
)

// checkBBDC judges the access tokens of Atlassian's Data Center products: base64 of a decimal id, a colon and twenty
// random bytes, after BBDC- where it is Bitbucket's.
func checkBBDC(secret []byte) detect.Proof {
	const random = 20
	b, ok := decodeBase64(bytes.TrimPrefix(secret, []byte("BBDC-")))
	id, rest, colon := bytes.Cut(b, []byte(":"))
	if !ok || !colon || !allDigits(id) || len(rest) != random {
		return detect.Proof{Note: "does not decode as an access token"}
	}
	return detect.Proof{Verdict: detect.Valid, Note: "decodes as a number and twenty bytes, as such tokens do"}
}

// Fields of the binary format of macaroons, version 2.
// Source: https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt
const (
	macaroonVersion    = 2
	macaroonEnd        = 0
	macaroonLocation   = 1
	macaroonIdentifier = 2
	macaroonSignature  = 6
	macaroonSigLen     = 32

	// A version, the location pypi.org, a UUID as the identifier, the ends of two sections, a signature.
	macaroonLeast = 1 + 10 + 38 + 2 + 2 + macaroonSigLen
)

// checkPyPI judges API tokens: pypi- and base64 of a macaroon. Source: https://github.com/pypi/warehouse, pypitoken.
func checkPyPI(secret []byte) detect.Proof {
	b, ok := decodeBase64(bytes.TrimPrefix(secret, []byte("pypi-")))
	if !ok {
		return detect.Proof{Note: "does not decode as a macaroon"}
	}
	location, named, ok := parseMacaroon(b)
	switch {
	case !ok && named && len(b) < macaroonLeast: // random text has no identifier
		return detect.Proof{Verdict: detect.Invalid, Note: "is a macaroon that was cut off"}
	case !ok:
		return detect.Proof{Note: "does not parse as a macaroon"}
	}
	if l := string(location); l != "pypi.org" && l != "test.pypi.org" {
		return detect.Proof{Verdict: detect.Valid, Note: "parses as a macaroon"}
	}
	return detect.Proof{Verdict: detect.Valid, Note: "parses as a macaroon of " + string(location)}
}

// parseMacaroon reads a macaroon to its end and returns its location. Its sections, a header, caveats and an empty one,
// are fields of a type, a length and data; named says that an identifier
// follows the location.
func parseMacaroon(b []byte) (location []byte, named bool, ok bool) {
	if len(b) == 0 || b[0] != macaroonVersion {
		return nil, false, false
	}
	b = b[1:]
	for ended := false; ; {
		if len(b) == 0 {
			return nil, named, false
		}
		kind := b[0]
		b = b[1:]
		if kind == macaroonEnd {
			if ended {
				break
			}
			ended = true
			continue
		}
		ended = false
		var data []byte
		if data, b, ok = macaroonField(b); !ok {
			return nil, named, false
		}
		switch {
		case kind == macaroonLocation && location == nil:
			location = data
		case kind == macaroonIdentifier && location != nil:
			named = true
		}
	}
	signed := len(b) == macaroonSigLen+2 && b[0] == macaroonSignature && b[1] == macaroonSigLen
	return location, named, signed && location != nil
}

func macaroonField(b []byte) (data, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, false
	}
	end := size + int(n)
	return b[size:end], b[end:], true
}

// checkAKCp looks at Artifactory API keys: base58 of 54 bytes.
func checkAKCp(secret []byte) detect.Proof {
	const size = 54
	if b, ok := checksum.DecodeBase58(secret); ok && len(b) == size {
		return detect.Proof{Note: "decodes from base58 to the 54 bytes of an Artifactory API key"}
	}
	return detect.Proof{Note: "is not the base58 of an Artifactory API key"}
}

// checkRefToken judges Artifactory reference tokens: base64 of reftkn, a version, when it expires, and a random part,
// with colons between.
func checkRefToken(secret []byte) detect.Proof {
	b, ok := decodeBase64(secret)
	fields := bytes.Split(b, []byte(":"))
	if !ok || len(fields) != 4 || string(fields[0]) != "reftkn" || !allDigits(fields[2]) || len(fields[3]) == 0 {
		return detect.Proof{Note: "does not decode as a reference token"}
	}
	note := "decodes as a reference token"
	if seconds, err := strconv.ParseInt(string(fields[2]), 10, 64); err == nil && seconds > 0 {
		note += ", expires " + time.Unix(seconds, 0).UTC().Format(time.DateOnly)
	}
	return detect.Proof{Verdict: detect.Valid, Note: note}
}

// discordEpoch is the first millisecond of 2015, from which snowflakes count.
const discordEpoch = 1420070400000

// checkDiscord judges bot tokens: the first of three parts is base64 of the bot's id, a snowflake, whose upper 42 bits
// are when it was made. Source: https://discord.com/developers/docs/reference
func checkDiscord(secret []byte) detect.Proof {
	id, _, _ := bytes.Cut(secret, []byte("."))
	b, ok := decodeBase64(id)
	if !ok || !allDigits(b) || len(b) < 17 || len(b) > 20 {
		return detect.Proof{Note: "the first part is not a bot's id"}
	}
	number, err := strconv.ParseUint(string(b), 10, 64)
	if err != nil {
		return detect.Proof{Note: "the first part is not a bot's id"}
	}
	made := time.UnixMilli(int64(number>>22) + discordEpoch).UTC().Format(time.DateOnly)
	return detect.Proof{Verdict: detect.Valid, Note: "decodes to the id of a bot made on " + made}
}

// checkOpenAI looks for the signature in the middle of API keys: base64 of "OpenAI".
func checkOpenAI(secret []byte) detect.Proof {
	if bytes.Contains(secret, []byte("T3BlbkFJ")) {
		return detect.Proof{Note: "has the signature of OpenAI's keys"}
	}
	return detect.Proof{Note: "lacks the signature of OpenAI's keys"}
}

// checkAnthropic looks at the end of API keys, whose base64 has no bits left over.
func checkAnthropic(secret []byte) detect.Proof {
	if bytes.HasSuffix(secret, []byte("AA")) {
		return detect.Proof{Note: "ends as Anthropic's keys do"}
	}
	return detect.Proof{Note: "does not end as Anthropic's keys do"}
}

// checkSendGrid looks at the parts of API keys: base64 of 16 and of 32 bytes.
func checkSendGrid(secret []byte) detect.Proof {
	parts := bytes.Split(secret, []byte("."))
	if len(parts) != 3 {
		return detect.Proof{}
	}
	strict := base64.RawURLEncoding.Strict()
	id, err1 := strict.DecodeString(string(parts[1]))
	key, err2 := strict.DecodeString(string(parts[2]))
	if err1 == nil && err2 == nil && len(id) == 16 && len(key) == 32 {
		return detect.Proof{Note: "its parts decode to 16 and 32 bytes, as SendGrid's keys do"}
	}
	return detect.Proof{}
}

// checkTelegram looks at bot tokens: the bot's number, a colon, and 35 characters of which the first are AA.
func checkTelegram(secret []byte) detect.Proof {
	id, key, colon := bytes.Cut(secret, []byte(":"))
	if !colon || !allDigits(id) || len(key) != 35 || !bytes.HasPrefix(key, []byte("AA")) {
		return detect.Proof{}
	}
	return detect.Proof{Note: "is built as a Telegram bot's token"}
}
