package cache

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// sample returns a cache with everything that one can have.
func sample() *Cache {
	c := New()
	c.Engine[3] = 7
	c.Rules = map[string][16]byte{"a-rule": {1}, "b-rule": {2}}
	c.Paths = []string{"a", "dir/b\xff", ""}
	c.IDs = []object.ID{{1}, {2}}
	c.Commits[object.ID{9}] = Commit{
		Links:  commits.Links{Tree: object.ID{3}, Parents: []object.ID{{4}, {5}}, Date: -17},
		Marked: true, Listed: true,
		Changes: []ledger.Change{{Path: 1, New: 2, Mode: ledger.File}, {Path: 2, Old: 1, OldMode: ledger.Symlink}},
	}
	c.Commits[object.ID{8}] = Commit{Links: commits.Links{Parents: []object.ID{}, Date: 1 << 40}, Changes: []ledger.Change{}}
	c.Blobs[object.ID{1}] = []Blob{
		{Class: 5, Size: 10, Binary: true, Secrets: []uint64{}},
		{Class: 6, Size: 10, Shadows: true, Guess: true, Secrets: []uint64{1, 1 << 63}},
	}
	return c
}

func TestSaveAndLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if _, err := Load(dir); !IsNew(err) {
		t.Fatalf("without a cache: %v", err)
	}
	if err := sample().Save(dir); err != nil {
		t.Fatal(err)
	}
	got, err := Load(dir)
	if err != nil || !reflect.DeepEqual(got, sample()) {
		t.Fatalf("%v: %+v", err, got)
	}
	file := filepath.Join(dir, name)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for _, damaged := range [][]byte{data[:i], flipped(data, i)} {
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(dir); !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
}

func flipped(data []byte, i int) []byte {
	data = bytes.Clone(data)
	data[i] ^= 0x10
	return data
}

// FuzzDecode takes bodies apart whose checksum is right: what is accepted is the same when it is written and read again, and its numbers are
// within its tables.
func FuzzDecode(f *testing.F) {
	f.Add(sample().encode())
	f.Add(New().encode())
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := decode(body)
		if err != nil {
			return
		}
		for _, commit := range c.Commits {
			for _, ch := range commit.Changes {
				if int(ch.Path) >= len(c.Paths) || int(ch.New) > len(c.IDs) || int(ch.Old) > len(c.IDs) {
					t.Fatalf("%+v", ch)
				}
				_, _ = ch.Mode.Object(), ch.OldMode.Object()
			}
		}
		again, err := decode(c.encode())
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("%v\n%+v\n%+v", err, again, c)
		}
	})
}
