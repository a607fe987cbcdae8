package text

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
)

// randomBytes returns what compressed or encrypted content looks like.
func randomBytes(n int) string {
	r := rand.New(rand.NewPCG(7, 8))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

func TestText(t *testing.T) {
	le := func(s string) string { return string(toUTF16(false, s)) }
	be := func(s string) string { return string(toUTF16(true, s)) }
	lines := strings.Repeat("key = value\r\n", 50)
	tests := []struct {
		name, content string
		want          string // "" means the content
		binary        bool
	}{
		{"empty", "", "", false},
		{"ASCII", lines, "", false},
		{"UTF-8", "é中\U0001F511", "", false},
		{"Latin 1", "caf\xE9", "", false},
		{"UTF-8 with BOM", utf8BOM + "a", "a", false},
		{"UTF-16LE with BOM", le("\uFEFFa中\U0001F511\n"), "a中\U0001F511\n", false},
		{"UTF-16BE with BOM", be("\uFEFFa中\U0001F511\n"), "a中\U0001F511\n", false},
		{"UTF-16LE", le(lines + "é"), lines + "é", false},
		{"UTF-16BE", be(lines + "é"), lines + "é", false},
		{"UTF-16LE without ASCII but spaces", le("\uFEFF" + strings.Repeat("中文 中文\n", 9)), strings.Repeat("中文 中文\n", 9), false},
		{"UTF-16 that breaks off", le("\uFEFFabc")[:7], "abc", false},
		{"UTF-16 and one more byte", le("\uFEFFab") + "\x80", "ab\uFFFD", false},
		{"lone high surrogate", "\xFF\xFE\x00\xD8a\x00", "\uFFFDa", false},
		{"lone low surrogate", "\xFF\xFE\x00\xDCa\x00", "\uFFFDa", false},
		{"high surrogate at the end", "\xFF\xFEa\x00\x00\xD8", "a\uFFFD", false},
		{"BOM alone", "\xFF\xFE", "-", false},
		{"BOM before ASCII", "\xFF\xFE" + lines, lines, false},
		{"other BOM before ASCII", "\xFE\xFF" + lines, lines, false},
		{"BOM and a byte before ASCII", "\xFF\xFE\x00" + lines[:41], lines[:41], false},
		{"ASCII inside UTF-16", le("\uFEFFabc\n") + lines[:40] + le("def"), "abc\n" + lines[:40] + "def", false},
		{"ASCII inside UTF-16BE", be("\uFEFFabc\n") + lines[:40] + be("def"), "abc\n" + lines[:40] + "def", false},
		{"some NULs", strings.Repeat("a file name, and a NUL\x00", 20), "", false},
		{"NULs", strings.Repeat("\x00", 100), "", true},
		{"program", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00\x03\x00>\x00a\x00\x00", 20), "", true},
		{"random", randomBytes(10000), "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := Decode([]byte(tt.content))
			binary := IsBinary(got)
			want := tt.want
			if want == "" {
				want = tt.content
			} else if want == "-" {
				want = ""
			}
			if string(got) != want || binary != tt.binary {
				t.Errorf("got %q, binary %v\nwant %q", got, binary, want)
			}
		})
	}
}

// ASCII survives in UTF-16, and as it is in what only seems to be UTF-16, whatever stands around it; and it makes no
// difference in what pieces the input comes.
func FuzzUTF16(f *testing.F) {
	f.Add([]byte("\xFF\xFE"), []byte(""), "secret", true, uint8(3))
	f.Add([]byte("\xFF\xFEabc"), []byte("\x00\xDC"), "0123456789abcdef0", false, uint8(1))
	f.Add([]byte("\xD8\x00\xDC"), []byte("x"), "0123456789abcdef0", true, uint8(20))
	f.Add([]byte("\x00\xD8"), []byte("0123456789abcdef\x00"), "tok", false, uint8(7))
	f.Fuzz(func(t *testing.T, before, after []byte, token string, big bool, piece uint8) {
		for _, c := range []byte(token) {
			if !isText(c) {
				t.Skip()
			}
		}
		even := before[:len(before)&^1]
		// The accents keep what stands around it from being taken for a part of it.
		encoded := bytes.Join([][]byte{even, toUTF16(big, "\u00E9"+token+"\u00E9"), after}, nil)
		check(t, encoded, token, big, int(piece))
		if len(token) > rawRun {
			check(t, bytes.Join([][]byte{before, []byte(token), after}, nil), token, big, int(piece))
		}
	})
}

func check(t *testing.T, content []byte, token string, big bool, piece int) {
	t.Helper()
	d := utf16Decoder{bigEndian: big}
	text, n := d.decode(nil, content, true)
	if n != len(content) {
		t.Fatalf("used %d of %d bytes", n, len(content))
	}
	if !bytes.Contains(text, []byte(token)) {
		t.Fatalf("%q has lost %q: %q", content, token, text)
	}
	d = utf16Decoder{bigEndian: big}
	var pieces, held []byte
	for rest := content; ; {
		n := min(len(rest), piece+1)
		held = append(held, rest[:n]...)
		rest = rest[n:]
		var used int
		pieces, used = d.decode(pieces, held, len(rest) == 0)
		held = held[used:]
		if len(held) >= 20 {
			t.Fatalf("%q is held back", held)
		}
		if len(rest) == 0 {
			break
		}
	}
	if !bytes.Equal(text, pieces) {
		t.Fatalf("%q in pieces of %d: %q, in one %q", content, piece+1, pieces, text)
	}
}

func toUTF16(bigEndian bool, text string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if bigEndian {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}
