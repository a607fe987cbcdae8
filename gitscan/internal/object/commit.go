package object

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// Signature says who made a commit or tag, and when. The text is in the encoding that the commit was written in.
type Signature struct {
	Name  string
	Email string
	When  time.Time // zero when the object has none that can be read
}

// CommitData is what a commit says.
type CommitData struct {
	Tree      ID
	Parents   []ID
	Author    Signature
	Committer Signature
	Encoding  string // of the message and names; "" is UTF-8
	Message   []byte // part of the commit's content, as is Header
	Header    []byte // the lines before the message, but for those about the tree and the parents
}

// ParseCommit parses a commit's content. Headers it does not know, like a cryptographic signature, are skipped.
func ParseCommit(content []byte) (CommitData, error) {
	var c CommitData
	h := headers{content: content}
	if !h.next() || h.key != "tree" {
		return CommitData{}, &SyntaxError{Kind: Commit, Reason: "it does not begin with a tree"}
	}
	for more := true; more; more = h.next() {
		var err error
		switch h.key {
		case "tree":
			if h.start == 0 {
				c.Tree, err = ParseID(h.value)
			}
		case "parent":
			var parent ID
			parent, err = ParseID(h.value)
			c.Parents = append(c.Parents, parent)
		case "author":
			c.Author = parseSignature(h.value)
		case "committer":
			c.Committer = parseSignature(h.value)
		case "encoding":
			c.Encoding = string(h.value)
		}
		if err != nil {
			return CommitData{}, &SyntaxError{Kind: Commit, Offset: h.start, Reason: err.Error()}
		}
		if c.Header == nil && h.key != "tree" && h.key != "parent" {
			c.Header = h.content[h.start:]
		}
	}
	c.Header = c.Header[:max(len(c.Header)-(len(content)-h.pos), 0)]
	c.Message = h.rest()
	return c, nil
}

// TagData is what an annotated tag says.
type TagData struct {
	Object  ID   // what is tagged
	Kind    Kind // of Object
	Name    string
	Tagger  Signature // zero in very old tags
	Message []byte    // part of the tag's content, with the signature if there is one
	Header  []byte    // the lines before it, but for the first
}

// ParseTag parses an annotated tag's content.
func ParseTag(content []byte) (TagData, error) {
	var t TagData
	h := headers{content: content}
	if !h.next() || h.key != "object" {
		return TagData{}, &SyntaxError{Kind: Tag, Reason: "it does not begin with an object"}
	}
	id, err := ParseID(h.value)
	if err != nil {
		return TagData{}, &SyntaxError{Kind: Tag, Reason: err.Error()}
	}
	t.Object = id
	first := h.pos
	for h.next() {
		switch h.key {
		case "type":
			kind, ok := ParseKind(string(h.value))
			if !ok {
				return TagData{}, &SyntaxError{Kind: Tag, Offset: h.start, Reason: "unknown type of object"}
			}
			t.Kind = kind
		case "tag":
			t.Name = string(h.value)
		case "tagger":
			t.Tagger = parseSignature(h.value)
		}
	}
	if t.Kind == 0 {
		return TagData{}, &SyntaxError{Kind: Tag, Offset: h.pos, Reason: "no type"}
	}
	t.Header = content[first:h.pos]
	t.Message = h.rest()
	return t, nil
}

// headers goes through the "key value" lines that begin commits and tags and end with an empty line.
type headers struct {
	content []byte
	pos     int // of the next line

	key   string
	value []byte // the first line of it; what the known headers say is one line long
	start int    // of the header in content
}

// next goes to the next header and past its continuation lines, which begin with a space.
func (h *headers) next() bool {
	line, ok := h.line()
	if !ok {
		return false
	}
	h.start = h.pos
	h.pos += len(line)
	line = bytes.TrimSuffix(line, []byte{'\n'})
	key, value, _ := bytes.Cut(line, []byte{' '})
	h.key, h.value = string(key), value
	for {
		more, ok := h.line()
		if !ok || more[0] != ' ' {
			return true
		}
		h.pos += len(more)
	}
}

// line returns the line at pos with its end, and false at the empty line or the end of the content.
func (h *headers) line() ([]byte, bool) {
	rest := h.content[h.pos:]
	if len(rest) == 0 || rest[0] == '\n' {
		return nil, false
	}
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		return rest[:end+1], true
	}
	return rest, true
}

// rest returns what follows the empty line.
func (h *headers) rest() []byte {
	if h.pos == len(h.content) {
		return nil
	}
	return h.content[h.pos+1:]
}

// parseSignature reads "Name <email> seconds zone" as far as it can: who wrote something is told as well as possible and
// never a reason to leave the object out.
func parseSignature(line []byte) Signature {
	open := bytes.IndexByte(line, '<')
	end := bytes.LastIndexByte(line, '>')
	if open < 0 || end < open {
		return Signature{Name: string(bytes.TrimSpace(line))}
	}
	s := Signature{
		Name:  string(bytes.TrimSpace(line[:open])),
		Email: string(line[open+1 : end]),
	}
	seconds, zone, _ := bytes.Cut(bytes.TrimSpace(line[end+1:]), []byte{' '})
	unix, err := strconv.ParseInt(string(seconds), 10, 64)
	if err != nil || unix > math.MaxInt64/2 || unix < math.MinInt64/2 {
		return s
	}
	s.When = time.Unix(unix, 0).In(parseZone(string(zone)))
	return s
}

// parseZone reads "+hhmm" or "-hhmm"; everything else is UTC.
func parseZone(text string) *time.Location {
	const dayMinutes = 24 * 60
	number, err := strconv.Atoi(text)
	minutes := number/100*60 + number%100
	if err != nil || len(text) != len("+hhmm") || minutes == 0 || minutes <= -dayMinutes || minutes >= dayMinutes {
		return time.UTC
	}
	return time.FixedZone("", minutes*60)
}
