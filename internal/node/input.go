package node

import (
	"errors"

	"gossterm/internal/envelope"
	"gossterm/internal/transport"
)

// input checks a record of a member's log, cheapest first, and gives it to the
// session. What is dropped here is repeated by its author if it was in order.
//
// Its signature is checked beside the loop: it came over its author's own link, and
// it opens with a key that nobody but its author and the host has.
func (n *Host) input(l *hostLink, body []byte) {
	r, err := envelope.ParseInput(body)
	a := n.cfg.Admission
	switch {
	case err != nil:
		n.stats.Malformed++
		l.shutDown(transport.Violation, "a malformed input")
		return
	case r.Author != l.Peer() || r.Incarnation != l.incarnation:
		n.drop(&n.stats.Foreign, "foreign", r)
		return
	case !a.May(r.Author, r.Incarnation):
		n.drop(&n.stats.MayNot, "may not type", r)
		return
	}
	plain, err := a.InputOf(r.Author).Open(r)
	switch {
	case errors.Is(err, envelope.ErrOther):
		n.drop(&n.stats.Unopened, "of another epoch", r)
		return
	case err != nil:
		n.forged(l)
		return
	case n.ports == nil || !n.ports.Input(r.Author, r.Incarnation, r.Seq, plain):
		n.drop(&n.stats.InputsFull, "inbox full", r)
		return
	}
	n.stats.Inputs++
	if !n.check.later(check{l.Link, r.Author, r.Incarnation, r}) {
		n.forged(l)
	}
}

// forged ends a link whose peer seals or signs wrong.
func (n *Host) forged(l *hostLink) {
	n.stats.Forged++
	n.cfg.Log.Info("forged input", "peer", l.Peer().Tag())
	l.shutDown(transport.Violation, "a forged input")
}

// drop counts an input that is not given to the session.
func (n *Host) drop(count *uint64, why string, r envelope.Record) {
	*count++
	n.cfg.Log.Debug("input dropped", "why", why, "peer", r.Author.Tag(), "incarnation", r.Incarnation, "seq", r.Seq)
}
