package path

import (
	"net/netip"
	"slices"
	"time"
)

// A peer that has moved goes on sending from where it is now, before it knows that
// it has moved. Its packets are known by the connection ID that this end gave it, which
// the last of them had that came from where it was known to be: quic-go takes them, as it can
// open them, and the address is checked at once. Meanwhile copies of what is sent to the
// peer go there, too. So what is typed right after a move is there with the first packet,
// and its echo is back with the next.
//
// Who copies such packets, or makes up others with such an ID, gets nothing read that is not the
// peer's, no more checks sent to where he points than the budget has for that peer (§8.2),
// and no more of the rest than three times what he sent himself.

// An ident is a connection ID of ours.
type ident [IDSize]byte

// identOf returns that of a short header packet, which ours has looked at.
func identOf(packet []byte) ident { return ident(packet[1 : 1+IDSize]) }

// know notes by which ID packets come from a peer. The last one counts.
func (c *Conn) know(p *peer, packet []byte) {
	if len(packet) <= IDSize || identOf(packet) == p.ident || !c.marks.ours(packet) {
		return
	}
	c.unknow(p)
	p.ident = identOf(packet)
	c.idents[p.ident] = p
}

// unknow forgets it.
func (c *Conn) unknow(p *peer) {
	if c.idents[p.ident] == p {
		delete(c.idents, p.ident)
	}
}

// strayed returns whose a packet of ours is that came from an address of nobody's, nil
// if nobody's who is trusted, and has the address checked.
func (c *Conn) strayed(now time.Duration, packet []byte, from netip.AddrPort) *Addr {
	p := c.idents[identOf(packet)]
	if p == nil || !slices.ContainsFunc(p.links, func(l *Path) bool { return l.trusted }) || c.own.broadcast(from.Addr()) {
		return nil
	}
	if p.set.stray(now, from, len(packet)) {
		c.alarm()
	}
	return p.label
}
