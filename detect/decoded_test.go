package detect_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/decode"
	"github.com/keysieve/keysieve/detect"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func packed(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// said is a text of tests with something to find.
const said = "the token is tok_abcdefgh, they say"

func TestFindDecoded(t *testing.T) {
	at := func(end string) string { return "tok 1:" + end + " high tok_abcdefgh" }
	for _, c := range []struct {
		name     string
		fragment detect.Fragment
		depth    int
		want     string
	}{
		{"base64", detect.Fragment{Data: []byte("x: " + b64(said) + "\n")}, 0, at("20-1:40") + " from base64"},
		{"hex", detect.Fragment{Data: []byte(hex.EncodeToString([]byte(said)))}, 0, at("27-1:51") + " from hex"},
		{"escapes", detect.Fragment{Data: []byte(`see "tok\u005fabcdefgh"`)}, 0, at("6-1:23") + " from escapes"},
		{"packed", detect.Fragment{Data: []byte(b64(packed(said)))}, 0, at("1-1:77") + " from base64 of gzip"},
		{"twice", detect.Fragment{Data: []byte(b64("again: " + b64(said)))}, 0, at("29-1:61") + " from base64, base64"},
		{"three times", detect.Fragment{Data: []byte(b64("and: " + b64("again: "+b64(said))))}, 0, at("45-1:89") + " from base64, base64, base64"},
		{"four times", detect.Fragment{Data: []byte(b64("even " + b64("and: "+b64("again: "+b64(said)))))}, 0, ""},
		{"three times, two allowed", detect.Fragment{Data: []byte(b64("and: " + b64("again: "+b64(said))))}, 2, ""},
		{"not at all", detect.Fragment{Data: []byte(b64(said))}, -1, ""},
		{"in clear beside an escape", detect.Fragment{Data: []byte(`see "tok_abcdefgh \u005f"`)}, 0, at("6-1:18")},
		{"in clear, and encoded", detect.Fragment{Data: []byte("tok_abcdefgh " + b64(said))}, 0, at("1-1:13") + "; " + at("30-1:50") + " from base64"},
		{"before what is generic", detect.Fragment{Data: []byte("secret: " + b64(said))}, 0, at("25-1:45") + " from base64"},
		{"behind an escape", detect.Fragment{Data: []byte(`"a\x3dtok_abcdefgh"`)}, 0, at("7-1:19") + " from escapes"},
		{"encoded behind an escape", detect.Fragment{Data: []byte("x=%22" + b64(said))}, 0, at("22-1:42") + " from percent-encoding, base64"},
		{"several packed", detect.Fragment{Data: []byte(b64(packed(said + ", or tok_12345678")))}, 0, at("1-1:97") + " from base64 of gzip; tok 1:1-1:97 high tok_12345678 from base64 of gzip"},
		{"side by side", detect.Fragment{Data: []byte(b64("xx tok_abcdefgh:tok_12345678 and"))}, 0, at("5-1:21") + " from base64; tok 1:21-1:41 high tok_12345678 from base64"},
		{"in one group", detect.Fragment{Data: []byte(b64("xxx tok_abcdefgh:tok_12345678 and"))}, 0, at("5-1:25") + " from base64; tok 1:21-1:41 high tok_12345678 from base64"},
		{"disproved in what is generic", detect.Fragment{Data: []byte("secret: " + b64("the token is tok_abcdefg0, they say"))}, 0, "generic 1:9-1:49 medium " + b64("the token is tok_abcdefg0, they say")[:40]},
		{"allowed in what is generic", detect.Fragment{Data: []byte("secret: " + b64("the token is tok_8example, they say"))}, 0, "generic 1:9-1:49 medium " + b64("the token is tok_8example, they say")[:40]},
		{"mended further ahead", detect.Fragment{Data: []byte(strings.Join(lines(b64(filler(100)+said), 64), "\n")), Added: []detect.LineRange{{First: 1, Last: 1}}}, 0, "tok 3:21-3:41 high tok_abcdefgh from base64"},
		{"behind the change", detect.Fragment{Data: []byte(strings.Join(lines(b64(said+filler(100)), 64), "\n")), Added: []detect.LineRange{{First: 2, Last: 3}}}, 0, ""},
		{"cut", detect.Fragment{Data: []byte(b64("lorem " + said)[5:]), Base: detect.Position{Offset: 5, Line: 1, Column: 6}}, 0, "tok 1:25-1:45 high tok_abcdefgh from base64"},
		{"allowed there", detect.Fragment{Data: []byte(b64("the token is tok_8example, they say"))}, 0, ""},
		{"allowed path", detect.Fragment{Data: []byte(b64(said)), Origin: detect.Origin{Path: "a_test.go"}}, 0, ""},
		{"a name", detect.Fragment{Data: []byte(b64(said)), Origin: detect.Origin{Kind: detect.KindName}}, 0, ""},
		{"owned", detect.Fragment{Data: []byte(b64(said)), Own: &detect.Range{Start: 16, End: 17}}, 0, at("17-1:37") + " from base64"},
		{"not owned", detect.Fragment{Data: []byte(b64(said)), Own: &detect.Range{Start: 17, End: 99}}, 0, ""},
		{"added", detect.Fragment{Data: []byte("\n" + b64(said)), Added: []detect.LineRange{{First: 2, Last: 2}}}, 0, "tok 2:17-2:37 high tok_abcdefgh from base64"},
		{"not added", detect.Fragment{Data: []byte("\n" + b64(said)), Added: []detect.LineRange{{First: 1, Last: 1}}}, 0, ""},
		{"known in clear", detect.Fragment{Data: []byte(b64(said)), Before: [][]byte{[]byte("tok_abcdefgh")}}, 0, ""},
		{"known encoded", detect.Fragment{Data: []byte("tok_abcdefgh"), Before: [][]byte{[]byte(b64(said))}}, 0, ""},
		{"text only, in what is not", detect.Fragment{Data: []byte(b64("it is secret=abcdefgh, yes")), Binary: true}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDetector(t, testRules, detect.Options{DecodeDepth: c.depth})
			for _, f := range checkFind(t, d, c.fragment, c.want) {
				from, to := f.Start.Offset-c.fragment.Base.Offset, f.End.Offset-c.fragment.Base.Offset
				if text := string(c.fragment.Data[from:to]); strings.Contains(f.Context.Before+f.Context.After, text) || strings.Contains(f.Context.Before+f.Context.After, string(f.Secret.Reveal())) {
					t.Errorf("the context shows the secret: %q", f.Context)
				}
			}
		})
	}
}

