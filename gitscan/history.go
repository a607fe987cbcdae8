package gitscan

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/bulk"
	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/ledger"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/parallel"
	"github.com/keysieve/keysieve/gitscan/internal/sieve"
	"github.com/keysieve/keysieve/gitscan/internal/survey"
)

// HistoryOptions say which part of a history is scanned. The zero value is everything that can be reached from a ref, from HEAD of any
// worktree, or from a stash.
type HistoryOptions struct {
	// Refs are the refs, and other revisions, to begin from in place of all: full names, names without refs/ or refs/heads/, patterns of
	// them as in path.Match, and anything that gitrevisions(7) describes and Range takes.
	Refs []string

	Since    time.Time // leave out commits that are older, by the date of the committer
	MaxDepth int       // leave out commits that are this many or more parents away from every beginning; 0 means none

	// Paths are the files and directories to look at, from the top, with slashes, or patterns as in path.Match of a path or its last
	// part, as [CleanPath] returns them. With them, messages and names are not looked at. None means all.
	Paths []string

	// Reflog begins also from what the reflogs remember, AllObjects looks also at the objects that nothing leads to. With Refs, there is
	// no Reflog; with AllObjects, Since and MaxDepth do not count, and what Refs do not lead to counts as unreachable.
	Reflog, AllObjects bool

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

	objects *bulk.Objects // once they are open
	state   progress
	targets []target                // where the history begins
	top     map[object.ID]object.ID // the trees of those that are commits
	found   map[object.ID][]uint64  // by blob: the secrets
	holders map[uint64]*detect.Standing
	matched []bool // by option path: a file has it
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
	return &History{repo: r, detector: d, opts: opts, matched: make([]bool, len(opts.Paths))}
}

// Fragments returns what [Repository.Range] would return for all commits, as far as there is a secret in it that is in no
// parent of the commit: so many fragments as there are introductions of secrets, in the order and with the errors of Range.
// Every blob is read once to find them.
func (h *History) Fragments(ctx context.Context) iter.Seq2[detect.Fragment, error] {
	return h.repo.scan(ctx, func(s *scan) error {
		packs := parallel.Ahead(func() *bulk.Objects { return bulk.Open(h.repo.objects) }) // while it is found out where to begin
		defer func() { packs().Close() }()
		w := historyWalk{scan: s, History: h, packs: packs, trees: make(map[object.ID]bool)}
		return w.run()
	})
}

// Notes returns what is to be said about a scan beside its findings and errors, once the first fragment was yielded.
func (h *History) Notes() []string { return h.notes }

// progress is how far a history's scan has come.
type progress struct {
	commits, allCommits atomic.Int64
	trees               atomic.Int64
	blobs, allBlobs     atomic.Int64
	bytes               atomic.Int64
}

// A Progress says how far the scan of a history has come: first commits or trees are read, then blobs. A total is 0 until it is known.
type Progress struct {
	Commits, AllCommits int64
	Trees               int64
	Blobs, AllBlobs     int64
	Bytes               int64 // of blobs
}

// Progress may be called at any time, from any goroutine.
func (h *History) Progress() Progress {
	p := &h.state
	return Progress{p.commits.Load(), p.allCommits.Load(), p.trees.Load(), p.blobs.Load(), p.allBlobs.Load(), p.bytes.Load()}
}

// historyWalk is a History's scan under way.
type historyWalk struct {
	*scan
	*History

	packs       func() *bulk.Objects // waits until they are open
	remembered  remembered
	commits     commitTable
	unreachable map[object.ID]bool // commits
	treesRead   *treeReading       // nil if the trees are not surveyed
	ledger      *ledger.Ledger
	classes     classes
	ofPath      []uint16           // classes by path of the ledger
	ofBlob      [][]uint16         // classes by blob
	results     []sieve.Result     // by blob of the ledger
	names       map[uint32]bool    // paths whose names have secrets that no other has
	holdings    *survey.Holdings   // nil if the trees were not surveyed
	held        []survey.Set       // by target: what its tree holds
	broken      map[uint32][]int   // by entry: blobs that could not be searched, of which it is the first to have them
	trees       map[object.ID]bool // that were reported as unreadable
}

func (w *historyWalk) run() error {
	if err := w.remember(); err != nil {
		return err
	}
	defer func() { w.treesRead.stop() }()
	list, roots, err := w.plan()
	if err != nil || w.stopped() {
		return err
	}
	if w.remembered.Cache == nil {
		w.commits.links = nil // it is large and has done its service
	}
	if err := w.look(list, roots); err != nil {
		return err
	}
	if w.remembered.Cache == nil {
		w.ledger.Seal()
	}
	w.notice()
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

// look finds out what the commits and the other beginnings bring, and which of it has secrets: from a survey if trees are read for one, and that
// turns out to be possible.
func (w *historyWalk) look(list []commits.Commit, roots []ledger.Root) error {
	w.classes = classes{detector: w.detector, workers: w.opts.Workers, numbers: make(map[uint64]uint16)}
	if w.treesRead != nil {
		s, err := w.survey(list, roots)
		if err == nil {
			brief := briefly(list, s)
			list = nil
			if err = w.fromSurvey(s, brief, roots); errors.Is(err, survey.ErrUnusual) {
				list = brief.all()
			}
		}
		if !errors.Is(err, survey.ErrUnusual) {
			return err
		}
		w.holdings, w.treesRead = nil, nil
	}
	if err := w.read(list, nil, roots); err != nil {
		return err
	}
	var err error
	if w.ofPath, err = w.classes.number(w.ledger.Paths); err != nil {
		return err
	}
	if w.results, err = w.search(w.ofLedger()); err == nil {
		w.accountFor(readable(list), w.results, w.ledger.Trees, w.ledger.Submodules)
	}
	return err
}
