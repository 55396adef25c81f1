package path

import (
	"net/netip"
	"slices"
	"time"

	"gossterm/internal/id"
)

// A Kind says which way packets to a peer take.
type Kind uint8

// The kinds of paths.
const (
	Unknown Kind = iota
	LAN          // straight, on one of this machine's own networks
	Direct       // straight
	Relayed      // over a relay
)

// String returns the kind as people read it.
func (k Kind) String() string {
	return [...]string{"unknown", "lan", "direct", "relay"}[k]
}

// An Info is what is known of the way to a peer.
type Info struct {
	Peer id.Peer
	Via  Kind
	Addr netip.AddrPort // of a direct path
	RTT  time.Duration  // of the last check; 0 if there was none
}

// maxSaid is how many changes wait to be logged.
const maxSaid = 64

// A Path is one link's part in the ways to its peer.
type Path struct {
	c    *Conn
	peer *peer
	key  key

	trusted bool // its peer has proved that it may be here
}

// Trust says that the peer may be here. Before that its checks are not answered, nor
// is believed what it says: a stranger could make us send wherever it likes.
func (l *Path) Trust() {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	l.trusted = true
}

// Offer says where the peer may be reached, by its own word.
func (l *Path) Offer(addrs []netip.AddrPort) {
	c := l.c
	c.mu.Lock()
	defer c.mu.Unlock()
	l.peer.set.offer(c.now(), slices.DeleteFunc(slices.Clone(addrs), func(a netip.AddrPort) bool { return c.own.broadcast(a.Addr()) }))
	c.alarm()
}

// Unreached reports whether the peer has never answered at an address that it offers,
// although it was asked there and was heard by a straight path behind that. It is found out
// when it is asked for, and forgotten when this end moves.
func (l *Path) Unreached(at netip.AddrPort) bool {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	return l.peer.set.unreached(at)
}

// Info returns the way packets take now.
func (l *Path) Info() Info {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	return l.c.info(l.peer)
}

// info returns the way packets to a peer take now.
func (c *Conn) info(p *peer) Info {
	i := Info{Peer: p.key}
	switch s := p.set; {
	case s.best >= 0:
		b := &s.cands[s.best]
		i.Via, i.Addr, i.RTT = Direct, b.addr, b.rtt
		if c.own.near(b.addr.Addr()) {
			i.Via = LAN
		}
	case s.relay:
		i.Via = Relayed
	}
	return i
}

// note says that the way to a peer has changed, or how long it is.
func (c *Conn) note(p *peer) {
	i := c.info(p)
	if i.Via == p.said.Via && i.Addr == p.said.Addr && (i.RTT == 0 || p.said.RTT != 0) {
		return
	}
	p.said = i
	if len(c.said) < maxSaid {
		c.said = append(c.said, i)
		c.alarm()
	}
}

// Close forgets the link; with the last one, the peer.
func (l *Path) Close() {
	c := l.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.links[l.key.id] != l {
		return
	}
	delete(c.links, l.key.id)
	p := l.peer
	for i, o := range p.links {
		if o == l {
			p.links = append(p.links[:i], p.links[i+1:]...)
			break
		}
	}
	if len(p.links) > 0 {
		return
	}
	c.own.forget(p.key)
	c.unknow(p)
	delete(c.peers, p.key) // its Addrs still work: quic-go has last words
	for _, a := range p.addrs {
		c.leave(p, a)
	}
}
