// The command keysieve finds secrets in files, directories and streams, and in what is committed to git and pushed. Run "keysieve help" for how to use it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// patience is how long a run that was told to stop may take to clean up. A read that blocks cannot be interrupted.
const patience = 800 * time.Millisecond

func main() {
	if os.Getenv("GOGC") == "" {
		collectLate()
	}
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, environment{
			args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, environ: os.Environ,
		})
	}()
	select {
	case code := <-done:
		os.Exit(code)
	case s := <-signals:
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
		}
		if s == syscall.SIGTERM {
			os.Exit(exitTerminated)
		}
		os.Exit(exitInterrupted)
	}
}
