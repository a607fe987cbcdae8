package treediff

import (
	"fmt"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// BenchmarkOctopus compares a tree with one that is the same, one that has the same names, and one that has another name after each of
// them, so that no entry follows another in all of them. Twice the entries take twice the time.
func BenchmarkOctopus(b *testing.B) {
	for _, n := range []int{5_000, 10_000, 20_000} {
		tree := numbered(n, 1, "")
		content := map[object.ID][]byte{
			{1}: append(tree[:len(tree):len(tree)], "100644 new\x00"+string(make([]byte, object.Size))...),
			{2}: tree,
			{3}: numbered(n, 2, ""),
			{4}: numbered(n, 3, "", "x"),
		}
		read := func(id object.ID) ([]byte, error) { return content[id], nil }
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				for range Changes(object.ID{1}, []object.ID{{2}, {3}, {4}}, read) {
				}
			}
		})
	}
}

// numbered returns a tree of n numbers with each of the suffixes.
func numbered(n int, blob byte, suffixes ...string) (tree []byte) {
	id := object.ID{blob}
	for i := range n {
		for _, suffix := range suffixes {
			tree = append(tree, fmt.Sprintf("100644 %08d%s\x00%s", i, suffix, id[:])...)
		}
	}
	return tree
}
