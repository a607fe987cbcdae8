package hook

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVariables(t *testing.T) {
	cases := []struct{ text, want string }{
		{"", ""},
		{"[core]\n\thooksPath = /a b/c  \n", "core.hookspath=/a b/c"},
		{"[CORE] HooksPath=x # y\n", "core.hookspath=x"},
		{"[core]\r\nhooksPath = \"x ; y\" ; z\r\n", "core.hookspath=x ; y"},
		{"# [core]\n; hooksPath = x\n[init]\ntemplateDir = ~/t\n", "init.templatedir=~/t"},
		{"[includeIf \"gitdir:~/a]b\\\"/\"]\npath = x\n", "includeif.path=x"},
		{"[include]path=x", "include.path=x"},
		{"[a.b]\nc\nd =\n", "a.c= a.d="},
		{"[a]\nb = x\\\n  y \\\\ \\\"z\\\"\n", "a.b=x  y \\ \"z\""},
		{"[a]\nb = x\\", "a.b=x\\"},
		{"[]\n[\n[ \"x\n=\nb", ".= .b="},
	}
	for _, c := range cases {
		var got []string
		for _, v := range variables(c.text) {
			got = append(got, v.name+"="+v.value)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: %q, want %q", c.text, s, c.want)
		}
	}
}

func TestReadUserSettings(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("system", "[init]\ntemplateDir = /system\n[core]\nhooksPath = /system\n")
	write("xdg/git/config", "[core]\nhooksPath = /xdg\n")
	write("home/.gitconfig", "[includeIf \"onbranch:x\"]\npath = more/config\n")
	write("home/more/config", "[core]\nhooksPath = ~/included\n")
	write("home/.config/git/config", "[core]\nhooksPath = /config\n")
	write("loop", "[include]\npath = loop\n")
	write("unreadable", strings.Repeat("#", maxConfig+1))
	at := func(name string) string { return filepath.Join(dir, name) }
	cases := []struct {
		env  map[string]string
		want string // core.hooksPath, its file and init.templateDir
	}{
		{map[string]string{"GIT_CONFIG_SYSTEM": at("system")}, "/system system /system"},
		{map[string]string{"GIT_CONFIG_SYSTEM": at("system"), "GIT_CONFIG_NOSYSTEM": "1"}, "  "},
		{map[string]string{"GIT_CONFIG_NOSYSTEM": "1", "XDG_CONFIG_HOME": at("xdg")}, "/xdg xdg/git/config "},
		{map[string]string{"GIT_CONFIG_NOSYSTEM": "1", "HOME": at("home"), "XDG_CONFIG_HOME": at("xdg")}, "~/included home/more/config "},
		{map[string]string{"GIT_CONFIG_NOSYSTEM": "1", "HOME": at("home"), "GIT_CONFIG_GLOBAL": at("xdg/git/config")}, "/xdg xdg/git/config "},
		{map[string]string{"GIT_CONFIG_NOSYSTEM": "1", "HOME": at("home"), "GIT_CONFIG_GLOBAL": os.DevNull}, "  "},
		{map[string]string{"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": at("loop")}, "error"},
		{map[string]string{"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": at("unreadable")}, "error"},
	}
	for _, c := range cases {
		s, err := ReadUserSettings(func(name string) string { return c.env[name] })
		file, _ := filepath.Rel(dir, s.HooksPathFile)
		got := fmt.Sprintf("%s %s %s", s.HooksPath, filepath.ToSlash(file), s.TemplateDir)
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("%v: %q, %v, want %q", c.env, got, err, c.want)
		}
	}
}

func FuzzVariables(f *testing.F) {
	f.Add("[core]\n\thooksPath = \"x\\\ty\" # z\n[includeIf \"a\\\"]b\"]path=x\\\ny\n")
	f.Fuzz(func(t *testing.T, text string) {
		size := 0
		for _, v := range variables(text) {
			size += len(v.value)
		}
		if size > len(text) {
			t.Fatalf("%d bytes of values in %d", size, len(text))
		}
	})
}
