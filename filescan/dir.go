package filescan

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Up to this many files of a directory have their size looked up when it is listed, ahead of the walk; those of a
// larger directory when the walk comes to them.
const maxSized = 4 << 10

// A dir is a directory to be walked. The paths of a directory and of what is in it are made of a prefix of the root
// and rel.
type dir struct {
	top   *top
	rel   string // below the root, with a slash at the end; "" for the root
	state dirState

	rules *ignoreList // of the repository that holds it
	below string      // path below the top of that repository, with a slash at the end
	inGit bool        // there is such a repository

	names   []byte  // of the entries, in the order of listing
	entries []entry // files and directories to be walked, in order
	subs    []*dir
	met     Coverage // what is not to be walked
	err     error    // of listing; the entries are those that were listed before
}

// A top is what the directories of one root have in common.
type top struct {
	index int    // among the arguments
	arg   string // the argument
	name  string // prefix of paths in findings
	path  string // prefix of paths to open
	real  string // prefix of real paths
}

type dirState uint8

const (
	unlisted dirState = iota
	listing
	listed
)

// An entry of a directory. There may be millions, hence no string and no pointer.
type entry struct {
	start int // of the name in dir.names
	size  int64
	len   uint16
	kind  entryKind
}

type entryKind uint8

const (
	regularFile entryKind = iota
	directory
	symlink
	special
)

func (e *entry) isDir() bool { return e.kind == directory }

// sub returns the index in dir.subs of a directory, which has no size of its own.
func (e *entry) sub() int64 { return e.size }

// rootDir returns the directory of a root.
func (s *Source) rootDir(index int, arg, real string) *dir {
	isSeparator := func(c rune) bool { return c == '/' || c == os.PathSeparator }
	t := &top{index: index, arg: arg, real: strings.TrimSuffix(real, "/") + "/"}
	if name := cleanName(arg); name != "." {
		t.name = strings.TrimSuffix(name, "/") + "/"
	}
	t.path = t.name
	if strings.Contains(arg, "..") { // which does not lead back to where a symbolic link stands
		t.path = strings.TrimRightFunc(arg, isSeparator) + "/"
	}
	d := &dir{top: t}
	if !s.opts.NoGitignore {
		d.rules, d.below, d.inGit = s.rulesAbove(real)
	}
	return d
}

// name returns the directory's path in findings.
func (d *dir) name() string {
	if name := d.top.name + d.rel; len(name) > 1 {
		return strings.TrimSuffix(name, "/")
	} else if name == "/" {
		return name
	}
	return "."
}

// before reports whether the walk comes to d before it comes to other.
func (d *dir) before(other *dir) bool {
	if d.top != other.top {
		return d.top.index < other.top.index
	}
	return d.rel < other.rel
}

// file returns the file of an entry.
func (d *dir) file(e *entry) file {
	name := d.rel + d.entryName(e)
	f := file{name: d.top.name + name, size: e.size}
	if f.path = f.name; d.top.path != d.top.name {
		f.path = d.top.path + name
	}
	if e.size == unknownSize {
		f.size = regularSize(f.path)
	}
	return f
}

const unknownSize = -1

func (d *dir) entryName(e *entry) string { return string(d.names[e.start : e.start+int(e.len)]) }

// list lists the directory, and settles what of it is to be walked.
func (d *dir) list(s *Source, taken map[string]bool) {
	d.err = d.readNames()
	if d.err != nil {
		d.met.Enumerated.Files++
		d.met.Failed.Files++
	}
	if !s.opts.NoGitignore {
		d.findRules(s)
	}
	d.entries = slices.Clip(d.selectEntries(s, taken))
	d.sort()
	for i := range d.entries {
		e := &d.entries[i]
		switch {
		case e.isDir():
			e.size = int64(len(d.subs))
			name := d.entryName(e) + "/"
			sub := &dir{top: d.top, rel: d.rel + name, rules: d.rules, inGit: d.inGit}
			if d.inGit {
				sub.below = d.below + name
			}
			d.subs = append(d.subs, sub)
		case len(d.entries) <= maxSized:
			e.size = regularSize(d.top.path + d.rel + d.entryName(e))
		}
	}
}

