package session

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// joinLate starts Join in the bubble on a log that begins with a snapshot of which
// record 5 is all; its screen says hello.
func joinLate(t *testing.T, self Self) *joinedSession {
	j := &joinedSession{bus: &fakeMemberBus{}, term: newFakeTerminal(), done: make(chan struct{})}
	j.term.seen.KeepScrolled(true)
	ctx, cancel := context.WithCancel(context.Background())
	j.cancel = cancel
	t.Cleanup(cancel)
	go func() {
		defer close(j.done)
		j.res, j.err = Join(ctx, JoinConfig{Bus: j.bus, Self: self, Terminal: j.term})
	}()
	synctest.Wait()
	host := screen.New(40, 8)
	host.Write([]byte("hello"))
	j.record(Recorded{Seq: 5, Part: 1, Parts: 1, Plain: envelope.AppendLog(nil,
		envelope.Resize{Cols: 40, Rows: 8}, envelope.Acks{}, envelope.Screen{Data: host.Snapshot()})})
	j.bus.ports.State <- typist1()
	synctest.Wait()
	return j
}

// record adds to the log and rings.
func (j *joinedSession) record(r Recorded) {
	j.bus.mu.Lock()
	j.bus.log = append(j.bus.log, r)
	j.bus.mu.Unlock()
	j.bus.ports.Bell <- struct{}{}
	synctest.Wait()
}

// scrolledOff returns what left the terminal upwards since the last call.
func (j *joinedSession) scrolledOff() string {
	j.term.mu.Lock()
	defer j.term.mu.Unlock()
	var f screen.Frame
	j.term.seen.Frame(&f)
	var b strings.Builder
	for _, line := range f.Scrolled {
		b.WriteString(printed(line, &f) + "\n")
	}
	return b.String()
}

var (
	oldLines  = []byte("\x00\x28one\r\ntwo\r\n\n")
	eightMore = "\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8"
)

func TestJoinShowsTheHistoryAboveTheFirstScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := joinLate(t, Self{Key: key(1)})
		if got := j.term.text(); !strings.HasPrefix(got, "hello") {
			t.Fatalf("before the history the terminal shows %q", got)
		}
		if len(j.bus.wants) != 1 || j.bus.wants[0] != 5 {
			t.Fatalf("asked for %v, want 5", j.bus.wants)
		}
		j.record(rec(6, eightMore))
		sleep(frameGap)
		if got := j.scrolledOff(); got != "" {
			t.Errorf("scrolled off before the history: %q", got)
		}
		j.bus.ports.History <- History{5, oldLines}
		sleep(frameGap)
		if got := j.scrolledOff() + j.term.text(); got != "one\ntwo\nhello\n1\n2\n3\n4\n5\n6\n7\n8" {
			t.Errorf("the terminal has %q", got)
		}
	})
}

// Without an answer what was held is drawn after a while; the host's own terminal
// holds nothing.
func TestJoinGoesOnWithoutTheHistory(t *testing.T) {
	for _, own := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			j := joinLate(t, Self{Key: key(1), Own: own})
			j.record(rec(6, eightMore))
			if !own {
				sleep(historyPatience - 10*time.Millisecond)
				if got := j.scrolledOff(); got != "" {
					t.Errorf("scrolled off while the history may come: %q", got)
				}
				sleep(10 * time.Millisecond)
			}
			sleep(frameGap)
			if got := j.scrolledOff(); got != "hello\n" || (len(j.bus.wants) > 0) == own {
				t.Errorf("own %v: scrolled off: %q, asked for %v", own, got, j.bus.wants)
			}
		})
	}
}

// What waits behind an editor waits on when the terminal is taken away meanwhile.
func TestTheHistoryOutlivesSuspending(t *testing.T) {
	for _, ev := range []TerminalEvent{Command{0x1a}, TerminalReset{}} {
		synctest.Test(t, func(t *testing.T) {
			j := joinLate(t, Self{Key: key(1)})
			j.record(rec(6, "\x1b[?1049h\x1b[Hthe editor"))
			j.bus.ports.History <- History{5, oldLines}
			sleep(frameGap)
			j.term.mu.Lock()
			j.term.seen.Write([]byte("\x1b[?1049l\x1b[H\x1b[2J")) // as who takes it away does
			j.term.mu.Unlock()
			j.term.events <- ev
			sleep(frameGap)
			if got := j.term.text(); !strings.HasPrefix(got, "the editor") {
				t.Errorf("the terminal shows %q, want the editor again", got)
			}
			j.record(rec(7, "\x1b[?1049l"))
			sleep(frameGap)
			if got := j.scrolledOff() + j.term.text(); !strings.HasPrefix(got, "one\ntwo\nhello") {
				t.Errorf("%T: behind the editor the terminal has %q", ev, got)
			}
		})
	}
}

// Who leaves before the history came keeps what went by.
func TestLeavingDrawsWhatWasHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := joinLate(t, Self{Key: key(1)})
		j.record(rec(6, eightMore))
		sleep(frameGap)
		j.term.events <- Command{'.'}
		<-j.done
		if got := j.scrolledOff(); !strings.Contains(got, "hello\n") {
			t.Errorf("scrolled off: %q", got)
		}
	})
}

func TestHostAnswersWhoWantsTheHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := runHost(t, &fakeShell{}, writers(1)...)
		h.shell.ports.Output([]byte("one\r\n" + strings.Repeat("\n", 30)))
		h.bus.ports.Roster <- Roster{People: writers(2)}
		time.Sleep(time.Second)
		synctest.Wait()
		var seq uint64
		for _, r := range h.bus.records() {
			if r.Part == 1 {
				seq = r.Seq
			}
		}
		h.bus.ports.Wants <- seq
		h.bus.ports.Wants <- seq + 1
		synctest.Wait()
		h.bus.mu.Lock()
		got := h.bus.histories
		h.bus.mu.Unlock()
		if len(got) != 2 || got[0].Seq != seq || !bytes.Contains(got[0].Plain, []byte("one\r\n")) || got[1].Seq != seq+1 || len(got[1].Plain) > 0 {
			t.Errorf("got %+v", got)
		}
		h.cancel()
		<-h.done
	})
}
