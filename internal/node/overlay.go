package node

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

// A role is what differs between the host and a member. All of it runs in the
// node's loop.
type role interface {
	// greeting returns the Hello for a link that was dialled.
	greeting(l *link) ([]byte, error)
	// hello judges the Hello of a link that was accepted.
	hello(l *link, body []byte) error
	// proof judges the answer to ours.
	proof(l *link, body []byte) error
	// welcome takes the host's word over a link that waits for it.
	welcome(l *link, body []byte) error
	// control handles what the host has signed, and farewells.
	control(l *link, kind byte, body []byte) error
	// input takes a record of a member's log.
	input(l *link, body []byte) error

	// needs reports whether a link is of use although it is no neighbor's.
	needs(l *link) bool
	// linked says that a link is up; parted that it is not any more, err saying why;
	// suspected that it is silent or heard again.
	linked(l *link)
	parted(l *link, err error)
	suspected(l *link)
	// stranger reports whether a peer is certainly none of the session: nobody calls it.
	stranger(p id.Peer) bool
	// unreached says that a dial failed.
	unreached(p id.Peer, err error)

	check(c gossip.Check)
	checkInput(c gossip.CheckInput)
	asked(q gossip.Asked)
	answered(a gossip.Answered)
	reparented()
	// slept says that this process was stopped for d.
	slept(d time.Duration)
	// woke says that the machine slept, or that its clock was set.
	woke(now time.Time)
	// moved says that the addresses of this machine may be others.
	moved()
	// historyWanted asks for a history, historyCame takes one.
	historyWanted(seq uint64)
	historyCame(h envelope.History, wire []byte) error
	// badSignature says that a record which came over a link and was used at once
	// is signed wrong.
	badSignature(l *transport.Link)
	// grew says that there is more to read.
	grew()

	head() []byte                 // the newest, signed
	membership() ([]byte, uint64) // the same, and its version
	keys() [2]*envelope.Log       // of this epoch and the one before
	due(now time.Time)
	deadline() time.Time
}

// OverlayConfig is what the nodes of host and members need alike.
type OverlayConfig struct {
	Secret id.Secret
	Events <-chan transport.Event
	// Dial makes a link. If nil, nobody is called.
	Dial func(ctx context.Context, p id.Peer, addrs []netip.AddrPort) (*transport.Link, error)
	// Relayed says that Dial reaches peers without an address, too.
	Relayed bool
	// Addrs are where others may reach this peer.
	Addrs []netip.AddrPort
	// Leaf is a peer that carries nothing for others.
	Leaf bool
	// Degree is the target size of the active view. If zero, gossip's.
	Degree int
	// MaxPeers is the size of the active view that is never exceeded. If zero, gossip's.
	MaxPeers int
	// Now is the clock, Wall the one that goes on while the machine sleeps and that
	// people set. If nil, time.Now is used, and what it says of the wall's time.
	Now, Wall func() time.Time
	// Log takes a line for each change of state. If nil, nothing is logged.
	Log *slog.Logger
}

// An overlay is a node but for its role.
type overlay struct {
	loop
	cfg    OverlayConfig
	self   id.Peer
	role   role
	core   *gossip.State
	todo   []gossip.Event // for state
	steps  bool           // somebody is at it
	closed bool           // nobody is called any more

	links     []*link               // all that are not down
	inUse     map[id.Peer]*link     // the one of each peer that is up
	calls     map[id.Peer]callState // peers being dialled
	ctx       context.Context       // of run: calls end with it
	called    chan called
	view      atomic.Pointer[view] // for the session
	sigs      checker
	unsure    map[uint64]check // records in use whose signature is not checked yet
	pulse     pulse
	historian historian
	counts    overlayCounts
	body      []byte // scratch
}

// overlayCounts is what an overlay counted.
type overlayCounts struct {
	links, dials, early                uint64
	sent, sentBytes, resets, discarded uint64
}

