// Package gitscan reads a git repository: what is about to be committed, and what was.
//
// It reads what git stores and runs nothing. Content comes from blobs, never from the text of a patch, so that no
// attribute, filter, driver or setting of the repository has a say in what is seen; nothing is written, and nothing is
// fetched.
//
// # How it is built
//
// The packages below internal each know one part of a repository, and nothing above it:
//
//	object    what trees, commits and tags look like inside
//	store     finding and reading objects: loose, packed, borrowed
//	refs      names and what they point to
//	index     what the next commit will contain
//	repo      where all of these are, for a directory and an environment
//	revision  what HEAD~2 or v1.0^{commit} stand for
//	staged    the difference between an index and a tree
//	regular   opening files that may be something else in a hostile repository
//	gittest   tests of all of them against git itself
//
// To see what is staged: find the repository (repo.Discover), open its objects, read its index (index.Read), take the tree
// of the commit that HEAD leads to, and go through staged.Changes.
//
// # What is not supported
//
// SHA-256 object ids and refs in a reftable are refused by name. Replacement refs and grafts are ignored on purpose: they
// can only hide what is stored.
package gitscan
