package relay

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// lineAddr returns an address of the n-th line.
func lineAddr(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}) }

// crowd enters as often as one source may, from so many of them beginning with first.
func crowd(t testing.TB, g *gate, first, sources int) (all []*place) {
	t.Helper()
	for n := range sources {
		of, _ := enterAll(g, lineAddr(first+n))
		all = append(all, of...)
	}
	if len(all) != sources*maxSourceWaiting {
		t.Fatalf("%d places of %d sources", len(all), sources)
	}
	return all
}

// fillUp takes the places that are free, each for a source of its own.
func fillUp(t testing.TB, g *gate, free int) (all []*place) {
	t.Helper()
	for n := range free {
		p, err := g.enter(lineAddr(1000 + n))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestTheBusiestGivesWay(t *testing.T) {
	g := newGate(1000, 1000)
	honest, err := g.enter(addrB)
	if err != nil {
		t.Fatal(err)
	}
	silent := crowd(t, g, 0, (maxWaiting-1)/maxSourceWaiting)
	fillUp(t, g, maxWaiting-1-len(silent))
	ended := make(chan int, len(silent))
	for i, p := range silent {
		p.endAfter(time.Hour, func() { ended <- i })
	}
	next, err := g.enter(addrA)
	if err != nil {
		t.Fatalf("one more: %v", err)
	}
	if i := receive(t, "end", ended); i != 0 {
		t.Errorf("number %d was ended, want the oldest", i)
	}
	if err := silent[0].register(); err != errWaiting {
		t.Errorf("who gave way registers: %v", err)
	}
	if _, err := g.enter(addrA); err != nil || !silent[maxSourceWaiting].gone {
		t.Errorf("and one more: %v; the oldest of the now busiest gone: %v", err, silent[maxSourceWaiting].gone)
	}
	for n := range 3 * maxSourceWaiting { // of one more busy source
		if p, err := g.enter(lineAddr(100)); err == nil && n%2 == 1 {
			p.leave()
		}
	}
	for _, p := range []*place{honest, next} {
		if err := p.register(); err != nil {
			t.Errorf("one that came alone: %v", err)
		}
	}
}

// A connection may have to give way before there is a way to end it.
func TestGivingWayBeforeItCanBeEnded(t *testing.T) {
	g := newGate(1000, 1000)
	all := crowd(t, g, 0, maxWaiting/maxSourceWaiting)
	if _, err := g.enter(addrA); err != nil {
		t.Fatal(err)
	}
	ended := make(chan int, 2)
	all[0].endAfter(time.Hour, func() { ended <- 0 })
	receive(t, "end", ended)
}

// The next has to prove its address when some are at the gate, also if they leave.
func TestCrowdedWithThoseThatLeave(t *testing.T) {
	g := newGate(1000, 1000)
	if g.crowded(nil) {
		t.Error("a gate with nobody is crowded")
	}
	all := fillUp(t, g, retryAbove)
	if !g.crowded(nil) {
		t.Errorf("%d are no crowd", len(all))
	}
	g.waiting, g.leaving = nil, retryAbove
	if !g.crowded(nil) {
		t.Errorf("%d that leave are no crowd", g.leaving)
	}
}

// A crowd of clients that come back at once, each from elsewhere, do not drive each
// other out; but who came alone and says nothing does not stay for ever either.
func TestAloneItKeepsItsPlaceForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1000, 1000)
		all := fillUp(t, g, maxWaiting)
		if _, err := g.enter(addrA); err != errWaiting {
			t.Errorf("one more at once: %v", err)
		}
		time.Sleep(aloneFor)
		if _, err := g.enter(addrA); err != nil || !all[0].gone || all[1].gone {
			t.Errorf("one more later: %v; the oldest gone %v, the next %v", err, all[0].gone, all[1].gone)
		}
	})
}

// What cannot be ended yet takes memory: that is bounded, and counts for its source.
func TestThoseThatLeaveAreBounded(t *testing.T) {
	g := newGate(1000, 1000)
	most := (maxWaiting + maxLeaving) / maxSourceWaiting
	all := crowd(t, g, 0, most)
	if n := len(g.waiting) + g.leaving; n != maxWaiting+maxLeaving {
		t.Errorf("%d altogether, want %d", n, maxWaiting+maxLeaving)
	}
	if _, err := g.enter(lineAddr(0)); err != errWaiting { // all its places were given up
		t.Errorf("a source with %d that leave: %v", maxSourceWaiting, err)
	}
	if _, err := g.enter(addrA); err != errWaiting {
		t.Errorf("one more than all: %v", err)
	}
	all[0].leave()
	if _, err := g.enter(addrA); err != nil {
		t.Errorf("after one has ended: %v", err)
	}
	for _, p := range all {
		p.leave()
	}
	if len(g.waiting) != 1 || g.leaving != 0 || len(g.sources) != 1 {
		t.Errorf("%d waiting, %d leaving, %d sources; want only the last", len(g.waiting), g.leaving, len(g.sources))
	}
}

// Whoever gives way is ended: not long after, as it would be anyhow, but at once.
func TestGivingWayEndsTheConnection(t *testing.T) {
	for _, c := range []struct {
		desc  string
		enter func(*testing.T, *Server) (ended func())
	}{
		{"TCP that says nothing", silentTCP},
		{"WebSocket that does not register", func(t *testing.T, s *Server) func() { return hearsTheEnd(t, lie(t, s, "tcp")) }},
		{"QUIC that does not register", func(t *testing.T, s *Server) func() { return hearsTheEnd(t, lie(t, s, "udp")) }},
		{"QUIC that does not end its handshake", halfQUIC},
	} {
		t.Run(c.desc, func(t *testing.T) {
			s := startServer(t, nil, func(s *Server) { s.within = time.Hour })
			ended := c.enter(t, s)
			eventually(t, "connection at the gate", func() bool { return s.Stats().Unregistered == 1 })
			mine := netip.MustParseAddr("127.0.0.1")
			for range maxSourceWaiting - 1 {
				if _, err := s.gate.enter(mine); err != nil {
					t.Fatal(err)
				}
			}
			fillUp(t, s.gate, maxWaiting-maxSourceWaiting)
			begun := time.Now()
			if _, err := s.gate.enter(addrA); err != nil {
				t.Fatal(err)
			}
			ended()
			eventually(t, "free place", func() bool { return s.Stats().Unregistered == maxWaiting })
			if took := time.Since(begun); took > handshakeTimeout/2 {
				t.Errorf("took %v", took)
			}
		})
	}
}

// silentTCP connects by TCP and says nothing.
func silentTCP(t *testing.T, s *Server) func() {
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return func() {
		c.SetDeadline(time.Now().Add(patience))
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("reading: %v, want the end", err)
		}
	}
}

// hearsTheEnd returns what waits for the end of a connection.
func hearsTheEnd(t *testing.T, l *liar) func() {
	return func() {
		if _, err := l.hears(t); err == nil {
			t.Error("it hears something")
		}
	}
}

// halfQUIC begins a handshake over QUIC and stops in the middle of it.
func halfQUIC(t *testing.T, s *Server) func() {
	conf := clientTLS(valueOf(t, s), alpn, nil)
	release, dialled := make(chan struct{}), make(chan struct{})
	conf.VerifyConnection = func(tls.ConnectionState) error {
		<-release
		return ErrKey
	}
	go func() {
		defer close(dialled)
		if c, err := dialQUIC(context.Background(), s.Addr(), conf); err == nil {
			c.close(0, "")
			t.Error("it got through")
		}
	}()
	t.Cleanup(func() { close(release); <-dialled })
	return func() {}
}
