package node

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// heldTime is how long a record waits for the membership with the key of its epoch,
// which travels on another stream and may come later.
const heldTime = 3 * time.Second

// A heldCheck is a record of an epoch whose key is not here yet.
type heldCheck struct {
	gossip.Check
	until time.Time
}

// greeting proves the ticket and asks to be let in.
func (n *Member) greeting(l *link) ([]byte, error) {
	exporter, log := l.Exporter(), n.core.Log()
	return n.joiner.Hello(exporter[:], l.Peer(), log.Head())
}

// proof trusts a peer that holds the ticket. The host will welcome us, again or for
// the first time; other members do if they do not know us.
func (n *Member) proof(l *link, body []byte) error {
	exporter := l.Exporter()
	if err := n.joiner.CheckProof(exporter[:], l.Peer(), body); err != nil {
		return err
	}
	l.Trust()
	if n.state.Over != nil {
		l.let = true
		l.shutDown(transport.Left, "")
		return nil
	}
	if n.joiner.Welcome().Incarnation == 0 || l.Peer() == n.host {
		l.stage, l.answerBy = waiting, n.cfg.Now().Add(answerTime)
		return nil
	}
	n.open(l)
	return nil
}

// welcome takes the host's word that this member is in.
func (n *Member) welcome(l *link, body []byte) error {
	if err := n.welcomed(body); err != nil {
		return n.restarted(l, err)
	}
	if l.stage == waiting {
		l.welcomed = true
		n.opened()
	}
	return nil
}

// welcomed notes who the host says we are.
func (n *Member) welcomed(body []byte) error {
	was := n.joiner.Welcome()
	w, err := n.joiner.CheckWelcome(body)
	if err != nil {
		return err
	}
	n.wants = max(n.wants, w.Version)
	n.state.Incarnation = w.Incarnation
	n.state.MayType = w.Role == id.Type
	if was != w {
		n.cfg.Log.Info("welcomed", "incarnation", w.Incarnation, "role", w.Role.String())
	}
	return nil
}

// restarted ends the session if the host says that it is another one; from others
// it is only a wrong frame.
func (n *Member) restarted(l *link, err error) error {
	if errors.Is(err, member.ErrRestarted) && l.Peer() == n.host {
		n.over(err)
		return nil
	}
	return err
}

// opened makes the links up over which this member was let in, once the membership
// that the welcome promised is here and has its keys.
func (n *Member) opened() {
	m := n.joiner.Members()
	if _, ok := n.joiner.EpochKey(); !ok || m.Version < n.wants || n.state.Over != nil {
		return
	}
	for _, l := range slices.Clone(n.links) {
		if l.stage == waiting && l.welcomed && !l.shut && n.open(l) {
			n.enter(l)
			n.replay(l)
		}
	}
}

// enter joins the overlay over a link: at first through all that the ticket names,
// later through the host when there is nobody else. It counts as a way to the host.
func (n *Member) enter(l *link) {
	first := !n.state.Joined
	n.failed = [2]error{}
	n.state.Joined, n.state.Silent, n.state.Lost = true, false, false
	n.silentAt = n.cfg.Now().Add(silentAfter)
	n.state.Link++
	for _, c := range n.contacts {
		if !c.Peer.IsZero() && (first || c.Peer == l.Peer() && len(n.core.Active()) == 0) {
			n.step(gossip.Enter{Contact: c})
		}
	}
	n.settle()
	n.tellState()
}

// control takes what the host has signed, from whoever passes it on.
func (n *Member) control(l *link, kind byte, body []byte) error {
	switch {
	case kind == transport.Membership:
		return n.applyMembership(l, body)
	case kind == transport.Head:
		return n.applyHead(l, body)
	case len(body) > 0:
		return errTurn
	}
	return nil // Leave is for the host; the end of the link says it to us
}

func (n *Member) applyMembership(l *link, body []byte) error {
	changed, err := n.joiner.ApplyMembership(body)
	switch {
	case errors.Is(err, member.ErrEpochKey) && l.Peer() != n.host:
		n.cfg.Log.Warn("membership", "err", err) // who passes it on cannot know
		return nil
	case err != nil:
		return n.restarted(l, err)
	case !changed:
		return nil
	}
	m := n.joiner.Members()
	n.step(gossip.Members{From: l.Peer(), Version: m.Version})
	n.publish() // an epoch's key may have come
	n.opened()
	n.tellState()
	n.checkHeld()
	n.seatLinks(m)
	return nil
}

