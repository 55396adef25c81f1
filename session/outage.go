package session

import (
	"time"
	"unicode/utf8"

	"gossterm/internal/envelope"
)

const (
	// heldMost is how many bytes of typing wait while the host is out of reach, as they
	// are in records; what is more is not typed, and that is said.
	heldMost = 64 << 10
	// askAfter is how long an outage must be for its person to be asked whether what is
	// held is still to be typed: the screen that it was typed for is another by now.
	askAfter = 5 * time.Second
)

// An outage is a time without the host, and what was typed in it (PROTOCOL.md §6.1).
//
//	typed      l  s  ⏎  p  w  d        the host is out of reach
//	sent       l  s                    repeated until it is back
//	held             ⏎  p  w  d        from the first key on that acts
type outage struct {
	away   bool
	since  time.Time     // when the host was heard last, while it is out of reach
	lasted time.Duration // how long the last outage was
	asks   bool          // the host is back, and the person is to say what becomes of held

	held      []envelope.InputItem
	heldBytes int // as they are in records
}

// OutOfReach says that the host is not heard, since when.
type OutOfReach struct{ Since time.Time }

// InReach says that the host is heard again.
type InReach struct{}

// Decide is the person's word on what is held: it is sent, or dropped.
type Decide struct{ Send bool }

func (OutOfReach) memberEvent() {}
func (InReach) memberEvent()    {}
func (Decide) memberEvent()     {}

// Outage returns since when the host has not been heard, and reports whether it is
// out of reach.
func (m *MemberCore) Outage() (since time.Time, out bool) { return m.since, m.away }

// Asks reports whether the person is to say what becomes of what is held, and returns
// how long the outage was.
func (m *MemberCore) Asks() (lasted time.Duration, asks bool) { return m.lasted, m.asks && !m.away }

// Held returns how many keys are held: they are in no record until the outage is over.
func (m *MemberCore) Held() int { return keyCount(m.held) }

// UnsettledKeys returns how many keys this person typed whose fate is not known, each
// character of a text as one: sent and not acked, and not sent yet.
func (m *MemberCore) UnsettledKeys() (sent, unsent int) {
	for _, u := range m.unacked {
		sent += u.keys
	}
	return sent, m.Held() + keyCount(m.waiting)
}

func (m *MemberCore) outOfReach(ev OutOfReach) { m.away, m.since = true, ev.Since }

// inReach ends an outage. After a short one what is held is sent at once.
func (m *MemberCore) inReach(now time.Time) {
	if !m.away {
		return
	}
	m.lasted, m.away, m.since = now.Sub(m.since), false, time.Time{}
	switch {
	case len(m.held) == 0:
	case m.lasted >= askAfter:
		m.asks = true
	case !m.asks:
		m.release()
	}
}

// decide does with what is held what its person said. It does nothing unless asked.
func (m *MemberCore) decide(send bool) {
	switch {
	case !m.asks || m.away: // they see no question now
	case send:
		m.release()
	default:
		m.dropHeld()
	}
}

// release has what is held be sent.
func (m *MemberCore) release() {
	m.waiting = append(m.waiting, m.held...)
	m.waitingBytes += m.heldBytes
	m.clearHeld()
}

func (m *MemberCore) clearHeld() { m.held, m.heldBytes, m.asks = nil, 0, false }

// dropHeld throws away what is held, and ends a paste that began before it.
func (m *MemberCore) dropHeld() {
	n := 0
	for _, it := range m.held {
		n += typedBytes(it)
	}
	m.clearHeld()
	m.pasteCut = m.pasting
	if m.pasteOpen() {
		m.queue(envelope.Paste{Last: true})
	}
	m.dropped(n)
}

// pasteOpen reports whether what is sent and waits ends in the middle of a paste.
func (m *MemberCore) pasteOpen() bool {
	for i := len(m.waiting) - 1; i >= 0; i-- {
		if p, ok := m.waiting[i].(envelope.Paste); ok {
			return !p.Last
		}
	}
	return m.pasteSent
}

// hold keeps an item back if it must be, and reports whether it did.
func (m *MemberCore) hold(it envelope.InputItem) bool {
	if len(m.held) == 0 && !(m.away && acts(it)) {
		return false
	}
	m.held = append(m.held, it)
	m.heldBytes += envelope.InputSize(it)
	return true
}

// full reports whether there is no room for so many bytes more of typing.
func (m *MemberCore) full(bytes int) bool {
	most := backlogMost
	if m.away || m.asks {
		most = heldMost
	}
	return m.waitingBytes+m.heldBytes+bytes > most
}

// acts reports whether an item may do more than put text before the cursor: Enter, a
// control key, a paste of more than a line. Tab, backspace and the keys that move the
// cursor do not.
func acts(it envelope.InputItem) bool {
	switch it := it.(type) {
	case envelope.Typed:
		return actsAt(it.Data) < len(it.Data)
	case envelope.Paste:
		return it.First && !it.Last || actsAt(it.Data) < len(it.Data)
	case envelope.Key:
		return keyActs(it)
	}
	return false
}

// actsAt returns where in a text the first character is that acts, or its length.
func actsAt(b []byte) int {
	for i, c := range b {
		if c < ' ' && c != '\t' && c != '\b' {
			return i
		}
	}
	return len(b)
}

// control is the bit of a key's modifiers, counted from 1, that says so.
const control = 4

// keyActs reports whether a key does more than move the cursor or type a character.
func keyActs(k envelope.Key) bool {
	if k.Modifiers > 0 && (k.Modifiers-1)&control != 0 {
		return true
	}
	switch k.Final {
	case 'A', 'B', 'C', 'D', 'F', 'H': // the arrows, End, Home
		return false
	case '~':
		return k.Number > 8 // Home to PageDown have 1 to 8, function keys more
	case 'u':
		return k.Number < ' ' && k.Number != '\t'
	}
	return true
}

// keyCount returns how many keys were pressed for items, each character of a text
// counted as one.
func keyCount(items []envelope.InputItem) int {
	n := 0
	for _, it := range items {
		switch it := it.(type) {
		case envelope.Typed:
			n += utf8.RuneCount(it.Data)
		case envelope.Paste:
			n += utf8.RuneCount(it.Data)
		case envelope.Key:
			n++
		}
	}
	return n
}
