package filescan_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/keysieve/keysieve/filescan"
)

// The fragments of a source are what a detect.Detector's Scan takes; here they are only listed.
func Example() {
	source, err := filescan.New([]string{"-"}, filescan.Options{
		Stdin:     strings.NewReader("first line\nsecond line\n"),
		StdinName: "notes.txt",
	})
	if err != nil {
		log.Fatal(err)
	}
	var buf []byte
	for fragment, err := range source.Fragments(context.Background()) {
		if err == nil {
			fragment, err = fragment.Load(&buf)
		}
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s: %q\n", fragment.Origin.Path, fragment.Data)
	}
	fmt.Println(source.Coverage().Scanned)
	// Output:
	// notes.txt: "first line\nsecond line\n"
	// {1 23}
}
