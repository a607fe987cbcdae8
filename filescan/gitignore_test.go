package filescan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// ignoreCases are lines of an ignore file and the paths it is asked about, with a slash at the end for a directory. Those
// before the bar are ignored, by the line and not because a directory above them is.
var ignoreCases = []struct{ text, paths string }{
	{"a", "a a/ d/a | ab b/ A"},
	{"a/", "a/ d/a/ | a d/a"},
	{"/a", "a a/ | d/a"},
	{"/a/", "a/ | a d/a/"},
	{"d/a", "d/a d/a/ | a e/d/a"},
	{"/d/a", "d/a | a e/d/a"},
	{"*.o", "x.o .o d/x.o x.o/ | x.oo o"},
	{"*", "a d/a .x | "},
	{"d/*", "d/a d/b/ | d/ a e/d/a"},
	{"/*", "a a/ | d/a"},
	{"*/a", "d/a | a d/e/a"},
	{"a*", "a ab d/ab | ba"},
	{"a*c", "ac abc abbc d/ac | a/c acd"},
	{"**", "a d/a | "},
	{"**/a", "a d/a d/e/a | ab"},
	{"**/d/a", "d/a e/d/a | a"},
	{"d/**", "d/a d/e/a | d/ d a"},
	{"d/**/a", "d/a d/e/a d/e/f/a | d/b/ e/d/a"},
	{"/**/a", "a d/a | "},
	{"**/a/**", "a/b a/b/c d/a/b | a a/ d/a/"},
	{"d**/a", "d/a de/a d/e/a | a"},
	{"d/e**a", "d/ea d/exa | d/e/a d/ex/a"},
	{"d/?**/a", "d/x/a d/xy/a | d/x/y/a"},
	{"d/**e", "d/e d/xe | d/x/e"},
	{"d/***/a", "d/a d/e/a | "},
	{"**a", "a ba d/ba | ab"},
	{"a**b", "ab axb d/axb | a/b a/x/b"},
	{"?", "a d/b | ab"},
	{"a?b", "axb | a/b ab"},
	{"d?a", "dxa | d/a"},
	{"[abc]", "a b d/c | d [abc]"},
	{"[a-c]x", "ax bx cx | dx -x"},
	{"[!a-c]x", "dx -x | ax cx"},
	{"[^a]x", "bx ^x | ax"},
	{"[a^]x", "ax ^x | bx"},
	{"[]]x", "]x | ax"},
	{"[!]]x", "ax | ]x"},
	{"[]-]x", "]x -x | ax"},
	{"[a-]x", "ax -x | bx"},
	{"[-a]x", "ax -x | bx"},
	{"[c-a]x", "cx | ax bx"},
	{`[\]]x`, "]x | ax"},
	{`[\-a]x`, "-x ax | bx"},
	{`[a\-c]x`, "ax -x cx | bx"},
	{`[a-\c]x`, "ax bx cx | dx"},
	{"[[:digit:]]x", "1x | ax"},
	{"[[:alpha:]_]x", "ax _x Zx | 1x"},
	{"[![:space:][:upper:]]x", "ax 1x | Ax"},
	{"[[:punct:]]x", "!x ~x -x | ax 1x"},
	{"[[:xdigit:]]x", "fx Fx 9x | gx"},
	{"[[:bad:]]x", " | bx ax [x"},
	{"[[:x]a", "[a :a xa | ba"},
	{"[[x]a", "[a xa | ba"},
	{"[a", " | a [a"},
	{"[a/b]c", "ac bc | a/c"},
	{"d[/]a", " | d/a"},
	{"d[!x]a", "dya | d/a dxa"},
	{"#a", " | a #a"},
	{`\#a`, "#a | a"},
	{`\!a`, "!a | a"},
	{`a\*`, "a* | ab a"},
	{`a\?`, "a? | ab"},
	{`\a`, `a | \a`},
	{`a\`, `| a a\`},
	{`a\\`, `a\ | a`},
	{"a ", "a | "},
	{"a\t", "| a"},
	{"a\r", "a |"},
	{"!", "| !"},
	{"/", "| a a/"},
	{"//", "| a a/"},
	{"a//", "| a a/"},
	{"\xEF\xBB\xBFa", "a |"},
	{"*.o\n!x.o", "y.o | x.o d/x.o"},
	{"!x.o\n*.o", "x.o y.o | "},
	{"a\n!a/", "a | a/"},
	{"*\n!*/\n!*.c", "a d/a | d/ a.c d/a.c"},
	{"/*\n!/d", "a e/ | d/"},
	{"é*", "éa | ea"},
	{"?a", "| éa"},
	{"??a", "éa |"},
	{"a*b*c*d", "abcd axbxcxd | abc abdc"},
	{"d/*/a/**/b", "d/x/a/b d/x/a/y/z/b | d/a/b d/x/y/a/b"},
	{"**/**/a", "a d/a d/e/a | b"},
	{`d/**\/a`, "d/e/a | d/a"},
	{"*a/b", "a/b xa/b | d/a/b"},
	{"d/*a", "d/a d/xa | d/x/a a"},
}

func TestIgnorePatterns(t *testing.T) {
	for _, tt := range ignoreCases {
		hit, miss, _ := strings.Cut(tt.paths, "|")
		list := &ignoreList{patterns: parseIgnore(tt.text)}
		for i, paths := range []string{hit, miss} {
			for p := range strings.FieldsSeq(paths) {
				path, isDir := strings.CutSuffix(p, "/")
				got := list.match(path, strings.LastIndexByte(path, '/')+1, isDir)
				if (got == ignored) != (i == 0) {
					t.Errorf("%q on %q: %v", tt.text, p, got)
				}
			}
		}
	}
}

func TestTrimSpaces(t *testing.T) {
	tests := []struct{ line, want string }{
		{"a", "a"}, {"a  ", "a"}, {"a b ", "a b"}, {`a\ `, `a\ `}, {`a\  `, `a\ `}, {`a\\ `, `a\\`}, {`a\`, `a\`}, {"  ", ""},
		{` a`, ` a`}, {"a \t", "a \t"},
	}
	for _, tt := range tests {
		if got := trimSpaces(tt.line); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.line, got, tt.want)
		}
	}
}

// Patterns that take backtracking matchers years.
func TestGlobIsLinear(t *testing.T) {
	start := time.Now()
	for _, pattern := range []string{strings.Repeat("*a", 100) + "b", strings.Repeat("**/a*/", 100) + "b", "x/" + strings.Repeat("**/", 200) + "b"} {
		p, err := compilePattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{strings.Repeat("a", 4000), "x/" + strings.Repeat("a/", 2000)} {
			if p.match(s) {
				t.Errorf("%q matches", pattern)
			}
		}
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %v", d)
	}
}

