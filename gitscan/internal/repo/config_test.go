package repo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseConfig(t *testing.T) {
	cases := []struct {
		text string
		want string // name=value lines, or the line of the error
	}{
		{"", ""},
		{"\ufeff[a]\nb=c", "a.b=c"},
		{"[core]\n\tbare = true\r\n\trepositoryFormatVersion=1\n", "core.bare=true core.repositoryformatversion=1"},
		{"[a]b[c]d=e", "line 1"},
		{"[a] b = c\n[d \"E.f\"] g\n[H.I]j=\n", "a.b=c d.E.f.g=true h.i.j="},
		{"# x\n; [y]\n[a] # z\nb = c ; d\ne = \"f # g\" # h\n", "a.b=c a.e=f # g"},
		{"[a]\nb =   c  d  \t\n", "a.b=c  d"},
		{"[a]\nb = \"  c  \"  \n", "a.b=  c  "},
		{"[a]\nb = c\"d\"e\n", "a.b=cde"},
		{`[a]` + "\n" + `b = \"c\\d\te\n` + "\n", "a.b=\"c\\d\te\n"},
		{"[a]\nb = c\\\n d\ne = f", "a.b=c d a.e=f"},
		{"[a \"b\\\"c\\\\d\"]\ne=f", "a.b\"c\\d.e=f"},
		{"b = c", "line 1"},
		{"[a]\n\n1b = c", "line 3"},
		{"[a\n]", "line 2"},
		{"[]\nb=c", "line 1"},
		{"[a \"b\n\"]\n", "line 2"},
		{"[a]\nb = \"c\n", "line 3"},
		{"[a]\nb = \\x\n", "line 2"},
		{"[a]\nb c\n", "line 2"},
		{"[a]\nb = c\\", "line 2"},
	}
	for _, c := range cases {
		var list []string
		err := parseConfig(c.text, func(v variable) { list = append(list, v.name+"="+v.value) })
		got := strings.Join(list, " ")
		var syntax *configSyntaxError
		if errors.As(err, &syntax) {
			got, _, _ = strings.Cut(err.Error(), ":")
		}
		if got != c.want {
			t.Errorf("%q: %q (%v), want %q", c.text, got, err, c.want)
		}
	}
}

func TestConfigIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, make([]byte, maxConfig+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readConfig(path, func(variable) {}); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Error(err)
	}
}

func FuzzConfig(f *testing.F) {
	f.Add("[core]\n\tbare = true # x\n[remote \"o\\\"\"]\nurl = \"a b\"\\\n c\n")
	f.Fuzz(func(t *testing.T, text string) {
		size := 0
		_ = parseConfig(text, func(v variable) { size += len(v.value) })
		if size > 4*(len(text)+1) {
			t.Fatalf("%d bytes of values in %d", size, len(text))
		}
	})
}
