// Package decode finds encoded text inside text and decodes it, with the way back to where it stood.
//
// [Scan] says where encoded text may begin, [At] decodes it, and [Text.Source] says which bytes stood for a part of what came out:
//
//   - base64 of either alphabet, padded or not, on one line or on lines of a multiple of four digits, whose ends may be those of a string literal; what it
//     decodes to may be UTF-16 without more ado, or packed by gzip
//   - hexadecimal digits, on one line or several
//   - escapes of URLs (%2B), of source code and JSON (\x2b, \u002b), and of markup (&#43;, &#x2b;)
//
// Only what decodes to text counts, by its first characters, one of which may be no ASCII, and up to the first control character: a hash, a key or an image
// in base64 is left where it is. Of a text that stands in escapes, only the surroundings of the escapes are decoded, on one line.
//
// # Promises
//
// Whether encoded text begins at a place depends on the byte before it and on [Encoding.Sign] bytes from it on, and what At returns
// on no more than it says it has looked at. So whoever searches a changed text again knows what has to be decoded anew. The time and the memory that it takes
// to decode all that Scan finds in a text grow linearly with the text. Packed text unpacks to at most 20 times its size and 16 MiB.
package decode