// git runs git without any configuration but the repository's own.
func git(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "XDG_CONFIG_HOME="+os.DevNull)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok && exit.ExitCode() == 1 && args[0] == "check-ignore" {
		err = nil
	}
	if err != nil {
		t.Fatalf("git %q: %v", args, err)
	}
	return string(out)
}

func newRepository(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	t.Chdir(t.TempDir())
	git(t, "", "init", "-q", "--template=")
	// Case matters to us wherever we are.
	git(t, "", "config", "core.ignorecase", "false")
	if err := os.Mkdir(".git/info", 0o777); err != nil {
		t.Fatal(err)
	}
}

// Every case of the table, judged by git.
func TestIgnoreCasesAgainstGit(t *testing.T) {
	newRepository(t)
	top, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for i, tt := range ignoreCases {
		for j, p := range strings.Fields(strings.ReplaceAll(tt.paths, "|", " ")) {
			// Paths of one case may exclude one another.
			dir := filepath.Join(top, fmt.Sprintf("%d.%d", i, j))
			if err := os.MkdirAll(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, ".gitignore"), tt.text)
			write(t, dir+string(filepath.Separator)+filepath.FromSlash(p), "")
		}
	}
	var query []string
	want := make(map[string]bool)
	for i, tt := range ignoreCases {
		hit, _, _ := strings.Cut(tt.paths, "|")
		for j, p := range strings.Fields(strings.ReplaceAll(tt.paths, "|", " ")) {
			path := fmt.Sprintf("%d.%d/%s", i, j, strings.TrimSuffix(p, "/"))
			query = append(query, path)
			want[path] = j < len(strings.Fields(hit))
		}
	}
	out := strings.Split(git(t, strings.Join(query, "\x00")+"\x00", "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"), "\x00")
	for ; len(out) >= 4; out = out[4:] {
		pattern, path := out[2], out[3]
		isIgnored := pattern != "" && pattern[0] != '!'
		if isIgnored && !want[path] && aboveIgnored(path) {
			continue
		}
		if isIgnored != want[path] {
			t.Errorf("git says %v (%q) of %s", isIgnored, pattern, path)
		}
	}
}

// aboveIgnored reports whether our matcher, which the table has tested, excludes a directory above the path, in which case git
// does not look at the path itself.
func aboveIgnored(path string) bool {
	top, below, _ := strings.Cut(path, "/")
	text, err := os.ReadFile(filepath.Join(top, ".gitignore"))
	if err != nil {
		return false
	}
	list := &ignoreList{patterns: parseIgnore(string(text))}
	for i, c := range below {
		if c == '/' && list.match(below[:i], strings.LastIndexByte(below[:i], '/')+1, true) == ignored {
			return true
		}
	}
	return false
}

