package detect

// A Standing says where in a repository's present a secret is that was found in its history.
type Standing struct {
	Head bool     // in the files of HEAD
	Refs []string // in the files of what these refs lead to
}
