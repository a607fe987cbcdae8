// Package gittest compares what the packages beside it say with what git says, on repositories that git has made. It has
// nothing but tests.
//
// The long form of the random test of staged changes runs with KEYSIEVE_LONG=N, the number of sequences of git commands,
// and KEYSIEVE_SEED to repeat one.
package gittest
