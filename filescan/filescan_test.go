package filescan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysieve/keysieve/detect"
)

// writeTree makes files below a new directory, and the directories they need. A name that ends in a slash is a directory,
// one with " -> " a symbolic link.
func writeTree(t testing.TB, files ...string) string {
	t.Helper()
	top := t.TempDir()
	for _, f := range files {
		name, content, _ := strings.Cut(f, "=")
		name, target, isLink := strings.Cut(name, " -> ")
		path := filepath.Join(top, filepath.FromSlash(name))
		dir := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			dir = path
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case isLink:
			err = os.Symlink(target, path)
		case dir != path:
			err = os.WriteFile(path, []byte(content), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return top
}

func newSource(t testing.TB, paths []string, opts Options) *Source {
	t.Helper()
	s, err := New(paths, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// collect loads every fragment as it comes and writes each down: "path=text", "path!error".
func collect(t testing.TB, s *Source) []string {
	t.Helper()
	var got []string
	var buf []byte
	for f, err := range s.Fragments(t.Context()) {
		if err == nil {
			f, err = f.Load(&buf)
		}
		var input *detect.InputError
		switch {
		case errors.As(err, &input):
			got = append(got, input.Path+"!"+input.Err.Error())
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, f.Origin.Path+"="+string(f.Data))
		}
	}
	balanced(t, s.Coverage())
	return got
}

func balanced(t testing.TB, c Coverage) {
	t.Helper()
	sum := c.Skipped()
	sum.add(c.Scanned.Files, c.Scanned.Bytes)
	sum.add(c.Failed.Files, c.Failed.Bytes)
	if sum != c.Enumerated {
		t.Errorf("scanned, skipped and failed make %+v in %+v", sum, c)
	}
}

func TestFragments(t *testing.T) {
	const enoent = "no such file or directory"
	tests := []struct {
		name  string
		tree  string
		paths string // separated by spaces
		opts  Options
		want  string
	}{
		{"dot", "a/b.txt=1 c=2", ".", Options{}, "a/b.txt=1 c=2"},
		{"dir", "d/a/b.txt=1 d/c=2", "d", Options{}, "d/a/b.txt=1 d/c=2"},
		{"dir with slashes", "d/a/b.txt=1", "./d//", Options{}, "d/a/b.txt=1"},
		{"dot dot", "d/a=1 e/b=2", "d/../e", Options{}, "e/b=2"},
		{"back to dot", "d/ b=2", "d/..", Options{}, "b=2"},
		{"order is that of paths", "a/x=1 a.b=2 a-b=3 a0=4 ab/c=5 a/-=6", ".", Options{},
			"a-b=3 a.b=2 a/-=6 a/x=1 a0=4 ab/c=5"},
		{"roots in order", "b/1=1 a/1=2", "b a", Options{}, "b/1=1 a/1=2"},
		{"file", "d/a=1", "d/a", Options{}, "d/a=1"},
		{"empty file", "a=", ".", Options{}, "a="},
		{"missing", "b=1", "a b", Options{}, "a!" + enoent + " b=1"},
		{"empty argument", "", " ", Options{}, ".!" + enoent + " .!" + enoent},
		{"same root twice", "a/b=1", "a ./a a/", Options{}, "a/b=1"},
		{"same file twice", "a/b=1", "a/b ./a/b", Options{}, "a/b=1"},
		{"root in a root", "a/b=1 c=2", ". ./a", Options{}, "c=2 a/b=1"},
		{"root in a root before", "a/b=1 c=2", "a .", Options{}, "a/b=1 c=2"},
		{"file in a root", "a/b=1 a/c=2", "a a/b", Options{}, "a/c=2 a/b=1"},
		{"links are not followed", "a/b=1 c -> a d -> a/b e -> .. f -> f", ".", Options{}, "a/b=1"},
		{"links as roots are", "a/b=1 c -> a d -> a/b", "c", Options{}, "c/b=1"},
		{"link to a file as root", "a/b=1 d -> a/b", "d", Options{}, "d=1"},
		{"link and target", "a/b=1 c -> a", "c a", Options{}, "c/b=1"},
		{"link to nothing as root", "c -> a", "c", Options{}, "c!" + enoent},
		{"exclude", "a.log=1 d/a.log=2 keep.log=3 d/b=4 e/x=5 f/e/x=6 f/y=7", ".",
			Options{Exclude: []string{"*.log", "!keep.log", "/e/"}}, "d/b=4 f/e/x=6 f/y=7 keep.log=3"},
		{"exclude is relative to the root", "d/e/x=1 e/x=2", "d e", Options{Exclude: []string{"/e"}}, "e/x=2"},
		{"exclude spares arguments", "d/e=1", "d/e", Options{Exclude: []string{"e"}}, "d/e=1"},
		{"size limit", "a=12 b=123 c=1234", ".", Options{MaxSize: 3}, "a=12 b=123"},
		{"no repository", ".gitignore=a a=1", ".", Options{}, ".gitignore=a a=1"},
		{"repository", ".git/HEAD= .gitignore=a a=1 b=2", ".", Options{}, ".gitignore=a b=2"},
		{"every file", ".git/HEAD= .gitignore=a a=1 b=2", ".", Options{NoGitignore: true}, ".gitignore=a a=1 b=2"},
		{"ignored file by name", ".git/HEAD= .gitignore=a a=1", "a", Options{}, "a=1"},
		{"ignored directory by name", ".git/HEAD= .gitignore=d d/a=1 d/d/b=2", "d", Options{}, "d/a=1"},
		{"rules from above", ".git/HEAD= .gitignore=/d/e/a e/.gitignore=x d/e/a=1 d/e/x=2", "d/e", Options{}, "d/e/x=2"},
		{"rules through a link", ".git/HEAD= .gitignore=/d/e/a d/e/a=1 d/e/x=2 l -> d/e", "l", Options{}, "l/x=2"},
		{"exclude file", ".git/info/exclude=a a=1 b=2 d/a=3 d/.gitignore=!a", ".", Options{}, "b=2 d/.gitignore=!a d/a=3"},
		{"nested repository", ".git/HEAD= .gitignore=a s/.git/HEAD= s/a=1 s/b=2 s/t/a=3", ".", Options{},
			".gitignore=a s/a=1 s/b=2 s/t/a=3"},
		{"submodule", ".git/modules/s/info/exclude=b .gitignore=a s/.git=gitdir:../.git/modules/s s/a=1 s/b=2", ".",
			Options{}, ".gitignore=a s/a=1"},
		{"work tree", "m/.git/info/exclude=b m/.git/worktrees/w/commondir=../.. w/.git=gitdir:../m/.git/worktrees/w w/b=1 w/c=2",
			"w", Options{}, "w/c=2"},
		{"linked ignore file", ".git/HEAD= i=a .gitignore -> i a=1", ".", Options{}, "a=1 i=a"},
		{"repository data", ".git/config=1 a=2", ". .git", Options{}, "a=2 .git/config=1"},
		{"stdin", "a=1", "- a", Options{Stdin: strings.NewReader("text")}, "stdin=text a=1"},
		{"stdin with a name", "", "- -", Options{Stdin: strings.NewReader("text"), StdinName: "x/y"}, "x/y=text"},
		{"stdin without text", "", "-", Options{Stdin: strings.NewReader("")}, "stdin="},
		{"no stdin", "-=1", "-", Options{}, "-=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var files []string
			for _, f := range strings.Fields(strings.ReplaceAll(tt.tree, " -> ", "\x01")) {
				files = append(files, strings.ReplaceAll(f, "\x01", " -> "))
			}
			t.Chdir(writeTree(t, files...))
			var want []string
			for x := range strings.FieldsSeq(strings.ReplaceAll(tt.want, enoent, "\x01")) {
				want = append(want, strings.ReplaceAll(x, "\x01", enoent))
			}
			got := collect(t, newSource(t, strings.Split(tt.paths, " "), tt.opts))
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestAbsoluteRoot(t *testing.T) {
	top := writeTree(t, "a/b=1")
	if got, want := collect(t, newSource(t, []string{top}, Options{})), []string{filepath.ToSlash(top) + "/a/b=1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCoverage(t *testing.T) {
	t.Chdir(writeTree(t, ".git/HEAD=x", ".gitignore=*.o\nbuild/", "a.o=1", "build/x=1", "build/y=1", "c=123",
		"bin=\x00\x01\x02", "l -> c", "ex/x=1", "f.ex=1", "big="+strings.Repeat("x", 100)))
	s := newSource(t, []string{".", "none"}, Options{Exclude: []string{"ex", "*.ex"}, MaxSize: 50})
	collect(t, s)
	want := Coverage{
		Enumerated: Count{8, 3 + 3 + 10 + 100}, Scanned: Count{3, 3 + 3 + 10}, Binary: Count{1, 3}, Failed: Count{1, 0},
		Ignored: Count{1, 0}, Excluded: Count{1, 0}, Symlinks: Count{1, 0}, TooLarge: Count{1, 100},
		IgnoredDirs: 1, ExcludedDirs: 1, GitDirs: 1,
	}
	if got := s.Coverage(); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestBadExclude(t *testing.T) {
	_, err := New(nil, Options{Exclude: []string{"ok", "[a", `a\`, "", "#x", "[[:no:]]"}})
	for _, pattern := range []string{"[a", `a\`, "", "#x", "[[:no:]]"} {
		if want := fmt.Sprintf("%q", pattern); err == nil || !strings.Contains(err.Error(), "exclude pattern "+want) {
			t.Errorf("%v: does not name %s", err, want)
		}
	}
	var bad *PatternError
	if !errors.As(err, &bad) {
		t.Errorf("%T is no PatternError", err)
	}
}

// bigTree makes directories with more files than are listed ahead at once, some of them deep.
func bigTree(t *testing.T) string {
	var files []string
	for i := range 300 {
		files = append(files, fmt.Sprintf("d%d/e%d/f%d=%d", i%7, i%13, i, i), fmt.Sprintf("d%d/g%d=%d", i%7, i, i))
	}
	files = append(files, strings.Repeat("deep/", 100)+"file=1")
	return writeTree(t, files...)
}

func TestOrderIsTheSame(t *testing.T) {
	t.Chdir(bigTree(t))
	var first []string
	for _, readers := range []int{0, 1, 2, 16} {
		s := newSource(t, []string{"d3", ".", "d1/e1"}, Options{})
		s.readers = readers
		got := collect(t, s)
		if first == nil {
			first = got
		}
		if !slices.Equal(got, first) || len(got) != 601 {
			t.Errorf("%d readers: %d fragments in another order", readers, len(got))
		}
	}
}

func TestListsAheadInBounds(t *testing.T) {
	t.Chdir(bigTree(t))
	s := newSource(t, []string{"."}, Options{})
	s.maxAhead = 50
	const largest = 60 // a directory that is begun is listed to its end
	var w *walk
	w = newWalk(t.Context(), s, nil, func(detect.Fragment, error) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.ahead < 0 || w.ahead > s.maxAhead+(s.readers+1)*largest {
			t.Errorf("%d files are listed ahead", w.ahead)
		}
		return true
	})
	d := s.rootDir(0, ".", t.TempDir())
	w.push(d)
	w.dir(d)
	w.stop()
	if w.ahead != 0 {
		t.Errorf("at the end %d files are listed ahead", w.ahead)
	}
}

// goroutinesEnd waits until there are no more goroutines than n.
func goroutinesEnd(t *testing.T, n int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= n {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), n)
}

func TestStopsEarly(t *testing.T) {
	t.Chdir(bigTree(t))
	before := runtime.NumGoroutine()
	for _, after := range []int{1, 2, 50, 300} {
		n := 0
		for range newSource(t, []string{"."}, Options{}).Fragments(t.Context()) {
			if n++; n == after {
				break
			}
		}
		if runtime.NumGoroutine() > before {
			goroutinesEnd(t, before)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Chdir(bigTree(t))
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	n := 0
	for _, err := range newSource(t, []string{".", "."}, Options{}).Fragments(ctx) {
		if last != nil {
			t.Fatalf("the sequence goes on after %v", last)
		}
		if last = err; n == 10 {
			cancel()
		}
		n++
	}
	if n != 12 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d pairs, the last with %v", n, last)
	}
	goroutinesEnd(t, before)
}

// broken is a file that gives text, and then an error.
type broken struct {
	io.Reader
	err       error
	irregular bool
	closed    *int
}

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF && b.err != nil {
		err = b.err
	}
	return n, err
}
func (b broken) Close() error           { *b.closed++; return nil }
func (b broken) regular() (bool, error) { return !b.irregular, nil }

func TestFaults(t *testing.T) {
	small := sizes{whole: 64, chunk: 32, overlap: 8}
	fault := errors.New("input/output error")
	text := strings.Repeat("0123456789", 20)
	tests := []struct {
		name string
		size int // of the file when it is met
		open error
		file broken
		want []string
		done Count // scanned, besides the .txt beside it
	}{
		{"cannot be opened", 10, fault, broken{}, []string{"a!input/output error"}, Count{}},
		{"cannot be read", 10, nil, broken{Reader: strings.NewReader(""), err: fault}, []string{"a!input/output error"}, Count{}},
		{"breaks off", 10, nil, broken{Reader: strings.NewReader("012"), err: fault}, []string{"a!input/output error"}, Count{}},
		{"has shrunk", 10, nil, broken{Reader: strings.NewReader("012")}, []string{"a=012"}, Count{1, 3}},
		{"has grown", 10, nil, broken{Reader: strings.NewReader(text[:60])}, []string{"a=" + text[:60]}, Count{1, 60}},
		{"has grown too much", 0, nil, broken{Reader: strings.NewReader(text)},
			[]string{"a!it grew while it was read; 200 bytes were read, try again"}, Count{}},
		{"is a device now", 10, nil, broken{Reader: strings.NewReader(text), irregular: true}, []string{"a="}, Count{}},
		{"large: cannot be opened", 100, fault, broken{}, []string{"a!input/output error", "a=", "a="}, Count{}},
		{"large: cannot be read", 100, nil, broken{Reader: strings.NewReader(""), err: fault},
			[]string{"a!input/output error", "a=", "a="}, Count{}},
		{"large: breaks off", 100, nil, broken{Reader: strings.NewReader(text[:60]), err: fault},
			[]string{"a=" + text[:40], "a!input/output error", "a="}, Count{0, 40}},
		{"large: has shrunk", 100, nil, broken{Reader: strings.NewReader(text[:60])},
			[]string{"a=" + text[:40], "a=" + text[24:60], "a="}, Count{1, 60}},
		{"large: has grown", 100, nil, broken{Reader: strings.NewReader(text[:120])},
			[]string{"a=" + text[:40], "a=" + text[24:72], "a=" + text[56:120]}, Count{1, 120}},
		{"large: has grown too much", 100, nil, broken{Reader: strings.NewReader(text)},
			[]string{"a=" + text[:40], "a=" + text[24:72], "a!it grew while it was read; 136 bytes were read, try again"}, Count{0, 72}},
		{"large: is a device now", 100, nil, broken{Reader: strings.NewReader(text), irregular: true},
			[]string{"a=", "a=", "a="}, Count{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(writeTree(t, "a="+strings.Repeat("x", tt.size), "b=b"))
			s := newSource(t, []string{"."}, Options{})
			s.sizes = small
			opened, closed := 0, 0
			s.open = func(path string, follow bool) (handle, error) {
				if path != "a" {
					return openFile(path, follow)
				}
				if tt.open != nil {
					return nil, tt.open
				}
				opened++
				tt.file.closed = &closed
				return tt.file, nil
			}
			got := collect(t, s)
			if want := append(tt.want, "b=b"); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			tt.done.add(1, 1)
			if c := s.Coverage(); c.Scanned != tt.done {
				t.Errorf("scanned %+v, want %+v", c.Scanned, tt.done)
			}
			if opened != closed {
				t.Errorf("%d times opened, %d times closed", opened, closed)
			}
		})
	}
}

func BenchmarkWalk(b *testing.B) {
	//lint:ignore SA1019 tests run on the machine that builds them
	root := filepath.Join(runtime.GOROOT(), "src")
	var buf []byte
	for b.Loop() {
		s := newSource(b, []string{root}, Options{})
		for f, err := range s.Fragments(b.Context()) {
			if err == nil {
				_, err = f.Load(&buf)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(s.Coverage().Scanned.Bytes)
	}
}
