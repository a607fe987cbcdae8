package generic

import "bytes"

// A class is what an identifier says its value is.
type class uint8

const (
	classNone class = iota
	classPassword
	classSecret
	classToken
	classAPIKey // a key that is secret by its name: api key, private key, encryption key
	classKey    // some key; most are not secret
	classAuth
	classCredential
	classSeed // what keys are derived from: seed, salt, nonce
	classSession
	classURL
	classBasic
	classBearer
	numClasses
)

var classNames = [numClasses]string{"nothing", "a password", "a secret", "a token", "an API key", "a key", "an authentication", "a credential",
	"a seed", "a session", "a URL with credentials", "Basic authorization", "Bearer authorization"}

// weak reports whether a word of the class gives way to one of another class before it: a token of a session is a token.
func (c class) weak() bool { return c == classAuth || c == classSeed || c == classSession }

// heads are the words that make an identifier the name of a secret.
var heads = map[string]class{
	"password": classPassword, "passwd": classPassword, "passphrase": classPassword, "passcode": classPassword, "pwd": classPassword,
	"pass": classPassword, "pw": classPassword, "passwort": classPassword, "psw": classPassword, "pswd": classPassword,
	"psswd": classPassword, "pswrd": classPassword, "paswd": classPassword, "paswrd": classPassword, "passwrd": classPassword, "pssword": classPassword,
	"passwor": classPassword, "passwrod": classPassword, "passord": classPassword, "pasword": classPassword, "passworsd": classPassword, "paassword": classPassword,
	"passw": classPassword, "userpass": classPassword, "requirepass": classPassword, "userpw": classPassword, "rootpw": classPassword,
	"secret": classSecret, "otp": classSecret, "totp": classSecret, "otpauth": classSecret,
	"token": classToken, "jwt": classToken,
	"apikey": classAPIKey, "nkey": classAPIKey, "xkey": classAPIKey, "privkey": classAPIKey, "appkey": classAPIKey, "authkey": classAPIKey,
	"masterkey": classAPIKey, "accesskey": classAPIKey, "privatekey": classAPIKey, "secretkey": classAPIKey, "apisecret": classSecret,
	"key":  classKey,
	"auth": classAuth, "authorization": classAuth, "authentication": classAuth, "oauth": classAuth,
	"credential": classCredential, "cred": classCredential, "userpwd": classPassword,
	"seed": classSeed, "salt": classSeed,
	"session": classSession, "sid": classSession, "cookie": classSession, "sessid": classSession, "sessionid": classSession,
}

// tails are words that end longer words, written together, that name a secret: "adminpassword", "clientsecret".
var tails = []struct {
	text  string
	class class
}{
	{"password", classPassword}, {"passwd", classPassword}, {"pwd", classPassword}, {"passphrase", classPassword},
	{"salt", classSeed}, {"secret", classSecret}, {"token", classToken}, {"apikey", classAPIKey}, {"secretkey", classAPIKey}, {"accesskey", classAPIKey},
	{"privatekey", classAPIKey}, {"authkey", classAPIKey}, {"pass", classPassword}, {"key", classKey},
}

// notHeads are words that end like a head and are not one.
var notHeads = words("bypass compass trespass surpass encompass subpass bandpass lowpass highpass overpass underpass " +
	"vkey monkey turkey donkey hotkey whiskey hockey jockey keykey pkey passkey")

// qualifiers make a key one that is kept secret.
var qualifiers = words("api access secret private priv auth encryption encrypt decryption crypt crypto consumer client master signing sign signature storage account " +
	"ssh service shared app application session cookie validation webhook license licence server admin user aws azure gcp google s3 cloud " +
	"maps security rsa ecdsa hmac jwt aes des pgp gpg subscription developer dev integration stripe publishable deploy write read ingest token")

// publics are words before a key that say it is none to keep.
var publics = words("encrypted next page pagination continuation cursor idempotency lifecycle public pub verifier verification verify v primary foreign sort cache index partition object map hash i18n translation shortcut hot row group routing route " +
	"unique label data message lookup composite dict dictionary registry storage metadata resource config header query param item node tree event candidate " +
	"surrogate natural up down arrow enter escape esc tab shift ctrl control alt meta home end f1 modifier press any wild legend locale state store")

