package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// monotonic returns CLOCK_MONOTONIC in nanoseconds: one clock for all processes of
// this machine.
func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic("gossip-bench: no monotonic clock: " + err.Error())
	}
	return ts.Nano()
}

// The signals that stop a process and let it go on.
const (
	stopSignal = unix.SIGSTOP
	goOnSignal = unix.SIGCONT
)

// supported returns why the benchmark cannot run here, or nil.
func supported() error { return nil }

// loadNow returns the machine's load over 1, 5 and 15 minutes.
func loadNow() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// resident returns how much memory a process has, in MB, 0 if that is not known.
func resident(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, pages int
	if _, err := fmt.Sscan(string(b), &size, &pages); err != nil {
		return 0
	}
	return float64(pages) * float64(os.Getpagesize()) / (1 << 20)
}
