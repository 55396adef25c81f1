package node

import (
	"errors"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/transport"
)

// inputsPerSecond is how many records a member may send over its own link (PROTOCOL.md
// §7.3): 1 MiB, if they are full.
const inputsPerSecond = 1024

// input checks a record of a member's log that came over its own link, cheapest
// first, and gives it to the session; one of another member's goes through gossip.
// What is dropped here is repeated by its author if it was in order.
//
// Its signature is checked beside the loop: it came over its author's own link, and
// it opens with a key that nobody but its author and the host has.
func (n *Host) input(l *link, body []byte) error {
	m, err := gossip.ParseMsg(gossip.KindInput, body)
	if err != nil {
		n.stats.Malformed++
		return err
	}
	in := m.(gossip.Input)
	switch {
	case in.Author != l.Peer():
		n.step(gossip.Recv{From: l.Peer(), Msg: m})
		return nil
	case !l.inputs.Take(n.cfg.Now(), 1, inputsPerSecond):
		n.stats.OverCredit++
		return nil
	}
	r, err := envelope.ParseInput(in.Bytes)
	switch {
	case err != nil:
		n.stats.Malformed++
		return err
	case !n.admit(r):
		return nil
	}
	if queued, good := n.sigs.later(check{l.Link, r.Author, r.Incarnation, r}); !queued && !good {
		n.forged(l)
	}
	return nil
}

// admit gives a record to the session if its author may type and it opens, and
// reports whether it opened.
func (n *Host) admit(r envelope.Record) bool {
	a := n.admission
	if !a.May(r.Author, r.Incarnation) {
		n.drop(&n.stats.MayNot, "may not type", r)
		return false
	}
	plain, err := a.InputOf(r.Author).Open(r)
	switch {
	case errors.Is(err, envelope.ErrOther):
		n.drop(&n.stats.Unopened, "of another epoch", r)
		return false
	case err != nil:
		if l := n.inUse[r.Author]; l != nil { // it is signed, or came over its own link
			n.forged(l)
		}
		return false
	case n.ports == nil || !n.ports.Input(r.Author, r.Incarnation, r.Seq, plain):
		n.drop(&n.stats.InputsFull, "inbox full", r)
		return true
	}
	n.stats.Inputs++
	return true
}

// checkInput judges a record that came over somebody else's link: its signature
// first, as nothing else says whose it is.
func (n *Host) checkInput(c gossip.CheckInput) {
	in := c.Input
	verdict := gossip.Good
	r, err := envelope.ParseInput(in.Bytes)
	switch {
	case err != nil || r.Author != in.Author || r.Incarnation != in.Incarnation || r.Seq != in.Seq:
		n.stats.Malformed++
		verdict = gossip.Bad
	case !n.admission.May(r.Author, r.Incarnation):
		n.drop(&n.stats.MayNot, "may not type", r)
		verdict = gossip.Unknown
	case !envelope.Verify(n.sigs.topic, r.Author, r.Incarnation, r):
		n.stats.Forged++
		verdict = gossip.Bad
	default:
		n.stats.Relayed++
		n.admit(r)
	}
	n.step(gossip.InputChecked{From: c.From, Author: in.Author, Incarnation: in.Incarnation, Seq: in.Seq, Verdict: verdict})
}

// forged ends a link whose peer seals or signs wrong.
func (n *Host) forged(l *link) {
	n.stats.Forged++
	n.cfg.Log.Info("forged input", "peer", l.Peer().Tag())
	l.fault = errForged
	l.shutDown(transport.Violation, "a forged input")
}

// badSignature ends the link of a member who signs wrong.
func (n *Host) badSignature(t *transport.Link) {
	if l := n.of(t); l != nil && !l.shut {
		n.forged(l)
	}
}

// drop counts an input that is not given to the session.
func (n *Host) drop(count *uint64, why string, r envelope.Record) {
	*count++
	n.cfg.Log.Debug("input dropped", "why", why, "peer", r.Author.Tag(), "incarnation", r.Incarnation, "seq", r.Seq)
}
