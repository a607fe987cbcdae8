package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
)

const archiveOutput = "sources.tar.gz"

// packed returns the rule files one after the other, as a tar archive.
func packed(data fs.FS) ([]byte, error) {
	names, err := fs.Glob(data, "*.toml")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range names {
		text, err := fs.ReadFile(data, name)
		if err != nil {
			return nil, err
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			return nil, err
		}
		if _, err := w.Write(text); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return b.Bytes(), err
}

// compressed returns the archive as it is stored.
func compressed(archive []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(archive)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// holds reports whether the stored file of that name holds the archive. Compressors differ between versions of Go, what they compress does not.
func holds(name string, archive []byte) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return false
	}
	stored, err := io.ReadAll(r)
	return err == nil && bytes.Equal(stored, archive)
}

// store writes the archive of the rule files unless it is there.
func store(name string, data fs.FS) error {
	archive, err := packed(data)
	if err != nil || holds(name, archive) {
		return err
	}
	small, err := compressed(archive)
	if err != nil {
		return err
	}
	return replace(name, small)
}
