// Package path is the one packet conn under a transport: for each packet to a peer
// it chooses among the ways there (PROTOCOL.md §8).
//
//	            .- UDP socket --- direct paths, valid by handshake or check
//	quic-go <-> Conn
//	            '- relays ------- when there is no direct path, or it is in doubt
//
// quic-go sees one unchanging address for each peer, so its connections live
// through the loss of a path, hole punching, and either side's move. A set (set.go)
// knows the direct paths of one peer, a via the relay.
package path

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gossterm/internal/id"
)

// A Relay forwards packets to peers by their keys. Its methods do not block.
type Relay interface {
	// Send hands a packet to the relay; it reports false if the relay is not up.
	Send(to id.Peer, packet []byte) bool
	// Up reports whether the relay takes packets.
	Up() bool
	// Reflector returns where to ask how this end looks from outside, if known.
	Reflector() netip.AddrPort
	// Wake says that the network has changed.
	Wake()
}

// Config says what a Conn uses.
type Config struct {
	UDP    *net.UDPConn // the Conn closes it
	Relays []Relay
	Direct bool // packets may go straight, and addresses be told
	Self   id.Peer

	// Changed is called when Own has changed; Again when a peer is to be told once
	// more, so that it checks when this end does. Neither is called with a lock held.
	Changed func()
	Again   func(id.Peer)
	Log     *slog.Logger
}

const (
	maxStrangers  = 256 // addresses that may be in a handshake
	strangerTime  = 30 * time.Second
	maxPeerAddrs  = 32 // of which packets are taken for one peer's
	missingTime   = 5 * time.Second
	interfacePoll = 2 * time.Second
)

// A Conn is a net.PacketConn for quic-go. Its addresses are *Addr.
type Conn struct {
	cfg   Config
	start time.Time
	sock  *socket
	marks marker
	wake  chan struct{} // something may be due earlier
	done  chan struct{}
	wg    sync.WaitGroup

	mu        sync.Mutex // guards what follows, for moments
	closed    bool
	peers     map[id.Peer]*peer
	addrs     map[netip.AddrPort]*peer // valid paths
	links     map[[idSize]byte]*Path
	idents    map[ident]*peer // by the ID that their packets had last
	dials     map[netip.AddrPort]*Addr
	strangers strangers
	relayed   map[id.Peer]*Addr    // behind the relays, before their handshake ends
	roundUps  map[id.Peer]*roundUp // peers that the relays are asked for
	budget    budget
	said      []Info        // changes to log
	planned   time.Duration // when run wakes next; none: it does not
	looked    time.Duration // when the interfaces were looked at
	own       own
	looks     []reflector // one a relay
	inbox     inbox       // from the relays

	first chan struct{} // closed when a relay has said how we look
	once  sync.Once
}

// A peer is what one peer's links share.
type peer struct {
	key   id.Peer
	name  string
	set   *set
	via   via
	label *Addr
	links []*Path // newest last
	addrs []netip.AddrPort
	share share
	ident ident
	said  Info

	stuck atomic.Bool // jam holds packets, or held some: for who holds no lock
	jam   jam

	missing   uint8         // relays that have not got it, a bit each
	missingAt time.Duration // since when
}

// New returns a Conn over a socket. Close ends it.
func New(cfg Config) *Conn {
	c := &Conn{
		cfg: cfg, start: time.Now(), sock: newSocket(cfg.UDP), marks: newMarker(),
		wake: make(chan struct{}, 1), first: make(chan struct{}), done: make(chan struct{}),
		peers: make(map[id.Peer]*peer), addrs: make(map[netip.AddrPort]*peer),
		links: make(map[[idSize]byte]*Path), idents: make(map[ident]*peer), dials: make(map[netip.AddrPort]*Addr),
		relayed: make(map[id.Peer]*Addr), roundUps: make(map[id.Peer]*roundUp), strangers: newStrangers(), planned: none,
		looks: make([]reflector, len(cfg.Relays)), inbox: inbox{most: maxInbox},
	}
	c.own.bound = cfg.UDP.LocalAddr().(*net.UDPAddr).AddrPort()
	c.own.look()
	c.wg.Go(c.run)
	return c
}

