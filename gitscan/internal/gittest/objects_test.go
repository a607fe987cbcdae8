package gittest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// listing returns "id kind size" of every object that git knows, sorted.
func (r *repository) listing() []string {
	r.t.Helper()
	list := strings.Split(r.git("cat-file", "--batch-all-objects", "--batch-check"), "\n")
	slices.Sort(list)
	return list
}

// checkObjects reads every object that git knows, in all ways.
func (r *repository) checkObjects(what string) {
	r.t.Helper()
	objects := r.objects()
	for _, line := range r.listing() {
		id := parseID(r.t, line[:object.HexSize])
		kind, data, err := objects.Object(id, store.NoLimit)
		if got := fmt.Sprint(id, " ", kind, " ", len(data)); err != nil || got != line {
			r.t.Fatalf("%s: %s, %v; want %s", what, got, err, line)
		}
		kind, size, err := objects.Stat(id)
		if got := fmt.Sprint(id, " ", kind, " ", size); err != nil || got != line {
			r.t.Fatalf("%s: Stat: %s, %v; want %s", what, got, err, line)
		}
		kind, size, stream, err := objects.Open(id, store.NoLimit)
		if err != nil {
			r.t.Fatalf("%s: Open %s: %v", what, line, err)
		}
		streamed, err := io.ReadAll(stream)
		if got := fmt.Sprint(id, " ", kind, " ", size); err != nil || got != line || !bytes.Equal(streamed, data) {
			r.t.Fatalf("%s: Open: %s, %v; want %s", what, got, err, line)
		}
		stream.Close()
		if ids, err := objects.WithPrefix(line[:12], 10); err != nil || len(ids) != 1 || ids[0] != id {
			r.t.Fatalf("%s: WithPrefix(%s): %v, %v", what, line[:12], ids, err)
		}
	}
}

// history makes commits whose files make long chains of deltas.
func (r *repository) history(commits int) {
	r.t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	lines := make([]string, 200)
	var input strings.Builder
	for i := range commits {
		for range 3 {
			lines[random.IntN(len(lines))] = fmt.Sprintf("this is line %d of version %d", random.Uint32(), i)
		}
		text := strings.Join(lines, "\n")
		fmt.Fprintf(&input, "commit refs/heads/main\ncommitter C <c@example.com> %d +0000\ndata 1\nm\nM 644 inline dir/file\ndata %d\n%s\nM 644 inline small%d\ndata 3\n%03d\n",
			1700000000+i, len(text), text, i%10, i)
	}
	r.gitIn(input.String(), "fast-import", "--quiet", "--force", "--depth=5")
	r.git("tag", "-a", "-m", "tag", "v1", "main")
}

func TestObjects(t *testing.T) {
	r := newRepository(t)
	r.commit("a", "1", "empty", "", "big", strings.Repeat("0123456789\n", 300_000))
	r.checkObjects("loose")
	r.history(400)
	r.checkObjects("imported pack")
	for _, args := range [][]string{
		{"repack", "-adfq", "--depth=400", "--window=20"},
		{"-c", "pack.indexVersion=1", "repack", "-adfq", "--depth=50"},
		{"-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=50"},
		{"-c", "core.compression=0", "repack", "-adFq"},
		{"multi-pack-index", "write"},
		{"reset", "-q", "--hard", "HEAD~200"},
		{"repack", "-q", "-d", "--cruft", "-a"},
	} {
		r.git(args...)
		r.checkObjects(strings.Join(args, " "))
	}
}

// The reader of go-git is the second oracle.
func TestObjectsAsGoGit(t *testing.T) {
	r := newRepository(t)
	r.history(100)
	r.git("repack", "-adfq", "--depth=50")
	path, err := filepath.Glob(filepath.Join(r.dir, ".git", "objects", "pack", "*.idx"))
	if err != nil || len(path) != 1 {
		t.Fatal(path, err)
	}
	goGit := openGoGit(t, strings.TrimSuffix(path[0], ".idx"))
	objects := r.objects()
	for _, line := range r.listing() {
		id := parseID(t, line[:object.HexSize])
		want, err := goGit.Get(plumbing.Hash(id))
		if err != nil {
			t.Fatal(err)
		}
		reader, err := want.Reader()
		if err != nil {
			t.Fatal(err)
		}
		wantData, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		kind, data, err := objects.Object(id, store.NoLimit)
		if err != nil || kind.String() != want.Type().String() || !bytes.Equal(data, wantData) {
			t.Fatalf("%s: %s, %v", line, kind, err)
		}
	}
}

