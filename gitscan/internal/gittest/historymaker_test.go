package gittest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// made is what a maker knows of a file: its content, by the mark of its blob.
type made struct {
	mode string
	mark int
}

// maker makes a random history of whatever git can store. Every blob but an empty one has a token that is in no other.
type maker struct {
	*repository
	random *rand.Rand
	input  strings.Builder // for git fast-import
	marks  int
	token  int
	texts  map[int]string
	states []map[string]made // of the commits
	at     []int             // marks of the commits
	ids    map[int]string    // by mark, of what is imported
	wide   bool              // some files are long enough for many deltas to be small beside them

	planted []string // lines that come up in files
}

func newMaker(t testing.TB, seed uint64) *maker {
	return &maker{
		repository: newRepository(t, "--template="), random: rand.New(rand.NewPCG(seed, 11)),
		texts: make(map[int]string), ids: make(map[int]string), wide: seed%3 == 0,
	}
}

// newToken returns a token that is nowhere yet.
func (m *maker) newToken() string {
	m.token++
	return fmt.Sprintf("[tok%06d]", m.token)
}

// oldToken returns one that probably is somewhere.
func (m *maker) oldToken() string { return fmt.Sprintf("[tok%06d]", 1+m.random.IntN(m.token+1)) }

func (m *maker) line() string {
	if len(m.planted) > 0 && m.random.IntN(60) == 0 {
		return m.planted[m.random.IntN(len(m.planted))]
	}
	switch m.random.IntN(12) {
	case 0:
		return "key = " + m.oldToken()
	case 1:
		return m.oldToken() + " and " + m.oldToken()
	case 2:
		return ""
	}
	return fmt.Sprintf("line %d of a text in which nothing is said", m.random.IntN(300))
}

// blob returns the mark of a blob with a text.
func (m *maker) blob(text string) int {
	m.marks++
	m.texts[m.marks] = text
	fmt.Fprintf(&m.input, "blob\nmark :%d\ndata %d\n%s\n", m.marks, len(text), text)
	return m.marks
}

// text returns a new text; with an old one, a version of it.
func (m *maker) text(old string) string {
	var lines []string
	switch {
	case old != "" && !strings.HasPrefix(old, "\xff\xfe"):
		lines = strings.Split(old, "\n")
		for range 1 + m.random.IntN(4) {
			i := m.random.IntN(len(lines))
			j := min(len(lines), i+m.random.IntN(3))
			lines = slices.Replace(lines, i, j, m.line())
		}
	case m.random.IntN(25) == 0:
		return ""
	default:
		n := 1 + m.random.IntN(30)
		if m.wide && m.random.IntN(3) == 0 {
			n += 2000
		}
		for range n {
			lines = append(lines, m.line())
		}
	}
	lines = slices.Insert(lines, m.random.IntN(len(lines)+1), strings.Repeat(" ", m.random.IntN(3))+"new "+m.newToken())
	text := strings.Join(lines, []string{"\n", "\n", "\n", "\r\n"}[m.random.IntN(4)])
	switch m.random.IntN(30) {
	case 0:
		text = "\x00\x01\x02\x03" + text + "\x00"
	case 1:
		text = inUTF16(text)
	case 2:
		text = "\xef\xbb\xbf" + text
	}
	return text
}

func inUTF16(text string) string {
	b := []byte("\xff\xfe")
	for _, c := range []byte(text) {
		b = append(b, c, 0)
	}
	return string(b)
}

func (m *maker) mode() string { return []string{"100644", "100644", "100755"}[m.random.IntN(3)] }

var historyPaths = []string{"a", "a.txt", "a/b", "a/c", "a0", "d/e/f", "d/e/g", "d/h", "x/y/z/deep", "x/y/z/deeper", "quo\"te", "new\nline", "latin\xe9", "ü/ä", "big"}

// path returns a path that no directory of the state stands at, and takes away files in place of its directories.
func (m *maker) path(state map[string]made) string {
	path := historyPaths[m.random.IntN(len(historyPaths))]
	if m.random.IntN(15) == 0 {
		path = strings.Repeat("long/", 10) + "name " + m.newToken()
	}
	for other := range state {
		if strings.HasPrefix(other, path+"/") || strings.HasPrefix(path, other+"/") {
			delete(state, other)
		}
	}
	return path
}

