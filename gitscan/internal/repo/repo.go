package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/refs"
	"github.com/keysieve/keysieve/gitscan/internal/regular"
	"github.com/keysieve/keysieve/gitscan/internal/store"
)

// A Repository says where the parts of a repository are, as one of its worktrees sees it. All names are absolute.
type Repository struct {
	GitDir    string // what belongs to the worktree: HEAD, the index
	CommonDir string // what all worktrees share: objects, refs, configuration; often the same
	WorkTree  string // the top of the worktree; "" in a bare repository and inside of a git directory
	IndexFile string

	ObjectDir  string
	Alternates []string // further object directories that the environment names

	HooksPath string // core.hooksPath as written in the repository's configuration; "" if it is not there

	// PartialClone is set if a remote has promised the objects that are not there.
	PartialClone bool
}

// Discover finds the repository that git would use in directory dir with the environment that getenv looks up. dir is made
// absolute. The error wraps ErrNotFound or is an *UnsupportedError, or says what cannot be read.
func Discover(dir string, getenv func(string) string) (*Repository, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	// ".." is meant as the file system has it, not as the name is written.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	r := new(Repository)
	found := location{}
	if gitDir := getenv("GIT_DIR"); gitDir != "" {
		found, err = named(join(dir, gitDir), dir)
	} else {
		found, err = search(dir, filepath.SplitList(getenv("GIT_CEILING_DIRECTORIES")))
	}
	if err != nil {
		return nil, err
	}
	r.GitDir = found.gitDir
	if r.CommonDir, err = commonDir(r.GitDir, dir, getenv("GIT_COMMON_DIR")); err != nil {
		return nil, err
	}
	settings, err := r.readSettings()
	if err != nil {
		return nil, err
	}
	r.setWorkTree(found, settings, dir, getenv("GIT_WORK_TREE"))

	// Git goes to the top of the worktree, if it is started inside of it, before it looks at these.
	base := dir
	if r.WorkTree != "" && inside(dir, r.WorkTree) {
		base = r.WorkTree
	}
	r.IndexFile = filepath.Join(r.GitDir, "index")
	if name := getenv("GIT_INDEX_FILE"); name != "" {
		r.IndexFile = join(base, name)
	}
	r.ObjectDir = filepath.Join(r.CommonDir, "objects")
	if name := getenv("GIT_OBJECT_DIRECTORY"); name != "" {
		r.ObjectDir = join(base, name)
	}
	for _, name := range store.SplitPathList(getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES")) {
		r.Alternates = append(r.Alternates, join(base, name))
	}
	return r, nil
}

// Objects opens the repository's objects.
func (r *Repository) Objects() (*store.Objects, error) {
	return store.Open(r.ObjectDir, r.Alternates...)
}

// Refs returns the repository's refs.
func (r *Repository) Refs() *refs.Refs { return refs.New(r.GitDir, r.CommonDir) }

// So many bytes the list of a shallow clone's boundary may have.
const maxShallow = 256 << 20

