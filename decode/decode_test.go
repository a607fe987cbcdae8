package decode_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"html"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/keysieve/keysieve/decode"
)

// place is what Scan has found.
type place struct {
	at int
	e  decode.Encoding
}

func scan(data []byte, from, to int) (found []place) {
	decode.Scan(data, from, to, func(e decode.Encoding, at int) { found = append(found, place{at, e}) })
	slices.SortFunc(found, func(a, b place) int { return 2*(a.at-b.at) + int(a.e) - int(b.e) })
	return found
}

// all decodes everything in data.
func all(t testing.TB, data []byte) (texts []*decode.Text) {
	for _, p := range scan(data, 0, len(data)) {
		text, _, _, err := decode.At(data, p.e, p.at, true)
		if err != nil {
			t.Fatal(err)
		}
		if text != nil {
			texts = append(texts, text)
		}
	}
	return texts
}

func wide(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func swapped(b []byte) []byte {
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return b
}

func packed(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.Bytes()
}

// wrapped is text on lines of n bytes, of which all but the first are indented.
func wrapped(s string, n int, end string) (out string) {
	for ; len(s) > n; s = s[n:] {
		out += s[:n] + end
	}
	return out + s
}

const said = "the word is swordfish, and who knows it may come in?"

var (
	std, plain = base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	long       = strings.Repeat(said+"\n", 9)
)

func TestDecode(t *testing.T) {
	for _, c := range []struct{ name, text, encoding, want string }{
		{"base64", "key: " + std([]byte(said)) + "\n", "base64", said},
		{"alone", std([]byte(said)), "base64", said},
		{"letters first", `"` + plain([]byte("Über: "+said)) + `"`, "base64", "Über: " + said},
		{"a longer letter first", `"` + plain([]byte("ab…"+said)) + `"`, "", ""},
		{"a letter that is cut off", `"` + plain([]byte("abcdeé"+said)) + `"`, "base64", "abcdeé" + said},
		{"no UTF-8 first", `"` + plain([]byte("abc\xff"+said)) + `"`, "", ""},
		{"for URLs", `"` + plain([]byte("say ~~>>>???¿sé?"+said)) + `"`, "base64", "say ~~>>>???¿sé?" + said},
		{"two missing", std([]byte(said[:50])), "base64", said[:50]},
		{"one missing", std([]byte(said[:49])), "base64", said[:49]},
		{"short", std([]byte(said[:17])), "", ""},
		{"in a path", "https://acme.test/some/where/" + plain([]byte(said)) + "/more", "base64", said},
		{"behind a scheme", "data:text/plain;base64," + std([]byte(said)), "base64", said},
		{"joined", "some-thing_" + std([]byte(said)), "base64", said},
		{"on lines", "x:\n  " + wrapped(std([]byte(long)), 76, "\n  ") + "\ny: z", "base64", long},
		{"on lines of DOS", wrapped(std([]byte(long)), 64, "\r\n") + "\r\n", "base64", long},
		{"on odd lines", wrapped(std([]byte(long[:75])), 75, "\n"), "base64", long[:56]},
		{"binary", std([]byte(said[:30] + "\x00\x01\x02" + said)), "base64", said[:30]},
		{"no text", std([]byte("\x01\x02\x03\x04\x05\x06" + said)), "", ""},
		{"little text", std([]byte("GIF89a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c")), "", ""},
		{"on lines of a literal", `"x": "` + wrapped(std([]byte(long)), 60, `\n`) + `\n"`, "base64", long},
		{"on lines of a literal, indented", `"` + wrapped(std([]byte(long)), 64, `\r\n  `) + `"`, "base64", long},
		{"UTF-16 with its mark", std(append([]byte("\xff\xfe"), wide(said)...)), "base64 of UTF-16", said},
		{"UTF-16, big-endian", std(swapped(wide(said))), "base64 of UTF-16", said},
		{"UTF-16, big-endian with its mark", std(append([]byte("\xfe\xff"), swapped(wide(said))...)), "base64 of UTF-16", said},
		{"UTF-16", std(wide("$key = '" + said + "'")), "base64 of UTF-16", "$key = '" + said + "'"},
		{"packed", std(packed(said)), "base64 of gzip", said},
		{"packed and cut", std(packed(said)[:50]), "base64 of gzip", said[:41]},
		{"hex", "0x" + hex.EncodeToString([]byte(said)), "hex", said},
		{"hex in capitals", strings.ToUpper(hex.EncodeToString([]byte(said))) + " ", "hex", said},
		{"hex on lines", wrapped(hex.EncodeToString([]byte(long)), 64, "\n"), "hex", long},
		{"a hash", "sha1: 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", "", ""},
		{"an identifier", "aVeryLongNameOfSomethingThatIsNotEncodedAtAll", "", ""},
		{"a name with joints", "aggregate-functions-of-the-very-long-name_and-more", "", ""},
		{"percent", "q=" + url.QueryEscape("a/b+c=") + "&r=1", "percent-encoding", "q=a/b+c=&r=1"},
		{"percent and letters", "word%3Dsch%C3%B6n%20x", "percent-encoding", "word=schön x"},
		{"percent and a blank", "Basic%20abcdefghi", "percent-encoding", "Basic abcdefghi"},
		{"no percent", "100%aged, %d of %s, 5%0a", "", ""},
		{"JSON", `{"sum": "a\u002bb\u003d\u003D"}`, "escapes", `{"sum": "a+b=="}`},
		{"C", "k = \"a\\x2bb\\x3d\";\nk", "escapes", `k = "a+b=";`},
		{"controls and letters", `"\x1b[0m\u00e9\u20ac"`, "", ""},
		{"markup", "<a>x&#43;y&#x3D;</a>", "character references", "<a>x+y=</a>"},
		{"no markup", "if (a &#b && c &amp; d) &#0; &#xfffffff; &#;", "", ""},
		{"one line", "a\nb%3Dc and more\nd", "percent-encoding", "b=c and more"},
	} {
		texts := all(t, []byte(c.text))
		if c.want == "" && len(texts) == 0 {
			continue
		}
		if len(texts) != 1 || texts[0].Encoding != c.encoding || string(texts[0].Data) != c.want {
			t.Errorf("%s: %q", c.name, c.text)
			for _, x := range texts {
				t.Errorf("   %s: %q", x.Encoding, x.Data)
			}
		}
	}
}

// TestSource says which part of a source stands for a part of what it decodes to.
func TestSource(t *testing.T) {
	const word = "swordfish"
	for _, c := range []struct{ text, want string }{
		{std([]byte(said)), std([]byte("is swordfish"))[4:]},
		{"x " + wrapped(std([]byte(long)), 76, "\n "), std([]byte("is swordfish"))[4:]},
		{hex.EncodeToString([]byte(said)), hex.EncodeToString([]byte(word))},
		{strings.Replace(said, "sword", "sw%6f%72d", 1), "sw%6f%72dfish"},
		{strings.Replace(said, "fish", "fis&#104;", 1), "swordfis&#104;"},
		{std(packed(said)), std(packed(said))},
		{std(wide(said)), std(wide(said))[32:56]},
	} {
		texts := all(t, []byte(c.text))
		if len(texts) != 1 {
			t.Fatalf("%q: %d texts", c.text, len(texts))
		}
		from := bytes.Index(texts[0].Data, []byte(word))
		start, end := texts[0].Source(from, from+len(word))
		if got := c.text[start:end]; got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestVerbatim(t *testing.T) {
	text := all(t, []byte("token=abc%3D; key=def"))[0]
	for part, want := range map[string]bool{"token=abc=": false, "key=def": true, "c=": false, "=": true, "token=abc": true} {
		from := bytes.Index(text.Data, []byte(part))
		if got := text.Verbatim(from, from+len(part)); got != want {
			t.Errorf("%s: %t", part, got)
		}
	}
}

func TestTooLarge(t *testing.T) {
	data := []byte(std(packed(strings.Repeat("a", 1<<20))))
	if text, _, _, err := decode.At(data, decode.Base64, 0, true); !errors.Is(err, decode.ErrTooLarge) || len(text.Data) < 10*len(data) {
		t.Errorf("%v, %v", text, err)
	}
	if text, _, _, err := decode.At(data, decode.Base64, 0, false); text != nil || !errors.Is(err, decode.ErrPacked) {
		t.Errorf("%v, %v", text, err)
	}
}

// TestLinear counts what is looked at in texts that are made for it, and what they decode to.
func TestLinear(t *testing.T) {
	const size = 1 << 16
	letters := wrapped(std([]byte(strings.Repeat("é", 38)))[:76], 76, "\n") + "\n" + std([]byte(strings.Repeat("b", 57))) + "\n"
	for _, piece := range []string{
		"Pz8/", "MTEx", "MTEx/", "MTEx-MTEx", strings.Repeat("MTEx", 16) + "\n", strings.Repeat("MTEx", 15) + "M\n", strings.Repeat("MTEx", 19) + "/" + strings.Repeat("TExM", 19) + "\n",
		"31", "3132/", strings.Repeat("31", 32) + "\n  ", strings.Repeat("31", 32) + "3\n", "%41", "%41" + strings.Repeat("a", 255), "%41" + strings.Repeat("a", 300), `\x41`, "&#65;", "_ICAg", "ICAg" + strings.Repeat("ICAg/", 9),
		"/aABpACAA", "/H4sIAAAA", "H4sIAAAA/", letters, strings.ReplaceAll(letters, "\n", `\n`), wrapped(std(wide(strings.Repeat("hi ", 64))), 64, "\n") + "\n", strings.Repeat("MTEx", 16) + `\n  `, strings.Repeat("MTEx", 16) + "\n" + strings.Repeat(" ", 900),
	} {
		data := []byte(strings.Repeat(piece, size/len(piece)))
		made, seen := 0, 0
		for _, p := range scan(data, 0, len(data)) {
			text, lo, hi, err := decode.At(data, p.e, p.at, true)
			if err != nil {
				t.Fatal(err)
			}
			if seen += hi - lo; text != nil {
				made += len(text.Data)
			}
		}
		// Of each occurrence some 600 bytes around it are looked at, and the rest of what is decoded from it.
		if found := len(scan(data, 0, len(data))); made > 4*size || seen > 8*size+1800*found {
			t.Errorf("%.20q…: %d bytes of %d from %d places, which looked at %d", piece, made, size, found, seen)
		}
	}
}

// seeds are texts with something of everything.
func seeds() []string {
	return []string{
		"key: " + std([]byte(said)) + "\n", "a/" + plain([]byte(said)) + "/" + plain([]byte(long)), wrapped(std([]byte(long)), 76, "\n  "), wrapped(hex.EncodeToString([]byte(long)), 64, "\r\n"),
		std(wide(said)), std(packed(said)), "0x" + hex.EncodeToString([]byte(said)), "a=" + url.QueryEscape(said+"+/=") + "\n" + strings.Repeat("%41"+strings.Repeat("a", 250), 3),
		`"\u003d\x41 \u00e9"`, html.EscapeString(`"'<>`) + "&#43;", strings.Repeat("Pz8/", 20), strings.Repeat("MTEx", 16) + "\n" + strings.Repeat("MTEx", 16),
	}
}

// FuzzDecode holds that where text begins, and what it decodes to, depends on no more than is said, and that what comes out stems from where it says.
func FuzzDecode(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s), uint16(len(s)/2), byte('M'))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint16, other byte) {
		found := scan(data, 0, len(data))
		half := min(int(cut), len(data))
		if parts := append(scan(data, 0, half), scan(data, half, len(data))...); !slices.Equal(parts, found) {
			t.Fatalf("got %v in parts, %v in all", parts, found)
		}
		var each []place
		for at := range data {
			each = append(each, scan(data, at, at+1)...)
		}
		if !slices.Equal(each, found) {
			t.Fatalf("got %v byte by byte, %v in all", each, found)
		}
		for _, p := range found {
			text, lo, hi, err := decode.At(data, p.e, p.at, true)
			if lo > p.at || hi < p.at+p.e.Sign() {
				t.Fatalf("%v: it has looked at %d to %d only", p, lo, hi)
			}
			changed := bytes.Clone(data)
			for i := range changed {
				if i < lo || i >= hi {
					changed[i] = other
				}
			}
			if hi < len(data) && cut%2 == 0 {
				changed = changed[:hi]
			}
			again, lo2, hi2, err2 := decode.At(changed, p.e, p.at, true)
			if lo != lo2 || hi != hi2 || err != err2 || !reflect.DeepEqual(text, again) {
				t.Fatalf("%v, which has looked at %d to %d: got %v %v, and with the rest changed %v %v", p, lo, hi, text, err, again, err2)
			}
			if text == nil {
				continue
			}
			last := 0
			for i := range text.Data {
				start, end := text.Source(i, i+1)
				if start < last || end <= start || end > len(data) || end > hi {
					t.Fatalf("%v: byte %d stems from %d to %d, the one before it from %d", p, i, start, end, last)
				}
				last = start
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	data := []byte(strings.Repeat("func (w *walker) readAllOfTheEntries(ctx context.Context, name string) (list []entry, err error) {\n\treturn nil, nil // 100% of it\n}\n", 5000))
	b.SetBytes(int64(len(data)))
	for range b.N {
		decode.Scan(data, 0, len(data), func(decode.Encoding, int) {})
	}
}
