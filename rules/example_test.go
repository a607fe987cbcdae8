package rules_test

import (
	"fmt"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
)

// The built-in rules of one provider, and a token made up of pieces so that this file holds none.
func ExampleSelect() {
	selected, err := rules.Select(rules.All(), []string{"jwt"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	detector, err := detect.New(selected, detect.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	token := "eyJhbGciOiJIUzI1NiJ9" + ".eyJpc3MiOiJhY21lIn0" + ".c2lnbmF0dXJlc2lnbmF0dXJl"
	found, err := detector.Find(detect.Fragment{Data: []byte("token: " + token)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range found {
		fmt.Println(f.RuleID, f.Confidence, f.Secret, f.Evidence)
	}
	// Output:
	// jwt proven eyJh******** [decodes as a JWT, HS256, issued by acme]
}