// lockable is a file with the methods that go-git wants.
type lockable struct{ *os.File }

func (lockable) Lock() error   { return nil }
func (lockable) Unlock() error { return nil }

func openGoGit(t *testing.T, path string) *packfile.Packfile {
	t.Helper()
	idx, err := os.Open(path + ".idx")
	if err != nil {
		t.Fatal(err)
	}
	defer idx.Close()
	memory := idxfile.NewMemoryIndex()
	if err := idxfile.NewDecoder(idx).Decode(memory); err != nil {
		t.Fatal(err)
	}
	pack, err := os.Open(path + ".pack")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pack.Close() })
	return packfile.NewPackfile(memory, nil, lockable{pack}, 0)
}

func TestObjectsConcurrently(t *testing.T) {
	r := newRepository(t)
	r.history(50)
	r.git("repack", "-adfq", "--depth=50")
	objects := r.objects()
	list := r.listing()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, line := range list {
				id, _ := object.ParseID(line[:object.HexSize])
				if kind, data, err := objects.Object(id, store.NoLimit); err != nil || fmt.Sprint(id, " ", kind, " ", len(data)) != line {
					t.Error(line, err)
				}
			}
		})
	}
	group.Wait()
}

func TestLimits(t *testing.T) {
	r := newRepository(t)
	r.history(20)
	blob := parseID(t, r.git("rev-parse", "main:dir/file"))
	size := int64(len(r.git("cat-file", "blob", "main:dir/file")))
	older := parseID(t, r.git("rev-parse", "main~10:dir/file")) // stored as a delta
	for _, what := range []string{"packed", "loose"} {
		objects := r.objects()
		for _, id := range []object.ID{blob, older} {
			_, n, err := objects.Stat(id)
			if err != nil {
				t.Fatal(err)
			}
			if _, data, err := objects.Object(id, n); err != nil || int64(len(data)) != n {
				t.Errorf("%s: the limit is the size: %v", what, err)
			}
			var large *store.TooLargeError
			if _, _, err := objects.Object(id, n-1); !errors.As(err, &large) || large.Size != n || large.ID != id {
				t.Errorf("%s: limit of %d bytes for %d: %v", what, n-1, n, err)
			}
		}
		if what == "packed" {
			dir := filepath.Join(r.dir, ".git", "objects", "pack")
			moved := filepath.Join(r.dir, "moved")
			if err := os.Rename(dir, moved); err != nil {
				t.Fatal(err)
			}
			packs, _ := filepath.Glob(filepath.Join(moved, "*.pack"))
			for _, pack := range packs {
				data, err := os.ReadFile(pack)
				if err != nil {
					t.Fatal(err)
				}
				r.gitIn(string(data), "unpack-objects", "-q")
			}
		}
	}
	if size == 0 {
		t.Error("empty blob")
	}
}

func TestMissingObjects(t *testing.T) {
	r := newRepository(t)
	r.history(20)
	unknown := object.Hash(object.Blob, []byte("never written"))
	var missing *store.MissingError
	objects := r.objects()
	if _, _, err := objects.Object(unknown, store.NoLimit); !errors.As(err, &missing) || missing.ID != unknown || missing.Promised {
		t.Errorf("Object: %v", err)
	}
	if _, _, err := objects.Stat(unknown); !errors.As(err, &missing) {
		t.Errorf("Stat: %v", err)
	}
	if _, _, _, err := objects.Open(unknown, store.NoLimit); !errors.As(err, &missing) {
		t.Errorf("Open: %v", err)
	}

	r.git("config", "uploadpack.allowFilter", "true")
	r.git("clone", "-q", "--bare", "--filter=blob:none", "file://"+r.dir, "partial")
	partial := r.in("partial")
	if !partial.discover().PartialClone {
		t.Error("not seen as a partial clone")
	}
	blob := parseID(t, r.git("rev-parse", "main:dir/file"))
	if _, _, err := partial.objects().Object(blob, store.NoLimit); !errors.As(err, &missing) || !missing.Promised {
		t.Errorf("partial clone: %v", err)
	}
}

