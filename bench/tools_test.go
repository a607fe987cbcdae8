package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestToolsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for i, tool := range tools() {
		switch {
		case seen[tool.name]:
			t.Errorf("%s is there twice", tool.name)
		case (tool.name == keysieve) != (i == 0):
			t.Errorf("%s is at place %d", tool.name, i)
		case len(tool.version) == 0 || len(tool.args) == 0:
			t.Errorf("%s has no version or no commands", tool.name)
		case (tool.findings == nil) != (tool.report == ""):
			t.Errorf("%s has a report that is not counted, or counts none", tool.name)
		case slices.Contains(tool.found, 0):
			t.Errorf("%s: exit code 0 always means clean", tool.name)
		}
		seen[tool.name] = true
	}
}

// TestCommands holds what is run for every tool and mode; it is what a reader would type.
func TestCommands(t *testing.T) {
	const leaks = " --no-banner --redact --exit-code 99 --report-format json --report-path report"
	const hog = " --no-verification --no-update --fail --json"
	const fisher = "kingfisher scan --no-validate --no-update-check --redact --max-file-size 100000 --format jsonl --output report"
	const titus = "titus scan --max-file-size 100000000000 --format json --output :memory:"
	want := map[string]map[mode]string{
		"keysieve": {
			tree: "keysieve scan --format jsonl --no-gitignore /t > stdout", file: "keysieve scan --format jsonl /t > stdout",
			stdin: "keysieve scan --format jsonl - < /t > stdout", history: "keysieve history --format jsonl /t > stdout",
		},
		"cat": {
			tree: "cd /t && find . -name .git -prune -o -type f -print0 | xargs -0 cat > /dev/null", file: "cat /t > /dev/null",
			stdin: "cat < /t > /dev/null",
		},
		"git log":        {history: "git -C /t log -p -U0 --all > /dev/null"},
		"git index-pack": {history: "git index-pack -o pack.idx /t/p.pack > /dev/null"},
		"gitleaks":       {tree: "gitleaks dir" + leaks + " /t", file: "gitleaks dir" + leaks + " /t", stdin: "gitleaks stdin" + leaks + " < /t", history: "gitleaks git" + leaks + " /t"},
		"betterleaks":    {tree: "betterleaks dir" + leaks + " /t", file: "betterleaks dir" + leaks + " /t", stdin: "betterleaks stdin" + leaks + " < /t", history: "betterleaks git" + leaks + " /t"},
		"trufflehog": {
			tree: "trufflehog filesystem" + hog + " /t > stdout", file: "trufflehog filesystem" + hog + " /t > stdout",
			stdin: "trufflehog stdin" + hog + " < /t > stdout", history: "trufflehog git" + hog + " file:///t > stdout",
		},
		"kingfisher": {tree: fisher + " --git-history none /t", file: fisher + " /t", stdin: fisher + " - < /t", history: fisher + " --git-history full /t"},
		"titus":      {tree: titus + " --include-hidden /t > stdout", file: titus + " /t > stdout", history: titus + " --git /t > stdout"},
		"ripsecrets": {tree: "ripsecrets /t > stdout", file: "ripsecrets /t > stdout"},
	}
	on := &target{path: "/t", pack: "/t/p.pack"}
	for _, tool := range tools() {
		if tool.program == "" {
			tool.program = tool.name
		}
		for _, m := range []mode{tree, file, stdin, history} {
			got := ""
			if c := newContender(tool, on, m, listing{names: []string{"./a"}}); c != nil {
				got = strings.ReplaceAll(c.shown, os.DevNull, "/dev/null")
			}
			if got != want[tool.name][m] {
				t.Errorf("%s %s: %s\nwant %s", tool.name, m, got, want[tool.name][m])
			}
		}
		if one, asFile := newContender(tool, on, one, listing{}), newContender(tool, on, file, listing{}); (one == nil) != (asFile == nil) || one != nil && one.shown != asFile.shown {
			t.Errorf("%s: the mode one differs from file", tool.name)
		}
	}
	for _, tool := range tools() {
		if tool.name == "git index-pack" && newContender(tool, &target{path: "/t"}, history, listing{}) != nil {
			t.Error("index-pack has something to do where there is no pack")
		}
	}
}

