package session

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

// flooded starts a host whose shell prints so often the same, as fast as it is taken.
// It returns how much was taken so far.
func flooded(t *testing.T, text string, times int) (h *hosted, shell *fakeShell, taken func() int) {
	shell = &fakeShell{modes: Modes{Signals: true, Intr: 3}}
	h = runHost(t, shell, writers(1)...)
	sleep(time.Second)
	n := make(chan int, 1)
	n <- 0
	go func() {
		for range times {
			shell.ports.Output([]byte(text))
			n <- <-n + 1
		}
	}()
	return h, shell, func() int {
		got := <-n
		n <- got
		return got
	}
}

func TestAFloodOfLinesIsTakenAtItsRate(t *testing.T) {
	for _, tt := range []struct {
		desc, text string
		least      time.Duration
	}{
		{"short lines", string(bytes.Repeat([]byte("y\r\n"), lineRate/1000)), time.Second},
		{"one long line", string(bytes.Repeat([]byte("xyz"), lineRate/1000)), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, _, taken := flooded(t, tt.text, 1000)
			begun := time.Now()
			for taken() < 1000 {
				sleep(time.Millisecond)
			}
			if took := time.Since(begun); took < tt.least || took > tt.least+tt.least/10+10*time.Millisecond {
				t.Errorf("%s: a thousand pieces took %v, want about %v", tt.desc, took, tt.least)
			}
		})
	}
}

// An interrupt has what was printed before it be taken at once.
func TestAnInterruptEndsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := string(bytes.Repeat([]byte("y\r\n"), lineRate/10))
		h, _, taken := flooded(t, lines, 20)
		sleep(restLeast)
		before := taken()
		h.bus.ports.Inputs <- Input{Author: key(0), Incarnation: 1, Seq: 1, Plain: typedPlain(ctrlC)}
		sleep(restLeast)
		if got := taken(); before > 2 || got != 20 {
			t.Errorf("%d of 20 pieces were taken before the interrupt and %d right after", before, got)
		}
	})
}

// What was not taken during a pause is not made up for.
func TestAPaceForgetsPauses(t *testing.T) {
	var p pace
	now := start
	lines := bytes.Repeat([]byte{'\n'}, lineRate/100)
	p.rest(now, lines)
	now = now.Add(time.Hour)
	if got, want := p.rest(now, lines), 10*time.Millisecond; got != want {
		t.Errorf("after an hour a rest of %v, want %v", got, want)
	}
}
