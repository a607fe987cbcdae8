package filescan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/keysieve/keysieve/detect"
)

// Options say what a [Source] reads. The zero value is the recommended setting.
type Options struct {
	// NoGitignore has files scanned that git ignores.
	NoGitignore bool

	// Exclude are patterns in the format of gitignore(5), relative to each root, of what is not to be scanned. The last
	// one that matches decides, and one that begins with "!" takes back what others exclude. Paths that are
	// themselves arguments are scanned all the same.
	Exclude []string

	// MaxSize is the size in bytes above which files are skipped and counted; 0 means no limit, since large files cost
	// no more memory than small ones. Streams have none.
	MaxSize int64

	// Stdin is what the path "-" stands for, read to its end and not closed. If it is nil, "-" is a file like any other.
	Stdin io.Reader

	// StdinName is the path in findings of Stdin; "" means "stdin".
	StdinName string
}

// A Source yields the fragments of files, directories and a stream. It is for one pass.
type Source struct {
	paths    []string
	opts     Options
	exclude  *ignoreList
	sizes    sizes
	open     func(path string, follow bool) (handle, error) // tests make it fail
	readers  int                                            // goroutines that list directories ahead
	maxAhead int                                            // entries not yielded yet above which they pause

	mu  sync.Mutex
	cov Coverage
}

// A PatternError names a pattern of [Options].Exclude that matches nothing.
type PatternError struct {
	Pattern string
	Err     error
}

// Error names the pattern and what is wrong with it.
func (e *PatternError) Error() string { return fmt.Sprintf("exclude pattern %q: %v", e.Pattern, e.Err) }

// Unwrap returns the cause.
func (e *PatternError) Unwrap() error { return e.Err }

// New returns a source of what lies at the paths, in their order. Paths may be of either kind of the system's
// separators. The error joins a [PatternError] for each bad pattern of the options; that a path does not exist is said by the sequence.
func New(paths []string, opts Options) (*Source, error) {
	s := &Source{
		paths: paths, opts: opts, sizes: defaultSizes(), open: openFile,
		readers: min(runtime.GOMAXPROCS(0), 4), maxAhead: 32 << 10,
	}
	var bad []error
	list := &ignoreList{}
	for _, line := range opts.Exclude {
		p, err := compilePattern(line)
		if err == nil && strings.HasPrefix(line, "#") {
			err = errors.New(`it is a comment; write "\#" for a name that begins with "#"`)
		}
		if err != nil {
			bad = append(bad, &PatternError{Pattern: line, Err: err})
			continue
		}
		list.patterns = append(list.patterns, p)
	}
	if len(list.patterns) > 0 {
		s.exclude = list
	}
	return s, errors.Join(bad...)
}

// Fragments returns the sequence of fragments. All have their path set, and their text made by Load. What cannot be
// read is a [*detect.InputError] in its place; when ctx is cancelled, its error is the last pair.
func (s *Source) Fragments(ctx context.Context) iter.Seq2[detect.Fragment, error] {
	return func(yield func(detect.Fragment, error) bool) {
		roots, taken := s.resolve()
		w := newWalk(ctx, s, taken, yield)
		defer w.stop()
		for i := range roots {
			if roots[i].dir != nil {
				w.push(roots[i].dir)
			}
		}
		for i := range roots {
			if !w.root(&roots[i]) {
				return
			}
		}
	}
}

// A root is what one argument names. It is a special file if it is nothing else.
type root struct {
	name   string // in findings
	err    error
	stream bool
	file   *file
	dir    *dir
}

// resolve looks at the arguments. It returns the roots, each once, and their real paths.
func (s *Source) resolve() ([]root, map[string]bool) {
	var roots []root
	taken := make(map[string]bool)
	realDirs := make(map[string]string)
	for i, arg := range s.paths {
		if arg == "-" && s.opts.Stdin != nil {
			if !taken[arg] {
				roots = append(roots, root{name: s.stdinName(), stream: true})
			}
			taken[arg] = true
			continue
		}
		r, real := s.resolvePath(i, arg, realDirs)
		if real != "" && taken[real] {
			continue
		}
		taken[real] = true
		roots = append(roots, r)
	}
	return roots, taken
}

func (s *Source) stdinName() string {
	if s.opts.StdinName != "" {
		return s.opts.StdinName
	}
	return "stdin"
}

// resolvePath looks at one argument. The real path is empty if there is nothing there to be read.
func (s *Source) resolvePath(index int, arg string, realDirs map[string]string) (r root, real string) {
	r.name = cleanName(arg)
	info, err := os.Lstat(arg)
	link := err == nil && info.Mode()&fs.ModeSymlink != 0
	if link {
		info, err = os.Stat(arg)
	}
	if err != nil {
		r.err = err
		return r, ""
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return r, ""
	}
	if real, err = realPath(arg, link, realDirs); err != nil {
		r.err = err
		return r, ""
	}
	if info.IsDir() {
		r.dir = s.rootDir(index, arg, real)
	} else {
		r.file = &file{name: r.name, path: arg, size: info.Size(), follow: link}
	}
	return r, real
}

// cleanName returns an argument as it is written in findings.
func cleanName(arg string) string { return filepath.ToSlash(filepath.Clean(arg)) }

// realPath returns the absolute path without symbolic links, with slashes. Those of directories are remembered,
// because a hook names many files of few directories.
func realPath(arg string, link bool, realDirs map[string]string) (string, error) {
	dir, base := filepath.Split(arg)
	if link || base == "" || base == "." || base == ".." {
		dir, base = arg, ""
	}
	real, ok := realDirs[dir]
	if !ok {
		var err error
		if real, err = filepath.EvalSymlinks(dir); err != nil {
			return "", err
		}
		if real, err = filepath.Abs(real); err != nil {
			return "", err
		}
		realDirs[dir] = real
	}
	return filepath.ToSlash(filepath.Join(real, base)), nil
}

// inputError says what is wrong with an input, without naming its path a second time.
func inputError(name string, err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		err = e.Err
	}
	return &detect.InputError{Path: name, Err: err}
}
