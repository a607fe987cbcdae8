package filescan

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Ignore files are read up to this size; a larger one is not honoured, which leaves more to scan.
const maxIgnoreFile = 1 << 20

// rulesAbove returns the rules that hold for the inside of dir, an absolute path free of symbolic links, from above it, and
// dir's path below the top of its repository, with a slash at the end. ok is false if dir is in no repository.
func (s *Source) rulesAbove(dir string) (rules *ignoreList, below string, ok bool) {
	var names []string // from dir up to the top
	for {
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil, "", false
		}
		names = append(names, filepath.Base(dir))
		dir = parent
		if isGit(filepath.Join(dir, ".git")) {
			break
		}
	}
	rules = s.repositoryRules(dir)
	for i := len(names) - 1; ; i-- {
		rules = s.withIgnoreFile(rules, filepath.Join(dir, ".gitignore"), len(below))
		dir = filepath.Join(dir, names[i])
		below += names[i] + "/"
		if i == 0 {
			return rules, below, true
		}
	}
}

func isGit(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && (info.IsDir() || info.Mode().IsRegular())
}

// repositoryRules returns what info/exclude says in the repository whose top is the given directory. The formats of the
// .git file and of commondir are those of gitrepository-layout(5).
func (s *Source) repositoryRules(top string) *ignoreList {
	dir := filepath.Join(top, ".git")
	if text, ok := s.readSmall(dir); ok {
		dir = relativeTo(top, strings.TrimPrefix(text, "gitdir:"))
	}
	if text, ok := s.readSmall(filepath.Join(dir, "commondir")); ok {
		dir = relativeTo(dir, text)
	}
	return s.withIgnoreFile(nil, filepath.Join(dir, "info", "exclude"), 0)
}

func relativeTo(dir, path string) string {
	path = strings.TrimSpace(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// withIgnoreFile adds the patterns of an ignore file, if it can be read. Like git it follows no symbolic link.
func (s *Source) withIgnoreFile(rules *ignoreList, path string, base int) *ignoreList {
	text, ok := s.readSmall(path)
	if !ok {
		return rules
	}
	if patterns := parseIgnore(text); len(patterns) > 0 {
		return &ignoreList{parent: rules, base: base, patterns: patterns}
	}
	return rules
}

// readSmall returns the content of a regular file that is no larger than maxIgnoreFile.
func (s *Source) readSmall(path string) (string, bool) {
	h, err := s.open(path, false)
	if err != nil {
		return "", false
	}
	defer h.Close()
	if regular, err := h.regular(); err != nil || !regular {
		return "", false
	}
	text, err := io.ReadAll(io.LimitReader(h, maxIgnoreFile+1))
	return string(text), err == nil && len(text) <= maxIgnoreFile
}
