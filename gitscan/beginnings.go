package gitscan

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/refs"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
	"github.com/keysieve/keysieve/gitscan/internal/revision"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// Files of a git directory that name objects as HEAD does. What they name may be gone: git does not keep it for their sake.
var pseudoRefs = []string{"FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_HEAD", "AUTO_MERGE"}

// reflogSuffix ends the names of what a reflog remembers.
const reflogSuffix = " (reflog)"

const stash = "refs/stash"

// beginnings returns where a history begins, as the options say, in an order that only depends on the repository.
func (w *historyWalk) beginnings() ([]tip, error) {
	if len(w.opts.Refs) > 0 {
		return w.chosen()
	}
	var tips []tip
	w.eachRef("refs/", func(t tip) { tips = append(tips, t) })
	others := w.otherWorktrees()
	for _, other := range others {
		tips = append(tips, w.ownRefs(other)...)
	}
	for _, name := range perWorktree("HEAD", others) {
		head, err := w.scan.refs.Lookup(name)
		if err != nil {
			w.lose(name, err)
		} else if !head.ID.IsZero() {
			tips = append(tips, tip{name, head.ID})
		}
	}
	for _, pseudo := range pseudoRefs {
		for _, name := range perWorktree(pseudo, others) {
			tips = append(tips, w.existing(name, w.ids(name))...)
		}
	}
	logs, err := w.logs(others)
	return append(tips, logs...), err
}

// chosen returns what the names and patterns of the options stand for.
func (w *historyWalk) chosen() ([]tip, error) {
	var tips []tip
	for _, pattern := range w.opts.Refs {
		n := len(tips)
		w.eachRef("refs/", func(t tip) {
			for _, prefix := range []string{"", "refs/", "refs/heads/", "refs/tags/", "refs/remotes/"} {
				if ok, err := path.Match(prefix+pattern, t.name); ok && err == nil {
					tips = append(tips, t)
					return
				}
			}
		})
		if len(tips) > n {
			continue
		}
		id, err := revision.Resolve(pattern, w.scan.refs, w.scan.objects)
		if err != nil {
			return nil, w.explain(err)
		}
		tips = append(tips, tip{pattern, id})
	}
	return tips, nil
}

// A worktree is another worktree of the repository: what its refs are called from here, and its git directory.
type worktree struct{ prefix, dir string }

// otherWorktrees returns all worktrees but the one that the repository was opened in.
func (w *historyWalk) otherWorktrees() (list []worktree) {
	own, common := w.scan.found.GitDir, w.scan.found.CommonDir
	if own != common {
		list = append(list, worktree{"main-worktree/", common})
	}
	entries, err := os.ReadDir(filepath.Join(common, "worktrees"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.lose("worktrees", err)
	}
	for _, e := range entries {
		if dir := filepath.Join(common, "worktrees", e.Name()); dir != own {
			list = append(list, worktree{"worktrees/" + e.Name() + "/", dir})
		}
	}
	return list
}

// ownRefs returns the refs that only another worktree has. Git does not keep what they lead to for their sake.
func (w *historyWalk) ownRefs(other worktree) (tips []tip) {
	for ref, err := range refs.New(other.dir, w.scan.found.CommonDir).Own() {
		switch name := other.prefix + ref.Name; {
		case err != nil:
			w.lose(name, err)
		default:
			tips = append(tips, w.existing(name, []object.ID{ref.ID})...)
		}
	}
	return tips
}

// perWorktree returns what a file like HEAD is called in each worktree that has one.
func perWorktree(name string, others []worktree) []string {
	names := []string{name}
	for _, other := range others {
		if _, err := os.Lstat(filepath.Join(other.dir, name)); err == nil {
			names = append(names, other.prefix+name)
		}
	}
	return names
}

// ids returns the objects that a file like FETCH_HEAD names. One that holds something else is no such file.
func (w *historyWalk) ids(name string) []object.ID {
	if ref, err := w.scan.refs.Lookup(name); err == nil && ref.Target != "" {
		return []object.ID{ref.ID}
	}
	ids, err := w.scan.refs.IDs(name)
	if err != nil {
		w.lose(name, err)
	}
	return ids
}

// existing returns a tip for each of the ids that are there.
func (w *historyWalk) existing(name string, ids []object.ID) (tips []tip) {
	for _, id := range ids {
		var missing *store.MissingError
		if _, _, err := w.scan.objects.Stat(id); id.IsZero() || errors.As(err, &missing) {
			continue
		}
		tips = append(tips, tip{name, id})
	}
	return tips
}

// A reflog of more bytes is not read. A line of it is two ids, a name, a date and a message.
const maxLog = 1 << 30

// logs returns what reflogs remember: that of the stash, which has all entries of the stash but the last, and with the option all others.
func (w *historyWalk) logs(others []worktree) (tips []tip, err error) {
	for _, from := range append([]worktree{{"", w.scan.found.GitDir}}, others...) {
		root := filepath.Join(from.dir, "logs")
		err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			ref, _ := filepath.Rel(root, file)
			ref = filepath.ToSlash(ref)
			name := "reflog " + from.prefix + ref
			switch {
			case err != nil:
				w.lose(name, err)
			case !d.IsDir() && (w.opts.Reflog || ref == stash):
				old, now, err := readLog(file)
				if err != nil {
					w.lose(name, err)
				}
				// Git keeps what an entry leads to, and lets go of what was there before the first one.
				title := from.prefix + ref + reflogSuffix
				tips = append(tips, w.existing(title, old)...)
				for _, id := range now {
					tips = append(tips, tip{title, id})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return tips, nil
}

// readLog returns the objects that the entries of a reflog come from, and those that they lead to, each once.
func readLog(file string) (old, now []object.ID, err error) {
	data, err := regular.Read(file, maxLog)
	if err != nil {
		return nil, nil, err
	}
	seen := make(map[object.ID]bool)
	for line := range bytes.Lines(data) {
		const least = object.HexSize + 1 + object.HexSize + 1
		if len(line) < least || line[object.HexSize] != ' ' || line[least-1] != ' ' || line[len(line)-1] != '\n' {
			return old, now, errBadLog
		}
		from, err1 := object.ParseID(line[:object.HexSize])
		to, err2 := object.ParseID(line[object.HexSize+1 : least-1])
		if err1 != nil || err2 != nil {
			return old, now, errBadLog
		}
		if !seen[to] && !to.IsZero() {
			seen[to] = true
			now = append(now, to)
		}
		if !seen[from] && !from.IsZero() {
			old = append(old, from)
		}
	}
	return old, now, nil
}

var errBadLog = errors.New("it has a malformed line")
