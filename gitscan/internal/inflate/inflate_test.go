package inflate

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
)

// texts are inputs of different shapes, made of a seed.
func texts(random *rand.Rand) [][]byte {
	noise := make([]byte, random.IntN(70_000))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	words := new(bytes.Buffer)
	for words.Len() < random.IntN(100_000) {
		words.WriteString([]string{"func ", "return ", "err", "\n\t", "if ", "nil", "0x", " := "}[random.IntN(8)])
	}
	skewed := make([]byte, random.IntN(30_000))
	for i := range skewed {
		skewed[i] = byte(random.ExpFloat64() * 8)
	}
	return [][]byte{nil, {0}, bytes.Repeat([]byte{'a'}, random.IntN(1000)), bytes.Repeat([]byte("abc"), random.IntN(1000)), noise, words.Bytes(), skewed}
}

// slacks are how much larger the capacities of buffers are than their lengths.
var slacks = []int{0, 1, Slack}

// withSlack returns data with something behind its end.
func withSlack(data []byte, slack int) []byte {
	return append(slices.Clip(data), bytes.Repeat([]byte{0x5a}, slack)...)[:len(data)]
}

func TestInflate(t *testing.T) {
	var d Decoder
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		for _, text := range texts(random) {
			for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 6, 9} {
				var packed bytes.Buffer
				w, err := flate.NewWriter(&packed, level)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = w.Write(text[:len(text)/2])
				if seed%2 == 0 {
					_ = w.Flush()
				}
				_, _ = w.Write(text[len(text)/2:])
				_ = w.Close()
				size := packed.Len()
				packed.WriteString("behind")
				var got []byte
				for _, slack := range slacks {
					got = make([]byte, len(text), len(text)+slack)
					used, err := d.Inflate(got, withSlack(packed.Bytes(), slack))
					if err != nil || used != size || !bytes.Equal(got, text) {
						t.Fatalf("seed %d, level %d, %d bytes: used %d of %d, %v", seed, level, len(text), used, size, err)
					}
				}
				if _, err := d.Inflate(make([]byte, len(text)+1), packed.Bytes()); err == nil {
					t.Fatal("too little is no error")
				}
				if len(text) > 0 {
					if _, err := d.Inflate(got[1:], packed.Bytes()); err == nil {
						t.Fatal("too much is no error")
					}
				}
			}
		}
	}
}

// FuzzInflate compares with the standard library, for any input: both accept the same streams, and make the same of them.
func FuzzInflate(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, text := range texts(random) {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			var packed bytes.Buffer
			w, _ := flate.NewWriter(&packed, level)
			_, _ = w.Write(text[:min(len(text), 300)])
			_ = w.Close()
			f.Add(packed.Bytes())
		}
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, packed []byte) {
		in := bytes.NewReader(packed)
		want, err := io.ReadAll(io.LimitReader(flate.NewReader(in), 1<<20))
		if len(want) == 1<<20 {
			return
		}
		for _, slack := range slacks {
			got := make([]byte, len(want), len(want)+slack)
			used, err2 := d.Inflate(got, withSlack(packed, slack))
			if (err == nil) != (err2 == nil) {
				t.Fatalf("%v, want %v", err2, err)
			}
			if err == nil && (!bytes.Equal(got, want) || used != len(packed)-in.Len()) {
				t.Fatalf("other content, or %d bytes used instead of %d", used, len(packed)-in.Len())
			}
		}
	})
}

func BenchmarkInflate(b *testing.B) {
	var text []byte
	for random := rand.New(rand.NewPCG(9, 9)); len(text) < 20_000; {
		text = append(text, texts(random)[5]...)
	}
	for _, size := range []int{200, 2000, len(text)} {
		var packed bytes.Buffer
		w, _ := flate.NewWriter(&packed, 6)
		_, _ = w.Write(text[:size])
		_ = w.Close()
		dst := make([]byte, size, size+Slack)
		b.Run("own", func(b *testing.B) {
			var d Decoder
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := d.Inflate(dst, packed.Bytes()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("standard", func(b *testing.B) {
			in := bytes.NewReader(nil)
			r := flate.NewReader(in)
			b.SetBytes(int64(size))
			for b.Loop() {
				in.Reset(packed.Bytes())
				_ = r.(flate.Resetter).Reset(in, nil)
				if _, err := io.ReadFull(r, dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
