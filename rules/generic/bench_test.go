package generic

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

// BenchmarkCandidate is one candidate, from the key word to the score.
func BenchmarkCandidate(b *testing.B) {
	f := &detect.Fragment{Data: []byte(spell("server:\n  host: db.example.org\n  user: app\n  password: \"◊\"\n  port: 5432\n\nother:\n  name: something\n")), Origin: detect.Origin{Path: "config/app.yml"}}
	at := strings.Index(string(f.Data), "pass")
	match := places()[0].matcher(Levels{})
	b.ReportAllocs()
	for b.Loop() {
		match(f, at, 4)
	}
}

// BenchmarkNoCandidate is a key word that leads to none.
func BenchmarkNoCandidate(b *testing.B) {
	f := &detect.Fragment{Data: []byte("func (p *parser) parseKeyValue(tokens []Token) error {\n"), Origin: detect.Origin{Path: "a.go"}}
	match := places()[1].matcher(Levels{})
	b.ReportAllocs()
	for b.Loop() {
		if found, _ := match(f, 22, 3); found != nil {
			b.Fatal()
		}
	}
}

// dense are texts with a key word every few bytes.
var dense = []struct {
	name string
	line func(rng *rand.Rand) string
}{
	{"json", func(rng *rand.Rand) string {
		return fmt.Sprintf(`{"id":%d,"name":"%s","key":%d,"tags":["token","auth"],"checksum":"%016x","price":%d.%02d,"stock":true},`,
			rng.IntN(1e6), "red valve", rng.IntN(1e6), rng.Uint64(), rng.IntN(1000), rng.IntN(100))
	}},
	{"keys", func(rng *rand.Rand) string {
		return fmt.Sprintf(`{"key": %d, "token": null, "auth": true},`, rng.IntN(1e6))
	}},
	{"log", func(rng *rand.Rand) string {
		return fmt.Sprintf("2026-01-02T15:04:05Z level=info key=%s session=%08x auth=none token=expired user=u%d msg=\"key %d\"\n", []string{"orders", "items.open", "cache:17"}[rng.IntN(3)],
			rng.Uint32(), rng.IntN(1000), rng.IntN(1000))
	}},
}

func BenchmarkDense(b *testing.B) {
	d, err := detect.New(Rules(), detect.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, shape := range dense {
		rng := rand.New(rand.NewPCG(1, 2))
		var text []byte
		for len(text) < 1<<20 {
			text = append(text, shape.line(rng)...)
		}
		b.Run(shape.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := d.Find(detect.Fragment{Data: text, Origin: detect.Origin{Path: "a." + shape.name}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGoSource is the key words in the source of package net/http: those that lead to candidates, up to their judgement, and all.
func BenchmarkGoSource(b *testing.B) {
	//lint:ignore SA1019 tests run on the machine that builds them
	names, _ := filepath.Glob(filepath.Join(runtime.GOROOT(), "src/net/http/*.go"))
	if len(names) == 0 {
		b.Skip("no source")
	}
	type hit struct {
		f     *detect.Fragment
		match detect.Matcher
		at, n int
	}
	var all, leading []hit
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		f := &detect.Fragment{Data: text, Origin: detect.Origin{Path: name}}
		occurrences(f.Data, func(p *place, at, n int) {
			h := hit{f, p.matcher(Levels{}), at, n}
			all = append(all, h)
			if w, in := windowOf(f, at); len(p.candidates(nil, &w, in, n)) > 0 {
				leading = append(leading, h)
			}
		})
	}
	for _, kind := range []struct {
		name string
		hits []hit
	}{{"candidate", leading}, {"keyword", all}} {
		b.Run(kind.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				h := kind.hits[i%len(kind.hits)]
				h.match(h.f, h.at, h.n)
			}
		})
	}
}
