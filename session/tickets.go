package session

import (
	"slices"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// ticketsFor is how long tickets stay, unless a key comes first: long enough to
// copy one with the mouse.
const ticketsFor = 30 * time.Second

// tooSmall is said where tickets have no room.
const tooSmall = "this terminal is too small to show a ticket"

// tooSmallToAsk is said where a question has no room.
const tooSmallToAsk = "somebody asks to join: this terminal is too small to show it"

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

// overlay returns what is shown over the last rows now, and whether the question is
// in it: the tickets, the question, below them the notice, without what there is no
// room for. The question goes before all else.
func (l *memberLoop) overlay() (o screen.Overlay, asks bool) {
	question, notice := l.questions.lines(), l.noticeText()
	both := slices.Concat(l.tickets.lines, question)
	for _, o := range []screen.Overlay{{Lines: both, Notice: notice}, {Lines: both}, {Lines: question, Notice: notice}, {Lines: question}} {
		if len(o.Lines) == 0 && len(both) > 0 {
			break
		}
		if o.Writer = l.core.MayType(); l.renderer.Fits(o) {
			return o, len(question) > 0
		}
	}
	switch { // the lines are not shown
	case len(question) > 0:
		notice = tooSmallToAsk
	case notice == "": // the terminal got smaller since
		notice = tooSmall
	}
	return screen.Overlay{Notice: notice, Writer: l.core.MayType()}, false
}

// expire takes away what has been shown long enough, and reports whether there was
// anything.
func (l *memberLoop) expire(now time.Time) bool {
	gone := l.notice.expired(now)
	if due(now, l.tickets.until) {
		l.tickets, gone = tickets{}, true
	}
	return l.questionsDue(now) || gone
}

// expiry returns when something next is shown long enough; zero if nothing is.
func (l *memberLoop) expiry() time.Time {
	at := l.notice.until
	for _, t := range []time.Time{l.tickets.until, l.questions.due()} {
		if !t.IsZero() {
			at = earlier(at, t)
		}
	}
	return at
}
