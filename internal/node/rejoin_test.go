package node

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/member"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
)

// A reconnect of the same process keeps its incarnation and goes on in the log
// where it was.
func TestReconnectContinues(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		w.say(100)
		synctest.Wait()
		p.readAll(t)
		before := p.now()
		records := p.figures(t).Records

		w.mem.Break(w.secret.Peer(), p.secret.Peer())
		synctest.Wait()
		if s := p.now(); !s.Lost || s.Over != nil {
			t.Errorf("after the loss: %+v", s)
		}
		for range 5 {
			w.say(100)
		}
		w.snapshot(2, 100) // it has the log up to there: no reason to jump
		w.say(100)
		pass(redialFirst)
		s := p.now()
		if s.Lost || s.Incarnation != before.Incarnation || s.Link != before.Link+1 {
			t.Errorf("after the reconnect: %+v, before %+v", s, before)
		}
		if p.readAll(t); p.after != w.seq || len(p.jumps) != 0 {
			t.Errorf("read through %d of %d, jumps %v", p.after, w.seq, p.jumps)
		}
		f := p.figures(t)
		if f.Records-records != 8 || f.Seen != 0 || f.Jumps != 0 {
			t.Errorf("%d records and %d repeats for 8 that were missing", f.Records-records, f.Seen)
		}
		p.types(t, 1, "still")
		synctest.Wait()
		if len(w.inputs) != 1 {
			t.Errorf("got %v", w.inputs)
		}
	})
}

// What was missed is gone: the log goes on at the newest snapshot, and says so.
func TestReconnectJumps(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		w.say(100)
		synctest.Wait()
		p.readAll(t)
		w.mem.Break(w.secret.Peer(), p.secret.Peer())
		synctest.Wait()
		w.flood(160) // 2.5 MB
		pass(redialFirst)
		if p.readAll(t); p.after != w.seq || len(p.jumps) != 1 {
			t.Errorf("read through %d of %d, jumps %v", p.after, w.seq, p.jumps)
		}
	})
}

// A second link of the same process takes the place of the first, and the member
// stays in.
func TestSecondLinkReplacesFirst(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.evil()
		first := e.join()
		inc := e.joiner.Welcome().Incarnation
		second := e.join()
		e.wantCode("first link", first, transport.Replaced)
		pass(tick)
		rows := w.members()
		if len(rows) != 1 || rows[0].State != member.Here || rows[0].Incarnation != inc {
			t.Errorf("got members %+v", rows)
		}
		if e.downs[second] != nil || len(w.Host.links) != 1 {
			t.Errorf("second link: %v, %d links", e.downs[second], len(w.Host.links))
		}
	})
}

// Another process under the same key ends the first for good.
func TestReplaced(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		e := w.evil(func(c *member.JoinerConfig) {
			c.Secret, c.Nonce = p.secret, [16]byte{2}
		})
		e.join()
		pass(time.Second)
		if s := p.now(); s.Over != ErrReplaced {
			t.Errorf("got %+v", s)
		}
	})
}

func TestLostAfterAMinute(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		w.mem.Cut(w.secret.Peer(), p.secret.Peer())
		w.mem.Break(w.secret.Peer(), p.secret.Peer())
		synctest.Wait()
		pass(aMinute - time.Second)
		if s := p.now(); !s.Lost || s.Over != nil {
			t.Errorf("before the minute: %+v", s)
		}
		// Calls take 5 s to fail, the pauses between them double.
		if got := p.figures(t).Redials; got < 5 || got > 10 {
			t.Errorf("%d calls in a minute", got)
		}
		pass(time.Second)
		if s := p.now(); s.Over != ErrLost {
			t.Errorf("after the minute: %+v", s)
		}
		pass(time.Hour)
		if err := p.Joined(t.Context()); err != nil {
			t.Errorf("who was in was let in: got %v", err)
		}
	})
}

// A host that died without a word leaves its links open for two minutes. It is
// lost a minute after its last beat all the same.
func TestSilentForAMinuteIsLost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		w.mem.Cut(w.secret.Peer(), p.secret.Peer())
		pass(aMinute - 2*time.Second)
		if s := p.now(); s.Over != nil || !s.Silent {
			t.Errorf("before the minute: %+v", s)
		}
		pass(2 * time.Second)
		if s := p.now(); s.Over != ErrLost {
			t.Errorf("after the minute: %+v", s)
		}
		w.mem.Heal(w.secret.Peer(), p.secret.Peer())
	})
}

