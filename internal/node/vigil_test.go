package node

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A land is what the machines at addresses say of who listens there.
type land struct {
	mu    sync.Mutex
	says  map[netip.AddrPort]error
	asked map[netip.AddrPort]int
}

func newLand() *land {
	return &land{says: make(map[netip.AddrPort]error), asked: make(map[netip.AddrPort]int)}
}

// set makes the machines at addresses say err.
func (l *land) set(err error, at ...netip.AddrPort) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range at {
		l.says[a] = err
	}
}

func (l *land) of(at netip.AddrPort) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.says[at]
}

// ask is MemberConfig.Refused: a refusal comes at once, silence takes long.
func (l *land) ask(ctx context.Context, at netip.AddrPort) error {
	l.mu.Lock()
	l.asked[at]++
	l.mu.Unlock()
	if err := l.of(at); err != nil {
		return err
	}
	<-ctx.Done()
	return l.of(at)
}

func (l *land) watched(c *MemberConfig) { c.Refused, c.RejoinTime = l.ask, 0 }

var elsewhere = netip.MustParseAddrPort("192.0.2.7:700")

// inLand runs a test with a member that was in for 5 s; the ticket names another
// address, too.
func inLand(t *testing.T, before func(*land, *world), test func(*testing.T, *world, *peer, *land)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, l := newWorld(t, 1), newLand()
		cfg := w.config()
		cfg.Ticket.Addrs = append(cfg.Ticket.Addrs[:1:1], elsewhere)
		if before != nil {
			before(l, w)
		}
		p := w.start(cfg, l.watched)
		if err := p.Joined(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(5 * time.Second)
		test(t, w, p, l)
	})
}

// kills ends the host's process without a word, as far as p can see.
func (w *world) kills(p *peer, l *land) {
	w.mem.Cut(w.secret.Peer(), p.secret.Peer())
	l.set(syscall.ECONNREFUSED, w.ticket.Addrs...)
}

// A host whose process was killed is known to be lost within 15 s, where its machine
// says so; a doubt, wherever from, means that it is waited for.
func TestKilledHostIsLost(t *testing.T) {
	for _, c := range []struct {
		desc   string
		before func(l *land, w *world) // anybody joins
		after  func(l *land, w *world) // the host was killed
		lost   bool
	}{{
		desc:  "all its addresses refuse",
		after: func(l *land, w *world) { l.set(syscall.ECONNREFUSED, elsewhere) },
		lost:  true,
	}, {
		desc: "one of its addresses is silent",
	}, {
		desc:   "one of its addresses is silent, and nobody was ever reached there",
		before: func(l *land, w *world) { w.mem.Hide(elsewhere) },
		lost:   true,
	}, {
		desc:   "the one that it was talked to at is that, whatever the link says of it",
		before: func(l *land, w *world) { w.mem.Hide(w.ticket.Addrs[0]) },
		after:  func(l *land, w *world) { l.set(syscall.ECONNREFUSED, elsewhere) },
		lost:   true,
	}, {
		desc:  "there is no way to one now",
		after: func(l *land, w *world) { l.set(syscall.ENETUNREACH, elsewhere) },
	}, {
		desc:   "there never was a way to one",
		before: func(l *land, w *world) { l.set(syscall.ENETUNREACH, elsewhere) },
		lost:   true,
	}, {
		desc:   "one is another machine's, which always refused",
		before: func(l *land, w *world) { l.set(syscall.ECONNREFUSED, elsewhere) },
		after:  func(l *land, w *world) { l.set(nil, elsewhere) },
		lost:   true,
	}, {
		desc:   "the one that it was talked to at always refused",
		before: func(l *land, w *world) { l.set(syscall.ECONNREFUSED, w.ticket.Addrs...) },
		after:  func(l *land, w *world) { l.set(syscall.ECONNREFUSED, elsewhere) },
	}, {
		desc: "it was never talked to where all refuse",
		before: func(l *land, w *world) {
			l.set(syscall.ECONNREFUSED, w.ticket.Addrs...) // a NAT's
		},
		after: func(l *land, w *world) { l.set(syscall.ECONNREFUSED, elsewhere) },
	}, {
		desc:  "nothing could be asked",
		after: func(l *land, w *world) { l.set(syscall.EMFILE, append(w.ticket.Addrs, elsewhere)...) },
	}} {
		inLand(t, c.before, func(t *testing.T, w *world, p *peer, l *land) {
			w.kills(p, l)
			if c.after != nil {
				c.after(l, w)
			}
			pass(goneSilence - time.Second) // the last beat may be a second old
			if s := p.now(); s.Over != nil {
				t.Errorf("%s: given up too soon: %v", c.desc, s.Over)
			}
			pass(15*time.Second - goneSilence)
			s := p.now()
			if got := errors.Is(s.Over, ErrGone) && errors.Is(s.Over, ErrLost); got != c.lost {
				t.Errorf("%s: after 15 s: %v", c.desc, s.Over)
			}
			if c.lost {
				return
			}
			pass(10 * time.Minute)
			l.mu.Lock()
			for a, n := range l.asked {
				if n > 80 {
					t.Errorf("%s: asked at %v %d times in 10 minutes", c.desc, a, n)
				}
			}
			l.mu.Unlock()
			w.mem.Heal(w.secret.Peer(), p.secret.Peer())
			pass(redialMost + dialTime)
			if s := p.now(); s.Over != nil || s.Lost || s.Silent {
				t.Errorf("%s: after its return: %+v", c.desc, s)
			}
		})
	}
}

