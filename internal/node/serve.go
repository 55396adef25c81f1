package node

import (
	"errors"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// A refusal is why the host does not let a newcomer in, as others say.
type refusal struct {
	code   transport.Code
	reason string
}

// hello lets a link of another member's begin. Whom this one does not know it asks
// the host about (PROTOCOL.md §4.1).
func (n *Member) hello(l *link, body []byte) error {
	exporter := l.Exporter()
	hello, proof, err := n.joiner.Answer(exporter[:], l.Peer(), body)
	if r, refused := errors.AsType[*member.Refusal](err); refused {
		l.shutDown(transport.Code(r.Code), r.Reason)
		return nil
	}
	if err != nil {
		return err
	}
	m := n.joiner.Members()
	switch {
	case n.state.Over != nil || n.closed:
		l.shutDown(transport.Left, "")
		return nil
	case n.cfg.Leaf && l.Peer() != n.host && !isMember(m, l.Peer()):
		l.shutDown(transport.Full, "lets nobody in")
		return nil
	case !n.state.Joined:
		l.shutDown(transport.Full, "not let in itself yet")
		return nil
	case m.Banned(l.Peer()):
		l.shutDown(transport.Removed, "")
		return nil
	case n.strangers() >= waitingMost:
		l.shutDown(transport.Full, "too many at once")
		return nil
	}
	l.Trust()
	l.Send(transport.Control, transport.Proof, proof[:])
	l.have, l.sealed = hello.Have, hello.Sealed
	l.stage, l.answerBy = waiting, n.cfg.Now().Add(answerTime)
	// Who has some of the log was welcomed; who has none may have to be told so.
	if _, is := m.Row(l.Peer()); is && l.have > 0 || l.Peer() == n.host {
		n.admitKnown(l)
		return nil
	}
	n.knockFor(l)
	return nil
}

// isMember reports whether a peer has a row.
func isMember(m *member.Membership, p id.Peer) bool {
	_, is := m.Row(p)
	return is
}

// knockFor asks the host to let in the peer of a link. It is asked again until the
// link is given up: a question may be lost, and so may its answer.
func (n *Member) knockFor(l *link) {
	l.knockAt = n.cfg.Now().Add(knockAgain)
	n.step(gossip.Knock{Request: gossip.Request{Matter: gossip.ToJoin, Peer: l.Peer(), Body: l.sealed}})
}

// knockAgain is the pause between two questions about a newcomer.
const knockAgain = time.Second

// admitKnown makes a link up whose peer is in the membership.
func (n *Member) admitKnown(l *link) {
	if n.open(l) {
		n.replay(l)
	}
}

// answered takes the host's answer to a request that was sent from here.
func (n *Member) answered(a gossip.Answered) {
	p, body := a.Answer.Peer, a.Answer.Body
	if p == n.self {
		if a.Answer.Code == 0 {
			if err := n.welcomed(body); err != nil {
				n.cfg.Log.Info("answer", "err", err)
			}
		}
		return
	}
	l := n.waits(p)
	if l == nil {
		return
	}
	if a.Answer.Code != 0 {
		l.refusal = &refusal{refusalCode(a.Answer.Code), string(body)}
		if a.From == n.host { // from others it is hearsay: a welcome may still come
			l.shutDown(l.refusal.code, l.refusal.reason)
		}
		return
	}
	w, err := member.OpenWelcome(n.host, body)
	if err != nil || w.Key != p || w.Host != n.joiner.Welcome().Host {
		return // it may still come, genuine, by another way
	}
	l.wants = w.Version
	l.Send(transport.Control, transport.Welcome, body)
	n.sendMembership(l)
	if wire := n.head(); wire != nil {
		l.Send(transport.Control, transport.Head, wire)
	}
	if n.open(l) {
		n.step(gossip.Serve{Peer: p, Have: l.have})
		n.replay(l)
	}
}

// input takes a record of another member's log on its way to the host.
func (n *Member) input(l *link, body []byte) error {
	m, err := gossip.ParseMsg(gossip.KindInput, body)
	if err != nil {
		return err
	}
	n.step(gossip.Recv{From: l.Peer(), Msg: m})
	return nil
}

// checkInput judges it by the membership: whose it is, whether he may type, and
// whether he signed it.
func (n *Member) checkInput(c gossip.CheckInput) {
	in := c.Input
	verdict := gossip.Good
	r, err := envelope.ParseInput(in.Bytes)
	m := n.joiner.Members()
	switch {
	case err != nil || r.Author != in.Author || r.Incarnation != in.Incarnation || r.Seq != in.Seq:
		verdict = gossip.Bad
	case r.Author == n.self || m == nil || !m.May(r.Author, r.Incarnation):
		verdict = gossip.Unknown
	case !envelope.Verify(n.sigs.topic, r.Author, r.Incarnation, r):
		verdict = gossip.Bad
	}
	n.step(gossip.InputChecked{From: c.From, Author: in.Author, Incarnation: in.Incarnation, Seq: in.Seq, Verdict: verdict})
}

// refusalCode returns the code of a refusal that came over others: nothing else can
// be said in the host's name.
func refusalCode(code uint8) transport.Code {
	switch c := transport.Code(code); c {
	case transport.Refused, transport.Removed, transport.Replaced, transport.Violation:
		return c
	}
	return transport.Full
}
