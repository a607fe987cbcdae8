package detect

import (
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
)

// A Secret is the text of a secret. However it is printed, encoded or logged it shows as redacted; [Secret.Reveal] is
// the only way to the text. The zero value is an empty secret.
type Secret struct {
	// A pointer, because fmt prints what lies behind an unexported field of somebody else's struct without asking
	// for its methods; of a pointer it prints the address there.
	text *string
}

// NewSecret returns a secret with a copy of text.
func NewSecret(text []byte) Secret {
	s := string(text)
	return Secret{&s}
}

// Reveal returns a copy of the secret's text, in clear.
func (s Secret) Reveal() []byte {
	if s.text == nil {
		return nil
	}
	return []byte(*s.text)
}

// Len returns the length of the secret in bytes.
func (s Secret) Len() int {
	if s.text == nil {
		return 0
	}
	return len(*s.text)
}

// Equal reports whether both secrets have the same text.
func (s Secret) Equal(t Secret) bool { return string(s.Reveal()) == string(t.Reveal()) }

// Secrets at least this long show their first bytes when printed, so that a person can tell which one it is.
const (
	redactedMinLen = 20
	redactedPrefix = 4
)

// String returns the secret redacted: its first 4 bytes if it has at least 20 and they are printable ASCII, then asterisks.
func (s Secret) String() string {
	if s.Len() < redactedMinLen {
		return blanked
	}
	prefix := (*s.text)[:redactedPrefix]
	for _, c := range []byte(prefix) {
		if c <= ' ' || c >= 0x7f {
			return blanked
		}
	}
	return prefix + blanked
}

// Format prints the secret redacted, whatever the verb and its flags.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// GoString returns the secret redacted.
func (s Secret) GoString() string { return s.String() }

// MarshalText returns the secret redacted.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalXMLAttr returns an attribute with the secret redacted.
func (s Secret) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: s.String()}, nil
}

// LogValue returns the secret redacted.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