// A host that was silent for a while while its address refused, and is back before it
// was given up, was not lost; what was concluded counts no more.
func TestBackBeforeGivenUp(t *testing.T) {
	inLand(t, nil, func(t *testing.T, w *world, p *peer, l *land) {
		l.set(syscall.ECONNREFUSED, elsewhere)
		for range 5 {
			w.kills(p, l)
			pass(goneSilence - 2*time.Second)
			w.mem.Heal(w.secret.Peer(), p.secret.Peer())
			l.set(nil, append(w.ticket.Addrs, elsewhere)...)
			pass(4 * time.Second)
			l.set(syscall.ECONNREFUSED, elsewhere)
		}
		if s := p.now(); s.Over != nil || s.Silent {
			t.Errorf("got %+v", s)
		}
	})
}

// A beat by any way is a host that lives, whatever its machine says.
func TestHeardThroughOthersIsNotLost(t *testing.T) {
	inTree(t, 8, 3, func(t *testing.T, w *world, ps []*peer) {
		l := newLand()
		p := w.start(w.config(), l.watched)
		if err := p.Joined(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(5 * time.Second)
		w.kills(p, l)
		pass(time.Minute)
		if s := p.now(); s.Over != nil || s.Silent {
			t.Errorf("got %+v", s)
		}
		for _, o := range ps { // and nothing by none is one that does not
			w.mem.Cut(w.secret.Peer(), o.secret.Peer())
		}
		pass(15 * time.Second)
		if s := p.now(); s.Over != ErrGone {
			t.Errorf("got %+v", s)
		}
	})
}

// Who hides behind relays asks nobody straight: that would give it away.
func TestWhoHidesAsksNobody(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		l := newLand()
		p := w.start(w.config(), l.watched, func(c *MemberConfig) { c.Relayed = true })
		if err := p.Joined(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(5 * time.Second)
		w.kills(p, l)
		pass(time.Minute)
		if s := p.now(); s.Over != nil || len(l.asked) > 0 {
			t.Errorf("%v, %d addresses asked", s.Over, len(l.asked))
		}
	})
}