func newOverlay(cfg OverlayConfig, host id.Peer, r role) overlay {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Wall == nil {
		now := cfg.Now
		cfg.Wall = func() time.Time { return now().Round(0) } // without the monotonic reading
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	self := cfg.Secret.Peer()
	return overlay{
		loop: newLoop(), cfg: cfg, self: self, role: r,
		core: gossip.New(cfg.Now(), gossip.Config{
			Self: self, Host: host, Addrs: cfg.Addrs, Active: cfg.Degree, MaxPeers: cfg.MaxPeers, Leaf: cfg.Leaf,
			Rand: rand.NewPCG(rand.Uint64(), rand.Uint64()), // nobody can foresee whom it asks
		}),
		inUse:  make(map[id.Peer]*link),
		calls:  make(map[id.Peer]callState),
		called: make(chan called),
		sigs:   newChecker(id.TopicOf(host)),
		unsure: make(map[uint64]check),
	}
}

// run is the loop, until ctx ends.
func (n *overlay) run(ctx context.Context) {
	defer close(n.gone)
	timer := time.NewTimer(0)
	defer timer.Stop()
	checked := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer func() { cancel(); <-checked }()
	go func() {
		defer close(checked)
		n.sigs.run(ctx)
	}()
	n.ctx = ctx
	n.pulse.begin(n.cfg.Now(), n.cfg.Wall())
	for {
		n.due()
		timer.Reset(max(n.deadline().Sub(n.cfg.Now()), 0))
		select {
		case f := <-n.cmds:
			f()
		case ev := <-n.cfg.Events:
			n.event(ev)
		case done := <-n.sigs.done:
			n.signaturesChecked(done)
		case c := <-n.called:
			n.afterCall(c)
		case <-timer.C:
		case <-ctx.Done():
			n.hangUpCalls()
			return
		}
	}
}

// due does what time asks for.
func (n *overlay) due() {
	now := n.cfg.Now()
	if at, ok := n.core.Deadline(); ok && !now.Before(at) {
		n.step(gossip.Tick{})
	}
	n.pulseDue(now)
	n.answersDue(now)
	n.role.due(now)
}

// deadline returns when something is due next.
func (n *overlay) deadline() time.Time {
	at := n.pulse.next
	if d, ok := n.core.Deadline(); ok && d.Before(at) {
		at = d
	}
	if d := n.role.deadline(); !d.IsZero() && d.Before(at) {
		at = d
	}
	return at
}

// step gives gossip an event, and does what it and all that follows from it ask for.
func (n *overlay) step(ev gossip.Event) {
	n.todo = append(n.todo, ev)
	if n.steps {
		return
	}
	n.steps = true
	for len(n.todo) > 0 {
		ev := n.todo[0]
		n.todo = n.todo[1:]
		actions := n.core.Step(n.cfg.Now(), ev)
		if len(actions) > 0 {
			if _, grew := actions[len(actions)-1].(gossip.Grew); grew { // readers need not wait for what is sent on
				n.publish()
				n.role.grew()
			}
		}
		for _, a := range actions {
			n.do(a)
		}
	}
	n.todo, n.steps = nil, false
}

// do carries out one action.
func (n *overlay) do(a gossip.Action) {
	switch a := a.(type) {
	case gossip.Send:
		n.send(a)
	case gossip.Dial:
		n.dial(a.Contact.Peer, a.Contact.Addrs)
	case gossip.CloseLink:
		n.closeLink(a)
	case gossip.Check:
		n.role.check(a)
	case gossip.CheckInput:
		n.role.checkInput(a)
	case gossip.Asked:
		n.role.asked(a)
	case gossip.Answered:
		n.role.answered(a)
	case gossip.PassHead:
		if l, wire := n.inUse[a.To], n.role.head(); l != nil && wire != nil {
			l.Send(transport.Control, transport.Head, wire)
		}
	case gossip.PassMembers:
		if l := n.inUse[a.To]; l != nil {
			n.sendMembership(l)
		}
	case gossip.ViewUp:
		n.cfg.Log.Debug("neighbor", "peer", a.Peer.Tag())
	case gossip.ViewDown:
		n.cfg.Log.Info("neighbor lost", "peer", a.Peer.Tag(), "why", a.Reason.String())
	case gossip.ParentIs:
		n.cfg.Log.Debug("parent", "peer", a.Peer.Tag())
		n.role.reparented()
	}
}

// publish makes the log as it is now what sessions read.
func (n *overlay) publish() {
	n.view.Store(&view{log: n.core.Log(), keys: n.role.keys()})
}

// send puts a message on a link: what is of the log goes through its outbox.
func (n *overlay) send(a gossip.Send) {
	l := n.inUse[a.To]
	if l == nil || l.shut {
		return
	}
	if g, ok := a.Msg.(gossip.Gossip); ok && !n.genuine(g.Rec.Seq) {
		return
	}
	kind, body := gossip.AppendMsg(n.body[:0], a.Msg)
	n.body = body
	switch {
	case kind < gossip.KindGossip:
		l.Send(transport.Control, byte(kind), body)
	case kind == gossip.KindInput:
		l.Send(transport.Input, byte(kind), body)
	default:
		n.push(l, a.Msg)
	}
}

// sendMembership sends the membership that is in force.
func (n *overlay) sendMembership(l *link) {
	wire, version := n.role.membership()
	if wire == nil {
		return
	}
	if l.stale = !l.Send(transport.Control, transport.Membership, wire); !l.stale {
		l.version = version
	}
}
