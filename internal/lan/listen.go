package lan

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"gossterm/internal/id"
	"gossterm/internal/source"
)

const (
	// At most answersBurst and what comes in a second more are sent in any second:
	// 20, PROTOCOL.md §10.
	answersPerSecond = 10
	answersBurst     = 10
	// The same of one address: that knows the name does not make it hear for all.
	// Who looks for a host asks twice at once, by multicast and by broadcast, and again.
	answersEachPerSecond = 2
	answersEachBurst     = 4
	// followEvery is how often interfaces are looked for that came since.
	followEvery = 5 * time.Second
)

// Config is what a Listener needs.
type Config struct {
	Name   string    // as ParseName returns it
	Secret id.Secret // the host's, which its ticket names too
	// Ask asks the owner, for as many at once as maxAsking. If nil, there is nobody to
	// ask and everybody is refused.
	Ask Ask
	// Log takes lines about what failed and who asked. If nil, nothing is logged.
	Log *slog.Logger

	follow, greet time.Duration // for tests; if zero, followEvery and greetTime
}

// A Listener hears questions for one name, and is the door of the host behind it.
type Listener struct {
	cfg     Config
	socks   []socket
	door    net.Listener
	tls     *tls.Config
	port    uint16 // of the door
	answers *rate.Limiter
	each    *source.Rates // answers to one address
	opening *places       // for those that have not said yet what they want
	asking  *places       // for those that the owner is asked about
}

// Listen opens the door and begins to hear; Serve must follow.
func Listen(cfg Config) (*Listener, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.follow, cfg.greet = cmp.Or(cfg.follow, followEvery), cmp.Or(cfg.greet, greetTime)
	// Who is behind the door's other end is told by no key: the owner decides.
	conf, err := tlsConfig(cfg.Secret, func(id.Peer) error { return nil })
	if err != nil {
		return nil, err
	}
	door, err := net.Listen("tcp", ":0")
	if err != nil {
		return nil, fmt.Errorf("open the door: %w", err)
	}
	socks, err := open(port)
	if err != nil {
		door.Close()
		return nil, fmt.Errorf("listen for questions: %w", err)
	}
	return &Listener{
		cfg:     cfg,
		socks:   socks,
		door:    door,
		tls:     conf,
		port:    door.Addr().(*net.TCPAddr).AddrPort().Port(),
		answers: rate.NewLimiter(answersPerSecond, answersBurst),
		each:    source.NewRates(maxShares, answersEachPerSecond, answersEachBurst),
		opening: newPlaces(maxOpening, maxEachOpening),
		asking:  newPlaces(maxAsking, maxEachAsking),
	}, nil
}

// Serve answers and lets people ask until ctx ends. Then all is closed.
func (l *Listener) Serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var leaves sync.WaitGroup
	defer leaves.Wait()
	defer closeAll(l.socks)
	defer l.door.Close()
	for _, s := range l.socks {
		leaves.Go(func() { s.receive(querySize, func(b []byte, from netip.AddrPort) { l.hear(s, b, from) }) })
	}
	leaves.Go(func() { l.letIn(ctx) })
	l.followLinks(ctx)
}

// hear answers one packet if it asks for this host.
func (l *Listener) hear(s socket, b []byte, from netip.AddrPort) {
	q, ok := parseQuery(b)
	if !ok || q != queryFor(q.nonce, l.cfg.Name) {
		return
	}
	if !l.each.Allow(source.Of(from.Addr(), 128)) || !near(from.Addr()) || !l.answers.Allow() { // near looks at all interfaces
		return
	}
	a := answer{q.nonce, l.cfg.Secret.Peer(), l.port}
	if _, err := s.WriteTo(a.append(nil), net.UDPAddrFromAddrPort(from)); err != nil {
		l.cfg.Log.Debug("answer", "to", from, "err", err)
	}
}

// followLinks joins the groups on each link, and on those that come later, until ctx
// ends.
func (l *Listener) followLinks(ctx context.Context) {
	tick := time.NewTicker(l.cfg.follow)
	defer tick.Stop()
	joined := make(map[membership]bool)
	for {
		joined = l.joinNew(joined)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// A membership is a socket's in the group on one link.
type membership struct {
	socket int
	index  int
	name   string
}

// joinNew joins the groups where was says that this has not been done, and returns
// where it is done now. What a system has forgotten with a link is not in it.
func (l *Listener) joinNew(was map[membership]bool) map[membership]bool {
	is := make(map[membership]bool)
	for _, k := range links() {
		for i, s := range l.socks {
			if !s.serves(k) {
				continue
			}
			m := membership{i, k.Index, k.Name}
			if !was[m] {
				if err := s.join(k); err != nil { // as where a loopback knows no multicast
					l.cfg.Log.Debug("join group", "interface", k.Name, "err", err)
				} else {
					l.cfg.Log.Debug("joined group", "interface", k.Name)
				}
			}
			is[m] = true
		}
	}
	return is
}
