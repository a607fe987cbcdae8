package gitscan

// A Count is a number of files and their size together.
type Count struct {
	Files int64
	Bytes int64 // as stored, before any conversion; known once the files were loaded
}

func (c *Count) add(bytes int64) {
	c.Files++
	c.Bytes += bytes
}

// Coverage says what the scans of a [Repository] met and what became of it. A file is a path with content that is new
// there: the same content under two paths, or in two commits, counts twice; for [History] it is a blob, which counts once. Once a sequence has ended and every fragment
// was loaded, Scanned + Skipped + Failed == Enumerated, in files and in bytes.
//
// A commit, a tag, a ref or a directory's tree that cannot be read counts as one file.
type Coverage struct {
	Commits   int64 // whose content and message were looked at
	Messages  int64 // of commits and annotated tags
	Trees     int64 // read for [History]; where commits had to be compared, some more than once
	Truncated int64 // commits whose parents a shallow clone lacks; each is also an error of the scan

	Enumerated Count // all that was met
	Scanned    Count // read to the end
	Binary     Count // those of Scanned that are not text
	Failed     Count // could not be read; each is also an error of the scan

	Submodules Count // skipped: commits of other repositories
	TooLarge   Count // skipped: larger than Options.MaxBlob; each is also an error of the scan
	Missing    Count // skipped: left out by a partial clone; each is also an error unless Options.AllowMissing
}

// Skipped returns the sum of what was skipped, for whatever reason.
func (c Coverage) Skipped() Count {
	return Count{
		Files: c.Submodules.Files + c.TooLarge.Files + c.Missing.Files,
		Bytes: c.Submodules.Bytes + c.TooLarge.Bytes + c.Missing.Bytes,
	}
}

// Coverage returns the state of the account, of all scans together. It may be called at any time, from any goroutine.
func (r *Repository) Coverage() Coverage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cov
}

// account changes the account.
func (r *Repository) account(change func(*Coverage)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.cov)
}
