package filescan

import (
	"errors"
	"fmt"
	"strings"
)

// An ignoreList is the patterns of one file, and the lists of the directories above it. The format and its meaning are
// those of gitignore(5), including what git's matcher does where the manual is silent.
type ignoreList struct {
	parent   *ignoreList
	base     int // length of the patterns' directory in the paths to match, with its slash
	patterns []pattern
}

// A verdict is what a list of patterns says of a path.
type verdict uint8

const (
	undecided verdict = iota
	ignored
	included // by a negated pattern
)

// match judges a path that has the list's base, and whose last element begins at name. The last pattern that
// matches decides, and deeper lists come before those above them.
func (l *ignoreList) match(path string, name int, isDir bool) verdict {
	for ; l != nil; l = l.parent {
		for i := len(l.patterns) - 1; i >= 0; i-- {
			p := &l.patterns[i]
			if p.dirOnly && !isDir {
				continue
			}
			subject := path[name:]
			if !p.basename {
				subject = path[l.base:]
			}
			if !p.match(subject) {
				continue
			}
			if p.negated {
				return included
			}
			return ignored
		}
	}
	return undecided
}

// parseIgnore returns the patterns of a gitignore file. Lines that can never match are left out, as git has it.
func parseIgnore(text string) []pattern {
	var list []pattern
	text = strings.TrimPrefix(text, "\uFEFF")
	for line := range strings.SplitSeq(text, "\n") {
		line = trimSpaces(strings.TrimSuffix(line, "\r"))
		if line == "" || line[0] == '#' {
			continue
		}
		if p, err := compilePattern(line); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// trimSpaces cuts off trailing spaces that no backslash stands before.
func trimSpaces(line string) string {
	end := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
		case '\\':
			i++
			fallthrough
		default:
			end = i + 1
		}
	}
	return line[:min(end, len(line))]
}

// A pattern is one compiled line.
type pattern struct {
	negated  bool
	dirOnly  bool
	basename bool // holds no slash: compared with the last element of a path
	kind     patternKind
	literal  string // all of it (exact), its end (suffix), or what stands before the first special character (glob)
	glob     []token
}

type patternKind uint8

const (
	exact patternKind = iota
	suffix
	glob
)

var (
	errNeverMatches = errors.New("it is empty and matches nothing")
	errBackslash    = errors.New("it ends in a single backslash")
	errClass        = errors.New("a bracket is not closed")
)

