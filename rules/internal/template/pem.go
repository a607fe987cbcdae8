package template

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"

	"github.com/keysieve/keysieve/rules/internal/checksum"
)

// makePEM makes a private key. The first argument is its kind: rsa, ec, pkcs8, encrypted, openssh or pgp. A second one
// says how it is written: "escaped" with \n for line ends, "folded" on one line with blanks for them. The keys are
// real, and worthless: whoever has the template can make them.
func makePEM(args string, broken bool, r *rand.Rand) (string, error) {
	kind, form, _ := strings.Cut(args, " ")
	label, der, err := makeKey(orElse(kind, "rsa"), r)
	if err != nil {
		return "", err
	}
	if broken {
		der = der[:len(der)-len(der)/3]
	}
	text := strings.TrimSuffix(string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})), "\n")
	if kind == "pgp" {
		sum := checksum.CRC24(der)
		check := base64.StdEncoding.EncodeToString([]byte{byte(sum >> 16), byte(sum >> 8), byte(sum)})
		text = strings.Replace(text, "-----\n", "-----\n\n", 1)
		text = strings.Replace(text, "\n-----END", "\n="+check+"\n-----END", 1)
	}
	switch form {
	case "":
	case "escaped":
		text = strings.ReplaceAll(text, "\n", `\n`)
	case "folded":
		text = strings.ReplaceAll(text, "\n", " ")
	default:
		return "", fmt.Errorf("unknown form %q: use escaped or folded", form)
	}
	return text, nil
}

// makeDER makes a private key in base64 alone; the argument is its kind, as makePEM takes it.
func makeDER(args string, broken bool, r *rand.Rand) (string, error) {
	_, der, err := makeKey(orElse(args, "rsa"), r)
	if broken && err == nil {
		der = der[:len(der)-len(der)/3]
	}
	return base64.StdEncoding.EncodeToString(der), err
}

func makeKey(kind string, r *rand.Rand) (label string, der []byte, err error) {
	switch kind {
	case "rsa":
		der, err = makeRSA(r)
		return "RSA PRIVATE KEY", der, err
	case "ec":
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append([]byte{0}, randomBytes(r, 31)...))
		if err != nil {
			return "", nil, err
		}
		der, err = x509.MarshalECPrivateKey(key)
		return "EC PRIVATE KEY", der, err
	case "pkcs8":
		der, err = x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(randomBytes(r, ed25519.SeedSize)))
		return "PRIVATE KEY", der, err
	case "encrypted":
		der, err = makeEncrypted(r)
		return "ENCRYPTED PRIVATE KEY", der, err
	case "openssh":
		return "OPENSSH PRIVATE KEY", makeOpenSSH(r), nil
	case "pgp":
		return "PGP PRIVATE KEY BLOCK", makePGP(r), nil
	}
	return "", nil, fmt.Errorf("unknown kind %q: use rsa, ec, pkcs8, encrypted, openssh or pgp", kind)
}

// makeRSA makes a key of 512 bits in PKCS #1: the shortest that is seen, and quick to find. It does not use crypto/rsa,
// which takes no other source of randomness than its own.
func makeRSA(r *rand.Rand) ([]byte, error) {
	const exponent = 65537
	one, e := big.NewInt(1), big.NewInt(exponent)
	p, q := prime(r, e), prime(r, e)
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	d := new(big.Int).ModInverse(e, new(big.Int).Mul(p1, q1))
	return asn1.Marshal(struct {
		Version                   int
		N, E, D, P, Q, DP, DQ, QI *big.Int
	}{
		N: new(big.Int).Mul(p, q), E: e, D: d, P: p, Q: q,
		DP: new(big.Int).Mod(d, p1), DQ: new(big.Int).Mod(d, q1), QI: new(big.Int).ModInverse(q, p),
	})
}

// prime returns a prime of 256 bits that can be used with exponent e.
func prime(r *rand.Rand, e *big.Int) *big.Int {
	const size, rounds = 32, 8
	for {
		b := randomBytes(r, size)
		b[0] |= 0xc0
		b[size-1] |= 1
		p := new(big.Int).SetBytes(b)
		p1 := new(big.Int).Sub(p, big.NewInt(1))
		if p.ProbablyPrime(rounds) && new(big.Int).GCD(nil, nil, e, p1).Cmp(big.NewInt(1)) == 0 {
			return p
		}
	}
}

// makeEncrypted makes an EncryptedPrivateKeyInfo whose content is random, as that of a real one looks.
func makeEncrypted(r *rand.Rand) ([]byte, error) {
	pbes2 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	return asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{pkix.AlgorithmIdentifier{Algorithm: pbes2}, randomBytes(r, 160)})
}

// makeOpenSSH makes an Ed25519 key as ssh-keygen writes it, without a pass phrase.
func makeOpenSSH(r *rand.Rand) []byte {
	key := ed25519.NewKeyFromSeed(randomBytes(r, ed25519.SeedSize))
	var public, private []byte
	public = sshString(public, "ssh-ed25519")
	public = sshString(public, string(key[ed25519.SeedSize:]))
	check := r.Uint32()
	private = binary.BigEndian.AppendUint32(private, check)
	private = binary.BigEndian.AppendUint32(private, check)
	private = append(private, public...)
	private = sshString(private, string(key))
	private = sshString(private, "user@host")
	for i := byte(1); len(private)%8 != 0; i++ {
		private = append(private, i)
	}
	out := []byte("openssh-key-v1\x00")
	for _, s := range []string{"none", "none", ""} {
		out = sshString(out, s)
	}
	out = binary.BigEndian.AppendUint32(out, 1)
	out = sshString(out, string(public))
	return sshString(out, string(private))
}

func sshString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// makePGP makes a secret key packet with random content.
func makePGP(r *rand.Rand) []byte {
	const oldFormatSecretKey, twoOctetLength = 0x80 | 5<<2, 1
	body := randomBytes(r, 400)
	body[0] = 4 // version
	return append([]byte{oldFormatSecretKey | twoOctetLength, byte(len(body) >> 8), byte(len(body))}, body...)
}
