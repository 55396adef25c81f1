package node

import (
	"context"
	"net/netip"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

// dialTime is how long one call may take.
const dialTime = 8 * time.Second

// A callState says how far a call has come: its link announces itself before or
// after Dial returns.
type callState uint8

const (
	calling   callState = iota
	announced           // Dial is to return
	returned            // the link is to announce itself
)

// called is what became of a call.
type called struct {
	peer id.Peer
	err  error
}

// dial calls a peer in a goroutine of its own. A peer that is being called, or has
// a link that is heard, is not called again, and one that is none of the session not at all.
func (n *overlay) dial(p id.Peer, addrs []netip.AddrPort) {
	if _, is := n.calls[p]; is {
		return
	}
	switch l := n.inUse[p]; {
	case l != nil && !l.shut && !l.quiet:
		n.step(gossip.LinkUp{Peer: p})
		return
	case len(addrs) == 0 && !n.cfg.Relayed || n.cfg.Dial == nil || n.closed || n.role.stranger(p):
		n.step(gossip.LinkDown{Peer: p})
		n.role.unreached(p, &transport.DialError{Peer: p})
		return
	}
	n.calls[p] = calling
	n.counts.dials++
	ctx := n.ctx
	go func() {
		ctx, cancel := context.WithTimeout(ctx, dialTime)
		defer cancel()
		_, err := n.cfg.Dial(ctx, p, addrs)
		n.called <- called{p, err}
	}()
}

// callAnnounced notes that the link of a call has announced itself.
func (n *overlay) callAnnounced(p id.Peer) {
	switch state, is := n.calls[p]; {
	case is && state == returned:
		delete(n.calls, p)
	case is:
		n.calls[p] = announced
	}
}

// afterCall notes how a call ended.
func (n *overlay) afterCall(c called) {
	switch {
	case c.err == nil && n.calls[c.peer] == calling:
		n.calls[c.peer] = returned
		return
	case c.err == nil:
		delete(n.calls, c.peer)
		return
	}
	delete(n.calls, c.peer)
	n.cfg.Log.Info("dial", "peer", c.peer.Tag(), "err", c.err)
	if n.inUse[c.peer] == nil {
		n.step(gossip.LinkDown{Peer: c.peer})
	}
	n.role.unreached(c.peer, c.err)
}

// hangUpCalls waits for the calls that are under way; their context has ended.
func (n *overlay) hangUpCalls() {
	for _, state := range n.calls {
		if state != returned {
			<-n.called
		}
	}
}
