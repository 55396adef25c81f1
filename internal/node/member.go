package node

import (
	"context"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// MemberConfig is what a member's node needs.
type MemberConfig struct {
	Joiner *member.Joiner // owned by the node from now on
	Secret id.Secret
	Addrs  []netip.AddrPort // of the host
	Dial   func(ctx context.Context, p id.Peer, addrs []netip.AddrPort) (*transport.Link, error)
	Events <-chan transport.Event
	// Now is the clock. If nil, time.Now is used.
	Now func() time.Time
	// Log takes a line for each change of state. If nil, nothing is logged.
	Log *slog.Logger
}

// MemberPorts are what a member's node tells its session. The functions are
// called in the node's loop and must not wait.
type MemberPorts struct {
	Bell  func() // there is more to read
	State func(State)
}

// State is how a member stands.
type State struct {
	Joined      bool // in at least once
	Incarnation uint64
	MayType     bool
	Link        uint64 // rises with each new way to the host; 0 is none yet
	Lost        bool   // there is no link now
	Silent      bool   // no newer beat for silentAfter
	Members     *member.Membership
	Over        error // there will be no more
}

// MemberStats counts what a member's node did.
type MemberStats struct {
	Links, Redials                     uint64
	Inputs, InputsUnsent               uint64
	Records, RecordBytes, Jumps, Heads uint64
	Seen, Gaps, Forged, Early          uint64 // records that were dropped or had to wait
}

// A stage says how far a link to the host has come.
type stage uint8

const (
	greeted  stage = iota // Hello is under way
	proved                // the host has proved to hold the ticket
	welcomed              // the host has let this process in
	open                  // the membership with the keys is here: it can be used
)

// A Member is the node of a process that joined somebody's session.
type Member struct {
	loop
	cfg   MemberConfig
	host  id.Peer
	ports *MemberPorts
	log   gossip.Log
	view  atomic.Pointer[view] // for the session
	check checker
	state State
	stats MemberStats
	// settled is closed when the member is in, or never will be.
	settled chan struct{}

	link  *transport.Link // nil if there is none
	stage stage           // of link
	shut  bool            // link was closed by us: what still comes on it counts for nothing
	fault error           // why, if it broke the protocol
	wants uint64          // version of the membership that the welcome promises
	early [][]byte        // records that came before that membership
	size  int             // bytes of early
	call
}

// NewMember returns the node of a member. Run runs it.
func NewMember(cfg MemberConfig) *Member {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Member{
		loop:    newLoop(),
		check:   newChecker(cfg.Joiner.Topic()),
		cfg:     cfg,
		host:    cfg.Joiner.Host(),
		settled: make(chan struct{}),
		call:    call{dialed: make(chan dialed, 1), pause: redialFirst},
	}
}

// Run calls the host, and again when it is lost, until ctx ends. It is called once.
func (n *Member) Run(ctx context.Context) {
	defer close(n.gone)
	n.begun = n.cfg.Now()
	n.redialAt = n.begun
	timer := time.NewTimer(0)
	defer timer.Stop()
	checked := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer func() { cancel(); <-checked }()
	go func() {
		defer close(checked)
		n.check.run(ctx)
	}()
	for {
		n.due(ctx)
		n.arm(timer)
		select {
		case f := <-n.cmds:
			f()
		case ev := <-n.cfg.Events:
			n.event(ev)
		case link := <-n.check.bad:
			if link == n.link && !n.shut {
				n.badSignature()
			}
		case d := <-n.dialed:
			n.afterDial(d)
		case <-timer.C:
		case <-ctx.Done():
			if n.dialing {
				<-n.dialed
			}
			return
		}
	}
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

// Read returns some records that follow record after, or begin at the newest
// snapshot if those are gone or far behind.
func (n *Member) Read(after uint64) ([]Record, error) {
	select {
	case <-n.gone:
		return nil, ErrStopped
	default:
		return n.view.Load().read(after)
	}
}

// Send seals an input and sends it to the host, or drops it if there is no way
// now: its author repeats it.
func (n *Member) Send(incarnation, seq uint64, plain []byte) error {
	return n.tell(func() {
		in := n.cfg.Joiner.Input()
		if n.link == nil || n.stage != open || in == nil || incarnation != n.state.Incarnation ||
			!n.link.Send(transport.Input, transport.InputKind, in.Seal(n.cfg.Secret, seq, plain)) {
			n.stats.InputsUnsent++
			return
		}
		n.stats.Inputs++
	})
}

// Stats returns what the node has counted.
func (n *Member) Stats() (s MemberStats, err error) {
	var got MemberStats
	if err := n.ask(func() { got = n.stats }); err != nil {
		return s, err
	}
	return got, nil
}

// over says that there will be no more, and why.
func (n *Member) over(err error) {
	n.state.Over = err
	n.cfg.Log.Info("over", "err", err)
	if n.link != nil {
		n.hangUp(transport.Left, "")
	}
	n.settle()
	n.tellState()
}

// settle tells who waits in Joined.
func (n *Member) settle() {
	select {
	case <-n.settled:
	default:
		close(n.settled)
	}
}

func (n *Member) tellState() {
	if n.ports != nil {
		n.state.Members = n.cfg.Joiner.Members()
		n.ports.State(n.state)
	}
}