// With relays, who asks straight asks them, too: they have the last word, whatever they said
// before. And only who refuses at once is believed.
func TestRelaysHaveTheLastWord(t *testing.T) {
	for _, c := range []struct {
		desc   string
		before bool            // what the relays say while the host is heard: it is absent
		after  []time.Duration // when they change their mind after that
		late   time.Duration   // when its machine begins to refuse
		lost   bool
	}{
		{"they have it no more after a while", false, []time.Duration{40 * time.Second}, 0, true},
		{"they still have it, or do not know", false, nil, 0, false},
		{"they did not have it and do now", true, []time.Duration{0}, 0, false},
		{"they never had it", true, nil, 0, true},
		{"it is with them again before its machine has refused twice", false, []time.Duration{0, time.Second}, 0, false},
		{"a NAT forgot it", true, nil, time.Minute, false},
	} {
		inWorld(t, func(t *testing.T, w *world) {
			l := newLand()
			var absent atomic.Bool
			absent.Store(c.before)
			p := w.start(w.config(), l.watched, func(c *MemberConfig) {
				c.Relayed = true
				c.Absent = func(context.Context) bool { return absent.Load() }
			})
			if err := p.Joined(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(5 * time.Second)
			w.mem.Cut(w.secret.Peer(), p.secret.Peer())
			pass(c.late)
			w.kills(p, l)
			passed := time.Duration(0)
			for _, at := range c.after {
				pass(at - passed)
				passed = at
				absent.Store(!absent.Load())
			}
			if pass(max(goneSilence-passed, 0) + relaysEvery + roundEvery); !c.lost {
				pass(2 * time.Minute)
			}
			if got := errors.Is(p.now().Over, ErrGone); got != c.lost {
				t.Errorf("%s: %v", c.desc, p.now().Over)
			}
		})
	}
}

// Each address must refuse again and again; one that is silent meanwhile is waited for, and
// without a way there all begins anew.
func TestVigilCountsRounds(t *testing.T) {
	var v vigil
	now, there := time.Now(), netip.MustParseAddrPort("192.0.2.8:8")
	v.use(elsewhere)
	v.use(there)
	v.silent(now)
	yes, no, noWay := syscall.ECONNREFUSED, error(nil), syscall.ENETUNREACH
	for i, c := range []struct {
		at, at2 error
		gone    bool
		pause   time.Duration
	}{
		{no, no, false, roundEvery},
		{no, no, false, 2 * roundEvery},
		{no, yes, false, roundEvery},
		{no, yes, false, roundEvery},
		{no, yes, false, roundEvery},
		{yes, no, false, roundEvery},
		{no, noWay, false, roundEvery},
		{yes, yes, false, roundEvery},
		{yes, yes, false, roundEvery},
		{no, no, false, roundEvery},
		{no, no, false, 2 * roundEvery},
		{no, no, false, 4 * roundEvery},
		{no, no, false, 8 * roundEvery},
		{no, no, false, 16 * roundEvery},
		{no, no, false, redialMost},
		{no, yes, true, roundEvery},
	} {
		if gone := v.round(now, []word{{elsewhere, c.at}, {there, c.at2}}); gone != c.gone || v.at.Sub(now) != c.pause {
			t.Errorf("round %d: gone %v, next after %v, want %v, %v", i, gone, v.at.Sub(now), c.gone, c.pause)
		}
	}
	v.silent(now.Add(time.Hour))
	if v.round(now, []word{{elsewhere, yes}, {there, yes}}) {
		t.Error("what was said before a beat counts")
	}
}

// What refuses late may be another machine, at an address that the host had: it is believed
// where nothing stands for a host that has moved.
func TestLateRefusals(t *testing.T) {
	for _, c := range []struct {
		desc string
		hide bool // one address was never reached
		wait time.Duration
		lost bool
	}{
		{"at once, and one was never reached", true, 0, true},
		{"a minute later, and one was never reached", true, time.Minute, false},
		{"a minute later, and all were", false, time.Minute, true},
	} {
		before := func(l *land, w *world) {
			if c.hide {
				w.mem.Hide(elsewhere)
			}
		}
		inLand(t, before, func(t *testing.T, w *world, p *peer, l *land) {
			w.mem.Cut(w.secret.Peer(), p.secret.Peer())
			pass(c.wait)
			l.set(syscall.ECONNREFUSED, w.ticket.Addrs...)
			if !c.hide {
				l.set(syscall.ECONNREFUSED, elsewhere)
			}
			pass(time.Minute)
			if s := p.now(); (s.Over != nil) != c.lost {
				t.Errorf("%s: %v", c.desc, s.Over)
			}
		})
	}
}

// That the host is not reached at an address is known of this network, and until it is
// talked to there. Where there are relays an address has a say when it was asked often.
func TestWhoHasASay(t *testing.T) {
	here := netip.MustParseAddrPort("192.0.2.8:800")
	for _, c := range []struct {
		desc   string
		relays bool
		do     func(v *vigil)
		tells  int
	}{
		{"both", false, func(*vigil) {}, 2},
		{"one is not reached", false, func(v *vigil) { v.misses(isElsewhere) }, 1},
		{"and is talked to then", false, func(v *vigil) { v.misses(isElsewhere); v.use(elsewhere) }, 2},
		{"the member has slept since", false, func(v *vigil) { v.misses(isElsewhere); v.slept() }, 2},
		{"it has moved since", false, func(v *vigil) { v.misses(isElsewhere); v.moved() }, 2},
		{"relays, and never asked", true, func(*vigil) {}, 0},
		{"relays, and asked twice", true, func(v *vigil) { silence(v, 2, here, elsewhere) }, 0},
		{"relays, and asked three times", true, func(v *vigil) { silence(v, 3, here, elsewhere) }, 2},
		{"relays, and one asked three times", true, func(v *vigil) { silence(v, 3, here) }, 1},
	} {
		v := vigil{relays: c.relays, places: []place{{at: elsewhere}}}
		v.use(here)
		if c.do(&v); len(v.telling()) != c.tells {
			t.Errorf("%s: asks at %v", c.desc, v.telling())
		}
	}
}

func isElsewhere(a netip.AddrPort) bool { return a == elsewhere }

// silence has addresses asked some times while the host is heard, and say nothing.
func silence(v *vigil, n int, at ...netip.AddrPort) {
	for range n {
		for _, a := range at {
			v.try(time.Now(), []word{{a, nil}})
		}
	}
}

// Who refused has no say once the host was heard after that, and not before: it may have
// ended just then. What was slept through is no beat.
func TestVigilNeedsABeatAfterTheRefusal(t *testing.T) {
	now := time.Now()
	refused := []word{{elsewhere, syscall.ECONNREFUSED}}
	for _, c := range []struct {
		desc  string
		do    func(v *vigil)
		tells bool
	}{
		{"no beat since", func(v *vigil) { v.heard(now) }, true},
		{"a beat since", func(v *vigil) { v.heard(now.Add(1)) }, false},
		{"a night since", func(v *vigil) { v.slept(); v.heard(now.Add(time.Hour)) }, true},
		{"a night after a beat", func(v *vigil) { v.heard(now.Add(1)); v.slept() }, false},
	} {
		var v vigil
		v.use(elsewhere)
		v.try(now, refused)
		if c.do(&v); (len(v.telling()) > 0) != c.tells {
			t.Errorf("%s: asks at %v", c.desc, v.telling())
		}
		if again := len(v.untried()) > 0; again != (c.desc == "a night since") {
			t.Errorf("%s: is to be tried again: %v", c.desc, again)
		}
	}
}

// A host that is back while the last round is under way is not lost.
func TestBackDuringTheLastRound(t *testing.T) {
	inLand(t, nil, func(t *testing.T, w *world, p *peer, l *land) {
		l.set(syscall.ECONNREFUSED, elsewhere)
		w.kills(p, l)
		pass(silentAfter)
		last := p.now().Since.Add(goneSilence)
		pass(time.Until(last) - 100*time.Millisecond)
		l.set(nil, elsewhere) // it refuses, but slowly
		pass(300 * time.Millisecond)
		l.set(syscall.ECONNREFUSED, elsewhere)
		w.mem.Heal(w.secret.Peer(), p.secret.Peer())
		pass(2 * time.Second)
		if s := p.now(); s.Over != nil || s.Silent {
			t.Errorf("got %+v", s)
		}
	})
}

// A link that moves is followed; what it left has its say, and there are never too many.
func TestVigilFollowsTheLink(t *testing.T) {
	var v vigil
	at := func(n int) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), uint16(n)) }
	v.begin([]netip.AddrPort{at(1), at(2), at(3), at(4), at(5)})
	if len(v.telling()) != 0 {
		t.Error("nobody was talked to, and yet there is somebody to ask")
	}
	for n := range 20 {
		v.use(at(3 + n))
	}
	v.use(netip.AddrPort{})
	if got := v.telling(); len(got) != placesMost || got[0] != at(1) || got[placesMost-1] != at(22) {
		t.Errorf("asks at %v", got)
	}
}

