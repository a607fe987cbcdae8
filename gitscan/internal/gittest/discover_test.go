package gittest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/repo"
)

// checkDiscovery compares the places with those that git says. Git's exit code tells whether there is a worktree.
func (r *repository) checkDiscovery(what string) {
	r.t.Helper()
	found, err := repo.Discover(r.dir, r.getenv)
	if err != nil {
		r.t.Errorf("%s: %v", what, err)
		return
	}
	workTree, err := r.try("", "rev-parse", "--show-toplevel")
	if err != nil {
		workTree = ""
	}
	// Git answers relative to where it is or, from inside of a worktree, to its top.
	at, err := filepath.EvalSymlinks(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	absolute := func(path string) string {
		if !filepath.IsAbs(path) {
			path = filepath.Join(at, path)
		}
		return filepath.Clean(path)
	}
	cases := []struct{ name, got, want string }{
		{"GitDir", found.GitDir, r.git("rev-parse", "--absolute-git-dir")},
		{"CommonDir", found.CommonDir, absolute(r.git("rev-parse", "--git-common-dir"))},
		{"WorkTree", found.WorkTree, strings.TrimSuffix(workTree, "\n")},
		{"IndexFile", found.IndexFile, absolute(r.git("rev-parse", "--git-path", "index"))},
		{"ObjectDir", found.ObjectDir, absolute(r.git("rev-parse", "--git-path", "objects"))},
	}
	for _, c := range cases {
		if resolve(c.got) != resolve(c.want) {
			r.t.Errorf("%s: %s is %q, git says %q", what, c.name, c.got, c.want)
		}
	}
}

// resolve follows the symbolic links of the directory that a file is in; the file need not exist.
func resolve(path string) string {
	if path == "" {
		return ""
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return path
	}
	return filepath.Join(dir, filepath.Base(path))
}

func TestDiscover(t *testing.T) {
	r := newRepository(t)
	r.commit("sub/dir/a", "1")
	r.git("worktree", "add", "-q", "linked")
	r.git("clone", "-q", "--bare", ".", "bare.git")
	r.git("clone", "-q", "--separate-git-dir=separate", ".", "clone")
	r.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", r.dir, "module")
	if err := os.Symlink("sub/dir", filepath.Join(r.dir, "link")); err != nil {
		t.Skip(err)
	}
	other := t.TempDir()
	gitDir := filepath.Join(r.dir, ".git")
	cases := []struct {
		name string
		dir  string
		env  []string
	}{
		{"top", ".", nil},
		{"sub-directory", "sub/dir", nil},
		{"through a symbolic link", "link", nil},
		{"linked worktree", "linked", nil},
		{"sub-directory of a linked worktree", "linked/sub", nil},
		{"bare", "bare.git", nil},
		{"inside of a bare repository", "bare.git/refs/heads", nil},
		{"inside of .git", ".git/objects", nil},
		{"inside of a linked worktree's git directory", ".git/worktrees/linked", nil},
		{"separate git directory", "clone/sub", nil},
		{"submodule", "module/sub", nil},
		{"submodule's git directory", ".git/modules/module", nil},
		{"GIT_DIR", ".", []string{"GIT_DIR=.git"}},
		{"GIT_DIR of another", other, []string{"GIT_DIR=" + gitDir}},
		{"GIT_DIR of a linked worktree", "linked", []string{"GIT_DIR=" + filepath.Join(gitDir, "worktrees", "linked")}},
		{"GIT_DIR is a file", "linked", []string{"GIT_DIR=.git"}},
		{"GIT_DIR of a bare repository", other, []string{"GIT_DIR=" + filepath.Join(r.dir, "bare.git")}},
		{"GIT_WORK_TREE", other, []string{"GIT_DIR=" + gitDir, "GIT_WORK_TREE=" + r.dir}},
		{"GIT_WORK_TREE without GIT_DIR", "sub", []string{"GIT_WORK_TREE=" + filepath.Join(r.dir, "sub")}},
		{"GIT_WORK_TREE of a bare repository", other, []string{"GIT_DIR=" + filepath.Join(r.dir, "bare.git"), "GIT_WORK_TREE=."}},
		{"GIT_COMMON_DIR", ".", []string{"GIT_DIR=.git/worktrees/linked", "GIT_COMMON_DIR=.git"}},
		{"GIT_INDEX_FILE", ".", []string{"GIT_INDEX_FILE=other/index"}},
		{"GIT_INDEX_FILE, absolute", "sub", []string{"GIT_INDEX_FILE=/nowhere/index"}},
		{"GIT_OBJECT_DIRECTORY", ".", []string{"GIT_OBJECT_DIRECTORY=" + filepath.Join(gitDir, "objects")}},
	}
	for _, c := range cases {
		r.in(c.dir, c.env...).checkDiscovery(c.name)
	}

	r.git("config", "core.worktree", other)
	r.checkDiscovery("core.worktree")
	r.in("linked").checkDiscovery("core.worktree, from a linked worktree")
	r.git("config", "--unset", "core.worktree")
	r.git("config", "extensions.worktreeConfig", "true")
	r.in("linked").git("config", "--worktree", "core.hooksPath", "my hooks")
	if hooks := r.in("linked").discover().HooksPath; hooks != "my hooks" {
		t.Errorf("hooksPath of the worktree: %q", hooks)
	}
	if hooks := r.discover().HooksPath; hooks != "" {
		t.Errorf("hooksPath of the main worktree: %q", hooks)
	}
	r.git("config", "core.worktree", other)
	r.checkDiscovery("core.worktree, each worktree configured")
	r.in("linked").checkDiscovery("core.worktree, each worktree configured, from a linked worktree")
	r.git("config", "core.worktree", "../sub")
	r.in("sub").checkDiscovery("core.worktree, relative")
}

// From a sub-directory, the index that GIT_INDEX_FILE names is relative to the top.
func TestDiscoverRelativeIndexFile(t *testing.T) {
	r := newRepository(t)
	r.commit("sub/a", "1")
	for _, dir := range []string{".", "sub"} {
		if got := r.in(dir, "GIT_INDEX_FILE=x/index").discover().IndexFile; got != filepath.Join(resolve(r.dir), "x/index") {
			t.Errorf("%s: %s", dir, got)
		}
	}
}

func TestDiscoverNothing(t *testing.T) {
	r := newRepository(t)
	r.write("sub/dir/a", "1", "broken/.git", "gitdir: nowhere\n", "garbage/.git", "what?", "empty/.git/x", "")
	cases := []struct {
		name string
		dir  string
		env  []string
		want string // part of the error; "" if the repository is found
	}{
		{"no repository", t.TempDir(), nil, "not a git repository"},
		{"GIT_DIR of nothing", ".", []string{"GIT_DIR=nowhere"}, "no such file"},
		{"GIT_DIR that is none", ".", []string{"GIT_DIR=sub"}, "not a git repository"},
		{"ceiling above", "sub/dir", []string{"GIT_CEILING_DIRECTORIES=" + filepath.Dir(r.dir)}, ""},
		{"ceiling", "sub/dir", []string{"GIT_CEILING_DIRECTORIES=/x:" + r.dir}, "not a git repository"},
		{"ceiling is where it begins", ".", []string{"GIT_CEILING_DIRECTORIES=" + r.dir}, ""},
		{"file that names nothing", "broken", nil, "names"},
		{"file with something else", "garbage", nil, "gitdir"},
		{"empty .git", "empty", nil, ""},
		{"missing directory", "missing", nil, "no such file"},
	}
	for _, c := range cases {
		in := r.in(c.dir, c.env...)
		found, err := repo.Discover(in.dir, in.getenv)
		_, gitErr := in.try("", "rev-parse", "--git-dir")
		if (err == nil) != (gitErr == nil) || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want %q; git: %v", c.name, found, err, c.want, gitErr)
		}
	}
}

