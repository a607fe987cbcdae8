package pack

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// An index (version 2 or 1, see Documentation/gitformat-pack.txt) lists a pack's objects in the order of their ids.
type index struct {
	data   []byte // all of the file
	fanout [257]uint32
	ids    int // where the table of ids begins, and how far its entries are apart
	stride int
	crcs   int // where the table of CRCs begins; 0 in version 1
}

const (
	idxMagic      = "\xfftOc"
	idxHeaderSize = 4 + 4
	idxFanoutSize = 256 * 4
	idxTrailer    = 2 * object.Size
)

var errBadIndex = errors.New("malformed pack index")

// parseIndex checks the shape of an index: that the tables have the sizes that the counts call for.
func parseIndex(data []byte) (*index, error) {
	x := &index{data: data}
	if len(data) < idxHeaderSize+idxFanoutSize {
		return nil, fmt.Errorf("%w: it is too short", errBadIndex)
	}
	table := 0
	if bytes.HasPrefix(data, []byte(idxMagic)) {
		if version := binary.BigEndian.Uint32(data[4:]); version != 2 {
			return nil, fmt.Errorf("%w: version %d is not supported", errBadIndex, version)
		}
		table = idxHeaderSize
	}
	for i := range 256 {
		x.fanout[i+1] = binary.BigEndian.Uint32(data[table+4*i:])
		if x.fanout[i+1] < x.fanout[i] {
			return nil, fmt.Errorf("%w: its table is not in order", errBadIndex)
		}
	}
	n, rest := x.count(), len(data)-table-idxFanoutSize-idxTrailer
	if table == 0 {
		x.ids, x.stride = idxFanoutSize+4, 4+object.Size
		if rest != n*x.stride {
			return nil, fmt.Errorf("%w: its size does not fit its table", errBadIndex)
		}
		return x, nil
	}
	x.ids, x.stride = idxHeaderSize+idxFanoutSize, object.Size
	x.crcs = x.ids + n*object.Size
	if large := rest - n*(object.Size+4+4); large < 0 || large%8 != 0 || large/8 > n {
		return nil, fmt.Errorf("%w: its size does not fit its table", errBadIndex)
	}
	return x, nil
}

// announced returns the number of entries that the beginning of an index speaks of.
func announced(head []byte) int64 {
	last := idxFanoutSize - 4
	if bytes.HasPrefix(head, []byte(idxMagic)) {
		last += idxHeaderSize
	}
	return int64(binary.BigEndian.Uint32(head[last:]))
}

func (x *index) count() int { return int(x.fanout[256]) }

func (x *index) id(pos int) object.ID { return object.ID(x.data[x.ids+pos*x.stride:]) }

// crc returns the CRC of the entry's bytes in the pack, if the index has it.
func (x *index) crc(pos int) (crc uint32, ok bool) {
	if x.crcs == 0 {
		return 0, false
	}
	return binary.BigEndian.Uint32(x.data[x.crcs+4*pos:]), true
}

// offset returns where in the pack the entry begins, or -1 if the index does not say.
func (x *index) offset(pos int) int64 {
	if x.crcs == 0 {
		return int64(binary.BigEndian.Uint32(x.data[x.ids+pos*x.stride-4:]))
	}
	offsets := x.crcs + 4*x.count()
	short := binary.BigEndian.Uint32(x.data[offsets+4*pos:])
	if short&(1<<31) == 0 {
		return int64(short)
	}
	at := offsets + 4*x.count() + 8*int(short&^(1<<31))
	if at > len(x.data)-idxTrailer-8 {
		return -1
	}
	if long := binary.BigEndian.Uint64(x.data[at:]); long <= math.MaxInt64 {
		return int64(long)
	}
	return -1
}

// find returns the position of an id.
func (x *index) find(id object.ID) (pos int, ok bool) {
	low, high := int(x.fanout[id[0]]), int(x.fanout[int(id[0])+1])
	end := high
	// Ids are as good as random: nearly always the place is close to where their next bytes say.
	const close = 64
	guess := low + int(uint64(high-low)*uint64(binary.BigEndian.Uint32(id[1:]))>>32)
	if at := guess - close; at > low && x.compare(at, &id) < 0 {
		low = at + 1
	}
	if at := guess + close; at < high && x.compare(at, &id) >= 0 {
		high = at
	}
	for low < high {
		middle := int(uint(low+high) >> 1)
		if x.compare(middle, &id) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < end && x.compare(low, &id) == 0
}

// compare compares the id at a position with another one.
func (x *index) compare(pos int, id *object.ID) int {
	at := x.ids + pos*x.stride
	have := x.data[at : at+object.Size]
	if order := cmp.Compare(binary.BigEndian.Uint64(have), binary.BigEndian.Uint64(id[:])); order != 0 {
		return order
	}
	return bytes.Compare(have[8:], id[8:])
}

// place is where an entry is, and its position in the index.
type place struct {
	offset int64
	pos    uint32
}

// places returns the entries in the order of the pack; those at the same place in the order of the index.
func (x *index) places() []place {
	list := make([]place, x.count())
	key := func(p place) uint64 { return uint64(p.offset) + 1 }
	last := uint64(0)
	for i := range list {
		list[i] = place{x.offset(i), uint32(i)}
		last = max(last, key(list[i]))
	}
	// A radix sort from the lowest digit to the highest: it keeps the order of what is alike.
	const digit = 11
	other := make([]place, len(list))
	for shift := 0; last>>shift > 0; shift += digit {
		var ends [1 << digit]int
		of := func(p place) int { return int(key(p)>>shift) & (1<<digit - 1) }
		for _, p := range list {
			ends[of(p)]++
		}
		n := 0
		for d, count := range ends {
			ends[d] = n
			n += count
		}
		for _, p := range list {
			d := of(p)
			other[ends[d]] = p
			ends[d]++
		}
		list, other = other, list
	}
	return list
}
