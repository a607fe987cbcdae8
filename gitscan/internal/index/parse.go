package index

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

const (
	signature  = "DIRC"
	headerSize = 4 + 4 + 4 // signature, version, number of entries

	// An entry is ten 32-bit numbers from stat(2), the id, 16 bits of flags, 16 more if flagExtended is set, and the path.
	modeOffset  = 6 * 4
	idOffset    = 10 * 4
	flagsOffset = idOffset + object.Size
	fixedSize   = flagsOffset + 2
	minEntry    = fixedSize + 2 // in version 4: one byte for what to drop of the previous path, and a NUL

	flagNameMask   = 0x0fff // the path's length, or this mask if it is longer
	flagStageMask  = 0x3000
	flagStageShift = 12
	flagExtended   = 0x4000

	extendedIntentToAdd  = 0x2000
	extendedSkipWorktree = 0x4000
	extendedUnknown      = 0x8fff // no meaning so far; git refuses them

	extensionHeader = 4 + 4 // name, size

	// So many directories a cache-tree may have for the number of entries; most directories have some files.
	treesBase     = 4096
	treesPerEntry = 2

	// Version 4 stores of a path what differs from the one before, so that a small file can stand for very long lists.
	// This bounds the total length of the paths.
	pathBudget        = 32 << 20
	pathBudgetPerByte = 3 // of the file
)

// file is an index file as it is written: a split index is not yet put together.
type file struct {
	Index
	link *link
}

// parser reads an index file from its beginning to its end.
type parser struct {
	data []byte // without the checksum
	pos  int
	file file
}

// parse reads a whole index file.
func parse(data []byte) (*file, error) {
	if len(data) > maxFile {
		return nil, &SyntaxError{maxFile, "the file is too large"}
	}
	if len(data) < headerSize+sha1.Size {
		return nil, &SyntaxError{len(data), "the file is cut short"}
	}
	body := data[:len(data)-sha1.Size]
	if sum := object.ID(data[len(body):]); !sum.IsZero() && sha1.Sum(body) != sum {
		return nil, &SyntaxError{len(body), "the checksum is wrong"}
	}
	p := parser{data: body}
	count, err := p.header()
	if err != nil {
		return nil, err
	}
	if err := p.entries(count); err != nil {
		return nil, err
	}
	for p.pos < len(p.data) {
		if err := p.extension(); err != nil {
			return nil, err
		}
	}
	if p.file.link == nil {
		if err := checkOrder(p.file.Entries); err != nil {
			return nil, err
		}
	}
	return &p.file, nil
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{p.pos, fmt.Sprintf(format, args...)}
}

func (p *parser) header() (entries int, err error) {
	if string(p.data[:4]) != signature {
		return 0, p.fail("it does not begin with %s", signature)
	}
	version := binary.BigEndian.Uint32(p.data[4:])
	if version < 2 || version > 4 {
		p.pos = 4
		return 0, p.fail("version %d is not supported", version)
	}
	p.file.Version = int(version)
	count := binary.BigEndian.Uint32(p.data[8:])
	if int64(count) > int64(len(p.data)/minEntry) {
		p.pos = 8
		return 0, p.fail("%d entries do not fit into the file", count)
	}
	p.pos = headerSize
	return int(count), nil
}

// entries reads the entries.
func (p *parser) entries(count int) error {
	p.file.Entries = make([]Entry, count)
	paths := pathTable{entries: p.file.Entries, budget: pathBudget + pathBudgetPerByte*len(p.data)}
	var path []byte
	for i := range p.file.Entries {
		flags, err := p.fixed(&p.file.Entries[i])
		if err != nil {
			return err
		}
		if p.file.Version == 4 {
			path, err = p.compressedPath(path)
		} else {
			path, err = p.paddedPath(int(flags & flagNameMask))
		}
		if err != nil {
			return err
		}
		if p.file.Entries[i].IsDirectory() && !bytes.HasSuffix(path, []byte{'/'}) {
			return p.fail("%q is a directory without a slash at its end", path)
		}
		if !paths.add(path) {
			return p.fail("the paths are too long for the file")
		}
	}
	paths.flush()
	return nil
}

// pathTable gives entries their paths. It cuts them out of long strings, because a string for each would take a third of
// the time of reading an index.
type pathTable struct {
	entries []Entry // whose paths are still to be set
	block   []byte
	ends    []int // of the paths in block
	budget  int   // bytes that may still come
}

const pathBlock = 64 << 10

func (t *pathTable) add(path []byte) bool {
	t.budget -= len(path)
	t.block = append(t.block, path...)
	t.ends = append(t.ends, len(t.block))
	if len(t.block) >= pathBlock {
		t.flush()
	}
	return t.budget >= 0
}

func (t *pathTable) flush() {
	text := string(t.block)
	begin := 0
	for i, end := range t.ends {
		t.entries[i].Path = text[begin:end]
		begin = end
	}
	t.entries = t.entries[len(t.ends):]
	t.block, t.ends = t.block[:0], t.ends[:0]
}

