package filescan

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/keysieve/keysieve/detect"
)

var smallSizes = sizes{whole: 128, chunk: 64, overlap: 16}

// ways are the ways in which a text comes to be read: as a file, and as a stream that gives it in one way or another.
var ways = []struct {
	name   string
	stream func(io.Reader) io.Reader // nil for a file
}{
	{"file", nil},
	{"stream", func(r io.Reader) io.Reader { return r }},
	{"byte by byte", iotest.OneByteReader},
	{"halves", iotest.HalfReader},
	{"data with EOF", iotest.DataErrReader},
}

// sourceOf returns a source of one input.
func sourceOf(t testing.TB, content []byte, stream func(io.Reader) io.Reader) *Source {
	t.Helper()
	paths, opts := []string{"-"}, Options{}
	if stream == nil {
		if err := os.WriteFile("file", content, 0o666); err != nil {
			t.Fatal(err)
		}
		paths = []string{"file"}
	} else {
		opts.Stdin = stream(bytes.NewReader(content))
	}
	s := newSource(t, paths, opts)
	s.sizes = smallSizes
	return s
}

// loadAll loads the fragments into memory of their own.
func loadAll(t testing.TB, s *Source) []detect.Fragment {
	t.Helper()
	var all []detect.Fragment
	for f, err := range s.Fragments(context.Background()) {
		if err == nil {
			f, err = f.Load(new([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	balanced(t, s.Coverage())
	return all
}

// checkChunks checks that the fragments own the text, each part once and at the place it says.
func checkChunks(t testing.TB, fragments []detect.Fragment, text string) {
	t.Helper()
	var owned int64
	for i, f := range fragments {
		if len(f.Data) == 0 {
			continue
		}
		own := detect.Range{Start: 0, End: len(f.Data)}
		if f.Own != nil {
			own = *f.Own
		}
		base := f.Base
		if base == (detect.Position{}) {
			base = detect.Position{Line: 1, Column: 1}
		}
		if base.Offset > int64(len(text)) || !strings.HasPrefix(text[base.Offset:], string(f.Data)) {
			t.Fatalf("fragment %d is not the text at %d", i, base.Offset)
		}
		if want := positionOf(text, base.Offset); base != want {
			t.Fatalf("fragment %d is at %+v, says %+v", i, want, base)
		}
		if start := base.Offset + int64(own.Start); start != owned {
			t.Fatalf("fragment %d owns from %d, those before it up to %d", i, start, owned)
		}
		owned = base.Offset + int64(own.End)
		if own.Start < smallSizes.overlap && base.Offset > 0 {
			t.Fatalf("fragment %d shows %d bytes before what it owns", i, own.Start)
		}
		if after := len(f.Data) - own.End; after < smallSizes.overlap && owned < int64(len(text)) {
			t.Fatalf("fragment %d shows %d bytes after what it owns", i, after)
		}
	}
	if owned != int64(len(text)) {
		t.Fatalf("%d bytes of %d are owned", owned, len(text))
	}
}

func positionOf(text string, offset int64) detect.Position {
	before := text[:offset]
	return detect.Position{
		Offset: offset, Line: 1 + strings.Count(before, "\n"), Column: int(offset) - strings.LastIndexByte(before, '\n'),
	}
}

// findOwned returns where the fragments find what they own.
func findOwned(fragments []detect.Fragment, what string) []int64 {
	var found []int64
	for _, f := range fragments {
		for at := 0; ; at++ {
			i := bytes.Index(f.Data[at:], []byte(what))
			if i < 0 {
				break
			}
			at += i
			if f.Own == nil || f.Own.Start <= at && at < f.Own.End {
				found = append(found, f.Base.Offset+int64(at))
			}
		}
	}
	return found
}

func TestChunkEdges(t *testing.T) {
	const token = "TOKEN-0123456789"
	fill := map[string]string{"lines": "abc\ndefgh\n", "one line": "abcdefghij"}
	for _, way := range ways {
		for name, fill := range fill {
			t.Run(way.name+"/"+name, func(t *testing.T) {
				t.Chdir(t.TempDir())
				for size := 0; size < 300; size += 1 + size/100*3 {
					fillText := strings.Repeat(fill, 40)[:size]
					checkChunks(t, loadAll(t, sourceOf(t, []byte(fillText), way.stream)), fillText)
				}
				for at := range 280 {
					text := strings.Repeat(fill, 40)
					text = text[:at] + token + text[at:300]
					got := findOwned(loadAll(t, sourceOf(t, []byte(text), way.stream)), token)
					if !slices.Equal(got, []int64{int64(at)}) {
						t.Fatalf("planted at %d, found at %d", at, got)
					}
				}
			})
		}
	}
}

func TestChunksOfUTF16(t *testing.T) {
	text := strings.Repeat("ab\n\U0001F511é中c\n\n", 20)
	for _, way := range ways {
		for _, big := range []bool{false, true} {
			t.Chdir(t.TempDir())
			for shift := range 70 { // so that characters of each size come to stand at edges
				shifted := strings.Repeat("x", shift) + text
				content := toUTF16(big, "\uFEFF"+shifted)
				checkChunks(t, loadAll(t, sourceOf(t, content, way.stream)), shifted)
			}
		}
	}
}

// The same text as a file, a large file and a stream has the same positions.
func TestByteOrderMark(t *testing.T) {
	for _, size := range []int{10, 1000} {
		text := "\uFEFF" + strings.Repeat("abcd\nefgh ", size/10)
		for _, way := range ways {
			t.Chdir(t.TempDir())
			f := loadAll(t, sourceOf(t, []byte(text), way.stream))
			if f[0].Base != (detect.Position{Offset: 3, Line: 1, Column: 1}) || f[0].Data[0] != 'a' {
				t.Errorf("%s of %d bytes: begins at %+v with %q", way.name, size, f[0].Base, f[0].Data[0])
			}
			last := f[len(f)-1]
			for i := len(f) - 1; len(last.Data) == 0; i-- {
				last = f[i]
			}
			if end := last.Base.Offset + int64(len(last.Data)); end != int64(len(text)) {
				t.Errorf("%s of %d bytes: ends at %d", way.name, size, end)
			}
		}
	}
}

// Chunks are right in whatever order and by however many goroutines they are loaded.
func TestChunksInAnyOrder(t *testing.T) {
	text := strings.Repeat("0123456789\n", 200)
	orders := map[string]func([]detect.Fragment) []detect.Fragment{
		"forwards":  func(f []detect.Fragment) []detect.Fragment { return f },
		"backwards": func(f []detect.Fragment) []detect.Fragment { slices.Reverse(f); return f },
		"some":      func(f []detect.Fragment) []detect.Fragment { return append(f[20:30], f[3:7]...) },
	}
	for name, order := range orders {
		for _, way := range ways {
			t.Run(name+"/"+way.name, func(t *testing.T) {
				t.Chdir(t.TempDir())
				before := runtime.NumGoroutine()
				var all []detect.Fragment
				for f, err := range sourceOf(t, []byte(text), way.stream).Fragments(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, f)
				}
				if len(all) > maxUnread+len(text)/smallSizes.chunk+1 {
					t.Fatalf("%d fragments", len(all))
				}
				all = order(all)
				var wg sync.WaitGroup
				for part := range slices.Chunk(all, (len(all)+2)/3) {
					wg.Go(func() {
						for i := range part {
							var err error
							if part[i], err = part[i].Load(new([]byte)); err != nil {
								t.Error(err)
							}
						}
					})
				}
				wg.Wait()
				if name != "some" {
					slices.SortStableFunc(all, func(a, b detect.Fragment) int { return int(a.Base.Offset - b.Base.Offset) })
					checkChunks(t, all, text)
				}
				goroutinesEnd(t, before)
			})
		}
	}
}

// The numbers of fragments and their edges do not depend on who loads them when.
func TestFileChunksAreTheSame(t *testing.T) {
	t.Chdir(t.TempDir())
	for size := smallSizes.whole - 1; size < 600; size += 7 {
		s := sourceOf(t, []byte(strings.Repeat("x", size)), nil)
		var unloaded int
		for range s.Fragments(t.Context()) {
			unloaded++
		}
		s = sourceOf(t, []byte(strings.Repeat("x", size)), nil)
		fragments := loadAll(t, s)
		if len(fragments) != unloaded || len(fragments[len(fragments)-1].Data) == 0 {
			t.Errorf("%d bytes: %d fragments loaded, %d not", size, len(fragments), unloaded)
		}
	}
}

func TestStreamEndsWithoutLoads(t *testing.T) {
	s := sourceOf(t, make([]byte, 10*maxUnread*smallSizes.chunk), func(r io.Reader) io.Reader { return r })
	n := 0
	for _, err := range s.Fragments(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n < 10*maxUnread || n > 11*maxUnread {
		t.Errorf("%d fragments", n)
	}
}

func TestCancelledChunks(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := sourceOf(t, make([]byte, 10*smallSizes.chunk), func(r io.Reader) io.Reader { return r })
	for f := range s.Fragments(ctx) {
		cancel()
		if _, err := f.Load(new([]byte)); err != context.Canceled {
			t.Errorf("Load: %v", err)
		}
		break
	}
}

func TestFailingStream(t *testing.T) {
	text := strings.Repeat("0123456789", 20)
	reader := io.MultiReader(strings.NewReader(text), iotest.ErrReader(io.ErrClosedPipe))
	s := newSource(t, []string{"-"}, Options{Stdin: reader})
	s.sizes = smallSizes
	want := []string{"stdin=" + text[:80], "stdin=" + text[48:144], "stdin!" + io.ErrClosedPipe.Error()}
	if got := collect(t, s); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	s = newSource(t, []string{"-"}, Options{Stdin: iotest.ErrReader(nil)})
	if got, want := collect(t, s), []string{"stdin!" + io.ErrNoProgress.Error()}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A large file that is left in the middle is closed once nobody can come back to it.
func TestLeftFilesAreClosed(t *testing.T) {
	t.Chdir(t.TempDir())
	s := sourceOf(t, make([]byte, 1000), nil)
	closed := make(chan bool, 1)
	s.open = func(path string, follow bool) (handle, error) {
		h, err := openFile(path, follow)
		return closing{h, closed}, err
	}
	for f, err := range s.Fragments(t.Context()) {
		if err == nil {
			_, err = f.Load(new([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	for range 100 {
		runtime.GC()
		select {
		case <-closed:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("still open")
}

type closing struct {
	handle
	closed chan bool
}

func (c closing) Close() error {
	c.closed <- true
	return c.handle.Close()
}

// The sizes that are really used, once.
func TestRealChunks(t *testing.T) {
	t.Chdir(t.TempDir())
	real := defaultSizes()
	text := bytes.Repeat([]byte("0123456789abcde\n"), (2*real.whole+100)/16)
	if err := os.WriteFile("file", text, 0o666); err != nil {
		t.Fatal(err)
	}
	var buf []byte
	var owned, line int
	for f, err := range newSource(t, []string{"file"}, Options{}).Fragments(t.Context()) {
		if err == nil {
			f, err = f.Load(&buf)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Data, text[f.Base.Offset:int(f.Base.Offset)+len(f.Data)]) || f.Base.Line < line {
			t.Errorf("wrong text at %+v", f.Base)
		}
		owned += f.Own.End - f.Own.Start
		line = f.Base.Line
	}
	if owned != len(text) {
		t.Errorf("%d bytes of %d are owned", owned, len(text))
	}
	if cap(buf) > 2*(real.chunk+2*real.overlap) {
		t.Errorf("the buffer has %d bytes", cap(buf))
	}
}

func toUTF16(bigEndian bool, text string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if bigEndian {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}
