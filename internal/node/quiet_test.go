package node

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

// silent returns how many of a node's links count as silent.
func silent(t *testing.T, n interface{ Tree() (Tree, error) }) (c int) {
	t.Helper()
	for _, l := range placeOf(t, n).Links {
		if l.Silent {
			c++
		}
	}
	return c
}

// Who has nothing to say is probed and answers: nobody is taken for dead because
// nothing happens.
func TestIdleLinksAreNotSuspect(t *testing.T) {
	inTree(t, 8, 3, func(t *testing.T, w *world, ps []*peer) {
		for range 60 {
			pass(time.Second)
			n := silent(t, w.Host)
			for _, p := range ps {
				n += silent(t, p)
			}
			if n > 0 {
				t.Fatalf("%d ends of idle links count as silent", n)
			}
		}
	})
}

// A peer of which nothing at all is heard is probed for two minutes, and then let go.
func TestSilentForTwoMinutesIsGone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.evil()
		l := e.join()
		e.befriend(l)
		pass(goneAfter - time.Second)
		if e.downs[l] != nil || silent(t, w.Host) != 1 {
			t.Fatalf("after %v: %v, %d silent links", goneAfter-time.Second, e.downs[l], silent(t, w.Host))
		}
		probes := 0
		for _, g := range e.got {
			if g.Kind == transport.Probe {
				probes++
			}
		}
		if want := int((goneAfter - time.Second - suspectAfter) / pulseEvery); probes < want-5 {
			t.Errorf("%d probes, want %d", probes, want)
		}
		e.resume()
		pass(2 * time.Second)
		e.wantCode("after two minutes", l, transport.Late)
	})
}

// Who was stopped itself has heard nobody, and accuses nobody: what they said
// meanwhile is still to come.
func TestWhoWasStoppedAccusesNobody(t *testing.T) {
	inTree(t, 8, 3, func(t *testing.T, w *world, ps []*peer) {
		p := ps[0]
		others := []id.Peer{w.secret.Peer(), ps[1].secret.Peer(), ps[2].secret.Peer()}
		if err := p.ask(func() {
			for _, o := range others {
				w.mem.Cut(p.secret.Peer(), o)
			}
			time.Sleep(10 * time.Second) // the bubble's clock
		}); err != nil {
			t.Fatal(err)
		}
		pass(2 * pulseEvery)
		if n := silent(t, p); n != 0 {
			t.Errorf("it woke up and took %d others for dead", n)
		}
		for _, o := range others {
			w.mem.Heal(p.secret.Peer(), o)
		}
		pass(time.Second)
		if n := silent(t, p); n != 0 || p.now().Over != nil {
			t.Errorf("%d silent links, %+v", n, p.now())
		}
	})
}

// What waits for who is not heard is thrown away: gossip begins anew with who comes
// back.
func TestNothingWaitsForTheSilent(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		pass(tick)
		w.mem.Cut(w.secret.Peer(), p.secret.Peer())
		l := w.linkTo(p)
		waiting := func() (n int) {
			if err := w.ask(func() { n = len(l.out.msgs) }); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for range 45 { // more than a link's queue and stream hold, less than its outbox does
			w.say(16_000)
			synctest.Wait()
		}
		if waiting() == 0 {
			t.Fatal("nothing waits")
		}
		pass(suspectAfter + 2*pulseEvery)
		if n := waiting(); n != 0 || silent(t, w.Host) != 1 {
			t.Errorf("%d messages wait for one of %d silent", n, silent(t, w.Host))
		}
		w.mem.Heal(w.secret.Peer(), p.secret.Peer())
		pass(10 * time.Second)
		if p.readAll(t); p.after != w.seq {
			t.Errorf("after its return it read through %d of %d", p.after, w.seq)
		}
	})
}

