package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the released version; a build from source says what it was built from instead.
const version = "0.1.0-dev"

func versionCommand() command {
	return command{
		name: "version", summary: "Print the version.",
		help: `Prints the version, what it was built with and for which system.

  keysieve version`,
		run: func(_ context.Context, env environment) error {
			args, err := parseFlags("version", func(*flag.FlagSet) {}, env.args)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				return &usageError{"version", errors.New("version takes no arguments")}
			}
			return writeAll(env.stdout, fmt.Sprintf("keysieve %s (%s, %s/%s)\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH))
		},
	}
}

// buildVersion returns the module's version as built, with the commit where that is all there is.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return version + " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return version
}
