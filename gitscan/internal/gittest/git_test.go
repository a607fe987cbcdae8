package gittest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/repo"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// repository is a repository for a test, and a way to run git in it.
type repository struct {
	t   testing.TB
	dir string   // in which git runs
	env []string // further variables
}

// newRepository makes a repository with git init and the further arguments.
func newRepository(t testing.TB, args ...string) *repository {
	t.Helper()
	r := &repository{t: t, dir: t.TempDir()}
	r.git(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return r
}

// environment returns one that no configuration of the machine reaches.
func (r *repository) environment() []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.com", "GIT_COMMITTER_DATE=1700000000 +0000",
		"GIT_CONFIG_COUNT=6",
		"GIT_CONFIG_KEY_0=gc.auto", "GIT_CONFIG_VALUE_0=0",
		"GIT_CONFIG_KEY_1=maintenance.auto", "GIT_CONFIG_VALUE_1=false",
		"GIT_CONFIG_KEY_2=protocol.file.allow", "GIT_CONFIG_VALUE_2=always",
		"GIT_CONFIG_KEY_3=core.fsync", "GIT_CONFIG_VALUE_3=none",
		"GIT_CONFIG_KEY_4=advice.detachedHead", "GIT_CONFIG_VALUE_4=false",
		"GIT_CONFIG_KEY_5=index.threads", "GIT_CONFIG_VALUE_5=1",
	}
	return append(env, r.env...)
}

// try runs git with input and returns its output.
func (r *repository) try(input string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, r.environment()
	cmd.Stdin = strings.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return stderr.String(), err
	}
	return string(out), nil
}

// git runs git, which has to succeed, and returns its output without the end of line.
func (r *repository) git(args ...string) string {
	r.t.Helper()
	return r.gitIn("", args...)
}

func (r *repository) gitIn(input string, args ...string) string {
	r.t.Helper()
	out, err := r.try(input, args...)
	if err != nil {
		r.t.Fatalf("git %q in %s: %v\n%s", args, r.dir, err, out)
	}
	return strings.TrimSuffix(out, "\n")
}

// write writes files, given as names and contents by turns.
func (r *repository) write(files ...string) {
	r.t.Helper()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(r.dir, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
}

// commit commits files, given as names and contents by turns, and returns the commit's id.
func (r *repository) commit(files ...string) string {
	r.t.Helper()
	r.write(files...)
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", "message")
	return r.git("rev-parse", "HEAD")
}

// in returns the repository seen from a sub-directory or another directory.
func (r *repository) in(dir string, env ...string) *repository {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(r.dir, dir)
	}
	return &repository{t: r.t, dir: dir, env: append(slices.Clone(r.env), env...)}
}

// getenv looks up the variables that git would see.
func (r *repository) getenv(name string) string {
	for _, v := range slices.Backward(r.env) {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// discover returns what our code finds.
func (r *repository) discover() *repo.Repository {
	r.t.Helper()
	found, err := repo.Discover(r.dir, r.getenv)
	if err != nil {
		r.t.Fatal(err)
	}
	return found
}

// objects opens the objects with our code.
func (r *repository) objects() *store.Objects {
	r.t.Helper()
	objects, err := r.discover().Objects()
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { objects.Close() })
	return objects
}

func parseID(t testing.TB, digits string) object.ID {
	t.Helper()
	id, err := object.ParseID(digits)
	if err != nil {
		t.Fatalf("%q: %v", digits, err)
	}
	return id
}
