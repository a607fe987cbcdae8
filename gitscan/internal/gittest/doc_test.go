// Package gittest compares what the packages beside it say with what git says, on repositories that git has made. It has
// nothing but tests.
//
// The long form of the random test of staged changes runs with KEYSIEVE_LONG=N, the number of sequences of git commands,
// and KEYSIEVE_SEED to repeat one; so do those of random histories. KEYSIEVE_DAMAGE is the number of bytes to change in them, and
// KEYSIEVE_HISTORY_REPO names a repository of which 20,000 blobs are searched in two ways.
package gittest
