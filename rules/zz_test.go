package rules_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

func TestZZ(t *testing.T) {
	ids, _ := os.ReadFile("/tmp/newids.txt")
	isNew := map[string]bool{}
	for _, id := range strings.Fields(string(ids)) {
		isNew[id] = true
	}
	specs, err := rules.Specs()
	if err != nil {
		t.Fatal(err)
	}
	prov := map[string]string{}
	for _, s := range specs {
		prov[s.ID] = s.Provider
	}
	d, err := detect.New(rules.All(), detect.Options{Tables: rules.Tables()})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range specs {
		if !isNew[s.ID] {
			continue
		}
		all := true
		by := map[string]bool{}
		for n, tmpl := range s.Hit {
			e, err := rulestest.Expand(tmpl, s.ID+strconv.Itoa(n))
			if err != nil {
				t.Fatal(err)
			}
			steps, _ := d.Explain(detect.Fragment{Data: []byte(e.Text), Origin: detect.Origin{Path: rulestest.ExamplePath(s)}})
			var mine *detect.Step
			for i := range steps {
				if steps[i].RuleID == s.ID {
					mine = &steps[i]
				}
			}
			ok := false
			for i := range steps {
				x := &steps[i]
				if mine != nil && x.RuleID != s.ID && prov[x.RuleID] == s.Provider && x.Start == mine.Start && x.End == mine.End && x.Confidence >= detect.ConfidenceMedium &&
					(x.Verdict == "reported" || x.Verdict == "overlapped by "+s.ID) {
					ok = true
					by[x.RuleID] = true
				}
			}
			all = all && ok
		}
		if all {
			fmt.Println("REDUNDANT", s.ID, by)
		}
	}
}
