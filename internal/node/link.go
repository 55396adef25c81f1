package node

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

const (
	// answerTime is how long a link may wait to be let in.
	answerTime = 5 * time.Second
	// earlyMost and earlyFrames bound what is kept of what came over a link before
	// it is up, strangerMost that of a peer that asks to be let in.
	earlyMost    = 1 << 20
	strangerMost = 64 << 10
	earlyFrames  = 1024
	// waitingMost is how many peers may wait to be let in by this one.
	waitingMost = 32
)

// errTurn reports a frame that may not come now.
var errTurn = errors.New("a frame out of turn")

// A stage says how far a link has come.
type stage uint8

const (
	fresh   stage = iota // accepted: its Hello is to come
	greeted              // dialled: our Hello is under way
	waiting              // proved; one end is not let in yet
	up                   // both ends are members: gossip uses it
)

// A link is one connection as a node sees it.
type link struct {
	*transport.Link
	dialed bool
	stage  stage
	shut   bool  // closed by us: what still comes on it counts for nothing
	let    bool  // because neither end needs it: that says nothing of the peer
	left   bool  // its peer leaves for good
	fault  error // why, if its peer broke the protocol

	welcomed bool            // over it came a welcome; the membership with our keys is to follow
	answerBy time.Time       // when it is given up, while it waits
	early    []transport.Got // what came before it was up
	earlyOf  int             // their bytes
	have     uint64          // what the peer had of the log at its Hello

	version uint64    // of the membership that was sent last
	sealed  []byte    // the join request of a peer that waits to be let in by us
	knockAt time.Time // when the host is asked about it again
	refusal *refusal  // what others say that the host answered

	wants uint64 // a welcome that went over it promised this one
	stale bool   // the newest did not fit into its queue

	heard time.Time // when anything came from the peer
	sent  time.Time // when anything went to it
	count [3]uint64 // frames and packets in, frames out, at the last look
	quiet bool      // suspect: nothing heard for suspectAfter
	out   outbox

	askedAt time.Time     // when it asked for a history last
	inputs  gossip.Bucket // credit for the peer's own inputs
}

// shutDown closes a link and makes what still comes on it count for nothing.
func (l *link) shutDown(code transport.Code, reason string) {
	l.shut = true
	l.Close(code, reason)
}

// event handles what a link did.
func (n *overlay) event(ev transport.Event) {
	switch ev := ev.(type) {
	case transport.Up:
		n.begin(ev)
	case transport.Got:
		if l := n.of(ev.Link); l != nil && !l.shut {
			n.got(l, ev)
		}
	case transport.Room:
		if l := n.of(ev.Link); l != nil && !l.shut {
			n.room(l, ev.Class)
		}
	case transport.Moved:
		n.role.moved()
		n.step(gossip.Reached{Addrs: ev.Addrs})
	case transport.Down:
		if l := n.of(ev.Link); l != nil {
			n.down(l, ev.Err)
		}
	}
}

// of returns the link that is not down yet, or nil.
func (n *overlay) of(t *transport.Link) *link {
	if l := n.inUse[t.Peer()]; l != nil && l.Link == t {
		return l
	}
	for _, l := range n.links {
		if l.Link == t {
			return l
		}
	}
	return nil
}

// begin greets over a link that was dialled, and waits for the greeting of one that
// was accepted: what comes first is the proof of a ticket.
func (n *overlay) begin(ev transport.Up) {
	n.counts.links++
	now := n.cfg.Now()
	l := &link{Link: ev.Link, dialed: ev.Dialed, heard: now, sent: now}
	n.links = append(n.links, l)
	if !l.dialed {
		return
	}
	n.callAnnounced(l.Peer())
	hello, err := n.role.greeting(l)
	if err != nil {
		n.cfg.Log.Warn("greeting", "err", err)
		l.shutDown(transport.Left, "")
		return
	}
	l.stage, l.answerBy = greeted, now.Add(answerTime)
	l.Send(transport.Control, transport.Hello, hello)
}

