package refs

import "strings"

// ValidName reports whether name may be used as a ref's: "HEAD" and the like, or parts separated by slashes as "git
// check-ref-format" has them. Such a name never leads out of the directory that refs are in.
func ValidName(name string) bool {
	if name == "" || name == "@" || strings.HasSuffix(name, ".") || strings.Contains(name, "..") || strings.Contains(name, "@{") {
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	for _, c := range []byte(name) {
		if c < ' ' || c == 0x7f || strings.IndexByte(" ~^:?*[\\", c) >= 0 {
			return false
		}
	}
	return true
}

// isPseudo reports whether name is that of a file directly in the git directory: HEAD, MERGE_HEAD and so on. The rule keeps
// "config" and other files from being taken for refs.
func isPseudo(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'A' || c > 'Z') && c != '_' && c != '-' {
			return false
		}
	}
	return name != ""
}

// perWorktree reports whether each worktree has its own ref of that name.
func perWorktree(name string) bool {
	return !strings.Contains(name, "/") || strings.HasPrefix(name, "refs/bisect/") ||
		strings.HasPrefix(name, "refs/worktree/") || strings.HasPrefix(name, "refs/rewritten/")
}
