package path

import (
	"bytes"
	"slices"
	"time"
)

// An end that has no address or no way for a moment cannot send. What does not leave then is
// kept and leaves with the first packet that can: QUIC would repeat it only after a round
// trip more, or when its probe timer has run out, which doubles with each probe.
const (
	// maxStuck is how many packets to a peer are kept, the newest: as many as QUIC sends
	// at once to begin with (RFC 9002 §7.2 has ten, quic-go 32).
	maxStuck = 32
	// While packets are stuck, one of them is tried again after a fiftieth of the time
	// that this lasts: a move is noticed soon, and a night offline costs little.
	stuckShare = 50
	stuckFirst = 20 * time.Millisecond
	stuckLast  = time.Second
	// stuckMost is how long packets are kept: as long as quic-go keeps a connection that
	// hears nothing (internal/transport). What leaves later still shows that this end has
	// a way again.
	stuckMost = 2 * time.Minute
)

// A jam is the packets to a peer that did not leave.
type jam struct {
	packets [][]byte      // oldest first
	since   time.Duration // none: they leave
	again   time.Duration // when one is tried again
}

// A stuckPacket is one to be tried again.
type stuckPacket struct {
	to *peer
	b  []byte
}

// add keeps a packet that did not leave.
func (j *jam) add(now time.Duration, b []byte) {
	if j.since == none {
		j.since, j.again = now, now+stuckFirst
	}
	if len(j.packets) == maxStuck {
		j.packets = slices.Delete(j.packets, 0, 1)
	}
	j.packets = append(j.packets, bytes.Clone(b))
}

// due takes out the packet to be tried again, nil if none is yet, and returns when the
// next is; none: never.
func (j *jam) due(now time.Duration) (b []byte, next time.Duration) {
	if now >= j.since+stuckMost {
		j.packets = nil
	}
	if j.since == none || len(j.packets) == 0 {
		return nil, none
	}
	if now >= j.again {
		b, j.packets = j.packets[0], j.packets[1:]
		j.again = now + min(max((now-j.since)/stuckShare, stuckFirst), stuckLast)
	}
	return b, j.again
}

// back puts back what was taken out and did not leave, if there still is place for it. It
// reports false if others have left meanwhile.
func (j *jam) back(b []byte) bool {
	if j.since != none && len(j.packets) < maxStuck {
		j.packets = slices.Insert(j.packets, 0, b)
	}
	return j.since != none
}

// end returns what is to leave now.
func (j *jam) end() [][]byte {
	all := j.packets
	*j = jam{since: none}
	return all
}

// sent notes what became of a packet to a peer.
func (c *Conn) sent(p *peer, b []byte, f fate) {
	switch {
	case f == gone && p.stuck.Load():
		c.unstuck(p)
	case f == stuck:
		c.mu.Lock()
		defer c.mu.Unlock()
		p.stuck.Store(true)
		p.jam.add(c.now(), b)
		c.alarm()
	}
}

// unstuck begins anew with a peer to whom packets leave again: this end may be elsewhere
// now, and the peer takes nothing from there before it was checked.
func (c *Conn) unstuck(p *peer) {
	c.mu.Lock()
	if p.jam.since == none { // another packet was first
		c.mu.Unlock()
		return
	}
	now := c.now()
	p.stuck.Store(false)
	to, all := p.set.toward(), p.jam.end()
	c.looked = now - interfacePoll
	p.set.moved(now)
	c.alarm()
	c.mu.Unlock()
	for _, b := range all {
		c.sock.send(b, to)
	}
}

// try sends again what is stuck, and looks whether it leaves.
func (c *Conn) try(p *peer, b []byte) {
	c.mu.Lock()
	to := p.set.toward()
	c.mu.Unlock()
	if c.sock.send(b, to) == gone {
		c.unstuck(p)
		return
	}
	c.mu.Lock()
	again := !p.jam.back(b)
	to = p.set.toward()
	c.mu.Unlock()
	if again {
		c.sock.send(b, to)
	}
}
