package node

import (
	"errors"

	"gossterm/internal/id"
	"gossterm/internal/transport"
)

// A hostLink is one link as the host's node sees it.
type hostLink struct {
	*transport.Link
	joined      bool // a member's, until it is down or replaced
	shut        bool // closed by us: what still comes on it counts for nothing
	incarnation uint64
	stale       bool // it has not got the newest membership

	next    uint64 // the next record to send; 1 is: from the newest snapshot
	full    bool   // the log queue takes nothing until Room
	through uint64 // last record of the snapshot it began with or jumped to
	since   int    // bytes of the log sent after that snapshot
}

// shutDown closes a link and makes what still comes on it count for nothing.
func (l *hostLink) shutDown(code transport.Code, reason string) {
	l.shut = true
	l.Close(code, reason)
}

// event handles what a link did.
func (n *Host) event(ev transport.Event) {
	switch ev := ev.(type) {
	case transport.Up:
		n.stats.Links++
		n.links = append(n.links, &hostLink{Link: ev.Link})
	case transport.Got:
		if l := n.of(ev.Link); l != nil && !l.shut {
			n.frame(l, ev)
		}
	case transport.Room:
		if l := n.of(ev.Link); l != nil && !l.shut {
			n.room(l, ev.Class)
		}
	case transport.Down:
		n.down(ev.Link, ev.Err)
	}
}

// of returns the link that is not down yet, or nil.
func (n *Host) of(link *transport.Link) *hostLink {
	for _, l := range n.links {
		if l.Link == link {
			return l
		}
	}
	return nil
}

// linkOf returns the link of a member, nil if it has none.
func (n *Host) linkOf(p id.Peer) *hostLink {
	for _, l := range n.links {
		if l.joined && l.Peer() == p {
			return l
		}
	}
	return nil
}

// frame handles one frame. Whatever it holds, the worst that follows is the end
// of the link it came on.
func (n *Host) frame(l *hostLink, ev transport.Got) {
	switch {
	case ev.Kind == transport.Hello && !l.joined:
		n.hello(l, ev.Body)
	case ev.Kind == transport.InputKind && l.joined:
		n.input(l, ev.Body)
	case ev.Kind == transport.Leave && l.joined && len(ev.Body) == 0:
		l.shutDown(transport.Left, "")
	default:
		l.shutDown(transport.Violation, "a frame out of turn")
	}
}

// room goes on with what a full queue has kept back.
func (n *Host) room(l *hostLink, c transport.Class) {
	switch {
	case c == transport.Log:
		l.full = false
		n.pump(l)
	case c == transport.Control && l.stale && l.joined:
		n.sendMembership(l)
	}
}

// down forgets a link. A member whose link it was is away, or has left.
func (n *Host) down(link *transport.Link, err error) {
	l := n.of(link)
	if l == nil {
		return
	}
	kept := n.links[:0]
	for _, o := range n.links {
		if o != l {
			kept = append(kept, o)
		}
	}
	n.links[len(n.links)-1] = nil
	n.links = kept
	n.cfg.Log.Info("link down", "peer", l.Peer().Tag(), "err", err)
	if l.joined {
		if left(err) {
			n.cfg.Admission.Leave(l.Peer())
		} else {
			n.cfg.Admission.Away(n.cfg.Now(), l.Peer())
		}
		n.membershipChanged()
	}
	n.tellAlone()
}

// left reports whether a link ended because the peer leaves for good.
func left(err error) bool {
	c, ok := errors.AsType[*transport.CloseError](err)
	return ok && c.Code == transport.Left
}
