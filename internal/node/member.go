package node

import (
	"cmp"
	"context"
	"net/netip"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// MemberConfig is what a member's node needs.
type MemberConfig struct {
	OverlayConfig
	Joiner *member.Joiner // owned by the node from now on
	// Host and Via are whom the ticket names: the host and, if it is a member's, who
	// made it.
	Host, Via gossip.Contact
	// RejoinTime is how long a host that is out of reach is waited for, then it is
	// lost. If zero, 24 h; if negative, it is lost at once.
	RejoinTime time.Duration
	// Refused asks at an address whether a process listens there, until ctx ends: it
	// returns syscall.ECONNREFUSED if the machine says that none does, nil if nothing is
	// said, another error if it cannot ask. If nil, a host whose process has ended is waited
	// for like one out of reach.
	Refused func(ctx context.Context, at netip.AddrPort) error
	// Absent reports whether all relays say before ctx ends that the host is at none of
	// them. If nil, and there are relays, nobody is asked.
	Absent func(ctx context.Context) bool
}

// MemberPorts are what a member's node tells its session. The functions are
// called in the node's loop and must not wait.
type MemberPorts struct {
	Bell  func() // there is more to read
	State func(State)
	// History brings what had scrolled off before the snapshot that this member
	// began with. It may be nil.
	History func(seq uint64, plain []byte)
}

// State is how a member stands.
type State struct {
	Joined      bool // in at least once
	Incarnation uint64
	MayType     bool
	Link        uint64    // rises with each new way to the host; 0 is none yet
	Lost        bool      // there is no link to anybody now
	Silent      bool      // no newer beat for silentAfter
	Since       time.Time // while Lost or Silent: when the host was in reach last
	Members     *member.Membership
	Over        error // there will be no more
}

// MemberStats counts what a member's node did.
type MemberStats struct {
	Links, Dials, Redials              uint64
	Inputs, InputsUnsent               uint64
	Records, RecordBytes, Jumps, Heads uint64
	Seen, Forged, Early                uint64 // records that were dropped or had to wait
	Sent, SentBytes, Resets            uint64 // records passed on
}

// A Member is the node of a process that joined somebody's session.
type Member struct {
	overlay
	joiner *member.Joiner
	host   id.Peer
	ports  *MemberPorts
	state  State
	stats  MemberStats
	// settled is closed when the member is in, or never will be.
	settled  chan struct{}
	settling bool

	wants   uint64 // version of the membership that the welcome promises
	held    []heldCheck
	sentTo  uint64 // seq of the newest input that was sent
	through uint64 // the log was here through this
	wanted  uint64 // the history that the session waits for
	call           // the way to the host
}

// NewMember returns the node of a member. Run runs it.
func NewMember(cfg MemberConfig) *Member {
	n := &Member{
		joiner:  cfg.Joiner,
		host:    cfg.Joiner.Host(),
		settled: make(chan struct{}),
		call: call{
			pause: redialFirst, contacts: [2]gossip.Contact{cfg.Host, cfg.Via},
			rejoin: max(cmp.Or(cfg.RejoinTime, rejoinTime), 0), vigil: vigil{ask: cfg.Refused, absent: cfg.Absent, relays: cfg.Relayed},
		},
	}
	n.contacts[0].Peer = n.host
	n.vigil.begin(cfg.Host.Addrs)
	n.overlay = newOverlay(cfg.OverlayConfig, n.host, n)
	return n
}

// Run joins, and comes back when the host is lost, until ctx ends. It is called once.
func (n *Member) Run(ctx context.Context) {
	n.begun = n.cfg.Now()
	n.redialAt = n.begun
	n.run(ctx)
	n.vigil.asking.Wait()
}

// Attach says who is told. A node has one session.
func (n *Member) Attach(p MemberPorts) error {
	err := ErrAttached
	if e := n.ask(func() {
		if n.ports == nil {
			n.ports, err = &p, nil
			n.tellState()
			p.Bell()
		}
	}); e != nil {
		return e
	}
	return err
}

// Joined waits until the host has let this member in, or it is clear that it will
// not, and returns why.
func (n *Member) Joined(ctx context.Context) error {
	select {
	case <-n.settled:
	case <-n.gone:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	var over error
	if err := n.ask(func() {
		if !n.state.Joined {
			over = n.state.Over
		}
	}); err != nil {
		return err
	}
	return over
}

// Read returns some records that follow record after, with which so many bytes of
// output had been printed, or begin at the newest snapshot if those are gone or far
// behind.
func (n *Member) Read(after, printed uint64) ([]Record, error) {
	select {
	case <-n.gone:
		return nil, ErrStopped
	default:
		return n.view.Load().read(after, printed)
	}
}

// Send seals an input and sends it toward the host, or drops it if there is no way
// now: its author repeats it.
func (n *Member) Send(incarnation, seq uint64, plain []byte) error {
	return n.tell(func() {
		in := n.joiner.Input()
		if in == nil || incarnation != n.state.Incarnation || n.usable() == 0 {
			n.stats.InputsUnsent++
			return
		}
		again := seq <= n.sentTo
		n.sentTo = max(n.sentTo, seq)
		n.step(gossip.Submit{Again: again, Input: gossip.Input{
			Author: n.self, Incarnation: incarnation, Seq: seq, Bytes: in.Seal(n.cfg.Secret, seq, plain),
		}})
		n.stats.Inputs++
	})
}

// Stats returns what the node has counted.
func (n *Member) Stats() (s MemberStats, err error) {
	var got MemberStats
	if err := n.ask(func() {
		got = n.stats
		c, g := &n.counts, n.core.Stats()
		got.Links, got.Dials = c.links, c.dials
		got.Sent, got.SentBytes, got.Resets = c.sent, c.sentBytes, c.resets
		got.Records, got.Seen = g.Records, g.Duplicates
		got.Early += c.early
		got.Forged += g.Forged
	}); err != nil {
		return s, err
	}
	return got, nil
}

// over says that there will be no more, and why.
func (n *Member) over(err error) {
	if n.state.Over != nil {
		return
	}
	n.state.Over, n.closed = err, true
	n.cfg.Log.Info("over", "err", err)
	for _, l := range n.links {
		if !l.shut {
			l.let = true
			l.shutDown(transport.Left, "")
		}
	}
	n.settle()
	n.tellState()
}

// settle tells who waits in Joined.
func (n *Member) settle() {
	if !n.settling {
		n.settling = true
		close(n.settled)
	}
}

func (n *Member) tellState() {
	if n.state.Since = (time.Time{}); n.unheard() {
		n.state.Since = n.lostAt
	}
	if n.ports != nil {
		n.state.Members = n.joiner.Members()
		n.ports.State(n.state)
	}
}

// grew rings for the session.
func (n *Member) grew() {
	log := n.core.Log()
	if _, follows := log.Get(n.through); n.through > 0 && !follows {
		n.stats.Jumps++
	}
	n.through = log.Head()
	if n.ports != nil {
		n.ports.Bell()
	}
}

func (n *Member) keys() (keys [2]*envelope.Log) {
	if m := n.joiner.Members(); m != nil {
		keys = [2]*envelope.Log{n.joiner.Log(m.Epoch), n.joiner.Log(m.Epoch - 1)}
	}
	return keys
}

func (n *Member) head() []byte { return n.joiner.HeadWire() }

func (n *Member) membership() ([]byte, uint64) {
	if m := n.joiner.Members(); m != nil {
		return n.joiner.Membership(), m.Version
	}
	return nil, 0
}

// asked is for the host.
func (n *Member) asked(gossip.Asked) {}

// needs keeps the link to the host of who may type.
func (n *Member) needs(l *link) bool { return l.Peer() == n.host && n.state.MayType }

// deadline returns when due has something to do.
func (n *Member) deadline() time.Time { return n.callDeadline() }