// abouts are words after a head that say the value is something about the secret and not the secret.
var abouts = words("id ids name names type types field fields label labels file files path paths url urls uri uris dir dirs prefix suffix header headers " +
	"len length size count counter limit policy policies expiry expire expires expiration expired ttl lifetime age algorithm alg algo version format " +
	"message messages error errors hint placeholder class regex regexp pattern index required enabled enable disabled endpoint provider providers store manager ring chain " +
	"map set list code codes event press down up board binding scope scopes method methods mode min max reset strength change changed time date timeout minutes " +
	"seconds days hours validator validation validate pos position offset kind description desc title help text prompt input box form page view " +
	"handler service factory builder generator reader writer parser source src ref exists invalid missing incorrect wrong mismatch strong weak " +
	"usage use rotation status state valid complexity history rule rules info table column col rotate visible show hidden toggle " +
	"button icon link model schema request response controller middleware filter interceptor config configuration options option settings params param " +
	"command cmd script tool plugin module package lib api server client host port user username email domain realm scheme " +
	"issuer audience kid fingerprint thumbprint tag tags callback hook function func arn bits encoding digest hashed algorithms address contract " +
	"created updated deleted removed added start started end ended used last at on symbol decimals stream kinds number num category level attempts attempt tries retries by for is has in of from to with and")

// What a word of an identifier says, as bits.
const (
	saysAbout = 1 << iota
	saysQualified
	saysPublic
	saysPager
	saysTest
	saysHashed
	saysDerived
	saysNotHead
	saysReport
)

// meaning is what is known of a word.
type meaning struct {
	head class
	says uint16
}

// vocabulary joins the lists, so that one look answers for all of them.
var vocabulary = func() map[string]meaning {
	all := map[string]meaning{}
	for w, c := range heads {
		all[w] = meaning{head: c}
	}
	for i, set := range []map[string]bool{abouts, qualifiers, publics, pagers, tests, hashes, derivations, notHeads, reports} {
		for w := range set {
			m := all[w]
			m.says |= 1 << i
			all[w] = m
		}
	}
	return all
}()

// words returns the set of the words of a text.
func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range bytes.Fields([]byte(text)) {
		set[string(w)] = true
	}
	return set
}

// lengths are how long words are that begin with a byte, as bits. Most other words are told apart by it.
type lengths [256]uint32

func lengthsOf[V any](words map[string]V) (l lengths) {
	for w := range words {
		l[w[0]] |= 1 << (len(w) & 31)
	}
	return l
}

func (l *lengths) may(w []byte) bool { return len(w) > 0 && l[w[0]]>>(len(w)&31)&1 != 0 }

var vocabularyLengths = lengthsOf(vocabulary)

// look returns what the vocabulary says of a word.
func look(w []byte) (m meaning) {
	if vocabularyLengths.may(w) {
		m = vocabulary[string(w)]
	}
	return m
}

// name is an identifier, judged by its words.
type name struct {
	class     class
	head      int  // where the head begins in the identifier
	headEnd   int  // and ends
	words     int  // how many words there are
	after     int  // how many of them stand after the head
	about     bool // one of those says that the value is only about a secret
	qualified bool // a key is one that is kept secret
	public    bool // a key is one that is not
	plural    bool
	test      bool // a word says that it is a test's or an example's
	open      bool // a word says that anybody may know it
	report    bool // a word before the head says that it is a message or a state
	pager     bool // a token is no credential but a bookmark
	hashed    bool // a word says that the value is a hash or encrypted
	derived   bool // a word says that a protocol computes the value
	joined    bool // the head is the end of a longer word
}

const maxWords = 12

// judge splits an identifier into words and judges it by them. The last head decides.
func judge(ident []byte) name {
	var spans [maxWords][2]int
	n := splitWords(ident, &spans)
	var buf [32]byte
	got := name{words: n}
	for i := range n {
		w := lower(ident[spans[i][0]:spans[i][1]], &buf)
		m := look(w)
		c, at, plural := m.head, 0, false
		if c == classNone {
			c, at, plural = headOf(w)
		}
		if c != classNone && (got.class == classNone || !c.weak()) {
			if got.class != classNone {
				got.qualified, got.public = true, false
			}
			got.class, got.plural, got.joined = c, plural, at > 0
			got.head, got.headEnd = spans[i][0]+at, spans[i][1]
			got.after, got.about = n-1-i, false
			continue
		}
		switch {
		case got.class != classNone && m.says&saysAbout != 0:
			got.about = true
		case got.class == classNone && m.says&saysQualified != 0:
			got.qualified = true
		}
		got.open = got.open || string(w) == "public" || string(w) == "pub"
		got.report = got.report || got.class == classNone && m.says&saysReport != 0
		if got.class == classNone { // only those of the last word before the head stay
			got.public, got.pager = m.says&saysPublic != 0, m.says&saysPager != 0
		}
		got.test = got.test || m.says&saysTest != 0
		got.hashed = got.hashed || m.says&saysHashed != 0
		got.derived = got.derived || m.says&saysDerived != 0
	}
	if len(ident) == 3 && string(lower(ident, &buf)) == "sid" { // of a statement in a policy
		got.class = classNone
	}
	if got.class == classKey && got.qualified && !got.public {
		got.class = classAPIKey
	}
	return got
}

