package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/generic"
)

// A file is one line of the labelled data.
type file struct {
	Name   string            `json:"file"`
	Lines  map[string]string `json:"lines"`
	Labels []label           `json:"labels"`

	repo     int
	known    []hit          // what the rules of providers find
	shadows  []detect.Range // what those rules have seen, their allowlists left out: a generic finding gives way to it
	examples []int          // its candidates
}

// A label says of a value whether it is a secret (T) or not (F, X).
type label struct {
	Line     int    `json:"line"`
	EndLine  *int   `json:"end_line"`
	Label    string `json:"label"`
	Category string `json:"category"`
	Start    *int   `json:"start"` // in characters
	End      *int   `json:"end"`

	first, last int
	value       string // squashed; the line where there is no start
}

// A hit is something found: its lines, its range and its text without white space.
type hit struct {
	first, last int
	at          detect.Range
	text        string
	rule        string
}

// An example is a candidate and what is known of it.
type example struct {
	file     int
	repo     int
	hit      hit
	features []int16
	secret   bool
	weight   float64
	score    float64 // of the model of the fold that has not seen the repository
	fitted   float64 // of the model of all
	hidden   bool    // a provider's rule answers for it
	context  string
}

// categories that are no secrets and are not scored.
var identifiers = []string{"UUID", "AWS S3 Bucket", "Firebase Domain", "Tencent WeChat API App ID", "Nonce", "Salt"}

type dataset struct {
	files    []*file
	examples []*example
	repos    []string
	texts    [][]byte
	cases    []*tokenCase

	known, seen *detect.Detector
}

func load(name string) (*dataset, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := &dataset{}
	if err := d.setRules(); err != nil {
		return nil, err
	}
	index := map[string]int{}
	s := bufio.NewScanner(f)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		x := &file{}
		if err := json.Unmarshal(s.Bytes(), x); err != nil {
			return nil, err
		}
		repo, _, _ := strings.Cut(x.Name, "/")
		if _, ok := index[repo]; !ok {
			index[repo] = len(d.repos)
			d.repos = append(d.repos, repo)
		}
		x.repo = index[repo]
		d.files = append(d.files, x)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return d, d.prepare()
}

// prepare finds the candidates of every file and what the rules of providers find there.
func (d *dataset) prepare() error {
	for i, x := range d.files {
		x.place()
		text := x.text()
		d.texts = append(d.texts, text)
		fr := detect.Fragment{Data: text, Origin: detect.Origin{Path: x.Name}}
		found, shadows, err := d.providers(fr)
		if err != nil {
			return err
		}
		for _, g := range shadows {
			x.shadows = append(x.shadows, detect.Range{Start: int(g.Start.Offset), End: int(g.End.Offset)})
		}
		for _, g := range found {
			x.known = append(x.known, hit{first: g.Start.Line, last: g.End.Line, text: squash(string(g.Secret.Reveal())), rule: g.RuleID,
				at: detect.Range{Start: int(g.Start.Offset), End: int(g.End.Offset)}})
		}
		starts := lineStarts(text)
		for _, c := range generic.Candidates(&fr) {
			d.add(i, c, starts, text)
		}
	}
	return nil
}

// setRules makes the detectors of what the rules of providers find, and of what they have seen.
func (d *dataset) setRules() error {
	own := map[string]bool{}
	for _, r := range generic.Rules() {
		own[r.ID] = true
	}
	all := slices.DeleteFunc(rules.All(), func(r detect.Rule) bool { return own[r.ID] || r.Off })
	bare := slices.DeleteFunc(slices.Clone(all), func(r detect.Rule) bool { return r.Provider == "" })
	for i := range bare {
		bare[i].Allow = nil
	}
	var err error
	if d.known, err = detect.New(all, detect.Options{}); err != nil {
		return err
	}
	d.seen, err = detect.New(bare, detect.Options{MinConfidence: detect.ConfidenceLow})
	return err
}

