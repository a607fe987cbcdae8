package prefilter

import (
	"encoding/binary"
	"errors"
	"slices"
)

// AppendBinary appends the matcher's tables to b, in the form that Load reads.
func (m *Matcher) AppendBinary(b []byte) []byte {
	sets := m.sets()
	b = binary.AppendUvarint(b, uint64(len(sets)))
	for _, set := range sets {
		for _, part := range set {
			b = binary.LittleEndian.AppendUint64(b, part)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(m.words)))
	for _, w := range m.words {
		b = append(b, byte(len(w.text)))
		b = append(b, w.text...)
		for _, set := range w.sets() {
			n := 0
			if set != nil {
				n = slices.Index(sets, *set) + 1
			}
			b = binary.AppendUvarint(b, uint64(n))
		}
		b = append(b, byte(w.grams[0]+1), byte(w.grams[1]+1))
	}
	return b
}

// sets returns what may be before the word and behind it.
func (w *word) sets() [2]*Bytes { return [2]*Bytes{w.before, w.behind} }

// sets returns the sets of what may be beside words, each once, in the order of the words.
func (m *Matcher) sets() (all []Bytes) {
	for _, w := range m.words {
		for _, set := range w.sets() {
			if set != nil && !slices.Contains(all, *set) {
				all = append(all, *set)
			}
		}
	}
	return all
}

// loadSets returns the sets at the beginning of data, and what follows them.
func loadSets(data []byte) (sets []Bytes, rest []byte, err error) {
	n, k := binary.Uvarint(data)
	if k <= 0 || n > uint64(len(data))/uint64(binary.Size(Bytes{})) {
		return nil, nil, errTables
	}
	data = data[k:]
	sets = make([]Bytes, n)
	for i := range sets {
		for k := range sets[i] {
			sets[i][k] = binary.LittleEndian.Uint64(data)
			data = data[8:]
		}
	}
	return sets, data, nil
}

var errTables = errors.New("the prefilter's tables are damaged")

// Load returns the matcher whose tables AppendBinary wrote at the beginning of data, and what follows them.
func Load(data []byte) (*Matcher, []byte, error) {
	sets, data, err := loadSets(data)
	if err != nil {
		return nil, nil, err
	}
	n, k := binary.Uvarint(data)
	if k <= 0 || n > min(uint64(len(data)), maxWords) {
		return nil, nil, errTables
	}
	data = data[k:]
	texts := string(data)
	m := &Matcher{words: make([]word, n)}
	for i := range m.words {
		if len(data) == 0 || data[0] < MinLen || len(data) <= int(data[0]) {
			return nil, nil, errTables
		}
		w := Word{Text: texts[len(texts)-len(data)+1:][:data[0]]}
		data = data[1+len(w.Text):]
		for _, to := range []**Bytes{&w.Before, &w.Behind} {
			set, k := binary.Uvarint(data)
			if k <= 0 || set > uint64(len(sets)) {
				return nil, nil, errTables
			}
			if set > 0 {
				*to = &sets[set-1]
			}
			data = data[k:]
		}
		m.words[i] = newWord(w)
		if len(data) < 2 {
			return nil, nil, errTables
		}
		for parity, offset := range data[:2] {
			o := int(offset) - 1
			if o+MinLen > len(w.Text) || o&1 != parity {
				return nil, nil, errTables
			}
			m.words[i].grams[parity] = int16(o)
		}
		data = data[2:]
	}
	m.index()
	return m, data, nil
}
