package pack

// recent remembers the objects that were made last, in two halves: when the younger is full it becomes the older, and what was in that
// is forgotten. Their bytes lie in pieces of memory that serve again, because what a history's trees come to is many times what is
// remembered of them.
type recent struct {
	cap        int // bytes of a half; it may have twice as many while what is in it is in use
	young, old half
	spare      [][]byte // pieces in which nothing is remembered
}

// half is one half of what is remembered.
type half struct {
	objects map[int32][]byte // by entry
	bytes   int
	pieces  [][]byte // the last one has room
	used    int      // of the last piece
}

// newRecent returns a memory of about so many bytes.
func newRecent(bytes int) recent {
	r := recent{cap: bytes / 2}
	r.young.objects, r.old.objects = make(map[int32][]byte), make(map[int32][]byte)
	return r
}

// piece is the size of a piece of memory in bytes; what does not fit well gets its own.
func (r *recent) piece() int { return min(max(r.cap/4, 16<<10), 1<<20) }

// get returns the content of an object, if it is remembered.
func (r *recent) get(entry int32) ([]byte, bool) {
	data, ok := r.young.objects[entry]
	if !ok {
		if data, ok = r.old.objects[entry]; ok {
			data = append(r.room(int64(len(data))), data...)
			r.put(entry, data)
		}
	}
	return data, ok
}

// room returns an empty slice with room for size bytes, which may be put next.
func (r *recent) room(size int64) []byte {
	y := &r.young
	if y.bytes+int(size) > 2*r.cap {
		r.turn()
		r.spare = nil // what was there may still be in use
	}
	y.bytes += int(size)
	if size > int64(r.piece()/4) {
		return make([]byte, 0, size)
	}
	if n := len(y.pieces); n == 0 || int64(len(y.pieces[n-1])-y.used) < size {
		y.pieces, y.used = append(y.pieces, r.take()), 0
	}
	last := y.pieces[len(y.pieces)-1]
	from := y.used
	y.used += int(size)
	return last[from:from:y.used]
}

// take returns a piece of memory.
func (r *recent) take() []byte {
	if n := len(r.spare); n > 0 {
		piece := r.spare[n-1]
		r.spare = r.spare[:n-1]
		return piece
	}
	return make([]byte, r.piece())
}

// put remembers an object, whose content lies in what room has returned last.
func (r *recent) put(entry int32, data []byte) {
	r.young.objects[entry] = data
}

// turn makes the younger half the older one.
func (r *recent) turn() {
	r.spare = append(r.spare, r.old.pieces...)
	clear(r.old.objects)
	r.young, r.old = half{objects: r.old.objects, pieces: r.old.pieces[:0]}, r.young
}

// release turns, if it is time, while nothing is in use.
func (r *recent) release() {
	if r.young.bytes > r.cap {
		r.turn()
	}
}
