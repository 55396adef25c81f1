package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"gossterm/internal/cert"
	"gossterm/internal/id"
	"gossterm/internal/path"
)

// deaf returns an address that takes packets and never answers.
func deaf(t testing.TB) netip.AddrPort {
	t.Helper()
	c := loopback(t)
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

func loopback(t testing.TB) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// A listener with other ALPN is another version, not a mystery.
func TestAnotherVersion(t *testing.T) {
	w := quicWorld(t)
	a := newEnd(t, w, Config{})
	s := newSecret()
	own, err := cert.Of(s)
	if err != nil {
		t.Fatal(err)
	}
	conf := tlsConfig(own, anyPeer)
	conf.NextProtos = []string{"gossterm/0"}
	ln, err := quic.Listen(loopback(t), conf, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	at := ln.Addr().(*net.UDPAddr).AddrPort()
	if _, err := a.Dial(t.Context(), s.Peer(), []netip.AddrPort{at}); !errors.Is(err, ErrVersion) {
		t.Errorf("got %v, want %v", err, ErrVersion)
	}
}

// A dialler is a peer only with one Ed25519 certificate.
func TestCertificates(t *testing.T) {
	w := quicWorld(t)
	b := newEnd(t, w, Config{})
	own, err := cert.Of(newSecret())
	if err != nil {
		t.Fatal(err)
	}
	two := own
	two.Certificate = append(two.Certificate, own.Certificate[0])
	for desc, certs := range map[string][]tls.Certificate{
		"none": nil,
		"two":  {two},
	} {
		conf := tlsConfig(own, anyPeer)
		conf.Certificates = certs
		q, err := quic.Dial(t.Context(), loopback(t), net.UDPAddrFromAddrPort(b.Addrs()[0]), conf, quicConfig)
		if err == nil { // TLS 1.3: the dialler learns it later
			<-q.Context().Done()
			err = context.Cause(q.Context())
		}
		te, ok := errors.AsType[*quic.TransportError](err)
		if !ok || !te.Remote || !te.ErrorCode.IsCryptoError() {
			t.Errorf("%s: got %v, want a TLS alert", desc, err)
		}
	}
	join(t, newEnd(t, w, Config{}), b) // nothing of it came up as a link
}

// A peer that was killed and came back says that it lost the link, at once.
func TestRestart(t *testing.T) {
	w := quicWorld(t)
	a := newEnd(t, w, Config{})
	s := newSecret()
	b := newEnd(t, w, Config{Secret: s})
	ab, _ := join(t, a, b)
	at := b.Addrs()[0]
	n := b.net.(*quicNet)
	n.tr.Close() // no word to anybody, as if killed
	n.udp.Close()
	newEnd(t, w, Config{Secret: s, Listen: at})
	ab.Send(Control, Head, make([]byte, 100)) // not taken if something sent before has ended the link
	if down := until[Down](t, a); !errors.Is(down.Err, ErrGone) {
		t.Errorf("got %v, want %v", down.Err, ErrGone)
	}
}

// A nat forwards between one dialler and one listener, and can move the dialler to
// another address or drop everything.
type nat struct {
	front *net.UDPConn
	to    *net.UDPAddr
	back  atomic.Pointer[net.UDPConn]
	from  atomic.Pointer[net.UDPAddr]
	down  atomic.Bool
	t     testing.TB
}

func newNAT(t testing.TB, to netip.AddrPort) *nat {
	n := &nat{front: loopback(t), to: net.UDPAddrFromAddrPort(to), t: t}
	n.move()
	go func() {
		buf := make([]byte, 2000)
		for {
			k, from, err := n.front.ReadFromUDP(buf)
			if err != nil {
				return
			}
			n.from.Store(from)
			if !n.down.Load() {
				n.back.Load().WriteTo(buf[:k], n.to)
			}
		}
	}()
	return n
}

// move gives the dialler another address, from the listener's point of view.
func (n *nat) move() netip.AddrPort {
	c := loopback(n.t)
	n.back.Store(c)
	go func() {
		buf := make([]byte, 2000)
		for {
			k, _, err := c.ReadFromUDP(buf)
			if err != nil {
				return
			}
			if !n.down.Load() && n.back.Load() == c {
				n.front.WriteTo(buf[:k], n.from.Load())
			}
		}
	}()
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

func (n *nat) addr() netip.AddrPort { return n.front.LocalAddr().(*net.UDPAddr).AddrPort() }

// A link survives that its dialler gets another address, at once or after a time
// without any.
func TestRoaming(t *testing.T) {
	w := quicWorld(t)
	a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
	n := newNAT(t, b.Addrs()[0])
	ab, err := a.Dial(t.Context(), b.key, []netip.AddrPort{n.addr()})
	if err != nil {
		t.Fatal(err)
	}
	want[Up](t, a)
	ba := want[Up](t, b).Link
	ab.Trust()
	ba.Trust()
	for _, gap := range []bool{false, true} {
		n.down.Store(gap)
		at := n.move()
		mustSend(t, ab, Input, InputKind, []byte("from elsewhere"))
		mustSend(t, ba, Log, Gossip, []byte("to elsewhere"))
		if gap { // until something was sent in vain
			sent := ab.Stats().PacketsOut
			wait := time.NewTicker(time.Millisecond)
			for ab.Stats().PacketsOut < sent+2 {
				<-wait.C
			}
			wait.Stop()
			n.down.Store(false)
		}
		if g := want[Got](t, b); string(g.Body) != "from elsewhere" {
			t.Errorf("got %+v", g)
		}
		if g := want[Got](t, a); string(g.Body) != "to elsewhere" {
			t.Errorf("got %+v", g)
		}
		awaitAddr(t, ba, at, a.Addrs()[0]) // the way around the NAT is good, too
	}
}

// Too many handshakes under way are first asked to prove their address, then
// refused; ended ones make place, once each.
func TestHalfOpen(t *testing.T) {
	h := &halfOpen{}
	var ctxs []context.Context
	var ends []context.CancelFunc
	for i := range maxHalfOpen {
		if got, want := h.crowded(nil), i >= retryAbove; got != want {
			t.Errorf("at %d: crowded is %v", i, got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ctx, err := h.begin(ctx, &quic.ClientInfo{})
		if err != nil {
			t.Fatal(err)
		}
		ctxs, ends = append(ctxs, ctx), append(ends, cancel)
	}
	if _, err := h.begin(t.Context(), &quic.ClientInfo{}); err == nil {
		t.Error("no bound")
	}
	for i, ctx := range ctxs {
		h.end(ctx)
		h.end(ctx)
		ends[i]()
	}
	if h.n != 0 {
		t.Errorf("%d handshakes left", h.n)
	}
}

// One source that holds its handshakes open takes a few places, all behind the relays
// together half of them; and nobody takes those of an address that is not its own.
func TestHalfOpenBySource(t *testing.T) {
	udp := loopback(t)
	c := path.New(path.Config{UDP: udp, Direct: true})
	defer c.Close()
	direct := func(last byte) net.Addr {
		a, hangUp := c.Direct(netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, last}), 9))
		hangUp()
		return a
	}
	for _, tt := range []struct {
		desc string
		from func(i int) *quic.ClientInfo
		want int
	}{
		{"one address", func(int) *quic.ClientInfo {
			return &quic.ClientInfo{RemoteAddr: direct(1), AddrVerified: true}
		}, maxSourceOpen},
		{"one address that may be forged", func(int) *quic.ClientInfo {
			return &quic.ClientInfo{RemoteAddr: direct(1)}
		}, maxHalfOpen},
		{"one peer behind the relay", func(int) *quic.ClientInfo {
			return &quic.ClientInfo{RemoteAddr: c.Relayed(id.Peer{1})}
		}, maxKeyOpen},
		{"one line with a /48", func(i int) *quic.ClientInfo {
			a, hangUp := c.Direct(netip.AddrPortFrom(netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, 1, byte(i), byte(i)}), 9))
			hangUp()
			return &quic.ClientInfo{RemoteAddr: a, AddrVerified: true}
		}, maxSourceOpen},
		{"many behind the relay", func(i int) *quic.ClientInfo {
			return &quic.ClientInfo{RemoteAddr: c.Relayed(id.Peer{byte(i)})}
		}, maxRelayedOpen},
		{"many addresses", func(i int) *quic.ClientInfo {
			return &quic.ClientInfo{RemoteAddr: direct(byte(i)), AddrVerified: true}
		}, maxHalfOpen},
	} {
		h := &halfOpen{}
		var ctxs []context.Context
		for i := range 2 * maxHalfOpen {
			if ctx, err := h.begin(t.Context(), tt.from(i)); err == nil {
				ctxs = append(ctxs, ctx)
			}
		}
		if len(ctxs) != tt.want {
			t.Errorf("%s: %d handshakes, want %d", tt.desc, len(ctxs), tt.want)
		}
		for _, ctx := range ctxs {
			h.end(ctx)
		}
		if h.n+h.relayed+len(h.by) != 0 {
			t.Errorf("%s: left %+v", tt.desc, h)
		}
	}
}

