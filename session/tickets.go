package session

import (
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// ticketsFor is how long tickets stay, unless a key comes first: long enough to
// copy one with the mouse.
const ticketsFor = 30 * time.Second

// tooSmall is said where tickets have no room.
const tooSmall = "this terminal is too small to show a ticket"

// tickets are what a person asked to see, over the last rows of this terminal alone.
// They are in no model: what they hide is drawn again from it.
type tickets struct {
	lines []string
	until time.Time
}

// showTickets shows the tickets, or says that there is no room for them.
func (l *memberLoop) showTickets() {
	if l.cfg.Tickets == nil {
		return
	}
	lines := l.cfg.Tickets()
	if !l.renderer.Fits(screen.Overlay{Lines: lines}) {
		l.say(tooSmall)
		return
	}
	l.tickets = tickets{lines: lines, until: l.cfg.Now().Add(ticketsFor)}
	l.dirty = true
}

// hideTickets takes the tickets away.
func (l *memberLoop) hideTickets() {
	l.dirty = l.dirty || l.tickets.lines != nil
	l.tickets = tickets{}
}

// typedOver takes the tickets away if a key came. The mouse is what copies them, and
// the focus leaves this terminal when they are pasted elsewhere: these leave them.
func (l *memberLoop) typedOver(items []envelope.InputItem) {
	for _, it := range items {
		switch it.(type) {
		case envelope.Mouse, envelope.Focus:
		default:
			l.hideTickets()
			return
		}
	}
}

// overlay returns what is shown over the last rows now: the tickets, below them the
// notice if there is room for both.
func (l *memberLoop) overlay() screen.Overlay {
	o := screen.Overlay{Notice: l.noticeText(), Lines: l.tickets.lines, Writer: l.core.MayType()}
	if l.renderer.Fits(o) {
		return o
	}
	alone := o
	alone.Notice = ""
	if l.renderer.Fits(alone) {
		return alone
	}
	if o.Notice == "" { // the terminal got smaller since
		o.Notice = tooSmall
	}
	return o // of which the lines are not shown
}

// expire takes away what has been shown long enough, and reports whether there was
// anything.
func (l *memberLoop) expire(now time.Time) bool {
	gone := l.notice.expired(now)
	if due(now, l.tickets.until) {
		l.tickets, gone = tickets{}, true
	}
	return gone
}

// expiry returns when something next is shown long enough; zero if nothing is.
func (l *memberLoop) expiry() time.Time {
	if l.tickets.until.IsZero() {
		return l.notice.until
	}
	return earlier(l.notice.until, l.tickets.until)
}