// Shallow returns the commits at which a shallow clone's history was cut off: their parents are left out on purpose.
func (r *Repository) Shallow() ([]object.ID, error) {
	path := filepath.Join(r.CommonDir, "shallow")
	data, err := regular.ReadIfExists(path, maxShallow)
	if err != nil {
		return nil, err
	}
	var ids []object.ID
	for line := range strings.FieldsSeq(string(data)) {
		id, err := object.ParseID(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// location is where a repository was found.
type location struct {
	gitDir   string
	workTree string // "" if the search began inside of the git directory, or in a bare repository
}

// named returns the repository that GIT_DIR names. Without other instructions the worktree is the current directory.
func named(path, dir string) (location, error) {
	gitDir, err := followGitFile(path)
	if err != nil {
		return location{}, err
	}
	if !isGitDir(gitDir) {
		return location{}, fmt.Errorf("%s: %w", path, ErrNotFound)
	}
	return location{gitDir, dir}, nil
}

// search goes up from dir to the next directory that has a .git or is a git directory. A ceiling is not searched, unless it is
// dir itself.
func search(dir string, ceilings []string) (location, error) {
	for at := dir; ; {
		gitDir, err := followGitFile(filepath.Join(at, ".git"))
		switch {
		case err == nil && isGitDir(gitDir):
			return location{gitDir, at}, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return location{}, err
		case isGitDir(at):
			return location{gitDir: at}, nil
		}
		parent := filepath.Dir(at)
		if parent == at || isCeiling(parent, ceilings) {
			return location{}, fmt.Errorf("%s and the directories above it: %w", dir, ErrNotFound)
		}
		at = parent
	}
}

func isCeiling(dir string, ceilings []string) bool {
	for _, ceiling := range ceilings {
		if resolved, err := filepath.EvalSymlinks(ceiling); err == nil && filepath.IsAbs(ceiling) && resolved == dir {
			return true
		}
	}
	return false
}

// A .git file is one line.
const maxGitFile = 64 << 10

// followGitFile returns path, or the directory that it names if it is a file with a line "gitdir: DIR".
func followGitFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return path, nil
	}
	text, err := readLine(path)
	if err != nil {
		return "", err
	}
	target, ok := strings.CutPrefix(text, "gitdir: ")
	if !ok || target == "" {
		return "", fmt.Errorf("%s: not a directory and no \"gitdir:\" file", path)
	}
	target = join(filepath.Dir(path), target)
	if !isGitDir(target) {
		return "", fmt.Errorf("%s names %s: %w", path, target, ErrNotFound)
	}
	return target, nil
}

// isGitDir reports whether dir looks like a git directory: a HEAD, and objects and refs here or in the common directory.
func isGitDir(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil {
		return false
	}
	common, err := commonDir(dir, dir, "")
	if err != nil {
		return false
	}
	for _, name := range []string{"objects", "refs"} {
		if info, err := os.Stat(filepath.Join(common, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// commonDir returns the directory that a git directory shares with other worktrees: the one that the environment or its file
// "commondir" names, or else itself.
func commonDir(gitDir, dir, env string) (string, error) {
	if env != "" {
		return join(dir, env), nil
	}
	text, err := readLine(filepath.Join(gitDir, "commondir"))
	if errors.Is(err, fs.ErrNotExist) {
		return gitDir, nil
	}
	if err != nil {
		return "", err
	}
	return join(gitDir, text), nil
}

// readLine reads a small file without the end of its line.
func readLine(path string) (string, error) {
	data, err := regular.Read(path, maxGitFile)
	return strings.TrimRight(string(data), "\r\n"), err
}

// join returns name, which is relative to dir unless it is absolute.
func join(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// inside reports whether dir is top or below it. dir has no symbolic links.
func inside(dir, top string) bool {
	top, err := filepath.EvalSymlinks(top)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(top, dir)
	return err == nil && filepath.IsLocal(rel)
}

// settings are the variables that say where things are.
type settings struct {
	bare           bool
	workTree       string // relative to the git directory
	worktreeConfig bool
	version        int
	objectFormat   string
	refStorage     string
}

// readSettings reads the configuration and refuses what cannot be read.
func (r *Repository) readSettings() (settings, error) {
	var s settings
	set := func(v variable) { r.set(&s, v) }
	if err := readConfig(filepath.Join(r.CommonDir, "config"), set); err != nil {
		return s, err
	}
	if s.worktreeConfig {
		if err := readConfig(filepath.Join(r.GitDir, "config.worktree"), set); err != nil {
			return s, err
		}
	} else if r.GitDir != r.CommonDir {
		// These are about the main worktree.
		s.bare, s.workTree = false, ""
	}
	unsupported := func(format string) error { return &UnsupportedError{r.GitDir, format} }
	switch {
	case s.version > 1:
		return s, unsupported(fmt.Sprintf("repositories of version %d", s.version))
	case s.objectFormat == "sha256":
		return s, unsupported("SHA-256 object ids (extensions.objectFormat)")
	case s.objectFormat != "" && s.objectFormat != "sha1":
		return s, unsupported(s.objectFormat + " object ids (extensions.objectFormat)")
	case s.refStorage != "" && s.refStorage != "files":
		return s, unsupported("refs stored as " + s.refStorage + " (extensions.refStorage)")
	}
	return s, nil
}

func (r *Repository) set(s *settings, v variable) {
	switch v.name {
	case "core.repositoryformatversion":
		// What is no number is a version that nobody knows.
		version, err := strconv.Atoi(v.value)
		if err != nil {
			version = 1 << 30
		}
		s.version = version
	case "core.bare":
		s.bare = v.isTrue()
	case "core.worktree":
		s.workTree = v.value
	case "core.hookspath":
		r.HooksPath = v.value
	case "extensions.worktreeconfig":
		s.worktreeConfig = v.isTrue()
	case "extensions.objectformat":
		s.objectFormat = strings.ToLower(v.value)
	case "extensions.refstorage":
		s.refStorage = strings.ToLower(v.value)
	case "extensions.partialclone":
		r.PartialClone = true
	default:
		if strings.HasPrefix(v.name, "remote.") && strings.HasSuffix(v.name, ".promisor") && v.isTrue() {
			r.PartialClone = true
		}
	}
}

// setWorkTree decides as git does: the environment counts most, then core.worktree, then core.bare, then where the
// repository was found.
func (r *Repository) setWorkTree(found location, s settings, dir, env string) {
	switch {
	case env != "":
		r.WorkTree = join(dir, env)
	case s.workTree != "":
		r.WorkTree = join(r.GitDir, s.workTree)
	case s.bare:
		r.WorkTree = ""
	default:
		r.WorkTree = found.workTree
	}
}
