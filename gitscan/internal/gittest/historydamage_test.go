package gittest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keysieve/keysieve/gitscan"
)

// scanHistory opens the repository and scans its history. complete is false if there was an error.
func (r *repository) scanHistory() (list []string, complete bool) {
	opened, err := gitscan.Open(r.dir, r.getenv, gitscan.Options{})
	if err != nil {
		return []string{"error " + err.Error()}, false
	}
	defer opened.Close()
	d := tokenDetector(r.t, 2)
	list = rows(r.t, d, opened.History(d, gitscan.HistoryOptions{Workers: 2}).Fragments(r.t.Context()))
	balanced(r.t, opened.Coverage())
	return list, !slices.ContainsFunc(list, func(row string) bool { return strings.HasPrefix(row, "error ") })
}

// withoutRefs leaves out what rows say about the names of refs, which nothing vouches for.
func withoutRefs(rows []string) []string {
	var list []string
	for _, row := range rows {
		f := splitRow(row)
		if f[1] == "-" {
			f[2] = ""
		}
		list = append(list, strings.Join(f[:], " "))
	}
	slices.Sort(list)
	return list
}

// TestRandomHistoryDamage changes one byte of a repository at a time, or cuts a file short: 150 times, or as often as KEYSIEVE_DAMAGE says. Either
// what is found is the same as in the sound one, or there is an error.
func TestRandomHistoryDamage(t *testing.T) {
	rounds, seed := 150, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("KEYSIEVE_DAMAGE")); err == nil {
		rounds, seed = n, uint64(time.Now().UnixNano())/1000
	} else if testing.Short() {
		rounds = 50
	}
	const perHistory = 75
	for done := 0; done < rounds && !t.Failed(); done += perHistory {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { damageHistory(t, seed, min(perHistory, rounds-done)) })
		seed++
	}
}

func damageHistory(t *testing.T, seed uint64, rounds int) {
	m := newMaker(t, 1+3*seed)
	m.commits(8)
	m.branchOut()
	m.work()
	// Git does not keep what these name, so that nobody can say that it has to be there.
	m.git("update-ref", "-d", "ORIG_HEAD")
	if err := os.RemoveAll(filepath.Join(m.dir, ".git", "worktrees", "linked", "refs", "bisect")); err != nil {
		t.Fatal(err)
	}
	way := m.pack(int(seed))
	if seed%2 == 0 {
		m.git("pack-refs", "--all")
	}
	want, complete := m.scanHistory()
	if !complete {
		t.Fatal(want)
	}
	want = withoutRefs(want)
	files := m.files()
	noticed := 0
	for range rounds {
		path := files[m.random.IntN(len(files))]
		sound, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wrong, what := damaged(sound, path, m.random)
		if wrong == nil {
			continue
		}
		if err := os.WriteFile(path, wrong, 0o600); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		got, complete := m.scanHistory()
		if !complete {
			noticed++
		} else if got := withoutRefs(got); !slices.Equal(got, want) {
			t.Errorf("seed %d, %s: %s, %s: %s", seed, way, strings.TrimPrefix(path, m.dir), what, difference(got, want))
		}
		if d := time.Since(began); d > time.Minute {
			t.Errorf("%s, %s: it takes %v", path, what, d)
		}
		if err := os.WriteFile(path, sound, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d, %s: %d of %d changes were noticed", seed, way, noticed, rounds)
}

// files returns all files of the repository, which are made writable.
func (r *repository) files() (files []string) {
	err := filepath.WalkDir(filepath.Join(r.dir, ".git"), func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files = append(files, path)
			err = os.Chmod(path, 0o600)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return files
}

// damaged returns the content of a file with a bit changed or the end cut off, nil if nobody can notice it: lists that end with a whole
// line, and what is not used.
func damaged(sound []byte, path string, random *rand.Rand) (wrong []byte, what string) {
	if len(sound) == 0 {
		return nil, ""
	}
	at := random.IntN(len(sound))
	if random.IntN(4) == 0 {
		if cut := sound[:at]; at == 0 && !strings.Contains(path, "objects") || bytes.HasSuffix(cut, []byte("\n")) && len(cut) < len(sound) {
			return nil, ""
		}
		return slices.Clone(sound[:at]), fmt.Sprint("cut at ", at)
	}
	bit := random.IntN(8)
	wrong = slices.Clone(sound)
	wrong[at] ^= 1 << bit
	return wrong, fmt.Sprintf("bit %d of byte %d", bit, at)
}
