package gitscan

import (
	"errors"
	"fmt"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/linediff"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/store"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
	"github.com/keysieve/keysieve/internal/text"
)

// load reads the content of a change and enters it in the account.
func (r *Repository) load(c treediff.Change, origin detect.Origin, before *earlier) (detect.Fragment, error) {
	f, size, err := r.read(c, origin, before)
	if size < 0 {
		return f, r.failed(origin, err)
	}
	r.account(func(c *Coverage) {
		c.Enumerated.Bytes += size
		c.Scanned.add(size)
		if f.Binary {
			c.Binary.add(size)
		}
	})
	if err != nil {
		err = inputError(origin, err)
	}
	return f, err
}

// read reads the content of a change: all of it, with the lines that are new compared with every parent that has something of the
// same type at the path, and its size as stored, -1 if it cannot be read. With an error about an earlier version, more counts
// as new than is.
func (r *Repository) read(c treediff.Change, origin detect.Origin, before *earlier) (f detect.Fragment, size int64, err error) {
	f = detect.Fragment{Origin: origin}
	content, err := r.blob(c.ID, r.opts.MaxBlob)
	if err != nil {
		return f, -1, err
	}
	data, bom := text.Decode(content)
	f.Base = detect.Position{Offset: int64(bom), Line: 1, Column: 1}
	f.Binary = text.IsBinary(data)
	olds, err := before.versions(c)
	f.Added = linediff.Added(data, olds...)
	if f.Added == nil || len(f.Added) > 0 {
		f.Data = data
		f.Before = append(olds, before.others(c)...)
	}
	if err != nil {
		err = fmt.Errorf("its earlier version: %w", err)
	}
	return f, int64(len(content)), err
}

// blob returns the content of a blob of at most max bytes.
func (r *Repository) blob(id object.ID, max int64) ([]byte, error) {
	kind, content, err := r.objects.Object(id, max)
	if err == nil && kind != object.Blob {
		err = fmt.Errorf("object %s is a %s and not a blob", id, kind)
	}
	return content, err
}

// isExpected reports whether an object cannot be read for a reason that is no damage.
func isExpected(err error) bool {
	var large *store.TooLargeError
	var missing *store.MissingError
	return errors.As(err, &large) || errors.As(err, &missing) && missing.Promised
}
