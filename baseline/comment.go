package baseline

import (
	"bytes"
	"strings"
)

// A marker is a comment that asks for findings to be left out.
type marker struct {
	name      string // as it is written in documentation
	needsRule bool   // it only counts for the rules that it names
	rules     []string
	reason    string
}

const (
	ownMarker      = "keysieve:allow"
	pragmaMarker   = "pragma: allowlist secret"
	nextLineMarker = "pragma: allowlist nextline secret"
)

// otherMarkers are the older tools' that count wherever they stand on a line.
var otherMarkers = [...]string{"gitleaks:allow", "betterleaks:allow", "trufflehog:ignore"}

// mayHaveMarkers reports whether text has a part of one of the markers, those above and those that are written in other ways. There may be very many findings on one long line.
func mayHaveMarkers(text []byte) bool {
	for _, part := range []string{"allow", "pragma:", "hog:ignore"} {
		if bytes.Contains(text, []byte(part)) {
			return true
		}
	}
	return false
}

// markersOn returns the markers for what is found on the lines.
func markersOn(above, lines string) []marker {
	list := ownMarkers(lines)
	for _, name := range otherMarkers {
		if strings.Contains(lines, name) {
			list = append(list, marker{name: name})
		}
	}
	if strings.Contains(lines, "pragma:") {
		for line := range strings.Lines(lines) {
			if _, ok := pragma(line, ""); ok {
				list = append(list, marker{name: pragmaMarker})
				break
			}
		}
	}
	if before, ok := pragma(above, "nextline"); ok && before == "" {
		list = append(list, marker{name: nextLineMarker})
	}
	return list
}

// ownMarkers returns each keysieve:allow with the rules that it names.
func ownMarkers(lines string) (list []marker) {
	for {
		rest, ok := afterWord(lines, ownMarker)
		if !ok {
			return list
		}
		m := marker{name: ownMarker, needsRule: true}
		comment, _, _ := strings.Cut(rest, "\n")
		m.rules, m.reason = ruleNames(upToEnd(comment))
		list = append(list, m)
		lines = rest
	}
}

// afterWord returns what follows the first place where word stands by itself.
func afterWord(text, word string) (string, bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return "", false
		}
		i += from
		end := i + len(word)
		if (i == 0 || !isWord(text[i-1])) && (end == len(text) || !isWord(text[end])) {
			return text[end:], true
		}
		from = end
	}
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '-'
}

// upToEnd returns a comment's text without what ends it.
func upToEnd(comment string) string {
	for _, end := range []string{"*/", "-->", "#}", "%>", "--}}", `"""`} {
		comment, _, _ = strings.Cut(comment, end)
	}
	return comment
}

// ruleNames splits what follows keysieve:allow into the names of rules, which commas separate, and the reason.
func ruleNames(text string) (names []string, reason string) {
	for {
		text = strings.TrimLeft(text, " \t")
		n := 0
		for n < len(text) && (isWord(text[n]) || text[n] == '.') {
			n++
		}
		if n == 0 {
			return names, trimReason(text)
		}
		names = append(names, text[:n])
		text = strings.TrimLeft(text[n:], " \t")
		if !strings.HasPrefix(text, ",") {
			return names, trimReason(text)
		}
		text = text[1:]
	}
}

// trimReason takes away what people put between the rule and the reason, and the quotes that a comment stands in.
func trimReason(text string) string {
	text = strings.TrimLeft(text, " \t:;-–—")
	return strings.TrimRight(text, " \t\r\"'`)]},;")
}

// comments are the beginnings of comments that detect-secrets knows, with what ends them; "" is the end of the line.
var comments = [...]struct{ begin, end string }{
	{"#", ""}, {"//", ""}, {"/*", "*/"}, {"'", ""}, {"--", ""}, {"<!--", "-->"}, {"<!-- #", "-->"},
}

// pragma looks for "pragma: allowlist secret", with a word before the last one unless it is "", in a comment that ends the
// line. It returns what stands before the comment, without space.
func pragma(line, word string) (before string, ok bool) {
	line = strings.TrimRight(line, " \t\r\n")
	for from := 0; ; {
		i := strings.Index(line[from:], "pragma:")
		if i < 0 {
			return "", false
		}
		i += from
		from = i + len("pragma:")
		if !pragmaWords(line[from:], word) {
			continue
		}
		head := strings.TrimRight(line[:i], " \t")
		for _, c := range comments {
			before, found := strings.CutSuffix(head, c.begin)
			apart := before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "\t")
			if found && apart && strings.HasSuffix(line, c.end) {
				return strings.TrimSpace(before), true
			}
		}
	}
}

// pragmaWords reports whether text is the words of a pragma. They are separated by spaces or hyphens.
func pragmaWords(text, word string) bool {
	text = strings.TrimPrefix(text, " ")
	text, ok := strings.CutPrefix(text, "allowlist")
	if !ok {
		if text, ok = strings.CutPrefix(text, "whitelist"); !ok {
			return false
		}
	}
	for _, w := range []string{word, "secret"} {
		if w == "" {
			continue
		}
		if text == "" || text[0] != ' ' && text[0] != '-' {
			return false
		}
		if text, ok = strings.CutPrefix(text[1:], w); !ok {
			return false
		}
	}
	return text == "" || !isWord(text[0])
}
