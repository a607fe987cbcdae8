package gitscan

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
	"github.com/keysieve/keysieve/gitscan/internal/revision"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// Files of a git directory that name objects as HEAD does. What they name may be gone: git does not keep it for their sake.
var pseudoRefs = []string{"FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_HEAD", "AUTO_MERGE"}

const stash = "refs/stash"

// beginnings returns where a history begins, as the options say, in an order that only depends on the repository.
func (w *historyWalk) beginnings() ([]tip, error) {
	if len(w.opts.Refs) > 0 {
		return w.chosen()
	}
	var tips []tip
	w.eachRef("refs/", func(t tip) { tips = append(tips, t) })
	for _, name := range w.perWorktree("HEAD") {
		head, err := w.scan.refs.Lookup(name)
		if err != nil {
			w.lose(name, err)
		} else if !head.ID.IsZero() {
			tips = append(tips, tip{name, head.ID})
		}
	}
	for _, pseudo := range pseudoRefs {
		for _, name := range w.perWorktree(pseudo) {
			tips = append(tips, w.existing(name, w.ids(name))...)
		}
	}
	logs, err := w.logs()
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

// perWorktree returns what a file like HEAD is called in each worktree.
func (w *historyWalk) perWorktree(name string) []string {
	names := []string{name}
	if w.scan.found.GitDir != w.scan.found.CommonDir {
		names = append(names, "main-worktree/"+name)
	}
	entries, err := os.ReadDir(filepath.Join(w.scan.found.CommonDir, "worktrees"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.lose("worktrees", err)
	}
	for _, e := range entries {
		full := "worktrees/" + e.Name() + "/" + name
		if _, err := os.Lstat(filepath.Join(w.scan.found.CommonDir, filepath.FromSlash(full))); err == nil {
			names = append(names, full)
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

// A line of a reflog is two ids, a name, a date and a message. Lines longer than this are cut by reading on.
const maxLog = 1 << 30

// logs returns what reflogs remember: that of the stash, which has all entries of the stash but the last, and with the option all others.
func (w *historyWalk) logs() (tips []tip, err error) {
	dirs := []string{w.scan.found.CommonDir}
	if w.scan.found.GitDir != w.scan.found.CommonDir {
		dirs = append(dirs, w.scan.found.GitDir)
	}
	for _, dir := range dirs {
		root := filepath.Join(dir, "logs")
		err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			name, _ := filepath.Rel(root, file)
			name = filepath.ToSlash(name)
			switch {
			case err != nil:
				w.lose("reflog "+name, err)
			case !d.IsDir() && (w.opts.Reflog || name == stash):
				found, err := w.log(file)
				if err != nil {
					w.lose("reflog "+name, err)
				}
				tips = append(tips, w.existing(name+" (reflog)", found)...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return tips, nil
}

// log returns the objects that a reflog names, each once.
func (w *historyWalk) log(file string) (ids []object.ID, err error) {
	data, err := regular.Read(file, maxLog)
	if err != nil {
		return nil, err
	}
	seen := make(map[object.ID]bool)
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxLog)
	for lines.Scan() {
		for _, field := range strings.SplitN(lines.Text(), " ", 3)[:min(2, strings.Count(lines.Text(), " "))] {
			id, err := object.ParseID(field)
			if err != nil {
				return ids, errors.New("malformed line")
			}
			if !seen[id] && !id.IsZero() {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return slices.Clip(ids), lines.Err()
}
