package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// current is the terminal that this process draws on, nil while it draws on none.
var current atomic.Pointer[terminal]

// guard runs f and, should it panic, restores the terminal before the panic ends
// the process: the report is readable and the terminal usable. Every goroutine of
// this package runs in it; for those of others there is the watcher.
func guard(f func()) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if t := current.Load(); t != nil {
			t.t.Restore()
		}
		panic(p)
	}()
	f()
}

// untilSignal returns a context that also ends by a signal that ends gossterm in
// order. The function returned with it ends the watch for signals, and tells which
// one came, or nil; it must be called.
func untilSignal(ctx context.Context) (_ context.Context, ended func() os.Signal) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	var came os.Signal
	done := make(chan struct{})
	go guard(func() {
		defer close(done)
		select {
		case came = <-signals:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() os.Signal {
		cancel()
		<-done
		signal.Stop(signals)
		return came
	}
}

// statusOf returns the exit status of a process that ended by a signal.
func statusOf(sig os.Signal) int {
	if s, ok := sig.(syscall.Signal); ok {
		return exitSignal + int(s)
	}
	return exitSignal
}
