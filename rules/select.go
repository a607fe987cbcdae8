package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
)

// ErrNoRules is returned by [Select] when nothing is left to scan with.
var ErrNoRules = errors.New("no rule is selected")

// providerPrefix makes a name stand for every rule of a provider: "provider:aws".
const providerPrefix = "provider:"

// Select returns the rules of all that are to run, in order: those named in only, or, when it is empty, all that are
// not off by default; without those named in disable. A name is a rule's id, one of its aliases, or "provider:"
// with a provider's name. Rules that are off by default run only when an id or alias in only names them. A name that no
// rule has is an error that lists similar ones, and so is an empty result: [ErrNoRules].
func Select(all []detect.Rule, only, disable []string) ([]detect.Rule, error) {
	wanted, err := resolve(all, only)
	dropped, err2 := resolve(all, disable)
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	out := make([]detect.Rule, 0, len(all))
	for i, r := range all {
		use := wanted[i] == byName || !r.Off && (wanted[i] == byProvider || len(only) == 0)
		if use && dropped[i] == unnamed {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, ErrNoRules
	}
	return out, nil
}

// How a list of names refers to a rule.
type reference uint8

const (
	unnamed reference = iota
	byProvider
	byName
)

// resolve says of each rule how it is named. Every unknown name is reported.
func resolve(all []detect.Rule, names []string) ([]reference, error) {
	refs := make([]reference, len(all))
	var bad []error
	for _, name := range names {
		provider, isProvider := strings.CutPrefix(name, providerPrefix)
		known := false
		for i, r := range all {
			switch {
			case isProvider && r.Provider == provider:
				refs[i] = max(refs[i], byProvider)
			case !isProvider && (r.ID == name || slices.Contains(r.Aliases, name)):
				refs[i] = byName
			default:
				continue
			}
			known = true
		}
		if !known {
			bad = append(bad, unknownName(all, name))
		}
	}
	return refs, errors.Join(bad...)
}

// maxSuggestions is how many similar names an error lists.
const maxSuggestions = 5

func unknownName(all []detect.Rule, name string) error {
	type candidate struct {
		name string
		far  int
	}
	var close []candidate
	consider := func(s string) {
		far := distance(name, s)
		if far <= len(name)/3 || strings.Contains(s, name) {
			close = append(close, candidate{s, far})
		}
	}
	for _, r := range all {
		if strings.HasPrefix(name, providerPrefix) {
			consider(providerPrefix + r.Provider)
			continue
		}
		consider(r.ID)
		for _, alias := range r.Aliases {
			consider(alias)
		}
	}
	slices.SortFunc(close, func(a, b candidate) int {
		if a.far != b.far {
			return a.far - b.far
		}
		return strings.Compare(a.name, b.name)
	})
	close = slices.Compact(close)
	if len(close) == 0 {
		return fmt.Errorf("no rule is named %q", name)
	}
	var similar []string
	for _, c := range close[:min(len(close), maxSuggestions)] {
		similar = append(similar, c.name)
	}
	return fmt.Errorf("no rule is named %q; similar: %s", name, strings.Join(similar, ", "))
}

// distance returns the number of bytes to insert, delete or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
