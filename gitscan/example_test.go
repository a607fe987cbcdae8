package gitscan_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
)

// What a pre-commit hook does, with a rule of its own.
func ExampleRepository_Staged() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	stage(dir, "settings.ini", "user = jane\nkey = ACME-0123456789\n")

	repo, err := gitscan.Open(dir, func(string) string { return "" }, gitscan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer repo.Close()
	detector, err := detect.New([]detect.Rule{{ID: "acme", Title: "ACME key", Keywords: []string{"ACME-"}, Pattern: `ACME-[0-9]{10}`}}, detect.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for finding, err := range detector.Scan(ctx, repo.Staged(ctx)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s:%d: %s\n", finding.Origin.Path, finding.Start.Line, finding.Title)
	}
	fmt.Println(repo.Coverage().Scanned.Files, "file scanned")
	// Output:
	// settings.ini:2: ACME key
	// 1 file scanned
}

// stage makes a repository in dir in which a file is staged.
func stage(dir, name, text string) {
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", name}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "GIT_CONFIG_GLOBAL=" + os.DevNull}
		if out, err := cmd.CombinedOutput(); err != nil {
			log.Fatalf("%s: %s", err, out)
		}
	}
}
