package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keysieve/keysieve/rules/rulestest"
)

var update = flag.Bool("update", false, "write what the scripts' cmp commands see into the scripts")

// TestMain lets this binary stand for the program, in scripts and wherever it is called "keysieve".
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"keysieve": main})
}

// TestScripts runs testdata/script. Beside testscript's own commands, the scripts have:
//
//	exits CODE PROGRAM ARG…        run the program, which must exit with that code
//	expand FILE…                   expand templates (see package rulestest) in the files and remember what they gave
//	discloses FILE…                fail unless a file holds a secret that expand made; with ! if one does
//	unescape FILE…                 drop the files' final line end and interpret Go's backslash escapes in them
//	encode ENCODING FILE…          encode what stands between « and » in the files, the innermost first: base64, hex, percent (its first byte) or gzip
//	utf16 FILE le|be bom|nobom     convert a file from UTF-8
//	filler FILE N                  append N bytes of text in lines
//	untimed FROM TO                copy a text report without the time it took
//	places FROM TO                 write one line for each finding of a JSON report
//	jsonl FILE                     fail unless each line of the file is a JSON object
//
// and the conditions [root] and [full]: running as root, there is a /dev/full. FROM and FILE may be stdout or stderr.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			for _, v := range gitEnvironment {
				name, value, _ := strings.Cut(v, "=")
				env.Setenv(name, value)
			}
			env.Values[secretsKey{}] = &[]string{}
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     cmdExits,
			"expand":    cmdExpand,
			"discloses": cmdDiscloses,
			"unescape":  cmdUnescape,
			"encode":    cmdEncode,
			"utf16":     cmdUTF16,
			"filler":    cmdFiller,
			"untimed":   cmdUntimed,
			"places":    cmdPlaces,
			"jsonl":     cmdJSONL,
		},
	})
}

// gitEnvironment is what git needs to commit, and nothing of the machine's own configuration. It gives each script a
// HOME that does not exist.
var gitEnvironment = []string{
	"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_EDITOR=true",
	"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
	"GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.com", "GIT_COMMITTER_DATE=1700000000 +0000",
	"GIT_CONFIG_COUNT=4",
	"GIT_CONFIG_KEY_0=init.defaultBranch", "GIT_CONFIG_VALUE_0=main",
	"GIT_CONFIG_KEY_1=protocol.file.allow", "GIT_CONFIG_VALUE_1=always",
	"GIT_CONFIG_KEY_2=core.fsync", "GIT_CONFIG_VALUE_2=none",
	"GIT_CONFIG_KEY_3=gc.auto", "GIT_CONFIG_VALUE_3=0",
}

// secretsKey is where a script's environment keeps the secrets that expand made.
type secretsKey struct{}

func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Geteuid() == 0, nil
	case "full":
		_, err := os.Stat("/dev/full")
		return err == nil, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// need ends the script if a command was not given n arguments, or at least -n.
func need(ts *testscript.TestScript, neg bool, args []string, n int) {
	if neg || n >= 0 && len(args) != n || len(args) < -n {
		ts.Fatalf("the command is not used as TestScripts describes it")
	}
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, -2)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func cmdExpand(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, -1)
	secrets := ts.Value(secretsKey{}).(*[]string)
	for _, name := range args {
		example, err := rulestest.Expand(ts.ReadFile(name), name)
		ts.Check(err)
		*secrets = append(*secrets, example.Parts...)
		rewrite(ts, name, example.Text)
	}
}

// discernible is the length in bytes of the shortest text that cannot stand in a report by chance.
const discernible = 12

func cmdDiscloses(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, false, args, -1)
	for _, name := range args {
		told := disclosed(ts.ReadFile(name), *ts.Value(secretsKey{}).(*[]string))
		switch {
		case told != "" && neg:
			ts.Fatalf("%s discloses %q", name, told)
		case told == "" && !neg:
			ts.Fatalf("%s discloses nothing", name)
		}
	}
}

// disclosed returns a line of one of the secrets that stands in the text, "" if none does.
func disclosed(text string, secrets []string) string {
	for _, secret := range secrets {
		for line := range strings.Lines(secret) {
			line = strings.TrimSpace(line)
			if len(line) >= discernible && !strings.HasPrefix(line, "-----") && strings.Contains(text, line) {
				return line
			}
		}
	}
	return ""
}

