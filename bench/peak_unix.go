//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory returns the largest resident size, in bytes, of a process that has ended and of its waited-for
// descendants, as getrusage(2) has it: in kilobytes, but in bytes on Darwin.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return maxrss(usage)
}

// ownPeakMemory returns the largest resident size of this process so far, in bytes. Less cannot be measured of
// another: until a new process has its own program, it shares the memory of the one that started it, and Linux counts
// that as its peak.
func ownPeakMemory() int64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return maxrss(&usage)
}

func maxrss(usage *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
