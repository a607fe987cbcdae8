package store

import (
	"sync"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// bases keeps the objects that deltas were lately applied to, so that reading the objects of a chain one by one does not
// cost the whole chain each time. When the younger half is full, the older half is forgotten.
type bases struct {
	mu         sync.Mutex
	young, old map[int64]base
	bytes      int // in young
}

type base struct {
	kind object.Kind
	data []byte
}

// Each half may hold this many bytes.
const basesHalf = 16 << 20

func (b *bases) get(key int64) (base, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, ok := b.young[key]
	if !ok {
		if found, ok = b.old[key]; ok {
			b.keep(key, found)
		}
	}
	return found, ok
}

func (b *bases) put(key int64, value base) {
	if len(value.data) > maxCached {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.young[key]; !ok {
		b.keep(key, value)
	}
}

// keep adds to the younger half; b.mu is held.
func (b *bases) keep(key int64, value base) {
	if b.young == nil || b.bytes+len(value.data) > basesHalf {
		b.old, b.young, b.bytes = b.young, make(map[int64]base), 0
	}
	b.young[key] = value
	b.bytes += len(value.data)
}