// A host that is out of reach is waited for as long as was said: a day, if nothing was,
// and not at all if it was so said.
func TestRejoinTime(t *testing.T) {
	for _, c := range []struct {
		desc       string
		given      time.Duration
		broken     bool
		stays, not time.Duration
	}{
		{"a day", 0, false, 24*time.Hour - 2*time.Second, 24*time.Hour + time.Second},
		{"as said", 10 * time.Minute, false, 10*time.Minute - 2*time.Second, 10*time.Minute + time.Second},
		{"not at all", -1, false, silentAfter - 1100*time.Millisecond, silentAfter},
		{"not at all, by a broken link", -1, true, 0, time.Millisecond},
	} {
		inWorld(t, func(t *testing.T, w *world) {
			p := w.start(w.config(), func(m *MemberConfig) { m.RejoinTime = c.given })
			if err := p.Joined(t.Context()); err != nil {
				t.Fatal(err)
			}
			cut := time.Now()
			w.mem.Cut(w.secret.Peer(), p.secret.Peer())
			pass(c.stays)
			if s := p.now(); s.Over != nil || !s.Since.IsZero() && (s.Since.After(cut) || cut.Sub(s.Since) > beatEvery) {
				t.Errorf("%s: over after %v: %v", c.desc, c.stays, s.Over)
			}
			if c.broken {
				w.mem.Break(w.secret.Peer(), p.secret.Peer())
			}
			pass(c.not - c.stays)
			if s := p.now(); s.Over != ErrLost {
				t.Errorf("%s: after %v: %+v", c.desc, c.not, s)
			}
		})
	}
}