// got handles one frame. Whatever it holds, the worst that follows is the end of
// the link it came on.
func (n *overlay) got(l *link, ev transport.Got) {
	n.hear(l)
	if err := n.take(l, ev); err != nil {
		n.cfg.Log.Info("bad frame", "peer", l.Peer().Tag(), "kind", ev.Kind, "err", err)
		l.fault = err
		l.shutDown(transport.Violation, "a wrong frame")
	}
}

// take handles a frame by the stage of its link.
func (n *overlay) take(l *link, ev transport.Got) error {
	switch {
	case l.stage == up:
		return n.frame(l, ev)
	case l.stage == fresh && ev.Kind == transport.Hello:
		return n.role.hello(l, ev.Body)
	case l.stage == greeted && ev.Kind == transport.Proof:
		return n.role.proof(l, ev.Body)
	case l.stage == waiting && l.dialed && ev.Kind == transport.Welcome:
		return n.role.welcome(l, ev.Body)
	case l.stage == waiting && l.welcomed && (ev.Kind == transport.Membership || ev.Kind == transport.Head):
		return n.role.control(l, ev.Kind, ev.Body)
	case l.stage == waiting && l.mayBeEarly(ev):
		n.counts.early++
		return l.keepEarly(ev)
	}
	return errTurn
}

// mayBeEarly reports whether a frame may come before its link is up: the peer may
// think that it is, or it overtook the welcome on another stream.
func (l *link) mayBeEarly(ev transport.Got) bool {
	return ev.Kind != transport.Hello && ev.Kind != transport.Proof && ev.Kind != transport.Welcome &&
		(!l.dialed || l.welcomed || ev.Class == transport.Log)
}

func (l *link) keepEarly(ev transport.Got) error {
	l.earlyOf += len(ev.Body)
	most := earlyMost
	if !l.dialed {
		most = strangerMost
	}
	if l.earlyOf > most || len(l.early) >= earlyFrames {
		return fmt.Errorf("%d frames, %d bytes before the welcome", len(l.early)+1, l.earlyOf)
	}
	l.early = append(l.early, ev)
	return nil
}

// frame handles a frame of a link that is up.
func (n *overlay) frame(l *link, ev transport.Got) error {
	switch ev.Kind {
	case transport.Hello, transport.Proof:
		return errTurn
	case transport.Welcome:
		return n.role.welcome(l, ev.Body)
	case transport.Membership, transport.Head, transport.Leave:
		return n.role.control(l, ev.Kind, ev.Body)
	case transport.Probe:
		if len(ev.Body) > 0 {
			return errTurn
		}
		return nil
	case transport.InputKind:
		return n.role.input(l, ev.Body)
	case transport.History:
		return n.history(l, ev.Body)
	}
	m, err := gossip.ParseMsg(gossip.Kind(ev.Kind), ev.Body)
	if err != nil {
		return err
	}
	n.step(gossip.Recv{From: l.Peer(), Msg: m})
	return nil
}

// open makes a link one that gossip uses, unless another of its peer stays.
func (n *overlay) open(l *link) bool {
	old := n.inUse[l.Peer()]
	if old != nil && n.stays(old, l) {
		l.let = true
		l.shutDown(transport.Replaced, "")
		return false
	}
	if old != nil {
		old.let = true
		old.shutDown(transport.Replaced, "")
	}
	l.stage = up
	n.inUse[l.Peer()] = l
	n.step(gossip.LinkUp{Peer: l.Peer()})
	n.role.linked(l)
	return true
}

// replay handles what came over a link before it was up.
func (n *overlay) replay(l *link) {
	early := l.early
	l.early, l.earlyOf = nil, 0
	for _, ev := range early {
		if !l.shut {
			n.got(l, ev)
		}
	}
}

// stays reports whether the older of two links to a peer is kept (PROTOCOL.md §3).
// Both ends decide alike, whichever link each of them saw first.
func (n *overlay) stays(old, l *link) bool {
	if old.shut || old.quiet || old.dialed == l.dialed {
		return false
	}
	lower := n.self.Compare(l.Peer()) < 0
	return old.dialed == lower
}

