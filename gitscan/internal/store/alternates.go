package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/regular"
)

const (
	// Git follows alternates of alternates this deep.
	maxAlternateDepth = 5

	// Bounds on hostile lists.
	maxAlternates     = 1000
	maxAlternatesFile = 1 << 20 // bytes
)

var errTooManyAlternates = errors.New("more alternate object directories than this program follows")

// directories is the list of object directories under construction.
type directories struct {
	found  []string
	infos  []fs.FileInfo // of found, to notice a directory under another name
	absent []string
}

// add adds dir and the alternates that its info/alternates names, parents first, each directory once. One that is not
// there is noted and left out, as git does.
func (d *directories) add(dir string, depth int) error {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() || depth > maxAlternateDepth {
		d.absent = append(d.absent, dir)
		return nil
	}
	for _, other := range d.infos {
		if os.SameFile(info, other) {
			return nil
		}
	}
	if len(d.found) == maxAlternates {
		return errTooManyAlternates
	}
	d.found = append(d.found, dir)
	d.infos = append(d.infos, info)

	list, err := readAlternates(filepath.Join(dir, "info", "alternates"))
	if err != nil {
		return err
	}
	for _, name := range list {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		if err := d.add(name, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// readAlternates reads an alternates file: a directory in each line, relative to the object directory; "#" begins a
// comment, and a line that begins with a quote is quoted as a C string.
func readAlternates(path string) ([]string, error) {
	data, err := regular.ReadIfExists(path, maxAlternatesFile)
	if err != nil {
		return nil, err
	}
	var list []string
	for line := range strings.Lines(string(data)) {
		switch line = strings.TrimRight(line, "\r\n"); {
		case line == "" || line[0] == '#':
		case line[0] == '"':
			list = append(list, unquote(line))
		default:
			list = append(list, line)
		}
	}
	return list, nil
}

// SplitPathList splits a list of directories as in GIT_ALTERNATE_OBJECT_DIRECTORIES: separated as in PATH, and quoted as a
// C string if the name begins with a quote.
func SplitPathList(list string) []string {
	var dirs []string
	for list != "" {
		var dir string
		if list[0] == '"' {
			end := quotedLen(list)
			dir, list = unquote(list[:end]), list[end:]
			list = strings.TrimPrefix(list, string(filepath.ListSeparator))
		} else {
			dir, list, _ = strings.Cut(list, string(filepath.ListSeparator))
		}
		if dir != "" {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// quotedLen returns the length of the quoted text that begins list.
func quotedLen(list string) int {
	for i := 1; i < len(list); i++ {
		switch list[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(list)
}

// unquote undoes the quotes; a text that is not well quoted is returned as it is, as git does. The escapes of C are a part of
// those of Go.
func unquote(text string) string {
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return text
}