// A host that comes back within the minute is found.
func TestFoundWithinAMinute(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		w.mem.Cut(w.secret.Peer(), p.secret.Peer())
		w.mem.Break(w.secret.Peer(), p.secret.Peer())
		pass(aMinute / 2)
		w.mem.Heal(w.secret.Peer(), p.secret.Peer())
		pass(redialMost + 5*time.Second)
		if s := p.now(); s.Lost || s.Link != 2 {
			t.Errorf("got %+v", s)
		}
	})
}

// No beat for 3 s is said, and its return as well; the link is kept.
func TestSilent(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		pass(10 * time.Second)
		if s := p.now(); s.Silent {
			t.Errorf("a host that beats is silent: %+v", s)
		}
		w.mem.Cut(w.secret.Peer(), p.secret.Peer())
		pass(silentAfter)
		if s := p.now(); !s.Silent || s.Lost {
			t.Errorf("after 3 s without a beat: %+v", s)
		}
		w.mem.Heal(w.secret.Peer(), p.secret.Peer())
		if s := p.now(); s.Silent || s.Link != 1 {
			t.Errorf("after its return: %+v", s)
		}
	})
}

// A host that goes on after a stop has two links of a member: that it closes the older
// one first loses no way, unless the other comes to nothing.
func TestLinkReplacedBeforeTheNewOneIsUp(t *testing.T) {
	for _, welcomes := range []bool{true, false} {
		inWorld(t, func(t *testing.T, w *world) {
			var first *transport.Link
			var calls atomic.Int64
			w.scripted(func(s *script, l *transport.Link, hello []byte) {
				switch calls.Add(1) {
				case 1:
					first = l
					welcomeAll(func(*script) [][]byte { return nil })(s, l, hello)
				case 2: // 3 s without a beat later
					control(first, transport.Head, s.w.admission.Head(2, 0))
					time.AfterFunc(tick, func() { first.Close(transport.Replaced, "") })
					time.AfterFunc(time.Second, func() {
						if welcomes {
							welcomeAll(func(*script) [][]byte { return nil })(s, l, hello)
							return
						}
						l.Close(transport.Late, "")
					})
				}
			})
			p := w.start(w.config())
			for range 50 {
				if pass(100 * time.Millisecond); calls.Load() > 1 {
					break
				}
			}
			pass(500 * time.Millisecond)
			if st := p.now(); calls.Load() != 2 || st.Lost || st.Silent {
				t.Errorf("while the link is opened, after %d calls: %+v", calls.Load(), st)
			}
			pass(600 * time.Millisecond)
			if st := p.now(); st.Lost == welcomes {
				t.Errorf("welcomed %v: %+v", welcomes, st)
			}
		})
	}
}

// A silent host is called over a new link: the old one may be dead for ever.
func TestSilentHostIsCalled(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		// Of the host's frames on the first link none arrives after a while: its node
		// forgets the link.
		p := w.join()
		if err := w.ask(func() { w.Host.links = nil; delete(w.inUse, p.secret.Peer()) }); err != nil {
			t.Fatal(err)
		}
		pass(silentAfter + time.Second)
		s := p.now()
		if s.Silent || s.Lost || s.Link != 2 {
			t.Errorf("got %+v", s)
		}
		w.say(10)
		synctest.Wait()
		if p.readAll(t); p.after != w.seq || len(p.jumps) != 0 {
			t.Errorf("read through %d of %d, jumps %v", p.after, w.seq, p.jumps)
		}
	})
}

// A host that was started anew under its old key is another session, whichever of
// its frames comes first.
func TestRestartedHost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		for range 3 {
			w.say(10)
		}
		p.types(t, 1, "for the old shell")
		w.mem.Break(w.secret.Peer(), p.secret.Peer())
		w.stopHost()
		w.startHost(2)
		w.snapshot(1, 10)
		w.flood(20)
		pass(aMinute)
		if s := p.now(); !errors.Is(s.Over, member.ErrRestarted) {
			t.Errorf("got %+v", s)
		}
		if f := p.figures(t); f.Forged != 0 {
			t.Errorf("the new host's log was taken for a forgery %d times", f.Forged)
		}
		pass(tick)
		if rows := w.members(); len(rows) != 0 {
			t.Errorf("it stays a member of a session that it left: %+v", rows)
		}
	})
}

