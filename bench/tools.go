package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// keysieve is the name of the tool that all others are compared with.
const keysieve = "keysieve"

// targetArg stands for the target's path in an argument template, and packArg for its largest pack.
const (
	targetArg = "{}"
	packArg   = "{pack}"
)

// tool is a program to measure. Its commands start in an empty directory of their own, so that a relative name in the
// arguments is a file that nobody else sees.
type tool struct {
	name     string
	program  string            // looked up on PATH; several tools may share one
	display  string            // names the program in command lines that are shown; its path if ""
	args     map[mode][]string // argument templates; a mode without one is not supported
	version  []string          // arguments that print the version
	found    []int             // exit codes that mean findings; 0 always means a complete run
	report   string            // the file in which the run leaves its report, stdout if it is written there; "" if none
	findings counter           // how findings are counted in the report; nil if there are none
}

// stdout is the file that standard output goes to for a tool that reports there. A tool without a report writes to
// the null device.
const stdout = "stdout"

// tools is the table of everything that can be measured: Keysieve first, then the baselines, then the other scanners.
//
// Arguments ask every scanner for the same: read all files below the target except git's own, verify nothing, use no
// network, skip nothing for its size where that can be asked, write a machine-readable report. Where a scanner exits
// with 1 both for findings and for errors, it is told to use another code for findings.
func tools() []tool {
	return []tool{
		{
			name: keysieve, version: []string{"version"}, found: []int{1}, report: stdout, findings: countKeysieve,
			args: map[mode][]string{
				tree:    {"scan", "--format", "jsonl", "--no-gitignore", targetArg},
				file:    {"scan", "--format", "jsonl", targetArg},
				stdin:   {"scan", "--format", "jsonl", "-"},
				history: {"history", "--format", "jsonl", targetArg},
			},
		},
		{
			name: "cat", version: []string{"--version"},
			args: map[mode][]string{tree: {}, file: {targetArg}, stdin: {}},
		},
		{
			name: "git log", program: "git", version: []string{"--version"},
			args: map[mode][]string{history: {"-C", targetArg, "log", "-p", "-U0", "--all"}},
		},
		{
			name: "git index-pack", program: "git", version: []string{"--version"},
			args: map[mode][]string{history: {"index-pack", "-o", "pack.idx", packArg}},
		},
		leaks("gitleaks"),
		leaks("betterleaks"),
		{
			name: "trufflehog", version: []string{"--version"}, found: []int{183}, report: stdout, findings: countObjects("DetectorName"),
			args: map[mode][]string{
				tree:    {"filesystem", "--no-verification", "--no-update", "--fail", "--json", targetArg},
				file:    {"filesystem", "--no-verification", "--no-update", "--fail", "--json", targetArg},
				stdin:   {"stdin", "--no-verification", "--no-update", "--fail", "--json"},
				history: {"git", "--no-verification", "--no-update", "--fail", "--json", "file://" + targetArg},
			},
		},
		{
			name: "kingfisher", version: []string{"--version"}, found: []int{200, 205}, report: "report", findings: countObjects("finding"),
			args: map[mode][]string{
				tree:    append(kingfisherScan(), "--git-history", "none", targetArg),
				file:    append(kingfisherScan(), targetArg),
				stdin:   append(kingfisherScan(), "-"),
				history: append(kingfisherScan(), "--git-history", "full", targetArg),
			},
		},
		{
			name: "titus", version: []string{"version"}, report: stdout, findings: countElements,
			args: map[mode][]string{
				tree:    append(titusScan(), "--include-hidden", targetArg),
				file:    append(titusScan(), targetArg),
				history: append(titusScan(), "--git", targetArg),
			},
		},
		{
			name: "ripsecrets", version: []string{"--version"}, found: []int{1}, report: stdout, findings: countLines,
			args: map[mode][]string{tree: {targetArg}, file: {targetArg}},
		},
	}
}

// leaks returns the tool of gitleaks' command line, which betterleaks shares.
func leaks(name string) tool {
	common := []string{"--no-banner", "--redact", "--exit-code", "99", "--report-format", "json", "--report-path", "report"}
	with := func(args ...string) []string { return slices.Concat(args[:1], common, args[1:]) }
	return tool{
		name: name, version: []string{"version"}, found: []int{99}, report: "report", findings: countElements,
		args: map[mode][]string{
			tree: with("dir", targetArg), file: with("dir", targetArg), stdin: with("stdin"), history: with("git", targetArg),
		},
	}
}

func kingfisherScan() []string {
	return []string{"scan", "--no-validate", "--no-update-check", "--redact", "--max-file-size", "100000", "--format", "jsonl", "--output", "report"}
}

func titusScan() []string {
	return []string{"scan", "--max-file-size", "100000000000", "--format", "json", "--output", ":memory:"}
}

// findTools returns the tools to measure with the paths of their programs, and the names of those that are not on
// PATH. A non-empty only, comma-separated, restricts the tools beside Keysieve.
func findTools(keysievePath, only string) (installed []tool, missing []string, err error) {
	var wanted []string
	if only != "" {
		wanted = strings.Split(only, ",")
	}
	all := tools()
	for _, name := range wanted {
		if !slices.ContainsFunc(all, func(t tool) bool { return t.name == name }) {
			return nil, nil, fmt.Errorf("there is no tool %q", name)
		}
	}
	for _, t := range all {
		if t.program == "" {
			t.program = t.name
		}
		if t.name == keysieve {
			t.program = keysievePath
		} else if wanted != nil && !slices.Contains(wanted, t.name) {
			continue
		}
		path, err := exec.LookPath(t.program)
		if err == nil {
			t.program, err = filepath.Abs(path)
		}
		if err != nil {
			missing = append(missing, t.name)
			continue
		}
		installed = append(installed, t)
	}
	if len(installed) == 0 || installed[0].name != keysieve {
		return nil, nil, fmt.Errorf("%s cannot be run", keysievePath)
	}
	return installed, missing, nil
}

// expand fills an argument template.
func expand(template []string, t *target) []string {
	replace := strings.NewReplacer(targetArg, t.path, packArg, t.pack)
	args := make([]string, len(template))
	for i, a := range template {
		args[i] = replace.Replace(a)
	}
	return args
}
