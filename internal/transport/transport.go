// Package transport gives links to peers: an authenticated QUIC connection with
// a stream for each class of frames (PROTOCOL.md §3).
//
//	        Send ->  queue -> writer ->  stream  -> reader ->
//	loop             (one of each per class)                    Inbox -> loop
//	        Drop -x  queue,              stream
//
// What a loop calls never blocks: Send says no, and Room follows. What feeds
// the loop blocks on Inbox, and with it the peer, through QUIC's windows.
// Waiting goes down only.
//
// quic-go stays in here. NewMem makes a twin in memory, with the same links
// over other conns, for tests in synctest bubbles.
package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"gossterm/internal/id"
)

// Limits of a Transport whose Config does not say otherwise.
const (
	defaultUnproved  = 16
	defaultProveTime = 3 * time.Second // PROTOCOL.md §3, code 7
)

// Config says what a Transport is.
type Config struct {
	Secret id.Secret // its peer key names this end

	// Listen is the UDP address to bind. If zero, all interfaces and any port.
	Listen netip.AddrPort

	// Relays forward packets to peers that cannot be reached straight, among those
	// of one topic. With RelayOnly packets go over them alone, and no peer learns an
	// address of this end.
	Relays    []id.Relay
	Topic     id.Topic
	RelayOnly bool

	Log *slog.Logger // tells of paths; if nil, nothing does

	// Inbox gets the events. Its owner must go on receiving until Close returns or
	// not need what is left: after Close nothing is promised to come.
	Inbox chan<- Event

	// Unproved is how many accepted links may wait for Trust at a time; for the next
	// the oldest of the address that has the most is closed with Full, or, while
	// such links have not ended yet, the next itself. If zero, 16 is used.
	Unproved int

	// ProveTime is how long an accepted link may wait for Trust, and a dialled one
	// twice as long, as its answer is still under way; then it is closed with Late.
	// If zero, 3 s is used.
	ProveTime time.Duration
}

// withDefaults fills the zero fields.
func (c Config) withDefaults() Config {
	if c.Unproved == 0 {
		c.Unproved = defaultUnproved
	}
	if c.ProveTime == 0 {
		c.ProveTime = defaultProveTime
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// A Transport accepts links and dials them, over one socket.
type Transport struct {
	cfg  Config
	net  network
	ctx  context.Context // ends with Close
	stop context.CancelFunc
	bell chan struct{}  // the own addresses may have changed
	wg   sync.WaitGroup // every goroutine of this package

	mu        sync.Mutex // guards what follows, for moments
	closed    bool
	code      Code // of Close
	links     map[*Link]bool
	strangers strangers
}

// hooks are what a network tells its transport.
type hooks struct {
	changed func()        // addrs has changed
	again   func(id.Peer) // a peer is to be told addrs once more
}

// Listen binds a UDP socket and accepts links over it. Who only dials uses it, too.
func Listen(cfg Config) (*Transport, error) {
	t := newTransport(cfg)
	n, err := listenQUIC(t.cfg, hooks{changed: t.ring, again: t.offerTo})
	if err != nil {
		t.stop()
		return nil, err
	}
	t.begin(n)
	return t, nil
}

func newTransport(cfg Config) *Transport {
	cfg = cfg.withDefaults()
	t := &Transport{cfg: cfg, links: make(map[*Link]bool), strangers: newStrangers(cfg.Unproved), bell: make(chan struct{}, 1)}
	t.ctx, t.stop = context.WithCancel(context.Background())
	return t
}

// begin accepts links over a network.
func (t *Transport) begin(n network) {
	t.net = n
	t.wg.Go(t.acceptAll)
	t.wg.Go(t.tellMoves)
}

// ring says that the own addresses may have changed.
func (t *Transport) ring() {
	select {
	case t.bell <- struct{}{}:
	default:
	}
}

// tellMoves tells peers and the inbox's owner of own addresses that have changed.
func (t *Transport) tellMoves() {
	before := t.net.addrs()
	for {
		select {
		case <-t.bell:
		case <-t.ctx.Done():
			return
		}
		t.offerTo(id.Peer{})
		if now := t.net.addrs(); !slices.Equal(now, before) {
			before = now
			t.announce(Moved{now})
		}
	}
}

// Addrs returns at most four addresses at which others may dial this end now.
func (t *Transport) Addrs() []netip.AddrPort { return t.net.addrs() }

// Reflected is closed when a relay has said how this end looks from outside; Addrs
// has that from then on. Without relays that never happens.
func (t *Transport) Reflected() <-chan struct{} { return t.net.reflected() }

// Absent asks the relays for a peer, and reports whether all say, before ctx ends, that they
// have not got it: false if one has it, is not up, or there is none.
func (t *Transport) Absent(ctx context.Context, peer id.Peer) bool { return t.net.absent(ctx, peer) }

// Close closes every link with the code and waits for all goroutines. It does not
// need Inbox to be received from.
func (t *Transport) Close(code Code) {
	t.mu.Lock()
	if !t.closed {
		t.closed, t.code = true, code
	}
	for l := range t.links {
		l.Close(code, "")
	}
	t.mu.Unlock()
	t.stop()
	t.wg.Wait()
	t.net.close(code)
}

// acceptAll starts a link for every conn that comes in.
func (t *Transport) acceptAll() {
	for {
		c, err := t.net.accept(t.ctx)
		if err != nil {
			return
		}
		if _, err := t.start(c, false); err != nil {
			t.wg.Go(func() { c.close(t.refusal(err)) })
		}
	}
}

// errFull reports that too many accepted links wait for Trust.
var errFull = errors.New("too many strangers")

// refusal returns what to tell the peer of a conn that became no link.
func (t *Transport) refusal(err error) (Code, string) {
	if err == errFull {
		return Full, err.Error()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.code, ""
}

// start makes a link of a conn. On failure the conn is still the caller's.
func (t *Transport) start(c conn, dialed bool) (*Link, error) {
	secret, err := c.exporter()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, ErrClosed
	}
	l := &Link{t: t, conn: c, dialed: dialed, secret: secret, proved: make(chan struct{})}
	wait := t.cfg.ProveTime
	if dialed {
		wait *= 2
	} else if out, ok := t.strangers.admit(l); !ok {
		return nil, errFull
	} else if out != nil {
		out.Close(Full, errFull.Error())
	}
	l.ctx, l.stop = context.WithCancelCause(t.ctx)
	for class := Control; class <= Log; class++ {
		l.out[class] = newQueue(class)
	}
	l.late = time.AfterFunc(wait, func() { l.Close(Late, "no proof in time") })
	t.links[l] = true
	t.wg.Go(l.run)
	return l, nil
}

// settle notes that l does not count as unproved any more.
func (t *Transport) settle(l *Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.strangers.settle(l)
}

// forget notes that l has ended.
func (t *Transport) forget(l *Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.strangers.forget(l)
	delete(t.links, l)
}

// announce hands Up and Down to the inbox's owner. Nothing but Close cuts it
// short: a link whose end was not told would live on in the loop for ever.
func (t *Transport) announce(ev Event) {
	select {
	case t.cfg.Inbox <- ev:
		return
	default:
	}
	select {
	case t.cfg.Inbox <- ev:
	case <-t.ctx.Done():
	}
}
