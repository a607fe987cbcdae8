package generic

import (
	"math/bits"
	"strings"
)

// kind is what a file's name says of its language.
type kind int16

const (
	kindOther kind = iota
	kindGo
	kindScript // Python, Ruby, PHP, Perl, JavaScript …: dynamic languages
	kindTyped  // Java, C#, C, Swift, Scala …
	kindShell
	kindConfig // ini, properties, env, toml, conf
	kindYAML
	kindJSON
	kindMarkup // XML, HTML
	kindText   // Markdown, plain text, logs
	kindSQL
	kindNone // no extension
	numKinds
)

var kindNames = [numKinds]string{"other", "Go", "script", "typed", "shell", "config", "YAML", "JSON", "markup", "text", "SQL", "none"}

// kindOf returns the kind of the file.
func kindOf(name string) kind {
	base := name[strings.LastIndexByte(name, '/')+1:]
	if dot := strings.LastIndexByte(base, '.'); dot >= 0 {
		if k := kindOfExtension(base[dot+1:]); k != kindOther {
			return k
		}
	}
	for _, s := range []string{".example", ".sample", ".dist", ".template", ".tmpl", ".j2", ".erb", ".tpl", ".bak", ".orig", ".in"} {
		base = strings.TrimSuffix(base, s)
	}
	dot := strings.LastIndexByte(base, '.')
	if dot < 0 {
		if base == "Dockerfile" || base == "Makefile" {
			return kindShell
		}
		return kindNone
	}
	return kindOfExtension(base[dot+1:])
}

func kindOfExtension(ext string) kind {
	switch strings.ToLower(ext) {
	case "go":
		return kindGo
	case "py", "rb", "php", "pl", "js", "ts", "jsx", "tsx", "mjs", "cjs", "lua", "ex", "exs", "r", "coffee", "vue", "groovy", "gradle", "jl", "clj", "tcl":
		return kindScript
	case "java", "cs", "c", "cc", "cpp", "h", "hpp", "m", "mm", "swift", "kt", "scala", "rs", "hs", "dart", "vb", "fs", "pas", "proto", "graphql":
		return kindTyped
	case "sh", "bash", "zsh", "bats", "ps1", "bat", "cmd", "fish", "ksh", "psm1", "dockerfile", "mk":
		return kindShell
	case "ini", "properties", "env", "toml", "conf", "cfg", "cnf", "config", "rsp", "tf", "tfvars", "hcl", "netrc", "pgpass", "npmrc", "pypirc", "travis", "service": // keysieve:allow generic-password a list of file names
		return kindConfig
	case "yml", "yaml":
		return kindYAML
	case "json", "tfstate", "ipynb", "json5", "jsonc", "avsc", "har":
		return kindJSON
	case "xml", "html", "htm", "xaml", "plist", "xib", "storyboard", "resx", "jsp", "csproj", "svg", "xhtml", "aspx", "cshtml":
		return kindMarkup
	case "md", "txt", "rst", "adoc", "asciidoc", "log", "markdown", "org", "tex", "text", "cast":
		return kindText
	case "sql":
		return kindSQL
	}
	return kindOther
}

// literal reports whether an unquoted value in the file is text and not an expression.
func (k kind) literal() bool {
	switch k {
	case kindConfig, kindYAML, kindShell, kindText, kindNone, kindOther:
		return true
	}
	return false
}

// fileClass is all that a path says.
type fileClass struct {
	kind kind
	says int16
}

// pathClass returns a number for what the path says: paths of equal numbers are treated alike.
func pathClass(name string) uint32 {
	return uint32(kindOf(name))<<8 | uint32(pathOf(name))
}

// pathTranslation is what pathOf returns for files of translations.
const pathTranslation = 1

// pathWords are what the folders of a path say of a file, in lower case; the first that is found counts.
var pathWords = []struct {
	says int16
	word string
}{
	{pathTranslation, "locale"}, {pathTranslation, "lang"}, {pathTranslation, "i18n"}, {pathTranslation, "l10n"}, {pathTranslation, "translation"},
	{2, "test"}, {2, "spec"}, {2, "fixture"}, {2, "mock"}, {2, "e2e"},
	{3, "example"}, {3, "sample"}, {3, "demo"}, {3, "tutorial"},
	{4, "doc"}, {4, "readme"},
	{5, "vendor"}, {5, "third_party"}, {5, "node_modules"},
}

// pathBegin has a bit for each of pathWords at its first letter, and pathThen at its second.
var pathBegin, pathThen = func() (first, second [256]uint32) {
	for i, p := range pathWords {
		first[p.word[0]] |= 1 << i
		second[p.word[1]] |= 1 << i
	}
	return first, second
}()

// pathOf returns what the path says: 1 translations, 2 tests, 3 examples, 4 documentation, 5 somebody else's, 0 nothing.
func pathOf(name string) (says int16) {
	for i := 1; i < len(name); i++ {
		for may := pathBegin[name[i-1]|0x20] & pathThen[name[i]|0x20]; may != 0; may &= may - 1 {
			p := &pathWords[bits.TrailingZeros32(may)]
			if (says == 0 || p.says < says) && len(name)-i+1 >= len(p.word) && strings.EqualFold(name[i-1:i-1+len(p.word)], p.word) {
				says = p.says
			}
		}
	}
	return says
}
