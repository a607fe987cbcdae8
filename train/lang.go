package main

import (
	"bufio"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/rules/generic"
)

// A word of identifiers enters the dictionary when it occurs this often, by its length; longer ones at minCount.
var minCounts = map[int]int{3: 60, 4: 20}

const minCount = 6

// foreignWords is how many words of each other language count, so that none outweighs the rest.
const foreignWords = 40000

// makeLang returns the language tables: models of the words of an English word list, of the words of the identifiers in the Go
// source files under a directory, and of word lists of other languages, and a dictionary of the first two.
func makeLang(english string, foreign []string, goSource string) ([]byte, error) {
	natural, err := readWords(english)
	if err != nil {
		return nil, err
	}
	idents, err := countIdentifiers(goSource)
	if err != nil {
		return nil, err
	}
	others := map[string]int{}
	for _, name := range foreign {
		words, err := readWords(name)
		if err != nil {
			return nil, err
		}
		all := slices.Sorted(keys(words))
		for i := range min(len(all), foreignWords) {
			others[all[i*len(all)/min(len(all), foreignWords)]] = 1
		}
	}
	out := make([]byte, generic.LangSize)
	fillModel(out, natural)
	fillModel(out[generic.LangModelSize:], idents)
	fillModel(out[2*generic.LangModelSize:], others)
	dict := out[generic.LangModels*generic.LangModelSize:]
	for _, w := range slices.Sorted(keys(natural)) {
		if len(w) > 3 {
			addWord(dict, w)
		}
	}
	for _, w := range slices.Sorted(keys(idents)) {
		least, ok := minCounts[len(w)]
		if !ok {
			least = minCount
		}
		if idents[w] >= least {
			addWord(dict, w)
		}
	}
	return out, nil
}

func keys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func addWord(dict []byte, w string) {
	if len(w) < 3 || len(w) > 14 {
		return
	}
	h := uint64(generic.FNVOffset)
	for i := range len(w) {
		h = (h ^ uint64(w[i])) * generic.FNVPrime
	}
	for i := range generic.LangHashes {
		b := generic.DictBit(h, i)
		dict[b>>3] |= 1 << (b & 7)
	}
}

// fillModel writes the table of trigrams of the words, each with the logarithm of its count as weight. It mixes the estimates
// of three, two and one letter.
func fillModel(out []byte, words map[string]int) {
	const n = generic.LangLetters
	tri, bi, uni := make([]float64, n*n*n), make([]float64, n*n), make([]float64, n)
	for _, w := range slices.Sorted(keys(words)) {
		weight := 1 + math.Log2(float64(words[w]))
		a, b := 0, 0
		for i := 0; i <= len(w); i++ {
			c := 0
			if i < len(w) {
				c = int(w[i]-'a') + 1
			}
			tri[(a*n+b)*n+c] += weight
			bi[b*n+c] += weight
			uni[c] += weight
			a, b = b, c
		}
	}
	total := sum(uni)
	for a := range n {
		for b := range n {
			row, row2 := tri[(a*n+b)*n:][:n], bi[b*n:][:n]
			all, all2 := sum(row), sum(row2)
			for c := range n {
				p1 := (uni[c] + 1) / (total + n)
				p2 := (row2[c] + 40*p1) / (all2 + 40)
				p3 := (row[c] + 20*p2) / (all + 20)
				v := math.Round(8 * math.Log2(p3*n))
				out[(a*n+b)*n+c] = byte(int8(max(-127, min(127, v))))
			}
		}
	}
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

// readWords returns the words of a list that are plain letters, in lower case.
func readWords(name string) (map[string]int, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	words := map[string]int{}
	for s := bufio.NewScanner(f); s.Scan(); {
		w := strings.ToLower(strings.TrimSuffix(s.Text(), "'s"))
		if len(w) >= 3 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == "" {
			words[w] = 1
		}
	}
	return words, nil
}

// countIdentifiers counts the words that the identifiers and texts of Go source are made of.
func countIdentifiers(root string) (map[string]int, error) {
	counts := map[string]int{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && (e.Name() == "testdata" || e.Name() == "vendor") {
			if err == nil {
				err = filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.Contains(path, "table") || e.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		countWords(counts, data)
		return err
	})
	for w, n := range counts {
		if n < 3 {
			delete(counts, w)
		}
	}
	return counts, err
}

func countWords(counts map[string]int, data []byte) {
	for i := 0; i < len(data); {
		from := i
		for i < len(data) && 'A' <= data[i] && data[i] <= 'Z' {
			i++
		}
		if i > from+1 && i < len(data) && 'a' <= data[i] && data[i] <= 'z' {
			i--
			if i-from >= 3 {
				counts[strings.ToLower(string(data[from:i]))]++
			}
			continue
		}
		if i <= from+1 {
			for i < len(data) && 'a' <= data[i] && data[i] <= 'z' {
				i++
			}
		}
		if n := i - from; n >= 3 && n <= 20 {
			counts[strings.ToLower(string(data[from:i]))]++
		}
		if i == from {
			i++
		}
	}
}