// The end is told, and final.
func TestEnded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		w.stopHost()
		if s := p.now(); s.Over != ErrEnded {
			t.Errorf("got %+v", s)
		}
	})
}

// Joined returns in every case, with why.
func TestJoinFails(t *testing.T) {
	stranger := func(w *world) ticket.Ticket {
		k := w.ticket
		k.Secret = ticket.SecretOf([16]byte{9})
		return k
	}
	for _, c := range []struct {
		desc   string
		before func(w *world, c *member.JoinerConfig)
		want   error
		within time.Duration
	}{{
		desc:   "wrong ticket",
		before: func(w *world, c *member.JoinerConfig) { c.Ticket = stranger(w) },
		want:   ErrRefused,
		within: time.Second,
	}, {
		desc: "another key answers",
		before: func(w *world, c *member.JoinerConfig) {
			c.Ticket.Host = secretOf(50).Peer()
		},
		want:   transport.ErrKey,
		within: time.Second,
	}, {
		desc:   "nobody there",
		before: func(w *world, c *member.JoinerConfig) { w.mem.Cut(w.secret.Peer(), c.Secret.Peer()) },
		want:   transport.ErrTimeout,
		within: joinTime,
	}, {
		desc:   "no address",
		before: func(w *world, c *member.JoinerConfig) { c.Ticket.Addrs = nil },
		want:   transport.ErrNoAddress,
		within: time.Second,
	}, {
		desc: "banned",
		before: func(w *world, c *member.JoinerConfig) {
			p := w.start(*c)
			if err := p.Joined(context.Background()); err != nil {
				w.Fatal(err)
			}
			p.stop(transport.Violation)
			synctest.Wait()
			if err := w.ask(func() { w.admission.Kick(c.Secret.Peer(), [32]byte{5}) }); err != nil {
				w.Fatal(err)
			}
		},
		want:   ErrRemoved,
		within: time.Second,
	}, {
		desc:   "a host that does not answer",
		before: func(w *world, c *member.JoinerConfig) { c.Ticket.Addrs = w.mute() },
		want:   ErrNoAnswer,
		within: joinTime,
	}, {
		desc: "one that takes long for that",
		before: func(w *world, c *member.JoinerConfig) {
			c.Ticket.Addrs = w.mute()
			w.mem.Delay(2400 * time.Millisecond)
		},
		want:   ErrNoAnswer,
		within: joinTime,
	}} {
		inWorld(t, func(t *testing.T, w *world) {
			cfg := w.config()
			c.before(w, &cfg)
			begun := time.Now()
			p := w.start(cfg)
			err := p.Joined(context.Background())
			if !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", c.desc, err, c.want)
			}
			if d := time.Since(begun); d > c.within {
				t.Errorf("%s: told after %v", c.desc, d)
			}
			if s := p.now(); s.Joined || s.Over == nil {
				t.Errorf("%s: state %+v", c.desc, s)
			}
			pass(time.Hour) // and nothing more happens
			if f := p.figures(t); f.Redials != 0 {
				t.Errorf("%s: %d further calls", c.desc, f.Redials)
			}
		})
	}
}

// mute moves the host away and puts a process with its key there that takes links
// and says nothing. It returns where.
func (w *world) mute() (addrs []netip.AddrPort) {
	w.stopHost()
	events := make(chan transport.Event)
	tr := w.listen(w.secret, events)
	w.run(func(ctx context.Context) {
		for {
			select {
			case ev := <-events:
				if up, ok := ev.(transport.Up); ok {
					up.Link.Trust()
				}
			case <-ctx.Done():
				return
			}
		}
	}, tr)
	return tr.Addrs()
}

// A join under way ends with its context, and with its node.
func TestJoinedReturnsWithContext(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		cfg := w.config()
		w.mem.Cut(w.secret.Peer(), cfg.Secret.Peer())
		p := w.start(cfg)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := p.Joined(ctx); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
		errs := make(chan error, 1)
		go func() { errs <- p.Joined(context.Background()) }()
		synctest.Wait()
		p.stop(transport.Left)
		if err := <-errs; err != ErrStopped {
			t.Errorf("got %v", err)
		}
	})
}

