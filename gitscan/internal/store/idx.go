package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// packIndex finds objects in a pack by their id. The file (Documentation/gitformat-pack.txt) begins, in version 2, with a
// magic number and a version; then come 256 numbers, of which number i counts the ids that begin with a byte up to i; the
// ids in order; a CRC of each; the place of each in the pack in 31 bits, or if the highest bit is set an index into the
// 64-bit places that follow. Version 1 has neither magic nor CRC, and the 32-bit place stands before each id.
type packIndex struct {
	file    io.ReaderAt
	fanout  [257]uint32 // fanout[i] is the number of ids that begin with a byte below i
	version int
	large   uint32 // number of 64-bit places
}

const (
	idxMagic      = "\xfftOc"
	idxHeaderSize = 4 + 4
	idxFanoutSize = 256 * 4
	idxTrailer    = 2 * object.Size // checksums of the pack and of the index

	idxProbe = 64 // so many ids are read at once when the search has come down to them
)

var errBadIdx = errors.New("malformed pack index")

// newPackIndex reads the table of an index of size bytes.
func newPackIndex(file io.ReaderAt, size int64) (*packIndex, error) {
	var head [idxHeaderSize + idxFanoutSize]byte
	if _, err := file.ReadAt(head[:], 0); err != nil {
		return nil, fmt.Errorf("%w: %w", errBadIdx, err)
	}
	idx := &packIndex{file: file, version: 1}
	table := head[:idxFanoutSize]
	if string(head[:4]) == idxMagic {
		if version := binary.BigEndian.Uint32(head[4:]); version != 2 {
			return nil, fmt.Errorf("%w: version %d is not supported", errBadIdx, version)
		}
		idx.version = 2
		table = head[idxHeaderSize:]
	}
	for i := range 256 {
		idx.fanout[i+1] = binary.BigEndian.Uint32(table[i*4:])
		if idx.fanout[i+1] < idx.fanout[i] {
			return nil, fmt.Errorf("%w: its table is not in order", errBadIdx)
		}
	}
	return idx, idx.checkSize(size)
}

// checkSize makes sure that a file of that size holds what the table announces.
func (idx *packIndex) checkSize(size int64) error {
	n := int64(idx.count())
	rest := size - idxFanoutSize - idxTrailer
	if idx.version == 1 {
		if rest != n*(4+object.Size) {
			return fmt.Errorf("%w: its size does not fit its table", errBadIdx)
		}
		return nil
	}
	rest -= idxHeaderSize + n*(object.Size+4+4)
	if rest < 0 || rest%8 != 0 || rest/8 > n {
		return fmt.Errorf("%w: its size does not fit its table", errBadIdx)
	}
	idx.large = uint32(rest / 8)
	return nil
}

func (idx *packIndex) count() uint32 { return idx.fanout[256] }

// find returns the object's place in the pack, or errNotFound.
func (idx *packIndex) find(id object.ID) (offset int64, err error) {
	pos, err := idx.search(id)
	if err != nil {
		return 0, err
	}
	if pos == idx.count() {
		return 0, errNotFound
	}
	found, err := idx.id(pos)
	if err != nil {
		return 0, err
	}
	if found != id {
		return 0, errNotFound
	}
	return idx.offset(pos)
}

// search returns the position of the first id that is not below id.
func (idx *packIndex) search(id object.ID) (pos uint32, err error) {
	low, high := idx.fanout[id[0]], idx.fanout[int(id[0])+1]
	for high-low > idxProbe {
		middle := low + (high-low)/2
		probe, err := idx.id(middle)
		if err != nil {
			return 0, err
		}
		if probe.Compare(id) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	var buf [idxProbe * (4 + object.Size)]byte
	start, stride := idx.place(low)
	ids := buf[:int(high-low)*stride]
	if _, err := idx.file.ReadAt(ids, start); err != nil && len(ids) > 0 {
		return 0, fmt.Errorf("%w: %w", errBadIdx, err)
	}
	for ; low < high && object.ID(ids[stride-object.Size:]).Compare(id) < 0; low++ {
		ids = ids[stride:]
	}
	return low, nil
}

// place returns where in the file entry pos of the table of ids begins, and how long each is; the id is its end.
func (idx *packIndex) place(pos uint32) (start int64, stride int) {
	if idx.version == 1 {
		stride = 4 + object.Size
		return idxFanoutSize + int64(pos)*int64(stride), stride
	}
	return idxHeaderSize + idxFanoutSize + int64(pos)*object.Size, object.Size
}

func (idx *packIndex) id(pos uint32) (id object.ID, err error) {
	start, stride := idx.place(pos)
	_, err = idx.file.ReadAt(id[:], start+int64(stride-object.Size))
	return id, err
}

func (idx *packIndex) offset(pos uint32) (int64, error) {
	var buf [8]byte
	if idx.version == 1 {
		start, _ := idx.place(pos)
		_, err := idx.file.ReadAt(buf[:4], start)
		return int64(binary.BigEndian.Uint32(buf[:])), err
	}
	n := int64(idx.count())
	offsets := idxHeaderSize + idxFanoutSize + n*(object.Size+4)
	if _, err := idx.file.ReadAt(buf[:4], offsets+int64(pos)*4); err != nil {
		return 0, err
	}
	short := binary.BigEndian.Uint32(buf[:])
	if short&(1<<31) == 0 {
		return int64(short), nil
	}
	short &^= 1 << 31
	if short >= idx.large {
		return 0, fmt.Errorf("%w: a place is out of its table", errBadIdx)
	}
	if _, err := idx.file.ReadAt(buf[:], offsets+n*4+int64(short)*8); err != nil {
		return 0, err
	}
	return int64(binary.BigEndian.Uint64(buf[:])), nil
}