// harmless reports whether a name is of something that is no secret, whatever its value: the length of a key, the type of an authorization,
// a public key. Of a password or a token that is left to the score.
func (n *name) harmless() bool {
	switch n.class {
	case classKey, classAPIKey:
		return n.about || n.public && n.class == classKey || n.open && n.after > 0
	case classAuth, classSeed:
		return n.about
	case classSession:
		return n.after > 0
	case classToken:
		return n.about || n.pager || n.open
	}
	return false
}

// mayBeBytes reports whether the value of a name may be written as the numbers of its bytes.
func (n *name) mayBeBytes() bool {
	return n.class == classKey || n.class == classAPIKey || n.class == classSecret || n.class == classPassword || n.class == classSeed
}

// pagers are words before a token that say that it goes on where another request ended, or tells two requests apart.
var pagers = words("next page paging pagination continuation cursor sync change idempotency dkim action resume starting parser lexer syntax authenticity csrf xsrf")

// Words that say that a value is one of a test, that it is hashed or encrypted, that a protocol computes it, that it is a message.
var (
	tests       = words("test example sample dummy fake mock demo expected invalid wrong bad want wanted got vector non not nonmatching incorrect malformed broken random")
	hashes      = words("hash hashed encrypted enc digest sha md5 bcrypt crypted encoded")
	reports     = words("status error err errors msg message messages exception warn warning event invalid wrong no missing reason state")
	derivations = words("exporter traffic handshake resumption ephemeral premaster early shared derived computed")
)

// headOf returns what a word in lower case names, and where in it the name begins.
func headOf(w []byte) (c class, at int, plural bool) {
	for len(w) > 2 && '0' <= w[len(w)-1] && w[len(w)-1] <= '9' {
		w = w[:len(w)-1]
	}
	m := look(w)
	if m.head != classNone {
		return m.head, 0, false
	}
	if n := len(w); n > 3 && w[n-1] == 's' && w[n-2] != 's' {
		w, plural = w[:n-1], true
		if m = look(w); m.head != classNone {
			return m.head, 0, true
		}
	}
	if m.says&saysNotHead != 0 || len(w) < 4 {
		return classNone, 0, false
	}
	switch string(w[len(w)-3:]) { // of the tails
	case "ord", "swd", "pwd", "ase", "alt", "ret", "ken", "key", "ass":
	default:
		return classNone, 0, false
	}
	for _, t := range tails {
		if len(w) > len(t.text) && bytes.HasSuffix(w, []byte(t.text)) {
			at := len(w) - len(t.text)
			switch {
			case t.class != classKey:
				return t.class, at, plural
			case qualifiers[string(w[:at])]:
				return classAPIKey, at, plural
			case at == 1 || isWord(w) || publics[string(w[:at])]: // skey, vkey are what programmers call any key
				return classNone, 0, false
			}
			return classKey, at, plural
		}
	}
	return classNone, 0, false
}

// isWord reports whether the word, in lower case, is in the dictionary.
func isWord(w []byte) bool {
	h := uint64(FNVOffset)
	for _, c := range w {
		h = (h ^ uint64(c)) * FNVPrime
	}
	return inDictionary(h)
}

// IsWord reports whether a text in lower case is in the dictionary. One in some hundred texts that are not is taken for a word.
func IsWord(text string) bool {
	return len(text) >= minDictWord && len(text) <= maxDictWord && isWord([]byte(text))
}

// splitWords splits an identifier at what is no letter or digit and where the case changes, and returns how many words
// there are. Of one with more than maxWords the last count.
func splitWords(ident []byte, spans *[maxWords][2]int) int {
	n := 0
	add := func(from, to int) {
		if from == to {
			return
		}
		if n == maxWords {
			copy(spans[:], spans[1:])
			n--
		}
		spans[n] = [2]int{from, to}
		n++
	}
	start := 0
	for i, c := range ident {
		switch {
		case !isAlnum(c):
			add(start, i)
			start = i + 1
		case i > start && isUpper(c) && (isLower(ident[i-1]) || isDigit(ident[i-1]) && i+1 < len(ident) && isLower(ident[i+1])):
			add(start, i)
			start = i
		case i > start+1 && isLower(c) && isUpper(ident[i-1]) && isUpper(ident[i-2]) && !(c == 's' && (i+1 == len(ident) || !isLower(ident[i+1]))):
			add(start, i-1)
			start = i - 1
		}
	}
	add(start, len(ident))
	return n
}

// lower returns text in lower case, in buf; what does not fit is cut off.
func lower(text []byte, buf *[32]byte) []byte {
	n := copy(buf[:], text)
	for i, c := range buf[:n] {
		if isUpper(c) {
			buf[i] = c | 0x20
		}
	}
	return buf[:n]
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isLetter(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z'
}
func isAlnum(c byte) bool { return isLetter(c) || isDigit(c) }
func isBlank(c byte) bool { return c == ' ' || c == '\t' }
