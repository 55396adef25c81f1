package transport

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// inMem runs a test with a network in memory.
func inMem(t *testing.T, test func(*testing.T, *Mem, world)) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMem(7)
		test(t, m, world{name: "mem", listen: m.Listen, settle: synctest.Wait})
	})
}

// What is sent takes the delay, and a dial a round trip.
func TestMemDelay(t *testing.T) {
	inMem(t, func(t *testing.T, m *Mem, w world) {
		const d = 30 * time.Millisecond
		m.Delay(d)
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		start := time.Now()
		ab, ba := join(t, a, b)
		if got := time.Since(start); got != 2*d {
			t.Errorf("a dial took %v, want %v", got, 2*d)
		}
		start = time.Now()
		mustSend(t, ab, Input, InputKind, []byte("k"))
		want[Got](t, b)
		mustSend(t, ba, Log, Gossip, []byte("k"))
		want[Got](t, a)
		if got := time.Since(start); got != 2*d || ab.Stats().RTT != 2*d {
			t.Errorf("there and back took %v, RTT says %v, want %v", got, ab.Stats().RTT, 2*d)
		}
		start = time.Now()
		ab.Close(Left, "")
		want[Down](t, b)
		if got := time.Since(start); got != d {
			t.Errorf("the close took %v, want %v", got, d)
		}
	})
}

// A cut that heals in time loses nothing; one that does not ends the link after
// two minutes, and dials time out meanwhile.
func TestMemCut(t *testing.T) {
	inMem(t, func(t *testing.T, m *Mem, w world) {
		a, b, c := newEnd(t, w, Config{}), newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab, _ := join(t, a, b)
		ac, _ := join(t, a, c)
		m.Cut(b.key, a.key)
		mustSend(t, ab, Input, InputKind, []byte("later"))
		mustSend(t, ac, Input, InputKind, []byte("now"))
		want[Got](t, c)
		synctest.Wait()
		if len(b.inbox) != 0 {
			t.Fatal("passed a cut")
		}
		if _, err := a.Dial(t.Context(), b.key, b.Addrs()); !errors.Is(err, ErrTimeout) {
			t.Errorf("dial: got %v", err)
		}
		m.Heal(a.key, b.key)
		want[Got](t, b)

		m.Cut(a.key, b.key)
		start := time.Now()
		if err := untilLong(a).Err; err != ErrIdle || time.Since(start) != idleTimeout {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		if err := untilLong(b).Err; err != ErrIdle {
			t.Errorf("got %v", err)
		}
	})
}

// untilLong returns the next Down, however long it takes on the bubble's clock.
func untilLong(e *end) Down {
	for {
		if d, ok := (<-e.inbox).(Down); ok {
			return d
		}
	}
}

// A close during a cut is heard when it heals.
func TestMemCloseDuringCut(t *testing.T) {
	inMem(t, func(t *testing.T, m *Mem, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab, _ := join(t, a, b)
		m.Cut(a.key, b.key)
		ab.Close(Ended, "")
		want[Down](t, a)
		synctest.Wait()
		if len(b.inbox) != 0 {
			t.Fatal("passed a cut")
		}
		m.Heal(a.key, b.key)
		wantClosed(t, want[Down](t, b).Err, Ended, true)
	})
}

func TestMemBreak(t *testing.T) {
	inMem(t, func(t *testing.T, m *Mem, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		join(t, a, b)
		m.Break(a.key, b.key)
		if err := want[Down](t, a).Err; err != ErrGone {
			t.Errorf("got %v", err)
		}
		if err := want[Down](t, b).Err; err != ErrGone {
			t.Errorf("got %v", err)
		}
		join(t, a, b)
	})
}

// Both ends may close during a cut, or one and the clock; each keeps its reason.
// (No bubble: its clock would wait for an end that hangs.)
func TestMemBothEndDuringCut(t *testing.T) {
	for _, tt := range []struct {
		desc string
		end  func(*memConn)
		want string
	}{
		{"both close", func(c *memConn) { c.close(Ended, "") }, "closed: ended"},
		{"one falls silent", func(c *memConn) { c.fail(ErrIdle) }, ErrIdle.Error()},
	} {
		m := NewMem(7)
		a := &memNet{m: m, self: newSecret().Peer()}
		b := &memNet{m: m, self: newSecret().Peer()}
		c := m.pair(a, b)
		m.Cut(a.self, b.self)
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.close(Left, "")
			tt.end(c.twin)
			m.Heal(a.self, b.self)
		}()
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatalf("%s: hangs", tt.desc)
		}
		if got := c.err.Error() + ", " + c.twin.err.Error(); got != "closed: left, "+tt.want {
			t.Errorf("%s: got %s", tt.desc, got)
		}
	}
}
