package node

import (
	"testing"
	"testing/synctest"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

// as returns an input in another's name, sealed with a secret and not signed by him.
func (e *evil) as(p *peer, secret [32]byte) gossip.Input {
	author, life := p.secret.Peer(), p.now().Incarnation
	in := envelope.NewInput(e.joiner.Topic(), e.joiner.Welcome().Host, author, life, 1, secret)
	b := in.Seal(p.secret, 1, typing("forged"))
	b[len(b)-1] ^= 1
	return gossip.Input{Author: author, Incarnation: life, Seq: 1, Bytes: b}
}

// A member checks an input before it passes it on: else the host would take it for
// the forger.
func TestForgedInputIsNotPassedOn(t *testing.T) {
	inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
		via, victim := ps[0], ps[1]
		e := w.evil()
		e.enters()
		l := e.call(via)
		own := w.linkTo(via)
		e.say(l, e.as(victim, [32]byte{9}))
		pass(tick)
		e.wantCode("a forged input", l, transport.Violation)
		if s := w.hostStats(); s.Forged != 0 || len(w.inputs) != 0 {
			t.Errorf("it came to the host: %+v, inputs %v", s, w.inputs)
		}
		if w.linkTo(via) != own {
			t.Error("who was given it lost the link to the host")
		}
	})
}

// The host knows whose an input is that came over another's link by its signature
// alone: who passes on a forgery loses his link, and not he in whose name it is,
// and even one sealed with his secret is not typed.
func TestForgedInputOverAnothersLink(t *testing.T) {
	for desc, sealed := range map[string]bool{"sealed with the author's secret": true, "with another": false} {
		inWorld(t, func(t *testing.T, w *world) {
			victim := w.join()
			secret := [32]byte{byte(w.keys), 1}
			if !sealed {
				secret = [32]byte{9}
			}
			e := w.evil()
			l := e.join()
			own := w.linkTo(victim)
			e.say(l, e.as(victim, secret))
			e.wantCode(desc, l, transport.Violation)
			if s := w.hostStats(); s.Forged != 1 || len(w.inputs) != 0 {
				t.Errorf("%s: %+v, inputs %v", desc, s, w.inputs)
			}
			if w.linkTo(victim) != own {
				t.Errorf("%s: he in whose name it was lost his link", desc)
			}
		})
	}
}

// A record that came over the host's own link is in use before its signature is
// checked, but nobody is given it before: he would take us for the forger.
func TestUncheckedRecordIsNotPassedOn(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		links := make(map[id.Peer]*transport.Link)
		welcome := welcomeAll(func(s *script) [][]byte { return [][]byte{s.record(1, 1, 1)} })
		s := w.scripted(func(s *script, l *transport.Link, hello []byte) {
			links[l.Peer()] = l
			welcome(s, l, hello)
		})
		a := w.start(w.config())
		synctest.Wait()
		b := w.start(w.config())
		synctest.Wait()
		control(links[a.secret.Peer()], transport.Membership, w.admission.Membership())
		synctest.Wait()
		if err := b.ask(func() {
			b.step(gossip.Enter{Contact: gossip.Contact{Peer: a.secret.Peer(), Addrs: a.transport.Addrs()}})
		}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := len(placeOf(t, a).Neighbors); n != 1 {
			t.Fatalf("%d neighbors", n)
		}
		good := s.record(2, 0, 0)
		links[a.secret.Peer()].Send(transport.Log, transport.Gossip, gossiped(good))
		synctest.Wait()
		if b.readAll(t); b.after != 2 {
			t.Fatalf("a good record was not passed on: read through %d", b.after)
		}
		bad := s.record(3, 0, 0)
		bad[len(bad)-1] ^= 1
		links[a.secret.Peer()].Send(transport.Log, transport.Gossip, gossiped(bad))
		pass(tick)
		if n := a.figures(t).Forged; n != 1 {
			t.Errorf("who got it from the host counts %d forged", n)
		}
		if b.readAll(t); b.after != 2 || b.figures(t).Forged != 0 || len(placeOf(t, b).Neighbors) != 1 {
			t.Errorf("it was passed on: read through %d, %+v", b.after, b.figures(t))
		}
	})
}

// Who was removed is shut out by all, and not only by the host; and if he calls, the
// host need not be asked.
func TestRemovedIsShutOutByAll(t *testing.T) {
	inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
		e := w.evil()
		own := e.enters()
		l := e.call(ps[0])
		if err := w.ask(func() {
			w.admission.Kick(e.secret.Peer(), [32]byte{5})
			w.membershipChanged()
		}); err != nil {
			t.Fatal(err)
		}
		w.snapshot(1, 10)
		pass(tick)
		e.wantCode("his link to the host", own, transport.Removed)
		e.wantCode("his link to a member", l, transport.Removed)

		refused := w.hostStats().Refusals
		again := e.hail(ps[0])
		pass(tick)
		e.wantCode("his next link to a member", again, transport.Removed)
		for _, g := range e.got {
			if g.Link == again {
				t.Errorf("he was answered with a frame of kind %d", g.Kind)
			}
		}
		if n := w.hostStats().Refusals - refused; n != 0 {
			t.Errorf("the host was asked %d times", n)
		}
		if w.wantAll("the others", ps); ps[0].now().Lost {
			t.Error("a member lost its links")
		}
	})
}

// A newcomer learns from its first head how far the log is and which membership is
// in force now, and not a second ago.
func TestFirstHeadIsOfNow(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		pass(beatEvery + beatEvery/2)
		w.say(10)
		e := w.evil()
		e.join()
		for _, g := range e.got {
			if g.Kind != transport.Head {
				continue
			}
			h, _, err := e.joiner.ApplyHead(g.Body)
			if version := e.joiner.Welcome().Version; err != nil || h.Seq != w.seq || h.Version != version {
				t.Errorf("got %+v, %v, want seq %d, version %d", h, err, w.seq, version)
			}
			return
		}
		t.Error("no head")
	})
}

// A record of an epoch that does not come is given up in time, however many other
// memberships come meanwhile.
func TestHeldRecordIsGivenUpInTime(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var l *transport.Link
		s := w.scripted(func(s *script, to *transport.Link, hello []byte) {
			l = to
			welcomeAll(func(s *script) [][]byte { return [][]byte{s.record(1, 1, 1)} })(s, to, hello)
		})
		p := w.start(w.config())
		synctest.Wait()
		early := p.figures(t).Early // the first may have come before its key
		other := s.another()
		future := envelope.NewLog(w.admission.Topic(), w.secret.Peer(), w.admission.Incarnation(), 9, [32]byte{9})
		l.Send(transport.Log, transport.Gossip, gossiped(future.Seal(w.secret, 2, 0, 0, nil)))
		const every = heldTime / 6
		for i := range 5 { // until just before
			if i%2 == 0 {
				w.admission.Away(time.Now(), other)
			} else {
				w.admission.Back(other)
			}
			control(l, transport.Membership, w.admission.Membership())
			pass(every)
		}
		if got := placeOf(t, p).Gossip.Unknown; got != 0 || p.figures(t).Early != early+1 {
			t.Errorf("after %v: %d given up, %+v", 5*every, got, p.figures(t))
		}
		pass(every)
		if got := placeOf(t, p).Gossip.Unknown; got != 1 {
			t.Errorf("after %v: %d given up, want 1", heldTime, got)
		}
	})
}
