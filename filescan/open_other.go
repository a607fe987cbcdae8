//go:build !unix

package filescan

import "os"

type osFile struct{ *os.File }

// openFile opens a file for reading. Only if follow is set may path be a symbolic link; there is no flag for that here,
// so a link that takes a file's place between the two calls is followed.
func openFile(path string, follow bool) (handle, error) {
	if !follow && regularSize(path) < 0 {
		if _, err := os.Lstat(path); err != nil {
			return nil, err
		}
		return nil, errNotRegular
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (f osFile) regular() (bool, error) {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular(), err
}

// regularSize returns the size of a regular file, and -1 for anything else.
func regularSize(path string) int64 {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return -1
	}
	return info.Size()
}

// openDir opens a directory for listing.
func openDir(path string, follow bool) (*os.File, error) { return os.Open(path) }
