package gitscan

import (
	"context"
	"errors"
	"iter"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/sieve"
)

// HistoryOptions say which part of a history is scanned. The zero value is everything that can be reached from a ref, from HEAD of any
// worktree, or from a stash.
type HistoryOptions struct {
	// Refs are the refs, and other revisions, to begin from in place of all: full names, names without refs/ or refs/heads/, patterns of
	// them as in path.Match, and anything that gitrevisions(7) describes and Range takes.
	Refs []string

	Since    time.Time // leave out commits that are older, by the date of the committer
	MaxDepth int       // leave out commits that are this many or more parents away from every beginning; 0 means none

	// Paths are the files and directories to look at, with slashes, or patterns as in path.Match of a path or its last part. With
	// them, messages and names are not looked at. None means all.
	Paths []string

	Reflog     bool // begin also from what the reflogs remember
	AllObjects bool // look also at the objects that nothing leads to

	// AllowShallow takes the end of a shallow clone's history for the beginning of it instead of for an incomplete scan.
	AllowShallow bool

	// Cache is a directory in which it is kept what was found out about commits and blobs, so that the next scan reads only what is
	// new; "" means none. Whoever can write there can hide secrets. Program is a digest of the program: with another one, or with
	// another confidence to report from, nothing in the cache counts, and with other rules only these are tried on what is known.
	Cache   string
	Program [32]byte

	Workers int // goroutines that read and search; 0 means one for each processor
}

// A History is a scan of a history. It is for one use.
type History struct {
	repo     *Repository
	detector *detect.Detector
	opts     HistoryOptions

	objects *bulk.Objects
	state   progress
	tips    []tip
	found   map[object.ID][]uint64 // by blob: the secrets
	holders map[uint64]*detect.Standing
	notes   []string
}

// Unreachable is the Ref of commits that can be reached from no ref.
const Unreachable = "(unreachable)"

// History returns a scan of everything that the repository stores, with what commits say and what files are called. Its
// fragments are to be passed to the same detector: those in which it has found nothing new are left out.
func (r *Repository) History(d *detect.Detector, opts HistoryOptions) *History {
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	return &History{repo: r, detector: d, opts: opts}
}

// Fragments returns what [Repository.Range] would return for all commits, as far as there is a secret in it that is in no
// parent of the commit: so many fragments as there are introductions of secrets, in the order and with the errors of Range.
// Every blob is read once to find them.
func (h *History) Fragments(ctx context.Context) iter.Seq2[detect.Fragment, error] {
	return h.repo.scan(ctx, func(s *scan) error {
		h.objects = bulk.Open(h.repo.objects)
		defer h.objects.Close()
		w := historyWalk{scan: s, History: h, trees: make(map[object.ID]bool)}
		return w.run()
	})
}

// Notes returns what is to be said about a scan beside its findings and errors, once the first fragment was yielded.
func (h *History) Notes() []string { return h.notes }

// progress is how far a history's scan has come.
type progress struct {
	commits, allCommits atomic.Int64
	blobs, allBlobs     atomic.Int64
	bytes               atomic.Int64
}

// A Progress says how far the scan of a history has come: first commits are read, then blobs. A total is 0 until it is known.
type Progress struct {
	Commits, AllCommits int64
	Blobs, AllBlobs     int64
	Bytes               int64 // of blobs
}

// Progress may be called at any time, from any goroutine.
func (h *History) Progress() Progress {
	p := &h.state
	return Progress{p.commits.Load(), p.allCommits.Load(), p.blobs.Load(), p.allBlobs.Load(), p.bytes.Load()}
}

// historyWalk is a History's scan under way.
type historyWalk struct {
	*scan
	*History

	remembered  remembered
	commits     commitTable
	unreachable map[object.ID]bool // commits
	ledger      *ledger.Ledger
	classes     classes
	ofBlob      [][]uint16         // classes by blob
	results     []sieve.Result     // by blob
	names       map[uint32]bool    // paths whose names have secrets that no other has
	broken      map[uint32][]int   // by entry: blobs that could not be searched, of which it is the first to have them
	trees       map[object.ID]bool // that were reported as unreadable
}

