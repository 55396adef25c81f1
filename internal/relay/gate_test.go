package relay

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var (
	addrA = netip.MustParseAddr("192.0.2.1")
	addrB = netip.MustParseAddr("192.0.2.2")
)

// enterAll enters until the gate refuses, and returns the places and why.
func enterAll(g *gate, a netip.Addr) (all []*place, err error) {
	for len(all) < 10_000 {
		p, err := g.enter(a)
		if err != nil {
			return all, err
		}
		all = append(all, p)
	}
	return all, nil
}

func TestGateBoundsTheUnregistered(t *testing.T) {
	g := newGate(1000, 1000)
	of, err := enterAll(g, addrA)
	if len(of) != maxSourceWaiting || err != errWaiting {
		t.Errorf("%d of one source, %v", len(of), err)
	}
	if _, err := enterAll(g, netip.MustParseAddr("::ffff:192.0.2.1")); err != errWaiting {
		t.Errorf("the same source in IPv6 form: %v", err)
	}
	if err := of[0].register(); err != nil {
		t.Error(err)
	}
	if _, err := g.enter(addrA); err != nil {
		t.Errorf("who registers leaves no room: %v", err)
	}
}

func TestGateCountsAndForgets(t *testing.T) {
	g := newGate(3, 2)
	var all []*place
	for _, c := range []struct {
		from netip.Addr
		want error
	}{{addrA, nil}, {addrA, nil}, {addrA, errSource}, {addrB, nil}, {addrB, errClients}} {
		p, err := g.enter(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.register(); err != c.want {
			t.Errorf("got %v, want %v", err, c.want)
		}
		all = append(all, p)
	}
	for _, p := range append(all, all...) { // twice is once
		p.leave()
	}
	if err := all[0].register(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("who left registers: %v", err)
	}
	if len(g.sources) != 0 || g.clients != 0 || len(g.waiting) != 0 {
		t.Errorf("%d sources, %d clients, %d waiting after all left", len(g.sources), g.clients, len(g.waiting))
	}
}

func TestGateBoundsHowOften(t *testing.T) {
	g := newGate(1000, 50)
	for range 50 + maxSourceWaiting {
		p, err := g.enter(addrA)
		if err != nil {
			t.Fatal(err)
		}
		p.leave()
	}
	for range 20 { // some more come as time goes by
		if p, err := g.enter(addrA); err != nil {
			if err != errOften {
				t.Error(err)
			}
			return
		} else {
			p.leave()
		}
	}
	t.Errorf("connections without end")
}

func TestSourceIsANetwork(t *testing.T) {
	a := lineOf(netip.MustParseAddr("2001:db8:1:2:3::4"))
	if a != lineOf(netip.MustParseAddr("2001:db8:1:ff::1%eth0")) || a == lineOf(netip.MustParseAddr("2001:db8:1:102::4")) {
		t.Errorf("a line is %v", a)
	}
	if lineOf(addrA) == lineOf(addrB) {
		t.Errorf("two IPv4 addresses are one source")
	}
}

func TestReflectorIsLimited(t *testing.T) {
	r := newReflector()
	n := 0
	for range 10 * reflectSourceBurst {
		if r.allow(addrA) {
			n++
		}
	}
	if n < reflectSourceBurst || n > 2*reflectSourceBurst {
		t.Errorf("%d answers to one source at once", n)
	}
	for i := range 100_000 {
		if r.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})) {
			n++
		}
	}
	if n > 4*reflectBurst {
		t.Errorf("%d answers to all at once", n)
	}
}

// A TCP connection that asks the web server for other things does not stay for that.
func TestAskingOtherThingsKeepsNoPlace(t *testing.T) {
	s := startServer(t, nil, func(s *Server) { s.within = 300 * time.Millisecond })
	c, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	in := bufio.NewReader(c)
	for {
		fmt.Fprintf(c, "GET /index.html HTTP/1.1\r\nHost: relay\r\n\r\n")
		resp, err := http.ReadResponse(in, nil)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("it stays")
		}
		if err != nil {
			break // closed
		}
		io.Copy(io.Discard, resp.Body)
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("got %s", resp.Status)
		}
	}
	eventually(t, "free place", func() bool { return s.Stats().Unregistered == 0 })
}

