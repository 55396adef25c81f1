package node

import (
	"errors"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// hello checks a joiner's proof and request. The welcome, the membership, a head
// and the log follow at once (PROTOCOL.md §4.3).
func (n *Host) hello(l *link, body []byte) error {
	exporter := l.Exporter()
	hello, proof, err := n.admission.Answer(exporter[:], l.Peer(), body)
	if err != nil {
		n.refuse(l, err)
		return nil
	}
	l.Trust()
	l.Send(transport.Control, transport.Proof, proof[:])
	admitted, err := n.admission.Join(l.Peer(), hello.Sealed)
	if err != nil {
		n.refuse(l, err)
		return nil
	}
	n.joined(l.Peer(), admitted, l.Addr().String())
	l.have = hello.Have
	l.Send(transport.Control, transport.Welcome, admitted.Welcome)
	n.sendMembership(l)
	if n.wire == nil || n.headIsOld() {
		n.beat()
	}
	l.Send(transport.Control, transport.Head, n.wire)
	if n.open(l) {
		n.step(gossip.Serve{Peer: l.Peer(), Have: l.have})
	}
	return nil
}

// joined notes that somebody was let in.
func (n *Host) joined(p id.Peer, a member.Admitted, way string) {
	n.stats.Joins++
	n.cfg.Log.Info("joined", "peer", p.Tag(), "incarnation", a.Row.Incarnation, "role", a.Row.Role.String(), "addr", way)
	n.membershipChanged()
}

// headIsOld reports whether the newest head does not say how far the log is, or
// whom the membership names.
func (n *Host) headIsOld() bool {
	log := n.core.Log()
	return n.headFor != [2]uint64{log.Head(), n.admission.Members().Version}
}

// refuse closes a link with the reason.
func (n *Host) refuse(l *link, err error) {
	n.stats.Refusals++
	n.cfg.Log.Info("refused", "peer", l.Peer().Tag(), "err", err)
	if r, ok := errors.AsType[*member.Refusal](err); ok {
		l.shutDown(transport.Code(r.Code), r.Reason)
		return
	}
	l.shutDown(transport.Violation, "a malformed hello")
}

// asked judges a request that came over others (PROTOCOL.md §7.3).
func (n *Host) asked(a gossip.Asked) {
	p := a.Request.Peer
	if a.Request.Matter == gossip.ToLeave {
		if n.admission.Farewell(p, a.Request.Body) {
			n.cfg.Log.Info("left", "peer", p.Tag())
			n.membershipChanged()
		}
		return
	}
	answer := gossip.Answer{Peer: p}
	before := n.admission.Members().Version
	admitted, here, err := n.admission.JoinOver(p, a.Request.Body)
	if err != nil {
		n.stats.Refusals++
		n.cfg.Log.Info("refused", "peer", p.Tag(), "over", a.From.Tag(), "err", err)
		answer.Code, answer.Body = uint8(transport.Violation), []byte("a malformed request")
		if r, ok := errors.AsType[*member.Refusal](err); ok {
			answer.Code, answer.Body = uint8(r.Code), []byte(r.Reason)
		}
	} else {
		if here {
			n.presence[p] = n.cfg.Now()
		}
		answer.Body = admitted.Welcome
		if n.admission.Members().Version != before {
			n.joined(p, admitted, "over "+a.From.Tag())
		}
	}
	n.send(gossip.Send{To: a.From, Msg: answer})
}

// dropBanned closes the links of those who were removed.
func (n *Host) dropBanned() {
	m := n.admission.Members()
	for _, l := range n.links {
		if !l.shut && m.Banned(l.Peer()) {
			l.let = true
			l.shutDown(transport.Removed, "")
		}
	}
}