// write makes a file, or a directory if the path ends in a slash.
func write(t *testing.T, path, content string) {
	t.Helper()
	dir, isDir := strings.CutSuffix(path, string(filepath.Separator))
	if !isDir {
		dir = filepath.Dir(path)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if isDir {
		return
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// randomPattern puts together a line from pieces that have a meaning in patterns.
func randomPattern(r *rand.Rand) string {
	pieces := []string{"a", "b", "ab", "c", "*", "*", "**", "**/", "/", "/", "?", "[ab]", "[!a]", "[a-c]", `\a`, `\*`, "[[:alpha:]]",
		"***", "/**", "/**/", "*a", "b*", "[b", "]", ".", `\/`, "-", "[]-a]", "[^b-]", " ", `\ `, "[[:", ":]"}
	var b strings.Builder
	if r.IntN(5) == 0 {
		b.WriteByte('!')
	}
	for range 1 + r.IntN(6) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	if r.IntN(5) == 0 {
		b.WriteByte('/')
	}
	return b.String()
}

func randomPath(r *rand.Rand) string {
	names := []string{"a", "b", "c", "ab", "ba", "abc", "aab", "a b", "a ", ".a", "-", "a-b", "b]"}
	elements := make([]string, 1+r.IntN(4))
	for i := range elements {
		elements[i] = names[r.IntN(len(names))]
	}
	return strings.Join(elements, "/")
}

// Random ignore files against git: each line alone, in what it says of every path of a tree.
func TestPatternsAgainstGit(t *testing.T) {
	newRepository(t)
	r := rand.New(rand.NewPCG(1, 2))
	dirs := make(map[string]bool) // of all paths, whether they are directories
	for range 150 {
		p := randomPath(r)
		if info, err := os.Lstat(p); err == nil && info.IsDir() || os.MkdirAll(filepath.Dir(p), 0o777) != nil {
			continue
		}
		if os.WriteFile(p, nil, 0o666) != nil {
			continue
		}
		for dirs[p] = false; strings.Contains(p, "/"); dirs[p] = true {
			p = p[:strings.LastIndexByte(p, '/')]
		}
	}
	var paths []string
	for p := range dirs {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	query := strings.Join(paths, "\x00") + "\x00"
	rounds := 300
	if testing.Short() {
		rounds = 50
	}
	for range rounds {
		lines := make([]string, 1+r.IntN(3))
		for i := range lines {
			lines[i] = randomPattern(r)
		}
		text := strings.Join(lines, "\n") + "\n"
		if err := os.WriteFile(".git/info/exclude", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		list := &ignoreList{patterns: parseIgnore(text)}
		out := strings.Split(git(t, query, "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"), "\x00")
		for ; len(out) >= 4; out = out[4:] {
			pattern, path := out[2], out[3]
			want := pattern != "" && pattern[0] != '!'
			if got := ignoredAnywhere(list, path, dirs); got != want {
				t.Errorf("%q on %q: %v, git: %v (%q)", text, path, got, want, pattern)
			}
		}
	}
}

// ignoredAnywhere reports whether the path or a directory above it is ignored.
func ignoredAnywhere(list *ignoreList, path string, dirs map[string]bool) bool {
	for end := 0; end < len(path); {
		if i := strings.IndexByte(path[end+1:], '/'); i >= 0 {
			end += 1 + i
		} else {
			end = len(path)
		}
		p := path[:end]
		if list.match(p, strings.LastIndexByte(p, '/')+1, dirs[p]) == ignored {
			return true
		}
	}
	return false
}

// Whole walks against what git would add.
func TestWalkAgainstGit(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	for round := range rounds {
		newRepository(t)
		r := rand.New(rand.NewPCG(3, uint64(round)))
		for range 60 {
			p := randomPath(r)
			if os.MkdirAll(filepath.Dir(p), 0o777) == nil {
				_ = os.WriteFile(p, nil, 0o666)
			}
		}
		for _, at := range []string{".git/info/exclude", ".gitignore", randomPath(r) + "/.gitignore", randomPath(r) + "/.gitignore"} {
			text := randomPattern(r) + "\n" + randomPattern(r) + "\n"
			if os.MkdirAll(filepath.Dir(at), 0o777) == nil {
				_ = os.WriteFile(at, []byte(text), 0o666)
			}
		}
		want := strings.Split(strings.TrimSuffix(git(t, "", "ls-files", "-z", "--others", "--exclude-standard"), "\x00"), "\x00")
		if want[0] == "" {
			want = nil
		}
		slices.Sort(want)
		var got []string
		for f, err := range newSource(t, []string{"."}, Options{}).Fragments(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, f.Origin.Path)
		}
		if !slices.Equal(got, want) {
			t.Errorf("round %d:\ngot  %q\nwant %q", round, got, want)
		}
	}
}
