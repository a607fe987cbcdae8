package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/report"
)

// trailer is what a report for people ends with: what was left out of it, and what to do.
type trailer struct {
	listed   bool     // collect what is suppressed
	left     []string // a line for each suppressed finding
	ways     *ways    // nil when the report does not say what to do
	comments []string // that would silence what was found, each once
	some     bool     // there are findings
}

// ways are what somebody can do about findings besides taking the secret out.
type ways struct {
	where  string // what is scanned, if taking the secret out of it needs to be explained
	bypass string // how to go on without the check
}

// commentsShown is how many comments to paste are shown.
const commentsShown = 3

func (t *trailer) suppressed(f detect.Finding) {
	if t.listed {
		t.left = append(t.left, fmt.Sprintf("suppressed: %s (%s)  %s", placeOf(f), f.RuleID, f.Suppressed))
	}
}

func (t *trailer) found(f detect.Finding) {
	t.some = true
	if c := pasteable(f); t.ways != nil && len(t.comments) < commentsShown && !slices.Contains(t.comments, c) {
		t.comments = append(t.comments, c)
	}
}

// String returns the text, "" if there is nothing to say.
func (t *trailer) String() string {
	var b strings.Builder
	for _, line := range t.left {
		b.WriteString(report.Sanitize(line) + "\n")
	}
	if !t.some || t.ways == nil {
		return b.String()
	}
	b.WriteString("\nWhat to do:\n")
	b.WriteString("  - Move the secret out: into the environment, a vault, or a file that git ignores.\n")
	if t.ways.where != "" {
		fmt.Fprintf(&b, "  - %s\n", t.ways.where)
	}
	b.WriteString("  - If it was ever pushed, revoke it: taking it out does not take it back.\n")
	b.WriteString("  - If it is not a secret, say so on its line:\n")
	for _, c := range t.comments {
		b.WriteString("      " + report.Sanitize(c) + "\n")
	}
	if t.ways.bypass != "" {
		fmt.Fprintf(&b, "  - To go on without the check this time: %s\n", t.ways.bypass)
	}
	return b.String()
}

// placeOf says where a finding stands.
func placeOf(f detect.Finding) string {
	place := fmt.Sprintf("%s:%d:%d", report.QuotePath(f.Origin.Path), f.Start.Line, f.Start.Column)
	if c := f.Origin.Commit; c != nil {
		place += " in " + c.ID[:min(12, len(c.ID))]
	}
	return place
}

// pasteable returns the comment that silences a finding, in the syntax of its file.
func pasteable(f detect.Finding) string {
	text := "keysieve:allow " + f.RuleID + " REASON"
	if f.Origin.Kind != detect.KindContent {
		return text
	}
	begin, end := commentSyntax(f.Origin.Path)
	return begin + text + end
}

// commentSyntax returns how a comment begins and ends in a file with this name. Where there are no comments, as in JSON,
// both are empty: the words count wherever they stand on the line.
func commentSyntax(name string) (begin, end string) {
	base := path.Base(name)
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(base), "."))
	switch ext {
	case "c", "cc", "cpp", "cs", "cxx", "dart", "fs", "go", "gradle", "groovy", "h", "hpp", "java", "js", "json5", "jsonc", "jsx",
		"kt", "kts", "less", "m", "mjs", "mm", "php", "proto", "rs", "sass", "scala", "scss", "sol", "swift", "ts", "tsx", "zig":
		return "// ", ""
	case "css":
		return "/* ", " */"
	case "adb", "ads", "elm", "hs", "lua", "sql":
		return "-- ", ""
	case "csproj", "config", "htm", "html", "markdown", "md", "plist", "props", "svg", "vue", "xhtml", "xml", "xsd":
		return "<!-- ", " -->"
	case "asm", "clj", "el", "ini", "lisp", "reg", "scm":
		return "; ", ""
	case "erl", "tex":
		return "% ", ""
	case "bas", "vb", "vbs":
		return "' ", ""
	case "bat", "cmd":
		return ":: ", ""
	case "csv", "ipynb", "json", "jsonl", "map", "ndjson", "rst", "tsv", "txt":
		return "", ""
	}
	return "# ", ""
}
