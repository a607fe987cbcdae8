// Package template expands the examples of rule files into text that looks like a secret. The examples themselves do
// not, so that a repository that holds them holds nothing that a scanner would report.
//
// A template is literal text with expressions between double braces:
//
//	{{PREFIX:LEN:CLASS}}  PREFIX, which may be empty, and LEN random characters of CLASS; LEN is N or MIN-MAX
//	{{uuid}}              a random UUID in lower case
//	{{=NAME ARGS}}        a valid token of a format that has a checksum or a structure
//	{{!NAME ARGS}}        the same with the checksum or the structure broken
//
// The classes are those of [Classes], the formats those of [Generators]. ARGS may hold expressions. Double braces
// followed by a blank, as templates of other languages are written, are literal text.
package template

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// A Text is an expanded template.
type Text struct {
	Data  []byte
	Parts []Part // what the expressions gave, in order; nested ones are not listed
}

// A Part is the half-open range of bytes of a [Text] that one expression gave.
type Part struct{ Start, End int }

// Expand expands a template. The same template, seed and index always give the same text.
func Expand(template, seed string, index uint64) (Text, error) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed))
	var out Text
	err := expand(&out, template, rand.New(rand.NewPCG(h.Sum64(), index)))
	return out, err
}

func expand(out *Text, template string, r *rand.Rand) error {
	for {
		before, rest, found := strings.Cut(template, "{{")
		out.Data = append(out.Data, before...)
		if !found {
			return nil
		}
		if rest == "" || rest[0] == ' ' {
			out.Data = append(out.Data, "{{"...)
			template = rest
			continue
		}
		end := closing(rest)
		if end < 0 {
			return fmt.Errorf("no }} after {{%s", rest)
		}
		text, err := evaluate(rest[:end], r)
		if err != nil {
			return fmt.Errorf("{{%s}}: %w", rest[:end], err)
		}
		start := len(out.Data)
		out.Data = append(out.Data, text...)
		out.Parts = append(out.Parts, Part{start, len(out.Data)})
		template = rest[end+2:]
	}
}

// closing returns where the }} stands that ends the expression s begins with, -1 if it does not end.
func closing(s string) int {
	depth := 1
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "{{":
			depth++
			i++
		case "}}":
			if depth--; depth == 0 {
				return i
			}
			i++
		}
	}
	return -1
}

func evaluate(expr string, r *rand.Rand) (string, error) {
	switch {
	case expr == "uuid":
		return uuid(r), nil
	case strings.HasPrefix(expr, "="), strings.HasPrefix(expr, "!"):
		name, args, _ := strings.Cut(expr[1:], " ")
		var inner Text
		if err := expand(&inner, args, r); err != nil {
			return "", err
		}
		return generate(name, string(inner.Data), expr[0] == '!', r)
	}
	prefix, class, ok := cutLast(expr)
	prefix, length, ok2 := cutLast(prefix)
	if !ok || !ok2 {
		return "", errors.New("want PREFIX:LEN:CLASS, uuid, =NAME or !NAME")
	}
	n, err := pickLength(length, r)
	if err != nil {
		return "", err
	}
	alphabet := alphabetOf(class)
	if alphabet == "" {
		return "", fmt.Errorf("unknown class %q: use one of %s", class, strings.Join(Classes(), ", "))
	}
	return prefix + random(r, alphabet, n), nil
}

func cutLast(s string) (before, after string, ok bool) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// maxLength is the longest run of characters that an expression can ask for, against slips of the pen.
const maxLength = 1 << 16

func pickLength(s string, r *rand.Rand) (int, error) {
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	a, err1 := strconv.Atoi(low)
	b, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil || a < 0 || a > b || b > maxLength {
		return 0, fmt.Errorf("%q is not a length", s)
	}
	return a + r.IntN(b-a+1), nil
}

const (
	digits   = "0123456789"
	lowers   = "abcdefghijklmnopqrstuvwxyz"
	uppers   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alnums   = digits + uppers + lowers
	hexLower = digits + "abcdef"
	base32s  = uppers + "234567"
	base58s  = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	base64s  = uppers + lowers + digits + "+/"
)

var classes = [...]struct{ name, alphabet string }{
	{"HEX", digits + "ABCDEF"},
	{"alnum", alnums},
	{"alpha", uppers + lowers},
	{"base32", base32s},
	{"base58", base58s},
	{"base64", base64s},
	{"digit", digits},
	{"hex", hexLower},
	{"loweralnum", digits + lowers},
	{"lower", lowers},
	{"upper", uppers},
	{"upperalnum", digits + uppers},
	{"word", alnums + "_-"},
	{"x", "x"},
}

// Classes returns the names of the character classes.
func Classes() []string {
	var names []string
	for _, c := range classes {
		names = append(names, c.name)
	}
	return names
}

func alphabetOf(class string) string {
	for _, c := range classes {
		if c.name == class {
			return c.alphabet
		}
	}
	return ""
}

func random(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	// An expression stands for a token whole: one that begins or ends with a dash would be cut by boundaries that
	// hold for nearly all real ones.
	if n > 0 && strings.IndexByte(alphabet, '-') >= 0 {
		b[0] = alnums[r.IntN(len(alnums))]
		b[n-1] = alnums[r.IntN(len(alnums))]
	}
	return string(b)
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func uuid(r *rand.Rand) string {
	b := randomBytes(r, 16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func generate(name, args string, broken bool, r *rand.Rand) (string, error) {
	i, found := slices.BinarySearchFunc(generators[:], name, func(g generator, name string) int {
		return strings.Compare(g.name, name)
	})
	if !found {
		return "", fmt.Errorf("unknown format %q: use one of %s", name, strings.Join(Generators(), ", "))
	}
	return generators[i].make(args, broken, r)
}

// Generators returns the names of the formats that {{=NAME}} can make, in alphabetical order.
func Generators() []string {
	names := make([]string, len(generators))
	for i, g := range generators {
		names[i] = g.name
	}
	return names
}
