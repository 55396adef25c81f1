package session

import (
	"time"

	"gossterm/internal/envelope"
)

const (
	// backlogFull is how much typing waits for a place. A terminal that brings more
	// is not read until there is room, as long as the host goes on taking some.
	backlogFull = 4 << 20
	// stallAfter is how long after the host took something last the terminal is read
	// nevertheless, and what is too much dropped: behind it may be a ^C, or the keys
	// that leave.
	stallAfter = 2 * time.Second
	// backlogMost bounds the backlog; pasteRoom of it is kept for the end of a paste.
	backlogMost = backlogFull + 64<<10
	pasteRoom   = 4 << 10
	// burstGap is the silence that ends a burst of typing. What comes in one burst
	// with typing that an interrupt of somebody else threw away is a part of it: it
	// was only not read yet. A person types with longer gaps, a held key repeats
	// about every 30 ms.
	burstGap = 100 * time.Millisecond
)

// A backlog is what was typed and is in no record yet.
type backlog struct {
	waiting      []envelope.InputItem
	waitingBytes int // as they are in records

	pasting   bool // the terminal is in the middle of a paste
	pasteCut  bool // whose rest is thrown away
	pasteSent bool // a record holds the beginning of a paste whose end is in none

	movedAt time.Time // when the host took something last
	keysAt  time.Time // when something was typed last
	burst   bool      // what is typed now belongs to what was thrown away

	outage
}

// HoldUntil returns until when the terminal must not be read, and reports whether
// it must not be read now.
func (m *MemberCore) HoldUntil(now time.Time) (time.Time, bool) {
	until := m.movedAt.Add(stallAfter)
	return until, m.waitingBytes >= backlogFull && now.Before(until)
}

// keys takes what was typed. An interrupt throws away what was typed before it
// and not sent yet: nobody who presses ^C wants the rest of the paste typed.
func (m *MemberCore) keys(now time.Time, items []envelope.InputItem) {
	if m.incarnation != 0 && !m.mayType {
		return
	}
	stale := m.burst && now.Sub(m.keysAt) < burstGap
	m.burst, m.keysAt = stale, now
	for _, it := range items {
		switch it := it.(type) {
		case envelope.Typed:
			for _, piece := range splitTyped(it.Data) {
				if stale && !isInterruptKey(piece) {
					m.dropped(typedBytes(piece))
					continue
				}
				m.queueTyped(piece)
			}
		case envelope.Paste:
			m.queuePaste(it)
		case envelope.Mouse:
			if !m.away { // what was clicked on is another screen by then
				m.queue(it)
			}
		default:
			m.queue(it)
		}
	}
}

// queueTyped queues a text, of which only what comes before the first key that acts is
// sent while the host is out of reach.
func (m *MemberCore) queueTyped(it envelope.InputItem) {
	t := it.(envelope.Typed)
	if at := actsAt(t.Data); m.away && at > 0 && at < len(t.Data) {
		m.queue(envelope.Typed{Data: t.Data[:at]})
		it = envelope.Typed{Data: t.Data[at:]}
	}
	m.queue(it)
}

// queue puts one item behind what waits to be sent. An interrupt takes the
// place of all that waits; what is too much is dropped and reported.
func (m *MemberCore) queue(it envelope.InputItem) {
	switch {
	case isInterruptKey(it):
		m.dropBacklog()
	case m.full(envelope.InputSize(it)) && !isPasteEnd(it):
		m.dropped(typedBytes(it))
		return
	}
	if m.hold(it) {
		return
	}
	m.waiting = append(m.waiting, it)
	m.waitingBytes += envelope.InputSize(it)
}

// isPasteEnd reports whether an item ends a paste and is nothing else. There is always
// room for that.
func isPasteEnd(it envelope.InputItem) bool {
	p, ok := it.(envelope.Paste)
	return ok && p.Last && !p.First && len(p.Data) == 0
}

// queuePaste queues a piece of a paste, unless the paste was cut.
func (m *MemberCore) queuePaste(p envelope.Paste) {
	if p.First {
		m.pasteCut = false
	}
	m.pasting = !p.Last
	if m.pasteCut {
		m.pasteCut = !p.Last
		m.dropped(len(p.Data))
		return
	}
	if m.full(len(p.Data) + pasteRoom) {
		m.pasteCut = !p.Last
		m.dropped(len(p.Data))
		p = envelope.Paste{First: p.First, Last: true}
	}
	for _, piece := range splitPaste(p) {
		m.queue(piece)
	}
}

// dropBacklog throws away what was not sent. A paste whose beginning was sent is
// ended, and one that still comes from the terminal is cut.
func (m *MemberCore) dropBacklog() {
	n := m.unsent()
	m.waiting, m.waitingBytes = nil, 0
	m.clearHeld()
	m.pasteCut = m.pasting
	if m.pasteSent {
		m.queue(envelope.Paste{Last: true})
	}
	m.dropped(n)
}

// dropped reports n bytes that will not be sent.
func (m *MemberCore) dropped(n int) {
	if n > 0 {
		m.stats.DroppedBytes += uint64(n)
		m.do(Dropped{Bytes: n})
	}
}

// unsent returns how many bytes of typing are in no record yet.
func (m *MemberCore) unsent() int {
	n := 0
	for _, items := range [][]envelope.InputItem{m.waiting, m.held} {
		for _, it := range items {
			n += typedBytes(it)
		}
	}
	return n
}

// cutShort throws away what was not sent, and what the terminal still brings of
// it, after somebody else's interrupt.
func (m *MemberCore) cutShort(now time.Time) {
	m.dropBacklog()
	m.do(CutShort{})
	m.burst = now.Sub(m.keysAt) < burstGap
}
