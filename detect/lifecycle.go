package detect

// Lifecycle says what becomes of a secret within the change that brought it: a pull request, a push, a range of commits.
// The zero value says nothing.
type Lifecycle uint8

// The lifecycles of a secret in a change.
const (
	LifecycleUnknown Lifecycle = iota
	LifecycleNew               // the change brings it, and it is there at the end
	LifecycleRemoved           // the change brings it and takes it out again; the history keeps it
	LifecycleMoved             // it was there before the change, in the same or in another place
)

// String returns "new", "removed", "moved" or, for what is not known, "".
func (l Lifecycle) String() string {
	switch l {
	case LifecycleNew:
		return "new"
	case LifecycleRemoved:
		return "removed"
	case LifecycleMoved:
		return "moved"
	}
	return ""
}