// now returns the time as sets count it.
func (c *Conn) now() time.Duration { return time.Since(c.start) }

// Direct returns the Addr to dial a UDP address; hangUp is called when the dial is
// over.
func (c *Conn) Direct(to netip.AddrPort) (a *Addr, hangUp func()) {
	a = directAddr(netip.AddrPortFrom(to.Addr().Unmap(), to.Port()))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dials[a.to] == nil {
		c.dials[a.to] = a
	}
	return a, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.dials[a.to] == a {
			delete(c.dials, a.to)
		}
	}
}

// Relayed returns the Addr to dial a peer behind the relays.
func (c *Conn) Relayed(p id.Peer) *Addr { return relayedAddr(p) }

// RelayUp reports whether any relay takes packets.
func (c *Conn) RelayUp() bool {
	for _, r := range c.cfg.Relays {
		if r.Up() {
			return true
		}
	}
	return false
}

// errOther reports a handshake that ended with another peer than the one whose
// address it used.
var errOther = errors.New("the address is another peer's")

// Attach says who is at an Addr after a handshake; exported is what the link's TLS
// exporter gives for checks.
func (c *Conn) Attach(a *Addr, who id.Peer, exported [SecretSize]byte, dialler bool) (*Path, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if at := a.at.Load(); at != nil && at.key != who || a.Relayed() && a.peer != who {
		return nil, errOther
	}
	p := c.peers[who]
	if p == nil {
		p = &peer{key: who, name: "peer/" + who.String(), set: newSet(c.cfg.Direct, false), via: newVia(), jam: jam{since: none}}
		p.label = a
		p.set.loopback, p.set.follows = c.own.alone(), c.cfg.Self.Compare(who) > 0
		c.reach(p)
		c.peers[who] = p
	}
	a.at.Store(p)
	if a.Relayed() {
		delete(c.relayed, who)
	} else {
		c.strangers.remove(a)
		p.set.begin(now, a.to)
		c.enter(p, a.to)
	}
	l := &Path{c: c, peer: p, key: newKey(exported, dialler)}
	p.links = append(p.links, l)
	c.links[l.key.id] = l
	c.alarm() // run says which way it is
	return l, nil
}

// enter notes that packets from an address are a peer's.
func (c *Conn) enter(p *peer, a netip.AddrPort) {
	if c.addrs[a] == p {
		return
	}
	c.addrs[a] = p
	if p.addrs = append(p.addrs, a); len(p.addrs) > maxPeerAddrs {
		oldest := 0
		if p.addrs[0] == p.set.last { // in use
			oldest = 1
		}
		c.leave(p, p.addrs[oldest])
		p.addrs = slices.Delete(p.addrs, oldest, oldest+1)
	}
}

// leave forgets that an address is a peer's.
func (c *Conn) leave(p *peer, a netip.AddrPort) {
	if c.addrs[a] == p {
		delete(c.addrs, a)
	}
}

// Close ends the Conn and its socket.
func (c *Conn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	c.mu.Unlock()
	close(c.done)
	err := c.cfg.UDP.Close()
	c.wg.Wait()
	return err
}

// LocalAddr returns the socket's address, in a form by which quic-go does not take
// this for a UDP socket.
func (c *Conn) LocalAddr() net.Addr { return directAddr(c.own.bound) }

// SetReadDeadline ends a ReadFrom that waits, if t has passed.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.sock.deadline(t) }

// SetDeadline and SetWriteDeadline are there for net.PacketConn: writes do not wait.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetWriteDeadline does nothing.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// SetReadBuffer and SetWriteBuffer keep quic-go from complaining in somebody's
// terminal that the kernel gives less than it wants; the socket gets what there is.
func (c *Conn) SetReadBuffer(n int) error { _ = c.cfg.UDP.SetReadBuffer(n); return nil }

// SetWriteBuffer asks for a buffer as SetReadBuffer does.
func (c *Conn) SetWriteBuffer(n int) error { _ = c.cfg.UDP.SetWriteBuffer(n); return nil }