func TestCounters(t *testing.T) {
	summary := `{"schema_version":"1","summary":{"findings":{"total":3},"coverage":[{"name":"scanned","unit":"files","value":5},{"name":"scanned","unit":"bytes","value":99},{"name":"skipped","unit":"files","value":1}]}}`
	for _, c := range []struct {
		name   string
		count  counter
		report string
		want   counted
		fails  bool
	}{
		{"lines", countLines, "a\nb\n", counted{findings: 2}, false},
		{"no lines", countLines, "", counted{}, false},
		{"objects", countObjects("finding"), `{"finding":1}` + "\n" + `{"audit":1}` + "\n" + `{"finding":null}`, counted{findings: 2}, false},
		{"no objects", countObjects("finding"), "", counted{}, false},
		{"broken objects", countObjects("finding"), `{"finding":`, counted{}, true},
		{"array", countElements, `[{"a":[1,2]},{"b":2}]`, counted{findings: 2}, false},
		{"empty array", countElements, "[]\n", counted{}, false},
		{"null", countElements, "null\n", counted{}, false},
		{"no array", countElements, "{}", counted{}, true},
		{"cut array", countElements, `[{"a":1},`, counted{findings: 1}, true},
		{"summary", countKeysieve, `{"rule":"a"}` + "\n" + summary + "\n", counted{3, 5, 99}, false},
		{"no summary", countKeysieve, `{"rule":"a"}` + "\n", counted{}, true},
		{"empty", countKeysieve, "", counted{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.count(strings.NewReader(c.report))
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"work/a": "12", "work/-b": "345", "work/sub/.c": "6", "work/.git/objects/pack/one.pack": "1234", "work/.git/objects/pack/two.pack": "12",
		"work/sub/.git": "gitdir: elsewhere", "bare/HEAD": "x", "bare/objects/pack/three.pack": "123", "bare/refs/x": "x", "plain/objects/x": "1",
	})
	for _, c := range []struct {
		path  string
		mode  mode // asked for
		modes string
		names string
		bytes int64
		pack  string
	}{
		{"work", "", "tree", "./-b ./a ./sub/.c", 6, "work/.git/objects/pack/one.pack"},
		{"work", history, "history", "work/.git/objects/pack/one.pack work/.git/objects/pack/two.pack", 6, "work/.git/objects/pack/one.pack"},
		{"bare", "", "history", "bare/objects/pack/three.pack", 3, "bare/objects/pack/three.pack"},
		{"plain", "", "tree", "./objects/x", 1, ""},
		{"work/a", "", "file stdin", "work/a", 2, ""},
		{"work/a", one, "one", "work/a", 2, ""},
	} {
		on, err := openTarget(filepath.Join(dir, c.path))
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		var modes []string
		for _, m := range on.modes(c.mode) {
			modes = append(modes, m.String())
		}
		l, err := on.list(on.modes(c.mode)[0])
		names := strings.ReplaceAll(strings.Join(l.names, " "), dir+"/", "")
		pack := strings.TrimPrefix(on.pack, dir+"/")
		if err != nil || strings.Join(modes, " ") != c.modes || names != c.names || l.bytes != c.bytes || pack != c.pack {
			t.Errorf("%s: %s, %s, %d bytes, %s, %v", c.path, modes, names, l.bytes, pack, err)
		}
	}
}

func TestBatches(t *testing.T) {
	for _, c := range []struct {
		names string
		limit int
		want  string
	}{
		{"", 10, ""},
		{"a b c", 10, "a b c"},
		{"a b c", 4, "a b|c"},
		{"longer than", 3, "longer|than"},
		{"a longer b c", 4, "a|longer|b c"},
	} {
		var got []string
		for _, b := range batches(strings.Fields(c.names), c.limit) {
			got = append(got, strings.Join(b, " "))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%q in %d: %s, want %s", c.names, c.limit, s, c.want)
		}
	}
}

func TestShellWords(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"cat", "--a=b", "/x/y.z"}, "cat --a=b /x/y.z"},
		{[]string{"a b", "", "it's", "$HOME", "{}"}, `'a b' '' 'it'\''s' '$HOME' '{}'`},
	} {
		if got := shellWords(c.words); got != c.want {
			t.Errorf("%q: %s, want %s", c.words, got, c.want)
		}
	}
}
