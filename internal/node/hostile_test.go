package node

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// enters has an evil peer let in where links take time.
func (e *evil) enters() *transport.Link {
	e.w.Helper()
	l := e.dial()
	l.Send(transport.Control, transport.Hello, e.hello())
	pass(tick)
	if e.joiner.Input() == nil {
		e.w.Fatal("not let in")
	}
	return l
}

// hail dials a member and says a right Hello.
func (e *evil) hail(p *peer) *transport.Link {
	e.w.Helper()
	to := p.secret.Peer()
	l, err := e.transport.Dial(context.Background(), to, p.transport.Addrs())
	if err != nil {
		e.w.Fatal(err)
	}
	synctest.Wait()
	exporter := l.Exporter()
	b, err := e.joiner.Hello(exporter[:], to, 0)
	if err != nil {
		e.w.Fatal(err)
	}
	l.Send(transport.Control, transport.Hello, b)
	return l
}

// call makes an evil member, which is in, a neighbor of another member.
func (e *evil) call(p *peer) *transport.Link {
	e.w.Helper()
	l := e.hail(p)
	pass(tick)
	e.say(l, gossip.Neighbor{Step: gossip.Ask, High: true})
	pass(tick)
	if e.downs[l] != nil {
		e.w.Fatalf("not a neighbor: %v", e.downs[l])
	}
	return l
}

// say sends a message of gossip over a link.
func (e *evil) say(l *transport.Link, m gossip.Msg) bool {
	kind, body := gossip.AppendMsg(nil, m)
	class := transport.Log
	switch {
	case kind < gossip.KindGossip:
		class = transport.Control
	case kind == gossip.KindInput:
		class = transport.Input
	}
	return l.Send(class, byte(kind), body)
}

// A record of an epoch that nobody knows is checked like any other before it takes
// the place of genuine ones.
func TestUnsignedFutureEpochHoldsNothingUp(t *testing.T) {
	inTree(t, 8, 1, func(t *testing.T, w *world, ps []*peer) {
		e := w.evil()
		e.enters()
		l := e.call(ps[0])
		fake := envelope.NewLog(e.joiner.Topic(), e.secret.Peer(), 1, 9, [32]byte{})
		for range 10 {
			for ahead := uint64(1); ahead <= 300; ahead++ {
				rec := gossip.Record{Seq: w.seq + ahead, Bytes: fake.Seal(e.secret, w.seq+ahead, 0, 0, []byte("x"))}
				if !e.say(l, gossip.Gossip{Rec: rec}) {
					break
				}
			}
			pass(20 * time.Millisecond)
			w.say(10)
			pass(980 * time.Millisecond)
			if ps[0].readAll(t); ps[0].after != w.seq {
				t.Fatalf("a second after it was written, read through %d of %d", ps[0].after, w.seq)
			}
		}
	})
}

// Two crossing calls of host and member: one link stays, and nobody's session ends.
func TestCrossingCallsWithTheHost(t *testing.T) {
	inTree(t, 8, 6, func(t *testing.T, w *world, ps []*peer) {
		for i, p := range ps {
			w.mem.Break(w.secret.Peer(), p.secret.Peer())
			pass(time.Millisecond)
			if err := w.ask(func() { w.Host.dial(p.secret.Peer(), p.transport.Addrs()) }); err != nil {
				t.Fatal(err)
			}
			pass(6 * time.Millisecond) // of 10 that a call takes
			if err := p.ask(func() { p.dial(w.secret.Peer(), w.ticket.Addrs) }); err != nil {
				t.Fatal(err)
			}
			pass(time.Second)
			if s := p.now(); s.Over != nil {
				t.Errorf("%d, higher key than the host: %v: over with %v", i, w.secret.Peer().Compare(p.secret.Peer()) < 0, s.Over)
			}
		}
	})
}

// Who was stopped itself for minutes gives the host the time to be heard.
func TestStoppedProcessIsNotLost(t *testing.T) {
	inTree(t, 8, 3, func(t *testing.T, w *world, ps []*peer) {
		p := ps[0]
		if err := p.ask(func() { time.Sleep(aMinute + 10*time.Second) }); err != nil { // the bubble's clock
			t.Fatal(err)
		}
		pass(5 * time.Second)
		if s := p.now(); s.Over != nil || s.Silent {
			t.Errorf("got %+v", s)
		}
	})
}

