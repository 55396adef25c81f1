package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
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
	done, over := make(chan struct{}), make(chan struct{})
	go guard(func() {
		defer close(done)
		select {
		case came = <-signals:
			cancel()
		case <-ctx.Done():
		}
	})
	go guard(func() {
		<-done
		if came != nil {
			patiently(over, func() { leaveAtOnce(came) })
		}
	})
	return ctx, func() os.Signal {
		cancel()
		<-done
		close(over)
		signal.Stop(signals)
		return came
	}
}

// stuckTime is how long the end in order may take after a signal: longer than a shell
// and a terminal are waited for.
const stuckTime = 15 * time.Second

// patiently calls leave if it is not over in time: whoever made us do something that
// takes for ever must not keep our user here.
func patiently(over <-chan struct{}, leave func()) {
	late := time.NewTimer(stuckTime)
	defer late.Stop()
	select {
	case <-over:
	case <-late.C:
		leave()
	}
}

// leaveAtOnce restores the terminal and ends the process, whatever it is doing.
func leaveAtOnce(sig os.Signal) {
	if t := current.Load(); t != nil {
		t.t.Restore()
	}
	os.Exit(statusOf(sig))
}

// statusOf returns the exit status of a process that ended by a signal.
func statusOf(sig os.Signal) int {
	if s, ok := sig.(syscall.Signal); ok {
		return exitSignal + int(s)
	}
	return exitSignal
}
