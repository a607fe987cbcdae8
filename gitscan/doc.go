// Package gitscan turns a git repository into a sequence of [detect.Fragment]: what is about to be committed, what a push would
// bring, what the commits of a range add.
//
// It reads what git stores and runs nothing. Content comes from blobs, never from the text of a patch, so that no
// attribute, filter, driver or setting of the repository has a say in what is seen; nothing is fetched, and nothing is
// written but the cache that [HistoryOptions] may name. [Open] finds the repository as git does in a hook, and each method of [Repository] that returns a sequence answers one
// question:
//
//	Staged    what would the next commit add?
//	Tracked   what does the index hold?
//	Range     what do the commits of a range add, and say?
//	Push      what would a push bring to a remote? (pre-push)
//	Unpushed  the same, of all branches and tags
//	Receive   what does a push bring here? (pre-receive)
//	History   what has the repository ever stored? (with a detector: only what has secrets comes out)
//
// Others find out what to ask: Named and Commit, what a name stands for; MergeBase, where two histories parted; Contains, whether
// a text stands in the files of a commit.
//
// # What is new
//
// A fragment is the whole content of a file at a path where it is in no parent of the commit: what a merge only takes over
// from one side is not new, what its resolution brings is. Its Added lines are those that none of the parents has in the file,
// counted as copies: a line that moved is not new, whatever changed beside it. Its Before are the parents' versions of the
// file and others that the commit replaces or removes, up to 8 MiB and beyond that those of the same name, so that a secret
// that was moved, renamed or re-indented is judged by its content. What moves between directories while it is merged can
// count as new all the same. A file that becomes a symbolic link, or the other way round, has no earlier version; a link's
// content is its target. What only changes permissions is no change.
//
// UTF-16 is converted, and positions count in the converted text; a UTF-8 byte order mark is left out. Messages of commits and
// annotated tags are fragments with the paths [CommitMessage] and [TagMessage], and what stands before them with [CommitHeader] and
// [TagHeader].
//
// # Order, concurrency, errors
//
// The order depends on what is stored and on nothing else: parents before children, then by date and id; within a commit
// the message first, then the files in git's order of paths. A sequence makes fragments one by one; they read their content
// when they are loaded, from any goroutine. Sequences may be used more than once and at the same time.
//
// What cannot be read is a [*detect.InputError] in its place, and the scan goes on. That concerns blobs that are missing,
// damaged or larger than [Options].MaxBlob, directories, commits and refs. An earlier version that is damaged is an error, too; one
// that a partial clone has left out is not, and more counts as new than is. What makes the whole question meaningless (HEAD or
// the index cannot be read, a revision does not exist) is the last pair. [Repository.Coverage] accounts for everything.
//
// # Limits
//
// A blob, its earlier versions and what else the commit replaces are in memory while it is scanned. Of trees that come up more
// than once in one commit 100,000 entries are read, and paths of more than 1 KiB have 4 MiB beyond that; more is an error. SHA-256 object ids and refs in a reftable are refused
// by name. Replacement refs and grafts are ignored on purpose: they can only hide what is stored.
//
// # History
//
// A history is scanned in steps, so that each blob and each tree is read once. A survey reads the trees in the order of their packs, of one that
// is made of another only what is new, and finds out which blobs are where. The sieve searches the blobs in the same way, and keeps
// hashes of the secrets. Commits whose trees have something that was found, or could not be read, where none of their parents' trees have it are then
// compared with their parents: the ledger lists which of them puts which blob where, and what was there before. Each path whose new
// blob has a secret that nothing of what the commit replaces or removes has is yielded as Range yields it, for the detector to
// judge with its lines and its commit. So the findings are those of Range over all commits.
//
// Where only some commits are looked at, what they change is remembered in a cache, or something is damaged or out of the ordinary, there is no
// survey: the ledger is made of all commits, and says which blobs are to be searched.
//
// # How it is built
//
// The packages below internal each know one part of a repository, and nothing above it:
//
//	object    what trees, commits and tags look like inside
//	store     finding and reading objects: loose, packed, borrowed
//	refs      names and what they point to
//	index     what the next commit will contain
//	repo      where all of these are, for a directory and an environment
//	revision  what HEAD~2 or v1.0^{commit} stand for
//	commits   which commits a range has
//	staged    the difference between an index and a tree
//	treediff  the difference between a tree and those of a commit's parents
//	pack      whole packs, bases before what is made of them
//	inflate   decompressing short streams quickly
//	bulk      very many objects, from packs and elsewhere
//	survey    which blobs are where, and in which trees those that matter are
//	ledger    which commit puts which blob where
//	sieve     which blobs have secrets
//	cache     what is remembered of a history for the next scan
//	parallel  dividing lists among goroutines
//	linediff  the lines that earlier versions of a text do not have
//	regular   opening files that may be something else in a hostile repository
//	gittest   tests of all of them against git itself
package gitscan
