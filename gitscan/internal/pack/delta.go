package pack

import (
	"encoding/binary"
	"errors"

	"github.com/keysieve/keysieve/detect"
)

var errBadDelta = errors.New("malformed delta")

// deltaSizes reads the two numbers that a delta begins with: the sizes in bytes of its base and of its result.
func deltaSizes(delta []byte) (base, result int64, rest []byte, err error) {
	for _, size := range []*int64{&base, &result} {
		v, n := binary.Uvarint(delta)
		if n <= 0 || v > 1<<62 {
			return 0, 0, nil, errBadDelta
		}
		*size, delta = int64(v), delta[n:]
	}
	return base, result, delta, nil
}

// apply appends the result of a delta to dst, which has room for all of it, and to copies what it took from base; copies that follow
// each other in both are one. A delta is a sequence of instructions: a byte with the highest bit set says which bytes of
// an offset and a size follow, and copies from the base; any other but 0 is a number of bytes to insert that follow.
func apply(dst, base, delta []byte, copies []detect.Copy) ([]byte, []detect.Copy, error) {
	baseSize, size, delta, err := deltaSizes(delta)
	if err != nil || baseSize != int64(len(base)) || int64(cap(dst)-len(dst)) < size {
		return dst, copies, errBadDelta
	}
	start := len(dst)
	dst = dst[:start+int(size)]
	out := dst[start:]
	at := 0
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		if op&0x80 == 0 {
			n := int(op)
			if n == 0 || n > len(delta) || n > len(out)-at {
				return dst, copies, errBadDelta
			}
			at += copy(out[at:], delta[:n])
			delta = delta[n:]
			continue
		}
		from, n, used := copyOperands(op, delta)
		if used > len(delta) || from > len(base) || n > len(base)-from || n > len(out)-at {
			return dst, copies, errBadDelta
		}
		delta = delta[used:]
		copy(out[at:], base[from:from+n])
		if last := len(copies) - 1; last >= 0 && copies[last].At+copies[last].Len == at && copies[last].From+copies[last].Len == from {
			copies[last].Len += n
		} else {
			copies = append(copies, detect.Copy{At: at, From: from, Len: n})
		}
		at += n
	}
	if at != len(out) {
		return dst, copies, errBadDelta
	}
	return dst, copies, nil
}

// copyOperands reads the offset and size of a copy, least significant byte first; bytes that are 0 are left out. A size of 0 stands for
// 64 KiB. used is the number of bytes read, more than there are if the delta is cut short.
func copyOperands(op byte, delta []byte) (from, n, used int) {
	next := func(bit byte, shift uint) int {
		if op&bit == 0 {
			return 0
		}
		used++
		if used > len(delta) {
			return 0
		}
		return int(delta[used-1]) << shift
	}
	from = next(0x01, 0) | next(0x02, 8) | next(0x04, 16) | next(0x08, 24)
	n = next(0x10, 0) | next(0x20, 8) | next(0x40, 16)
	if n == 0 {
		n = 64 << 10
	}
	return from, n, used
}
