package node

import (
	"errors"

	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// hello checks a joiner's proof and request. The welcome, the membership, a head
// and the log follow at once.
func (n *Host) hello(l *hostLink, body []byte) {
	exporter := l.Exporter()
	hello, proof, err := n.cfg.Admission.Answer(exporter[:], l.Peer(), body)
	if err != nil {
		n.refuse(l, err)
		return
	}
	l.Trust()
	l.Send(transport.Control, kindProof, proof[:])
	admitted, err := n.cfg.Admission.Join(l.Peer(), hello.Sealed)
	if err != nil {
		n.refuse(l, err)
		return
	}
	if old := n.linkOf(l.Peer()); old != nil {
		old.joined = false
		old.Close(transport.Replaced, "")
	}
	n.stats.Joins++
	n.cfg.Log.Info("joined", "peer", l.Peer().Tag(), "incarnation", admitted.Row.Incarnation, "role", admitted.Row.Role.String(), "addr", l.Addr().String())
	l.joined = true
	l.incarnation = admitted.Row.Incarnation
	l.next = 1
	if hello.Have > 0 && hello.Have <= n.log.Head() {
		l.next = hello.Have + 1
	}
	l.Send(transport.Control, kindWelcome, admitted.Welcome)
	n.membershipChanged()
	n.pump(l)
}

// refuse closes a link with the reason.
func (n *Host) refuse(l *hostLink, err error) {
	n.stats.Refusals++
	n.cfg.Log.Info("refused", "peer", l.Peer().Tag(), "err", err)
	var r *member.Refusal
	if errors.As(err, &r) {
		l.Close(transport.Code(r.Code), r.Reason)
		return
	}
	l.Close(transport.Violation, "a malformed hello")
}

// left reports whether a link ended because the peer leaves for good.
func left(err error) bool {
	var c *transport.CloseError
	return errors.As(err, &c) && c.Code == transport.Left
}
