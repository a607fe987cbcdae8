package index

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// encoder writes index files for the tests.
type encoder struct {
	version    int
	entries    []Entry
	extensions []string // each with its header
	noChecksum bool
}

func (enc encoder) bytes() []byte {
	out := []byte(signature)
	out = binary.BigEndian.AppendUint32(out, uint32(enc.version))
	out = binary.BigEndian.AppendUint32(out, uint32(len(enc.entries)))
	previous := ""
	for _, e := range enc.entries {
		begin := len(out)
		out = append(out, make([]byte, idOffset)...)
		binary.BigEndian.PutUint32(out[begin+modeOffset:], uint32(e.Mode))
		out = append(out, e.ID[:]...)
		flags := uint16(min(len(e.Path), flagNameMask)) | uint16(e.Stage)<<flagStageShift
		if e.Flags != 0 {
			flags |= flagExtended
		}
		out = binary.BigEndian.AppendUint16(out, flags)
		if e.Flags != 0 {
			extended := uint16(0)
			if e.Flags&IntentToAdd != 0 {
				extended |= extendedIntentToAdd
			}
			if e.Flags&SkipWorktree != 0 {
				extended |= extendedSkipWorktree
			}
			out = binary.BigEndian.AppendUint16(out, extended)
		}
		if enc.version == 4 {
			common := 0
			for common < len(previous) && common < len(e.Path) && previous[common] == e.Path[common] {
				common++
			}
			out = appendVarint(out, len(previous)-common)
			out = append(append(out, e.Path[common:]...), 0)
			previous = e.Path
			continue
		}
		out = append(out, e.Path...)
		out = append(out, make([]byte, 8-(len(out)-begin)%8)...)
	}
	for _, extension := range enc.extensions {
		out = append(out, extension...)
	}
	if enc.noChecksum {
		return append(out, make([]byte, sha1.Size)...)
	}
	sum := sha1.Sum(out)
	return append(out, sum[:]...)
}

// appendVarint is the reverse of offsetVarint.
func appendVarint(out []byte, value int) []byte {
	digits := []byte{byte(value & 0x7f)}
	for value >>= 7; value > 0; value >>= 7 {
		value--
		digits = append([]byte{0x80 | byte(value&0x7f)}, digits...)
	}
	return append(out, digits...)
}

func extension(name, content string) string {
	return name + string(binary.BigEndian.AppendUint32(nil, uint32(len(content)))) + content
}

// ewah returns a bitmap of n bits; spec has one word of "0", "1" for runs of a word, or "x" for a literal word with bits 1
// and 3 set, per 64 bits.
func ewah(n int, spec string) string {
	var words []uint64
	for len(spec) > 0 {
		run := 0
		for run < len(spec) && spec[run] != 'x' && spec[run] == spec[0] {
			run++
		}
		marker := uint64(run) << 1
		if run > 0 && spec[0] == '1' {
			marker |= 1
		}
		spec = spec[run:]
		literals := 0
		for literals < len(spec) && spec[literals] == 'x' {
			literals++
		}
		spec = spec[literals:]
		words = append(words, marker|uint64(literals)<<(1+ewahRunBits))
		for range literals {
			words = append(words, 1<<1|1<<3)
		}
	}
	out := binary.BigEndian.AppendUint32(nil, uint32(n))
	out = binary.BigEndian.AppendUint32(out, uint32(len(words)))
	for _, w := range words {
		out = binary.BigEndian.AppendUint64(out, w)
	}
	return string(binary.BigEndian.AppendUint32(out, 0))
}

func testID(n int) object.ID { return object.Hash(object.Blob, fmt.Append(nil, n)) }

// entry makes an entry from "PATH", "PATH STAGE", "PATH ita" or "PATH skip"; a path that ends with a slash is a directory.
func entry(spec string, id int) Entry {
	path, what, _ := strings.Cut(spec, " ")
	e := Entry{Path: path, Mode: object.ModeFile, ID: testID(id)}
	switch what {
	case "1", "2", "3":
		e.Stage = what[0] - '0'
	case "ita":
		e.Flags = IntentToAdd
	case "skip":
		e.Flags = SkipWorktree
	}
	if strings.HasSuffix(path, "/") {
		e.Mode = object.ModeTree
	}
	return e
}

// entries makes entries with the ids first, first+1, …
func entries(first int, specs ...string) []Entry {
	var list []Entry
	for i, spec := range specs {
		list = append(list, entry(spec, first+i))
	}
	return list
}
