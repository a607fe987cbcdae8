//go:build !rulesgen

package rules

import (
	_ "embed"

	"github.com/keysieve/keysieve/detect"
)

//go:embed tables.bin
var tables []byte

// Tables returns what the detector has to work out about the built-in rules, made beforehand, for detect.Options. It is nil,
// which has the detector work it out, should the embedded data be damaged.
func Tables() *detect.Tables {
	t, err := detect.LoadTables(tables)
	if err != nil {
		return nil
	}
	return t
}