// fixed reads an entry up to its path and returns its flags.
func (p *parser) fixed(e *Entry) (flags uint16, err error) {
	rest := p.data[p.pos:]
	if len(rest) < minEntry {
		return 0, p.fail("an entry is cut short")
	}
	e.Mode = object.Mode(binary.BigEndian.Uint32(rest[modeOffset:]))
	e.ID = object.ID(rest[idOffset:])
	flags = binary.BigEndian.Uint16(rest[flagsOffset:])
	e.Stage = uint8(flags & flagStageMask >> flagStageShift)
	p.pos += fixedSize
	if flags&flagExtended == 0 {
		return flags, nil
	}
	if p.file.Version < 3 {
		return 0, p.fail("an entry has extended flags, which version 2 does not know")
	}
	extended := binary.BigEndian.Uint16(rest[fixedSize:])
	if extended&extendedUnknown != 0 {
		return 0, p.fail("an entry has unknown flags %#x", extended&extendedUnknown)
	}
	if extended&extendedIntentToAdd != 0 {
		e.Flags |= IntentToAdd
	}
	if extended&extendedSkipWorktree != 0 {
		e.Flags |= SkipWorktree
	}
	p.pos += 2
	return flags, nil
}

// paddedPath reads a path of versions 2 and 3: it is followed by one to eight NULs, so that the entry's length is a
// multiple of eight.
func (p *parser) paddedPath(length int) ([]byte, error) {
	rest := p.data[p.pos:]
	end := bytes.IndexByte(rest, 0)
	if end < 0 {
		return nil, p.fail("a path does not end")
	}
	if end != length && (length < flagNameMask || end < flagNameMask) {
		return nil, p.fail("a path has %d bytes, and %d are announced", end, length)
	}
	// Entries begin at multiples of eight after the header.
	next := (p.pos+end-headerSize)&^7 + 8 + headerSize
	if next > len(p.data) {
		return nil, p.fail("a path is cut short")
	}
	p.pos = next
	return rest[:end], nil
}

// compressedPath turns previous into a path of version 4, which is written as the number of bytes to drop from the end of
// the previous path, and a NUL-terminated text to put there.
func (p *parser) compressedPath(previous []byte) ([]byte, error) {
	drop, n := offsetVarint(p.data[p.pos:])
	if n == 0 || drop > len(previous) {
		return nil, p.fail("a compressed path cannot be read")
	}
	p.pos += n
	rest := p.data[p.pos:]
	end := bytes.IndexByte(rest, 0)
	if end < 0 {
		return nil, p.fail("a path does not end")
	}
	p.pos += end + 1
	return append(previous[:len(previous)-drop], rest[:end]...), nil
}

// offsetVarint reads a number as git writes offsets in packs: seven bits a byte, the highest first, and one added for each
// byte that follows. n is its length, 0 if it cannot be read or does not fit into 31 bits.
func offsetVarint(data []byte) (value, n int) {
	for n < len(data) {
		b := data[n]
		n++
		value = value<<7 | int(b&0x7f)
		if value > math.MaxInt32 {
			return 0, 0
		}
		if b&0x80 == 0 {
			return value, n
		}
		value++
	}
	return 0, 0
}

// extension reads the next extension. One whose name begins with an upper-case letter can be skipped.
func (p *parser) extension() error {
	rest := p.data[p.pos:]
	if len(rest) < extensionHeader {
		return p.fail("an extension is cut short")
	}
	name := string(rest[:4])
	size := int64(binary.BigEndian.Uint32(rest[4:]))
	start := p.pos + extensionHeader
	if size > int64(len(p.data)-start) {
		return p.fail("the extension %q is cut short", name)
	}
	content := p.data[start : start+int(size)]
	var err error
	switch {
	case name == "TREE":
		p.file.Trees, err = parseCacheTree(content, start, treesBase+treesPerEntry*len(p.file.Entries))
	case name == "link":
		p.file.link, err = parseLink(content, start)
	case name == "sdir":
		p.file.Sparse = true
	case name[0] < 'A' || name[0] > 'Z':
		err = p.fail("the extension %q is required and not supported", name)
	}
	p.pos = start + int(size)
	return err
}

// checkOrder makes sure that the entries are sorted and that none is there twice.
func checkOrder(entries []Entry) error {
	for i := range entries {
		if entries[i].Path == "" {
			return &SyntaxError{headerSize, fmt.Sprintf("entry %d has no path", i)}
		}
		if i > 0 && compareEntries(&entries[i-1], &entries[i]) >= 0 {
			return &SyntaxError{headerSize, fmt.Sprintf("entry %d, %q, is out of order", i, entries[i].Path)}
		}
	}
	return nil
}

// compareEntries is the order of an index.
func compareEntries(a, b *Entry) int {
	switch {
	case a.Path < b.Path:
		return -1
	case a.Path > b.Path:
		return 1
	}
	return int(a.Stage) - int(b.Stage)
}
