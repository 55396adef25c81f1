package path

import "time"

// relayDoubt is how long a relay may bring nothing from a peer after something was
// sent to it: longer than for a direct path, as the way is.
const relayDoubt = time.Second

// A via says over which relay a peer is heard. While that is unknown or in doubt
// packets go over all that are up; QUIC drops the copies.
type via struct {
	at      int           // of the relays; -1: all
	waiting time.Duration // since when what was sent over it is unanswered
	all     time.Duration // when a packet went over all of them last
	small   bool          // as of a set
}

func newVia() via { return via{at: -1, waiting: none, all: none} }

// route returns over which relay a packet goes, or -1 for all. One packet in a while
// goes over all whatever is heard: a relay can say what it likes in a peer's name.
func (v *via) route(now time.Duration, size int) int {
	v.small = v.waiting == none && size < unanswered
	if v.waiting == none {
		v.waiting = now
	}
	if !v.small && now >= v.waiting+relayDoubt {
		v.at = -1
	}
	if v.at >= 0 && now < v.all+relayDoubt {
		return v.at
	}
	v.all = now
	return -1
}

// heard notes that a relay brought something from the peer. The peer's choice is
// followed: it may know of a dead relay first, and what it sends over another says
// nothing about the one in use here.
func (v *via) heard(i int) { v.at, v.waiting = i, none }

// lost notes that a relay is down, or has not got the peer.
func (v *via) lost(i int) {
	if v.at == i {
		v.at = -1
	}
}
