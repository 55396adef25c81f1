package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// logLines is how many lines wait for a slow disk; more are dropped and counted.
	logLines = 4096
	// logPatience is how long the end waits until what waits is written.
	logPatience = time.Second
)

// A debugLog writes lines to a file from a goroutine of its own, so that a slow
// or full disk makes nobody wait.
type debugLog struct {
	lines            chan []byte
	done             chan struct{}
	written, dropped atomic.Uint64
	file             io.WriteCloser
}

// logStats counts the lines of a log.
type logStats struct{ Written, Dropped uint64 }

// openLog returns a logger to the named file, and what closes it and tells what it
// wrote. Without a name nothing is logged. A pipe that nobody reads is an error.
func openLog(name string) (*slog.Logger, func() logStats, error) {
	if name == "" {
		return slog.New(slog.DiscardHandler), func() logStats { return logStats{} }, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	l := newDebugLog(f)
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})), l.close, nil
}

func newDebugLog(f io.WriteCloser) *debugLog {
	l := &debugLog{lines: make(chan []byte, logLines), done: make(chan struct{}), file: f}
	go guard(l.run)
	return l
}

// Write takes one line, or drops it if too many wait.
func (l *debugLog) Write(p []byte) (int, error) {
	select {
	case l.lines <- append([]byte(nil), p...):
	default:
		l.dropped.Add(1)
	}
	return len(p), nil
}

// run writes the lines until there are no more, and says how many were dropped.
func (l *debugLog) run() {
	defer close(l.done)
	for line := range l.lines {
		if _, err := l.file.Write(line); err != nil {
			l.dropped.Add(1)
		} else {
			l.written.Add(1)
		}
	}
	if n := l.dropped.Load(); n > 0 {
		fmt.Fprintf(l.file, "level=WARN msg=\"lines dropped\" count=%d\n", n)
	}
}

// close writes what waits, for logPatience at most, and returns what became of all
// lines. Nothing may be logged after.
func (l *debugLog) close() logStats {
	close(l.lines)
	select {
	case <-l.done:
	case <-time.After(logPatience):
		for range l.lines { // the rest, but for the line that is stuck
			l.dropped.Add(1)
		}
		l.dropped.Add(1)
	}
	stats := logStats{l.written.Load(), l.dropped.Load()} // before Close frees a line that is stuck: it is counted
	l.file.Close()
	return stats
}
