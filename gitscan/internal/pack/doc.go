// Package pack reads whole packs quickly: every object of a kind, each base before what is made of it.
//
// A pack (Documentation/gitformat-pack.txt) stores most objects as deltas against others of the same pack. Read one by one, an
// object costs its whole chain of deltas; read in the order of the chains it costs one inflation and one application, and the delta
// tells which parts of the object were in its base. [Walk] goes that way, with several chains at once. [Reader] is for single
// objects, like the trees of a commit, and remembers what it has lately made.
//
// # What it promises
//
// The whole of an entry is checked against the CRC that the pack's index has for it or, where the index has none (version 1), against the
// checksum of its compressed stream and its id, so that flipped bits are noticed; other ids are not computed. What is damaged is an error of
// that object and of what is made of it; the others go on. Nothing that a header announces is allocated before it is compared
// with the limits. Memory is bounded: a walk keeps the objects on the way from a root to a leaf up to a budget, and makes
// them again when it comes back to those it has let go.
//
// Package store is the place for everything else: loose objects, packs without a readable index, ids that have to be verified.
package pack
