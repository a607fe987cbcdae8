package baseline_test

import (
	"fmt"

	"github.com/keysieve/keysieve/baseline"
	"github.com/keysieve/keysieve/detect"
)

func Example() {
	rules := []detect.Rule{{ID: "acme-token", Keywords: []string{"acme_"}, Pattern: `\bacme_[0-9a-z]{8}\b`}}
	detector, err := detect.New(rules, detect.Options{Suppress: baseline.New(rules).Judge})
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "a = acme_01234567\nb = acme_89abcdef # keysieve:allow acme-token for tests only\n"
	found, err := detector.Find(detect.Fragment{Data: []byte(text)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range found {
		fmt.Printf("line %d: %q\n", f.Start.Line, f.Suppressed)
	}
	// Output:
	// line 1: ""
	// line 2: "keysieve:allow: for tests only"
}
