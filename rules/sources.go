//go:build !rulesgen

package rules

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"iter"
)

// archive holds the files of data in a sixth of their size; only what documents or tests rules opens it.
//
//go:embed sources.tar.gz
var archive []byte

// sources yields the rule files in the order of their names.
func sources() iter.Seq2[ruleFile, error] {
	return func(yield func(ruleFile, error) bool) {
		unzipped, err := gzip.NewReader(bytes.NewReader(archive))
		if err != nil {
			yield(ruleFile{}, err)
			return
		}
		files := tar.NewReader(unzipped)
		for {
			header, err := files.Next()
			if err == io.EOF {
				return
			}
			f := ruleFile{}
			if err == nil {
				f.name = header.Name
				f.data, err = io.ReadAll(files)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}
