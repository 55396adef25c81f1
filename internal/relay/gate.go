package relay

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"golang.org/x/time/rate"

	"gossterm/internal/source"
)

const (
	// registerWithin is how long a connection may go without a Register.
	registerWithin = 5 * time.Second
	// maxWaiting is how many connections may be unregistered, of all and of one source.
	// A crowd behind one NAT that comes back at once takes turns: registering takes milliseconds.
	maxWaiting       = 256
	maxSourceWaiting = 16
	// maxLeaving is how many more may have given up their places and not have ended yet: a
	// QUIC connection cannot be closed before all of its ClientHello is there, and without
	// that ends after handshakeTimeout.
	maxLeaving = 3 * maxWaiting
	// aloneFor is how long the only unregistered connection of its source keeps its place
	// in any case. When all clients come back at once, each from elsewhere, they would else
	// drive each other out before one of them is done.
	aloneFor = time.Second
	// retryAbove is how many may be unregistered before the next QUIC client has to prove
	// its address first (RFC 9000 §8.1.2): forged addresses take no places.
	// Half of a source's places stay for it when others forge its address.
	retryAbove = maxSourceWaiting / 2
	// comeBack is how long a source must wait, after all the clients that it may have came
	// at once, until so many may come again: handshakes cost the relay most.
	comeBack = 10 // seconds
)

var (
	errOften   = errors.New("too many connections in a short time")
	errWaiting = errors.New("too many unregistered connections")
	errClients = errors.New("no place for one more client")
	errSource  = errors.New("too many clients from one address")
)

// maxSources is how many sources are told apart by their rates.
const maxSources = 1024

// lineOf returns what counts as one address.
func lineOf(a netip.Addr) netip.Prefix { return source.Of(a, source.Line) }

// A gate counts connections, before and after they register. When all places of the
// unregistered are taken, the oldest of the source that has most of them gives way to the
// next:
//
//	places of 6   a a a a b c   + d  ->   a a a b c d
//
// So sources that come and say nothing keep nobody out but themselves.
type gate struct {
	maxClients, maxSource int
	often                 *source.Rates // new connections

	mu      sync.Mutex
	waiting []*place // the unregistered, oldest first
	leaving int      // gave up their places and have not ended yet
	clients int
	sources map[netip.Prefix]*sourceCount
	refused uint64
}

// A sourceCount is how many connections one source has. Those that leave are among the
// waiting until they have ended.
type sourceCount struct{ waiting, clients int }

func newGate(maxClients, maxSource int) *gate {
	return &gate{
		maxClients: maxClients, maxSource: maxSource,
		often:   source.NewRates(maxSources, rate.Limit(maxSource)/comeBack, maxSource+maxSourceWaiting),
		sources: make(map[netip.Prefix]*sourceCount),
	}
}

// enter gives a new connection a place among the unregistered, or fails.
func (g *gate) enter(a netip.Addr) (*place, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := &place{gate: g, from: lineOf(a), since: time.Now()}
	if err := g.admit(p); err != nil {
		g.refused++
		return nil, err
	}
	n := g.sources[p.from]
	if n == nil {
		n = &sourceCount{}
		g.sources[p.from] = n
	}
	n.waiting++
	g.waiting = append(g.waiting, p)
	return p, nil
}

// admit makes room for one more, or fails.
func (g *gate) admit(p *place) error {
	if !g.often.Allow(p.from) {
		return errOften
	}
	if n := g.sources[p.from]; n != nil && n.waiting >= maxSourceWaiting {
		return errWaiting
	}
	if len(g.waiting) < maxWaiting {
		return nil
	}
	i, alone := g.oldestOfBusiest(p.from)
	if g.leaving >= maxLeaving || alone && p.since.Sub(g.waiting[i].since) < aloneFor {
		return errWaiting
	}
	g.waiting[i].giveWay()
	g.waiting = slices.Delete(g.waiting, i, i+1)
	g.leaving++
	return nil
}

// oldestOfBusiest returns the oldest place of the source that has the most with one more
// from the given source, and whether that has only this. Of sources with equally many it
// is the one whose place is oldest.
func (g *gate) oldestOfBusiest(more netip.Prefix) (oldest int, alone bool) {
	count := map[netip.Prefix]int{more: 1}
	for _, w := range g.waiting {
		count[w.from]++
	}
	for i, w := range g.waiting {
		if count[w.from] > count[g.waiting[oldest].from] {
			oldest = i
		}
	}
	return oldest, count[g.waiting[oldest].from] == 1
}

// crowded reports whether the next QUIC client has to prove its address first.
func (g *gate) crowded(net.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)+g.leaving >= retryAbove
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
		p.endAfter(l.within, func() { c.Close() })
		return &gatedConn{c, p}, nil
	}
}
