package relay

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A moment is one instant of a connection's life and what a pulse says to it.
type moment struct {
	at, heard, sent time.Duration
	want            string // "ping", "dead" or nothing
}

func TestPulse(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	for _, c := range []struct {
		desc string
		life []moment
	}{{
		desc: "an idle one pings each 15 s",
		life: []moment{{1, 0, 0, "ping"}, {1 * s, 5 * ms, 0, ""}, {15*s + 1, 5 * ms, 0, "ping"}, {16 * s, 15*s + 2, 0, ""}, {30*s + 1, 15*s + 2, 0, "ping"}},
	}, {
		desc: "no answer within 4 s is death",
		life: []moment{{1, 0, 0, "ping"}, {4 * s, 0, 0, ""}, {4*s + 1, 0, 0, "dead"}},
	}, {
		desc: "a relay that dies is known 5 s after the next packet",
		life: []moment{{1, 0, 0, "ping"}, {7 * s, 6 * ms, 7 * s, ""}, {8*s - 1, 6 * ms, 7 * s, ""}, {8 * s, 6 * ms, 7 * s, "ping"}, {12*s - 1, 6 * ms, 7 * s, ""}, {12 * s, 6 * ms, 7 * s, "dead"}},
	}, {
		desc: "anything heard is an answer",
		life: []moment{{1, 0, 0, "ping"}, {7 * s, 6 * ms, 7 * s, ""}, {7500 * ms, 7400 * ms, 0, ""}, {8 * s, 7400 * ms, 0, ""}, {9 * s, 7400 * ms, 0, ""}, {14 * s, 7400 * ms, 0, ""}},
	}, {
		desc: "a ping under way is not asked again",
		life: []moment{{1, 0, 0, "ping"}, {2 * s, 0, 1 * s, ""}, {3 * s, 0, 1 * s, ""}},
	}} {
		t.Run(c.desc, func(t *testing.T) {
			var p pulse
			for _, m := range c.life {
				ping, dead := p.step(m.at, m.heard, m.sent)
				got := map[[2]bool]string{{true, false}: "ping", {false, true}: "dead"}[[2]bool{ping, dead}]
				if got != m.want {
					t.Errorf("at %v: %q, want %q", m.at, got, m.want)
				}
				if d := p.deadline(m.sent); !dead && d <= m.at {
					t.Errorf("at %v the next is due at %v", m.at, d)
				}
			}
		})
	}
}

func TestPulseAfterWake(t *testing.T) {
	var p pulse
	p.step(1, 0, 0)
	p.ask(5*time.Second, wakeWithin)
	if _, dead := p.step(6*time.Second-1, 4*time.Second, 0); dead || p.deadline(0) != 6*time.Second {
		t.Errorf("dead early, or the deadline is %v", p.deadline(0))
	}
	if _, dead := p.step(6*time.Second, 4*time.Second, 0); !dead {
		t.Errorf("not dead 1 s after the network changed")
	}
}

// A wire is a carrier that keeps what is sent and gives what the test says.
type wire struct {
	sent chan *frame
	in   chan *frame
	over chan struct{}
	once sync.Once
}

func newWire() *wire {
	return &wire{sent: make(chan *frame, 1000), in: make(chan *frame), over: make(chan struct{})}
}

func (w *wire) send(f *frame) error {
	w.sent <- emptyFrame().add(f.bytes()...)
	return nil
}

func (w *wire) readers() []func() (*frame, error) {
	return []func() (*frame, error){func() (*frame, error) {
		select {
		case f := <-w.in:
			return f, nil
		case <-w.over:
			return nil, errTest
		}
	}}
}

// The client's loop keeps the pulse: with time in a bubble.
func TestDeadRelayIsKnownWithin5s(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewClient(clientOf(noRelay, 1, tagOf(1)))
		w := newWire()
		ended := make(chan error)
		go func() { ended <- c.session(t.Context(), w) }()
		first := <-w.sent
		w.in <- first.as(kindPong)
		time.Sleep(8 * time.Second) // the bubble's clock
		if st := c.State(); !st.Up {
			t.Fatalf("down while idle: %v", st.Err)
		}
		began := time.Now()
		for range 3 { // sending goes on
			if !c.Send(secretOf(2).Peer(), []byte("x")) {
				t.Fatal("not up")
			}
			time.Sleep(600 * time.Millisecond)
		}
		if err := <-ended; err != errSilent {
			t.Errorf("ended with %v", err)
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("a dead relay is known after %v", d)
		}
	})
}

// A client in use wakes up for the relay's sake once a second at most.
func TestIdleClientPingsRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewClient(clientOf(noRelay, 1, tagOf(1)))
		w := newWire()
		ended := make(chan error)
		go func() { ended <- c.session(t.Context(), w) }()
		pings := 0
		over := time.After(10 * time.Minute)
		for open := true; open; {
			select {
			case f := <-w.sent:
				pings++
				w.in <- f.as(kindPong)
			case <-over:
				open = false
			}
		}
		if pings < 40 || pings > 41 {
			t.Errorf("%d pings in 10 minutes, want one each 15 s", pings)
		}
		w.close(0, "")
		<-ended
	})
}

// Sends after a silence arm the timer again and again, not the first time only.
func TestEachSilenceIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewClient(clientOf(noRelay, 1, tagOf(1)))
		w := newWire()
		ended := make(chan error)
		go func() { ended <- c.session(t.Context(), w) }()
		answer := func() {
			for f := range w.sent {
				if f.kind() == kindPing {
					w.in <- f.as(kindPong)
					return
				}
			}
		}
		answer()
		synctest.Wait()
		for i := range 5 {
			c.Send(secretOf(2).Peer(), []byte("x"))
			began := time.Now()
			answer() // the ping that asks
			if d := time.Since(began); d > askAfter+10*time.Millisecond {
				t.Errorf("silence %d: asked after %v", i, d)
			}
			synctest.Wait()
		}
		w.close(0, "")
		<-ended
	})
}
