package gitscan

import (
	"path"
	"sync"

	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
	"github.com/keysieve/keysieve/internal/text"
)

const (
	// Of the versions that a commit replaces or removes, so many bytes and blobs are kept for the judgement whether a secret has
	// only moved. Most commits have far less.
	maxEarlierBytes = 8 << 20
	maxEarlierBlobs = 10_000

	// Beyond that, files of the same name are looked at: so many, of at most so many bytes.
	maxSameName      = 4
	maxSameNameBytes = 1 << 20
)

// earlier are the versions of files that a commit replaces or removes: what it adds elsewhere may come from there. They are
// read by the first fragment that is loaded, once for all of the commit's.
type earlier struct {
	r       *Repository
	gone    []object.ID // of paths that are no more
	changed []object.ID
	byName  map[string][]object.ID // by the path's last part

	read  sync.Once
	order []object.ID // of texts
	texts map[object.ID][]byte
}

func (r *Repository) newEarlier() *earlier {
	return &earlier{r: r, byName: make(map[string][]object.ID)}
}

// add notes what a change replaces or removes. It must not be called any more once texts are asked for.
func (e *earlier) add(c treediff.Change) {
	for _, old := range c.Olds {
		if !old.Mode.IsBlob() || len(e.gone)+len(e.changed) >= maxEarlierBlobs {
			continue
		}
		if c.Mode == object.ModeNone {
			e.gone = append(e.gone, old.ID)
		} else {
			e.changed = append(e.changed, old.ID)
		}
		name := path.Base(c.Path)
		e.byName[name] = append(e.byName[name], old.ID)
	}
}

// readAll reads as many texts as there is room for, first those that are gone.
func (e *earlier) readAll() {
	e.texts = make(map[object.ID][]byte)
	room := int64(maxEarlierBytes)
	for _, list := range [][]object.ID{e.gone, e.changed} {
		for _, id := range list {
			if _, ok := e.texts[id]; ok {
				continue
			}
			content, err := e.r.blob(id, room)
			if err != nil {
				continue
			}
			room -= int64(len(content))
			e.texts[id] = decode(content)
			e.order = append(e.order, id)
		}
	}
}

func decode(content []byte) []byte {
	data, _ := text.Decode(content)
	return data
}

// text returns the text of a blob of at most max bytes.
func (e *earlier) text(id object.ID, max int64) ([]byte, error) {
	e.read.Do(e.readAll)
	if data, ok := e.texts[id]; ok {
		return data, nil
	}
	content, err := e.r.blob(id, max)
	return decode(content), err
}

// versions returns the texts that the parents have at the path of c, if they are of its type. The error is the first one about
// a version that is damaged.
func (e *earlier) versions(c treediff.Change) (texts [][]byte, damage error) {
	for _, old := range c.Olds {
		if !old.Mode.SameType(c.Mode) {
			continue
		}
		data, err := e.text(old.ID, e.r.opts.MaxBlob)
		switch {
		case err == nil:
			texts = append(texts, data)
		case !isExpected(err) && damage == nil:
			damage = err
		}
	}
	return texts, damage
}

// others returns the texts that content of c may have been moved from.
func (e *earlier) others(c treediff.Change) [][]byte {
	e.read.Do(e.readAll)
	var texts [][]byte
	isVersion := func(id object.ID) bool {
		for _, old := range c.Olds {
			if old.ID == id && old.Mode.SameType(c.Mode) {
				return true
			}
		}
		return false
	}
	for _, id := range e.order {
		if !isVersion(id) {
			texts = append(texts, e.texts[id])
		}
	}
	found := 0
	for _, id := range e.byName[path.Base(c.Path)] {
		if _, ok := e.texts[id]; ok || isVersion(id) || found == maxSameName {
			continue
		}
		if content, err := e.r.blob(id, maxSameNameBytes); err == nil {
			texts = append(texts, decode(content))
			found++
		}
	}
	return texts
}
