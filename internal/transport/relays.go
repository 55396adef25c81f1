package transport

import (
	"context"
	"net/netip"
	"sync"

	"gossterm/internal/id"
	"gossterm/internal/path"
	"gossterm/internal/relay"
)

// relays are the clients of the relays that a transport may use.
type relays struct {
	clients []*relay.Client
	ctx     context.Context
	end     context.CancelFunc
	wg      sync.WaitGroup

	mu   sync.Mutex
	news chan struct{} // closed when one is up or down
}

// newRelays makes a client for each relay of cfg. What they bring goes to n.path,
// which is there before start.
func newRelays(cfg Config, n *quicNet) *relays {
	r := &relays{news: make(chan struct{})}
	r.ctx, r.end = context.WithCancel(context.Background())
	for i, at := range cfg.Relays {
		r.clients = append(r.clients, relay.NewClient(relay.ClientConfig{
			Relay: at, Secret: cfg.Secret, Tag: relay.TagOf(cfg.Topic), Log: cfg.Log,
			Packet:  func(from id.Peer, b []byte) { n.path.FromRelay(i, from, b) },
			Absent:  func(who id.Peer) { n.path.RelayMisses(i, who) },
			Changed: func() { n.path.RelayChanged(i); r.tell() },
		}))
	}
	return r
}

// start runs the clients.
func (r *relays) start() {
	for _, c := range r.clients {
		r.wg.Go(func() { c.Run(r.ctx) })
	}
}

// stop ends them and waits.
func (r *relays) stop() {
	r.end()
	r.wg.Wait()
}

// tell wakes who waits.
func (r *relays) tell() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.news)
	r.news = make(chan struct{})
}

// wait waits until a relay is up.
func (r *relays) wait(ctx context.Context) error {
	for {
		r.mu.Lock()
		news := r.news
		r.mu.Unlock()
		for _, c := range r.clients {
			if c.State().Up {
				return nil
			}
		}
		select {
		case <-news:
		case <-ctx.Done():
			return r.why()
		}
	}
}

// why returns what keeps the relays from being up.
func (r *relays) why() error {
	for _, c := range r.clients {
		if err := c.State().Err; err != nil {
			return err
		}
	}
	return ErrTimeout
}

// paths returns the relays as a path conn uses them.
func (r *relays) paths() (out []path.Relay) {
	for _, c := range r.clients {
		out = append(out, relayPath{c})
	}
	return out
}

// A relayPath is a client as a path conn uses it.
type relayPath struct{ *relay.Client }

func (r relayPath) Up() bool                  { return r.State().Up }
func (r relayPath) Reflector() netip.AddrPort { return r.State().UDP }
