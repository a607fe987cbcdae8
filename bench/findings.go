package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// counted is what a tool's report says.
type counted struct {
	findings int64
	files    int64 // that the tool says it scanned; 0 where it does not say
	bytes    int64
}

// counter reads a report. All counters stream, because this program's own memory is the least that it can measure of
// another.
type counter func(io.Reader) (counted, error)

// countLines counts a finding for each line.
func countLines(r io.Reader) (counted, error) {
	var c counted
	err := eachLine(r, func([]byte) error {
		c.findings++
		return nil
	})
	return c, err
}

// countObjects counts the JSON objects, one after the other in the report, that have the member.
func countObjects(member string) counter {
	return func(r io.Reader) (c counted, err error) {
		for d := json.NewDecoder(r); ; {
			var object map[string]json.RawMessage
			if err := d.Decode(&object); err == io.EOF {
				return c, nil
			} else if err != nil {
				return c, err
			}
			if _, ok := object[member]; ok {
				c.findings++
			}
		}
	}
}

// countElements counts the elements of a JSON array. "null" is an empty one, which is what Go makes of no findings.
func countElements(r io.Reader) (counted, error) {
	var c counted
	d := json.NewDecoder(r)
	start, err := d.Token()
	if err != nil || start == nil {
		return c, err
	}
	if start != json.Delim('[') {
		return c, fmt.Errorf("the report begins with %v and not with an array", start)
	}
	for d.More() {
		var element json.RawMessage
		if err := d.Decode(&element); err != nil {
			return c, err
		}
		c.findings++
	}
	_, err = d.Token()
	return c, err
}

// countKeysieve reads the summary, which is the last line of a jsonl report.
func countKeysieve(r io.Reader) (counted, error) {
	var last []byte
	if err := eachLine(r, func(line []byte) error {
		last = append(last[:0], line...)
		return nil
	}); err != nil {
		return counted{}, err
	}
	var report struct {
		Summary *struct {
			Findings struct{ Total int64 }
			Coverage []struct {
				Name, Unit string
				Value      int64
			}
		}
	}
	if err := json.Unmarshal(last, &report); err != nil {
		return counted{}, err
	}
	if report.Summary == nil {
		return counted{}, errors.New("the report does not end with a summary")
	}
	c := counted{findings: report.Summary.Findings.Total}
	for _, counter := range report.Summary.Coverage {
		switch counter.Name + " " + counter.Unit {
		case "scanned files":
			c.files = counter.Value
		case "scanned bytes":
			c.bytes = counter.Value
		}
	}
	return c, nil
}

// eachLine calls f with each line, which is valid until f returns.
func eachLine(r io.Reader, f func([]byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if err := f(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}
