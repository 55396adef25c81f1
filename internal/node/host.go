package node

import (
	"context"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// HostConfig is what a host's node needs.
type HostConfig struct {
	OverlayConfig
	Admission *member.Host // owned by the node from now on
}

// HostPorts are what a host's node tells its session. The functions are called in
// the node's loop and must not wait.
type HostPorts struct {
	// Input takes a checked and opened input and reports whether there was room.
	Input func(author id.Peer, incarnation, seq uint64, plain []byte) bool
	// Members takes the newest membership.
	Members func(*member.Membership)
	// History asks for what had scrolled off before a snapshot; History answers. It
	// may be nil.
	History func(seq uint64)
}

// A Host is the node of the process that owns the shell.
type Host struct {
	overlay
	admission *member.Host
	ports     *HostPorts
	local     *localPorts // of the host's own terminal, if there is one
	alone     []chan struct{}
	stats     HostStats
	wire      []byte    // the newest head
	beats     uint64    // of wire
	headFor   [2]uint64 // the log's seq and the membership's version in wire
	beatAt    time.Time
	presence  map[id.Peer]time.Time // when members without an own link asked last

	spreadDue time.Time // when a membership is sent to all, zero if it was
	spreadAt  time.Time // when the last one was
	epoch     uint32    // of the last one that was due
}

// HostStats counts what a host's node did.
type HostStats struct {
	Links, Dials, Joins, Refusals       uint64
	Inputs, InputsFull                  uint64 // given to the session, dropped because it was full
	Relayed, OverCredit                 uint64 // inputs that came over others, dropped as too many
	MayNot, Forged, Unopened, Malformed uint64 // inputs dropped, by reason
	Sent, SentBytes, Jumps, Discarded   uint64 // records of the log
}

// NewHost returns the node of a host. Run runs it.
func NewHost(cfg HostConfig) *Host {
	n := &Host{
		admission: cfg.Admission,
		presence:  make(map[id.Peer]time.Time),
		epoch:     cfg.Admission.Members().Epoch,
	}
	n.overlay = newOverlay(cfg.OverlayConfig, cfg.Secret.Peer(), n)
	return n
}

// Run runs the node until ctx ends. It is called once.
func (n *Host) Run(ctx context.Context) {
	n.beatAt = n.cfg.Now().Add(beatEvery)
	n.run(ctx)
}

// Attach says where inputs and memberships go. A node has one session.
func (n *Host) Attach(p HostPorts) error {
	err := ErrAttached
	if e := n.ask(func() {
		if n.ports == nil {
			n.ports, err = &p, nil
			p.Members(n.admission.Members())
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
		b := n.admission.Log().Seal(n.cfg.Secret, seq, part, parts, plain)
		log := n.core.Log()
		n.step(gossip.Append{Rec: gossip.Record{Seq: seq, Part: part, Parts: parts, Bytes: b}})
		if after := n.core.Log(); after.Head() != seq || log.Head() >= seq {
			panic("node: the session numbered a record out of order")
		}
	})
}

// grew rings for the host's own terminal.
func (n *Host) grew() {
	if n.local != nil {
		n.local.bell()
	}
}

// keys returns what opens the log: a reader may be an epoch behind.
func (n *Host) keys() [2]*envelope.Log {
	keys := [2]*envelope.Log{n.admission.Log()}
	if old := n.view.Load(); old != nil {
		keys[1] = old.keys[1]
		if old.keys[0] != keys[0] {
			keys[1] = old.keys[0]
		}
	}
	return keys
}

// Stats returns what the node has counted.
func (n *Host) Stats() (s HostStats, err error) {
	var got HostStats
	if err := n.ask(func() {
		got = n.stats
		c := &n.counts
		got.Links, got.Dials = c.links, c.dials
		got.Sent, got.SentBytes, got.Jumps, got.Discarded = c.sent, c.sentBytes, c.resets, c.discarded
	}); err != nil {
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
	if n.usable() > 0 { // who is silent is not waited for
		return
	}
	for _, c := range n.alone {
		close(c)
	}
	n.alone = nil
}

// greeting proves the ticket to a member.
func (n *Host) greeting(l *link) ([]byte, error) {
	exporter, log := l.Exporter(), n.core.Log()
	return n.admission.Hello(exporter[:], l.Peer(), log.Head()), nil
}

// proof trusts a member that the host has called.
func (n *Host) proof(l *link, body []byte) error {
	exporter := l.Exporter()
	if err := n.admission.CheckProof(exporter[:], l.Peer(), body); err != nil {
		return err
	}
	l.Trust()
	if n.stranger(l.Peer()) { // it left meanwhile
		l.let = true
		l.shutDown(transport.Idle, "")
		return nil
	}
	n.open(l)
	return nil
}

// welcome is for members.
func (n *Host) welcome(*link, []byte) error { return errTurn }

// answered is for members.
func (n *Host) answered(gossip.Answered) {}

// check is for members: the host has all records.
func (n *Host) check(gossip.Check) {}

// reparented is for members.
func (n *Host) reparented() {}

// stranger reports whether a peer left or never was in, whatever others tell of it.
func (n *Host) stranger(p id.Peer) bool {
	_, is := n.admission.Members().Row(p)
	return !is
}

// unreached leaves it to gossip.
func (n *Host) unreached(id.Peer, error) {}

// needs keeps the links over which members type.
func (n *Host) needs(l *link) bool {
	row, is := n.admission.Members().Row(l.Peer())
	return is && row.Role == id.Type
}

// slept leaves the members that could not be heard their time.
func (n *Host) slept(d time.Duration) {
	for p, at := range n.presence { // the order does not matter
		n.presence[p] = at.Add(d)
	}
}

// linked notes that a member is here.
func (n *Host) linked(l *link) { n.here(l.Peer()) }

// parted notes that a member has left, or that its own link is lost. A link that
// was let go says nothing of the member: it will be heard of through others.
func (n *Host) parted(l *link, err error) {
	p := l.Peer()
	switch {
	case l.stage != up || n.inUse[p] != nil:
	case l.let || codeIs(err, transport.Idle) || codeIs(err, transport.Replaced):
		n.presence[p] = n.cfg.Now()
	case codeIs(err, transport.Left) || l.left:
		n.admission.LeaveForGood(p)
		n.membershipChanged()
	default:
		n.away(p)
	}
	n.tellAlone()
}

// suspected notes whether a member is heard.
func (n *Host) suspected(l *link) {
	if l.quiet {
		n.away(l.Peer())
		n.tellAlone()
		return
	}
	n.here(l.Peer())
}

// control handles a farewell over the member's own link. What the host itself has
// signed comes back to it over links that are not pruned yet.
func (n *Host) control(l *link, kind byte, body []byte) error {
	if kind != transport.Leave {
		return nil
	}
	if len(body) > 0 {
		return errTurn
	}
	l.left = true
	l.shutDown(transport.Left, "")
	return nil
}

func (n *Host) head() []byte { return n.wire }

func (n *Host) membership() ([]byte, uint64) {
	return n.admission.Membership(), n.admission.Members().Version
}

// deadline returns when due has something to do.
func (n *Host) deadline() time.Time {
	if !n.spreadDue.IsZero() && n.spreadDue.Before(n.beatAt) {
		return n.spreadDue
	}
	return n.beatAt
}

// due beats, and spreads the membership.
func (n *Host) due(now time.Time) {
	if !n.spreadDue.IsZero() && !now.Before(n.spreadDue) {
		n.spreadMembership()
	}
	if !now.Before(n.beatAt) {
		n.beatAt = now.Add(beatEvery)
		n.missPresence(now)
		n.beat()
	}
}