// readNames reads the names and kinds of all entries.
func (d *dir) readNames() error {
	path, isRoot := d.top.arg, d.rel == ""
	if !isRoot { // a slash at the end would have a symbolic link followed
		path = strings.TrimSuffix(d.top.path+d.rel, "/")
	}
	f, err := openDir(path, isRoot)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		batch, err := f.ReadDir(1 << 10)
		for _, x := range batch {
			d.add(x)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (d *dir) add(x fs.DirEntry) {
	name := x.Name()
	e := entry{start: len(d.names), len: uint16(len(name)), size: unknownSize}
	switch mode := x.Type(); {
	case mode.IsDir():
		e.kind = directory
	case mode&fs.ModeSymlink != 0:
		e.kind = symlink
	case !mode.IsRegular():
		e.kind = special
	}
	d.names = append(d.names, name...)
	d.entries = append(d.entries, e)
}

// findRules looks for the beginning of a repository, and for an ignore file, among the entries.
func (d *dir) findRules(s *Source) {
	var git, ignore bool
	for i := range d.entries {
		e := &d.entries[i]
		switch string(d.names[e.start : e.start+int(e.len)]) {
		case ".git":
			git = e.kind == directory || e.kind == regularFile
		case ".gitignore":
			ignore = e.kind == regularFile
		}
	}
	path := d.top.path + d.rel
	if git {
		d.inGit, d.below = true, ""
		d.rules = s.repositoryRules(path)
	}
	if d.inGit && ignore {
		d.rules = s.withIgnoreFile(d.rules, path+".gitignore", len(d.below))
	}
}

// selectEntries returns the entries to be walked and counts the others. An entry that is a root by itself is neither.
func (d *dir) selectEntries(s *Source, taken map[string]bool) []entry {
	selected := d.entries[:0]
	for _, e := range d.entries {
		name := d.entryName(&e)
		if len(taken) > 1 && taken[d.top.real+d.rel+name] {
			continue
		}
		if !d.skip(s, &e, name) {
			selected = append(selected, e)
		}
	}
	return selected
}

// skip reports whether an entry is not to be walked, and counts it.
func (d *dir) skip(s *Source, e *entry, name string) bool {
	m := &d.met
	switch {
	case name == ".git" && (e.kind == directory || e.kind == regularFile):
		m.GitDirs++
	case e.kind == symlink:
		m.skip(e, &m.Symlinks, nil)
	case e.kind == special:
		m.skip(e, &m.Special, nil)
	case s.exclude != nil && s.exclude.match(d.rel+name, len(d.rel), e.isDir()) == ignored:
		m.skip(e, &m.Excluded, &m.ExcludedDirs)
	case d.rules != nil && d.rules.match(d.below+name, len(d.below), e.isDir()) == ignored:
		m.skip(e, &m.Ignored, &m.IgnoredDirs)
	default:
		return false
	}
	return true
}

// skip counts an entry as skipped, for a reason that has one count for files and one for directories.
func (c *Coverage) skip(e *entry, files *Count, dirs *int64) {
	if e.isDir() {
		*dirs++
		return
	}
	c.Enumerated.Files++
	files.Files++
}

// sort brings the entries into the byte order of the paths below them, in which a directory's name ends in a slash.
func (d *dir) sort() {
	end := func(e *entry, name []byte, i int) int {
		switch {
		case i < len(name):
			return int(name[i])
		case e.isDir():
			return '/'
		}
		return 0
	}
	slices.SortFunc(d.entries, func(a, b entry) int {
		x := d.names[a.start : a.start+int(a.len)]
		y := d.names[b.start : b.start+int(b.len)]
		n := min(len(x), len(y))
		if c := bytes.Compare(x[:n], y[:n]); c != 0 {
			return c
		}
		return end(&a, x, n) - end(&b, y, n)
	})
}
