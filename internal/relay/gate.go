package relay

import (
	"context"
	"errors"
	"hash/maphash"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"golang.org/x/time/rate"
)

const (
	// registerWithin is how long a connection may go without a Register.
	registerWithin = 5 * time.Second
	// maxWaiting is how many connections may be unregistered, of all and of one source.
	// A crowd behind one NAT that comes back at once takes turns: registering takes milliseconds.
	maxWaiting       = 256
	maxSourceWaiting = 16
	// retryAbove is how many may be unregistered before the next QUIC client has to prove
	// its address first (RFC 9000 §8.1.2): forged addresses take no places.
	// Half of a source's places stay for it when others forge its address.
	retryAbove = maxSourceWaiting / 2
	// comeBack is how long a source must wait, after all the clients that it may have came
	// at once, until so many may come again: handshakes cost the relay most.
	comeBack = 10 // seconds

	// sourceBits6 is how much of an IPv6 address names a source: whoever has one address
	// of a /64 has them all (RFC 4291 §2.5.1).
	sourceBits6 = 64
)

var (
	errOften   = errors.New("too many connections in a short time")
	errWaiting = errors.New("too many unregistered connections")
	errClients = errors.New("no place for one more client")
	errSource  = errors.New("too many clients from one address")
)

// source returns what counts as one address.
func source(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = sourceBits6
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address at all: one source of its own
	}
	return p
}

// maxSources is how many sources are told apart by their rates; those that fall together
// share.
const maxSources = 1024

// A sourceRate limits what each source does, in bounded memory.
type sourceRate struct {
	seed   maphash.Seed
	limits [maxSources]*rate.Limiter
}

func newSourceRate(each rate.Limit, burst int) *sourceRate {
	r := &sourceRate{seed: maphash.MakeSeed()}
	for i := range r.limits {
		r.limits[i] = rate.NewLimiter(each, burst)
	}
	return r
}

// allow reports whether a source may once more.
func (r *sourceRate) allow(from netip.Prefix) bool {
	return r.limits[maphash.Comparable(r.seed, from)%maxSources].Allow()
}

// A gate counts connections, before and after they register.
type gate struct {
	maxClients, maxSource int
	often                 *sourceRate // new connections

	mu      sync.Mutex
	waiting int
	clients int
	sources map[netip.Prefix]*sourceCount
	refused uint64
}

// A sourceCount is how many connections one source has.
type sourceCount struct{ waiting, clients int }

func newGate(maxClients, maxSource int) *gate {
	return &gate{
		maxClients: maxClients, maxSource: maxSource,
		often:   newSourceRate(rate.Limit(maxSource)/comeBack, maxSource+maxSourceWaiting),
		sources: make(map[netip.Prefix]*sourceCount),
	}
}

// A place is one connection's, from its first packet to its end.
type place struct {
	gate       *gate
	from       netip.Prefix
	late       *time.Timer // ends a TCP connection that does not register; or nil
	registered bool
	left       bool
}

// enter gives a new connection a place among the unregistered, or fails.
func (g *gate) enter(a netip.Addr) (*place, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	from := source(a)
	n := g.sources[from]
	if !g.often.allow(from) {
		g.refused++
		return nil, errOften
	}
	if g.waiting >= maxWaiting || n != nil && n.waiting >= maxSourceWaiting {
		g.refused++
		return nil, errWaiting
	}
	if n == nil {
		n = &sourceCount{}
		g.sources[from] = n
	}
	n.waiting++
	g.waiting++
	return &place{gate: g, from: from}, nil
}

// register makes an unregistered connection a client, or fails.
func (p *place) register() error {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.sources[p.from]
	switch {
	case p.left:
		return net.ErrClosed
	case g.clients >= g.maxClients:
		g.refused++
		return errClients
	case n.clients >= g.maxSource:
		g.refused++
		return errSource
	}
	p.registered = true
	p.stopTimer()
	g.waiting--
	n.waiting--
	g.clients++
	n.clients++
	return nil
}

// leave frees the place, once.
func (p *place) leave() {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.left {
		return
	}
	p.left = true
	p.stopTimer()
	n := g.sources[p.from]
	if p.registered {
		g.clients--
		n.clients--
	} else {
		g.waiting--
		n.waiting--
	}
	if *n == (sourceCount{}) {
		delete(g.sources, p.from)
	}
}

func (p *place) stopTimer() {
	if p.late != nil {
		p.late.Stop()
	}
}

// crowded reports whether the next QUIC client has to prove its address first.
func (g *gate) crowded(net.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting >= retryAbove
}

type placeKey struct{}

// begin gives a QUIC connection its place, until its end.
func (g *gate) begin(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	p, err := g.enter(addrOf(info.RemoteAddr).Addr())
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, p.leave)
	return context.WithValue(ctx, placeKey{}, p), nil
}

// placeOf returns the place in a connection's context.
func placeOf(ctx context.Context) *place {
	p, _ := ctx.Value(placeKey{}).(*place)
	return p
}

// A gatedListener lets TCP connections in that get a place, and ends those that do not
// register in time, whatever they do instead.
type gatedListener struct {
	net.Listener
	gate   *gate
	within time.Duration
}

// A gatedConn has a place until it is closed.
type gatedConn struct {
	net.Conn
	place *place
}

func (c *gatedConn) Close() error {
	c.place.leave()
	return c.Conn.Close()
}

// Accept waits for a connection that gets a place. Others are closed.
func (l *gatedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		p, err := l.gate.enter(addrOf(c.RemoteAddr()).Addr())
		if err != nil {
			c.Close()
			continue
		}
		l.gate.mu.Lock()
		p.late = time.AfterFunc(l.within, func() { c.Close() })
		l.gate.mu.Unlock()
		return &gatedConn{c, p}, nil
	}
}
