package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
)

// logLines is how many lines wait for a slow disk; more are dropped and counted.
const logLines = 4096

// A debugLog writes lines to a file from a goroutine of its own, so that a slow
// or full disk makes nobody wait.
type debugLog struct {
	lines   chan []byte
	done    chan struct{}
	dropped atomic.Uint64
	file    io.WriteCloser
}

// openLog returns a logger to the named file, and what closes it. Without a name
// nothing is logged.
func openLog(name string) (*slog.Logger, func(), error) {
	if name == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	l := newDebugLog(f)
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})), l.close, nil
}

func newDebugLog(f io.WriteCloser) *debugLog {
	l := &debugLog{lines: make(chan []byte, logLines), done: make(chan struct{}), file: f}
	go l.run()
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

func (l *debugLog) run() {
	defer close(l.done)
	for line := range l.lines {
		if _, err := l.file.Write(line); err != nil {
			l.dropped.Add(1)
		}
	}
}

// close writes what waits and says how many lines were dropped. Nothing may be
// logged after.
func (l *debugLog) close() {
	close(l.lines)
	<-l.done
	if n := l.dropped.Load(); n > 0 {
		fmt.Fprintf(l.file, "level=WARN msg=\"lines dropped\" count=%d\n", n)
	}
	l.file.Close()
}
