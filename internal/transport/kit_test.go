package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"gossterm/internal/id"
)

// TestMain finds leaked goroutines, and whatever quic-go writes past us.
func TestMain(m *testing.M) {
	var said strings.Builder
	log.SetOutput(&said)
	code := m.Run()
	log.SetOutput(os.Stderr)
	if said.Len() > 0 {
		log.Printf("a library wrote to the standard logger: %s", said.String())
		code = 1
	}
	if err := goleak.Find(); err != nil {
		log.Print(err)
		code = 1
	}
	os.Exit(code)
}

// patience bounds every wait for something that must come.
const patience = 10 * time.Second

// A world makes transports on one network.
type world struct {
	name   string
	listen func(Config) (*Transport, error)
	settle func() // until nothing moves; nothing over real sockets
	dead   netip.AddrPort
}

// eachNetwork runs a test over mem, in a bubble, and over QUIC on loopback.
func eachNetwork(t *testing.T, test func(*testing.T, world)) {
	t.Run("mem", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			test(t, world{
				name: "mem", listen: NewMem(1).Listen, settle: synctest.Wait,
				dead: netip.MustParseAddrPort("10.9.9.9:9"),
			})
		})
	})
	t.Run("quic", func(t *testing.T) {
		test(t, quicWorld(t))
	})
}

// quicWorld is QUIC on loopback, with one address at which nobody answers.
func quicWorld(t *testing.T) world {
	return world{
		name: "quic", listen: listenLoopback, settle: func() {},
		dead: deaf(t),
	}
}

func listenLoopback(c Config) (*Transport, error) {
	if !c.Listen.IsValid() {
		c.Listen = netip.MustParseAddrPort("127.0.0.1:0")
	}
	return Listen(c)
}

// An end is a transport with its inbox.
type end struct {
	*Transport
	key   id.Peer
	inbox chan Event
	w     world
}

var keys uint64 // tests of this package do not run in parallel

func newSecret() id.Secret {
	keys++
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], keys)
	return id.SecretFromSeed(seed)
}

// newEnd makes an end; the test's end closes it.
func newEnd(t testing.TB, w world, cfg Config) *end {
	t.Helper()
	if cfg.Secret.IsZero() {
		cfg.Secret = newSecret()
	}
	inbox := make(chan Event, 4)
	cfg.Inbox = inbox
	tr, err := w.listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close(Left) })
	return &end{Transport: tr, key: cfg.Secret.Peer(), inbox: inbox, w: w}
}

// next returns the next event, which must come.
func (e *end) next(t testing.TB) Event {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case ev := <-e.inbox:
		return ev
	case <-timer.C:
		t.Fatal("no event")
		return nil
	}
}

// want returns the next event, which must be a T.
func want[T Event](t testing.TB, e *end) T {
	t.Helper()
	ev := e.next(t)
	got, ok := ev.(T)
	if !ok {
		t.Fatalf("got %T %+v, want %T", ev, ev, got)
	}
	return got
}

// until skips events until a T comes.
func until[T Event](t testing.TB, e *end) T {
	t.Helper()
	for {
		if got, ok := e.next(t).(T); ok {
			return got
		}
	}
}

// dialOK dials all addresses of an end.
func (e *end) dialOK(t testing.TB, to *end) *Link {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	l, err := e.Dial(ctx, to.key, to.Addrs())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// join links a to b and returns both ends of the link, trusted.
func join(t testing.TB, a, b *end) (ab, ba *Link) {
	t.Helper()
	ab = a.dialOK(t, b)
	if up := want[Up](t, a); up.Link != ab || !up.Dialed {
		t.Fatalf("dialler got %+v, want its link, dialled", up)
	}
	up := want[Up](t, b)
	if up.Dialed {
		t.Fatal("acceptor's Up says it dialled")
	}
	ab.Trust()
	up.Link.Trust()
	return ab, up.Link
}

// wantClosed checks how a link ended.
func wantClosed(t testing.TB, err error, code Code, remote bool) {
	t.Helper()
	ce, ok := errors.AsType[*CloseError](err)
	if !ok || ce.Code != code || ce.Remote != remote {
		t.Errorf("link ended with %v; want %v, remote %v", err, code, remote)
	}
}

// kindOf returns a kind of frame that belongs to the class.
func kindOf(c Class) byte {
	return [classes]byte{Control: Head, Input: InputKind, Log: Gossip}[c]
}

// numbered returns a body that begins with its number.
func numbered(n uint64, size int) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint64(b, n)
	return b
}

func number(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

// mustSend sends a frame that must find place.
func mustSend(t testing.TB, l *Link, c Class, kind byte, body []byte) {
	t.Helper()
	if !l.Send(c, kind, body) {
		t.Fatalf("no place for %d bytes of %v", len(body), c)
	}
}

// raw dials below the links, to send what a link would not.
func (e *end) raw(t testing.TB, to *end) conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := e.net.dial(ctx, to.key, to.Addrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rawSend opens a stream and writes bytes to it.
func rawSend(t testing.TB, c conn, class Class, b []byte) outStream {
	t.Helper()
	s, err := c.open(context.Background(), class)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(b); err != nil && err != io.EOF {
		t.Logf("write: %v", err) // the other end may have closed by now
	}
	return s
}

// awaitAddr waits until a link's peer is at one of some addresses: it is heard before the
// answer to a check says so.
func awaitAddr(t *testing.T, l *Link, want ...netip.AddrPort) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(patience); !slices.Contains(want, l.Addr()); <-tick.C {
		if time.Now().After(late) {
			t.Fatalf("the link's peer is at %v, want %v", l.Addr(), want)
		}
	}
}
