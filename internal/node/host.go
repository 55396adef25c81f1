package node

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// HostConfig is what a host's node needs.
type HostConfig struct {
	Secret    id.Secret
	Admission *member.Host // owned by the node from now on
	Events    <-chan transport.Event
	// Now is the clock. If nil, time.Now is used.
	Now func() time.Time
	// Log takes a line for each change of state. If nil, nothing is logged.
	Log *slog.Logger
}

// HostPorts are what a host's node tells its session. The functions are called in
// the node's loop and must not wait.
type HostPorts struct {
	// Input takes a checked and opened input and reports whether there was room.
	Input func(author id.Peer, incarnation, seq uint64, plain []byte) bool
	// Members takes the newest membership.
	Members func(*member.Membership)
}

// A Host is the node of the process that owns the shell.
type Host struct {
	loop
	cfg   HostConfig
	ports *HostPorts
	log   gossip.Log
	view  atomic.Pointer[view] // for the host's own terminal
	check checker
	links []*hostLink
	local *localPorts // of the host's own terminal, if there is one
	alone []chan struct{}
	stats HostStats

	spread    *time.Timer // runs while a membership waits to be sent
	spreading bool
	spreadAt  time.Time // when the last one was
	epoch     uint32    // of the last one that was due
}

// HostStats counts what a host's node did.
type HostStats struct {
	Links, Joins, Refusals                       uint64
	Inputs, InputsFull                           uint64 // given to the session, dropped because it was full
	Foreign, MayNot, Forged, Unopened, Malformed uint64 // inputs dropped, by reason
	Sent, SentBytes, Jumps                       uint64 // records of the log
}

// NewHost returns the node of a host. Run runs it.
func NewHost(cfg HostConfig) *Host {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Host{loop: newLoop(), cfg: cfg, check: newChecker(cfg.Admission.Topic()), epoch: cfg.Admission.Members().Epoch}
}

// Run runs the node until ctx ends. It is called once.
func (n *Host) Run(ctx context.Context) {
	defer close(n.gone)
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	n.spread = time.NewTimer(0)
	n.spread.Stop()
	defer n.spread.Stop()
	checked := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer func() { cancel(); <-checked }()
	go func() {
		defer close(checked)
		n.check.run(ctx)
	}()
	for {
		select {
		case f := <-n.cmds:
			f()
		case ev := <-n.cfg.Events:
			n.event(ev)
		case link := <-n.check.bad:
			if l := n.of(link); l != nil && !l.shut {
				n.forged(l)
			}
		case <-beat.C:
			n.beat()
		case <-n.spread.C:
			n.spreadMembership()
		case <-ctx.Done():
			return
		}
	}
}

// Attach says where inputs and memberships go. A node has one session.
func (n *Host) Attach(p HostPorts) error {
	err := ErrAttached
	if e := n.ask(func() {
		if n.ports == nil {
			n.ports, err = &p, nil
			p.Members(n.cfg.Admission.Members())
		}
	}); e != nil {
		return e
	}
	return err
}

// Append seals one record of the host's log and sends it to all. It may wait for
// the node, which keeps plain.
func (n *Host) Append(seq uint64, part, parts uint16, plain []byte) error {
	return n.tell(func() {
		b := n.cfg.Admission.Log().Seal(n.cfg.Secret, seq, part, parts, plain)
		if !n.log.Append(gossip.Record{Seq: seq, Part: part, Parts: parts, Bytes: b}) {
			panic("node: the session numbered a record out of order")
		}
		for _, l := range n.links {
			n.pump(l)
		}
		n.publish()
		if n.local != nil {
			n.local.bell()
		}
	})
}

// publish makes the log as it is now what the host's own terminal reads.
func (n *Host) publish() {
	v := &view{log: n.log, keys: [2]*envelope.Log{n.cfg.Admission.Log()}}
	if old := n.view.Load(); old != nil {
		v.keys[1] = old.keys[1]
		if old.keys[0] != v.keys[0] {
			v.keys[1] = old.keys[0]
		}
	}
	n.view.Store(v)
}

// Stats returns what the node has counted.
func (n *Host) Stats() (s HostStats, err error) {
	var got HostStats
	if err := n.ask(func() { got = n.stats }); err != nil {
		return s, err
	}
	return got, nil
}

// Alone returns a channel that is closed when no member has a link any more.
func (n *Host) Alone() (<-chan struct{}, error) {
	c := make(chan struct{})
	err := n.ask(func() {
		n.alone = append(n.alone, c)
		n.tellAlone()
	})
	return c, err
}

func (n *Host) tellAlone() {
	for _, l := range n.links {
		if l.joined {
			return
		}
	}
	for _, c := range n.alone {
		close(c)
	}
	n.alone = nil
}