// A full session is told, a crowd at the door is not: that passes.
func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, func(c *member.HostConfig) { c.MaxPeers = 1 })
		p := w.join()
		late := w.start(w.config())
		if err := late.Joined(context.Background()); !errors.Is(err, ErrRefused) {
			t.Errorf("got %v", err)
		}
		next := w.start(w.config())
		p.stop(transport.Left)
		if err := next.Joined(context.Background()); err != nil {
			t.Errorf("a place was free: got %v", err)
		}
	})
	inWorld(t, func(t *testing.T, w *world) {
		w.mem.Delay(100 * time.Millisecond)
		var all []*peer
		for range 40 { // more than transport takes unproved at a time
			all = append(all, w.start(w.config()))
		}
		failed := 0
		for _, p := range all {
			if p.Joined(context.Background()) != nil {
				failed++
			}
		}
		if failed > 0 {
			t.Errorf("%d of 40 who came at once were not let in", failed)
		}
	})
}

// Watching with a typing ticket of a host that lets nobody type works; typing does not.
func TestReadOnlyHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, func(c *member.HostConfig) { c.ReadOnly = true })
		p := w.start(w.config())
		if err := p.Joined(context.Background()); !errors.Is(err, ErrRefused) {
			t.Errorf("typing: got %v", err)
		}
		if p := w.join(watching); p.now().MayType {
			t.Error("a watcher may type")
		}
	})
}

// A newcomer evicts who has been away for the longest time, never who is here.
func TestAwayGivesPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, func(c *member.HostConfig) { c.MaxPeers = 2 })
		a, b := w.join(), w.join()
		w.mem.Cut(a.secret.Peer(), b.secret.Peer())
		w.mem.Cut(w.secret.Peer(), a.secret.Peer())
		w.mem.Break(w.secret.Peer(), a.secret.Peer())
		pass(tick)
		w.join()
		if slices.ContainsFunc(w.members(), func(r member.Row) bool { return r.Peer == a.secret.Peer() }) {
			t.Error("who is away kept his place")
		}
		if s := b.now(); s.Lost {
			t.Error("who is here lost his")
		}
	})
}

// An epoch's key is sent before its records; who has not read for two epochs goes
// on at the newest snapshot.
func TestEpochs(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		reader, sleeper := w.join(), w.join()
		w.say(10)
		synctest.Wait()
		reader.readAll(t)
		sleeper.readAll(t)
		w.say(10) // the sleeper does not read it while it has the key
		for i := range 2 {
			out := w.join() // its membership is spread now: the next waits
			if err := w.ask(func() {
				w.admission.Kick(out.secret.Peer(), [32]byte{5, byte(i)})
				w.membershipChanged()
			}); err != nil {
				t.Fatal(err)
			}
			w.snapshot(1, 10)
			w.flood(8)
			synctest.Wait()
			if reader.readAll(t); reader.after != w.seq || len(reader.jumps) != 0 {
				t.Errorf("epoch %d: read through %d of %d, jumps %v", i+2, reader.after, w.seq, reader.jumps)
			}
		}
		reader.types(t, 1, "sealed anew")
		if sleeper.readAll(t); sleeper.after != w.seq || len(sleeper.jumps) != 1 {
			t.Errorf("the sleeper read through %d of %d, jumps %v", sleeper.after, w.seq, sleeper.jumps)
		}
		if synctest.Wait(); len(w.inputs) != 1 {
			t.Errorf("got inputs %v", w.inputs)
		}
	})
}

// Up and the end of a call come in either order.
func TestUpBeforeDialReturns(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		other := secretOf(99).Peer()
		if err := p.ask(func() {
			if _, is := p.calls[p.host]; is {
				t.Error("waits for an Up that was there")
			}
			p.calls[other] = calling
			p.afterCall(called{peer: other})
			if p.dial(other, w.ticket.Addrs); p.calls[other] != returned {
				t.Error("calls again while Up is under way")
			}
			if p.callAnnounced(other); len(p.calls) != 0 {
				t.Error("still waits", p.calls)
			}
			p.calls[other] = calling
			p.callAnnounced(other)
			if p.afterCall(called{peer: other}); len(p.calls) != 0 {
				t.Error("waits for an Up that was there", p.calls)
			}
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A link that was hung up is deaf.
func TestHungUpLinkIsDeaf(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		if err := p.ask(func() {
			l := p.inUse[p.host]
			l.shutDown(transport.Violation, "")
			if p.event(transport.Got{Link: l.Link, Class: transport.Log, Kind: transport.Gossip}); l.fault != nil {
				t.Error("heard", l.fault)
			}
		}); err != nil {
			t.Fatal(err)
		}
	})
}
