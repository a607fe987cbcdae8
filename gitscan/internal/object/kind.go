package object

// Kind is what an object is. The numbers are those of git's pack format.
type Kind uint8

// The kinds of objects.
const (
	Commit Kind = 1
	Tree   Kind = 2
	Blob   Kind = 3
	Tag    Kind = 4
)

// String returns git's name of the kind, as in a loose object's header.
func (k Kind) String() string {
	switch k {
	case Commit:
		return "commit"
	case Tree:
		return "tree"
	case Blob:
		return "blob"
	case Tag:
		return "tag"
	}
	return "unknown kind of object"
}

// ParseKind returns the kind with that name.
func ParseKind(name string) (Kind, bool) {
	switch name {
	case "commit":
		return Commit, true
	case "tree":
		return Tree, true
	case "blob":
		return Blob, true
	case "tag":
		return Tag, true
	}
	return 0, false
}

// Mode is the mode of a tree's or index's entry: a file type and permissions, as in Unix.
type Mode uint32

// The modes that git writes.
const (
	ModeNone    Mode = 0 // no such entry
	ModeTree    Mode = 0o040000
	ModeFile    Mode = 0o100644
	ModeExec    Mode = 0o100755
	ModeSymlink Mode = 0o120000
	ModeGitlink Mode = 0o160000 // a submodule's commit, which is in another repository

	modeType Mode = 0o170000
)

// Canonical returns the mode that git takes m for: old or odd permissions count as one of the modes above, and an unknown
// type counts as a gitlink.
func (m Mode) Canonical() Mode {
	switch m & modeType {
	case 0o100000:
		if m&0o100 != 0 {
			return ModeExec
		}
		return ModeFile
	case ModeSymlink:
		return ModeSymlink
	case ModeTree:
		return ModeTree
	}
	return ModeGitlink
}

// IsTree reports whether m is that of a tree.
func (m Mode) IsTree() bool { return m&modeType == ModeTree }

// IsBlob reports whether m is that of a file or symbolic link, whose content (or target) is a blob.
func (m Mode) IsBlob() bool { return m&modeType == 0o100000 || m&modeType == ModeSymlink }

// SameType reports whether both are files, both symbolic links, and so on, whatever their permissions.
func (m Mode) SameType(other Mode) bool { return m&modeType == other&modeType }
