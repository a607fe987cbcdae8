package report_test

import (
	"log"
	"os"
	"strings"
	"time"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/report"
)

func ExampleNew() {
	w, err := report.New("text", os.Stdout, report.Options{})
	if err != nil {
		log.Fatal(err)
	}
	finding := detect.Finding{
		RuleID: "acme-token", Title: "Acme deploy token", Severity: detect.SeverityHigh, Confidence: detect.ConfidenceProven,
		Origin:   detect.Origin{Path: "config/prod.env"},
		Start:    detect.Position{Offset: 143, Line: 12, Column: 7},
		End:      detect.Position{Offset: 171, Line: 12, Column: 35},
		Secret:   detect.NewSecret([]byte("acme" + strings.Repeat("Zx", 12))),
		Context:  detect.Context{Before: "TOKEN=", After: "  # used by deploy.sh"},
		Evidence: []string{"CRC32 checksum is valid"},
		Revoke:   "https://acme.example/tokens",
	}
	summary := report.Summary{
		Coverage: []report.Counter{
			{Name: report.Scanned, Unit: "files", Value: 1204},
			{Name: report.Scanned, Unit: report.Bytes, Value: 3_400_000},
		},
		Elapsed: 180 * time.Millisecond,
	}

	if err := w.Begin(report.Run{Tool: "keysieve", Command: "scan", Roots: []string{"."}}); err != nil {
		log.Fatal(err)
	}
	for _, f := range []detect.Finding{finding} {
		summary.Add(f)
		if err := w.Finding(f); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.End(summary); err != nil {
		log.Fatal(err)
	}
	// Output:
	// config/prod.env
	//   high  Acme deploy token (acme-token)  config/prod.env:12:7
	//     TOKEN=acme********  # used by deploy.sh
	//           ^^^^^^^^^^^^
	//     why: proven confidence; CRC32 checksum is valid
	//     fix: revoke it, https://acme.example/tokens
	//
	// 1 finding: 1 high. Scanned 1,204 files, 3.4 MB in 180 ms.
}