// change changes a file.
func (m *maker) change(state map[string]made) {
	names := slices.Sorted(maps.Keys(state))
	some := func() string { return names[m.random.IntN(len(names))] }
	step := m.random.IntN(12)
	if len(names) == 0 {
		step = 0
	}
	switch step {
	case 0, 1:
		path := m.path(state)
		state[path] = made{m.mode(), m.blob(m.text(""))}
	case 2, 3, 4, 5, 6:
		path := some()
		f := state[path]
		if f.mark > 0 && f.mode != "120000" {
			state[path] = made{f.mode, m.blob(m.text(m.texts[f.mark]))}
		}
	case 7: // rename, edited or not
		from := some()
		f := state[from]
		delete(state, from)
		if m.random.IntN(2) == 0 && f.mark > 0 {
			f.mark = m.blob(m.text(m.texts[f.mark]))
		}
		state[m.path(state)] = f
	case 8: // copy
		f := state[some()]
		state[m.path(state)] = f
	case 9:
		delete(state, some())
	case 10: // what was there in some other commit
		if len(m.states) > 0 {
			old := m.states[m.random.IntN(len(m.states))]
			for _, path := range slices.Sorted(maps.Keys(old)) {
				f := old[path]
				if m.random.IntN(3) == 0 {
					for other := range state {
						if strings.HasPrefix(other, path+"/") || strings.HasPrefix(path, other+"/") {
							delete(state, other)
						}
					}
					state[path] = f
				}
			}
		}
	default:
		path := some()
		switch m.random.IntN(3) {
		case 0:
			if f := state[path]; f.mark > 0 {
				f.mode = m.mode()
				state[path] = f
			}
		case 1:
			state[path] = made{"120000", m.blob("to/" + m.newToken())}
		default:
			state[path] = made{"160000", 0}
		}
	}
}

// commits makes commits with branches, merges and several roots, of which some change while they merge, and imports them as a
// pack. Dates are often the wrong way round.
func (m *maker) commits(n int) {
	m.t.Helper()
	for range n {
		i := len(m.at)
		var parents []int
		for range []int{1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 0}[m.random.IntN(11)] {
			if p := i - 1 - m.random.IntN(6); p >= 0 && !slices.Contains(parents, p) {
				parents = append(parents, p)
			}
		}
		state := make(map[string]made)
		if len(parents) > 0 {
			state = maps.Clone(m.states[parents[0]])
		}
		if len(parents) > 1 {
			m.merge(state, parents)
		}
		if len(parents) < 2 || m.random.IntN(3) == 0 {
			for range 1 + m.random.IntN(4) {
				m.change(state)
			}
		}
		m.states = append(m.states, state)
		m.commit1(state, parents)
	}
	m.flush()
}

// merge takes each path from one of the parents.
func (m *maker) merge(state map[string]made, parents []int) {
	for _, p := range parents {
		for _, path := range slices.Sorted(maps.Keys(m.states[p])) {
			if m.random.IntN(len(parents)) > 0 {
				continue
			}
			for other := range state {
				if strings.HasPrefix(other, path+"/") || strings.HasPrefix(path, other+"/") {
					delete(state, other)
				}
			}
			state[path] = m.states[p][path]
		}
	}
}

func (m *maker) message() string {
	switch m.random.IntN(8) {
	case 0:
		return "message with " + m.newToken() + "\n"
	case 1:
		return m.oldToken()
	}
	return "message\n"
}

func (m *maker) commit1(state map[string]made, parents []int) {
	m.marks++
	message := m.message()
	fmt.Fprintf(&m.input, "reset refs/heads/main\ncommit refs/heads/main\nmark :%d\ncommitter C <c@example.com> %d +0000\ndata %d\n%s\n",
		m.marks, 1_700_000_000+len(m.at)*1000+m.random.IntN(3)*1500, len(message), message)
	for k, p := range parents {
		name := fmt.Sprint(":", m.at[p])
		if id, ok := m.ids[m.at[p]]; ok {
			name = id
		}
		fmt.Fprintf(&m.input, "%s %s\n", []string{"from", "merge"}[min(k, 1)], name)
	}
	m.at = append(m.at, m.marks)
	m.input.WriteString("deleteall\n")
	for _, path := range slices.Sorted(maps.Keys(state)) {
		f := state[path]
		name := fmt.Sprint(":", f.mark)
		if id, ok := m.ids[f.mark]; ok {
			name = id
		}
		if f.mode == "160000" {
			name = strings.Repeat("12", 20)
		}
		fmt.Fprintf(&m.input, "M %s %s %s\n", f.mode, name, quoted(path))
	}
}