// An object that appears, and one whose pack is replaced, while the objects are open.
func TestObjectsChange(t *testing.T) {
	r := newRepository(t)
	first := parseID(t, r.commit("a", "1"))
	objects := r.objects()
	if _, _, err := objects.Object(first, store.NoLimit); err != nil {
		t.Error(err)
	}
	r.history(20)
	r.git("repack", "-adfq")
	second := parseID(t, r.git("rev-parse", "main~1"))
	if _, _, err := objects.Object(second, store.NoLimit); err != nil {
		t.Error("after a pack came:", err)
	}
	third := parseID(t, r.commit("b", "2"))
	r.git("repack", "-adfq", "--depth=5")
	for _, id := range []object.ID{second, third, first} {
		if _, _, err := objects.Object(id, store.NoLimit); err != nil {
			t.Error("after it was replaced:", err)
		}
	}
}

func TestAlternates(t *testing.T) {
	a := newRepository(t)
	inA := parseID(t, a.commit("a", "in a"))
	a.git("clone", "-q", "--shared", ".", "b") // b borrows from a, by an absolute path
	b := a.in("b")
	inB := parseID(t, b.commit("b", "in b"))
	b.git("clone", "-q", "--shared", ".", "../c")
	c := a.in("c")
	inC := parseID(t, c.commit("c", "in c"))
	alternates := func(r *repository, text string) {
		r.t.Helper()
		r.write(".git/objects/info/alternates", text)
	}
	check := func(what string, ids ...object.ID) {
		t.Helper()
		objects := c.objects()
		for _, id := range ids {
			if _, _, err := objects.Object(id, store.NoLimit); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	check("absolute, nested", inA, inB, inC)
	alternates(c, "# a comment\n\n\"../../../b/.git/objects\"\n")
	alternates(b, "../../../.git/objects\n")
	check("relative, nested, quoted", inA, inB, inC)
	alternates(a, filepath.Join(c.dir, ".git", "objects")+"\n../objects\n")
	check("in circles", inA, inB, inC)
	if dirs := c.objects().Directories(); len(dirs) != 3 {
		t.Errorf("directories: %q", dirs)
	}
	alternates(c, "/nowhere/objects\n")
	var missing *store.MissingError
	if _, _, err := c.objects().Object(inB, store.NoLimit); !errors.As(err, &missing) || !slices.Equal(missing.Absent, []string{"/nowhere/objects"}) {
		t.Errorf("absent alternate: %v", err)
	}
	c.env = []string{"GIT_ALTERNATE_OBJECT_DIRECTORIES=/nowhere:\"" + filepath.Join(b.dir, ".git", "objects") + "\""}
	check("from the environment", inA, inB, inC)
}

func TestParsedObjects(t *testing.T) {
	r := newRepository(t)
	commit := parseID(t, r.commit("a", "1"))
	tree := parseID(t, r.git("rev-parse", "HEAD^{tree}"))
	r.git("tag", "-a", "-m", "message", "v1")
	tag := parseID(t, r.git("rev-parse", "v1"))
	objects := r.objects()
	if c, err := objects.Commit(commit); err != nil || c.Tree != tree || c.Author.Email != "a@example.com" || c.Author.When.Unix() != 1700000000 || string(c.Message) != "message\n" {
		t.Errorf("commit: %v, %v", c, err)
	}
	if c, err := objects.Tag(tag); err != nil || c.Object != commit || c.Kind != object.Commit || c.Name != "v1" || string(c.Message) != "message\n" {
		t.Errorf("tag: %v, %v", c, err)
	}
	if data, err := objects.Tree(tree); err != nil || object.Hash(object.Tree, data) != tree {
		t.Errorf("tree: %q, %v", data, err)
	}
	for _, id := range []object.ID{commit, tree, tag} {
		errs := 0
		for _, read := range []func() error{
			func() error { _, err := objects.Commit(id); return err },
			func() error { _, err := objects.Tag(id); return err },
			func() error { _, err := objects.Tree(id); return err },
		} {
			if read() != nil {
				errs++
			}
		}
		if errs != 2 {
			t.Errorf("%s: %d errors of a wrong kind", id, errs)
		}
	}
}

// In a pre-receive hook, what was pushed is in a directory of its own.
func TestQuarantine(t *testing.T) {
	r := newRepository(t)
	first := parseID(t, r.commit("a", "1"))
	r.write("quarantine/info/x", "")
	q := r.in(".",
		"GIT_OBJECT_DIRECTORY="+filepath.Join(r.dir, "quarantine"),
		"GIT_ALTERNATE_OBJECT_DIRECTORIES="+filepath.Join(r.dir, ".git", "objects"))
	pushed := parseID(t, q.gitIn("pushed", "hash-object", "-w", "--stdin"))
	objects := q.objects()
	for _, id := range []object.ID{first, pushed} {
		if _, _, err := objects.Object(id, store.NoLimit); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := r.objects().Object(pushed, store.NoLimit); err == nil {
		t.Error("outside of the quarantine the object is seen too")
	}
}

// What replaces an object is not read in its place.
func TestReplacementsAreIgnored(t *testing.T) {
	r := newRepository(t)
	first := r.commit("a", "secret")
	second := r.commit("a", "harmless")
	r.git("replace", first, second)
	_, data, err := r.objects().Object(parseID(t, first), store.NoLimit)
	if err != nil || object.Hash(object.Commit, data).String() != first {
		t.Errorf("%q, %v", data, err)
	}
}

// No changed byte goes unnoticed: what is read is the object that was asked for, or an error.
func TestDamagedFiles(t *testing.T) {
	r := newRepository(t)
	r.history(10)
	r.git("repack", "-adfq", "--depth=50")
	loose := parseID(t, r.gitIn("loose", "hash-object", "-w", "--stdin"))
	list := r.listing()
	files, err := filepath.Glob(filepath.Join(r.dir, ".git", "objects", "pack", "*.[ip][da][xc]*"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	files = append(files, filepath.Join(r.dir, ".git", "objects", loose.String()[:2], loose.String()[2:]))
	random := rand.New(rand.NewPCG(1, 1))
	for _, file := range files {
		intact, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, 0o600); err != nil {
			t.Fatal(err)
		}
		for round := range 60 {
			damaged := slices.Clone(intact)
			if round%4 == 0 {
				damaged = damaged[:random.IntN(len(damaged))]
			} else {
				damaged[random.IntN(len(damaged))] ^= 1 << random.IntN(8)
			}
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			r.readDamaged(list)
		}
		if err := os.WriteFile(file, intact, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.checkObjects("repaired")
}

func (r *repository) readDamaged(list []string) {
	r.t.Helper()
	objects, err := store.Open(filepath.Join(r.dir, ".git", "objects"))
	if err != nil {
		return
	}
	defer objects.Close()
	for _, line := range list {
		id, _ := object.ParseID(line[:object.HexSize])
		kind, data, err := objects.Object(id, 1<<20)
		if err == nil && fmt.Sprint(id, " ", kind, " ", len(data)) != line {
			r.t.Errorf("%s %d instead of %s", kind, len(data), line)
		}
		if _, _, stream, err := objects.Open(id, 1<<20); err == nil {
			data, err := io.ReadAll(stream)
			if err == nil && object.Hash(kind, data) != id {
				r.t.Errorf("Open reads something else than %s", line)
			}
			stream.Close()
		}
	}
}
