package node

import (
	"errors"
	"fmt"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// earlyMost is how many bytes of the log are kept that came before the membership
// with the key that opens them.
const earlyMost = 1 << 20

// errTurn reports a frame that may not come now.
var errTurn = errors.New("a frame out of turn")

// event handles what a link did. What an older link says counts for nothing.
func (n *Member) event(ev transport.Event) {
	switch ev := ev.(type) {
	case transport.Up:
		n.up(ev)
	case transport.Got:
		if ev.Link == n.link && !n.shut {
			n.frame(ev)
		}
	case transport.Down:
		if ev.Link == n.link {
			n.down(ev.Err)
		}
	case transport.Room: // inputs are repeated by their author
	}
}

// frame handles one frame of the host's. A wrong one ends the link, nothing else.
func (n *Member) frame(ev transport.Got) {
	err := n.take(ev)
	switch {
	case err == nil:
	case errors.Is(err, member.ErrRestarted):
		n.over(err)
	default:
		n.cfg.Log.Info("bad frame", "kind", ev.Kind, "err", err)
		n.fault = err
		n.hangUp(transport.Violation, "a wrong frame")
	}
}

// take handles the frames in the only order there is on a control stream: Proof,
// Welcome, then Membership and Head. The log's stream begins after Proof.
func (n *Member) take(ev transport.Got) error {
	switch {
	case ev.Kind == transport.Proof && n.stage == greeted:
		return n.proof(ev.Body)
	case ev.Kind == transport.Welcome && n.stage == proved:
		return n.welcome(ev.Body)
	case ev.Kind == transport.Membership && n.stage >= welcomed:
		return n.membership(ev.Body)
	case ev.Kind == transport.Head && n.stage >= welcomed:
		return n.head(ev.Body)
	case ev.Kind == transport.Gossip && n.stage >= proved:
		return n.gossip(ev.Body)
	}
	return errTurn
}

// proof trusts a host that holds the ticket.
func (n *Member) proof(body []byte) error {
	exporter := n.link.Exporter()
	if err := n.cfg.Joiner.CheckProof(exporter[:], n.link.Peer(), body); err != nil {
		return err
	}
	n.stage = proved
	n.link.Trust()
	return nil
}

// welcome takes the host's word that this member is in.
func (n *Member) welcome(body []byte) error {
	w, err := n.cfg.Joiner.CheckWelcome(body)
	if err != nil {
		return err
	}
	n.stage, n.wants = welcomed, w.Version
	n.state.Incarnation = w.Incarnation
	n.state.MayType = w.Role == id.Type
	n.cfg.Log.Info("welcomed", "incarnation", w.Incarnation, "role", w.Role.String(), "addr", n.link.Addr().String())
	return n.opened()
}

// opened counts a link as a way to the host, once the membership that the welcome
// promised is here and has this member's keys.
func (n *Member) opened() error {
	m := n.cfg.Joiner.Members()
	if _, ok := n.cfg.Joiner.EpochKey(); !ok || n.stage != welcomed || m.Version < n.wants {
		return nil
	}
	n.stage = open
	n.openedAt = n.cfg.Now()
	n.silentAt = n.openedAt.Add(silentAfter)
	n.state.Joined, n.state.Lost, n.state.Silent = true, false, false
	n.state.Link++
	n.settle()
	n.tellState()
	return n.takeEarly()
}

func (n *Member) membership(body []byte) error {
	changed, err := n.cfg.Joiner.ApplyMembership(body)
	if err != nil || !changed {
		return err
	}
	if n.stage != open {
		return n.opened()
	}
	n.publish() // an epoch's key may have come
	n.tellState()
	return n.takeEarly()
}

func (n *Member) head(body []byte) error {
	_, newer, err := n.cfg.Joiner.ApplyHead(body)
	if err != nil || !newer {
		return err
	}
	n.stats.Heads++
	n.silentAt = n.cfg.Now().Add(silentAfter)
	if n.state.Silent && n.stage == open {
		n.state.Silent = false
		n.tellState()
	}
	return nil
}

// gossip takes a record of the host's log, or keeps it until the membership with
// its key is here: that travels on another stream and may come later.
func (n *Member) gossip(body []byte) error {
	if n.stage == open && len(n.early) == 0 {
		r, err := envelope.ParseHost(body)
		if err != nil {
			return err
		}
		if n.cfg.Joiner.Log(r.Epoch) != nil {
			return n.record(r, body)
		}
	}
	if n.size += len(body); n.size > earlyMost {
		return fmt.Errorf("%d bytes of records without a key", n.size)
	}
	n.stats.Early++
	n.early = append(n.early, body)
	return nil
}

// takeEarly takes the records that waited for a key.
func (n *Member) takeEarly() error {
	early := n.early
	n.early, n.size = nil, 0
	for _, body := range early {
		if err := n.gossip(body); err != nil {
			return err
		}
	}
	return nil
}

// record takes the next record of the log, or one where the log may start anew.
// Its signature is checked beside the loop: it came over the host's own link.
func (n *Member) record(r envelope.Record, body []byte) error {
	head := n.log.Head()
	follows := head > 0 && r.Seq == head+1
	switch {
	case r.Seq <= head:
		n.stats.Seen++
		return nil
	case !follows && r.Part != 1:
		n.stats.Gaps++
		return fmt.Errorf("record %d after %d", r.Seq, head)
	}
	if _, err := n.cfg.Joiner.Log(r.Epoch).Open(r); err != nil {
		n.stats.Forged++
		return fmt.Errorf("record %d is forged: %w", r.Seq, err)
	}
	if !follows && head > 0 {
		n.stats.Jumps++
		n.log.Reset()
	}
	n.log.Append(gossip.Record{Seq: r.Seq, Part: r.Part, Parts: r.Parts, Bytes: body})
	n.stats.Records++
	n.stats.RecordBytes += uint64(len(body))
	n.publish()
	if n.ports != nil {
		n.ports.Bell()
	}
	if !n.check.later(check{n.link, n.host, n.cfg.Joiner.Members().Host, r}) {
		n.badSignature()
	}
	return nil
}

// badSignature ends the link to a host that signs wrong.
func (n *Member) badSignature() {
	n.stats.Forged++
	n.fault = errors.New("a record with a bad signature")
	n.hangUp(transport.Violation, "a forged record")
}

// publish makes the log as it is now what the session reads.
func (n *Member) publish() {
	v := &view{log: n.log}
	if m := n.cfg.Joiner.Members(); m != nil {
		v.keys = [2]*envelope.Log{n.cfg.Joiner.Log(m.Epoch), n.cfg.Joiner.Log(m.Epoch - 1)}
	}
	n.view.Store(v)
}
