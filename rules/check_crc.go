package rules

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/internal/checksum"
)

// judgeCRC is the proof that a checksum gives where its issuer documents it.
func judgeCRC(holds bool) detect.Proof {
	if holds {
		return detect.Proof{Verdict: detect.Valid, Note: "CRC32 checksum is valid"}
	}
	return detect.Proof{Verdict: detect.Invalid, Note: "CRC32 checksum is wrong"}
}

// checkGitHub judges classic tokens: six base62 digits at the end are the CRC32 of the thirty characters between prefix
// and checksum. A stateless installation token is a JWT after its prefix.
// Source: "Behind GitHub's new authentication token formats", GitHub blog, 2021-04-05.
func checkGitHub(secret []byte) detect.Proof {
	prefix, body, found := bytes.Cut(secret, []byte("_"))
	if !found || len(prefix) != 3 {
		return detect.Proof{}
	}
	if bytes.Count(body, []byte(".")) == 2 {
		return checkJWT(body)
	}
	return checkBase62(body)
}

// checkNpm judges npm access tokens, which end like GitHub's.
// Source: "Announcing npm's new access token format", GitHub blog, 2021-09-23.
func checkNpm(secret []byte) detect.Proof {
	body, found := bytes.CutPrefix(secret, []byte("npm_"))
	if !found {
		return detect.Proof{}
	}
	return checkBase62(body)
}

// checkVercel judges tokens of Vercel: the last six of the 56 characters after the prefix are the CRC32 of the fifty before
// them in base62. Vercel does not document that; it holds for published tokens.
func checkVercel(secret []byte) detect.Proof {
	const prefix, random = 4, 50
	return inferredCRC(secret, prefix, random, checksum.Base62)
}

// checkDynamic judges tokens of Dynamic: the last six of the 36 characters after the prefix are a checksum of the thirty
// before them. That it is their CRC32 in base62, small letters first, is not documented; it holds for the documented token.
// Source: https://www.dynamic.xyz/docs/api-reference/schemas/TokenWithRaw
func checkDynamic(secret []byte) detect.Proof {
	const prefix, random = 4, 30
	return inferredCRC(secret, prefix, random, checksum.Base62Lower)
}

// inferredCRC is the proof that six digits at the end give where their making was inferred from tokens, so that a wrong one
// proves nothing.
func inferredCRC(secret []byte, prefix, random int, alphabet string) detect.Proof {
	const digits = 6
	if len(secret) != prefix+random+digits {
		return detect.Proof{}
	}
	body, sum := secret[prefix:prefix+random], secret[prefix+random:]
	if checksum.Digits(uint64(crc32.ChecksumIEEE(body)), alphabet, digits) != string(sum) {
		return detect.Proof{Note: "CRC32 checksum is wrong"}
	}
	return judgeCRC(true)
}

func checkBase62(body []byte) detect.Proof {
	const random, digits = 30, 6
	if len(body) != random+digits {
		return detect.Proof{}
	}
	sum := crc32.ChecksumIEEE(body[:random])
	return judgeCRC(checksum.Digits(uint64(sum), checksum.Base62, digits) == string(body[random:]))
}

// checkGrafana judges service account tokens: eight hexadecimal digits after the last underscore are the CRC32 of
// what stands before it, as little-endian bytes. Source: grafana/grafana, pkg/components/satokengen.
func checkGrafana(secret []byte) detect.Proof {
	at := bytes.LastIndexByte(secret, '_')
	if at < 0 || !bytes.HasPrefix(secret, []byte("glsa_")) {
		return detect.Proof{}
	}
	sum, err := hex.DecodeString(string(secret[at+1:]))
	if err != nil || len(sum) != 4 {
		return detect.Proof{}
	}
	return judgeCRC(binary.LittleEndian.Uint32(sum) == crc32.ChecksumIEEE(secret[:at]))
}

