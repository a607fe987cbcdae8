// Package text makes text of bytes: it finds out how they are stored, converts UTF-16, and tells what is no text.
//
// UTF-16, with a byte order mark or judged by the first 8 KiB, is converted to UTF-8. Runs of 16 or more ASCII bytes inside it
// stay as they are, so that a byte order mark in front of something else hides nothing. A UTF-8 byte order mark is left out.
// Other content is passed byte for byte. UTF-32 is not recognised.
package text
