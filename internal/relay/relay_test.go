package relay

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"gossterm/internal/id"
)

func TestForwards(t *testing.T) {
	both(t, func(t *testing.T, carrier string) {
		s := testServer(t, nil)
		a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by(carrier)).up(t)
		b := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by(carrier)).up(t)
		for _, size := range []int{1, 40, 1200, 1252, MaxPacket} {
			p := strings.Repeat("x", size)
			pass(t, a, b, p)
			pass(t, b, a, p)
		}
		if st := a.State(); st.Carrier != carrier || st.Err != nil || st.UDP != s.Addr() {
			t.Errorf("state %+v, want carrier %s", st, carrier)
		}
		for _, size := range []int{0, MaxPacket + 1} {
			if a.Send(b.peer, make([]byte, size)) {
				t.Errorf("a packet of %d bytes was taken", size)
			}
		}
	})
}

func TestCarriersMeet(t *testing.T) {
	s := testServer(t, nil)
	a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by("udp")).up(t)
	b := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by("tcp")).up(t)
	pass(t, a, b, token())
	pass(t, b, a, token())
}

func TestQUICWinsWhereItWorks(t *testing.T) {
	s := testServer(t, nil)
	a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), nil).up(t)
	if st := a.State(); st.Carrier != "udp" {
		t.Errorf("by %s", st.Carrier)
	}
}

func TestAbsentIsSaid(t *testing.T) {
	both(t, func(t *testing.T, carrier string) {
		s := testServer(t, nil)
		a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by(carrier)).up(t)
		nobody := secretOf(77).Peer()
		for range 100 {
			a.Send(nobody, []byte("hello"))
		}
		if p := receive(t, "absent", a.absent); p != nobody {
			t.Errorf("absent is %v, want %v", p, nobody)
		}
	})
}

func TestRoundTripIsMeasured(t *testing.T) {
	s := testServer(t, nil)
	a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), nil).up(t)
	b := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), nil).up(t)
	pass(t, a, b, "after the first ping") // the queue keeps the order
	pass(t, b, a, "and back")
	if rtt := a.State().RTT; rtt <= 0 || rtt > patience {
		t.Errorf("round trip %v", rtt)
	}
}

func TestStopSaysBye(t *testing.T) {
	both(t, func(t *testing.T, carrier string) {
		s, err := Listen(ServerConfig{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: secretOf(9999)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error)
		go func() { served <- s.Serve(ctx) }()
		a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by(carrier)).up(t)
		cancel()
		var bye *ByeError
		if err := a.down(t); !errors.As(err, &bye) || bye.Code != Stopping {
			t.Errorf("got %v, want a bye: stopping", err)
		}
		if err := receive(t, "end of Serve", served); err != nil {
			t.Error(err)
		}
		if a.Send(secretOf(2).Peer(), []byte("x")) {
			t.Errorf("a client that is down takes packets")
		}
	})
}

// A relay that comes back with its key and port is found again, and quickly.
func TestClientComesBack(t *testing.T) {
	both(t, func(t *testing.T, carrier string) {
		var at netip.AddrPort
		ctx, cancel := context.WithCancel(context.Background())
		first, err := Listen(ServerConfig{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: secretOf(9999)})
		if err != nil {
			t.Fatal(err)
		}
		at = first.Addr()
		served := make(chan error)
		go func() { served <- first.Serve(ctx) }()
		a := startClient(t, clientOf(valueOf(t, first), 1, tagOf(1)), by(carrier)).up(t)
		cancel()
		if err := receive(t, "end of Serve", served); err != nil {
			t.Fatal(err)
		}
		a.down(t)
		testServer(t, func(c *ServerConfig) { c.Listen = at })
		a.Wake()
		a.up(t)
	})
}

func TestSameKeyAgainReplaces(t *testing.T) {
	both(t, func(t *testing.T, carrier string) {
		s := testServer(t, nil)
		old := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by(carrier)).up(t)
		again := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by(carrier)).up(t)
		other := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by(carrier)).up(t)
		var bye *ByeError
		if err := old.down(t); !errors.As(err, &bye) || bye.Code != Replaced {
			t.Errorf("got %v, want a bye: replaced", err)
		}
		pass(t, other, again, token())
	})
}

func TestWrongKeyIsNoRelay(t *testing.T) {
	both(t, func(t *testing.T, carrier string) {
		s := testServer(t, nil)
		r := valueOf(t, s)
		r.Pin[0] ^= 1
		a := startClient(t, clientOf(r, 1, tagOf(1)), by(carrier))
		if err := a.down(t); !errors.Is(err, ErrKey) {
			t.Errorf("got %v, want %v", err, ErrKey)
		}
		if st := s.Stats(); st.Registered != 0 {
			t.Errorf("registered at a relay with another key")
		}
	})
}

func TestNobodyAnswers(t *testing.T) {
	r := id.Relay{Place: "127.0.0.1", Port: 1, Pinned: true}
	a := startClient(t, clientOf(r, 1, tagOf(1)), by("tcp"))
	err := a.down(t)
	if !errors.Is(err, syscall.ECONNREFUSED) || !strings.HasPrefix(err.Error(), "by TCP: ") {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
}

func TestReflection(t *testing.T) {
	s := testServer(t, nil)
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(s.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := [16]byte{1, 2, 3}
	b := make([]byte, 2000)
	for {
		c.Write(ReflectQuery(want))
		c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		n, err := c.Read(b)
		if errors.Is(err, os.ErrDeadlineExceeded) { // lost
			continue
		}
		number, seen, ok := ParseReflectAnswer(b[:n])
		if !ok || number != want || seen != addrOf(c.LocalAddr()) || n != len(ReflectQuery(want)) {
			t.Errorf("got %x", b[:n])
		}
		break
	}
	if bytes.Equal(b[:3], []byte{3, 1, 2}) {
		t.Errorf("an echo")
	}
}
