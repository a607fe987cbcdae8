package rules

import (
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/internal/checksum"
)

// checkAzure judges identifiable keys: base64 with a signature of four characters that names the service, and at the
// end four bytes that are the Marvin32 hash of all others, with a seed of the service's.
// Source: microsoft/security-utilities, IdentifiableMetadata.cs.
func checkAzure(secret []byte) detect.Proof {
	text := strings.TrimRight(string(secret), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	at := len(text) - checksum.AzureTail
	if at < 0 {
		return detect.Proof{}
	}
	seeds := checksum.AzureSeeds(text[at : at+checksum.AzureSignature])
	key, err := base64.RawStdEncoding.DecodeString(text)
	if len(seeds) == 0 || err != nil {
		return detect.Proof{}
	}
	end := len(key) - 4
	want := binary.LittleEndian.Uint32(key[end:])
	for _, seed := range seeds {
		if checksum.Marvin32(key[:end], seed) == want {
			return detect.Proof{Verdict: detect.Valid, Note: "Marvin32 checksum is valid"}
		}
	}
	return detect.Proof{Verdict: detect.Invalid, Note: "Marvin32 checksum is wrong"}
}

// checkAzure64 looks at storage keys from before there were identifiable ones: 64 bytes in base64.
func checkAzure64(secret []byte) detect.Proof {
	if proof := checkAzure(secret); proof.Verdict != detect.Unknown {
		return proof
	}
	if key, err := base64.StdEncoding.Strict().DecodeString(string(secret)); err == nil && len(key) == 64 {
		return detect.Proof{Note: "decodes to the 64 bytes of a key"}
	}
	return detect.Proof{Note: "does not decode to the 64 bytes of a key"}
}