// Links come up with handshakes enough under way to demand a Retry.
func TestRetry(t *testing.T) {
	w := quicWorld(t)
	a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
	h := b.net.(*quicNet).half
	h.mu.Lock()
	h.n += retryAbove
	h.mu.Unlock()
	join(t, a, b)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.n != retryAbove {
		t.Errorf("%d handshakes under way", h.n-retryAbove)
	}
}

// A full listener is told from a dead one.
func TestBusy(t *testing.T) {
	w := quicWorld(t)
	a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
	h := b.net.(*quicNet).half
	h.mu.Lock()
	h.n += maxHalfOpen
	h.mu.Unlock()
	if _, err := a.Dial(t.Context(), b.key, b.Addrs()); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want %v", err, ErrBusy)
	}
}

// Conns that nobody accepted are told at Close as well.
func TestCloseBeforeAccept(t *testing.T) {
	w := quicWorld(t)
	a := newEnd(t, w, Config{})
	s := newSecret()
	n, err := listenQUIC(Config{Secret: s, Listen: netip.MustParseAddrPort("127.0.0.1:0")}.withDefaults(), hooks{})
	if err != nil {
		t.Fatal(err)
	}
	var conns []conn
	for range 4 {
		c, err := a.net.dial(t.Context(), s.Peer(), n.addrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	n.close(Ended)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, c := range conns {
		_, err := c.accept(ctx)
		if !errors.Is(err, ErrBusy) { // its handshake was not over yet
			wantClosed(t, err, Ended, true)
		}
		c.close(Left, "")
	}
}

// A transport bound to everything names addresses at which it answers.
func TestAddrs(t *testing.T) {
	w := quicWorld(t)
	b := newEnd(t, w, Config{Listen: netip.MustParseAddrPort("[::]:0")})
	got := b.Addrs()
	if len(got) == 0 || len(got) > 4 {
		t.Fatalf("%d addresses", len(got))
	}
	for _, addr := range got {
		if addr.Addr().IsUnspecified() || addr.Port() == 0 {
			t.Errorf("%v cannot be dialled", addr)
		}
	}
	c := newEnd(t, w, Config{Listen: netip.MustParseAddrPort("[::]:0")})
	join(t, c, b)
}