const specials = `*?[\`

// compilePattern compiles a line that has lost its trailing spaces. An error means that it never matches.
func compilePattern(line string) (pattern, error) {
	var p pattern
	line, p.negated = strings.CutPrefix(line, "!")
	line, p.dirOnly = strings.CutSuffix(line, "/")
	p.basename = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" {
		return p, errNeverMatches
	}
	first := strings.IndexAny(line, specials)
	switch {
	case first < 0:
		p.kind, p.literal = exact, line
		return p, nil
	case p.basename && line[0] == '*' && !strings.ContainsAny(line[1:], specials):
		p.kind, p.literal = suffix, line[1:]
		return p, nil
	}
	var err error
	p.kind, p.literal = glob, line[:first]
	p.glob, err = compileGlob(line[first:])
	return p, err
}

func (p *pattern) match(s string) bool {
	switch p.kind {
	case exact:
		return s == p.literal
	case suffix:
		return strings.HasSuffix(s, p.literal)
	}
	rest, ok := strings.CutPrefix(s, p.literal)
	return ok && matchGlob(p.glob, rest)
}

// A token is one step of a glob.
type token struct {
	kind  tokenKind
	char  byte
	class *[256]bool
}

type tokenKind uint8

const (
	tokenChar  tokenKind = iota // this byte
	tokenAny                    // any byte but a slash
	tokenClass                  // a byte of the class
	tokenStar                   // any bytes but slashes
	tokenDeep                   // any bytes
	tokenDirs                   // nothing, or what the next token takes
	tokenUpTo                   // any bytes and then a slash; comes after tokenDirs only
)

// compileGlob compiles what stands after a pattern's literal beginning. Git's matcher starts there too, so two
// asterisks at its very beginning reach across slashes even where the literal does not end in one.
func compileGlob(p string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '?':
			tokens = append(tokens, token{kind: tokenAny})
		case '\\':
			if i++; i == len(p) {
				return nil, errBackslash
			}
			tokens = append(tokens, token{char: p[i]})
		case '[':
			class, end, err := compileClass(p, i+1)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{kind: tokenClass, class: class})
			i = end
		case '*':
			start := i
			for i+1 < len(p) && p[i+1] == '*' {
				i++
			}
			rest := p[i+1:]
			deep := i > start && (start == 0 || p[start-1] == '/')
			switch {
			case deep && strings.HasPrefix(rest, "/"):
				tokens = append(tokens, token{kind: tokenDirs}, token{kind: tokenUpTo})
				i++
			case deep && (rest == "" || strings.HasPrefix(rest, `\/`)):
				tokens = append(tokens, token{kind: tokenDeep})
			default:
				tokens = append(tokens, token{kind: tokenStar})
			}
		default:
			tokens = append(tokens, token{char: p[i]})
		}
	}
	return tokens, nil
}

// compileClass compiles a bracket expression whose inside begins at p[i], and returns where it is closed.
func compileClass(p string, i int) (*[256]bool, int, error) {
	class := new([256]bool)
	negated := i < len(p) && (p[i] == '!' || p[i] == '^')
	if negated {
		i++
	}
	from := -1 // the character that a range may begin with
	for first := true; ; i, first = i+1, false {
		switch {
		case i >= len(p):
			return nil, 0, errClass
		case p[i] == ']' && !first:
			for c := range class {
				class[c] = class[c] != negated && c != '/'
			}
			return class, i, nil
		case p[i] == '-' && from >= 0 && i+1 < len(p) && p[i+1] != ']':
			if i++; p[i] == '\\' {
				i++
			}
			if i >= len(p) {
				return nil, 0, errClass
			}
			for c := from; c <= int(p[i]); c++ {
				class[c] = true
			}
			from = -1
		case strings.HasPrefix(p[i:], "[:") && strings.Contains(p[i+2:], "]"):
			inside, _, _ := strings.Cut(p[i+2:], "]")
			name, named := strings.CutSuffix(inside, ":")
			if !named { // no class after all, but a bracket in a set
				class['['] = true
				from = '['
				continue
			}
			if !addNamed(class, name) {
				return nil, 0, fmt.Errorf("there is no character class %q", name)
			}
			from = -1
			i += 2 + len(inside)
		default:
			if p[i] == '\\' {
				i++
			}
			if i >= len(p) {
				return nil, 0, errClass
			}
			class[p[i]] = true
			from = int(p[i])
		}
	}
}

// addNamed adds a POSIX character class of ASCII and reports whether there is one of this name.
func addNamed(class *[256]bool, name string) bool {
	ranges := map[string]string{ // pairs of first and last character
		"alnum": "09AZaz", "alpha": "AZaz", "blank": "  \t\t", "cntrl": "\x00\x1f\x7f\x7f", "digit": "09",
		"graph": "!~", "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ", "upper": "AZ",
		"xdigit": "09AFaf",
	}[name]
	for i := 0; i < len(ranges); i += 2 {
		for c := ranges[i]; c <= ranges[i+1]; c++ {
			class[c] = true
		}
	}
	return ranges != ""
}

// matchGlob reports whether the tokens match all of s. It follows every way to match at once, so that it takes
// time proportional to len(tokens) × len(s) for any pattern a stranger may have written.
func matchGlob(tokens []token, s string) bool {
	var room [2][64]bool
	now, next := room[0][:], room[1][:]
	if len(tokens) >= len(now) {
		now, next = make([]bool, len(tokens)+1), make([]bool, len(tokens)+1)
	}
	enter(tokens, now, 0)
	for i := 0; i < len(s); i++ {
		alive := false
		for t := range tokens {
			if now[t] {
				alive = step(tokens, next, t, s[i]) || alive
			}
		}
		if !alive {
			return false
		}
		now, next = next, now
		clear(next)
	}
	return now[len(tokens)]
}

// step takes c at token t, enters the tokens that come after it and reports whether there is one.
func step(tokens []token, next []bool, t int, c byte) bool {
	k := &tokens[t]
	switch k.kind {
	case tokenChar:
		if c != k.char {
			return false
		}
		enter(tokens, next, t+1)
	case tokenAny:
		if c == '/' {
			return false
		}
		enter(tokens, next, t+1)
	case tokenClass:
		if !k.class[c] {
			return false
		}
		enter(tokens, next, t+1)
	case tokenStar:
		if c == '/' {
			return false
		}
		enter(tokens, next, t)
	case tokenDeep:
		enter(tokens, next, t)
	case tokenUpTo:
		enter(tokens, next, t)
		if c == '/' {
			enter(tokens, next, t+1)
		}
	case tokenDirs:
		return false
	}
	return true
}

// enter marks token t, and those that can be reached from it without taking a byte.
func enter(tokens []token, set []bool, t int) {
	for !set[t] {
		set[t] = true
		if t == len(tokens) {
			return
		}
		switch tokens[t].kind {
		case tokenStar, tokenDeep:
		case tokenDirs:
			enter(tokens, set, t+2)
		default:
			return
		}
		t++
	}
}
