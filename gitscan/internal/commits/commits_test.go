package commits

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// graph is a history: for each commit, named by a letter, its parents.
type graph map[string]string

// read returns a commit whose date is that of the letter in the alphabet, in days, unless dates has another.
func (g graph) read(dates map[string]int) func(object.ID) (Links, error) {
	return func(id object.ID) (Links, error) {
		name := string(id[:1])
		parents, ok := g[name]
		if !ok {
			return Links{}, errors.New("missing")
		}
		day, ok := dates[name]
		if !ok {
			day = int(name[0] - 'a')
		}
		return Links{Date: int64(day) * 24 * 60 * 60, Parents: ids(parents)}, nil
	}
}

func ids(names string) (list []object.ID) {
	for _, c := range []byte(names) {
		list = append(list, object.ID{c})
	}
	return list
}

func TestSelect(t *testing.T) {
	line := graph{"a": "", "b": "a", "c": "b", "d": "c", "e": "d"}
	fork := graph{"a": "", "b": "a", "c": "a", "d": "bc", "e": "b", "f": "de"}
	cases := []struct {
		name             string
		graph            graph
		include, exclude string
		dates            map[string]int
		shallow          string
		want             string // "!" after a commit that cannot be read, "-" after one that is cut off
	}{
		{"all", line, "e", "", nil, "", "abcde"},
		{"some", line, "e", "c", nil, "", "de"},
		{"twice", line, "eed", "c", nil, "", "de"},
		{"nothing", line, "c", "e", nil, "", ""},
		{"itself", line, "c", "c", nil, "", ""},
		{"no tips", line, "", "e", nil, "", ""},
		{"branch", fork, "d", "e", nil, "", "cd"},
		{"merge", fork, "f", "b", nil, "", "cdef"},
		{"missing", graph{"b": "a", "c": "b"}, "c", "", nil, "", "a!bc"},
		{"missing and excluded", graph{"b": "a", "c": "b"}, "c", "a", nil, "", "bc"},
		{"two roots", graph{"a": "", "b": "", "c": "ab"}, "c", "", nil, "", "abc"},
		{"shallow", line, "e", "", nil, "c", "c-de"},
		{"shallow root", line, "b", "", nil, "a", "ab"},
		{"shallow, excluded above", line, "e", "d", nil, "c", "e"},
		{"dates the wrong way round", line, "e", "c", map[string]int{"a": 9, "b": 8, "c": 7, "d": 6, "e": 5}, "", "de"},
		{"one far too late", fork, "f", "e", map[string]int{"c": 1000}, "", "cdf"},
		{"excluded, far too early", line, "e", "d", map[string]int{"d": -1000}, "", "e"},
	}
	for _, c := range cases {
		shallow := map[object.ID]bool{}
		for _, id := range ids(c.shallow) {
			shallow[id] = true
		}
		list, err := Select(t.Context(), Repository{c.graph.read(c.dates), shallow}, ids(c.include), ids(c.exclude))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, commit := range list {
			got += string(commit.ID[:1])
			if commit.Err != nil {
				got += "!"
			}
			if commit.Shallow {
				got += "-"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// With dates that are right the range is exact, and with any dates nothing is left out.
func TestSelectFromRandomGraphs(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		g, dates := graph{}, map[string]int{}
		n := 3 + random.IntN(20)
		for i := range n {
			name := string(rune('a' + i))
			for range random.IntN(3) {
				if i > 0 {
					g[name] += string(rune('a' + random.IntN(i)))
				}
			}
			if _, ok := g[name]; !ok {
				g[name] = ""
			}
		}
		wrong := random.IntN(2) == 0
		if wrong {
			for range random.IntN(n) {
				dates[string(rune('a'+random.IntN(n)))] = random.IntN(60) - 20
			}
		}
		include, exclude := ids(string(rune('a'+random.IntN(n)))), ids(string(rune('a'+random.IntN(n))))
		list, err := Select(t.Context(), Repository{Read: g.read(dates)}, include, exclude)
		if err != nil {
			t.Fatal(err)
		}
		var got []object.ID
		for _, c := range list {
			got = append(got, c.ID)
		}
		want := g.reach(include)
		for id := range g.reach(exclude) {
			delete(want, id)
		}
		for id := range want {
			if !slices.Contains(got, id) {
				t.Fatalf("%v, dates %v: %s without %s lacks %s: %s", g, dates, include[0][:1], exclude[0][:1], id[:1], fmt.Sprint(got))
			}
		}
		if len(got) != len(want) && !wrong {
			t.Fatalf("%v: %d commits, want %d", g, len(got), len(want))
		}
	}
}

func (g graph) reach(from []object.ID) map[object.ID]bool {
	reached := map[object.ID]bool{}
	for todo := from; len(todo) > 0; {
		id := todo[0]
		todo = todo[1:]
		if !reached[id] {
			reached[id] = true
			todo = append(todo, ids(g[string(id[:1])])...)
		}
	}
	return reached
}

func TestSelectIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := graph{"a": ""}
	if _, err := Select(ctx, Repository{Read: g.read(nil)}, ids("a"), nil); err != context.Canceled {
		t.Errorf("%v", err)
	}
}
