package config

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want Config
		err  string // a part of the error's text
	}{
		{"", Config{}, ""},
		{"# nothing\n", Config{}, ""},
		{"min_confidence = \"high\"\n", Config{MinConfidence: detect.ConfidenceHigh}, ""},
		{"[generic]\nmedium = 0.9\n", Config{Generic: Generic{Medium: 0.9}}, ""},
		{"[generic]\nlow = 0.1\nmedium = 0.5\nhigh = 0.99\n", Config{Generic: Generic{0.1, 0.5, 0.99}}, ""},
		{"min_confidence = \"huge\"\n", Config{}, "huge"},
		{"min_confidence = 3\n", Config{}, "min_confidence"},
		{"min-confidence = \"low\"\n", Config{}, "unknown keys: min-confidence ("},
		{"[generic]\nmid = 0.5\n[other]\nx = 1\n", Config{}, "unknown keys: generic.mid, other"},
		{"[generic]\nmedium = 1.0\n", Config{}, "generic.medium is 1: it must be between 0 and 1"},
		{"[generic]\nlow = -0.1\n", Config{}, "generic.low is -0.1"},
		{"[generic]\nhigh = nan\n", Config{}, "generic.high is NaN"},
		{"[generic]\nmedium = 0.8\nhigh = 0.7\n", Config{}, "generic.high is 0.7: it must not be below the one before it, 0.8"},
		{"[generic\n", Config{}, "toml: line"},
		{strings.Repeat("#", maxSize+1), Config{}, "larger than 1048576 bytes"},
	} {
		got, err := Parse(strings.NewReader(c.text))
		if err == nil && (c.err != "" || got != c.want) {
			t.Errorf("%.60q: got %+v, want %+v %s", c.text, got, c.want, c.err)
		}
		if err != nil && (c.err == "" || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%.60q: got error %q, want %q", c.text, err, c.err)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: %v", err)
	}
	name := filepath.Join(dir, "keysieve.toml")
	if _, err := Read(name); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(name, []byte("x = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(name); err == nil || !strings.HasPrefix(err.Error(), name+": unknown keys: x") {
		t.Errorf("an unknown key: %v", err)
	}
}

func TestLevels(t *testing.T) {
	l := Generic{Low: 0.5, High: 0.9}.Levels()
	if l.Low == 0 || math.Abs(l.Low) > 1e-9 || l.Medium != 0 || math.Abs(l.High-math.Log(9)) > 1e-9 {
		t.Errorf("%+v", l)
	}
}
