package main

import (
	"os"
	"os/signal"
	"syscall"

	"gossterm/internal/tty"
)

// guard runs f and, should it panic, restores the terminal before the panic ends
// the process: the report is readable and the terminal usable.
func guard(t *tty.Terminal, f func()) {
	defer func() {
		if t == nil {
			return
		}
		if p := recover(); p != nil {
			t.Restore()
			panic(p)
		}
	}()
	f()
}

// endSignals are the signals that end gossterm in order.
func endSignals() (signals <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}

// statusOf returns the exit status of a process that ended by a signal.
func statusOf(sig os.Signal) int {
	if s, ok := sig.(syscall.Signal); ok {
		return exitSignal + int(s)
	}
	return exitSignal
}
