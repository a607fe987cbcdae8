// Package config reads the project's configuration, keysieve.toml.
//
// A configuration is read strictly: a key that is not known, a value of another type or out of range is an error that says where, and
// nothing of the file counts. Nothing is read that was not named: the scan of a change must not be configured by the change.
//
//	min_confidence = "medium"  # low, medium, high, proven: what is reported
//
//	[generic]                  # how likely a value without a provider's shape must be a secret for each confidence
//	low    = 0.2
//	medium = 0.7
//	high   = 0.9
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules/generic"
)

// A Config is what a file says. The zero value says nothing.
type Config struct {
	MinConfidence detect.Confidence `toml:"min_confidence"` // 0 if it is not said
	Generic       Generic           `toml:"generic"`
}

// Generic are the thresholds of the generic detector: probabilities between 0 and 1, ascending; 0 stands for the calibrated one.
type Generic struct {
	Low    float64 `toml:"low"`
	Medium float64 `toml:"medium"`
	High   float64 `toml:"high"`
}

// maxSize bounds a file, in bytes.
const maxSize = 1 << 20

// Read reads the regular file at path.
func Read(path string) (Config, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return Config{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return Config{}, err
	}
	defer f.Close()
	c, err := Parse(f)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Parse reads a configuration of at most 1 MiB.
func Parse(in io.Reader) (Config, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxSize+1))
	switch {
	case err != nil:
		return Config{}, err
	case len(text) > maxSize:
		return Config{}, fmt.Errorf("larger than %d bytes", maxSize)
	}
	var c Config
	meta, err := toml.Decode(string(text), &c)
	if err != nil {
		return Config{}, err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		names := make([]string, len(unknown))
		for i, key := range unknown {
			names[i] = key.String()
		}
		slices.Sort(names)
		return Config{}, fmt.Errorf("unknown keys: %s (min_confidence, generic.low, generic.medium and generic.high are known)", strings.Join(names, ", "))
	}
	return c, c.Generic.validate()
}

// validate checks the ranges and the order of what is said.
func (g Generic) validate() error {
	last := 0.0
	for _, t := range []struct {
		name  string
		value float64
	}{{"low", g.Low}, {"medium", g.Medium}, {"high", g.High}} {
		if t.value == 0 {
			continue
		}
		if !(t.value > 0 && t.value < 1) {
			return fmt.Errorf("generic.%s is %v: it must be between 0 and 1", t.name, t.value)
		}
		if t.value < last {
			return fmt.Errorf("generic.%s is %v: it must not be below the one before it, %v", t.name, t.value, last)
		}
		last = t.value
	}
	return nil
}

// Levels returns the thresholds as the generic rules take them.
func (g Generic) Levels() generic.Levels {
	odds := func(p float64) float64 {
		if p == 0 {
			return 0
		}
		// Even odds are 0, which would stand for the calibrated threshold.
		if o := math.Log(p / (1 - p)); o != 0 {
			return o
		}
		return math.SmallestNonzeroFloat64
	}
	return generic.Levels{Low: odds(g.Low), Medium: odds(g.Medium), High: odds(g.High)}
}
