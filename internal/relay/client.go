package relay

import (
	"context"
	"crypto/x509"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"gossterm/internal/id"
)

const (
	// sendQueue is how many packets wait for the relay; then the oldest gives way.
	sendQueue = 256
	// The pauses between attempts to reach the relay: each is drawn between a half of
	// it and the whole.
	firstPause = 200 * time.Millisecond
	maxPause   = 10 * time.Second
	// steady is how long a connection must have lasted for the next pause to be the
	// first again.
	steady = 10 * time.Second
)

// A ClientConfig says what a Client connects to and who is told what. The functions are
// called from the client's goroutines, must not block, and may be nil.
type ClientConfig struct {
	Relay  id.Relay
	Secret id.Secret // of the peer that registers
	Tag    [16]byte  // TagOf the session's topic

	// Packet takes what a peer sent. The packet is valid during the call only. Calls for
	// one Client may overlap.
	Packet func(from id.Peer, packet []byte)
	// Absent says that the relay does not know a peer to which something was sent.
	Absent func(peer id.Peer)
	// Changed says that State returns something else: up, down, an address resolved.
	Changed func()

	Log *slog.Logger // If nil, nothing is logged.
}

// A State is what a Client knows of its relay.
type State struct {
	Up      bool
	Carrier string        // "udp" or "tcp" when up
	RTT     time.Duration // to the relay, smoothed; 0 if not known yet
	// UDP is where the relay takes ReflectQuery: an address of its place. Not valid until that is resolved.
	UDP netip.AddrPort
	Err error // why it is not up; nil when up and before the first attempt ended
}

// A Client keeps one peer registered at one relay. Its methods may be called by anybody
// at any time.
type Client struct {
	cfg   ClientConfig
	roots *x509.CertPool // if nil, the system's
	proxy proxyFunc
	only  string // if not "", the one carrier that is tried
	start time.Time

	wake  chan struct{} // the network changed
	sends chan struct{} // something was sent after a silence

	dropped atomic.Uint64
	// Of the connection that is up, as durations since start; 0 is never.
	heard, sent atomic.Int64
	armed       atomic.Bool // the session's timer looks at sent in time

	mu    sync.Mutex
	state State
	queue *queue // nil when not up
}

// NewClient returns a client that does nothing until Run.
func NewClient(cfg ClientConfig) *Client {
	if cfg.Packet == nil {
		cfg.Packet = func(id.Peer, []byte) {}
	}
	if cfg.Absent == nil {
		cfg.Absent = func(id.Peer) {}
	}
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Client{
		cfg:   cfg,
		proxy: http.ProxyFromEnvironment,
		start: time.Now(),
		wake:  make(chan struct{}, 1),
		sends: make(chan struct{}, 1),
	}
}

// Run keeps the client registered until ctx ends. Then all its goroutines have ended. It
// is called once.
func (c *Client) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		began := c.now()
		err := c.attempt(ctx)
		if c.now()-began >= steady {
			pause = firstPause
		}
		if ctx.Err() != nil {
			break
		}
		if again := c.down(err); again {
			pause = firstPause
			continue
		}
		if b, ok := asBye(err); ok && b.lasting() {
			pause = maxPause
		}
		c.rest(ctx, &pause)
	}
	c.set(func(s *State) { s.Up, s.Carrier, s.RTT, s.Err = false, "", 0, context.Cause(ctx) })
}

// attempt connects, registers and stays until the connection is lost.
func (c *Client) attempt(ctx context.Context) error {
	car, err := c.connect(ctx)
	if err != nil {
		return err
	}
	return c.session(ctx, car)
}

// down notes why the client is not up, and reports whether to try again at once: the
// network changed.
func (c *Client) down(err error) (again bool) {
	c.cfg.Log.Info("relay down", "relay", c.cfg.Relay, "err", err)
	c.set(func(s *State) { s.Up, s.Carrier, s.RTT, s.Err = false, "", 0, err })
	return err == errWoken
}

// rest waits before the next attempt, and doubles the pause after that. A Wake cuts it
// short.
func (c *Client) rest(ctx context.Context, pause *time.Duration) {
	timer := time.NewTimer(*pause/2 + rand.N(*pause/2))
	defer timer.Stop()
	*pause = min(2**pause, maxPause)
	select {
	case <-ctx.Done():
	case <-c.wake:
		*pause = firstPause
	case <-timer.C:
	}
}

// Send sends a packet of 1 to MaxPacket bytes to a peer and reports whether there is a
// relay to send it to. It never waits: when too much does, the oldest packet is lost.
func (c *Client) Send(to id.Peer, packet []byte) bool {
	if len(packet) == 0 || len(packet) > MaxPacket {
		return false
	}
	c.mu.Lock()
	q := c.queue
	c.mu.Unlock()
	if q == nil {
		return false
	}
	q.push(newFrame(kindSend).add(to[:]...).add(packet...))
	if c.sent.CompareAndSwap(0, int64(c.now())) && !c.armed.Swap(true) {
		ring(c.sends)
	}
	return true
}

// Wake says that the network changed: the client makes sure that the relay is still
// reached, or tries again at once.
func (c *Client) Wake() { ring(c.wake) }

// State returns what the client knows now.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Dropped returns how many packets gave way in the client's queue.
func (c *Client) Dropped() uint64 { return c.dropped.Load() }

// set changes the state and says so.
func (c *Client) set(change func(*State)) {
	c.mu.Lock()
	before := c.state
	change(&c.state)
	changed := !c.state.same(before)
	c.mu.Unlock()
	if changed {
		c.cfg.Changed()
	}
}

// same reports whether two states say the same, but for the round trip.
func (s State) same(t State) bool {
	return s.Up == t.Up && s.Carrier == t.Carrier && s.UDP == t.UDP && said(s.Err) == said(t.Err)
}

// said returns an error's text, or "".
func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// now is the time since the client's start; it is never 0.
func (c *Client) now() time.Duration { return time.Since(c.start) + 1 }

// ring rings a bell that somebody may be waiting for.
func ring(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}
