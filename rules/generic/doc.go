// Package generic finds passwords, tokens and keys that have no shape of their own, by what they are called and how they
// are written.
//
// # How it works
//
// A key word that the engine's prefilter has seen ("password", "token", "://") leads to an identifier, which is judged by its
// words and not by a substring: "dbPassword" names a password, "password_field_label" and "keyboard" do not. Behind the
// identifier small scanners follow the syntax that gives it a value: assignments, arguments, attributes, flags, headers,
// URLs. What they find is a candidate. Each candidate is described by some dozens of small whole numbers, its features: of the value, of the name,
// and of the text around. A sum of small decision trees over the features gives its score; the trees are in weights_gen.go
// and are made by the trainer in the module train. The score gives the confidence, and the features that moved it most
// give the evidence. Keys that are written as the numbers of their bytes, and hashes of passwords, are judged by their form alone.
//
// Most candidates are no secrets, and what is cheap to see of them says so: some kinds of value are left out at once (see idle and impossible),
// and the first trees turn away most of the rest before what takes longer is looked at.
//
// A name of a provider near a candidate, or the beginning of its keys, speaks against it: had the provider's rules known the value, the finding
// would be theirs. The names, in providers_gen.go, are taken from the rules by the trainer.
//
// # Promises
//
// A matcher sees nothing of the text outside the window that [detect.Matcher] grants, and nothing of the path but its class. Of a value that goes on
// beyond the window the first 256 bytes are the candidate, if no blank or quote is in what is seen of it. Everything is pure and bounded: a candidate costs a few microseconds whatever the text, a key word that is no candidate far less.
// No feature looks at a particular value, path or project. Evidence and explanations never contain the value.
//
// # What it does not promise
//
// The score is an estimate. Features and weights change between versions, and with them which values are reported.
package generic