// quoted is a path as fast-import reads it.
func quoted(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(path) {
		if c < ' ' || c == '"' || c == '\\' || c > '~' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

// flush imports what was made.
func (m *maker) flush() {
	m.t.Helper()
	marks := filepath.Join(m.t.TempDir(), "marks")
	m.gitIn(m.input.String(), "-c", "fastimport.unpackLimit="+strconv.Itoa(m.random.IntN(2)*1000), "fast-import", "--quiet", "--force", "--export-marks="+marks)
	m.input.Reset()
	data, err := os.ReadFile(marks)
	if err != nil {
		m.t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		mark, _ := strconv.Atoi(f[0][1:])
		m.ids[mark] = f[1]
	}
}

// id returns the id of a random commit.
func (m *maker) id() string { return m.ids[m.at[m.random.IntN(len(m.at))]] }

// some returns the id of a random blob.
func (m *maker) someBlob() string {
	for {
		if mark := 1 + m.random.IntN(m.marks); m.ids[mark] != "" && !slices.Contains(m.at, mark) {
			return m.ids[mark]
		}
	}
}

// branchOut gives every commit a ref that leads to it, and makes refs of all kinds.
func (m *maker) branchOut() {
	m.t.Helper()
	var update strings.Builder
	for i, mark := range m.at {
		fmt.Fprintf(&update, "create refs/%s/%d %s\n", []string{"heads", "tags", "pull", "remotes/origin", "changes/1"}[i%5], i, m.ids[mark])
	}
	tag := func(id, kind, name string) string {
		return m.gitIn(fmt.Sprintf("object %s\ntype %s\ntag %s\ntagger T <t@example.com> 1700000000 +0000\n\n%s", id, kind, name, m.message()), "mktag")
	}
	ofCommit := tag(m.id(), "commit", "t1")
	ofTag := tag(ofCommit, "tag", "t2")
	own := m.gitIn("tagged "+m.newToken()+"\n", "hash-object", "-w", "--stdin")
	alone := m.gitIn("040000 tree "+m.gitIn("100644 blob "+m.gitIn("in a tree "+m.newToken()+"\n", "hash-object", "-w", "--stdin")+"\tfile\n", "mktree")+"\tdir\n", "mktree")
	for name, id := range map[string]string{
		"t1": ofCommit, "t2": ofTag, "t3": ofTag, "blob": m.someBlob(), "own": own, "blobtag": tag(m.someBlob(), "blob", "b"),
		"tree": alone, "treetag": tag(m.git("rev-parse", m.id()+"^{tree}"), "tree", "t"),
	} {
		fmt.Fprintf(&update, "create refs/tags/%s %s\n", name, id)
	}
	m.gitIn(update.String(), "update-ref", "--stdin")
	m.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/0")
	m.git("notes", "add", "-m", "note "+m.newToken(), m.id())
	m.git("notes", "add", "-f", "-m", "note "+m.newToken(), m.id())
}

// work uses the worktree, another one, and the stash.
func (m *maker) work() {
	m.t.Helper()
	m.git("checkout", "-q", "--orphan", "work")
	m.git("rm", "-q", "-r", "-f", "--ignore-unmatch", ".")
	m.write("w", "work "+m.newToken()+"\n")
	m.git("add", "w")
	m.git("commit", "-q", "-m", "m")
	for range 3 {
		m.write("w", "staged "+m.newToken()+"\n", "u", "untracked "+m.newToken()+"\n")
		m.git("add", "w")
		m.write("w", "not staged "+m.newToken()+"\n")
		m.git("stash", "push", "-q", "-u", "-m", "stash "+m.newToken())
	}
	linked := filepath.Join(m.t.TempDir(), "linked")
	m.git("worktree", "add", "-q", "--detach", linked, "work")
	w := m.in(linked)
	w.commit("l", "linked "+m.newToken()+"\n")
	w.git("update-ref", "refs/bisect/bad", m.gitIn("bisected "+m.newToken(), "commit-tree", m.git("rev-parse", "work^{tree}")))
	m.git("checkout", "-q", "--detach", "work")
	m.commit("d", "detached "+m.newToken()+"\n")
	m.git("update-ref", "ORIG_HEAD", m.gitIn("original "+m.newToken(), "commit-tree", m.git("rev-parse", "work^{tree}")))
}

// pack stores the objects in one of many ways.
func (m *maker) pack(way int) string {
	m.t.Helper()
	ways := [][][]string{
		{},
		{{"repack", "-adfq", "--depth=300", "--window=50"}},
		{{"repack", "-adfq", "--depth=4000", "--window=8"}, {"multi-pack-index", "write"}},
		{{"-c", "pack.indexVersion=1", "repack", "-adfq", "--depth=50"}},
		{{"-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=50"}},
		{{"-c", "pack.packSizeLimit=1m", "-c", "core.compression=0", "repack", "-adfq"}},
		{{"repack", "-q", "-d"}, {"-c", "core.bigFileThreshold=3k", "repack", "-adfq"}},
		{{"repack", "-q", "-d", "--cruft", "-a"}},
		{{"repack", "-q", "-d", "--geometric=2"}, {"multi-pack-index", "write"}},
		{{"gc", "-q", "--prune=now"}, {"commit-graph", "write", "--reachable"}},
	}
	way %= len(ways)
	for _, args := range ways[way] {
		m.git(args...)
	}
	return fmt.Sprint(ways[way])
}

// hide makes git believe that some commits are others, or have no parents.
func (m *maker) hide() {
	m.t.Helper()
	for range 3 {
		if a, b := m.id(), m.id(); a != b {
			m.git("replace", "-f", a, b)
		}
	}
	m.write(".git/info/grafts", m.id()+"\n"+m.id()+"\n")
}
