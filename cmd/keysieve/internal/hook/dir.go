package hook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A Dir is a directory that git runs hooks from. It need not exist.
type Dir struct {
	Path    string
	Program string // absolute path of the program that the scripts run, with slashes
}

// State says what stands at a hook's place.
type State uint8

// The states.
const (
	Absent   State = iota // nothing
	Current               // the script that Install writes
	Outdated              // a script of Keysieve that Install would write differently
	Foreign               // another hook
)

// Status is how things are with one hook.
type Status struct {
	Name    string
	Path    string // of the hook
	State   State
	Chained string // path of the hook that was moved aside, "" if there is none
	Runs    bool   // the hook that was moved aside is executable; git does not run one that is not
}

// Status returns how things are with a hook, which [Names] lists.
func (d Dir) Status(name string) (Status, error) {
	k, ok := kindOf(name)
	if !ok {
		return Status{}, fmt.Errorf("there is no hook %q", name)
	}
	s := Status{Name: name, Path: filepath.Join(d.Path, name)}
	chained := s.Path + chainedSuffix
	switch info, err := os.Stat(chained); {
	case err == nil:
		s.Chained, s.Runs = chained, info.Mode()&0o111 != 0
	case !errors.Is(err, fs.ErrNotExist):
		return s, err
	default:
		if _, err := os.Lstat(chained); err == nil { // a link that leads nowhere
			s.Chained = chained
		}
	}
	var err error
	s.State, err = state(s.Path, k.script(d.Program))
	return s, err
}

// state compares what stands at path with the script.
func state(path, script string) (State, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Absent, nil
	case err != nil:
		return 0, err
	case info.IsDir():
		return 0, fmt.Errorf("%s: is a directory", path)
	case !info.Mode().IsRegular():
		return Foreign, nil
	}
	text, err := readBegin(path)
	if err != nil {
		return 0, err
	}
	second := bytes.SplitN(text, []byte("\n"), 3)
	switch {
	case string(text) == script && info.Mode()&0o100 != 0:
		return Current, nil
	case len(second) > 1 && string(second[1]) == signature:
		return Outdated, nil
	}
	return Foreign, nil
}

// readBegin reads as much of a file as a script of ours can have.
func readBegin(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 64<<10))
}

// Install puts a script at a hook's place, and moves another hook that stands there aside. It returns how things are then,
// and whether anything was changed.
func (d Dir) Install(name string) (s Status, changed bool, err error) {
	if s, err = d.Status(name); err != nil || s.State == Current {
		return s, false, err
	}
	if s.State == Foreign && s.Chained != "" {
		return s, false, fmt.Errorf("%s: another tool has put its hook in the place of Keysieve's, and %s is there too: remove one of them, or move it elsewhere", s.Path, s.Chained)
	}
	if err := os.MkdirAll(d.Path, 0o777); err != nil {
		return s, false, err
	}
	k, _ := kindOf(name)
	temp, err := writeTemp(d.Path, k.script(d.Program))
	if err != nil {
		return s, false, err
	}
	defer os.Remove(temp) // when it is still there
	if s.State == Foreign {
		if err := os.Rename(s.Path, s.Path+chainedSuffix); err != nil {
			return s, false, err
		}
	}
	if err := os.Rename(temp, s.Path); err != nil {
		if s.State == Foreign {
			err = errors.Join(err, os.Rename(s.Path+chainedSuffix, s.Path))
		}
		return s, false, err
	}
	s, err = d.Status(name)
	return s, true, err
}

// writeTemp writes an executable file into a directory, under a name of its own.
func writeTemp(dir, text string) (string, error) {
	f, err := os.CreateTemp(dir, ".keysieve-*.tmp")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(0o755), f.Sync(), f.Close())
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// Uninstall removes a script and gives the hook back that was moved aside for it. What is not Keysieve's stays. It returns
// how things are then, and whether anything was changed.
func (d Dir) Uninstall(name string) (s Status, changed bool, err error) {
	if s, err = d.Status(name); err != nil {
		return s, false, err
	}
	switch {
	case s.State == Foreign && s.Chained != "":
		return s, false, fmt.Errorf("%s: another tool has put its hook in the place of Keysieve's; the one before is %s: move it to where you want it", s.Path, s.Chained)
	case s.State == Foreign || s.State == Absent && s.Chained == "":
		return s, false, nil
	case s.Chained != "":
		err = os.Rename(s.Chained, s.Path) // in the place of the script, at once
	default:
		err = os.Remove(s.Path)
	}
	if err != nil {
		return s, false, err
	}
	s, err = d.Status(name)
	return s, true, err
}