func (w *historyWalk) run() error {
	if err := w.remember(); err != nil {
		return err
	}
	list, roots, err := w.plan()
	if err != nil || w.stopped() {
		return err
	}
	if w.remembered.Cache == nil {
		w.commits.links = nil // it is large and has done its service
	}
	if err := w.read(list, roots); err != nil {
		return err
	}
	list = nil
	if w.remembered.Cache == nil {
		w.ledger.Seal()
	}
	if err := w.search(); err != nil {
		return err
	}
	w.keep()
	w.hold()
	for i := range w.ledger.Entries {
		if w.stopped() {
			return nil
		}
		w.entry(i)
	}
	return nil
}

// plan chooses where to begin and which commits to look at.
func (w *historyWalk) plan() (list []commits.Commit, roots []ledger.Root, err error) {
	if w.tips, err = w.beginnings(); err != nil {
		return nil, nil, err
	}
	var include []object.ID
	for _, t := range w.tips {
		id, kind, ok := w.peel(t)
		switch {
		case !ok:
		case kind == object.Commit:
			include = append(include, id)
		case kind == object.Tree:
			roots = append(roots, ledger.Root{Ref: t.name, Mode: object.ModeTree, ID: id})
		default:
			roots = append(roots, ledger.Root{Ref: t.name, Mode: object.ModeFile, ID: id})
		}
	}
	boundary, err := w.scan.found.Shallow()
	if err != nil {
		return nil, nil, err
	}
	from := commits.Repository{Read: w.links, Shallow: make(map[object.ID]bool)}
	for _, id := range boundary {
		from.Shallow[id] = true
	}
	if err := w.readCommits(); err != nil {
		return nil, nil, err
	}
	if list, err = commits.Select(w.ctx, from, include, nil); err != nil {
		return nil, nil, err
	}
	list = w.restrict(list, include)
	if w.opts.AllObjects {
		list, roots, err = w.addUnreachable(from, list, roots)
	}
	return list, roots, err
}

// readCommits reads all commits in packs, which is much faster than one after the other as they lead to each other.
func (w *historyWalk) readCommits() error {
	w.commits = commitTable{links: make(map[object.ID]commits.Links), marked: make(map[object.ID]bool)}
	isNew := func(id object.ID) bool {
		_, known := w.remembered.commit(id)
		return !known
	}
	var mu sync.Mutex
	return w.objects.Commits(w.ctx, w.opts.Workers, isNew, func(_ int, id object.ID, c *object.CommitData) {
		marked := w.speaks(c)
		mu.Lock()
		defer mu.Unlock()
		w.commits.add(id, c, marked)
	})
}

// commitTable is what is kept of commits.
type commitTable struct {
	links  map[object.ID]commits.Links
	marked map[object.ID]bool // those whose messages have secrets
}

func (t *commitTable) add(id object.ID, c *object.CommitData, marked bool) {
	t.links[id] = commits.LinksOf(*c)
	if marked {
		t.marked[id] = true
	}
}

// speaks reports whether a commit's message has a secret.
func (w *historyWalk) speaks(c *object.CommitData) bool {
	return len(w.opts.Paths) == 0 && w.interesting(detect.Fragment{
		Origin: detect.Origin{Path: CommitMessage, Kind: detect.KindMessage}, Data: c.Message,
	}) != nil
}

func (w *historyWalk) links(id object.ID) (commits.Links, error) {
	if links, ok := w.commits.links[id]; ok {
		return links, nil
	}
	if c, ok := w.remembered.commit(id); ok {
		w.commits.links[id] = c.Links
		if c.Marked {
			w.commits.marked[id] = true
		}
		return c.Links, nil
	}
	data, err := w.scan.objects.Commit(id)
	if err == nil {
		w.commits.add(id, &data, w.speaks(&data))
	}
	return commits.LinksOf(data), err
}

