package prefilter

import (
	"encoding/binary"
	"errors"
)

// AppendBinary appends the matcher's tables to b, in the form that Load reads.
func (m *Matcher) AppendBinary(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(m.words)))
	for _, w := range m.words {
		b = append(b, byte(len(w.text)))
		b = append(b, w.text...)
	}
	for i := range 1 << bucketBits {
		b = binary.AppendUvarint(b, uint64(m.buckets[i+1]-m.buckets[i]))
	}
	for _, e := range m.entries {
		b = binary.LittleEndian.AppendUint32(b, uint32(e))
	}
	return b
}

var errTables = errors.New("the prefilter's tables are damaged")

// Load returns the matcher whose tables AppendBinary wrote at the beginning of data, and what follows them.
func Load(data []byte) (*Matcher, []byte, error) {
	n, k := binary.Uvarint(data)
	if k <= 0 || n > uint64(len(data)) {
		return nil, nil, errTables
	}
	data = data[k:]
	m := &Matcher{words: make([]word, n)}
	for i := range m.words {
		if len(data) == 0 || len(data) <= int(data[0]) {
			return nil, nil, errTables
		}
		end := 1 + int(data[0])
		m.words[i] = newWord(string(data[1:end]))
		data = data[end:]
	}
	total := uint64(0)
	for i := range 1 << bucketBits {
		n, k := binary.Uvarint(data)
		if total += n; k <= 0 || total > uint64(len(data)) {
			return nil, nil, errTables
		}
		m.buckets[i+1] = uint32(total)
		data = data[k:]
	}
	if uint64(len(data)) < 4*total {
		return nil, nil, errTables
	}
	m.entries = make([]entry, total)
	around := make([]entry, 2*n) // what surrounds a word's grams, of which there is one at each parity
	for bucket := range 1 << bucketBits {
		for i := m.buckets[bucket]; i < m.buckets[bucket+1]; i++ {
			e := entry(binary.LittleEndian.Uint32(data[4*i:]))
			if e.word() >= len(m.words) || e.offset() >= len(m.words[e.word()].text) {
				return nil, nil, errTables
			}
			near := &around[2*e.word()+e.offset()&1]
			if *near == 0 {
				*near = surroundings(m.words[e.word()].text, e.offset())
			}
			m.entries[i] = e | *near
			m.set(uint32(bucket)<<(hashBits-bucketBits) | e.tag())
		}
	}
	m.measure()
	return m, data[4*total:], nil
}
