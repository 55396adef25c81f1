package sim

import (
	"time"

	"gossterm/gossip"
)

// A link may carry one way and not the other. What goes the open way arrives, but its
// sender hears no acks: it sends what its window allows and then, as QUIC does, one
// packet after ever longer pauses (RFC 9002, section 6.2.4).
const (
	// blindMost is how many bytes go out without any ack: 32 packets, the window that
	// QUIC begins with and falls back to.
	blindMost = 32 * 1200
	// tryFirst and tryMost bound the pauses between packets after that.
	tryFirst = 200 * time.Millisecond
	tryMost  = time.Minute
	// frameCost is what a frame costs beside its bytes.
	frameCost = 40
)

// blocked reports whether nothing of what goes out here gets to the other end.
func (e *end) blocked() bool {
	return e.l.net.blocked(e.n.place, e.other.n.place) || e.l.net.s.queue.now.Before(e.clog)
}

// unheard reports whether what goes out here arrives, and no ack comes back.
func (e *end) unheard() bool { return !e.blocked() && e.other.blocked() }

// stuck reports whether a frame must wait here for a better way.
func (e *end) stuck() bool { return e.blocked() || e.other.blocked() && e.blind >= blindMost }

// trickle has a sender without acks be heard now and then, for as long as it is one.
func (e *end) trickle() {
	if !e.unheard() {
		if !e.other.blocked() {
			e.blind = 0
		}
		return
	}
	if !e.trying && !e.closed {
		e.trying = true
		e.tryIn(tryFirst)
	}
}

func (e *end) tryIn(d time.Duration) {
	e.l.net.s.queue.after(d, func() {
		if e.closed || e.n.dead || !e.unheard() {
			e.trying = false
			return
		}
		e.l.net.s.counts.tries++
		if !e.l.net.s.queue.now.Before(e.n.paused) {
			e.carry(parcel{frame: probe{}, class: control})
		}
		e.tryIn(min(2*d, tryMost))
	})
}

// sizeOf returns about how many bytes a frame has.
func sizeOf(f frame) int {
	switch f := f.(type) {
	case gossip.Gossip:
		return frameCost + len(f.Rec.Bytes)
	case gossip.Input:
		return frameCost + len(f.Bytes)
	case *membership:
		return frameCost * (1 + len(f.rows))
	}
	return frameCost
}
