package keysieve_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
)

func Example() {
	detector, err := detect.New(rules.All(), detect.Options{Tables: rules.Tables()})
	if err != nil {
		fmt.Println(err)
		return
	}
	text := []byte("# deploy\ntoken = glpat-" + strings.Repeat("x7Kd9", 4) + "\n")
	found, err := detector.Find(detect.Fragment{Origin: detect.Origin{Path: "deploy.ini"}, Data: text})
	for _, f := range found {
		fmt.Printf("%s:%d:%d %s %s\n", f.Origin.Path, f.Start.Line, f.Start.Column, f.RuleID, f.Secret)
	}
	if err != nil { // a part of the text could not be searched
		fmt.Println(err)
	}
	// Output: deploy.ini:2:9 gitlab-pat glpa********
}

// TestReadmeShowsTheExample fails when the README's lines of library use are not those of the tested Example.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(source), "func Example() {\n")
	body, _, _ = strings.Cut(body, "\n\t// Output:")
	for line := range strings.SplitSeq(body, "\n") {
		if line = strings.TrimSpace(line); !strings.Contains(string(readme), line) {
			t.Errorf("README.md lacks %q", line)
		}
	}
}
