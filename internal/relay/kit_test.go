package relay

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gossterm/internal/id"
)

// patience is how long a test waits for what must come. Reaching it is a failure.
const patience = 10 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		serveAlone()
		return
	}
	goleak.VerifyTestMain(m)
}

// valuePin is the pin of the relays in tests.
var valuePin = id.PinOf(secretOf(9999).Peer())

// secretOf returns the key number n.
func secretOf(n int) id.Secret {
	return id.SecretFromSeed([32]byte{byte(n), byte(n >> 8), 0xee})
}

func tagOf(n byte) [16]byte { return TagOf(id.Topic{n}) }

// testServer runs a relay on the loopback until the test ends.
func testServer(t testing.TB, change func(*ServerConfig)) *Server {
	t.Helper()
	return startServer(t, change, nil)
}

// startServer is testServer with a way to what no config says.
func startServer(t testing.TB, change func(*ServerConfig), inside func(*Server)) *Server {
	t.Helper()
	cfg := ServerConfig{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: secretOf(9999)}
	if change != nil {
		change(&cfg)
	}
	s, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if inside != nil {
		inside(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

// valueOf returns the first value of a relay.
func valueOf(t testing.TB, s *Server) id.Relay {
	t.Helper()
	v := s.Values()
	if len(v) == 0 {
		t.Fatal("the relay says not where it is")
	}
	return v[0]
}

// A got is what a client received.
type got struct {
	from   id.Peer
	packet string
}

// A testClient is a client that keeps what it gets.
type testClient struct {
	*Client
	peer    id.Peer
	got     chan got
	absent  chan id.Peer
	changed chan struct{}
	stop    func() // stops it and waits
}

// clientOf returns the config of key number n under a tag.
func clientOf(r id.Relay, n int, tag [16]byte) ClientConfig {
	return ClientConfig{Relay: r, Secret: secretOf(n), Tag: tag}
}

// startClient runs a client until the test ends.
func startClient(t testing.TB, cfg ClientConfig, change func(*Client)) *testClient {
	t.Helper()
	c := &testClient{
		peer:    cfg.Secret.Peer(),
		got:     make(chan got, 4096),
		absent:  make(chan id.Peer, 4096),
		changed: make(chan struct{}, 1),
	}
	if cfg.Packet == nil {
		cfg.Packet = func(from id.Peer, p []byte) {
			select {
			case c.got <- got{from, string(p)}:
			default:
			}
		}
	}
	cfg.Absent = func(p id.Peer) { c.absent <- p }
	cfg.Changed = func() { ring(c.changed) }
	c.Client = NewClient(cfg)
	if change != nil {
		change(c.Client)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	c.stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(c.stop)
	return c
}

// until waits until the state is as wanted.
func (c *testClient) until(t testing.TB, what string, want func(State) bool) State {
	t.Helper()
	limit := time.After(patience)
	for {
		if st := c.State(); want(st) {
			return st
		}
		select {
		case <-c.changed:
		case <-limit:
			t.Fatalf("not %s: %+v", what, c.State())
		}
	}
}

func (c *testClient) up(t testing.TB) *testClient {
	t.Helper()
	c.until(t, "up", func(s State) bool { return s.Up })
	return c
}

// down waits until the client is not up and says why.
func (c *testClient) down(t testing.TB) error {
	t.Helper()
	return c.until(t, "down", func(s State) bool { return !s.Up && s.Err != nil }).Err
}

// receive waits for something on a channel.
func receive[T any](t testing.TB, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s came", what)
		panic("not reached")
	}
}

// by makes clients use one carrier.
func by(carrier string) func(*Client) { return func(c *Client) { c.only = carrier } }

// token draws a text that is in nothing else.
func token() string { return rand.Text() }

// both runs a test once over each carrier.
func both(t *testing.T, f func(t *testing.T, carrier string)) {
	for _, c := range []string{"udp", "tcp"} {
		t.Run(c, func(t *testing.T) { f(t, c) })
	}
}

// pass sends a packet from a to b until it arrives: the relay may lose it.
func pass(t testing.TB, a, b *testClient, packet string) {
	t.Helper()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	limit := time.After(patience)
	for {
		if !a.Send(b.peer, []byte(packet)) {
			t.Fatalf("not up: %+v", a.State())
		}
		select {
		case g := <-b.got:
			if g != (got{a.peer, packet}) {
				t.Fatalf("got %v", fmt.Sprint(g)[:100])
			}
			return
		case <-again.C:
		case <-limit:
			t.Fatalf("%d bytes did not arrive", len(packet))
		}
	}
}
