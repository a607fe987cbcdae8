package detect

import "encoding/binary"

// A memo keeps what was made of texts, because in a history the same come again: with every version of a file, and with every file that has a copy
// of them. What a regular expression matches, or a check says, depends on the text alone. When there are too many, it begins anew.
type memo[T any] struct {
	known map[string]T
	size  int // of the texts, in bytes
	key   []byte
}

const (
	memoSize = 1 << 20  // bytes of text that a memo keeps, about
	memoText = 16 << 10 // bytes of the longest text that is kept
)

// get returns what make makes of the text for a rule. What fails is not kept.
func (m *memo[T]) get(r *rule, text []byte, make func([]byte) (T, error)) (T, error) {
	if len(text) > memoText {
		return make(text)
	}
	m.key = append(binary.LittleEndian.AppendUint32(m.key[:0], uint32(r.index)), text...)
	if value, ok := m.known[string(m.key)]; ok {
		return value, nil
	}
	value, err := make(text)
	if err != nil {
		return value, err
	}
	if m.known == nil || m.size > memoSize {
		m.known, m.size = map[string]T{}, 0
	}
	m.known[string(m.key)] = value
	m.size += len(m.key)
	return value, nil
}