func cmdUnescape(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, -1)
	for _, name := range args {
		line := strings.ReplaceAll(strings.TrimSuffix(ts.ReadFile(name), "\n"), "\n", `\n`)
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(line, `"`, `\"`) + `"`)
		ts.Check(err)
		rewrite(ts, name, text)
	}
}

// encoders are by the name that scripts use.
var encoders = map[string]func(text string) string{
	"base64": func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) },
	"hex":    func(text string) string { return hex.EncodeToString([]byte(text)) },
	"percent": func(text string) string {
		return "%" + strings.ToUpper(hex.EncodeToString([]byte(text[:1]))) + text[1:]
	},
	"gzip": func(text string) string {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = io.WriteString(w, text)
		_ = w.Close()
		return base64.StdEncoding.EncodeToString(packed.Bytes())
	},
}

// marked is text to be encoded.
var marked = regexp.MustCompile(`«([^«»]*)»`)

func cmdEncode(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, -2)
	encode := encoders[args[0]]
	if encode == nil {
		ts.Fatalf("%s is no encoding", args[0])
	}
	secrets := ts.Value(secretsKey{}).(*[]string)
	for _, name := range args[1:] {
		text := ts.ReadFile(name)
		for marked.MatchString(text) {
			text = marked.ReplaceAllStringFunc(text, func(s string) string {
				encoded := encode(marked.FindStringSubmatch(s)[1])
				*secrets = append(*secrets, encoded)
				return encoded
			})
		}
		rewrite(ts, name, text)
	}
}

func cmdUTF16(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3)
	order := map[string]binary.AppendByteOrder{"le": binary.LittleEndian, "be": binary.BigEndian}[args[1]]
	if order == nil {
		ts.Fatalf("the byte order is le or be")
	}
	rewrite(ts, args[0], encodeUTF16(ts.ReadFile(args[0]), order, args[2] == "bom"))
}

func encodeUTF16(text string, order binary.AppendByteOrder, bom bool) string {
	var out []byte
	if bom {
		out = order.AppendUint16(out, 0xFEFF)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func cmdFiller(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	ts.Check(err)
	_, err = io.WriteString(f, filler(n))
	ts.Check(err)
	ts.Check(f.Close())
}

// filler returns n bytes of text in lines, in which nothing looks like a secret.
func filler(n int) string {
	const line = "the quick brown fox jumps over the lazy dog, and over the hedge\n"
	return strings.Repeat(line, n/len(line)+1)[:n]
}

func cmdUntimed(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2)
	rewrite(ts, args[1], untimed(ts.ReadFile(args[0])))
}

// untimed returns a text report without the time it took.
func untimed(report string) string {
	return regexp.MustCompile(`(Scanned .*) in [0-9.]+ m?s\b`).ReplaceAllString(report, "$1 in NO TIME")
}

// A jsonReport is what the tests read of a report in JSON.
type jsonReport struct {
	Findings []jsonFinding `json:"findings"`
	Summary  struct {
		Findings   struct{ Total int }
		Incomplete bool
		Reasons    []string
	} `json:"summary"`
}

type jsonFinding struct {
	RuleID      string `json:"rule_id"`
	Path        string
	StartLine   int `json:"start_line"`
	StartColumn int `json:"start_column"`
	EndLine     int `json:"end_line"`
	EndColumn   int `json:"end_column"`
	Secret      string
	Confidence  string
	Evidence    []string
}

func parseReport(text string) (jsonReport, error) {
	var r jsonReport
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, err
	}
	if r.Findings == nil || r.Summary.Findings.Total != len(r.Findings) {
		return r, fmt.Errorf("%d findings are listed, %d counted", len(r.Findings), r.Summary.Findings.Total)
	}
	return r, nil
}

func cmdPlaces(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2)
	r, err := parseReport(ts.ReadFile(args[0]))
	ts.Check(err)
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s:%d:%d to %d:%d %s\n", f.Path, f.StartLine, f.StartColumn, f.EndLine, f.EndColumn, f.RuleID)
	}
	rewrite(ts, args[1], b.String())
}

func cmdJSONL(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1)
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			ts.Fatalf("%q: %v", line, err)
		}
	}
}

func rewrite(ts *testscript.TestScript, name, text string) {
	ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o666))
}
