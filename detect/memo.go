package detect

import "encoding/binary"

// A memo keeps what was made of texts, because in a history the same come again: with every version of a file, and with every file that has a copy
// of them. What a regular expression matches, or a check says, depends on the text alone. When there are too many, it begins anew.
type memo[T sized] struct {
	known map[string]T
	size  int // of what is known, in bytes
	key   []byte
}

// sized is what knows how many bytes it takes, about.
type sized interface{ size() int }

// located is where a pattern matches, leftmost first and without overlaps, as pairs of byte offsets: of the match, then of each group, -1 for a
// group that took no part.
type located [][]int

func (l located) size() (n int) {
	for _, loc := range l {
		n += 8 * (3 + len(loc))
	}
	return n
}

func (p Proof) size() int { return len(p.Note) }

const (
	memoSize = 1 << 20  // bytes that a memo takes, about
	memoText = 16 << 10 // bytes of the longest text that is kept, with what is known of it
)

// get returns what compute makes of the text for a rule. What fails is not kept.
func (m *memo[T]) get(r *rule, text []byte, compute func([]byte) (T, error)) (T, error) {
	if len(text) > memoText {
		return compute(text)
	}
	m.key = append(binary.LittleEndian.AppendUint32(m.key[:0], uint32(r.index)), text...)
	if value, ok := m.known[string(m.key)]; ok {
		return value, nil
	}
	value, err := compute(text)
	if err != nil {
		return value, err
	}
	size := len(m.key) + value.size()
	switch {
	case size > memoText:
		return value, nil
	case m.known == nil || m.size+size > memoSize:
		m.known, m.size = map[string]T{}, 0
	}
	m.known[string(m.key)] = value
	m.size += size
	return value, nil
}
