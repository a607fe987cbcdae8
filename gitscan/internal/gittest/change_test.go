package gittest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/gitscan"
)

// TestMergeBaseAsGit compares with "git merge-base" in histories with merges and dates that are wrong.
func TestMergeBaseAsGit(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			r := newRepository(t, "--template=")
			ids := r.randomHistory(random, 60)
			opened := r.open(gitscan.Options{})
			for range 40 {
				a, b := ids[random.IntN(len(ids))], ids[random.IntN(len(ids))]
				out, err := r.try("", "merge-base", "--all", a, b)
				want := strings.Fields(out)
				got, err2 := opened.MergeBase(t.Context(), a, b)
				switch {
				case err != nil && !errors.Is(err2, gitscan.ErrNoMergeBase):
					t.Errorf("%s %s: %q, %v, and git knows none", a, b, got, err2)
				case err == nil && !slices.Contains(want, got):
					t.Errorf("%s %s: %q, %v, want one of %q", a, b, got, err2, want)
				}
			}
		})
	}
}

// TestParents compares ranges without a commit's parents with "git rev-list COMMIT^!".
func TestParents(t *testing.T) {
	r := newRepository(t, "--template=")
	ids := r.randomHistory(rand.New(rand.NewPCG(1, 7)), 40)
	for _, id := range ids {
		r.checkRange(r.open(gitscan.Options{}).Range(t.Context(), []string{id}, []string{id + "^@"}), id+"^!")
	}
}

func TestNamed(t *testing.T) {
	r := newRepository(t, "--template=")
	first := r.commit("a", "1")
	second := r.commit("a", "2")
	blob := r.git("rev-parse", "HEAD:a")
	r.git("tag", "-a", "-m", "m", "v1", first)
	r.git("update-ref", "refs/remotes/origin/main", first)
	r.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	r.git("symbolic-ref", "refs/remotes/origin/gone", "refs/remotes/origin/nothing")
	// Names that a revision would be taken for.
	for _, name := range []string{second[:12], "refs/remotes/origin/other", "deadbeef", "main"} {
		r.git("update-ref", "refs/tags/"+name, second)
		r.git("update-ref", "refs/heads/"+name, second)
	}
	if err := os.WriteFile(filepath.Join(r.dir, ".git", "refs", "remotes", "origin", "broken"), []byte("x\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	opened := r.open(gitscan.Options{})
	for _, test := range []struct {
		name, want string // "?" if it is not there, "!" for another error
	}{
		{"HEAD", second},
		{"refs/heads/main", second},
		{"refs/remotes/origin/main", first},
		{"refs/remotes/origin/HEAD", first},
		{"refs/tags/v1", r.git("rev-parse", "v1")},
		{first, first},
		{strings.ToUpper(first), first},
		{first[:12], first},
		{first[:7], first},
		{blob, blob},
		{first[:6], "?"},
		{"main", "?"},
		{"origin/main", "?"},
		{"deadbeef", "?"},
		{"refs/remotes/origin/other", "?"},
		{"refs/remotes/origin/gone", "?"},
		{"refs/heads/main~1", "!"},
		{"refs/../HEAD", "!"},
		{"refs/remotes/origin/broken", "!"},
		{"HEAD~1", "?"},
		{strings.Repeat("12", 20), "?"},
		{first + "0", "?"},
		{"", "?"},
		{"-x", "?"},
	} {
		got, err := opened.Named(test.name)
		switch {
		case errors.Is(err, gitscan.ErrUnknownRevision):
			got = "?"
		case err != nil:
			got = "!"
		}
		if got != test.want {
			t.Errorf("%q: %s (%v), want %s", test.name, got, err, test.want)
		}
	}
}

func TestContains(t *testing.T) {
	r := newRepository(t, "--template=")
	r.do(`a: [tok01]|[tok02]
		b: [tok03]
		d/e: [tok04]
		add .
		commit -q -m m
		a: [tok01]
		d/e: [tok04]|[tok05]
		f: [tok03]
		add .
		commit -q -m [tok09]`)
	utf16 := "\xff\xfeu\x00t\x00f\x001\x006\x00"
	if err := os.WriteFile(filepath.Join(r.dir, "wide"), []byte(utf16), 0o666); err != nil {
		t.Fatal(err)
	}
	r.git("add", ".")
	r.git("commit", "-q", "-m", "wide")
	opened := r.open(gitscan.Options{})
	before := opened.Coverage()
	for _, test := range []struct {
		commit, except, texts string
		want                  string // those of texts that are there
	}{
		{"HEAD", "", "tok01 tok02 tok03 tok04 tok05 tok09", "tok01 tok03 tok04 tok05"},
		{"HEAD~2", "", "tok01 tok02 tok03 tok04 tok05 tok09", "tok01 tok02 tok03 tok04"},
		{"HEAD", "HEAD~2", "tok01 tok02 tok03 tok04 tok05", "tok01 tok03 tok04 tok05"},
		{"HEAD", "HEAD~1", "tok01 tok03 tok04 tok05", ""},
		{"HEAD", "HEAD", "tok01", ""},
		{"HEAD", "", "utf16 d/e", "utf16 d/e"},
		{"HEAD", "", "", ""},
	} {
		var texts [][]byte
		for _, word := range strings.Fields(test.texts) {
			texts = append(texts, []byte(word))
		}
		texts = append(texts, nil)
		found, complete, err := opened.Contains(t.Context(), test.commit, test.except, texts)
		if err != nil || !complete {
			t.Fatalf("%s: complete %v, %v", test.commit, complete, err)
		}
		var got []string
		for i, yes := range found {
			if yes {
				got = append(got, string(texts[i]))
			}
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s without %q: %q, want %q", test.commit, test.except, text, test.want)
		}
	}
	if opened.Coverage() != before {
		t.Error("a search counts as a scan")
	}
	if _, _, err := opened.Contains(t.Context(), "nothing", "", nil); !errors.Is(err, gitscan.ErrUnknownRevision) {
		t.Errorf("%v", err)
	}
	// What cannot be read may have the text.
	small := r.open(gitscan.Options{MaxBlob: 3})
	if found, complete, err := small.Contains(t.Context(), "HEAD", "", [][]byte{[]byte("tok01")}); err != nil || complete || found[0] {
		t.Errorf("too large a file: %v, complete %v, %v", found, complete, err)
	}
}
