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

// event handles what a link did.
func (n *Member) event(ev transport.Event) {
	switch ev := ev.(type) {
	case transport.Up:
		n.up(ev)
	case transport.Got:
		if ev.Link == n.link {
			n.frame(ev)
		}
	case transport.Down:
		if ev.Link == n.link {
			n.down(ev.Err)
		}
	case transport.Room: // inputs are repeated by their author
	}
}

// up says hello over a new link: the proof and the join request leave at once.
func (n *Member) up(ev transport.Up) {
	if !ev.Dialed || n.link != nil || n.state.Over != nil {
		ev.Link.Close(transport.Left, "")
		return
	}
	exporter := ev.Link.Exporter()
	hello, err := n.cfg.Joiner.Hello(exporter[:], ev.Link.Peer(), n.log.Head())
	if err != nil {
		ev.Link.Close(transport.Left, "")
		n.over(err)
		return
	}
	n.link, n.ready, n.counted = ev.Link, false, false
	n.stats.Links++
	n.answerBy = n.cfg.Now().Add(answerTime)
	n.link.Send(transport.Control, kindHello, hello)
}

// frame handles one frame of the host's. A wrong one ends the link, nothing else.
func (n *Member) frame(ev transport.Got) {
	var err error
	switch ev.Kind {
	case kindProof:
		exporter := n.link.Exporter()
		if err = n.cfg.Joiner.CheckProof(exporter[:], n.link.Peer(), ev.Body); err == nil {
			n.link.Trust()
		}
	case kindWelcome:
		err = n.welcome(ev.Body)
	case kindMembership:
		err = n.membership(ev.Body)
	case kindHead:
		err = n.head(ev.Body)
	case kindGossip:
		err = n.gossip(ev.Body)
	default:
		err = errors.New("a frame out of turn")
	}
	if err != nil {
		n.cfg.Log.Info("bad frame", "kind", ev.Kind, "err", err)
		n.link.Close(transport.Violation, "a wrong frame")
		if errors.Is(err, member.ErrRestarted) {
			n.over(err)
		}
	}
}

// welcome takes the host's word that this member is in.
func (n *Member) welcome(body []byte) error {
	w, err := n.cfg.Joiner.CheckWelcome(body)
	if err != nil {
		return err
	}
	n.ready = true
	n.pause = redialFirst
	n.silentAt = n.cfg.Now().Add(silentAfter)
	n.state.Joined, n.state.Lost, n.state.Silent = true, false, false
	n.state.Incarnation = w.Incarnation
	n.state.MayType = w.Role == id.Type
	n.cfg.Log.Info("welcomed", "incarnation", w.Incarnation, "role", w.Role.String(), "addr", n.link.Addr().String())
	n.opened()
	n.tellState()
	return nil
}

// opened counts a link as a way to the host once both the welcome and the keys
// are here, in whatever order they came.
func (n *Member) opened() {
	if _, ok := n.cfg.Joiner.EpochKey(); !ok || !n.ready || n.counted {
		return
	}
	n.counted = true
	n.state.Link++
	for _, c := range n.waiting {
		close(c)
	}
	n.waiting = nil
}

func (n *Member) membership(body []byte) error {
	if _, err := n.cfg.Joiner.ApplyMembership(body); err != nil {
		return err
	}
	n.opened()
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
	if n.state.Silent {
		n.state.Silent = false
		n.tellState()
	}
	return nil
}

// gossip takes a record of the host's log: the next one, or one where the log
// may start anew.
func (n *Member) gossip(body []byte) error {
	r, err := envelope.ParseHost(body)
	if err != nil {
		return err
	}
	if n.cfg.Joiner.Log(r.Epoch) == nil || len(n.early) > 0 {
		return n.keepEarly(body)
	}
	return n.record(r, body)
}

func (n *Member) record(r envelope.Record, body []byte) error {
	head := n.log.Head()
	switch {
	case r.Seq <= head:
		n.stats.Seen++
		return nil
	case r.Seq != head+1 && r.Part != 1, head == 0 && r.Part != 1:
		n.stats.Gaps++
		return fmt.Errorf("record %d after %d", r.Seq, head)
	}
	members := n.cfg.Joiner.Members()
	if !envelope.Verify(n.topic, n.host, members.Host, r) {
		n.stats.Forged++
		return fmt.Errorf("record %d is forged", r.Seq)
	}
	if r.Seq != head+1 && head > 0 {
		n.stats.Jumps++
		n.log.Reset()
	}
	n.log.Append(gossip.Record{Seq: r.Seq, Part: r.Part, Parts: r.Parts, Bytes: body})
	n.stats.Records++
	n.stats.RecordBytes += uint64(len(body))
	if n.ports != nil {
		n.ports.Bell()
	}
	return nil
}

// keepEarly keeps a record until the membership with its key is here: it travels
// on another stream and may come later.
func (n *Member) keepEarly(body []byte) error {
	if n.size += len(body); n.size > earlyMost {
		return errors.New("records without a key")
	}
	n.stats.Early++
	n.early = append(n.early, body)
	return nil
}

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

// down calls the host again, unless it said that there is no use.
func (n *Member) down(err error) {
	n.cfg.Log.Info("link down", "err", err)
	first := !n.state.Joined
	n.link, n.ready = nil, false
	n.early, n.size = nil, 0
	if n.state.Over != nil {
		return
	}
	if final := finally(err); final != nil {
		n.over(final)
		return
	}
	if first {
		n.over(fmt.Errorf("%w: %w", ErrNoAnswer, err))
		return
	}
	if !n.state.Lost {
		n.lostAt = n.cfg.Now()
	}
	n.state.Lost = true
	n.redialLater()
	n.tellState()
}

// finally returns what a link's end means for the session, nil if it is to be
// called again.
func finally(err error) error {
	var c *transport.CloseError
	if !errors.As(err, &c) || !c.Remote {
		return nil
	}
	switch c.Code {
	case transport.Ended, transport.Left:
		return ErrEnded
	case transport.Refused, transport.Full:
		return fmt.Errorf("%w: %s", ErrRefused, c.Reason)
	case transport.Removed:
		return ErrRemoved
	case transport.Replaced:
		return ErrReplaced
	}
	return nil
}