// checkCloudflare judges tokens with a prefix: eight hexadecimal digits at the end are the CRC32 of the forty
// characters before. Source: https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/
func checkCloudflare(secret []byte) detect.Proof {
	const random, digits = 40, 8
	_, body, found := bytes.Cut(secret, []byte("_"))
	if !found || len(body) != random+digits {
		return detect.Proof{}
	}
	return judgeCRC(fmt.Sprintf("%08x", crc32.ChecksumIEEE(body[:random])) == string(body[random:]))
}

// checkSanctum judges tokens of Laravel Sanctum, a number, "|", perhaps a prefix of the application's, and forty characters that eight hexadecimal
// digits follow, their CRC32. Tokens before Sanctum 3.3 have no checksum, and what is wrong may be one with a prefix.
// Source: laravel/sanctum, src/HasApiTokens.php.
func checkSanctum(secret []byte) detect.Proof {
	const random, digits = 40, 8
	at := len(secret) - digits
	if at < random || fmt.Sprintf("%08x", crc32.ChecksumIEEE(secret[at-random:at])) != string(secret[at:]) {
		return detect.Proof{}
	}
	return judgeCRC(true)
}

// checkConfluent judges API secrets: six base64 characters at the end are the little-endian CRC32 of the 54 between
// prefix and checksum. Source: https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html
func checkConfluent(secret []byte) detect.Proof {
	const random, digits = 54, 6
	body, found := bytes.CutPrefix(secret, []byte("cflt"))
	if !found || len(body) != random+digits {
		return detect.Proof{}
	}
	sum := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(body[:random]))
	return judgeCRC(base64.RawStdEncoding.EncodeToString(sum) == string(body[random:]))
}

// checkAtlassian judges cloud tokens: eight upper-case hexadecimal digits at the end are the CRC32 of all before.
// Atlassian does not document it, so that a wrong one proves nothing.
func checkAtlassian(secret []byte) detect.Proof {
	const digits = 8
	at := len(secret) - digits
	if at < digits {
		return detect.Proof{}
	}
	if fmt.Sprintf("%08X", crc32.ChecksumIEEE(secret[:at])) == string(secret[at:]) {
		return judgeCRC(true)
	}
	return detect.Proof{Note: "does not end in the CRC32 checksum that such tokens have"}
}

// checkGitLab judges routable tokens: after the last dot, two base36 digits for the length of the payload and seven
// that are the CRC32 of all before them. Older tokens have no dot.
// Source: gitlab-org/gitlab, lib/authn/token_field/generator/routable_token.rb.
func checkGitLab(secret []byte) detect.Proof {
	const length, digits = 2, 7
	dot := bytes.LastIndexByte(secret, '.')
	if dot < 0 || len(secret)-dot-1 != length+digits {
		return detect.Proof{}
	}
	at := len(secret) - digits
	sum := crc32.ChecksumIEEE(secret[:at])
	return judgeCRC(checksum.Digits(uint64(sum), checksum.Base36, digits) == string(secret[at:]))
}

// checkAge judges identities by their bech32 checksum. Source: https://age-encryption.org/v1
func checkAge(secret []byte) detect.Proof {
	if checksum.ValidBech32(secret) {
		return detect.Proof{Verdict: detect.Valid, Note: "bech32 checksum is valid"}
	}
	return detect.Proof{Verdict: detect.Invalid, Note: "bech32 checksum is wrong"}
}

// checkNKey judges seeds: base32 whose last two bytes are the little-endian CRC16 of the others.
// Source: nats-io/nkeys, strkey.go.
func checkNKey(secret []byte) detect.Proof {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(secret))
	if err != nil || len(b) < 4 {
		return detect.Proof{Verdict: detect.Invalid, Note: "is not base32"}
	}
	at := len(b) - 2
	if checksum.CRC16(b[:at]) != binary.LittleEndian.Uint16(b[at:]) {
		return detect.Proof{Verdict: detect.Invalid, Note: "CRC16 checksum is wrong"}
	}
	return detect.Proof{Verdict: detect.Valid, Note: "CRC16 checksum is valid"}
}
