package detect

import "fmt"

// String returns the severity's name in lower case.
func (s Severity) String() string { return levelName(severityNames[:], int(s)) }

// MarshalText returns the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(text []byte) error {
	n, err := levelOf(severityNames[:], "severity", string(text))
	*s = Severity(n)
	return err
}

// String returns the confidence's name in lower case.
func (c Confidence) String() string { return levelName(confidenceNames[:], int(c)) }

// MarshalText returns the confidence's name.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a confidence's name.
func (c *Confidence) UnmarshalText(text []byte) error {
	n, err := levelOf(confidenceNames[:], "confidence", string(text))
	*c = Confidence(n)
	return err
}

func levelName(names []string, n int) string {
	if n < len(names) {
		return names[n]
	}
	return fmt.Sprintf("level(%d)", n)
}

func levelOf(names []string, what, s string) (int, error) {
	for n, name := range names {
		if name == s && s != "" {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%q is not a %s: use one of %v", s, what, names[1:])
}
