package path

import (
	"errors"
	"net"
	"net/netip"

	"gossterm/internal/id"
	"gossterm/internal/relay"
)

const longHeader = 0x80 // RFC 9000 §17.2

// ReadFrom returns the next QUIC packet and the Addr it is from. It deals with the
// Conn's own packets itself. quic-go alone calls it.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		if p, ok := c.inbox.next(); ok {
			if a := c.fromRelay(p); a != nil {
				return copy(b, p.b), a, nil
			}
			continue
		}
		packet, from, err := c.sock.read()
		switch {
		case errors.Is(err, errKnocked):
			continue
		case err != nil:
			return 0, nil, err
		case len(packet) == 0:
		case packet[0]&notQUIC == 0:
			c.deal(packet, from)
		default:
			if a := c.fromUDP(packet, from); a != nil {
				return copy(b, packet), a, nil
			}
		}
	}
}

// FromRelay takes a packet that a relay brought. It does not keep b.
func (c *Conn) FromRelay(i int, from id.Peer, b []byte) {
	if len(b) == 0 || b[0]&notQUIC == 0 {
		return
	}
	c.inbox.put(i, from, b)
	c.sock.knock()
}

// fromRelay returns whose a relayed packet is.
func (c *Conn) fromRelay(r relayedPacket) *Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.peers[r.from]; p != nil {
		p.via.heard(r.relay)
		p.set.relayed(c.now())
		c.replan(p)
		if p.missing != 0 {
			p.missing = 0
			c.reach(p)
		}
		return p.label
	}
	a := c.relayed[r.from]
	if a == nil {
		if len(c.relayed) >= maxStrangers {
			clear(c.relayed) // their handshakes begin anew, if they are any
		}
		a = relayedAddr(r.from)
		c.relayed[r.from] = a
	}
	return a
}

// fromUDP returns whose a packet from an address is, or nil if nobody's.
func (c *Conn) fromUDP(packet []byte, from netip.AddrPort) *Addr {
	if !c.cfg.Direct {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	p := c.addrs[from]
	if p != nil && packet[0]&longHeader == 0 { // a peer's links send no others
		p.set.heard(now, from)
		c.know(p, packet)
	}
	switch {
	case packet[0]&longHeader != 0:
		// A handshake is somebody's of whom we do not know yet who it is, also where
		// another peer is known to be.
		if d := c.dials[from]; d != nil {
			return d
		}
		return c.strangers.at(now, from)
	case p != nil:
		return p.label
	case c.dials[from] != nil:
		return c.dials[from]
	case c.strangers.known(from) != nil:
		return c.strangers.known(from)
	case c.marks.ours(packet):
		return c.strayed(now, packet, from)
	}
	return c.strangers.at(now, from)
}

// deal deals with a packet that is not QUIC's.
func (c *Conn) deal(packet []byte, from netip.AddrPort) {
	if number, seen, ok := relay.ParseReflectAnswer(packet); ok {
		c.reflection(from, number, seen)
		return
	}
	link, ok := idOf(packet)
	if !ok || !c.cfg.Direct {
		return
	}
	var t todo
	c.mu.Lock()
	if l := c.links[link]; l != nil {
		if p, ok := l.key.read(packet); ok {
			c.probed(l, p, from, &t)
		}
	}
	c.mu.Unlock()
	c.do(&t)
}

// probed deals with an authentic check or answer.
func (c *Conn) probed(l *Path, p probe, from netip.AddrPort, t *todo) {
	now := c.now()
	if !l.trusted || c.own.broadcast(from.Addr()) {
		return
	}
	switch p.kind {
	case kindCheck:
		if c.addrs[from] != l.peer && !c.budget.take(now, &l.peer.share, from.Addr()) {
			return
		}
		t.packets = append(t.packets, outgoing{from, l.key.make(nil, probe{
			kind: kindAnswer, side: l.key.side, number: p.number, seen: from})})
		l.peer.set.seen(now, from)
	case kindAnswer:
		if l.peer.set.answered(now, from, p.number) {
			c.enter(l.peer, from)
			c.note(l.peer)
			if c.own.saw(l.peer.key, p.seen) {
				t.changed = true
			}
		}
	}
	c.replan(l.peer)
}

// RelayChanged says that a relay is up or down now.
func (c *Conn) RelayChanged(i int) {
	up := c.cfg.Relays[i].Up()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.peers {
		if p.missing &^= 1 << i; !up { // what it said before counts no more
			p.via.lost(i)
		}
		c.reach(p)
	}
	c.looks[i].again()
	c.alarm()
}

// reach notes whether a peer can be reached over any relay.
func (c *Conn) reach(p *peer) {
	relay := false
	for i, r := range c.cfg.Relays {
		relay = relay || r.Up() && p.missing&(1<<i) == 0
	}
	p.set.reach(c.now(), relay)
}
