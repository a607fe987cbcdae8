package pack

import (
	"context"
	"os"
	"sync/atomic"
	"testing"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// BenchmarkWalk reads all objects of the pack that KEYSIEVE_PACK names (without .pack).
func BenchmarkWalk(b *testing.B) {
	path := os.Getenv("KEYSIEVE_PACK")
	if path == "" {
		b.Skip("KEYSIEVE_PACK names no pack")
	}
	for _, kind := range []object.Kind{object.Commit, object.Tree, object.Blob} {
		b.Run(kind.String(), func(b *testing.B) {
			var size, failed, objects atomic.Int64
			for b.Loop() {
				p, err := Open(path)
				if err != nil {
					b.Fatal(err)
				}
				size.Store(0)
				err = Walk(context.Background(), p, 2, Limits{Max: 100 << 20, Held: 64 << 20},
					func(e int) bool { return p.Kind(e) == kind },
					func(_ int, o *Object[struct{}]) (none struct{}) {
						objects.Add(1)
						size.Add(int64(len(o.Data)))
						if o.Err != nil {
							failed.Add(1)
						}
						return
					})
				if err != nil {
					b.Fatal(err)
				}
				p.Close()
			}
			b.SetBytes(size.Load())
			b.ReportMetric(float64(failed.Load()), "failed")
			b.ReportMetric(float64(objects.Load()), "objects")
		})
	}
}
