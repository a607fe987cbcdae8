package detect

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// A Finding is one secret at one place. It holds copies: the fragment's data may be reused once it is returned.
type Finding struct {
	RuleID     string
	Title      string // the rule's
	Provider   string // the rule's; "" when the secret has no shape of its own
	Severity   Severity
	Confidence Confidence
	Origin     Origin
	Start, End Position // of the secret; End is exclusive
	Secret     Secret
	Context    Context

	// DecodedFrom says what the secret was decoded from, in words, from the outside in: "percent-encoding, base64". It is "" for one that stands in the
	// text itself. Start and End then are those of what stands there for it.
	DecodedFrom string

	Evidence   []string  // what spoke for and against it, in words; never the secret
	Revoke     string    // how to revoke the secret (URL), "" when the rule does not say
	Suppressed string    // why it is not to be reported, as Options.Suppress says; "" when it is to be
	Lifecycle  Lifecycle // set by whoever scans a change and knows
	Standing   *Standing // set by whoever scans a history and knows
}

// Context is what stands beside a secret on its line, with every other secret that was found there blanked out,
// at most [ContextWidth] bytes on each side.
type Context struct{ Before, After string }

// ContextWidth is the most that a [Context] shows on each side of a secret, in bytes.
const ContextWidth = 80

// Fingerprint identifies the finding by rule, path and content, whatever line it stands on: 32 hexadecimal digits.
// It is the beginning of the SHA-256 of the rule's id, the path and the secret, separated by zero bytes.
func (f Finding) Fingerprint() string {
	h := sha256.New()
	for _, s := range []string{f.RuleID, "\x00", f.Origin.Path, "\x00"} {
		h.Write([]byte(s))
	}
	h.Write(f.Secret.Reveal())
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Sum64 identifies the finding by rule and content, wherever it is found: the first 8 bytes of the SHA-256 of the rule's
// id, a zero byte and the secret, as a big-endian number.
func (f Finding) Sum64() uint64 { return sum64(f.RuleID, f.Secret.Reveal()) }

func sum64(rule string, secret []byte) uint64 {
	var buf [256]byte
	sum := sha256.Sum256(append(append(append(buf[:0], rule...), 0), secret...))
	return binary.BigEndian.Uint64(sum[:])
}
