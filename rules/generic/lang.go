package generic

import _ "embed"

// langData holds models of how likely letters follow each other and a dictionary. The trainer makes it; see
// its README for the texts.
//
// A model is a table of base-2 logarithms, in eighths, of how much likelier the third of three letters is in the model's
// text than in random letters. Letters count from 1, 0 is the beginning and the end of a word. The dictionary is a
// Bloom filter of FNV-1a hashes.
//
//go:embed lang.bin
var langData string

// The layout of langData, in bytes.
const (
	LangLetters   = 27                                             // a to z and the edge of a word
	LangModelSize = LangLetters * LangLetters * LangLetters        // of one model
	LangModels    = 3                                              // English, identifiers, other European languages
	LangDictBits  = 20                                             // logarithm of the bits of the dictionary
	LangSize      = LangModels*LangModelSize + 1<<(LangDictBits-3) // of all
	LangHashes    = 4                                              // bits that a word sets in the dictionary
)

// Words in the dictionary have these lengths.
const (
	minDictWord = 3
	maxDictWord = 14
)

// DictBit returns the number of the i-th bit that a word with the FNV-1a hash h sets in the dictionary.
func DictBit(h uint64, i int) uint32 {
	return uint32(h>>(i*11)^h>>(44-i*7)) & (1<<LangDictBits - 1)
}

// FNVOffset is the hash of the empty word, and FNVPrime what the hash is multiplied with after each letter.
const (
	FNVOffset = 14695981039346656037
	FNVPrime  = 1099511628211
)

// inDictionary reports whether a word with the hash is in the dictionary.
func inDictionary(h uint64) bool {
	dict := langData[LangModels*LangModelSize:]
	for i := range LangHashes {
		b := DictBit(h, i)
		if dict[b>>3]&(1<<(b&7)) == 0 {
			return false
		}
	}
	return true
}

// prose is what the models and the dictionary say of a value.
type prose struct {
	size     int    // bytes that were looked at
	letters  int    // that were looked at
	words    [3]int // by model: mean logarithm per letter, in hundredths of a bit
	low      int    // the lowest mean of a run of letters
	covered  int    // letters that stand in words of the dictionary
	longest  int    // letters of the longest word
	count    int    // words
	runs     int    // of letters
	longRuns int    // of at least four
}

// maxProse is how many bytes of a value are looked at.
const maxProse = 48

// read looks at the runs of letters of the value.
func (p *prose) read(value []byte) {
	if len(value) > maxProse {
		value = value[:maxProse]
	}
	p.size = len(value)
	var sum [3]int
	p.low = 999
	for i := 0; i < len(value); {
		if !isLetter(value[i]) {
			i++
			continue
		}
		from := i
		for i++; i < len(value) && isLetter(value[i]); i++ {
			if isUpper(value[i]) && isLower(value[i-1]) && i-from >= 3 {
				break
			}
		}
		run := value[from:i]
		s := likelihood(run)
		p.runs++
		for m := range sum {
			sum[m] += s[m]
		}
		p.letters += len(run)
		if len(run) >= 3 {
			p.low = min(p.low, 100*max(s[0], s[1], s[2])/(8*(len(run)+1)))
		}
		if len(run) >= 4 {
			p.longRuns++
		}
		p.lookUp(run)
	}
	if p.letters > 0 {
		for m := range sum {
			p.words[m] = 100 * sum[m] / (8 * (p.letters + p.runs))
		}
	}
	if p.low == 999 {
		p.low = 0
	}
}

// wordy reports whether most letters of the value stand in words, and most of it is letters.
func (p *prose) wordy() bool { return p.covered*2 >= p.letters && p.letters*2 >= p.size }

// random makes of what was read that of random letters.
func (p *prose) random() {
	const unlikely = -300
	p.words, p.low = [3]int{unlikely, unlikely, unlikely}, unlikely
	p.covered, p.longest, p.count = 0, 0, 0
}

// likelihood returns what the models say of a run of letters, in eighths of a bit.
func likelihood(run []byte) (sum [3]int) {
	a, b := 0, 0
	for i := 0; i <= len(run); i++ {
		c := 0
		if i < len(run) {
			c = int(run[i]|0x20) - 'a' + 1
		}
		at := (a*LangLetters+b)*LangLetters + c
		for m := range sum {
			sum[m] += int(int8(langData[m*LangModelSize+at]))
		}
		a, b = b, c
	}
	return sum
}

// lookUp covers the run with words of the dictionary, the longest first from the left.
func (p *prose) lookUp(run []byte) {
	for i := 0; i+minDictWord <= len(run); {
		best := 0
		h := uint64(FNVOffset)
		for j := i; j < len(run) && j < i+maxDictWord; j++ {
			h = (h ^ uint64(run[j]|0x20)) * FNVPrime
			if n := j + 1 - i; n >= minDictWord && inDictionary(h) && (n > minDictWord || i == 0 || n == len(run)) {
				best = n
			}
		}
		if best == 0 {
			i++
			continue
		}
		p.count++
		p.covered += best
		p.longest = max(p.longest, best)
		i += best
	}
}
