package gitscan

import (
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/parallel"
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
func (w *historyWalk) wants(name string) bool {
	wanted := len(w.opts.Paths) == 0
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
	workers  int
	numbers  map[uint64]uint16
	sums     []uint64 // by class
	paths    []string // one of each class
	single   []uint16 // 0, 1, 2 …: a class alone is a part of it

	known map[string]uint64 // classes of paths that were found out ahead
}

// ahead begins to find out the classes of paths, as many as there is time for until stop is called.
func (c *classes) ahead() (add func(path string), stop func()) {
	paths, done := make(chan string, 1<<12), make(chan struct{})
	c.known = make(map[string]uint64)
	go func() {
		defer close(done)
		for path := range paths {
			c.known[path] = c.detector.PathClass(path)
		}
	}()
	add = func(path string) {
		select {
		case paths <- path:
		default:
		}
	}
	return add, func() { close(paths); <-done }
}

// number returns the numbers of the paths' classes.
func (c *classes) number(paths []string) ([]uint16, error) {
	classes := make([]uint64, len(paths))
	parallel.Shares(c.workers, len(paths), func(from, to int) {
		for i := from; i < to; i++ {
			sum, ok := c.known[paths[i]]
			if !ok {
				sum = c.detector.PathClass(paths[i])
			}
			classes[i] = sum
		}
	})
	c.known = nil
	list := make([]uint16, len(paths))
	for i, class := range classes {
		n, ok := c.numbers[class]
		if !ok {
			if len(c.paths) == 1<<16 {
				return nil, errors.New("the rules tell too many kinds of paths apart")
			}
			n = uint16(len(c.paths))
			c.numbers[class] = n
			c.paths = append(c.paths, paths[i])
			c.sums = append(c.sums, class)
			c.single = append(c.single, n)
		}
		list[i] = n
	}
	return list, nil
}

// A stock is what is to be searched.
type stock struct {
	blobs  []object.ID
	ofPath []uint16                  // classes by path
	uses   iter.Seq2[uint32, uint32] // blobs and their paths, by number; blobs without one are not searched
}

// ofLedger returns what the entries of the ledger bring.
func (w *historyWalk) ofLedger() stock {
	l := w.ledger
	return stock{l.Blobs, w.ofPath, func(yield func(blob, path uint32) bool) {
		for _, e := range l.Entries {
			for _, c := range e.Changes {
				if c.New > 0 && !yield(c.New-1, c.Path) {
					return
				}
			}
		}
	}}
}

// search finds out which blobs have secrets. The results are by blob.
func (w *historyWalk) search(s stock) ([]sieve.Result, error) {
	w.ofBlob = make([][]uint16, len(s.blobs))
	for blob, path := range s.uses {
		class, of := s.ofPath[path], &w.ofBlob[blob]
		if *of == nil {
			*of = w.classes.single[class : class+1 : class+1]
		} else if !slices.Contains(*of, class) {
			*of = append(*of, class)
		}
	}
	return w.sift(sieve.Blobs{IDs: s.blobs, Classes: w.ofBlob})
}

// accountFor enters everything in the account but what could not be read, which counts when it is reported.
func (w *historyWalk) accountFor(commits int, blobs []sieve.Result, trees, submodules int64) {
	w.account(func(c *Coverage) {
		c.Trees += trees
		c.Commits += int64(commits)
		c.Messages += int64(commits)
		c.Enumerated.Files += submodules
		c.Submodules.Files += submodules
		for i := range blobs {
			r := &blobs[i]
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

// notice notes which entries of the ledger bring blobs that could not be searched, or names with secrets.
func (w *historyWalk) notice() {
	w.broken = make(map[uint32][]int)
	for n := range w.results {
		if w.ledger.Added[n] && w.results[n].Err() != nil {
			entry := w.ledger.First[n].Entry
			w.broken[entry] = append(w.broken[entry], n)
		}
	}
	w.names = make(map[uint32]bool)
	seen := make(map[uint64]bool)
	for _, i := range w.telling(w.ledger.Paths) {
		for _, secret := range w.inName(w.ledger.Paths[i]) {
			if !seen[secret] {
				seen[secret] = true
				w.names[i] = true
			}
		}
	}
}

// telling returns which paths have secrets as names of files.
func (w *historyWalk) telling(paths []string) (list []uint32) {
	if len(w.opts.Paths) > 0 {
		return nil
	}
	for i, path := range paths {
		if len(w.inName(path)) > 0 {
			list = append(list, uint32(i))
		}
	}
	return list
}

// inName returns the secrets in the path of a file.
func (w *historyWalk) inName(path string) []uint64 {
	return w.interesting(detect.Fragment{Origin: detect.Origin{Path: path, Kind: detect.KindName}, Data: []byte(path)})
}
