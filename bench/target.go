package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// mode is a way to scan a target.
type mode string

const (
	tree    mode = "tree"    // a directory, all files below it
	file    mode = "file"    // one file by its name
	stdin   mode = "stdin"   // one file through standard input
	one     mode = "one"     // from start to end of a program that scans one small file: the same command as file
	history mode = "history" // everything that a repository stores
)

func (m mode) String() string { return string(m) }

// Set makes a mode a flag.
func (m *mode) Set(s string) error {
	if !slices.Contains([]mode{tree, file, stdin, one, history}, mode(s)) {
		return fmt.Errorf("there is no mode %q", s)
	}
	*m = mode(s)
	return nil
}

// template returns the mode whose arguments m uses.
func (m mode) template() mode {
	if m == one {
		return file
	}
	return m
}

// target is what is scanned.
type target struct {
	path string // absolute, symbolic links resolved
	dir  bool
	bare bool   // a repository without a work tree
	pack string // the largest pack of a repository; "" if it has none
}

// openTarget looks at what path is.
func openTarget(path string) (*target, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	t := &target{path: path, dir: info.IsDir()}
	if !t.dir {
		return t, nil
	}
	t.bare = isGitDir(path)
	packs, err := t.packs()
	var largest int64
	for _, p := range packs {
		if p.size > largest {
			t.pack, largest = p.name, p.size
		}
	}
	return t, err
}

// isGitDir tells a git directory from any other by what gitrepository-layout(5) says it must have.
func isGitDir(path string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(path, name)); err != nil {
			return false
		}
	}
	return true
}

// modes returns the modes to measure: the one asked for, or those that fit.
func (t *target) modes(asked mode) []mode {
	switch {
	case asked != "":
		return []mode{asked}
	case t.bare:
		return []mode{history}
	case t.dir:
		return []mode{tree}
	}
	return []mode{file, stdin}
}

// listing is the input of a scan: names relative to the target, and the sum of the sizes in bytes.
type listing struct {
	names []string
	bytes int64
}

// list returns what a scan in the mode reads: the packs of a repository, or the regular files, without git's own.
func (t *target) list(m mode) (listing, error) {
	var l listing
	switch {
	case m == history:
		packs, err := t.packs()
		for _, p := range packs {
			l.names = append(l.names, p.name)
			l.bytes += p.size
		}
		return l, err
	case t.dir != (m == tree):
		return l, fmt.Errorf("the mode does not fit %s", t.path)
	case !t.dir:
		info, err := os.Stat(t.path)
		if err != nil {
			return l, err
		}
		return listing{[]string{t.path}, info.Size()}, nil
	}
	err := filepath.WalkDir(t.path, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.Name() == ".git" && name != t.path:
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !e.Type().IsRegular():
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		l.names = append(l.names, "./"+name[len(t.path)+1:])
		l.bytes += info.Size()
		return nil
	})
	return l, err
}

type packFile struct {
	name string
	size int64
}

// packs returns the packs of a repository, none for what is not one.
func (t *target) packs() ([]packFile, error) {
	dir := t.path
	if !t.bare {
		dir = filepath.Join(dir, ".git")
	}
	names, err := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.pack"))
	if err != nil {
		return nil, err
	}
	packs := make([]packFile, len(names))
	for i, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		packs[i] = packFile{name, info.Size()}
	}
	return packs, nil
}
