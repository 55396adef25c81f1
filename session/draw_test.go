package session

import (
	"testing"
	"testing/synctest"
	"time"
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
		_, idle := l.next(timer, nil)
		select {
		case <-idle:
			l.draw.idle <- struct{}{}
		case <-timer.C:
		case <-time.After(time.Minute):
			t.Error("nothing wakes the loop, and there is something to draw")
		}
	})
}
