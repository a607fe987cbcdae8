package filescan

// A Count is a number of files and their size together.
type Count struct {
	Files int64
	Bytes int64 // as stored, before any conversion
}

func (c *Count) add(files, bytes int64) {
	c.Files += files
	c.Bytes += bytes
}

// Coverage says what a [Source] met and what became of it. Once the sequence has ended and every fragment was loaded,
// Scanned + Skipped + Failed == Enumerated, in files and in bytes.
//
// A path that does not exist or a directory that cannot be read counts as one file. The size of files that are
// skipped without being looked at (ignored, excluded, symbolic links, special files) counts as 0.
type Coverage struct {
	Enumerated Count // all that was met, except what lies in directories that were not entered
	Scanned    Count // read to the end
	Binary     Count // those of Scanned that are not text
	Failed     Count // could not be read, or not to the end; each is also an error of the scan

	Ignored  Count // skipped: git ignores them
	Excluded Count // skipped: match Options.Exclude
	Symlinks Count // skipped: symbolic links
	Special  Count // skipped: FIFOs, sockets, devices
	TooLarge Count // skipped: larger than Options.MaxSize

	IgnoredDirs  int64 // directories not entered: git ignores them
	ExcludedDirs int64 // directories not entered: match Options.Exclude
	GitDirs      int64 // .git directories and files, which are never read
}

// Skipped returns the sum of what was skipped, for whatever reason.
func (c Coverage) Skipped() Count {
	var sum Count
	for _, n := range []Count{c.Ignored, c.Excluded, c.Symlinks, c.Special, c.TooLarge} {
		sum.add(n.Files, n.Bytes)
	}
	return sum
}

// met adds what was found in one directory.
func (c *Coverage) met(d *Coverage) {
	c.Enumerated.add(d.Enumerated.Files, d.Enumerated.Bytes)
	c.Failed.add(d.Failed.Files, d.Failed.Bytes)
	c.Ignored.add(d.Ignored.Files, d.Ignored.Bytes)
	c.Excluded.add(d.Excluded.Files, d.Excluded.Bytes)
	c.Symlinks.add(d.Symlinks.Files, d.Symlinks.Bytes)
	c.Special.add(d.Special.Files, d.Special.Bytes)
	c.IgnoredDirs += d.IgnoredDirs
	c.ExcludedDirs += d.ExcludedDirs
	c.GitDirs += d.GitDirs
}

// Coverage returns the state of the account. It may be called at any time, from any goroutine, and costs no more
// than an uncontended lock: Scanned tells how far the scan is.
func (s *Source) Coverage() Coverage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cov
}

// account changes the account.
func (s *Source) account(change func(*Coverage)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.cov)
}