// mayCallOnce has a member's calls of another fail but for the first.
func (p *peer) mayCallOnce(t *testing.T, other id.Peer) {
	t.Helper()
	var calls atomic.Int32
	if err := p.ask(func() {
		dial := p.cfg.Dial
		p.cfg.Dial = func(ctx context.Context, to id.Peer, addrs []netip.AddrPort) (*transport.Link, error) {
			if to == other && calls.Add(1) > 1 {
				return nil, transport.ErrTimeout
			}
			return dial(ctx, to, addrs)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// Of two links that two peers dial at about the same time both keep the one that the
// lower key dialled.
func TestCrossingCallsKeepOneLink(t *testing.T) {
	for _, later := range []time.Duration{0, 3 * time.Millisecond, 6 * time.Millisecond, 9 * time.Millisecond} {
		inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
			low, high := ps[0], ps[1]
			if low.secret.Peer().Compare(high.secret.Peer()) > 0 {
				low, high = high, low
			}
			w.mem.Break(low.secret.Peer(), high.secret.Peer())
			synctest.Wait()
			for _, x := range []struct{ from, to *peer }{{high, low}, {low, high}} {
				x.from.mayCallOnce(t, x.to.secret.Peer())
				if err := x.from.ask(func() { x.from.dial(x.to.secret.Peer(), x.to.transport.Addrs()) }); err != nil {
					t.Fatal(err)
				}
				pass(later)
			}
			pass(time.Second)
			for _, x := range []struct{ from, to *peer }{{high, low}, {low, high}} {
				if err := x.from.ask(func() {
					l := x.from.inUse[x.to.secret.Peer()]
					if l == nil || l.shut || l.dialed != (x.from == low) {
						t.Errorf("%v apart, lower %v: not the link that the lower dialled: %+v", later, x.from == low, l)
					}
				}); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Who left is not called back, although its last words were lost with its link; who
// was lost is.
func TestWhoLeftIsNotCalled(t *testing.T) {
	for code, want := range map[transport.Code]bool{transport.Left: false, transport.Late: true} {
		inTree(t, 8, 1, func(t *testing.T, w *world, ps []*peer) {
			p := ps[0]
			e := w.evil()
			e.enters()
			l := e.call(p)
			e.say(l, gossip.Neighbor{Step: gossip.Ask, Addrs: e.transport.Addrs()})
			pass(tick)
			var mu sync.Mutex
			var called []id.Peer
			if err := p.ask(func() {
				dial := p.cfg.Dial
				p.cfg.Dial = func(ctx context.Context, to id.Peer, addrs []netip.AddrPort) (*transport.Link, error) {
					mu.Lock()
					called = append(called, to)
					mu.Unlock()
					return dial(ctx, to, addrs)
				}
			}); err != nil {
				t.Fatal(err)
			}
			l.Close(code, "")
			w.mem.Cut(w.secret.Peer(), p.secret.Peer()) // it looks for whomever it knows
			w.mem.Break(w.secret.Peer(), p.secret.Peer())
			pass(aMinute / 2)
			mu.Lock()
			defer mu.Unlock()
			if got := slices.Contains(called, e.secret.Peer()); got != want || !slices.Contains(called, w.secret.Peer()) {
				t.Errorf("%v: of %d calls one to it: %v", code, len(called), got)
			}
		})
	}
}

// The host does not call who left, whoever tells it of them.
func TestStrangersAreNotCalled(t *testing.T) {
	inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
		e := w.evil()
		l := e.enters()
		e.befriend(l)
		gone := gossip.Contact{Peer: ps[0].secret.Peer(), Addrs: ps[0].transport.Addrs()}
		ps[0].Part(t.Context())
		ps[0].stop(transport.Left)
		pass(time.Second)
		var known int
		before := w.hostStats().Dials
		for range 10 {
			e.say(l, gossip.Shuffle{Origin: gossip.Contact{Peer: e.secret.Peer()}, Entries: []gossip.Contact{gone}})
			synctest.Wait()
			if err := w.Host.ask(func() { known = max(known, len(w.Host.core.Passive())) }); err != nil {
				t.Fatal(err)
			}
			pass(time.Second)
		}
		if after := w.hostStats().Dials; after != before {
			t.Errorf("%d calls", after-before)
		}
		if known > 0 {
			t.Errorf("it is kept as one of %d to call", known)
		}
	})
}

// A writer keeps the link to the host, although the tree has no use for it.
func TestWritersKeepTheirLink(t *testing.T) {
	inTree(t, 2, 8, func(t *testing.T, w *world, ps []*peer) {
		before := make([]*link, len(ps))
		for i, p := range ps {
			before[i] = w.linkTo(p)
		}
		pass(time.Minute)
		if n := len(placeOf(t, w.Host).Neighbors); n >= len(ps) {
			t.Fatalf("the host has %d neighbors", n)
		}
		for i, p := range ps {
			if l := w.linkTo(p); l == nil || l != before[i] {
				t.Errorf("%d: %p, then %p", i, before[i], l)
			}
		}
	})
}

// Who has the log from a member gets the rest of it before that leaves: nobody else
// may know the session's last words.
func TestWhoLeavesGivesTheRest(t *testing.T) {
	inTree(t, 8, 1, func(t *testing.T, w *world, ps []*peer) {
		via := ps[0]
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		far := w.startVia(via)
		pass(2 * time.Second)
		busy := make(chan error, 1)
		go func() { busy <- far.ask(func() { time.Sleep(time.Second) }) }() // the bubble's clock
		for range 50 {                                                      // more than a link's queue and stream hold
			w.say(16_000)
			pass(time.Millisecond)
		}
		pass(50 * time.Millisecond)
		if n := placeOf(t, via).Through; n != w.seq {
			t.Fatalf("who leaves has the log through %d of %d", n, w.seq)
		}
		via.Part(t.Context())
		via.stop(transport.Left)
		if err := <-busy; err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if far.readAll(t); far.after != w.seq {
			t.Errorf("read through %d of %d", far.after, w.seq)
		}
	})
}
