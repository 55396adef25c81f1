package path

import (
	"net"
	"net/netip"
	"slices"
	"time"

	"gossterm/internal/id"
)

// WriteTo sends a packet by the ways that are best now. It never fails while the
// Conn is open: what does not arrive is a lost packet, and quic-go would end the
// connection for less.
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	a, ok := to.(*Addr)
	if !ok {
		return len(b), nil
	}
	p := a.at.Load()
	switch {
	case p != nil:
		c.toPeer(p, b)
	case a.Relayed():
		c.overRelays(a.peer, -1, b)
	case c.cfg.Direct:
		c.sock.send(b, a.to)
	}
	select {
	case <-c.done:
		return 0, net.ErrClosed
	default:
	}
	return len(b), nil
}

// toPeer sends a packet to a peer whose handshake is over.
func (c *Conn) toPeer(p *peer, b []byte) {
	c.mu.Lock()
	now := c.now()
	to, relay := p.set.route(now, len(b))
	also := p.set.also(now, len(b))
	at := -1
	if relay {
		at = p.via.route(now, len(b))
	}
	c.replan(p)
	c.mu.Unlock()
	if to.IsValid() {
		c.sent(p, b, c.sock.send(b, to))
	}
	if also.IsValid() {
		c.sock.send(b, also)
	}
	if relay {
		c.overRelays(p.key, at, b)
	}
}

// overRelays sends a packet over one relay, or over all if that is -1 or down.
func (c *Conn) overRelays(to id.Peer, at int, b []byte) {
	if at >= 0 && c.cfg.Relays[at].Send(to, b) {
		return
	}
	for i, r := range c.cfg.Relays {
		if i != at {
			r.Send(to, b)
		}
	}
}

// replan wakes run if a peer needs something earlier than planned.
func (c *Conn) replan(p *peer) {
	at := p.set.next()
	if at == none || c.planned != none && at >= c.planned {
		return
	}
	c.planned = at
	c.alarm()
}

func (c *Conn) alarm() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// send sends checks.
func (c *Conn) send(packets []outgoing) {
	for _, o := range packets {
		c.sock.send(o.b, o.to)
	}
}

// An outgoing is a packet of our own.
type outgoing struct {
	to netip.AddrPort
	b  []byte
}

// run does what time asks for.
func (c *Conn) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-c.wake:
		case <-c.done:
			return
		}
		timer.Reset(c.turn())
	}
}

// turn does what is due and returns how long it is until the next.
func (c *Conn) turn() time.Duration {
	var t todo
	c.mu.Lock()
	now := c.now()
	next := c.lookAround(now, &t)
	for _, p := range c.peers {
		if at := c.peerDue(now, p, &t); at != none {
			next = min(next, at)
		}
	}
	c.strangers.expire(now)
	c.planned = next
	said := c.said
	c.said = nil
	c.mu.Unlock()
	c.do(&t)
	c.log(said)
	return max(next-now, time.Millisecond)
}

// A todo is what a turn found to do, once no lock is held.
type todo struct {
	packets []outgoing
	tries   []stuckPacket
	again   []id.Peer
	changed bool // Own
	moved   bool
}

// peerDue does what is due of one peer and returns when the next is.
func (c *Conn) peerDue(now time.Duration, p *peer, t *todo) time.Duration {
	if p.missing != 0 && now >= p.missingAt+missingTime { // it may have come
		p.missing = 0
		c.reach(p)
	}
	key := p.signer()
	for _, d := range p.set.due(now, nil, random) {
		if d.free || c.budget.take(now, &p.share, d.to.Addr()) {
			t.packets = append(t.packets, outgoing{d.to, key.make(nil, probe{kind: kindCheck, side: key.side, number: d.number})})
		}
	}
	b, next := p.jam.due(now)
	if b != nil {
		t.tries = append(t.tries, stuckPacket{p, b})
	}
	if p.set.again {
		p.set.again = false
		t.again = append(t.again, p.key)
	}
	c.note(p)
	if at := p.set.next(); next == none || at != none && at < next {
		next = at
	}
	return next
}

// log says which ways have changed. It may wait for somebody's disk, so it is run's
// alone, and last.
func (c *Conn) log(said []Info) {
	for _, i := range said {
		at := ""
		if i.Addr.IsValid() {
			at = i.Addr.String()
		}
		c.cfg.Log.Info("path", "peer", i.Peer.Tag(), "via", i.Via.String(), "addr", at, "rtt", i.RTT)
	}
}

// signer returns the key of the newest link whose peer is proved: checks by others
// are not answered.
func (p *peer) signer() *key {
	for _, l := range slices.Backward(p.links) {
		if l.trusted {
			return &l.key
		}
	}
	return &p.links[len(p.links)-1].key
}

// do carries out a todo.
func (c *Conn) do(t *todo) {
	c.send(t.packets)
	for _, s := range t.tries {
		c.try(s.to, s.b)
	}
	if t.moved {
		for _, r := range c.cfg.Relays {
			r.Wake()
		}
	}
	if t.changed && c.cfg.Changed != nil {
		c.cfg.Changed()
	}
	for _, p := range t.again {
		if c.cfg.Again != nil {
			c.cfg.Again(p)
		}
	}
}
