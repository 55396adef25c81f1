package node

import (
	"context"
	"log/slog"
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
	topic id.Topic
	host  id.Peer
	ports *HostPorts
	log   gossip.Log
	links []*hostLink
	local []func() // told of each new record
	watch func()   // told of each new membership, if not nil
	alone []chan struct{}
	stats HostStats
}

// HostStats counts what a host's node did.
type HostStats struct {
	Links, Joins, Refusals                       uint64
	Inputs, InputsFull                           uint64 // given to the session, dropped because it was full
	Foreign, MayNot, Forged, Unopened, Malformed uint64 // inputs dropped, by reason
	Sent, SentBytes, Jumps                       uint64 // records of the log
}

// A hostLink is one link as the host's node sees it.
type hostLink struct {
	*transport.Link
	joined      bool
	incarnation uint64
	next        uint64 // the next record to send; 0 if there is none to begin with
	full        bool   // the log queue takes nothing until Room
	stale       bool   // it has not got the newest membership
}

// NewHost returns the node of a host. Run runs it.
func NewHost(cfg HostConfig) *Host {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Host{loop: newLoop(), cfg: cfg, topic: cfg.Admission.Topic(), host: cfg.Secret.Peer()}
}

// Run runs the node until ctx ends.
func (n *Host) Run(ctx context.Context) {
	defer close(n.gone)
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		select {
		case f := <-n.cmds:
			f()
		case ev := <-n.cfg.Events:
			n.event(ev)
		case <-beat.C:
			n.beat()
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

// Append seals one record of the host's log and sends it to all.
func (n *Host) Append(seq uint64, part, parts uint16, plain []byte) error {
	return n.tell(func() {
		b := n.cfg.Admission.Log().Seal(n.cfg.Secret, seq, part, parts, plain)
		if !n.log.Append(gossip.Record{Seq: seq, Part: part, Parts: parts, Bytes: b}) {
			panic("node: the session numbered a record out of order")
		}
		for _, l := range n.links {
			n.pump(l)
		}
		for _, bell := range n.local {
			bell()
		}
	})
}

// Stats returns what the node has counted.
func (n *Host) Stats() (s HostStats, err error) {
	err = n.ask(func() { s = n.stats })
	return s, err
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

// event handles what a link did.
func (n *Host) event(ev transport.Event) {
	switch ev := ev.(type) {
	case transport.Up:
		n.stats.Links++
		n.links = append(n.links, &hostLink{Link: ev.Link})
	case transport.Got:
		if l := n.of(ev.Link); l != nil {
			n.frame(l, ev)
		}
	case transport.Room:
		if l := n.of(ev.Link); l != nil {
			n.room(l, ev.Class)
		}
	case transport.Down:
		n.down(ev.Link, ev.Err)
	}
}

func (n *Host) of(link *transport.Link) *hostLink {
	for _, l := range n.links {
		if l.Link == link {
			return l
		}
	}
	return nil
}

// frame handles one frame. Whatever it holds, the worst that follows is the end
// of the link it came on.
func (n *Host) frame(l *hostLink, ev transport.Got) {
	switch {
	case ev.Kind == kindHello && !l.joined:
		n.hello(l, ev.Body)
	case ev.Kind == kindInput && l.joined:
		n.input(l, ev.Body)
	case ev.Kind == kindLeave && l.joined:
		l.Close(transport.Left, "")
	default:
		l.Close(transport.Violation, "a frame out of turn")
	}
}

// room goes on with what a full queue has kept back.
func (n *Host) room(l *hostLink, c transport.Class) {
	switch {
	case c == transport.Log:
		l.full = false
		n.pump(l)
	case c == transport.Control && l.stale && l.joined:
		n.sendMembership(l)
	}
}

// pump sends l what it has not got of the log, as far as its queue takes it. Who
// cannot keep up is sent the newest snapshot instead of what is queued.
func (n *Host) pump(l *hostLink) {
	if !l.joined || l.full {
		return
	}
	for {
		seq, ok := n.log.From(l.next-1, lagMost)
		if !ok {
			return
		}
		if seq != l.next && l.next != 1 {
			n.stats.Jumps++
			l.Drop()
		}
		r, _ := n.log.Get(seq)
		l.next = seq
		if !l.Send(transport.Log, kindGossip, r.Bytes) {
			l.full = true
			return
		}
		n.stats.Sent++
		n.stats.SentBytes += uint64(len(r.Bytes))
		l.next = seq + 1
	}
}

// beat sends a new head to every member.
func (n *Host) beat() {
	if len(n.links) == 0 {
		return
	}
	head := n.cfg.Admission.Head(n.log.Head(), n.log.Start())
	for _, l := range n.links {
		if l.joined {
			l.Send(transport.Control, kindHead, head)
		}
	}
}

// membershipChanged tells all members, and the session.
func (n *Host) membershipChanged() {
	for _, l := range n.links {
		if l.joined {
			n.sendMembership(l)
		}
	}
	n.beat()
	if n.ports != nil {
		n.ports.Members(n.cfg.Admission.Members())
	}
	if n.watch != nil {
		n.watch()
	}
}

func (n *Host) sendMembership(l *hostLink) {
	l.stale = !l.Send(transport.Control, kindMembership, n.cfg.Admission.Membership())
}

// down forgets a link. A member whose only link it was is away, or has left.
func (n *Host) down(link *transport.Link, err error) {
	l := n.of(link)
	if l == nil {
		return
	}
	kept := n.links[:0]
	for _, o := range n.links {
		if o != l {
			kept = append(kept, o)
		}
	}
	n.links[len(n.links)-1] = nil
	n.links = kept
	n.cfg.Log.Info("link down", "peer", l.Peer().Tag(), "err", err)
	if l.joined && n.linkOf(l.Peer()) == nil {
		if left(err) {
			n.cfg.Admission.Leave(l.Peer())
		} else {
			n.cfg.Admission.Away(n.cfg.Now(), l.Peer())
		}
		n.membershipChanged()
	}
	n.tellAlone()
}

// linkOf returns the link of a member, nil if it has none.
func (n *Host) linkOf(p id.Peer) *hostLink {
	for _, l := range n.links {
		if l.joined && l.Peer() == p {
			return l
		}
	}
	return nil
}

// input checks a record of a member's log, cheapest first, and gives it to the
// session. What is dropped here is repeated by its author if it was in order.
func (n *Host) input(l *hostLink, body []byte) {
	r, err := envelope.ParseInput(body)
	a := n.cfg.Admission
	switch {
	case err != nil:
		n.stats.Malformed++
		l.Close(transport.Violation, "a malformed input")
		return
	case r.Author != l.Peer() || r.Incarnation != l.incarnation:
		n.drop(&n.stats.Foreign, "foreign", r)
		return
	case !a.May(r.Author, r.Incarnation):
		n.drop(&n.stats.MayNot, "may not type", r)
		return
	case !envelope.Verify(n.topic, r.Author, r.Incarnation, r):
		n.drop(&n.stats.Forged, "forged", r)
		l.Close(transport.Violation, "a forged input")
		return
	}
	plain, err := a.InputOf(r.Author).Open(r)
	switch {
	case err != nil:
		n.drop(&n.stats.Unopened, "of another epoch", r)
	case n.ports == nil || !n.ports.Input(r.Author, r.Incarnation, r.Seq, plain):
		n.drop(&n.stats.InputsFull, "inbox full", r)
	default:
		n.stats.Inputs++
	}
}

func (n *Host) drop(count *uint64, why string, r envelope.Record) {
	*count++
	n.cfg.Log.Debug("input dropped", "why", why, "peer", r.Author.Tag(), "incarnation", r.Incarnation, "seq", r.Seq)
}
