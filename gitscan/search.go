package gitscan

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/sieve"
)

// interesting returns the secrets of a fragment; something else than nil also if it could not be searched.
func (w *historyWalk) interesting(f detect.Fragment) []uint64 {
	if len(f.Data) == 0 {
		return nil
	}
	t, err := w.detector.Trace(f)
	found := t.Secrets()
	if err != nil && found == nil {
		found = []uint64{}
	}
	return found
}

// wants reports whether the options' paths name a file. It is called by one goroutine.
func (w *historyWalk) wants(name string) (wanted bool) {
	for i, pattern := range w.opts.Paths {
		if matches(pattern, name) {
			w.matched[i], wanted = true, true
		}
	}
	return wanted
}

// matches reports whether a pattern names a file: it is the file, a directory above it, or matches its path or its last part.
func matches(pattern, name string) bool {
	if name == pattern || strings.HasPrefix(name, pattern+"/") {
		return true
	}
	whole, err := path.Match(pattern, name)
	last, err2 := path.Match(strings.TrimPrefix(pattern, "**/"), path.Base(name))
	return whole && err == nil || last && err2 == nil
}

// CleanPath returns a path for [HistoryOptions] without what says only where it begins, "./" and "/", and without a slash at its end. A
// malformed pattern is an error.
func CleanPath(pattern string) (string, error) {
	clean := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(pattern, "."), "/"), "/")
	if strings.HasPrefix(pattern, ".") && !strings.HasPrefix(pattern, "./") {
		clean = strings.TrimSuffix(pattern, "/")
	}
	if clean == "" {
		return "", fmt.Errorf("%q names no file", pattern)
	}
	if _, err := path.Match(strings.TrimPrefix(clean, "**/"), ""); err != nil {
		return "", fmt.Errorf("%q: %w", pattern, err)
	}
	return clean, nil
}

// Unmatched returns those of the options' paths that no file was found for, once the fragments have ended.
func (h *History) Unmatched() (list []string) {
	for i, pattern := range h.opts.Paths {
		if !h.matched[i] {
			list = append(list, pattern)
		}
	}
	return list
}

// classes numbers the classes of paths.
type classes struct {
	detector *detect.Detector
	ofPath   []uint16 // by path, in order
	numbers  map[uint64]uint16
	sums     []uint64 // by class
	paths    []string // one of each class
	single   []uint16 // 0, 1, 2 …: a class alone is a part of it
}

func (c *classes) number(paths []string) error {
	c.numbers = make(map[uint64]uint16)
	for _, p := range paths {
		class := c.detector.PathClass(p)
		n, ok := c.numbers[class]
		if !ok {
			if len(c.paths) == 1<<16 {
				return errors.New("the rules tell too many kinds of paths apart")
			}
			n = uint16(len(c.paths))
			c.numbers[class] = n
			c.paths = append(c.paths, p)
			c.sums = append(c.sums, class)
			c.single = append(c.single, n)
		}
		c.ofPath = append(c.ofPath, n)
	}
	return nil
}

// search finds out which blobs, and which names, have secrets.
func (w *historyWalk) search() error {
	l := w.ledger
	w.classes.detector = w.detector
	if err := w.classes.number(l.Paths); err != nil {
		return err
	}
	w.ofBlob = make([][]uint16, len(l.Blobs))
	var submodules int64
	for _, e := range l.Entries {
		for _, c := range e.Changes {
			if c.Mode == ledger.Submodule {
				submodules++
			}
			if c.New == 0 {
				continue
			}
			class := w.classes.ofPath[c.Path]
			of := &w.ofBlob[c.New-1]
			if *of == nil {
				*of = w.classes.single[class : class+1 : class+1]
			} else if !slices.Contains(*of, class) {
				*of = append(*of, class)
			}
		}
	}
	var blobs []sieve.Blob
	var numbers []int
	for i, id := range l.Blobs {
		if l.Added[i] {
			blobs = append(blobs, sieve.Blob{ID: id, Classes: w.ofBlob[i]})
			numbers = append(numbers, i)
		}
	}
	results, err := w.sift(blobs)
	if err != nil {
		return err
	}
	w.results = make([]sieve.Result, len(l.Blobs))
	for i, n := range numbers {
		w.results[n] = results[i]
	}
	w.accountFor(numbers, submodules)
	w.nameAll()
	return nil
}

// accountFor enters what was searched in the account, and notes what could not be.
func (w *historyWalk) accountFor(numbers []int, submodules int64) {
	w.broken = make(map[uint32][]int)
	w.account(func(c *Coverage) {
		c.Trees += w.ledger.Trees
		for _, e := range w.ledger.Entries {
			if !e.ID.IsZero() && e.Read {
				c.Commits++
				c.Messages++
			}
		}
		c.Enumerated.Files += submodules
		c.Submodules.Files += submodules
		for _, n := range numbers {
			r := &w.results[n]
			if r.Err() != nil {
				entry := w.ledger.First[n].Entry
				w.broken[entry] = append(w.broken[entry], n)
			}
			if !r.Read {
				continue
			}
			c.Enumerated.add(r.Size)
			c.Scanned.add(r.Size)
			if r.Binary {
				c.Binary.add(r.Size)
			}
		}
	})
}

// nameAll searches the names of files.
func (w *historyWalk) nameAll() {
	w.names = make(map[uint32]bool)
	if len(w.opts.Paths) > 0 {
		return
	}
	seen := make(map[uint64]bool)
	for i, name := range w.ledger.Paths {
		for _, secret := range w.interesting(detect.Fragment{Origin: detect.Origin{Path: name, Kind: detect.KindName}, Data: []byte(name)}) {
			if !seen[secret] {
				seen[secret] = true
				w.names[uint32(i)] = true
			}
		}
	}
}
