package relay

import (
	"net"
	"net/netip"
	"slices"
	"time"
)

// A place is one connection's at the gate, from its first packet to its end. All but
// gate, from and since is guarded by the gate's lock.
type place struct {
	gate  *gate
	from  netip.Prefix
	since time.Time

	late       *time.Timer // ends a connection that does not register; nil until that can be done
	registered bool
	gone       bool // gave its place up before it was registered
	left       bool
}

// endAfter has end called when the connection has not registered in so long, or has to
// give way before.
func (p *place) endAfter(within time.Duration, end func()) {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	switch {
	case p.left:
		return
	case p.gone:
		within = 0
	}
	p.late = time.AfterFunc(within, end)
}

// giveWay ends the connection, now or as soon as that can be done.
func (p *place) giveWay() {
	p.gone = true
	if p.late != nil {
		p.late.Reset(0)
	}
}

// register makes an unregistered connection a client, or fails.
func (p *place) register() error {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.sources[p.from]
	switch {
	case p.left:
		return net.ErrClosed
	case p.gone:
		return errWaiting
	case g.clients >= g.maxClients:
		g.refused++
		return errClients
	case n.clients >= g.maxSource:
		g.refused++
		return errSource
	}
	p.registered = true
	p.stopTimer()
	p.stopWaiting()
	n.waiting--
	g.clients++
	n.clients++
	return nil
}

// leave frees the place, once.
func (p *place) leave() {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.left {
		return
	}
	p.left = true
	p.stopTimer()
	n := g.sources[p.from]
	switch {
	case p.registered:
		g.clients--
		n.clients--
	case p.gone:
		g.leaving--
		n.waiting--
	default:
		p.stopWaiting()
		n.waiting--
	}
	if *n == (sourceCount{}) {
		delete(g.sources, p.from)
	}
}

func (p *place) stopTimer() {
	if p.late != nil {
		p.late.Stop()
	}
}

// stopWaiting takes the place out of those of the unregistered.
func (p *place) stopWaiting() {
	if i := slices.Index(p.gate.waiting, p); i >= 0 {
		p.gate.waiting = slices.Delete(p.gate.waiting, i, i+1)
	}
}
