// Package hook puts Keysieve's scripts into a git hooks directory and takes them out again.
//
// A script runs the hook that was there before, which was moved aside, and then the program with "hook run". Installing
// twice is the same as once. Uninstalling gives the earlier hook back as it was: the file itself is moved, never
// rewritten. Each step is one rename, and what an interruption between two of them leaves behind is put right by either
// [Dir.Install] or [Dir.Uninstall].
package hook
