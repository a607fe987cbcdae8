package generic

// A provider's rules know what its keys look like. A value that is named after the provider, or begins as its keys do, and that none of
// its rules has taken is doubtful: truncated, made up, or a public id. What a rule has taken is its finding, whatever is thought of
// the value here. So it says something against a value that a provider's name stands near.

// Bounds of the names of providers, in letters and digits.
const (
	minProvider       = 3
	minJoinedProvider = 7  // of a name that more letters may follow: newrelicapikey
	maxProvider       = 20 // of what is compared
	providerReach     = 130
	providerLines     = 2 // lines that are looked at, that of the candidate included
)

// ProviderHash returns the entry of a table of names for a text, or for a prefix of keys when prefix is set: never 0, and even. Only
// ASCII letters, in lower case, and digits of a name count, and all of a prefix.
func ProviderHash(text string, prefix bool) uint32 {
	h := providerStart(prefix)
	for i := range len(text) {
		if prefix || isAlnum(text[i]) {
			h = providerStep(h, text[i])
		}
	}
	return providerEnd(h)
}

// ProviderSlots is the number of slots of the table of names. An entry stands at the first free slot from its value modulo this number on;
// its lowest bit is set when the name is no word of English.
const ProviderSlots = 4096

func providerStart(prefix bool) uint32 {
	if prefix {
		return 2166136261 ^ 1
	}
	return 2166136261
}

// providerStep is that of the hash FNV-1a of 32 bits.
func providerStep(h uint32, c byte) uint32 {
	if isUpper(c) {
		c |= 0x20
	}
	return (h ^ uint32(c)) * 16777619
}

func providerEnd(h uint32) uint32 {
	h ^= h >> 15
	return max(h&^1, 2)
}

// provider looks a hash up, and reports whether it is that of a name and whether the name is no other word.
func provider(h uint32) (known, only bool) {
	for at := h / 2 % ProviderSlots; ; at = (at + 1) % ProviderSlots {
		switch e := providers[at]; {
		case e == 0:
			return false, false
		case e&^1 == h:
			return true, e&1 != 0
		}
	}
}

// providerNear says how near the name of a provider stands before the end of a text: 3 in its last bytes from own on, 2 on the same line, 1 on
// the line before, 0 nowhere. The second result is for names that are other words, too.
func providerNear(text []byte, own int) (only, word int16) {
	for i := range text {
		if !isAlnum(text[i]) || i > 0 && isAlnum(text[i-1]) && !(isUpper(text[i]) && isLower(text[i-1])) {
			continue
		}
		known, alone := providerAt(text[i:])
		if !known {
			continue
		}
		where := int16(2)
		switch {
		case i >= own:
			where = 3
		case lineBreaks(text[i:]) > 0:
			where = 1
		}
		if alone {
			only = max(only, where)
		} else {
			word = max(word, where)
		}
	}
	return only, word
}

func lineBreaks(text []byte) (n int) {
	for _, c := range text {
		n += flagInt(c == '\n')
	}
	return n
}

// providerAt reports whether a text begins with the name of a provider: "acme_", "acmeKey", "new-relic".
func providerAt(text []byte) (known, only bool) {
	h := providerStart(false)
	n := 0
	for i, c := range text {
		if n == maxProvider {
			break
		}
		if !isAlnum(c) {
			if c == '_' || c == '-' || c == ' ' || c == '.' {
				continue
			}
			break
		}
		h = providerStep(h, c)
		n++
		ends := i+1 == len(text) || !isAlnum(text[i+1]) || isUpper(text[i+1]) && isLower(c)
		if n < minProvider || !ends && n < minJoinedProvider {
			continue
		}
		if k, o := provider(providerEnd(h)); k {
			known, only = true, only || o
		}
	}
	return known, only
}

// providerPrefix returns the length of the longest prefix of a provider's keys that the value begins with.
func providerPrefix(value []byte) (longest int16) {
	h := providerStart(true)
	for i, c := range value[:min(len(value), maxProvider)] {
		h = providerStep(h, c)
		if i+1 < minProvider {
			continue
		}
		if known, _ := provider(providerEnd(h)); known {
			longest = int16(i + 1)
		}
	}
	return longest
}
