package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// generator writes made-up input. The same size gives the same bytes on every machine, and nothing in them is a
// secret: names that scanners look for stand beside words and numbers only.
type generator struct {
	name  string
	what  string
	write func(path string, bytes int64) error
}

func generators() []generator {
	return []generator{
		{"log", "the log of a service", func(path string, n int64) error { return writeFile(path, n, newText().logLine) }},
		{"line", "JSON in a single line", func(path string, n int64) error { return writeFile(path, n, newText().jsonRecord) }},
		{"tree", "source files in directories", writeTree},
	}
}

// text makes pieces of text, one after the other.
type text struct {
	random *rand.Rand
	n      int64 // pieces so far
	clock  time.Time
}

func newText() *text {
	return &text{random: rand.New(rand.NewPCG(1, 2)), clock: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// writeFile creates a file of exactly n bytes from as many pieces as it takes; the last one is cut.
func writeFile(path string, n int64, next func([]byte) []byte) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	var piece []byte
	for n > 0 {
		piece = next(piece[:0])
		piece = piece[:min(int64(len(piece)), n)]
		if _, err := w.Write(piece); err != nil {
			return err
		}
		n -= int64(len(piece))
	}
	return w.Flush()
}

// writeTree creates a new directory with n bytes of files. Sizes are spread like those of source files: many of a few
// kilobytes, few of many.
func writeTree(path string, n int64) error {
	const filesInDir = 40
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	t := newText()
	dir := ""
	for i := 0; n > 0; i++ {
		if i%filesInDir == 0 {
			dir = filepath.Join(path, fmt.Sprintf("service%03d", i/filesInDir/10), fmt.Sprintf("part%d", i/filesInDir%10))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
		}
		size := min(n, int64(500)<<t.random.IntN(8)+t.random.Int64N(500))
		if err := writeFile(filepath.Join(dir, fmt.Sprintf("file%02d.go", i%filesInDir)), size, t.function); err != nil {
			return err
		}
		n -= size
	}
	return nil
}

// logLine appends one line, or a few where a stack trace follows.
func (t *text) logLine(b []byte) []byte {
	t.n++
	t.clock = t.clock.Add(time.Duration(t.random.IntN(40)) * time.Millisecond)
	b = t.clock.AppendFormat(b, "2006-01-02T15:04:05.000Z ")
	b = append(b, t.pick("INFO INFO INFO INFO DEBUG WARN ERROR")...)
	b = append(b, " ["...)
	b = append(b, t.pick("http-nio-8080 scheduler worker-pool kafka-consumer main")...)
	b = append(b, "] trace="...)
	b = t.hex(b, 8)
	switch t.random.IntN(6) {
	case 0:
		b = fmt.Appendf(b, " %s /api/v2/%s/%d %d %d bytes in %.1f ms from 10.%d.%d.%d\n", t.pick("GET GET GET POST PUT DELETE"),
			t.pick("orders customers invoices tokens sessions keys"), t.random.IntN(1e6), 200+t.random.IntN(5)*50,
			t.random.IntN(90000), t.random.Float64()*300, t.random.IntN(256), t.random.IntN(256), t.random.IntN(256))
	case 1:
		b = fmt.Appendf(b, " user %d: the token has expired, a new one is valid for %d seconds\n", t.random.IntN(1e5), t.random.IntN(7200))
	case 2:
		b = fmt.Appendf(b, ` {"event":"%s","account":%d,"auth":"%s","retry":%t,"queue":%d}`+"\n", t.pick("created updated deleted archived"),
			t.random.IntN(1e7), t.pick("password oauth none sso"), t.random.IntN(2) == 0, t.random.IntN(500))
	case 3:
		b = fmt.Appendf(b, " SELECT id, name, api_key_id FROM accounts WHERE tenant = %d AND state = '%s' -- %d rows\n", t.random.IntN(1e4),
			t.pick("active locked closed"), t.random.IntN(2000))
	case 4:
		b = fmt.Appendf(b, " cache %s: %d hits, %d misses, secret store reachable\n", t.pick("local remote shared"), t.random.IntN(1e6), t.random.IntN(1e4))
	default:
		b = fmt.Appendf(b, " connection to %s-%d.internal:5432 lost\n", t.pick("database cache broker"), t.random.IntN(20))
		for range t.random.IntN(6) {
			b = fmt.Appendf(b, "\tat com.example.%s.%s(%s.java:%d)\n", t.pick("orders billing auth"), t.pick("load store refresh"), t.pick("Client Pool Session"), t.random.IntN(900))
		}
	}
	return b
}

// jsonRecord appends one element of an array, and the array's beginning before the first one.
func (t *text) jsonRecord(b []byte) []byte {
	separator := byte(',')
	if t.n == 0 {
		separator = '['
	}
	t.n++
	b = append(b, separator)
	b = fmt.Appendf(b, `{"id":%d,"name":"%s %s","key":%d,"tags":["%s","%s"],"checksum":"`, t.n, t.pick("red green blue amber"),
		t.pick("valve pump filter sensor"), t.random.IntN(1e6), t.pick("token auth access plain"), t.pick("new old spare"))
	b = t.hex(b, 20)
	return fmt.Appendf(b, `","price":%d.%02d,"stock":%t}`, t.random.IntN(1000), t.random.IntN(100), t.random.IntN(2) == 0)
}

// function appends a Go function.
func (t *text) function(b []byte) []byte {
	t.n++
	name := t.pick("Token Session Account Invoice Client") + strconv.FormatInt(t.n, 10)
	b = fmt.Appendf(b, "// load%s reads the %s of the given key from the store.\nfunc load%s(ctx context.Context, key string) (*%s, error) {\n",
		name, t.pick("password secret token record"), name, t.pick("Credential Account Invoice"))
	for range 2 + t.random.IntN(8) {
		switch t.random.IntN(3) {
		case 0:
			b = fmt.Appendf(b, "\tif len(key) > %d {\n\t\treturn nil, fmt.Errorf(\"%s %%q: %%w\", key, err)\n\t}\n", t.random.IntN(256), t.pick("api_key access_token entry"))
		case 1:
			b = fmt.Appendf(b, "\t%s := s.%s(ctx, key, %#x)\n", t.pick("token value auth row"), t.pick("fetch decode verify"), t.random.Uint32())
		default:
			b = fmt.Appendf(b, "\tfor i := range %s { // at most %d\n\t\ttotal += %s[i].size\n\t}\n", t.pick("rows keys items"), t.random.IntN(1000), t.pick("rows keys items"))
		}
	}
	return append(b, "\treturn s.result(key)\n}\n\n"...)
}

// pick returns one of the words, which spaces separate.
func (t *text) pick(words string) string {
	all := strings.Fields(words)
	return all[t.random.IntN(len(all))]
}

// hex appends the digits of n random bytes, at most 24.
func (t *text) hex(b []byte, n int) []byte {
	var raw [24]byte
	for i := 0; i < n; i += 8 {
		v := t.random.Uint64()
		for j := range 8 {
			raw[i+j] = byte(v >> (8 * j))
		}
	}
	return hex.AppendEncode(b, raw[:n])
}

// size is a number of bytes with an optional unit: 500k, 10M, 2G, in multiples of 1,000.
type size int64

func (s *size) String() string { return strconv.FormatInt(int64(*s), 10) }

// Set makes a size a flag.
func (s *size) Set(text string) error {
	number, unit := strings.TrimRight(text, "kKmMgG"), int64(1)
	switch strings.ToLower(text[len(number):]) {
	case "":
	case "k":
		unit = 1e3
	case "m":
		unit = 1e6
	case "g":
		unit = 1e9
	default:
		return fmt.Errorf("%q is not a size: write 500k, 10M or 2G", text)
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > (1<<62)/unit {
		return fmt.Errorf("%q is not a size: write 500k, 10M or 2G", text)
	}
	*s = size(n * unit)
	return nil
}