// TestFindDecodedPair names the id that stands beside the secret there.
func TestFindDecodedPair(t *testing.T) {
	d := newDetector(t, []detect.Rule{{ID: "tok", Keywords: []string{"tok_"}, Pattern: `tok_[a-z]{8}`, Pairs: []detect.Pair{{Name: "id", Pattern: `id_[0-9]+`}}}}, detect.Options{})
	found, err := d.Find(detect.Fragment{Data: []byte("id_1\n" + b64("id_22 and tok_abcdefgh"))})
	if err != nil || len(found) != 1 || !slices.Contains(found[0].Evidence, "with the id id_22") {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestFindBesideDecoded says that the context of what is decoded does not show it.
func TestFindBesideDecoded(t *testing.T) {
	d := newDetector(t, []detect.Rule{{ID: "tok", Keywords: []string{"my tok_"}, Pattern: `my (tok_[a-z]{8})`}}, detect.Options{})
	found, err := d.Find(detect.Fragment{Data: []byte("the tok_abcdefgh is " + b64("here is my tok_abcdefgh"))})
	if err != nil || len(found) != 1 || found[0].Context.Before != "the ******** is aGVyZSBpcyBt" {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestSuppressDecoded shows the lines of all of the encoded text to Suppress, on some of which no comment can stand.
func TestSuppressDecoded(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{Suppress: func(f *detect.Finding, above, lines []byte) {
		if string(above) == "# above" && bytes.HasSuffix(lines, []byte("# behind")) {
			f.Suppressed = "said"
		}
	}})
	found, err := d.Find(detect.Fragment{Data: []byte("# above\n" + strings.Join(lines(b64(filler(100)+said+filler(100)), 64), "\n") + " # behind\n")})
	if err != nil || len(found) != 1 || found[0].Suppressed != "said" {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestFindPackedTwice says that what is packed in something packed is not looked at.
func TestFindPackedTwice(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	found, err := d.Find(detect.Fragment{Data: []byte(b64(packed("tok_abcdefgh again: " + b64(packed(said)))))})
	if len(found) != 1 || !errors.Is(err, decode.ErrPacked) {
		t.Errorf("%v, %v", found, err)
	}
}

// TestFindTooLarge says that what cannot be unpacked wholly makes a scan incomplete, and that all else is found.
func TestFindTooLarge(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	f := detect.Fragment{Data: []byte("tok_abcdefgh " + b64(packed("tok_12345678 "+strings.Repeat("a", 1<<20))))}
	found, err := d.Find(f)
	var input *detect.InputError
	if len(found) != 2 || !errors.As(err, &input) || !errors.Is(err, decode.ErrTooLarge) {
		t.Errorf("%v, %v", found, err)
	}
	trace, err := d.Trace(f)
	if !trace.Long || len(trace.Secrets()) != 2 || !errors.Is(err, decode.ErrTooLarge) {
		t.Errorf("%+v, %v", trace, err)
	}
}

func TestExplainDecoded(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	steps, err := d.Explain(detect.Fragment{Data: []byte(b64(said) + " " + b64("the token is tok_8example, they say"))})
	if err != nil || len(steps) != 2 || !steps[0].Reported || steps[0].DecodedFrom != "base64" || steps[1].Reported || !strings.HasPrefix(steps[1].Verdict, "allowed") {
		t.Errorf("%+v, %v", steps, err)
	}
}

// TestRetraceDecoded grows versions of a text that has much encoded text.
func TestRetraceDecoded(t *testing.T) {
	d := newDetector(t, testRules, detect.Options{})
	rng := rand.New(rand.NewPCG(7, 8))
	pieces := []string{
		said, "secret: 1a2b3c4d", b64(said), b64(b64(said)), hex.EncodeToString([]byte(said)), b64(packed(said)), `"tok\u005fabcdefgh"`, "tok%5fabcdefgh and %2b", "/", "\n", "\n  ", "=", // keysieve:allow generic-api-key made up
		filler(100), b64(strings.Repeat(said, 10)), strings.Join(lines(b64(strings.Repeat(said+" ", 20)), 64), "\n"), strings.Repeat("Pz8/", 40), "&#95;", strings.Repeat("%41", 50),
	}
	insertion := func() []byte {
		p := pieces[rng.IntN(len(pieces))]
		if from := rng.IntN(len(p)); rng.IntN(2) == 0 {
			return []byte(p[from:])
		}
		return []byte(p)
	}
	rounds := 3000
	if testing.Short() {
		rounds = 100
	}
	for range rounds / 10 {
		var text []byte
		for range rng.IntN(40) {
			text = append(text, insertion()...)
		}
		trace := traceWhole(t, d, detect.Fragment{Data: text})
		for range 10 {
			v := edit(rng, text, insertion)
			trace = retrace(t, d, trace, v, "")
			text = v.text
		}
	}
}

// lines cuts text into lines of n bytes.
func lines(text string, n int) (list []string) {
	for ; len(text) > n; text = text[n:] {
		list = append(list, text[:n])
	}
	return append(list, text)
}
