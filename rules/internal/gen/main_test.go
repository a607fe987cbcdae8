package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/keysieve/keysieve/rules"
)

func TestCurrent(t *testing.T) {
	if archive, err := packed(os.DirFS("../../data")); err != nil || !holds("../../"+archiveOutput, archive) {
		t.Fatalf("%s is not current: run go generate ./rules (%v)", archiveOutput, err)
	}
	specs, err := rules.Specs()
	if err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func([]rules.Spec) ([]byte, error){output: source, tableOutput: tables, referenceOutput: reference} {
		want, err := make(specs)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not current: run go generate ./rules", name)
		}
	}
}
