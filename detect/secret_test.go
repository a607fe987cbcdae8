package detect_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"github.com/keysieve/keysieve/detect"
)

const clear = "xyzw0123456789abcdefghij"

// A secret shows at most the first 4 bytes of its text, so none of these may be printed.
var forbidden = []string{clear, clear[4:], clear[4:12], fmt.Sprintf("%x", clear), fmt.Sprintf("%X", clear), fmt.Sprint([]byte(clear)[4:])}

func TestSecretPrintsRedacted(t *testing.T) {
	s := detect.NewSecret([]byte(clear))
	type wrapper struct {
		Exported   detect.Secret
		unexported detect.Secret
	}
	values := map[string]any{
		"value": s, "pointer": &s, "slice": []detect.Secret{s}, "map": map[string]detect.Secret{"k": s},
		"any": []any{s, &s}, "struct": wrapper{s, s}, "struct pointer": &wrapper{s, s}, "finding": detect.Finding{Secret: s},
	}
	printed := map[string]string{}
	for name, v := range values {
		for verb := 'A'; verb <= 'z'; verb++ {
			for _, flags := range []string{"", "+", "#", "-40", "040", " ", ".3", "+#"} {
				printed[fmt.Sprintf("%s %%%s%c", name, flags, verb)] = fmt.Sprintf("%"+flags+string(verb), v)
			}
		}
		for format, encode := range encoders {
			text, _ := encode(v) // what cannot be encoded prints nothing
			printed[name+" as "+format] = text
		}
	}
	for how, text := range printed {
		for _, f := range forbidden {
			if strings.Contains(text, f) {
				t.Errorf("%s prints the secret: %q", how, text)
			}
		}
	}
	if printed["value as json"] != `"xyzw********"` {
		t.Errorf("JSON is %s", printed["value as json"])
	}
}

var encoders = map[string]func(any) (string, error){
	"json": func(v any) (string, error) { b, err := json.Marshal(v); return string(b), err },
	"xml":  func(v any) (string, error) { b, err := xml.Marshal(v); return string(b), err },
	"xml attribute": func(v any) (string, error) {
		s, ok := v.(detect.Secret)
		if !ok {
			return "", nil
		}
		b, err := xml.Marshal(struct {
			S detect.Secret `xml:",attr"`
		}{s})
		return string(b), err
	},
	"gob": func(v any) (string, error) {
		var b bytes.Buffer
		err := gob.NewEncoder(&b).Encode(v)
		return b.String(), err
	},
	"template": func(v any) (string, error) {
		var b strings.Builder
		err := template.Must(template.New("").Parse("{{.}} {{printf \"%q\" .}}")).Execute(&b, v)
		return b.String(), err
	},
	"slog text": func(v any) (string, error) {
		var b strings.Builder
		slog.New(slog.NewTextHandler(&b, nil)).Info("m", "k", v)
		return b.String(), nil
	},
	"slog json": func(v any) (string, error) {
		var b strings.Builder
		slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "k", v)
		return b.String(), nil
	},
	"error": func(v any) (string, error) { return fmt.Errorf("%w: %v", fmt.Errorf("%v", v), v).Error(), nil },
	"panic": func(v any) (text string, err error) {
		defer func() { text = fmt.Sprint(recover()) }()
		panic(v)
	},
}

func TestSecretIsRevealedOnRequest(t *testing.T) {
	s := detect.NewSecret([]byte(clear))
	if string(s.Reveal()) != clear || s.Len() != len(clear) || !s.Equal(detect.NewSecret([]byte(clear))) || s.Equal(detect.Secret{}) {
		t.Fatalf("reveals %q of length %d", s.Reveal(), s.Len())
	}
	for text, want := range map[string]string{"": "********", "hunter2": "********", "a\x1bcd0123456789abcdefgh": "********", clear: "xyzw********"} {
		if got := detect.NewSecret([]byte(text)).String(); got != want {
			t.Errorf("%q is redacted as %q, want %q", text, got, want)
		}
	}
}
