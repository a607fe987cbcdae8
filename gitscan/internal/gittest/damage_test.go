package gittest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan"
)

// objectFile returns the file of a loose object.
func (r *repository) objectFile(revision string) string {
	id := r.git("rev-parse", revision)
	return filepath.Join(r.dir, ".git", "objects", id[:2], id[2:])
}

// What is damaged is said, and the rest is scanned all the same.
func TestDamage(t *testing.T) {
	const script = `a: 1|[tok01]
		d/b: 1|[tok02]
		add -A
		commit -q -m m
		a: 1|[tok01]|[tok03]
		d/b: 1|[tok02]|[tok04]
		c: [tok05]
		add -A`
	cases := []struct {
		name, damaged string // the revision of an object
		want          string
	}{
		{"nothing", "", "a:3 tok03,c:1 tok05,d/b:3 tok04"},
		{"staged blob", ":a", "! a,c:1 tok05,d/b:3 tok04"},
		{"earlier blob", "HEAD:a", "a:2 tok01,a:3 tok03,! a,c:1 tok05,d/b:3 tok04"},
		{"directory", "HEAD:d", "! d/,a:3 tok03,c:1 tok05,d/b:2 tok02,d/b:3 tok04"},
		{"tree", "HEAD^{tree}", "! .,a:2 tok01,a:3 tok03,c:1 tok05,d/b:2 tok02,d/b:3 tok04"},
		{"commit", "HEAD", "!!"},
	}
	for _, how := range []string{"missing", "empty", "cut"} {
		for _, c := range cases {
			t.Run(c.name+" "+how, func(t *testing.T) {
				r := newRepository(t, "--template=")
				r.do(script)
				if c.damaged != "" {
					damage(t, r.objectFile(c.damaged), how)
				}
				opened := r.open(gitscan.Options{})
				got := strings.Join(findings(t, opened.Staged(t.Context())), ",")
				if got != c.want && (c.want != "!!" || !strings.HasPrefix(got, "!! HEAD: ")) {
					t.Errorf("%s\nwant %s", got, c.want)
				}
				balanced(t, opened.Coverage())
			})
		}
	}
}

func damage(t *testing.T, path, how string) {
	t.Helper()
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err == nil && how == "missing" {
		err = os.Remove(path)
	} else if err == nil {
		err = os.WriteFile(path, data[:map[string]int{"empty": 0, "cut": len(data) / 2}[how]], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamagedHistory(t *testing.T) {
	const script = `a: [tok01]
		add a
		commit -q -m m
		a: [tok02]
		commit -q -a -m m
		a: [tok03]
		commit -q -a -m m`
	cases := []struct{ name, damaged, want string }{
		{"blob", "main~:a", "a:1 tok01,! a,a:1 tok03,! a"}, // the second time as the earlier version
		{"tree", "main~^{tree}", "a:1 tok01,! .,! .,a:1 tok03"},
		{"commit", "main~", "! commit,a:1 tok03"},
		{"tip", "main", "! main"},
	}
	for _, c := range cases {
		r := newRepository(t, "--template=")
		r.do(script)
		id := r.git("rev-parse", c.damaged)
		damage(t, r.objectFile(c.damaged), "cut")
		opened := r.open(gitscan.Options{})
		got := strings.ReplaceAll(strings.Join(findings(t, opened.Range(t.Context(), []string{"main"}, nil)), ","), " "+id, "")
		if got != c.want && !(c.name == "tip" && strings.HasPrefix(got, "!")) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		balanced(t, opened.Coverage())
	}
}

func TestBrokenRefs(t *testing.T) {
	r := newRepository(t, "--template=")
	r.do("a: [tok01]\n add a\n commit -q -m m")
	for name, text := range map[string]string{
		"HEAD": "nonsense\n", "refs/heads/main": "nonsense\n", "MERGE_HEAD": "nonsense\n", "index": "nonsense",
	} {
		path := filepath.Join(r.dir, ".git", name)
		old, _ := os.ReadFile(path)
		r.write(".git/"+name, text)
		opened, err := gitscan.Open(r.dir, r.getenv, gitscan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := findings(t, opened.Staged(t.Context())); len(got) != 1 || !strings.HasPrefix(got[0], "!! ") {
			t.Errorf("%s: %q", name, got)
		}
		opened.Close()
		if os.Remove(path); old != nil {
			r.write(".git/"+name, string(old))
		}
	}
	r.write(".git/refs/remotes/origin/x", "nonsense\n", ".git/refs/heads/y", "nonsense\n")
	want := []string{"! refs/heads/y", "! refs/remotes/origin/x", "a:1 tok01"}
	if got := findings(t, r.open(gitscan.Options{}).Unpushed(t.Context(), "origin")); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPartialCloneIsIncomplete(t *testing.T) {
	r := newRepository(t, "--template=")
	r.git("config", "uploadpack.allowFilter", "true")
	r.do("a: [tok01]\n add a\n commit -q -m m\n a: [tok01]|[tok02]\n b: [tok03]\n add -A\n commit -q -m m")
	dir := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "-q", "--filter=blob:none", "file://"+r.dir, dir)
	clone := r.in(dir)
	clone.do("b: [tok03]|[tok04]\n add b")
	all := []string{"! a", "a:1 tok01", "a:2 tok02", "b:1 tok03"} // the earlier version of a is not there
	for _, allow := range []bool{false, true} {
		opened := clone.open(gitscan.Options{AllowMissing: allow})
		want := all
		if allow {
			want = all[1:]
		}
		if got := findings(t, opened.Range(t.Context(), []string{"main"}, nil)); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		balanced(t, opened.Coverage())
		if opened.Coverage().Missing.Files != 1 {
			t.Errorf("%+v", opened.Coverage())
		}
		if got, want := findings(t, opened.Staged(t.Context())), []string{"b:2 tok04"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Whatever byte of the repository is wrong, either the findings are those of the sound one or there is an error.
func TestRandomDamage(t *testing.T) {
	r := newRepository(t, "--template=")
	r.do(`a: 1|[tok01]
		d/b: 1|[tok02]
		add -A
		commit -q -m m
		a: 1|[tok01]|[tok03]
		commit -q -a -m m
		gc -q
		d/b: 1|[tok02]|[tok04]
		c: [tok05]
		add -A`)
	scan := func() ([]string, error) {
		opened, err := gitscan.Open(r.dir, r.getenv, gitscan.Options{})
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		return append(findings(t, opened.Staged(t.Context())), findings(t, opened.Range(t.Context(), []string{"HEAD"}, nil))...), nil
	}
	want, err := scan()
	if err != nil || len(want) != 5 {
		t.Fatal(want, err)
	}
	var files []string
	err = filepath.WalkDir(filepath.Join(r.dir, ".git"), func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files = append(files, path)
			err = os.Chmod(path, 0o600)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		path := files[random.IntN(len(files))]
		sound, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(sound) == 0 {
			continue
		}
		wrong := slices.Clone(sound)
		at := random.IntN(len(wrong))
		if wrong[at] ^= byte(1 << random.IntN(8)); random.IntN(4) == 0 {
			wrong = wrong[:at]
		}
		if err := os.WriteFile(path, wrong, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := scan()
		isError := func(line string) bool { return strings.HasPrefix(line, "!") }
		if err == nil && !slices.ContainsFunc(got, isError) && !slices.Equal(got, want) {
			t.Errorf("%s, byte %d: %q", strings.TrimPrefix(path, r.dir), at, got)
		}
		if err := os.WriteFile(path, sound, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