// providers returns what the rules of providers find in a text, and what they have seen there, their allowlists left out: a generic finding gives way to it.
func (d *dataset) providers(f detect.Fragment) (known, seen []detect.Finding, err error) {
	if known, err = d.known.Find(f); err != nil {
		return nil, nil, err
	}
	seen, err = d.seen.Find(f)
	return known, seen, err
}

func (d *dataset) add(i int, c generic.Candidate, starts []int, text []byte) {
	x := d.files[i]
	line, _ := slices.BinarySearch(starts, c.Value.Start+1)
	last, _ := slices.BinarySearch(starts, c.Value.End)
	lo, hi := starts[line-1], len(text)
	if line < len(starts) {
		hi = starts[line] - 1
	}
	e := &example{file: i, repo: x.repo, features: c.Features, weight: unlabelled,
		hit: hit{first: line, last: max(last, line), text: squash(string(text[c.Value.Start:c.Value.End])), at: c.Value, rule: c.Rule}}
	e.context = strings.TrimSpace(string(text[max(lo, c.Value.Start-90):min(hi, c.Value.End+40)]))
	for _, k := range x.known {
		if k.at.Start < c.Value.End && c.Value.Start < k.at.End {
			e.hidden = true
		}
	}
	for _, k := range x.shadows {
		if k.Start < c.Value.End && c.Value.Start < k.End {
			e.hidden = true
		}
	}
	for _, l := range x.Labels {
		if l.matches(&e.hit) {
			e.weight = 1
			if l.Label == "T" {
				e.secret = true
			}
		}
	}
	x.examples = append(x.examples, len(d.examples))
	d.examples = append(d.examples, e)
}

// unlabelled is the weight of a candidate without a label.
const unlabelled = 0.35

// text returns the file's text, its lines at their numbers.
func (x *file) text() []byte {
	last := 0
	byLine := map[int]string{}
	for k, v := range x.Lines {
		n, _ := strconv.Atoi(k)
		byLine[n] = v
		last = max(last, n)
	}
	var b []byte
	for n := 1; n <= last; n++ {
		b = append(b, byLine[n]...)
		b = append(b, '\n')
	}
	return b
}

// place works out the lines and the value of each label.
func (x *file) place() {
	for i := range x.Labels {
		l := &x.Labels[i]
		l.first, l.last = l.Line, l.Line
		if l.EndLine != nil {
			l.last = *l.EndLine
		}
		value := []rune(x.Lines[strconv.Itoa(l.Line)])
		from, to := 0, len(value)
		if l.Start != nil {
			from = max(*l.Start, 0)
		}
		if l.End != nil && *l.End >= 0 && l.first == l.last {
			to = min(*l.End, to)
		}
		l.value = squash(string(value[min(from, to):to]))
	}
}

func (l *label) matches(h *hit) bool {
	return h.first <= l.last && l.first <= h.last && (l.first != l.last || overlap(h.text, l.value))
}

func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, c := range text {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func squash(s string) string { return strings.Join(strings.Fields(s), "") }

// overlap reports whether a found and an expected value are the same for the measure.
func overlap(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if strings.Contains(b, a) || strings.Contains(a, b) {
		return min(len(a), len(b)) >= min(4, len(b))
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	n := max(8, len(a)/3)
	for i := 0; i+n <= len(a); i++ {
		if strings.Contains(b, a[i:i+n]) {
			return true
		}
	}
	return false
}

// cleanWeight is the weight of a candidate of the clean source.
const cleanWeight = 0.4

// addClean adds the candidates of the files below a directory as no secrets.
func (d *dataset) addClean(root string) error {
	first := len(d.examples)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 {
			return err
		}
		rel, err := filepath.Rel(root, path)
		f := detect.Fragment{Data: data, Origin: detect.Origin{Path: filepath.ToSlash(rel)}}
		for _, c := range generic.Candidates(&f) {
			d.examples = append(d.examples, &example{file: -1, repo: -1, features: c.Features, weight: cleanWeight})
		}
		return err
	})
	fmt.Println("clean candidates:", len(d.examples)-first)
	return err
}
