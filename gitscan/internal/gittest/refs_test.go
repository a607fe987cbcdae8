package gittest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/revision"
)

// checkRefs compares the refs with those that git lists.
func (r *repository) checkRefs(what string) {
	r.t.Helper()
	var want []string
	for line := range strings.Lines(r.git("for-each-ref", "--format=%(refname) %(objectname)") + "\n") {
		want = append(want, strings.TrimSpace(line))
	}
	var got []string
	for ref, err := range r.discover().Refs().All() {
		if err != nil {
			r.t.Errorf("%s: %s: %v", what, ref.Name, err)
		}
		got = append(got, fmt.Sprint(ref.Name, " ", ref.ID))
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("%s: %q\nwant %q", what, got, want)
	}
}

func TestRefs(t *testing.T) {
	r := newRepository(t)
	if head, err := r.discover().Refs().Head(); err != nil || !head.ID.IsZero() || head.Target != "refs/heads/main" {
		t.Errorf("unborn: %v, %v", head, err)
	}
	r.commit("a", "1")
	r.commit("a", "2")
	r.git("tag", "light")
	r.git("tag", "-a", "-m", "message", "annotated")
	r.git("branch", "feature/x/y")
	r.git("update-ref", "refs/pull/1/head", "HEAD~")
	r.git("update-ref", "refs/tags/blob", r.git("rev-parse", "HEAD:a"))
	r.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
	r.git("notes", "add", "-m", "note")
	r.checkRefs("loose")
	r.git("pack-refs", "--all")
	r.checkRefs("packed")
	r.commit("a", "3")
	r.git("branch", "-d", "-q", "feature/x/y")
	r.git("branch", "feature")
	r.checkRefs("both")
	r.git("worktree", "add", "-q", "linked", "feature")
	linked := r.in("linked")
	linked.git("update-ref", "refs/worktree/mine", "HEAD")
	linked.git("update-ref", "refs/bisect/bad", "HEAD~")
	r.git("update-ref", "refs/bisect/good", "HEAD~2")
	linked.checkRefs("linked worktree")
	r.checkRefs("main worktree")
	r.git("checkout", "-q", "--detach", "HEAD~")
	if head, err := r.discover().Refs().Head(); err != nil || head.ID.String() != r.git("rev-parse", "HEAD") || head.Target != "" {
		t.Errorf("detached: %v, %v", head, err)
	}
	for ref, err := range r.discover().Refs().All() {
		if ref.Name == "refs/tags/annotated" && (err != nil || ref.Peeled.String() != r.git("rev-parse", "annotated^{}")) {
			t.Errorf("peeled: %v, %v", ref, err)
		}
	}
}

func TestRevisions(t *testing.T) {
	r := newRepository(t)
	first := r.commit("a", "1")
	r.commit("a", "2")
	r.git("checkout", "-q", "-b", "side", "HEAD~")
	r.commit("b", "3")
	r.git("checkout", "-q", "main")
	r.git("merge", "-q", "--no-edit", "side")
	r.git("tag", "-a", "-m", "m", "v1")
	r.git("tag", "-a", "-m", "m", "v2", "v1")
	r.git("tag", "side2", "side")
	r.git("tag", "main", "side") // a tag with the name of a branch
	r.git("tag", "tree", "HEAD^{tree}")
	r.git("tag", "blob", "HEAD:a")
	r.git("tag", "-a", "-m", "m", "blobtag", "blob")
	r.git("clone", "-q", ".", "clone")
	clone := r.in("clone")
	clone.git("fetch", "-q", "origin", "side")
	good := strings.Fields(`HEAD @ main heads/main refs/heads/main side v1 v2 tree blob blobtag v1^{} v1^{commit} v2^{tag} v2^0 v1~1
		HEAD~ HEAD~0 HEAD~1 HEAD~2 HEAD^ HEAD^1 HEAD^2 HEAD^0 HEAD^^ HEAD^2^ HEAD~1^1 @~1 @^2 heads/main^2~1 HEAD^{tree} v2^{tree}
		tree^{tree} tree^{} blob^{blob} blobtag^{blob} blobtag^{} HEAD^{object} HEAD^{commit}^{tree} ` + first + " " + first[:7] + " " + first[:10] + "^{tree} " + strings.ToUpper(first[:12]))
	bad := strings.Fields(`nothing HEAD~9 HEAD^3 HEAD~~~~~ blob~ blob^{tree} tree^{commit} HEAD^{blob} v1^{blob} HEAD~x HEAD^{x} HEAD^{ HEAD~99999999999 ~1 ^
		../HEAD config .git/HEAD ffffffffff`)
	check := func(r *repository, name string, ok bool) {
		t.Helper()
		found := r.discover()
		got, err := revision.Resolve(name, found.Refs(), r.objects())
		want, gitErr := r.try("", "rev-parse", "--verify", "-q", "--end-of-options", name)
		want = strings.TrimSpace(want)
		if (gitErr == nil) != ok || (err == nil) != ok || ok && got.String() != want {
			t.Errorf("%q: %s, %v; git says %s, %v", name, got, err, want, gitErr)
		}
	}
	for _, name := range good {
		check(r, name, true)
	}
	for _, name := range bad {
		check(r, name, false)
	}
	for _, name := range strings.Fields("origin origin/side remotes/origin/side FETCH_HEAD origin/main~1") {
		check(clone, name, true)
	}
	for _, name := range []string{"HEAD@{1}", ":/message", "HEAD:a", "@{u}", ""} {
		if id, err := revision.Resolve(name, r.discover().Refs(), r.objects()); err == nil {
			t.Errorf("%q: %s", name, id)
		}
	}
	if id, err := revision.Commit("v2", r.discover().Refs(), r.objects()); err != nil || id.String() != r.git("rev-parse", "HEAD") {
		t.Errorf("Commit(v2): %s, %v", id, err)
	}
}

// An abbreviation that a commit shares with other objects means the commit.
func TestAmbiguousAbbreviation(t *testing.T) {
	r := newRepository(t)
	commit := r.commit("a", "1")
	// A blob whose id begins with the same 4 digits: one in 65,536 does.
	text := ""
	for i := 0; ; i++ {
		text = fmt.Sprint(i)
		if object.Hash(object.Blob, []byte(text)).String()[:4] == commit[:4] {
			break
		}
	}
	blob := r.gitIn(text, "hash-object", "-w", "--stdin")
	if id, err := revision.Resolve(commit[:4], r.discover().Refs(), r.objects()); err != nil || id.String() != commit {
		t.Errorf("%s, %v; want %s and not %s", id, err, commit, blob)
	}
}
