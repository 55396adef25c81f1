package node

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/transport"
)

// A wallClock shows the bubble's time and can be set; the monotonic clock goes on.
type wallClock struct{ off atomic.Int64 }

func (c *wallClock) now() time.Time { return time.Now().Round(0).Add(time.Duration(c.off.Load())) }

func (c *wallClock) add(d time.Duration) { c.off.Add(int64(d)) }

func (c *wallClock) use(m *MemberConfig) { m.Wall = c.now }

const year = 365 * 24 * time.Hour

// jumps are what people and time servers do to a clock.
var jumps = []time.Duration{time.Hour, -time.Hour, 10 * year, -10 * year, 6 * time.Second, -6 * time.Second}

// A clock that is set costs a probe: no link, no call, no word to the session.
func TestClockThatJumpsEndsNothing(t *testing.T) {
	for _, by := range jumps {
		inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
			var clock wallClock
			p := w.start(w.config(), clock.use)
			if err := p.Joined(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(10 * time.Second)
			before, told := p.figures(t), len(p.states)
			clock.add(by)
			for range 40 {
				pass(100 * time.Millisecond)
				if n := silent(t, p); n > 0 {
					t.Fatalf("%v: %d silent links", by, n)
				}
			}
			after := p.figures(t)
			if after.Links < before.Links || after.Redials != before.Redials { // it may get more: the tree grows
				t.Errorf("%v: from %+v to %+v", by, before, after)
			}
			if s := p.now(); s.Over != nil || len(p.states) != told {
				t.Errorf("%v: the session was told %d times: %+v", by, len(p.states)-told, s)
			}
			p.readAll(t)
		})
	}
}

// So it is in the middle of a join.
func TestClockThatJumpsEndsNoJoin(t *testing.T) {
	for _, by := range jumps {
		inWorld(t, func(t *testing.T, w *world) {
			var clock wallClock
			w.mem.Delay(500 * time.Millisecond)
			p := w.start(w.config(), clock.use)
			pass(700 * time.Millisecond)
			clock.add(by)
			if err := p.Joined(t.Context()); err != nil {
				t.Errorf("%v: %v", by, err)
			}
			if f := p.figures(t); f.Dials != 1 {
				t.Errorf("%v: %d calls", by, f.Dials)
			}
		})
	}
}

// A clock that jumps all the time, either way, is believed now and then; one that runs
// wrong is not at all.
func TestClockThatJumpsAllTheTime(t *testing.T) {
	for _, c := range []struct {
		desc string
		add  time.Duration // at each look
		want int
	}{
		{"forward", time.Hour, 3},
		{"back", -10 * year, 3},
		{"by less than a sleep", wokeAfter, 0},
		{"by a little more", wokeAfter + 1, 3},
		{"right", 0, 0},
	} {
		now, wall, woke := time.Now(), time.Now().Round(0), 0
		var p pulse
		p.begin(now, wall)
		for range 30 * time.Second / pulseEvery {
			now, wall = now.Add(pulseEvery), wall.Add(pulseEvery+c.add)
			if p.wakes(now, wall, pulseEvery) {
				woke++
			}
			p.begin(now, wall)
		}
		if woke != c.want {
			t.Errorf("%s: woke %d times in 30 s, want %d", c.desc, woke, c.want)
		}
	}
}

// A clock that is set costs one probe, at once.
func TestClockThatJumpsCostsOneProbe(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var clock wallClock
		if err := w.ask(func() { w.cfg.Wall = clock.now }); err != nil {
			t.Fatal(err)
		}
		e := w.evil()
		e.befriend(e.join())
		pass(2 * pulseEvery) // nothing was sent for less than probeAfter
		before := len(e.got)
		e.resume()
		clock.add(-10 * year)
		pass(pulseEvery)
		probes := 0
		for _, g := range e.got[before:] {
			if g.Kind == transport.Probe {
				probes++
			}
		}
		if probes != 1 {
			t.Errorf("%d probes", probes)
		}
	})
}