// restrict leaves out what the options leave out.
func (w *historyWalk) restrict(list []commits.Commit, include []object.ID) []commits.Commit {
	if w.opts.MaxDepth > 0 {
		at := make(map[object.ID]int, len(list))
		for i := range list {
			at[list[i].ID] = i
		}
		near := make(map[object.ID]bool)
		level := include
		for depth := 0; depth < w.opts.MaxDepth && len(level) > 0; depth++ {
			var next []object.ID
			for _, id := range level {
				if i, ok := at[id]; ok && !near[id] {
					near[id] = true
					next = append(next, list[i].Parents...)
				}
			}
			level = next
		}
		list = slices.DeleteFunc(list, func(c commits.Commit) bool { return !near[c.ID] })
	}
	if !w.opts.Since.IsZero() {
		list = slices.DeleteFunc(list, func(c commits.Commit) bool { return c.Err == nil && c.Date < w.opts.Since.Unix() })
	}
	return list
}

// addUnreachable adds what the repository stores and nothing leads to: commits, then blobs that are in none of them.
func (w *historyWalk) addUnreachable(from commits.Repository, list []commits.Commit, roots []ledger.Root) ([]commits.Commit, []ledger.Root, error) {
	known := make(map[object.ID]bool, len(list))
	for _, c := range list {
		known[c.ID] = true
	}
	w.unreachable = make(map[object.ID]bool)
	var rest []object.ID
	n := len(roots)
	ids := make(map[object.ID]bool)
	for id, err := range w.objects.All() {
		if err != nil {
			w.lose("objects", err)
			continue
		}
		if ids[id] || known[id] || w.scan.tags[id] {
			continue
		}
		ids[id] = true
		kind, err := w.objects.Kind(id)
		switch {
		case err != nil:
			w.lose("object "+id.String(), err)
		case kind == object.Commit:
			rest = append(rest, id)
		case kind == object.Tag:
			w.peel(tip{Unreachable, id})
		case kind == object.Blob:
			roots = append(roots, ledger.Root{Ref: "(unreachable blob " + id.String() + ")", Mode: object.ModeFile, ID: id, Rest: true})
		}
	}
	slices.SortFunc(rest, object.ID.Compare)
	more, err := commits.Select(w.ctx, from, rest, nil)
	for _, c := range more {
		if !known[c.ID] {
			w.unreachable[c.ID] = true
			list = append(list, c)
		}
	}
	slices.SortFunc(roots[n:], func(a, b ledger.Root) int { return a.ID.Compare(b.ID) })
	return list, roots, err
}

// read reads what the commits change.
func (w *historyWalk) read(list []commits.Commit, roots []ledger.Root) (err error) {
	w.state.allCommits.Store(int64(len(list) + len(roots)))
	opts := ledger.Options{
		Workers:  w.opts.Workers,
		Progress: func(n int) { w.state.commits.Add(int64(n)) },
	}
	if len(w.opts.Paths) > 0 {
		opts.Want = w.wants
	} else if w.remembered.Cache != nil {
		opts.Known = w.remembered.changes
	}
	w.ledger, err = ledger.Make(w.ctx, w.objects, list, roots, opts)
	return err
}

// interesting returns the secrets of a fragment; something else than nil also if it could not be searched.
func (w *historyWalk) interesting(f detect.Fragment) []uint64 {
	if len(f.Data) == 0 {
		return nil
	}
	t, err := w.detector.Trace(f)
	var list []uint64
	if err != nil {
		list = []uint64{}
	}
	for _, s := range t.Spans {
		list = append(list, s.Secrets...)
	}
	return list
}

