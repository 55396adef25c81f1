package session

import (
	"fmt"
	"time"

	"gossterm/internal/envelope"
)

// decideKeys are the keys that say what becomes of what was held.
const decideKeys = "sd"

// awayMinutes is from when on the length of an outage is said in minutes.
const awayMinutes = 2 * time.Minute

// reach tells the core whether the host is within reach, and says when it is back.
func (l *memberLoop) reach(s MemberState) {
	now := l.cfg.Now()
	since, was := l.core.Outage()
	is := s.Lost || s.Silent
	switch {
	case is && !was:
		if since = s.Since; since.IsZero() {
			since = now
		}
		l.untake()
		l.step(OutOfReach{since})
	case was && !is:
		l.step(InReach{})
		l.say("the host is back after " + awayFor(now.Sub(since)))
	default:
		return
	}
	l.dirty = true
}

// awayText returns what is on the last row while the host is out of reach.
func (l *memberLoop) awayText(now time.Time) string {
	since, out := l.core.Outage()
	if !out {
		return ""
	}
	text := "disconnected " + awayFor(now.Sub(since))
	sent, unsent := l.core.UnsettledKeys()
	switch n := sent + unsent; {
	case !l.core.MayType():
	case n == 0:
		text += ", keys are held"
	default:
		text += ", " + keysText(n) + " held"
	}
	if l.cfg.PanBy != "" {
		text += "; " + l.cfg.PanBy + ". leaves"
	}
	return text
}

// awayDue returns when that text is another, zero if there is none.
func (l *memberLoop) awayDue() time.Time {
	since, out := l.core.Outage()
	if !out {
		return time.Time{}
	}
	return since.Add(l.awayShown + time.Second)
}

// awayTick notes that a second of the outage is over, and reports whether one is.
func (l *memberLoop) awayTick(now time.Time) bool {
	if !due(now, l.awayDue()) {
		return false
	}
	since, _ := l.core.Outage()
	l.awayShown = now.Sub(since).Truncate(time.Second)
	return true
}

// decideLines asks what becomes of what was held, if that is to be asked.
func (l *memberLoop) decideLines() []string {
	away, asks := l.core.Asks()
	if !asks {
		return nil
	}
	return []string{fmt.Sprintf("%s held for %s, with Enter or a control key:  s send  d drop", keysText(l.core.Held()), awayFor(away))}
}

// decided carries out what the person said.
func (l *memberLoop) decided(key byte) {
	keys := l.core.Held()
	l.step(Decide{Send: key == 's'})
	if key == 's' {
		l.say(keysText(keys) + " sent")
	}
	l.dirty = true
}

// noteHeld has the count of what is held be shown anew.
func (l *memberLoop) noteHeld() {
	_, out := l.core.Outage()
	_, asks := l.core.Asks()
	l.dirty = l.dirty || out || asks
}

// answers takes what was typed and reports whether it is an answer, perhaps, and not
// for the shell. A key held so far goes to the shell before it.
func (l *memberLoop) answers(items []envelope.InputItem) bool {
	if !isTyping(items) {
		return false
	}
	l.untake()
	keys := answerKeys
	if _, asks := l.core.Asks(); asks {
		keys = decideKeys
	}
	return l.prompt.take(l.cfg.Now(), items, keys)
}

// untake types the key that is held, as it is no answer.
func (l *memberLoop) untake() {
	if key := l.prompt.untake(); key != 0 {
		l.step(Keys{[]envelope.InputItem{envelope.Typed{Data: []byte{key}}}})
	}
}

// promptDue answers by the key that nothing has followed, and reports whether one did.
func (l *memberLoop) promptDue(now time.Time) bool {
	key := l.prompt.answer(now)
	if key == 0 {
		return false
	}
	switch _, asks := l.core.Asks(); {
	case asks:
		l.decided(key)
	case len(l.questions.waiting) > 0:
		l.answer(key)
	default: // what it was the answer to has gone
		l.step(Keys{[]envelope.InputItem{envelope.Typed{Data: []byte{key}}}})
	}
	return true
}

// awayFor says how long an outage is.
func awayFor(d time.Duration) string {
	d = max(d, 0)
	if d >= awayMinutes {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

func keysText(n int) string {
	if n == 1 {
		return "1 key"
	}
	return fmt.Sprintf("%d keys", n)
}