func TestUnsupported(t *testing.T) {
	cases := []struct{ name, config, want string }{
		{"sha256", "[core]\nrepositoryFormatVersion = 1\n[extensions]\nobjectFormat = SHA256\n", "SHA-256"},
		{"sha512", "[extensions]\nobjectformat = sha512\n", "sha512"},
		{"reftable", "[core]\nrepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n", "reftable"},
		{"version 2", "[core]\nrepositoryformatversion = 2\n", "version 2"},
		{"no version", "[core]\nrepositoryformatversion = x\n", "version"},
		{"usual", "[core]\nrepositoryformatversion = 1\n[extensions]\nobjectFormat = sha1\nrefStorage = files\n", ""},
		{"unknown extension", "[core]\nrepositoryformatversion = 1\n[extensions]\nwhatever = 1\n", ""},
		{"everything tolerated", "[extensions]\nworktreeConfig\npreciousObjects = true\npartialClone = origin\nrelativeWorktrees\n", ""},
	}
	for _, c := range cases {
		r := newRepository(t)
		r.write(".git/config", c.config)
		_, err := repo.Discover(r.dir, r.getenv)
		var unsupported *repo.UnsupportedError
		switch {
		case c.want == "" && err == nil:
		case errors.As(err, &unsupported) && c.want != "" && strings.Contains(err.Error(), c.want):
		default:
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	r := newRepository(t, "--object-format=sha256")
	if _, err := repo.Discover(r.dir, r.getenv); err == nil || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("git init --object-format=sha256: %v", err)
	}
}

func TestShallow(t *testing.T) {
	r := newRepository(t)
	r.commit("a", "1")
	cut := r.commit("a", "2")
	r.commit("a", "3")
	if ids, err := r.discover().Shallow(); err != nil || ids != nil {
		t.Errorf("full: %v, %v", ids, err)
	}
	r.git("clone", "-q", "--bare", "--depth=2", "file://"+r.dir, "shallow")
	if ids, err := r.in("shallow").discover().Shallow(); err != nil || len(ids) != 1 || ids[0].String() != cut {
		t.Errorf("shallow: %v, %v; want %s", ids, err, cut)
	}
}
