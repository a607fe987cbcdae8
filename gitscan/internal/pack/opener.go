package pack

import (
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"
	"math"

	"github.com/keysieve/keysieve/gitscan/internal/inflate"
	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// opener reads the entries of a pack. It serves one goroutine at a time.
type opener struct {
	pack    *Pack
	window  *window
	decoder inflate.Decoder
	delta   []byte
}

func newOpener(p *Pack) *opener {
	return &opener{pack: p, window: p.window(entriesAhead)}
}

var (
	errBadID     = errors.New("it is another object than the index says")
	errBadCRC    = errors.New("its bytes are not those that the index was made for")
	errBadStream = errors.New("its compressed data is damaged")
	errBadSize   = errors.New("its size is not the one it announces")
)

// raw returns the header of an entry and its compressed bytes, which are as those of a window.
func (o *opener) raw(entry int) (header, []byte, error) {
	from, to := o.pack.limits(entry)
	if to <= from {
		return header{}, nil, errBadHeader
	}
	if err := o.fits(from, to); err != nil {
		return header{}, nil, err
	}
	raw, err := o.window.peek(from, int(to-from))
	if err != nil {
		return header{}, nil, err
	}
	if want, ok := o.pack.idx.crc(int(o.pack.pos[entry])); ok && crc32.ChecksumIEEE(raw) != want {
		return header{}, nil, errBadCRC
	}
	h, err := parseHeader(raw)
	if err != nil {
		return h, nil, err
	}
	raw = raw[h.len:]
	if h.size > int64(len(raw))*maxRatio {
		return h, nil, errBadSize
	}
	return h, raw, nil
}

// maxStored bounds the compressed form of some bytes: what cannot be compressed is stored in blocks of 64 KiB with 5 more bytes, and whoever
// flushes often makes more of them.
func maxStored(size int64) int64 { return maxHeader + zlibHeader + zlibTrailer + 2*size + 1024 }

// fits makes sure that an entry's bytes are no more than its size allows, before they are read. The last one has all up to the end of the file.
func (o *opener) fits(from, to int64) error {
	if to-from <= maxStored(0) {
		return nil
	}
	head, err := o.window.peek(from, maxHeader)
	if err != nil {
		return err
	}
	h, err := parseHeader(head)
	if err == nil && (h.size > math.MaxInt64/4 || to-from > maxStored(h.size)) {
		err = errBadSize
	}
	return err
}

// identify makes sure that an entry is the object that the index says, where that is all there is to go by: an index of version 1 has
// no CRC.
func (o *opener) identify(entry int, data []byte) error {
	if _, ok := o.pack.idx.crc(int(o.pack.pos[entry])); ok || object.Hash(o.pack.links[entry].kind, data) == o.pack.ID(entry) {
		return nil
	}
	return errBadID
}

// maxRatio is how much larger data can be than its compressed form, a little more than deflate's limit of 1032.
const maxRatio = 1040

const (
	zlibHeader  = 2
	zlibTrailer = 4
)

// inflate appends what is compressed in raw, size bytes, to dst, which has room for them. The format is RFC 1950.
func (o *opener) inflate(dst, raw []byte, size int64) ([]byte, error) {
	body, err := zlibBody(raw)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = dst[:start+int(size)]
	used, err := o.decoder.Inflate(dst[start:], body)
	if err != nil {
		return dst[:start], fmt.Errorf("%w: %w", errBadStream, err)
	}
	sum := body[used:]
	if len(sum) < zlibTrailer || o.pack.idx.crcs == 0 && binary.BigEndian.Uint32(sum) != adler32.Checksum(dst[start:]) {
		return dst[:start], errBadStream
	}
	return dst, nil
}

// zlibBody checks the header and returns what follows it.
func zlibBody(raw []byte) ([]byte, error) {
	const deflate, dictionary = 8, 0x20
	if len(raw) < zlibHeader+zlibTrailer || raw[0]&15 != deflate || raw[1]&dictionary != 0 ||
		binary.BigEndian.Uint16(raw)%31 != 0 {
		return nil, errBadStream
	}
	return raw[zlibHeader:], nil
}

// stream returns a reader of what an entry that is stored whole has inside. Damage is the error at its end.
func (p *Pack) stream(entry int, h header) io.Reader {
	from, to := p.limits(entry)
	s := &stream{left: h.size, sum: crc32.NewIEEE()}
	s.want, _ = p.idx.crc(int(p.pos[entry]))
	s.raw = io.TeeReader(io.NewSectionReader(p.file, from, to-from), s.sum)
	_, err := io.CopyN(io.Discard, s.raw, int64(h.len))
	if err == nil {
		s.zlib, err = zlib.NewReader(s.raw)
	}
	if err != nil {
		s.err = fmt.Errorf("%w: %w", errBadStream, err)
	}
	return s
}

// stream reads an entry bit by bit.
type stream struct {
	raw  io.Reader // all of the entry, through sum
	sum  hash.Hash32
	want uint32
	zlib io.Reader
	left int64 // bytes that are still to come
	err  error
}

// Read reads on.
func (s *stream) Read(b []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.zlib.Read(b)
	s.left -= int64(n)
	switch {
	case s.left < 0, err == io.EOF && s.left > 0:
		s.err = errBadSize
	case err == io.EOF:
		s.err = s.end()
	case err != nil:
		s.err = fmt.Errorf("%w: %w", errBadStream, err)
	}
	return n, s.err
}

// end returns io.EOF if the entry's bytes are those that the index was made for.
func (s *stream) end() error {
	if _, err := io.Copy(io.Discard, s.raw); err != nil {
		return err
	}
	if s.sum.Sum32() != s.want {
		return errBadCRC
	}
	return io.EOF
}
