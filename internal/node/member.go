package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

const (
	// joinTime is how long a first join may take in all.
	joinTime = 9 * time.Second
	// answerTime is how long the host may take to welcome over a link.
	answerTime = 5 * time.Second
	// rejoinTime is how long a lost host is called back.
	rejoinTime = time.Minute
	// redialFirst and redialMost bound the pause between two calls.
	redialFirst = 100 * time.Millisecond
	redialMost  = 10 * time.Second
	// earlyMost is how many bytes of the log are kept that came before the
	// membership with the key that opens them.
	earlyMost = 1 << 20
)

var (
	// ErrLost reports a host that could not be reached for rejoinTime.
	ErrLost = errors.New("the host is lost")
	// ErrEnded reports a session that ended before its last words arrived.
	ErrEnded = errors.New("the session is over")
	// ErrRefused reports a host that does not let this member in.
	ErrRefused = errors.New("the host refused")
	// ErrRemoved reports a host that removed this member.
	ErrRemoved = errors.New("removed by the host")
	// ErrReplaced reports that another process of the same key took over.
	ErrReplaced = errors.New("another process took over")
	// ErrNoAnswer reports a peer that took the link and did not welcome.
	ErrNoAnswer = errors.New("the host did not answer in time")
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
	Joined      bool // welcomed at least once
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

// A Member is the node of a process that joined somebody's session.
type Member struct {
	loop
	cfg   MemberConfig
	topic id.Topic
	host  id.Peer
	ports *MemberPorts
	log   gossip.Log
	early [][]byte // records whose key is still under way
	size  int      // of early
	link  *transport.Link
	ready bool // the link is proved and welcomed
	// counted says that State.Link counts the link.
	counted bool
	waiting []chan struct{} // closed when the member is in, or never will be
	state   State
	stats   MemberStats

	dialing  bool
	dialed   chan error
	begun    time.Time
	lostAt   time.Time
	redialAt time.Time
	pause    time.Duration
	answerBy time.Time
	silentAt time.Time
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
		loop:   newLoop(),
		cfg:    cfg,
		topic:  cfg.Joiner.Topic(),
		host:   cfg.Joiner.Host(),
		dialed: make(chan error, 1),
		pause:  redialFirst,
	}
}

// Run calls the host, and again when it is lost, until ctx ends.
func (n *Member) Run(ctx context.Context) {
	defer close(n.gone)
	n.begun = n.cfg.Now()
	n.redialAt = n.begun
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		n.due(ctx)
		n.arm(timer)
		select {
		case f := <-n.cmds:
			f()
		case ev := <-n.cfg.Events:
			n.event(ev)
		case err := <-n.dialed:
			n.afterDial(err)
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
	c := make(chan struct{})
	if err := n.ask(func() {
		if n.state.Link > 0 || n.state.Over != nil {
			close(c)
			return
		}
		n.waiting = append(n.waiting, c)
	}); err != nil {
		return err
	}
	select {
	case <-c:
	case <-n.gone:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	var over error
	err := n.ask(func() {
		if n.state.Link == 0 {
			over = n.state.Over
		}
	})
	return errors.Join(over, err)
}

// Read returns some records that follow record after, or begin at the newest
// snapshot if those are gone or far behind.
func (n *Member) Read(after uint64) (recs []Record, err error) {
	if e := n.ask(func() { recs, err = read(&n.log, after, n.open) }); e != nil {
		return nil, e
	}
	return recs, err
}

func (n *Member) open(r envelope.Record) ([]byte, error) {
	log := n.cfg.Joiner.Log(r.Epoch)
	if log == nil {
		return nil, fmt.Errorf("record %d: no key of epoch %d", r.Seq, r.Epoch)
	}
	return log.Open(r)
}

// Send seals an input and sends it to the host, or drops it if there is no way
// now: its author repeats it.
func (n *Member) Send(incarnation, seq uint64, plain []byte) error {
	return n.tell(func() {
		in := n.cfg.Joiner.Input()
		if !n.ready || in == nil || incarnation != n.state.Incarnation ||
			!n.link.Send(transport.Input, kindInput, in.Seal(n.cfg.Secret, seq, plain)) {
			n.stats.InputsUnsent++
			return
		}
		n.stats.Inputs++
	})
}

// Stats returns what the node has counted.
func (n *Member) Stats() (s MemberStats, err error) {
	err = n.ask(func() { s = n.stats })
	return s, err
}

// due does what the time asks for.
func (n *Member) due(ctx context.Context) {
	now := n.cfg.Now()
	switch {
	case n.state.Over != nil:
		return
	case n.link == nil && !n.state.Joined && now.Sub(n.begun) >= joinTime && !n.dialing:
		n.over(ErrNoAnswer)
		return
	case n.link == nil && n.state.Joined && now.Sub(n.lostAt) >= rejoinTime:
		n.over(ErrLost)
		return
	case n.link == nil && !n.dialing && !now.Before(n.redialAt):
		n.dial(ctx)
	case n.link != nil && !n.ready && !now.Before(n.answerBy):
		n.link.Close(transport.Late, "no welcome")
	}
	if n.ready && !n.state.Silent && !now.Before(n.silentAt) {
		n.state.Silent = true
		n.tellState()
	}
}

// arm sets the timer to the next due time.
func (n *Member) arm(timer *time.Timer) {
	now := n.cfg.Now()
	at := now.Add(time.Hour)
	for _, t := range []struct {
		when bool
		at   time.Time
	}{
		{n.link == nil && !n.dialing, n.redialAt},
		{n.link == nil && n.state.Joined, n.lostAt.Add(rejoinTime)},
		{n.link != nil && !n.ready, n.answerBy},
		{n.ready && !n.state.Silent, n.silentAt},
	} {
		if t.when && n.state.Over == nil && t.at.Before(at) {
			at = t.at
		}
	}
	timer.Reset(max(at.Sub(now), 0))
}

// dial calls the host in a goroutine of its own; the link announces itself.
func (n *Member) dial(ctx context.Context) {
	n.dialing = true
	if n.state.Joined {
		n.stats.Redials++
	}
	go func() {
		ctx, cancel := context.WithTimeout(ctx, joinTime-time.Second)
		defer cancel()
		_, err := n.cfg.Dial(ctx, n.host, n.cfg.Addrs)
		n.dialed <- err
	}()
}

func (n *Member) afterDial(err error) {
	n.dialing = false
	if err == nil {
		return
	}
	n.cfg.Log.Info("dial", "err", err)
	if !n.state.Joined {
		n.over(err)
		return
	}
	n.redialLater()
}

func (n *Member) redialLater() {
	n.redialAt = n.cfg.Now().Add(n.pause)
	n.pause = min(2*n.pause, redialMost)
}

// over says that there will be no more, and why.
func (n *Member) over(err error) {
	n.state.Over = err
	n.cfg.Log.Info("over", "err", err)
	if n.link != nil {
		n.link.Close(transport.Left, "")
	}
	for _, c := range n.waiting {
		close(c)
	}
	n.waiting = nil
	n.tellState()
}

func (n *Member) tellState() {
	if n.ports != nil {
		n.state.Members = n.cfg.Joiner.Members()
		n.ports.State(n.state)
	}
}
