package hook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// UserSettings are what matters here of the user's and the system's git configuration.
type UserSettings struct {
	HooksPath     string // core.hooksPath as written, "" if it is not set
	HooksPathFile string // the file that sets it
	TemplateDir   string // init.templateDir as written, "" if it is not set
}

// ReadUserSettings reads the configuration files that git reads before the repository's own, for the environment that
// getenv looks up, see git-config(1), "FILES": the system's file at its usual place, $XDG_CONFIG_HOME/git/config and
// ~/.gitconfig. A file that one of them includes is read where it stands; one that is included on a condition, always: that
// it may apply is enough for not installing hooks where git may not look for them.
func ReadUserSettings(getenv func(string) string) (UserSettings, error) {
	var files []string
	if off := getenv("GIT_CONFIG_NOSYSTEM"); off == "" || off == "0" || off == "false" {
		system := getenv("GIT_CONFIG_SYSTEM")
		if system == "" {
			system = "/etc/gitconfig"
		}
		files = append(files, system)
	}
	if global := getenv("GIT_CONFIG_GLOBAL"); global != "" {
		files = append(files, global)
	} else {
		if config := ConfigHome(getenv); config != "" {
			files = append(files, filepath.Join(config, "git", "config"))
		}
		files = append(files, ExpandHome("~/.gitconfig", getenv))
	}
	r := userReader{getenv: getenv}
	for _, file := range files {
		if err := r.read(file, 0); err != nil {
			return r.settings, err
		}
	}
	return r.settings, nil
}

// ConfigHome returns the directory of the user's configuration, "" if there is no home directory.
func ConfigHome(getenv func(string) string) string {
	if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
		return dir
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".config")
	}
	return ""
}

// ExpandHome returns a path with "~/" at its beginning replaced by the home directory, if there is one.
func ExpandHome(path string, getenv func(string) string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && getenv("HOME") != "" {
		return filepath.Join(getenv("HOME"), rest)
	}
	return path
}

// Limits on what is read, which no configuration in use comes near to.
const (
	maxIncludes = 10
	maxConfig   = 4 << 20
)

type userReader struct {
	getenv   func(string) string
	settings UserSettings
}

// read takes in one file. One that does not exist is empty.
func (r *userReader) read(path string, depth int) error {
	if depth > maxIncludes {
		return fmt.Errorf("%s: included too deeply", path)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil // GIT_CONFIG_GLOBAL is often /dev/null
	}
	if err == nil && info.Size() > maxConfig {
		err = fmt.Errorf("%s: too large for a configuration", path)
	}
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, v := range variables(string(data)) {
		switch v.name {
		case "core.hookspath":
			r.settings.HooksPath, r.settings.HooksPathFile = v.value, path
		case "init.templatedir":
			r.settings.TemplateDir = v.value
		case "include.path", "includeif.path":
			file := ExpandHome(v.value, r.getenv)
			if !filepath.IsAbs(file) {
				file = filepath.Join(filepath.Dir(path), file)
			}
			if err := r.read(file, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// variable is a variable of a configuration file.
type variable struct {
	name  string // section and key in lower case; a sub-section is left out
	value string
}

// variables reads the text of a configuration file, see git-config(1), "Syntax". What is no syntax is passed over: git
// will complain about it.
func variables(text string) (list []variable) {
	section := ""
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "["); ok {
			end := sectionEnd(rest)
			section = strings.ToLower(rest[:end])
			if i := strings.IndexAny(section, " .\t\""); i >= 0 {
				section = section[:i]
			}
			line = strings.TrimSpace(strings.TrimPrefix(rest[end:], "]"))
		}
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, raw, _ := strings.Cut(line, "=")
		for strings.HasSuffix(raw, `\`) && text != "" { // goes on in the next line
			var more string
			more, text, _ = strings.Cut(text, "\n")
			raw = strings.TrimSuffix(raw, `\`) + strings.TrimSuffix(more, "\r")
		}
		list = append(list, variable{section + "." + strings.ToLower(strings.TrimSpace(key)), unquote(raw)})
	}
	return list
}

// sectionEnd returns where the ] is that ends a section's name, or else the end.
func sectionEnd(text string) int {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ']' && !quoted:
			return i
		}
	}
	return len(text)
}

// unquote returns a value without quotes, escapes, comment and the space around it.
func unquote(raw string) string {
	var value strings.Builder
	quoted, end := false, 0 // end: of what is surely part of it
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '"':
			quoted = !quoted
			end = value.Len()
			continue
		case !quoted && (c == '#' || c == ';'):
			return value.String()[:end]
		case !quoted && (c == ' ' || c == '\t' || c == '\r'):
			if value.Len() > 0 {
				value.WriteByte(c)
			}
			continue
		case c == '\\' && i+1 < len(raw):
			i++
			c = raw[i]
			if k := strings.IndexByte("ntb", c); k >= 0 {
				c = "\n\t\b"[k]
			}
		}
		value.WriteByte(c)
		end = value.Len()
	}
	return value.String()[:end]
}
