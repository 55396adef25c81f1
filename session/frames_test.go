package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
)

// The last change is drawn, too, although nothing follows it: whether it comes while
// a frame is being written, or soon after one.
func TestTheLastChangeIsDrawn(t *testing.T) {
	for _, written := range []time.Duration{0, frameGap / 2, 2 * frameGap} {
		synctest.Test(t, func(t *testing.T) {
			term := newFakeTerminal()
			j := join(t, term, typist1())
			sleep(time.Second)
			term.setDelay(written)
			j.bus.append(envelope.Output{Data: []byte("1")})
			sleep(frameGap / 4)
			j.bus.append(envelope.Output{Data: []byte("2")})
			sleep(5 * frameGap)
			if got := term.text(); !strings.HasPrefix(got, "hello12") {
				t.Errorf("a frame takes %v: terminal shows %q, want hello12", written, got)
			}
			j.cancel()
			<-j.done
		})
	}
}

// Patience lets what is recorded wait a little, but not longer because more comes.
func TestPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const patience = 5 * time.Millisecond
		j := joinWith(t, newFakeTerminal(), typist1(), patience)
		sleep(time.Second)
		j.bus.append(envelope.Output{Data: []byte("early")})
		for range 4 {
			sleep(time.Millisecond)
			j.bus.append(envelope.Output{Data: []byte(".")})
		}
		if got := j.term.text(); strings.Contains(got, "early") {
			t.Errorf("terminal shows %q before its patience ended", got)
		}
		sleep(time.Millisecond)
		if got := j.term.text(); !strings.Contains(got, "early") {
			t.Errorf("terminal shows %q after its patience ended", got)
		}
	})
}

func TestFramesAreNotDrawnFasterThanSixtyASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		sleep(time.Second)
		before := j.term.writes
		for range 1000 {
			j.bus.append(envelope.Output{Data: []byte("x")})
			sleep(time.Millisecond)
		}
		sleep(frameGap)
		if got := j.term.writes - before; got > 62 || got < 50 {
			t.Errorf("%d frames in a second, want about 60", got)
		}
	})
}

// The first change after a pause is on the terminal at once, and the next a frame later:
// what came in between, as it is by then.
func TestTheFirstChangeAfterAPauseIsDrawnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		sleep(time.Second)
		shows := func(what, want string) {
			t.Helper()
			synctest.Wait()
			if got := j.term.text(); !strings.HasPrefix(got, want+"\n") {
				t.Errorf("%s: shows %q, want %q", what, got, want)
			}
		}
		j.bus.append(envelope.Output{Data: []byte("1")})
		shows("after no time", "hello1")
		j.bus.append(envelope.Output{Data: []byte("2")})
		j.bus.append(envelope.Output{Data: []byte("3")})
		shows("right behind it", "hello1")
		sleep(frameGap - time.Millisecond)
		j.bus.append(envelope.Output{Data: []byte("4")})
		shows("before its time", "hello1")
		sleep(time.Millisecond)
		shows("a frame later", "hello1234")
	})
}

// A key draws nothing by itself: its echo is the first change, and drawn at once.
func TestAnEchoDoesNotWaitForItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		sleep(time.Second)
		j.term.key("x")
		synctest.Wait()
		j.bus.append(envelope.Output{Data: []byte("x")})
		synctest.Wait()
		if got := j.term.text(); !strings.HasPrefix(got, "hellox") {
			t.Errorf("shows %q at once, want the echo", got)
		}
	})
}
