package session

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/screen"
)

// A frame that takes long to make is followed by a rest, within bounds.
func TestAFrameThatTookLongIsFollowedByARest(t *testing.T) {
	for _, tt := range []struct{ took, want time.Duration }{
		{0, frameGap},
		{5 * time.Millisecond, frameGap + 15*time.Millisecond},
		{time.Second, frameGap + drawRestMost},
	} {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now()
			l := newMemberLoop(JoinConfig{Terminal: newFakeTerminal(), Now: func() time.Time { now = now.Add(tt.took); return now }})
			defer l.finish()
			<-l.draw.idle
			l.show()
			last := l.lastDraw
			if got := l.nextDraw(now).Sub(last); got < tt.want || tt.took == 0 && got > tt.want || got > frameGap+drawRestMost {
				t.Errorf("a frame that took %v is followed by a rest of %v, want %v", tt.took, got, tt.want)
			}
		})
	}
}

// What is to be drawn wakes the loop, also if the rest after the last frame ends while the
// loop looks at what is next.
func TestTheEndOfARestWakesTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		l := newMemberLoop(JoinConfig{Terminal: newFakeTerminal(), Now: func() time.Time { now = now.Add(frameGap); return now }})
		defer l.finish()
		l.dirty, l.lastDraw = true, now.Add(1)
		timer := time.NewTimer(time.Hour)
		defer timer.Stop()
		if _, idle := l.next(timer, nil); idle != nil {
			t.Fatal("a frame before the rest is over")
		}
		select {
		case <-timer.C:
		case <-time.After(time.Minute):
			t.Error("nothing wakes the loop, and there is something to draw")
		}
	})
}

// Behind a frame that could not have all lines that scrolled off, such lines rest; what
// the screen shows is drawn meanwhile, and they are drawn in the end, in order.
func TestLinesOfAFloodRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newMemberLoop(JoinConfig{Terminal: newFakeTerminal()})
		defer l.finish()
		show := func() {
			<-l.draw.idle
			l.show()
			sleep(frameGap)
		}
		l.core.Screen().Write(bytes.Repeat([]byte("y\r\n"), 3*screen.MaxScrolled))
		show()
		if len(l.frame.Scrolled) != screen.MaxScrolled || l.frame.Lost == 0 {
			t.Fatalf("%d lines and %d lost, want a flood", len(l.frame.Scrolled), l.frame.Lost)
		}
		rest := l.linesAt
		l.core.Screen().Write([]byte(strings.Repeat("z\r\n", 30)))
		show()
		if n := len(l.frame.Scrolled); n != 0 || l.frame.Cells[0].Rune != 'z' {
			t.Errorf("%d lines are drawn in the rest, and the screen begins with %q", n, l.frame.Cells[0].Rune)
		}
		timer := time.NewTimer(time.Hour)
		defer timer.Stop()
		if _, idle := l.next(timer, nil); idle != nil {
			t.Error("the lines are to be drawn in the rest")
		}
		<-timer.C
		if at := time.Now(); !at.Equal(rest) || rest.Sub(l.lastDraw) > linesRest {
			t.Errorf("the loop wakes at %v, want %v", at, rest)
		}
		if _, idle := l.next(timer, nil); idle == nil {
			t.Fatal("the lines are not drawn after the rest")
		}
		select { // as long as the terminal takes nothing, its token wakes the loop, and not the clock
		case <-timer.C:
			t.Error("the loop spins while the terminal takes nothing")
		case <-time.After(time.Minute):
		}
		show()
		if n := len(l.frame.Scrolled); n != 30 || l.frame.Scrolled[0][0].Rune != 'y' {
			t.Errorf("%d lines are drawn after the rest, want 30", n)
		}
	})
}