// seatLinks tells links what they wait for, lets in whom the host has let in, and
// ends the links of those it removed.
func (n *Member) seatLinks(m *member.Membership) {
	for _, l := range slices.Clone(n.links) {
		_, is := m.Row(l.Peer())
		switch {
		case l.shut:
		case m.Banned(l.Peer()):
			l.let = true
			l.shutDown(transport.Removed, "")
		case l.stage == up && l.wants > l.version && m.Version >= l.wants:
			n.sendMembership(l)
		case l.stage == waiting && !l.dialed && is && l.have > 0:
			n.admitKnown(l)
		case l.stage == waiting && !l.dialed && is:
			n.knockFor(l) // its answer was lost, or is slower
		}
	}
}

func (n *Member) applyHead(l *link, body []byte) error {
	head, newer, err := n.joiner.ApplyHead(body)
	switch {
	case err != nil:
		return err
	case !newer: // but it says how fresh what this neighbor hears is
		n.step(gossip.Head{From: l.Peer(), Beat: min(binary.BigEndian.Uint64(body), head.Beat)})
		return nil
	}
	n.stats.Heads++
	n.silentAt = n.cfg.Now().Add(silentAfter)
	n.step(gossip.Head{From: l.Peer(), Beat: head.Beat, Through: head.Seq, Version: head.Version})
	if n.state.Silent && l.stage == up {
		n.state.Silent = false
		n.tellState()
		n.reparented()
	}
	return nil
}

// reparented counts another way to the host, if there is no link to it.
func (n *Member) reparented() {
	if l := n.inUse[n.host]; n.state.Joined && !n.core.Parent().IsZero() && (l == nil || l.quiet) {
		n.state.Link++
		n.tellState()
	}
}

// check judges a record of the host's log. One that came over the host's own link
// and opens is used at once and its signature checked beside the loop; any other is
// checked first.
func (n *Member) check(c gossip.Check) {
	r, err := envelope.ParseHost(c.Rec.Bytes)
	if err != nil || r.Seq != c.Rec.Seq || r.Part != c.Rec.Part || r.Parts != c.Rec.Parts {
		n.verdict(c, gossip.Bad)
		return
	}
	log := n.joiner.Log(r.Epoch)
	switch {
	case log != nil && c.From == n.host:
		n.verdict(c, n.checkOwn(c, log, r))
	case !envelope.Verify(n.sigs.topic, n.host, n.joiner.Welcome().Host, r):
		n.verdict(c, gossip.Bad)
	case log == nil:
		n.hold(c, r.Epoch)
	default:
		n.verdict(c, gossip.Good)
	}
}

// hold keeps a genuine record of an epoch that is to come; one that is over is of no
// use any more.
func (n *Member) hold(c gossip.Check, epoch uint32) {
	if m := n.joiner.Members(); m != nil && epoch <= m.Epoch {
		n.verdict(c, gossip.Unknown)
		return
	}
	n.stats.Early++
	n.held = append(n.held, heldCheck{c, n.cfg.Now().Add(heldTime)})
}

// checkOwn judges a record that came over the host's own link.
func (n *Member) checkOwn(c gossip.Check, log *envelope.Log, r envelope.Record) gossip.Verdict {
	l := n.inUse[n.host]
	if _, err := log.Open(r); err != nil || l == nil {
		return gossip.Bad
	}
	k := check{l.Link, n.host, n.joiner.Welcome().Host, r}
	queued, good := n.sigs.later(k)
	switch {
	case queued:
		n.unsure[r.Seq] = k
	case !good:
		return gossip.Bad
	}
	return gossip.Good
}

func (n *Member) verdict(c gossip.Check, v gossip.Verdict) {
	if v == gossip.Good {
		n.stats.RecordBytes += uint64(len(c.Rec.Bytes))
	}
	n.step(gossip.Checked{From: c.From, Seq: c.Rec.Seq, Verdict: v})
}

// checkHeld judges what waited for a membership.
func (n *Member) checkHeld() {
	held := n.held
	n.held = nil
	for _, h := range held {
		before := len(n.held)
		if n.check(h.Check); len(n.held) > before { // it waits on, not anew
			n.held[before].until = h.until
			n.stats.Early--
		}
	}
}

// heldUntil returns when the first of what is held is given up.
func (n *Member) heldUntil() time.Time {
	if len(n.held) == 0 {
		return time.Time{}
	}
	return n.held[0].until
}

// heldDue gives up what waited for too long.
func (n *Member) heldDue(now time.Time) {
	for len(n.held) > 0 && !now.Before(n.held[0].until) {
		c := n.held[0].Check
		n.held = n.held[1:]
		n.verdict(c, gossip.Unknown)
	}
}

// badSignature ends the link to a host that signs wrong.
func (n *Member) badSignature(t *transport.Link) {
	if l := n.of(t); l != nil && !l.shut {
		n.stats.Forged++
		l.fault = fmt.Errorf("%w: a bad signature", errForged)
		l.shutDown(transport.Violation, "a forged record")
	}
}
