package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/keysieve/keysieve/report"
)

// A File is a report being written. What it is written to stays as it was until [File.Commit], so that at any time the
// report is absent, or an older one, or complete; devices and pipes, where that has no meaning, are written directly.
// It is not safe for concurrent use.
type File struct {
	path string // as the user named it
	f    *os.File
	temp string // the temporary file, "" when the target is written directly
	keep bool   // f belongs to the process and is not closed
	done bool   // committed or aborted
	err  error  // the first error
}

// Create begins a report at path. A regular file is replaced on Commit by a temporary one beside it, readable by its
// owner only. Character devices, pipes and the names of the process's own descriptors (/dev/stdout, /dev/stderr,
// /dev/fd/N) are written directly. Anything else that exists, symbolic links to files among them, is refused. Errors
// name the path and what to do.
func Create(path string) (*File, error) {
	f := &File{path: path}
	if path == "" {
		return nil, f.fail(errors.New("empty name: name a file"))
	}
	var err error
	if fd, ok := descriptor(path); ok {
		err = f.useDescriptor(fd)
	} else {
		err = f.open()
	}
	if err != nil {
		return nil, f.fail(err)
	}
	return f, nil
}

// Write adds to the report. After an error it returns that error again.
func (f *File) Write(p []byte) (int, error) {
	if err := f.usable(); err != nil {
		return 0, err
	}
	n, err := f.f.Write(p)
	if err != nil {
		return n, f.fail(err)
	}
	return n, nil
}

// Commit completes the report: it is on disk under its name when Commit returns nil. After an error of Write or of its
// own, Commit leaves the target as it was.
func (f *File) Commit() error {
	if err := f.usable(); err != nil {
		f.Abort()
		return err
	}
	f.done = true
	if f.temp == "" {
		return f.close()
	}
	// The directory is not synced: after a power loss its entry may be the old one, which is complete too.
	err := f.f.Sync()
	if cerr := f.f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.temp, f.path)
	}
	if err != nil {
		// The report has failed already; a temporary file that cannot be removed does not change that.
		_ = os.Remove(f.temp)
		return f.fail(err)
	}
	return nil
}

// Abort gives the report up and removes its temporary file. After Commit or another Abort it does nothing.
func (f *File) Abort() {
	if f.done {
		return
	}
	f.done = true
	_ = f.close()
	if f.temp != "" {
		_ = os.Remove(f.temp)
	}
}

// usable returns the error that an earlier call met, or one for a report that is over.
func (f *File) usable() error {
	if f.err == nil && f.done {
		return f.fail(fs.ErrClosed)
	}
	return f.err
}

func (f *File) close() error {
	if f.keep {
		return nil
	}
	if err := f.f.Close(); err != nil {
		return f.fail(err)
	}
	return nil
}

// descriptor returns the number in a name of one of the process's own descriptors. They are used as they are and not
// opened again by name: that would write over the beginning of a file that the shell has redirected the output to, and
// is not possible for a socket.
func descriptor(path string) (uintptr, bool) {
	switch path {
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if digits, ok := strings.CutPrefix(path, dir); ok {
			fd, err := strconv.ParseUint(digits, 10, 31)
			return uintptr(fd), err == nil
		}
	}
	return 0, false
}

func (f *File) useDescriptor(fd uintptr) error {
	switch fd {
	case 1:
		f.f, f.keep = os.Stdout, true
	case 2:
		f.f, f.keep = os.Stderr, true
	default:
		if _, err := os.Stat(f.path); err != nil {
			return errors.New("no such open descriptor: name a file")
		}
		f.f = os.NewFile(fd, f.path)
	}
	return nil
}

// open opens what the report is written to, as what stands at the path demands.
func (f *File) open() error {
	info, err := os.Lstat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.openTemp()
	case err != nil:
		return err
	case info.Mode().IsRegular():
		return f.openTemp()
	}
	return f.openStream(info)
}

func (f *File) openTemp() error {
	temp, err := os.CreateTemp(filepath.Dir(f.path), ".keysieve-*.tmp") // O_EXCL, mode 0600
	if err != nil {
		return err
	}
	f.f, f.temp = temp, temp.Name()
	return nil
}

// openStream opens a device or a pipe, which may be behind a symbolic link: nothing is overwritten there.
func (f *File) openStream(entry fs.FileInfo) error {
	info, err := os.Stat(f.path)
	if err != nil || !isStream(info) {
		return refusal(entry)
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	// What was opened need not be what was looked at.
	if info, err = file.Stat(); err == nil && !isStream(info) {
		err = refusal(info)
	}
	if err != nil {
		_ = file.Close()
		return err
	}
	f.f = file
	return nil
}

func isStream(info fs.FileInfo) bool { return info.Mode()&(fs.ModeCharDevice|fs.ModeNamedPipe) != 0 }

// refusal says why something that exists is not replaced.
func refusal(info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return errors.New("is a directory: name a file in it")
	case mode&fs.ModeSymlink != 0:
		return errors.New("is a symbolic link: name the file that it leads to")
	}
	return errors.New("is not a regular file: name another")
}

// fail keeps the first error, with the path and what to do. The name of the temporary file would mislead, so it is
// left out.
func (f *File) fail(err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		err = pathErr.Err
	case errors.As(err, &linkErr):
		err = linkErr.Err
	}
	err = fmt.Errorf("report file %s: %w%s", report.QuotePath(f.path), err, advice(err))
	if f.err == nil {
		f.err = err
	}
	return err
}

// advice says what to do about an error of the system, "" when the error says so itself or nothing can be done.
func advice(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return ": free some space or write the report elsewhere"
	case errors.Is(err, fs.ErrPermission):
		return ": choose a place that you may write to"
	case errors.Is(err, fs.ErrNotExist):
		return ": create its directory first"
	case errors.Is(err, io.ErrShortWrite), errors.Is(err, syscall.EIO):
		return ": write the report elsewhere"
	}
	return ""
}
