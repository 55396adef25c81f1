package transport

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"gossterm/internal/id"
)

// Mem is a network in memory for tests. Its Transports have the same links, over
// conns that mimic QUIC's: streams in order with windows, resets that overtake
// data, a close that loses what is unread. Faults are asked for. In a synctest
// bubble all of it runs on the bubble's clock.
type Mem struct {
	seed uint64

	mu      sync.Mutex
	nets    map[netip.AddrPort]*memNet
	pairs   []*memConn // the dialler's end of each, while one end lives
	made    uint64     // conns so far
	cuts    map[[2]id.Peer]bool
	hides   map[netip.AddrPort]bool // where nobody is reached
	changed chan struct{}           // closed and replaced when cuts or the delay change
	delay   time.Duration
}

// NewMem returns an empty network. Equal seeds give equal exporters.
func NewMem(seed uint64) *Mem {
	return &Mem{
		seed:    seed,
		nets:    make(map[netip.AddrPort]*memNet),
		cuts:    make(map[[2]id.Peer]bool),
		hides:   make(map[netip.AddrPort]bool),
		changed: make(chan struct{}),
	}
}

const (
	memPort   = 7000
	memAccept = 64 // conns that wait to be accepted
)

// Listen makes a Transport on the network, at cfg.Listen or an address of its own.
// It panics if the address is taken: the test is wrong.
func (m *Mem) Listen(cfg Config) (*Transport, error) {
	t := newTransport(cfg)
	t.begin(m.join(cfg))
	return t, nil
}

// join gives a transport its place on the network.
func (m *Mem) join(cfg Config) *memNet {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := cfg.Listen
	for i := len(m.nets) + 1; !at.IsValid(); i++ {
		a := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), memPort)
		if m.nets[a] == nil {
			at = a
		}
	}
	if m.nets[at] != nil {
		panic("transport: address in use: " + at.String())
	}
	n := &memNet{m: m, self: cfg.Secret.Peer(), at: at, in: make(chan *memConn, memAccept)}
	m.nets[at] = n
	return n
}

// Delay makes everything sent from now on take d to arrive, and RTTs twice that.
func (m *Mem) Delay(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.delay = d
	m.broadcast()
}

// Cut lets nothing pass between two peers until Heal. Links do not notice; after
// two minutes they end with ErrIdle. Dials time out.
func (m *Mem) Cut(a, b id.Peer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cuts[key(a, b)] = true
	for _, c := range m.between(a, b) {
		c.starve()
		c.twin.starve()
	}
	m.broadcast()
}

// Heal ends a Cut. What was sent meanwhile arrives, closes too.
func (m *Mem) Heal(a, b id.Peer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.cuts, key(a, b))
	for _, c := range m.between(a, b) {
		c.feed()
		c.twin.feed()
	}
	m.broadcast()
}

// Break ends all links between two peers at once with ErrGone, as if both had
// forgotten them.
func (m *Mem) Break(a, b id.Peer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.between(a, b) {
		c.fail(ErrGone)
		c.twin.fail(ErrGone)
	}
}

// Hide has every link say that its peer is not reached at an address.
func (m *Mem) Hide(at netip.AddrPort) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hides[at] = true
}

// hidden reports whether an address is one where nobody is reached.
func (m *Mem) hidden(at netip.AddrPort) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hides[at]
}

// between returns the dialler's ends of the conns of two peers. mu is held.
func (m *Mem) between(a, b id.Peer) []*memConn {
	var out []*memConn
	for _, c := range m.pairs {
		if key(c.self, c.twin.self) == key(a, b) {
			out = append(out, c)
		}
	}
	return out
}

// broadcast wakes who waits for the network to change. mu is held.
func (m *Mem) broadcast() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// state returns how the way between two peers is, and a channel that is closed
// when that may have changed.
func (m *Mem) state(a, b id.Peer) (cut bool, delay time.Duration, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cuts[key(a, b)], m.delay, m.changed
}

// key names a pair of peers, in either order.
func key(a, b id.Peer) [2]id.Peer {
	if string(a[:]) > string(b[:]) {
		a, b = b, a
	}
	return [2]id.Peer{a, b}
}

// memNet is one process's place on the network.
type memNet struct {
	m    *Mem
	self id.Peer
	at   netip.AddrPort
	in   chan *memConn
}

func (n *memNet) offers() []netip.AddrPort             { return nil }
func (n *memNet) reflected() <-chan struct{}           { return nil }
func (n *memNet) absent(context.Context, id.Peer) bool { return false }
func (n *memNet) relayed() bool                        { return false }
func (n *memNet) addrs() []netip.AddrPort              { return []netip.AddrPort{n.at} }

func (n *memNet) accept(ctx context.Context) (conn, error) {
	select {
	case c := <-n.in:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *memNet) close(code Code) {
	n.m.mu.Lock()
	delete(n.m.nets, n.at)
	var mine []*memConn
	for _, c := range n.m.pairs {
		for _, c := range []*memConn{c, c.twin} {
			if c.net == n {
				mine = append(mine, c)
			}
		}
	}
	n.m.mu.Unlock()
	for _, c := range mine {
		c.close(code, "")
	}
}

// dial takes one round trip, if somebody is there.
func (n *memNet) dial(ctx context.Context, peer id.Peer, addr netip.AddrPort) (conn, error) {
	n.m.mu.Lock()
	to, delay := n.m.nets[addr], n.m.delay
	cut := to != nil && n.m.cuts[key(n.self, to.self)]
	n.m.mu.Unlock()
	wait := 2 * delay
	if to == nil || cut || wait > handshakeTimeout {
		pause(ctx, handshakeTimeout)
		return nil, ErrTimeout
	}
	if !pause(ctx, wait) {
		return nil, ErrTimeout
	}
	if to.self != peer {
		return nil, ErrKey
	}
	c := n.m.pair(n, to)
	select {
	case to.in <- c.twin:
		return c, nil
	default:
		c.fail(ErrBusy)
		c.twin.fail(ErrBusy)
		return nil, ErrBusy
	}
}

// pair makes both ends of a conn.
func (m *Mem) pair(from, to *memNet) *memConn {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made++
	seed := binary.BigEndian.AppendUint64(nil, m.seed)
	shared := sha256.Sum256(binary.BigEndian.AppendUint64(seed, m.made))
	a, b := newMemConn(from, shared), newMemConn(to, shared)
	a.twin, b.twin = b, a
	live := m.pairs[:0]
	for _, c := range m.pairs {
		if !c.ended() || !c.twin.ended() {
			live = append(live, c)
		}
	}
	m.pairs = append(live, a)
	return a
}