// The membership overtakes the answer to a newcomer's request, or that is lost: it
// is let in all the same.
func TestMembershipOvertakesTheAnswer(t *testing.T) {
	inTree(t, 8, 3, func(t *testing.T, w *world, ps []*peer) {
		cfg := w.config()
		w.mem.Cut(w.secret.Peer(), cfg.Secret.Peer())
		cfg.Ticket.Via.Peer, cfg.Ticket.Via.Addrs = ps[0].secret.Peer(), ps[0].transport.Addrs()
		j, err := member.NewJoiner(cfg)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := j.Request() // as it comes by the quicker of two ways
		if err != nil {
			t.Fatal(err)
		}
		far := w.start(cfg)
		pass(18 * time.Millisecond) // its Hello has arrived, the answer has not
		if n := 0; ps[0].ask(func() { n = ps[0].strangers() }) != nil || n != 1 {
			t.Fatalf("%d wait", n)
		}
		w.mem.Cut(w.secret.Peer(), ps[0].secret.Peer()) // loses the answer
		if err := w.ask(func() {
			a, err := w.admission.Join(cfg.Secret.Peer(), sealed)
			if err != nil {
				t.Error(err)
			}
			w.joined(cfg.Secret.Peer(), a, "by another way")
			w.spreadMembership()
		}); err != nil {
			t.Fatal(err)
		}
		pass(joinTime + time.Second)
		if s := far.now(); !s.Joined || s.Over != nil {
			t.Errorf("got %+v", s)
		}
	})
}

// A newcomer whom the host let in over a link that then died joins through another.
func TestKnownNewcomerIsWelcomed(t *testing.T) {
	inTree(t, 8, 3, func(t *testing.T, w *world, ps []*peer) {
		cfg := w.config()
		w.mem.Cut(w.secret.Peer(), cfg.Secret.Peer())
		cfg.Ticket.Via.Peer, cfg.Ticket.Via.Addrs = ps[0].secret.Peer(), ps[0].transport.Addrs()
		j, err := member.NewJoiner(cfg)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := j.Request() // the host has it, and its welcome was lost
		if err != nil {
			t.Fatal(err)
		}
		if err := w.ask(func() {
			a, err := w.admission.Join(cfg.Secret.Peer(), sealed)
			if err != nil {
				t.Error(err)
			}
			w.joined(cfg.Secret.Peer(), a, "over a link that died")
		}); err != nil {
			t.Fatal(err)
		}
		pass(tick)
		far := w.start(cfg)
		pass(joinTime + time.Second)
		if s := far.now(); !s.Joined || s.Over != nil {
			t.Errorf("got %+v", s)
		}
	})
}

// Who gave its place while it was not heard asks again when it is, over the link
// that it had.
func TestWhoGaveItsPlaceComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTree(t, 8, func(c *member.HostConfig) { c.MaxPeers = 2 })
		a, b := w.join(), w.join()
		w.settle()
		if err := a.ask(func() { a.cfg.Dial = nil }); err != nil { // its old link is the first to be heard
			t.Fatal(err)
		}
		w.mem.Cut(w.secret.Peer(), a.secret.Peer())
		w.mem.Cut(b.secret.Peer(), a.secret.Peer())
		pass(5 * time.Second)
		w.join() // in a's place
		w.mem.Heal(w.secret.Peer(), a.secret.Peer())
		w.mem.Heal(b.secret.Peer(), a.secret.Peer())
		pass(time.Second)
		b.Part(t.Context())
		b.stop(transport.Left) // and there is room again
		pass(30 * time.Second)
		if s := a.now(); s.Over != nil {
			return // it was told
		} else if _, is := s.Members.Row(a.secret.Peer()); !is {
			t.Errorf("half a minute later it is no member: %+v", s)
		}
	})
}

// Addresses that others tell for the host do not keep a member from the ticket's.
func TestFalseAddressesOfTheHost(t *testing.T) {
	inTree(t, 8, 1, func(t *testing.T, w *world, ps []*peer) {
		p := ps[0]
		e := w.evil()
		e.enters()
		l := e.call(p)
		lie := gossip.Contact{Peer: w.secret.Peer(), Addrs: []netip.AddrPort{netip.MustParseAddrPort("10.99.0.1:9")}}
		w.mem.Break(w.secret.Peer(), p.secret.Peer())
		for range 30 * 50 {
			e.say(l, gossip.ForwardJoin{TTL: 0, Joiner: lie})
			pass(20 * time.Millisecond)
		}
		linked := false
		if err := p.ask(func() { linked = p.inUse[w.secret.Peer()] != nil }); err != nil || !linked {
			t.Errorf("for 30 s it has not called the host where its ticket says: %v, %+v", err, p.now())
		}
	})
}

