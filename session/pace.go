package session

import (
	"bytes"
	"time"
)

const (
	// lineRate is how many lines a second are taken from a shell that floods. Nobody
	// can see more, the models, the links and the terminals of all would be busy with
	// them, and a key of whoever wants to stop it would wait behind that. It is what a
	// bare connection carries of short lines (some 6 MB/s of seq's).
	lineRate = 1_000_000
	// restLeast is the shortest rest: a timer is not exact below some 1 ms.
	restLeast = 2 * time.Millisecond
	// restMost is the longest.
	restMost = time.Second
	// restless is how long after an interrupt there is no rest: what the program had
	// printed before it is to be taken at once.
	restless = 100 * time.Millisecond
)

// A pace has the shell's reader rest when it brings more than lineRate lines a second.
// It belongs to that goroutine.
type pace struct {
	lines arrears
	free  time.Time // until when there is no rest
}

// rest returns how long to rest after taking b at now.
func (p *pace) rest(now time.Time, b []byte) time.Duration {
	if now.Before(p.free) {
		return 0
	}
	p.lines.add(now, bytes.Count(b, []byte{'\n'}), lineRate, restMost)
	if d := p.lines.left(now); d >= restLeast {
		return d
	}
	return 0
}

// hurried forgets all rest for a while.
func (p *pace) hurried(now time.Time) { p.lines, p.free = arrears{}, now.Add(restless) }

// rest lets some time pass, or somebody interrupt the flood. It runs in the shell's
// reading goroutine.
func (l *hostLoop) rest(b []byte) {
	select {
	case <-l.hurry:
		l.pace.hurried(l.cfg.Now())
		return
	default:
	}
	d := l.pace.rest(l.cfg.Now(), b)
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.hurry:
		l.pace.hurried(l.cfg.Now())
	case <-l.gone:
	}
}

// hurryOn ends the rest, if there is one.
func (l *hostLoop) hurryOn() {
	select {
	case l.hurry <- struct{}{}:
	default: // it is about to
	}
}
