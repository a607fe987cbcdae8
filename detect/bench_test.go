package detect_test

import (
	"math/rand/v2"
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

// BenchmarkRetrace traces versions of texts of the Go source tree that differ in a few lines. The throughput is that of whole
// texts; new is how much of each is not copied and searched how much the prefilter reads.
func BenchmarkRetrace(b *testing.B) {
	for _, c := range []struct {
		name        string
		size, edits int
	}{{"40kB-1edit", 40e3, 1}, {"40kB-4edits", 40e3, 4}, {"400kB-4edits", 400e3, 4}, {"100MB-1edit", 100e6, 1}} {
		b.Run(c.name, func(b *testing.B) {
			d := newDetector(b, rules.All(), detect.Options{Tables: rules.Tables()})
			data := goSource(b, 100e6)
			rng := rand.New(rand.NewPCG(1, 2))
			type job struct {
				v   version
				old detect.Trace
			}
			var jobs []job
			searched, added := 0, 0
			for range max(1, min(100, 20e6/c.size)) {
				at := rng.IntN(len(data) - c.size + 1)
				old := data[at : at+c.size]
				var v version
				done := 0
				for range c.edits {
					to := done + rng.IntN(len(old)/c.edits)
					v.copy(old, done, to)
					line := rng.IntN(len(data) - 100)
					v.insert(data[line : line+100])
					done, added = min(to+50, len(old)), added+100
				}
				v.copy(old, done, len(old))
				trace, err := d.Trace(detect.Fragment{Data: old})
				if err != nil {
					b.Fatal(err)
				}
				searched += detect.ZoneSize(d, len(v.text), trace, v.copies)
				jobs = append(jobs, job{v, trace})
			}
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				j := &jobs[i%len(jobs)]
				if _, err := d.Retrace(detect.Fragment{Data: j.v.text}, j.old, j.v.copies); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.ReportMetric(float64(searched)/float64(len(jobs)), "searched-B/op")
			b.ReportMetric(float64(added)/float64(len(jobs)), "new-B/op")
		})
	}
}

// BenchmarkTrace is Trace over what BenchmarkFind searches.
func BenchmarkTrace(b *testing.B) {
	d := newDetector(b, rules.All(), detect.Options{Tables: rules.Tables()})
	data := goSource(b, 64<<20)
	const piece = 64 << 10
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		for at := 0; at < len(data); at += piece {
			if _, err := d.Trace(detect.Fragment{Data: data[at:min(at+piece, len(data))]}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
