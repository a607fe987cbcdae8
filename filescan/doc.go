// Package filescan turns directories, files and streams into a sequence of [detect.Fragment].
//
// # Order and concurrency
//
// Fragments come root by root in the order of the arguments, and within a root in the byte order of their paths, whatever
// the number of processors and the order in which the file system lists them. Directories are read ahead in a few goroutines; files are read by
// whoever calls a fragment's Load, which may be done from many goroutines and after the sequence has ended. No
// goroutine outlives the sequence. Memory grows with the largest directory's names, not with the number of files.
//
// Each fragment's Load is called at most once. An input that cannot be read is a [*detect.InputError], from the
// sequence or from Load, and the scan goes on; [Source.Coverage] accounts for everything that was met.
//
// # What is read
//
// Only regular files are. A symbolic link found in a directory is counted and not followed; one that is itself an
// argument is. FIFOs, sockets and devices are counted and never block; one that is an argument is an error. A root that lies in another root is taken out
// of that one, so that no file is scanned twice: in New([]string{".", "./a"}) everything below a comes from the second.
//
// Files of up to 8 MiB are one fragment. Larger files, and streams, are cut into chunks that own 4 MiB each and overlap
// by 64 KiB on both sides: a secret is found if it, and the text that its pattern needs, reaches no further than that
// from where it starts. A stream's last fragments can be empty. A Read that blocks is not interrupted when the context
// is cancelled; the next Load fails with the context's error.
//
// # Text
//
// UTF-16, with a byte order mark or judged by its first 8 KiB, is converted to UTF-8, and positions count in the converted
// text. Runs of 16 or more ASCII bytes inside it stay as they are, so that a byte order mark in front of
// something else hides nothing. A UTF-8 byte order mark is left out: the first line's columns count from after it,
// offsets from before it. Other content is passed byte for byte; where more than a sixteenth of it is control bytes it is
// marked as binary, and it is scanned all the same. UTF-32 is not recognised.
//
// # Ignored files
//
// In a git repository, found by a .git directory or file in a directory or above it, .gitignore files and the
// repository's info/exclude apply as git applies them, except that case always matters and that .gitignore files over 1
// MiB are not honoured. The user's own core.excludesFile is not read: what is scanned does not depend on who scans. An
// ignored directory is not entered. Nested repositories and submodules have rules of their own.
//
// Limit: git does not ignore a tracked file that matches a pattern. The index is not read yet, so such a file is
// skipped here; set [Options].NoGitignore, or name the file, to have it scanned.
package filescan