// answersDue gives up links that were not let in in time.
func (n *overlay) answersDue(now time.Time) {
	for _, l := range n.links {
		if l.stage != greeted && l.stage != waiting || l.shut || now.Before(l.answerBy) {
			continue
		}
		switch {
		case l.refusal != nil:
			l.shutDown(l.refusal.code, l.refusal.reason)
		case l.stage == waiting && !l.dialed:
			l.shutDown(transport.Full, "no welcome")
		default:
			l.shutDown(transport.Late, "no welcome")
		}
	}
}

// room goes on with what a full queue has kept back.
func (n *overlay) room(l *link, c transport.Class) {
	switch {
	case c == transport.Log:
		l.out.full = false
		n.flush(l)
	case c == transport.Control && l.stale && l.stage == up:
		n.sendMembership(l)
	}
}

// down forgets a link. What its end says of its peer depends on who ended it.
func (n *overlay) down(l *link, err error) {
	n.links = slices.DeleteFunc(n.links, func(o *link) bool { return o == l })
	n.cfg.Log.Info("link down", "peer", l.Peer().Tag(), "err", err)
	p, inUse := l.Peer(), n.inUse[l.Peer()] == l
	if inUse {
		delete(n.inUse, p)
	}
	switch {
	case n.inUse[p] != nil: // another link of the peer goes on
	case l.let:
	case codeIs(err, transport.Idle), codeIs(err, transport.Replaced):
		n.step(gossip.LinkDone{Peer: p})
	case inUse && codeIs(err, transport.Left): // what it said before may be lost
		n.step(gossip.Recv{From: p, Msg: gossip.Disconnect{Reason: gossip.Left}})
		n.step(gossip.LinkDown{Peer: p})
	default:
		n.step(gossip.LinkDown{Peer: p})
	}
	n.role.parted(l, err)
}

// codeIs reports whether a link was closed with a code by the other end.
func codeIs(err error, code transport.Code) bool {
	c, ok := errors.AsType[*transport.CloseError](err)
	return ok && c.Remote && c.Code == code
}

// closeLink lets go of a link that gossip has no use for, unless somebody has.
func (n *overlay) closeLink(a gossip.CloseLink) {
	l := n.inUse[a.Peer]
	if l == nil || l.shut {
		return
	}
	switch a.Reason {
	case gossip.Idle:
		if n.role.needs(l) {
			n.step(gossip.LinkUp{Peer: a.Peer})
			n.step(gossip.Keep{Peer: a.Peer, Need: true})
			return
		}
		l.let = true
		l.shutDown(transport.Idle, "")
	case gossip.Left: // who leaves stays until it is let go
		l.left = true
		l.shutDown(transport.Idle, "")
	case gossip.Full:
		l.let = true
		l.shutDown(transport.Full, "too many links")
	default:
		l.fault = errForged
		l.shutDown(transport.Violation, "a forged record")
	}
}

// errForged reports a peer that passed on what is not genuine.
var errForged = errors.New("a forged record")

// peers returns how many links are up.
func (n *overlay) peers() int { return len(n.inUse) }

// usable returns how many links are up and not suspect.
func (n *overlay) usable() (c int) {
	for _, l := range n.links {
		if l.stage == up && !l.shut && !l.quiet {
			c++
		}
	}
	return c
}

// strangers returns how many peers wait to be let in by us.
func (n *overlay) strangers() (c int) {
	for _, l := range n.links {
		if l.stage == waiting && !l.dialed && !l.shut {
			c++
		}
	}
	return c
}

// waits returns the link of a peer that waits to be let in by us, or nil.
func (n *overlay) waits(p id.Peer) *link {
	for _, l := range n.links {
		if l.stage == waiting && !l.dialed && !l.shut && l.Peer() == p {
			return l
		}
	}
	return nil
}
