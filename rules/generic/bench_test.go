package generic

import (
	"testing"

	"github.com/keysieve/keysieve/detect"
)

// BenchmarkCandidate is one candidate, from the key word to the score.
func BenchmarkCandidate(b *testing.B) {
	f := &detect.Fragment{Data: []byte("server:\n  host: db.example.org\n  user: app\n  password: \"vq7Xk2pLm9Rt\"\n  port: 5432\n\nother:\n  name: something\n"), Origin: detect.Origin{Path: "config/app.yml"}} // keysieve:allow generic-password made up
	at := 45
	for ; string(f.Data[at:at+4]) != "pass"; at-- {
	}
	p := places()[0]
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range p.seekOwn(nil, f, at, 4) {
			var v features
			describe(&v, f, &c)
			if sum(&v) == 1 {
				b.Fatal()
			}
		}
	}
}

// BenchmarkNoCandidate is a key word that leads to none.
func BenchmarkNoCandidate(b *testing.B) {
	f := &detect.Fragment{Data: []byte("func (p *parser) parseKeyValue(tokens []Token) error {\n"), Origin: detect.Origin{Path: "a.go"}}
	p := places()[1]
	b.ReportAllocs()
	for b.Loop() {
		if len(p.seekOwn(nil, f, 22, 3)) != 0 {
			b.Fatal()
		}
	}
}
