package gitscan

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestTextSearch compares with looking for each text by itself, in data that has many near misses.
func TestTextSearch(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(n int) []byte {
		text := make([]byte, n)
		for i := range text {
			text[i] = "ab\x00"[random.IntN(3)]
		}
		return text
	}
	for range 300 {
		var texts [][]byte
		for range random.IntN(30) {
			texts = append(texts, word(random.IntN(14)))
		}
		s := newTextSearch(texts)
		var all [][]byte
		for range 3 {
			data := word(random.IntN(2000))
			all = append(all, data)
			s.in(data)
		}
		left := 0
		for i, text := range texts {
			want := len(text) > 0 && (bytes.Contains(all[0], text) || bytes.Contains(all[1], text) || bytes.Contains(all[2], text))
			if s.found[i] != want {
				t.Errorf("%q: %v, want %v", text, s.found[i], want)
			}
			if !want && len(text) > 0 {
				left++
			}
		}
		if s.left != left || s.over() != (left == 0) {
			t.Errorf("%d left, want %d", s.left, left)
		}
	}
}

func TestTextSearchGivesUp(t *testing.T) {
	s := newTextSearch([][]byte{[]byte("abc"), []byte("abcdefghij")})
	s.compare = 5
	s.in([]byte("abcdefghij"))
	if !s.over() || s.found[0] || s.found[1] {
		t.Errorf("over %v, found %v", s.over(), s.found)
	}
}
