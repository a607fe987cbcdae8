package commits

import (
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

func TestMergeBases(t *testing.T) {
	line := graph{"a": "", "b": "a", "c": "b", "d": "c", "e": "d"}
	fork := graph{"a": "", "b": "a", "c": "a", "d": "bc", "e": "b", "f": "de"}
	cross := graph{"a": "", "b": "a", "c": "a", "d": "bc", "e": "cb", "f": "d", "g": "e"}
	apart := graph{"a": "", "b": "a", "c": "", "d": "c"}
	cases := []struct {
		name    string
		graph   graph
		a, b    string
		dates   map[string]int
		shallow string
		want    string // "!" if there is an error
	}{
		{"itself", line, "c", "c", nil, "", "c"},
		{"ancestor", line, "b", "e", nil, "", "b"},
		{"descendant", line, "e", "b", nil, "", "b"},
		{"fork", fork, "d", "e", nil, "", "b"},
		{"fork, deeper", fork, "c", "e", nil, "", "a"},
		{"merged", fork, "f", "c", nil, "", "c"},
		{"criss-cross", cross, "f", "g", nil, "", "cb"},
		{"nothing in common", apart, "b", "d", nil, "", ""},
		{"cut off", fork, "c", "e", nil, "b", ""},
		{"cut off below", fork, "d", "e", nil, "b", "b"},
		{"missing", graph{"b": "a", "c": "a"}, "b", "c", nil, "", "!"},
		{"dates the wrong way round", fork, "c", "e", map[string]int{"a": 9, "b": 0, "c": 1, "e": 2}, "", "a"},
		{"an ancestor dated after its descendant", line, "d", "e", map[string]int{"a": 30, "b": 29}, "", "d"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			shallow := map[object.ID]bool{}
			for _, id := range ids(c.shallow) {
				shallow[id] = true
			}
			got, err := MergeBases(t.Context(), Repository{c.graph.read(c.dates), shallow}, ids(c.a)[0], ids(c.b)[0])
			text := ""
			for _, id := range got {
				text += string(id[:1])
			}
			if err != nil {
				text = "!"
			}
			if text != c.want {
				t.Errorf("%s (%v), want %s", text, err, c.want)
			}
		})
	}
}
