package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
)

// lose has the host be out of reach for so long, a second or more, of which the first
// second is over when it is noticed.
func (j *joinedSession) lose(d time.Duration) {
	s := typist1()
	s.Silent, s.Since = true, time.Now().Add(-time.Second)
	j.bus.ports.State <- s
	sleep(d - time.Second)
}

func (j *joinedSession) back() {
	j.bus.ports.State <- typist1()
	sleep(frameGap)
}

func (j *joinedSession) wantShown(t *testing.T, when, want string) {
	t.Helper()
	if got := j.term.text(); !strings.Contains(got, want) {
		t.Errorf("%s: the terminal shows %q, want %q", when, got, want)
	}
}

// held joins a session, loses the host for so long, and types an Enter meanwhile.
func held(t *testing.T, away time.Duration) *joinedSession {
	j := join(t, newFakeTerminal(), typist1())
	j.lose(time.Second)
	j.term.key("ls\rpwd")
	sleep(away - time.Second)
	return j
}

func TestAnOutageIsCountedOnTheLastRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		j.lose(2 * time.Second)
		j.wantShown(t, "without a key", "disconnected 2 s, keys are held; ~. lea")
		j.term.key("ls\rpwd")
		sleep(frameGap)
		j.wantShown(t, "with keys", "disconnected 2 s, 6 keys held; ~. leaves")
		sleep(10 * time.Second)
		j.wantShown(t, "later", "disconnected 12 s, 6 keys held")
		sleep(3 * time.Minute)
		j.wantShown(t, "much later", "disconnected 3 min, 6 keys held")
	})
}

func TestAWatchersOutageHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := MemberState{Joined: &Joined{Incarnation: 9}, Link: 1}
		j := join(t, newFakeTerminal(), s)
		s.Lost = true
		j.bus.ports.State <- s
		sleep(3 * time.Second)
		j.wantShown(t, "a watcher", "disconnected 3 s; ~. leaves")
	})
}

func TestOneKeySendsOrDropsWhatWasHeld(t *testing.T) {
	for _, tt := range []struct{ key, sent, says string }{
		{"s", "ls\rpwd", "4 keys sent"},
		{"d", "ls", "4 bytes were not typed"},
	} {
		t.Run(tt.key, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := held(t, 12*time.Second)
				j.back()
				sleep(noticeFor)
				j.wantShown(t, "back", "4 keys held for 12 s")
				j.wantShown(t, "back", "s send")
				if got := j.bus.typed(t); got != "ls" {
					t.Errorf("before an answer %q was sent, want %q", got, "ls")
				}
				j.term.key(tt.key)
				sleep(answerAlone + frameGap)
				if got := j.bus.typed(t); got != tt.sent {
					t.Errorf("sent %q, want %q", got, tt.sent)
				}
				j.wantShown(t, "answered", tt.says)
				j.term.key("x")
				synctest.Wait()
				if got := j.bus.typed(t); got != tt.sent+"x" {
					t.Errorf("then sent %q, want %q", got, tt.sent+"x")
				}
			})
		})
	}
}

// Who types on when the host is back answers nothing.
func TestTypingOnIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := held(t, 12*time.Second)
		j.back()
		for _, k := range []string{"s", "u", "d", "o"} {
			j.term.key(k)
			sleep(200 * time.Millisecond)
		}
		sleep(2 * answerAlone)
		if got := j.bus.typed(t); got != "ls" {
			t.Errorf("%q was sent, want %q", got, "ls")
		}
		sleep(noticeFor)
		j.wantShown(t, "after typing on", "8 keys held")
		sleep(answerQuiet)
		j.term.key("s") // seen, and after a pause; but something follows
		sleep(answerAlone / 2)
		j.term.key("o")
		sleep(2 * answerAlone)
		if got := j.bus.typed(t); got != "ls" {
			t.Errorf("%q was sent, want %q", got, "ls")
		}
		sleep(noticeFor)
		j.wantShown(t, "after a word", "10 keys held")
	})
}

func TestAfterAMomentNothingIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := held(t, askAfter-frameGap)
		j.back()
		if got := j.bus.typed(t); got != "ls\rpwd" {
			t.Errorf("%q was sent, want all", got)
		}
		j.wantShown(t, "back", "the host is back after 4 s")
	})
}

// What was neither sent nor dropped when the person leaves was not typed.
func TestWhatIsHeldAtTheEndIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := held(t, 12*time.Second)
		j.term.events <- Command{'.'}
		<-j.done
		if j.res.Unconfirmed != len("ls") || j.res.Unsent != len("\rpwd") {
			t.Errorf("%d bytes unconfirmed and %d unsent, want 2 and 4", j.res.Unconfirmed, j.res.Unsent)
		}
	})
}

// A key that would have been an answer, had the host not gone again before it was one, is
// typed as any other.
func TestAKeyOnItsWayToBeAnAnswerIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := held(t, 12*time.Second)
		j.back()
		sleep(2 * answerSeen)
		j.term.key("s")
		sleep(answerAlone / 2)
		j.lose(6 * time.Second)
		j.wantShown(t, "the host gone again", "7 keys held")
		j.back()
		sleep(noticeFor)
		j.wantShown(t, "the host back again", "5 keys held for 6 s")
		j.term.key("s")
		sleep(answerAlone / 2)
		j.bus.append(envelope.Acks{Flushes: 1, Authors: []envelope.Ack{{Author: key(1), Incarnation: 9, Through: 1, Discarded: 1}}})
		sleep(answerAlone)
		if got := j.bus.typed(t); got != "lss" {
			t.Errorf("sent %q, want the key after all was dropped by somebody's interrupt: %q", got, "lss")
		}
	})
}