func (w *historyWalk) wants(name string) bool {
	for _, pattern := range w.opts.Paths {
		pattern = strings.TrimSuffix(pattern, "/")
		if name == pattern || strings.HasPrefix(name, pattern+"/") {
			return true
		}
		for _, text := range []string{name, path.Base(name)} {
			if ok, err := path.Match(pattern, text); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// classes numbers the classes of paths.
type classes struct {
	detector *detect.Detector
	ofPath   []uint16 // by path, in order
	numbers  map[uint64]uint16
	sums     []uint64 // by class
	paths    []string // one of each class
	single   []uint16 // 0, 1, 2 …: a class alone is a part of it
}

func (c *classes) number(paths []string) error {
	c.numbers = make(map[uint64]uint16)
	for _, p := range paths {
		class := c.detector.PathClass(p)
		n, ok := c.numbers[class]
		if !ok {
			if len(c.paths) == 1<<16 {
				return errors.New("the rules tell too many kinds of paths apart")
			}
			n = uint16(len(c.paths))
			c.numbers[class] = n
			c.paths = append(c.paths, p)
			c.sums = append(c.sums, class)
			c.single = append(c.single, n)
		}
		c.ofPath = append(c.ofPath, n)
	}
	return nil
}

// search finds out which blobs, and which names, have secrets.
func (w *historyWalk) search() error {
	l := w.ledger
	w.classes.detector = w.detector
	if err := w.classes.number(l.Paths); err != nil {
		return err
	}
	of := make([][]uint16, len(l.Blobs))
	w.ofBlob = of
	var submodules int64
	for _, e := range l.Entries {
		for _, c := range e.Changes {
			if c.Mode == ledger.Submodule {
				submodules++
			}
			if c.New == 0 {
				continue
			}
			class := w.classes.ofPath[c.Path]
			if have := of[c.New-1]; have == nil {
				of[c.New-1] = w.classes.single[class : class+1 : class+1]
			} else if !slices.Contains(have, class) {
				of[c.New-1] = append(have, class)
			}
		}
	}
	var blobs []sieve.Blob
	var numbers []int
	for i, id := range l.Blobs {
		if l.Added[i] {
			blobs = append(blobs, sieve.Blob{ID: id, Classes: of[i]})
			numbers = append(numbers, i)
		}
	}
	results, err := w.sift(blobs)
	if err != nil {
		return err
	}
	w.results = make([]sieve.Result, len(l.Blobs))
	for i, n := range numbers {
		w.results[n] = results[i]
	}
	w.accountFor(numbers, submodules)
	w.nameAll()
	return nil
}

// accountFor enters what was searched in the account, and notes what could not be.
func (w *historyWalk) accountFor(numbers []int, submodules int64) {
	w.broken = make(map[uint32][]int)
	w.account(func(c *Coverage) {
		c.Trees += w.ledger.Trees
		for _, e := range w.ledger.Entries {
			if !e.ID.IsZero() && e.Read {
				c.Commits++
				c.Messages++
			}
		}
		c.Enumerated.Files += submodules
		c.Submodules.Files += submodules
		for _, n := range numbers {
			r := &w.results[n]
			if r.Err() != nil {
				entry := w.ledger.First[n].Entry
				w.broken[entry] = append(w.broken[entry], n)
			}
			if !r.Read {
				continue
			}
			c.Enumerated.add(r.Size)
			c.Scanned.add(r.Size)
			if r.Binary {
				c.Binary.add(r.Size)
			}
		}
	})
}

// nameAll searches the names of files.
func (w *historyWalk) nameAll() {
	w.names = make(map[uint32]bool)
	if len(w.opts.Paths) > 0 {
		return
	}
	seen := make(map[uint64]bool)
	for i, name := range w.ledger.Paths {
		for _, secret := range w.interesting(detect.Fragment{Origin: detect.Origin{Path: name, Kind: detect.KindName}, Data: []byte(name)}) {
			if !seen[secret] {
				seen[secret] = true
				w.names[uint32(i)] = true
			}
		}
	}
}
