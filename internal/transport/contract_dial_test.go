package transport

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/id"
)

// Who is not proved in time is late, on both sides.
func TestLate(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{ProveTime: 50 * time.Millisecond})
		a.dialOK(t, b)
		want[Up](t, a)
		want[Up](t, b)
		wantClosed(t, want[Down](t, b).Err, Late, false)
		wantClosed(t, want[Down](t, a).Err, Late, true)
		a2, b2 := newEnd(t, w, Config{ProveTime: 25 * time.Millisecond}), newEnd(t, w, Config{})
		a2.dialOK(t, b2)
		want[Up](t, a2)
		wantClosed(t, want[Down](t, a2).Err, Late, false)
	})
}

// An address where another key answers is refused by the dialler.
func TestWrongKey(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		_, err := a.Dial(t.Context(), newSecret().Peer(), b.Addrs())
		if !errors.Is(err, ErrKey) {
			t.Errorf("got %v, want %v", err, ErrKey)
		}
	})
}

// A dial can succeed against a peer that refuses: the refusal comes as Down.
func TestRefusedAfterDial(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab := a.dialOK(t, b)
		want[Up](t, b).Link.Close(Refused, "no")
		want[Up](t, a)
		down := want[Down](t, a)
		if down.Link != ab {
			t.Error("another link went down")
		}
		wantClosed(t, down.Err, Refused, true)
	})
}

// Two dials are two links, each with its secret.
func TestTwoLinks(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab, ba := join(t, a, b)
		ab2, ba2 := join(t, a, b)
		if ab.Exporter() != ba.Exporter() || ab2.Exporter() != ba2.Exporter() {
			t.Error("the ends of a link have different secrets")
		}
		if ab.Exporter() == ab2.Exporter() {
			t.Error("two links have one secret")
		}
		if ab.Peer() != b.key || ba.Peer() != a.key {
			t.Error("wrong peers")
		}
		if ab.Addr() != b.Addrs()[0] || ba.Addr() != a.Addrs()[0] {
			t.Errorf("addresses %v and %v", ab.Addr(), ba.Addr())
		}
		ab.Close(Replaced, "")
		if down := want[Down](t, b); down.Link != ba {
			t.Error("the wrong link went down")
		}
		want[Down](t, a)
		mustSend(t, ab2, Control, Head, []byte("second"))
		if g := want[Got](t, b); g.Link != ba2 {
			t.Error("the frame came by the wrong link")
		}
	})
}

// A dial that fails says for each address what it answered.
func TestDialError(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		addrs := []netip.AddrPort{b.Addrs()[0], w.dead}
		_, err := a.Dial(ctx, newSecret().Peer(), addrs)
		de, ok := errors.AsType[*DialError](err)
		if !ok || len(de.Tries) != 2 || de.Tries[0].Err != ErrKey || de.Tries[1].Err != ErrTimeout {
			t.Fatalf("got %v", err)
		}
		for _, part := range []string{addrs[0].String(), ErrKey.Error(), addrs[1].String(), ErrTimeout.Error()} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
		if _, err := a.Dial(t.Context(), b.key, nil); !errors.Is(err, ErrNoAddress) {
			t.Errorf("no address: got %v", err)
		}
		if _, err := a.Dial(ctx, b.key, []netip.AddrPort{w.dead}); !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v", err)
		}
	})
}

// The first address that answers wins, and leaves one link.
func TestDialRace(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		addrs := []netip.AddrPort{w.dead, b.Addrs()[0], b.Addrs()[0], b.Addrs()[0]}
		l, err := a.Dial(t.Context(), b.key, addrs)
		if err != nil {
			t.Fatal(err)
		}
		if up := want[Up](t, a); up.Link != l {
			t.Error("Up of another link")
		}
		mustSend(t, l, Control, Hello, []byte("the winner"))
		for {
			if g := until[Got](t, b); bytes.Equal(g.Body, []byte("the winner")) {
				break
			}
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		if n := len(a.links); n != 1 {
			t.Errorf("the dialler has %d links", n)
		}
	})
}