// Whoever left for good is not brought back by a copy of its join request.
func TestRequestOfWhoLeftIsNotReplayed(t *testing.T) {
	inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
		far := w.startVia(ps[0])
		pass(time.Second)
		var sealed []byte
		if err := far.ask(func() { sealed, _ = far.joiner.Request() }); err != nil {
			t.Fatal(err)
		}
		far.Part(t.Context())
		far.stop(transport.Left)
		pass(time.Second)
		e := w.evil() // it passed that request on when it was made
		l := e.enters()
		e.say(l, gossip.Request{Matter: gossip.ToJoin, Peer: far.secret.Peer(), Body: sealed})
		pass(time.Second)
		for _, r := range w.members() {
			if r.Peer == far.secret.Peer() {
				t.Errorf("it left, and is %v", r.State)
			}
		}
	})
}

// A false answer that overtakes the host's does not use up its way.
func TestFalseAnswerThenTheHosts(t *testing.T) {
	inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
		via := ps[0]
		e := w.evil()
		e.enters()
		l := e.call(via)
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		far := w.startVia(via)
		for range 40 {
			e.say(l, gossip.Answer{Peer: far.secret.Peer(), Code: 0, Body: []byte("no welcome")})
			pass(time.Millisecond)
		}
		pass(joinTime + time.Second)
		if s := far.now(); !s.Joined || s.Over != nil {
			t.Errorf("an answer of nobody: got %+v", s)
		}
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		far = w.startVia(via)
		for range 40 {
			e.say(l, gossip.Answer{Peer: far.secret.Peer(), Code: uint8(transport.Removed), Body: []byte("go")})
			pass(time.Millisecond)
		}
		pass(joinTime + time.Second)
		if s := far.now(); !s.Joined || errors.Is(s.Over, ErrRemoved) {
			t.Errorf("removed by who was not asked: got %+v", s)
		}
	})
}

// A question for a history that cannot be does not take the place of one that is.
func TestHistoryOfTheFuture(t *testing.T) {
	inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
		past := w.admission.Past()
		here := past.Seal(w.secret, 1, [12]byte{1}, nil)
		future := past.Seal(w.secret, 1<<63, [12]byte{2}, nil) // the host answers an empty one to whatever is asked
		kept := uint64(0)
		for _, wire := range [][]byte{future, here} {
			if err := ps[0].ask(func() {
				h, err := envelope.ParseHistory(wire)
				if err != nil {
					t.Error(err)
				}
				ps[0].historyCame(h, wire)
				kept = ps[0].historian.seq
			}); err != nil {
				t.Fatal(err)
			}
		}
		if kept != 1 {
			t.Errorf("keeps the history of record %d", kept)
		}
	})
}

// What a writer sends over its own link has credit, too.
func TestOwnInputsHaveCredit(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.evil()
		l := e.join()
		size := 0
		for seq := uint64(1); seq <= 2_500; seq++ {
			b := e.joiner.Input().Seal(e.secret, seq, typing("xxxxxxxxxxxxxxxx"))
			for !l.Send(transport.Input, transport.InputKind, submitted(b)) {
				synctest.Wait() // no time passes
			}
			size += len(b)
		}
		synctest.Wait()
		if n := len(w.inputs); n*size/2_500 > 300<<10 {
			t.Errorf("%d KiB of inputs were opened in no time, want 256", n*size/2_500>>10)
		}
	})
}

// Who gave its place while it was cut off, and reaches the host over others alone,
// comes back when there is room: it has heard no beat since, and did not leave.
func TestWhoGaveItsPlaceComesBackOverOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTree(t, 8, func(c *member.HostConfig) { c.MaxPeers = 2 })
		via := w.join()
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		far := w.startVia(via)
		pass(5 * time.Second)
		if s := far.now(); !s.Joined {
			t.Fatalf("got %+v", s)
		}
		w.mem.Cut(via.secret.Peer(), far.secret.Peer())
		w.mem.Break(via.secret.Peer(), far.secret.Peer())
		for range 450 { // until it counts as away
			if pass(100 * time.Millisecond); w.members()[0].State == member.Away || w.members()[1].State == member.Away {
				break
			}
		}
		other := w.join() // in its place
		pass(time.Second)
		other.Part(t.Context())
		other.stop(transport.Left)
		pass(time.Second)
		if n := len(w.members()); n != 1 {
			t.Fatalf("%d members", n)
		}
		w.mem.Heal(via.secret.Peer(), far.secret.Peer())
		pass(aMinute)
		if s := far.now(); s.Over != nil || s.Silent {
			t.Errorf("got %+v", s)
		}
		if n := len(w.members()); n != 2 {
			t.Errorf("%d members: %+v, %+v", n, far.now(), w.hostStats())
		}
	})
}
