package object

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"hash"
	"strconv"
)

// Size is the length of an ID in bytes, HexSize that of its hexadecimal form.
const (
	Size    = sha1.Size
	HexSize = 2 * Size
)

// ID names an object: the SHA-1 of its kind, size and content. The zero value names nothing.
type ID [Size]byte

var errBadID = errors.New("an object id has 40 hexadecimal digits")

// ParseID returns the id with the given 40 hexadecimal digits, in either case.
func ParseID[T string | []byte](digits T) (ID, error) {
	var id ID
	if len(digits) != HexSize {
		return ID{}, errBadID
	}
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return ID{}, errBadID
	}
	return id, nil
}

// String returns 40 lower-case hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders ids as git does, byte by byte; the result is -1, 0 or +1.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// NewHash returns a hash to which an object's content of size bytes is to be written; its sum is then the object's ID.
func NewHash(kind Kind, size int64) hash.Hash {
	h := sha1.New()
	header := append([]byte(kind.String()), ' ')
	header = append(strconv.AppendInt(header, size, 10), 0)
	h.Write(header)
	return h
}

// Hash returns the id of the object with that kind and content.
func Hash(kind Kind, content []byte) ID {
	h := NewHash(kind, int64(len(content)))
	h.Write(content)
	return ID(h.Sum(nil))
}