// Close ends what is under way, needs no receiver and is final.
func TestClose(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab, _ := join(t, a, b)
		fill(t, ab, Log, 1000)
		for range 6 { // b's inbox overflows
			a.dialOK(t, b)
			until[Up](t, a)
		}
		b.Close(Ended)
		if len(b.links) != 0 { // no lock: nobody is left to touch them
			t.Errorf("%d links outlive Close", len(b.links))
		}
		b.Close(Left) // again is harmless
		for range 7 {
			err := until[Down](t, a).Err
			if !errors.Is(err, ErrBusy) { // b had not its last flight yet
				wantClosed(t, err, Ended, true)
			}
		}
		dialing := make(chan error)
		go func() {
			_, err := a.Dial(context.Background(), b.key, []netip.AddrPort{w.dead})
			dialing <- err
		}()
		w.settle()
		start := time.Now()
		a.Close(Left)
		if took := time.Since(start); w.name == "mem" && took != 0 {
			t.Errorf("Close waited %v for the dial", took)
		}
		if err := <-dialing; !errors.Is(err, ErrClosed) {
			t.Errorf("dial under way: got %v, want %v", err, ErrClosed)
		}
		if _, err := a.Dial(context.Background(), b.key, b.Addrs()); !errors.Is(err, ErrClosed) {
			t.Errorf("dial after Close: got %v, want %v", err, ErrClosed)
		}
	})
}

// A conn that lost the race of addresses is closed, and the peer told why.
func TestLosersAreClosed(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		results := make(chan dialed, 2)
		results <- dialed{err: ErrTimeout}
		results <- dialed{conn: a.raw(t, b)}
		want[Up](t, b)
		done := make(chan struct{})
		a.discard(results, 2, func() { close(done) })
		<-done
		wantClosed(t, want[Down](t, b).Err, Replaced, true)
	})
}

// A gatedNet is a network on which one address is another's, behind a gate.
type gatedNet struct {
	network
	gated, to netip.AddrPort
	begun     chan struct{} // closed when it is dialled; others wait for that
	gate      chan struct{}
	closed    chan Code // of what was dialled there
}

// A gatedConn tells how it was closed.
type gatedConn struct {
	conn
	closed chan Code
}

func (c gatedConn) close(code Code, reason string) {
	c.conn.close(code, reason)
	c.closed <- code
}

func (n gatedNet) dial(ctx context.Context, peer id.Peer, addr netip.AddrPort) (conn, error) {
	if addr != n.gated {
		<-n.begun
		return n.network.dial(ctx, peer, addr)
	}
	close(n.begun)
	<-n.gate
	c, err := n.network.dial(ctx, peer, n.to)
	if err != nil {
		close(n.closed)
		return nil, err
	}
	return gatedConn{c, n.closed}, nil
}

// A handshake that is under way when another address was first comes to its end, also when
// the caller's context is over, and its conn is closed: what is left alone takes a place of
// the peer's until that gives it up.
func TestHandshakesUnderWayAreClosed(t *testing.T) {
	w := quicWorld(t)
	b := newEnd(t, w, Config{})
	a := newTransport(Config{Secret: newSecret(), Inbox: make(chan Event, 4)})
	n, err := listenQUIC(a.cfg, hooks{changed: a.ring, again: a.offerTo})
	if err != nil {
		t.Fatal(err)
	}
	gated := gatedNet{network: n, gated: w.dead, to: b.Addrs()[0], begun: make(chan struct{}), gate: make(chan struct{}), closed: make(chan Code, 1)}
	a.begin(gated)
	defer a.Close(Left)

	ctx, cancel := context.WithCancel(context.Background())
	_, err = a.Dial(ctx, b.key, []netip.AddrPort{w.dead, b.Addrs()[0]})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	close(gated.gate)
	if code, ok := <-gated.closed; !ok || code != Replaced {
		t.Errorf("the second handshake ended: %v, and was closed with %v; want that it ends and %v", ok, code, Replaced)
	}
}

// A deafNet does not hear the first dial.
type deafNet struct {
	network
	dials atomic.Int32
	says  error // what it says at once, if anything
}

func (n *deafNet) dial(ctx context.Context, peer id.Peer, addr netip.AddrPort) (conn, error) {
	if n.dials.Add(1) > 1 {
		return n.network.dial(ctx, peer, addr)
	}
	if n.says == nil {
		<-ctx.Done()
		return nil, ErrTimeout
	}
	return nil, n.says
}

// An address that says nothing is dialled once more; one that says no is not.
func TestDialsAgain(t *testing.T) {
	for _, tt := range []struct {
		says, want error
		took       time.Duration
	}{
		{nil, nil, againAfter},
		{ErrBusy, ErrBusy, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := NewMem(1)
			b := newEnd(t, world{listen: m.Listen}, Config{})
			a := newTransport(Config{Secret: newSecret(), Inbox: make(chan Event, 4)})
			a.begin(&deafNet{network: m.join(a.cfg), says: tt.says})
			defer a.Close(Left)
			start := time.Now()
			_, err := a.Dial(context.Background(), b.key, b.Addrs())
			if took := time.Since(start); !errors.Is(err, tt.want) || took != tt.took {
				t.Errorf("%v at first: got %v after %v, want %v after %v", tt.says, err, took, tt.want, tt.took)
			}
		})
	}
}