func TestSilentClientsAreFound(t *testing.T) {
	s := &Server{hub: newHub(9), start: time.Now().Add(-time.Hour)}
	for n, ago := range []time.Duration{0, maxSilence - time.Second, maxSilence + time.Second} {
		m := &member{peer: secretOf(n).Peer()}
		m.heard.Store(int64(time.Hour - ago))
		s.hub.add(m)
	}
	if got := s.silent(); len(got) != 1 || got[0].peer != secretOf(2).Peer() {
		t.Errorf("%d silent clients, want the last", len(got))
	}
}

func TestHubKeepsTheNewest(t *testing.T) {
	h := newHub(2)
	old, again := &member{peer: secretOf(1).Peer()}, &member{peer: secretOf(1).Peer()}
	h.add(old)
	if before, ok := h.add(again); before != old || !ok {
		t.Errorf("replaced %v, %v", before, ok)
	}
	h.remove(old) // ends after it was replaced
	if h.find(tag{}, old.peer) != again {
		t.Errorf("the old one's end takes the new one out")
	}
	h.remove(again)
	if h.count() != 0 {
		t.Errorf("%d tags left", h.count())
	}
}

// quic-go says nothing to the standard logger, and gets its raw socket in the end.
func TestSocketIsQuiet(t *testing.T) {
	udp, err := net.ListenUDP("udp", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	s := &socket{UDPConn: udp}
	for _, set := range []func(int) error{s.SetReadBuffer, s.SetWriteBuffer} {
		if _, err := s.SyscallConn(); err == nil {
			t.Errorf("quic-go may look at the buffers before they are set")
		}
		if err := set(1 << 40); err != nil {
			t.Errorf("a size that cannot be had: %v", err)
		}
	}
	if _, err := s.SyscallConn(); err != nil {
		t.Error(err)
	}
	var said strings.Builder
	defer log.SetOutput(log.Writer())
	log.SetOutput(&said)
	srv := testServer(t, nil)
	startClient(t, clientOf(valueOf(t, srv), 1, tagOf(1)), by("udp")).up(t)
	if said.Len() > 0 {
		t.Errorf("said %q", said.String())
	}
}

func TestFailedSendIsALostPacket(t *testing.T) {
	udp, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &socket{UDPConn: udp}
	nowhere := &net.UDPAddr{IP: net.IPv4zero, Port: 0} // port 0 is nobody's: the system refuses
	if _, err := udp.WriteTo([]byte("x"), nowhere); err == nil {
		t.Skip("the system sends to port 0")
	}
	if n, err := s.WriteTo([]byte("x"), nowhere); n != 1 || err != nil {
		t.Errorf("WriteTo: %d, %v", n, err)
	}
	if n, _, err := s.WriteMsgUDP([]byte("x"), nil, nowhere); n != 1 || err != nil {
		t.Errorf("WriteMsgUDP: %d, %v", n, err)
	}
	udp.Close()
	if _, err := s.WriteTo([]byte("x"), nowhere); !errors.Is(err, net.ErrClosed) {
		t.Errorf("on a closed socket: %v", err)
	}
	for _, e := range []error{syscall.EMSGSIZE, syscall.EIO} {
		if lost(os.NewSyscallError("sendmsg", e)) {
			t.Errorf("%v is hidden from quic-go", e)
		}
	}
}

// Stop answers even while clients come and send without end.
func TestStopUnderLoad(t *testing.T) {
	s, err := Listen(ServerConfig{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: secretOf(9999)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	var over atomic.Bool
	defer over.Store(true)
	for n := range 8 {
		c := startClient(t, clientOf(valueOf(t, s), n, tagOf(1)), by([]string{"udp", "tcp"}[n%2])).up(t)
		busy := make(chan struct{})
		go func() {
			defer close(busy)
			for !over.Load() {
				if !c.Send(secretOf((n+1)%8).Peer(), make([]byte, 1200)) {
					c.Wake()
					return
				}
			}
		}()
		defer func() { over.Store(true); <-busy }()
	}
	cancel()
	if err := receive(t, "end of Serve", served); err != nil {
		t.Error(err)
	}
	if st := s.Stats(); st.Clients != 0 || st.Sessions != 0 {
		t.Errorf("after the end: %+v", st)
	}
}