// Who wakes up calls the host anew within 2 s, although its link looks well: the host
// has given it up long ago.
func TestWhoWakesUpIsBackSoon(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var clock wallClock
		p := w.start(w.config(), clock.use)
		if err := p.Joined(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(4*time.Second + 50*time.Millisecond)
		if err := w.ask(func() { w.Host.links = nil; delete(w.inUse, p.secret.Peer()) }); err != nil {
			t.Fatal(err)
		}
		clock.add(10 * time.Minute)
		pass(wokeAnswer + 2*pulseEvery)
		if s := p.now(); s.Lost || s.Silent || s.Link != 2 {
			t.Errorf("got %+v", s)
		}
	})
}

// Who had lost the host before it slept, or was stopped, does not wait for the pause to
// end.
func TestWhoWakesUpCallsAtOnce(t *testing.T) {
	for desc, wake := range map[string]func(p *peer, clock *wallClock) error{
		"slept":       func(_ *peer, clock *wallClock) error { clock.add(time.Hour); return nil },
		"was stopped": func(p *peer, _ *wallClock) error { return p.ask(func() { time.Sleep(wokeAfter + 1) }) },
	} {
		inWorld(t, func(t *testing.T, w *world) {
			var clock wallClock
			p := w.start(w.config(), clock.use, func(m *MemberConfig) { m.RejoinTime = 0 })
			if err := p.Joined(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.mem.Cut(w.secret.Peer(), p.secret.Peer())
			w.mem.Break(w.secret.Peer(), p.secret.Peer())
			pass(time.Minute)
			for !p.pausesFor(t, wokeAfter+3*time.Second) {
				pass(time.Second)
			}
			w.mem.Heal(w.secret.Peer(), p.secret.Peer())
			synctest.Wait()
			if err := wake(p, &clock); err != nil {
				t.Fatal(err)
			}
			pass(pulseEvery + tick)
			if s := p.now(); s.Lost || s.Link != 2 {
				t.Errorf("%s: got %+v", desc, s)
			}
			if err := p.ask(func() { // gossip may have called, too
				if p.pause != redialFirst {
					t.Errorf("%s: the next pause would be %v", desc, p.pause)
				}
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// pausesFor reports whether the host is not called for longer than d.
func (p *peer) pausesFor(t *testing.T, d time.Duration) (pauses bool) {
	t.Helper()
	if err := p.ask(func() { _, busy := p.calls[p.host]; pauses = !busy && time.Until(p.redialAt) > d }); err != nil {
		t.Fatal(err)
	}
	return pauses
}

// A process that was stopped for long holds nothing against a join that is under way:
// the answer is here, and unread.
func TestStoppedWhileJoining(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.mem.Delay(500 * time.Millisecond)
		p := w.start(w.config())
		pass(1100 * time.Millisecond)                                                           // the link is there, the greeting under way
		if err := p.ask(func() { time.Sleep(answerTime + 500*time.Millisecond) }); err != nil { // the bubble's clock
			t.Fatal(err)
		}
		if err := p.Joined(t.Context()); err != nil {
			t.Error(err)
		}
		if f := p.figures(t); f.Dials != 1 {
			t.Errorf("%d calls", f.Dials)
		}
	})
}

// Nor is a record given up that waits for its key: that came meanwhile.
func TestStoppedWithARecordHeld(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		pass(time.Second)
		if err := p.ask(func() {
			p.held = []heldCheck{{until: time.Now().Add(heldTime)}}
			p.slept(2 * heldTime)
		}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			after time.Duration
			left  int
		}{{2 * heldTime, 1}, {heldTime, 0}} {
			pass(c.after)
			left := 0
			if err := p.ask(func() { left = len(p.held) }); err != nil || left != c.left {
				t.Errorf("after another %v: %d records wait: %v", c.after, left, err)
			}
		}
	})
}
