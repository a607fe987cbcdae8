package detect_test

import (
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
)

// BenchmarkFind is the whole engine with all built-in rules over the Go source tree, in pieces of the size of files.
func BenchmarkFind(b *testing.B) {
	d, err := detect.New(rules.All(), detect.Options{})
	if err != nil {
		b.Fatal(err)
	}
	data := goSource(b, 64<<20)
	const piece = 64 << 10
	b.SetBytes(int64(len(data)))
	found := 0
	for b.Loop() {
		found = 0
		for at := 0; at < len(data); at += piece {
			fs, err := d.Find(detect.Fragment{Data: data[at:min(at+piece, len(data))]})
			if err != nil {
				b.Fatal(err)
			}
			found += len(fs)
		}
	}
	b.ReportMetric(float64(found), "findings")
}
