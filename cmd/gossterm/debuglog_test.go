//go:build linux

package main

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// A stuckFile takes nothing until it is closed, as a pipe that nobody empties.
type stuckFile struct{ closed chan struct{} }

func (f stuckFile) Write([]byte) (int, error) {
	<-f.closed
	return 0, io.ErrClosedPipe
}

func (f stuckFile) Close() error {
	close(f.closed)
	return nil
}

func TestLogThatIsStuckIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newDebugLog(stuckFile{make(chan struct{})})
		for range logLines + 10 { // one is being written
			l.Write([]byte("line\n"))
		}
		begin := time.Now()
		got := l.close()
		if took := time.Since(begin); took != logPatience {
			t.Errorf("close took %v, want %v", took, logPatience)
		}
		if want := uint64(logLines + 10); got.Written != 0 || got.Dropped != want {
			t.Errorf("got %+v, want %d dropped", got, want)
		}
		<-l.done
	})
}

// A fullFile has room for some writes.
type fullFile struct{ room int }

func (f *fullFile) Write(p []byte) (int, error) {
	if f.room == 0 {
		return 0, errors.New("no space left")
	}
	f.room--
	return len(p), nil
}

func (f *fullFile) Close() error { return nil }

func TestLogThatIsFullCountsWhatItDrops(t *testing.T) {
	l := newDebugLog(&fullFile{room: 3})
	for range 5 {
		if _, err := l.Write([]byte("line\n")); err != nil {
			t.Errorf("write: %v", err)
		}
	}
	if got, want := l.close(), (logStats{Written: 3, Dropped: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
