package node

import (
	"errors"

	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// hello checks a joiner's proof and request. The welcome, the membership, a head
// and the log follow at once (PROTOCOL.md §4.3).
func (n *Host) hello(l *hostLink, body []byte) {
	exporter := l.Exporter()
	hello, proof, err := n.cfg.Admission.Answer(exporter[:], l.Peer(), body)
	if err != nil {
		n.refuse(l, err)
		return
	}
	l.Trust()
	l.Send(transport.Control, transport.Proof, proof[:])
	admitted, err := n.cfg.Admission.Join(l.Peer(), hello.Sealed)
	if err != nil {
		n.refuse(l, err)
		return
	}
	n.replace(l.Peer())
	n.stats.Joins++
	n.cfg.Log.Info("joined", "peer", l.Peer().Tag(), "incarnation", admitted.Row.Incarnation, "role", admitted.Row.Role.String(), "addr", l.Addr().String())
	l.joined = true
	l.incarnation = admitted.Row.Incarnation
	l.next = 1
	if hello.Have > 0 && hello.Have <= n.log.Head() {
		l.next = hello.Have + 1
	}
	l.Send(transport.Control, transport.Welcome, admitted.Welcome)
	n.membershipChanged()
	n.sendMembership(l)
	l.Send(transport.Control, transport.Head, n.cfg.Admission.Head(n.log.Head(), n.log.Start()))
	n.pump(l)
}

// replace closes the link that a member has, as it has a newer one. It is no
// member's link from now on, so its end says nothing of the member.
func (n *Host) replace(p id.Peer) {
	if old := n.linkOf(p); old != nil {
		old.joined = false
		old.shutDown(transport.Replaced, "")
	}
}

// refuse closes a link with the reason.
func (n *Host) refuse(l *hostLink, err error) {
	n.stats.Refusals++
	n.cfg.Log.Info("refused", "peer", l.Peer().Tag(), "err", err)
	if r, ok := errors.AsType[*member.Refusal](err); ok {
		l.shutDown(transport.Code(r.Code), r.Reason)
		return
	}
	l.shutDown(transport.Violation, "a malformed hello")
}
