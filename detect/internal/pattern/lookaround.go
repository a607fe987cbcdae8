package pattern

import "strings"

// WithoutLookaround returns pattern with its lookahead and lookbehind groups taken out, so that it matches wherever
// the original does (and in more places), and whether it had any.
func WithoutLookaround(pattern string) (string, bool) {
	var out strings.Builder
	found := false
	for i := 0; i < len(pattern); {
		n := tokenLen(pattern[i:])
		if lookaround(pattern[i:]) {
			n = groupLen(pattern[i:])
			found = true
		} else {
			out.WriteString(pattern[i : i+n])
		}
		i += n
	}
	return out.String(), found
}

func lookaround(s string) bool {
	for _, p := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// tokenLen returns the length of the escape, class or character that s begins with.
func tokenLen(s string) int {
	switch {
	case strings.HasPrefix(s, `\Q`):
		if end := strings.Index(s, `\E`); end >= 0 {
			return end + 2
		}
		return len(s)
	case s[0] == '\\' && len(s) > 1:
		return 2
	case s[0] == '[':
		return classLen(s)
	}
	return 1
}

// classLen returns the length of the bracket expression that s begins with.
func classLen(s string) int {
	i := 1
	if i < len(s) && s[i] == '^' {
		i++
	}
	if i < len(s) && s[i] == ']' {
		i++
	}
	for i < len(s) {
		switch {
		case s[i] == ']':
			return i + 1
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "[:"):
			if end := strings.Index(s[i:], ":]"); end >= 0 {
				i += end + 1
			}
		}
		i++
	}
	return len(s)
}

// groupLen returns the length of the group that s begins with.
func groupLen(s string) int {
	depth := 0
	for i := 0; i < len(s); {
		n := tokenLen(s[i:])
		if n == 1 {
			switch s[i] {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth == 0 {
				return i + 1
			}
		}
		i += n
	}
	return len(s)
}
