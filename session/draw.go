package session

import (
	"context"
	"fmt"
	"time"
)

const (
	// frameGap is the least time between two frames on a terminal.
	frameGap = time.Second / 60
	// hurryFor is how long after an interrupt what it leads to is shown at once: who has
	// stopped a flood waits for the prompt.
	hurryFor = 250 * time.Millisecond
	// drawRest is how many times as long as a frame took to make there is none after it,
	// beside frameGap: many who watch a flood on one machine leave time for what is typed.
	// drawRestMost bounds that.
	drawRest     = 3
	drawRestMost = 100 * time.Millisecond
	// linesRest is how long after a frame that could not have all the lines that scrolled
	// off there is none with any: of a flood that nobody can read a few pieces are enough,
	// and to write thousands of lines a second is most of what a terminal has to do then.
	linesRest = 200 * time.Millisecond
	// drawGrace is how long the last frame may take to be drawn.
	drawGrace = 2 * time.Second
)

// next returns keys if something may be typed now, the drawer's token if a frame is to be
// drawn, and sets the timer to what is due next. All are as of one moment, so that what
// is put off by one cannot fall due unseen by the other.
func (l *memberLoop) next(timer *time.Timer, keys <-chan TerminalEvent) (typing <-chan TerminalEvent, idle <-chan struct{}) {
	now := l.cfg.Now()
	if _, hold := l.core.HoldUntil(now); !hold {
		typing = keys
	}
	idle = l.idle(now) // before arm: it finds out what there is to draw
	l.arm(timer, now)
	return typing, idle
}

// idle returns the drawer's token if a frame is to be drawn now.
func (l *memberLoop) idle(now time.Time) <-chan struct{} {
	if l.core.Dirty() || l.expire(now) || l.lastDraw.Before(l.linesAt) && !now.Before(l.linesAt) {
		l.dirty = true
	}
	if !l.dirty || now.Before(l.nextDraw(now)) {
		return nil
	}
	return l.draw.idle
}

// nextDraw returns when the next frame may be drawn.
func (l *memberLoop) nextDraw(now time.Time) time.Time {
	if !l.behind && now.Before(l.core.stoppedAt.Add(hurryFor)) {
		return l.lastDraw
	}
	return l.lastDraw.Add(frameGap + min(drawRest*l.drawTook, drawRestMost))
}

// show draws the newest state. The drawer's token was taken.
func (l *memberLoop) show() {
	l.dirty = false
	l.lastDraw = l.cfg.Now()
	l.core.Frame(&l.frame, l.lastDraw.Before(l.linesAt))
	if l.frame.Lost > 0 {
		l.linesAt = l.lastDraw.Add(linesRest)
	}
	l.sayPart()
	over, asks := l.overlay()
	l.dirty = l.prompt.shown(l.lastDraw, asks)
	b := l.renderer.Draw(&l.frame, over)
	l.drawTook = l.cfg.Now().Sub(l.lastDraw)
	if len(b) == 0 {
		l.draw.idle <- struct{}{}
		return
	}
	l.draw.draw(b)
}

// arm sets the timer to the next thing that is due. A frame that must wait for the
// last one to be long enough ago is; one that waits for the terminal is not: then
// the drawer's token wakes the loop.
func (l *memberLoop) arm(timer *time.Timer, now time.Time) {
	at, ok := l.core.Deadline()
	if !ok {
		at = now.Add(time.Hour)
	}
	if until, hold := l.core.HoldUntil(now); hold {
		at = earlier(at, until)
	}
	if !l.readAt.IsZero() {
		at = earlier(at, l.readAt)
	}
	if next := l.nextDraw(now); l.dirty && now.Before(next) {
		at = earlier(at, next)
	}
	if now.Before(l.linesAt) {
		at = earlier(at, l.linesAt)
	}
	if until := l.expiry(); !until.IsZero() {
		at = earlier(at, until)
	}
	timer.Reset(max(at.Sub(now), 0))
}

// suspend stops the process once the frame that is being drawn is out.
func (l *memberLoop) suspend(ctx context.Context) error {
	select {
	case <-l.draw.idle:
	case <-l.draw.gone:
		return nil
	case <-ctx.Done():
		return nil
	}
	defer func() { l.draw.idle <- struct{}{} }()
	if err := l.cfg.Terminal.Suspend(); err != nil {
		return fmt.Errorf("suspend: %w", err)
	}
	l.anew()
	return nil
}

// finish draws the last state and leaves the terminal for the next prompt. A
// terminal that takes nothing for drawGrace is left as it is: its owner resets it.
func (l *memberLoop) finish() {
	late, cancel := context.WithTimeout(context.Background(), drawGrace)
	defer cancel()
	l.notice, l.panel = notice{}, shownPanel{}
	l.questions.refuse()
	l.core.ReleaseScrolled() // nothing that was held is drawn later
	l.linesAt = time.Time{}
	if l.waitDrawn(late) {
		l.show()
		if l.waitDrawn(late) {
			l.draw.draw(l.renderer.End())
		}
	}
	close(l.draw.frames)
	select {
	case <-l.draw.gone:
	case <-late.Done():
	}
	if l.cfg.Stats != nil {
		*l.cfg.Stats = l.core.Stats()
	}
}

// waitDrawn takes the drawer's token and reports whether there was one in time.
func (l *memberLoop) waitDrawn(late context.Context) bool {
	select {
	case <-l.draw.idle:
		return true
	case <-l.draw.gone:
	case <-late.Done():
	}
	return false
}

// A drawer writes frames to the terminal in a goroutine of its own, one at a
// time: a terminal that does not take one makes nobody wait but the next frame.
type drawer struct {
	frames chan []byte
	idle   chan struct{} // one token: nothing is being written
	failed chan error
	gone   chan struct{}
}

func startDrawer(t Terminal) *drawer {
	d := &drawer{
		frames: make(chan []byte, 1),
		idle:   make(chan struct{}, 1),
		failed: make(chan error, 1),
		gone:   make(chan struct{}),
	}
	d.idle <- struct{}{}
	go d.run(t)
	return d
}

func (d *drawer) run(t Terminal) {
	defer close(d.gone)
	for b := range d.frames {
		if _, err := t.Write(b); err != nil {
			d.failed <- err
			return
		}
		d.idle <- struct{}{}
	}
}

// draw writes b, which must not change until the drawer is idle again. The
// caller has taken the token from idle.
func (d *drawer) draw(b []byte) { d.frames <- b }
