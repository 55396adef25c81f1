package node

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// A script is a host whose frames the test makes: the host's key and admission,
// without its node.
type script struct {
	w     *world
	log   *envelope.Log
	serve func(s *script, l *transport.Link, hello []byte) // answers a Hello
	calls int
	room  func() // called when a queue has room again
}

// scripted replaces the host's node by a script.
func (w *world) scripted(serve func(*script, *transport.Link, []byte)) *script {
	w.Helper()
	w.stopHost()
	s := &script{w: w, log: w.admission.Log(), serve: serve, room: func() {}}
	events := make(chan transport.Event)
	tr := w.listen(w.secret, events)
	w.run(func(ctx context.Context) {
		for {
			select {
			case ev := <-events:
				switch ev := ev.(type) {
				case transport.Room:
					s.room()
				case transport.Got:
					if ev.Kind != transport.Hello { // it takes no part in gossip
						continue
					}
					s.calls++
					ev.Link.Trust()
					s.serve(s, ev.Link, ev.Body)
				}
			case <-ctx.Done():
				return
			}
		}
	}, tr)
	return s
}

// answers returns the right answers to a Hello.
func (s *script) answers(l *transport.Link, hello []byte) (proof, welcome, membership []byte) {
	exporter := l.Exporter()
	h, p, err := s.w.admission.Answer(exporter[:], l.Peer(), hello)
	if err != nil {
		s.w.Error(err)
	}
	a, err := s.w.admission.Join(l.Peer(), h.Sealed)
	if err != nil {
		s.w.Error(err)
	}
	return p[:], a.Welcome, s.w.admission.Membership()
}

func control(l *transport.Link, kind byte, body []byte) { l.Send(transport.Control, kind, body) }

// record returns a record of the host's log.
func (s *script) record(seq uint64, part, parts uint16) []byte {
	return s.log.Seal(s.w.secret, seq, part, parts, []byte("x"))
}

// The frames of a host come in one order; another ends the link, and the join.
func TestHostOutOfTurn(t *testing.T) {
	for desc, serve := range map[string]func(s *script, l *transport.Link, hello []byte){
		"welcome before proof": func(s *script, l *transport.Link, hello []byte) {
			_, welcome, _ := s.answers(l, hello)
			control(l, transport.Welcome, welcome)
		},
		"wrong proof": func(s *script, l *transport.Link, hello []byte) {
			proof, _, _ := s.answers(l, hello)
			proof[3] ^= 1
			control(l, transport.Proof, proof)
		},
		"proof twice": func(s *script, l *transport.Link, hello []byte) {
			proof, _, _ := s.answers(l, hello)
			control(l, transport.Proof, proof)
			control(l, transport.Proof, proof)
		},
		"membership before welcome": func(s *script, l *transport.Link, hello []byte) {
			proof, _, membership := s.answers(l, hello)
			control(l, transport.Proof, proof)
			control(l, transport.Membership, membership)
		},
		"head before welcome": func(s *script, l *transport.Link, hello []byte) {
			proof, _, _ := s.answers(l, hello)
			control(l, transport.Proof, proof)
			control(l, transport.Head, s.w.admission.Head(1, 1))
		},
		"a hello": func(s *script, l *transport.Link, hello []byte) { control(l, transport.Hello, hello) },
		"an input": func(s *script, l *transport.Link, hello []byte) {
			proof, _, _ := s.answers(l, hello)
			control(l, transport.Proof, proof)
			l.Send(transport.Input, transport.InputKind, nil)
		},
	} {
		inWorld(t, func(t *testing.T, w *world) {
			s := w.scripted(serve)
			p := w.start(w.config())
			if err := p.Joined(context.Background()); !errors.Is(err, ErrBroken) {
				t.Errorf("%s: got %v", desc, err)
			}
			pass(time.Minute)
			if s.calls != 1 {
				t.Errorf("%s: %d calls", desc, s.calls)
			}
		})
	}
}

// A member that is welcomed and gets no keys is told in time that it is not in.
func TestWelcomedWithoutKeys(t *testing.T) {
	for desc, member := range map[string]func(s *script) []byte{
		"no membership":             func(*script) []byte { return nil },
		"one that does not name it": func(s *script) []byte { return s.w.without() },
	} {
		inWorld(t, func(t *testing.T, w *world) {
			w.scripted(func(s *script, l *transport.Link, hello []byte) {
				proof, welcome, _ := s.answers(l, hello)
				control(l, transport.Proof, proof)
				control(l, transport.Welcome, welcome)
				if m := member(s); m != nil {
					control(l, transport.Membership, m)
				}
			})
			begun := time.Now()
			p := w.start(w.config())
			if err := p.Joined(context.Background()); !errors.Is(err, ErrNoAnswer) || time.Since(begun) > joinTime {
				t.Errorf("%s: got %v after %v", desc, err, time.Since(begun))
			}
		})
	}
}

// without returns a membership of nobody, of a high version.
func (w *world) without() []byte {
	m := &member.Membership{Version: 1_000, Epoch: 1, Host: w.admission.Incarnation()}
	return m.Sign(w.secret)
}

// Records that overtake the membership with their key wait for it, up to a bound.
func TestEarlyRecordsWait(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		resume := make(chan struct{})
		s := w.scripted(func(s *script, l *transport.Link, hello []byte) {
			proof, welcome, membership := s.answers(l, hello)
			control(l, transport.Proof, proof)
			for seq := uint64(1); seq <= 20; seq++ {
				part := uint16(0)
				if seq == 1 {
					part = 1
				}
				l.Send(transport.Log, transport.Gossip, gossiped(s.record(seq, part, part)))
			}
			<-resume
			control(l, transport.Welcome, welcome)
			control(l, transport.Membership, membership)
			l.Send(transport.Log, transport.Gossip, gossiped(s.record(21, 0, 0)))
		})
		p := w.start(w.config())
		if f := p.figures(t); f.Early != 20 || f.Records != 0 {
			t.Errorf("before the membership: %+v", f)
		}
		close(resume)
		if f := p.figures(t); f.Records != 21 || s.calls != 1 {
			t.Errorf("after it: %+v", f)
		}
		if p.readAll(t); p.after != 21 {
			t.Errorf("read through %d", p.after)
		}
	})
	inWorld(t, func(t *testing.T, w *world) {
		w.scripted(func(s *script, l *transport.Link, hello []byte) {
			proof, _, _ := s.answers(l, hello)
			control(l, transport.Proof, proof)
			b := s.log.Seal(w.secret, 1, 1, 1, make([]byte, 16_000))
			left := 100
			s.room = func() {
				for left > 0 && l.Send(transport.Log, transport.Gossip, gossiped(b)) {
					left--
				}
			}
			s.room()
		})
		p := w.start(w.config())
		if err := p.Joined(context.Background()); !errors.Is(err, ErrBroken) {
			t.Errorf("1.6 MB without a key: got %v", err)
		}
		if f := p.figures(t); f.Early*16_000 > earlyMost {
			t.Errorf("%d records were kept", f.Early)
		}
	})
}

// welcomeAll lets a joiner in and then sends records.
func welcomeAll(records func(s *script) [][]byte) func(*script, *transport.Link, []byte) {
	return func(s *script, l *transport.Link, hello []byte) {
		proof, welcome, membership := s.answers(l, hello)
		control(l, transport.Proof, proof)
		control(l, transport.Welcome, welcome)
		control(l, transport.Membership, membership)
		for _, b := range records(s) {
			frame := gossiped(b)
			if r, err := envelope.ParseHost(b); err == nil && r.Part == 1 {
				frame = skipping(b)
			}
			l.Send(transport.Log, transport.Gossip, frame)
		}
	}
}

// A log with a forged record or garbage in it is never shown, and a host that goes
// on like that is given up after a few links.
func TestBadLog(t *testing.T) {
	forged := func(s *script, seq uint64) []byte {
		b := s.record(seq, 0, 0)
		b[25] ^= 1
		return b
	}
	for desc, records := range map[string]func(s *script) [][]byte{
		"forged":  func(s *script) [][]byte { return [][]byte{s.record(1, 1, 1), forged(s, 2)} },
		"garbage": func(s *script) [][]byte { return [][]byte{s.record(1, 1, 1), {1, 2, 3}} },
		"empty":   func(s *script) [][]byte { return [][]byte{s.record(1, 1, 1), nil} },
		"another host's": func(s *script) [][]byte {
			log := envelope.NewLog(s.w.admission.Topic(), s.w.secret.Peer(), 999, 1, [32]byte{1})
			return [][]byte{log.Seal(s.w.secret, 1, 1, 1, nil)}
		},
	} {
		inWorld(t, func(t *testing.T, w *world) {
			s := w.scripted(welcomeAll(records))
			p := w.start(w.config())
			pass(10 * time.Minute)
			if st := p.now(); !errors.Is(st.Over, ErrBroken) || s.calls != faultsMost {
				t.Errorf("%s: after %d links: %+v", desc, s.calls, st)
			}
			if p.readAll(t); p.after > 1 {
				t.Errorf("%s: read through %d", desc, p.after)
			}
		})
	}
}

// Repeated records are dropped, the extremes of seq included.
func TestRepeatsAndJumps(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s := w.scripted(welcomeAll(func(s *script) [][]byte {
			const end = ^uint64(0)
			return [][]byte{s.record(5, 1, 1), s.record(6, 0, 0), s.record(6, 0, 0), s.record(2, 1, 1),
				s.record(9, 1, 1), s.record(end-1, 1, 1), s.record(end, 0, 0), s.record(3, 1, 1)}
		}))
		p := w.start(w.config())
		f := p.figures(t)
		if f.Records != 5 || f.Seen != 3 || f.Jumps != 1 || s.calls != 1 {
			t.Errorf("got %+v", f)
		}
		if recs, err := p.Read(^uint64(0)-1, 0); err != nil || len(recs) != 1 {
			t.Errorf("read %d records, %v", len(recs), err)
		}
	})
}

// Whatever a host sends, the member's loop runs on.
func TestHostGarbage(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(3, 4))
		kind, cut := byte(0), -1
		s := w.scripted(func(s *script, l *transport.Link, hello []byte) {
			proof, welcome, membership := s.answers(l, hello)
			right := map[byte][]byte{transport.Proof: proof, transport.Welcome: welcome, transport.Membership: membership,
				transport.Head: s.w.admission.Head(1, 1), transport.Gossip: gossiped(s.record(1, 1, 1))}
			order := []byte{transport.Proof, transport.Welcome, transport.Membership, transport.Head, transport.Gossip}
			for _, k := range order {
				c := transport.Control
				if k == transport.Gossip {
					c = transport.Log
				}
				b := append([]byte(nil), right[k]...)
				if k == kind && cut >= 0 {
					b = b[:len(b)*cut/8]
				} else if k == kind {
					b[rng.IntN(len(b))] ^= byte(1 + rng.IntN(255))
				}
				l.Send(c, k, b)
			}
		})
		for _, kind = range []byte{transport.Proof, transport.Welcome, transport.Membership, transport.Head, transport.Gossip} {
			for cut = -4; cut < 8; cut++ {
				calls := s.calls
				p := w.start(w.config())
				pass(time.Second)
				if s.calls == calls {
					t.Fatal("no call")
				}
				if f := p.figures(t); f.Records > 1 { // it answers: the loop runs
					t.Errorf("kind %d: got %+v", kind, f)
				}
				p.stop(transport.Left)
			}
		}
	})
}

// A wrong frame now and then, with steady links between, is no reason to give up.
func TestFaultsFarApart(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		good := welcomeAll(func(s *script) [][]byte { return [][]byte{s.record(1, 1, 1)} })
		s := w.scripted(func(s *script, l *transport.Link, hello []byte) {
			good(s, l, hello)
			time.AfterFunc(steadyTime, func() { l.Send(transport.Log, transport.Gossip, nil) })
		})
		p := w.start(w.config())
		pass(10 * (steadyTime + time.Second))
		if st := p.now(); st.Over != nil || s.calls <= 2*faultsMost {
			t.Errorf("after %d links: %+v", s.calls, st)
		}
	})
}

// Records stay in order while one of them waits for its key.
func TestRecordsWaitInLine(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.scripted(func(s *script, l *transport.Link, hello []byte) {
			welcomeAll(func(s *script) [][]byte { return [][]byte{s.record(1, 1, 1)} })(s, l, hello)
			old := s.log
			s.w.admission.Kick(s.another(), [32]byte{7})
			s.log = s.w.admission.Log()
			l.Send(transport.Log, transport.Gossip, gossiped(s.record(2, 1, 1)))
			l.Send(transport.Log, transport.Gossip, gossiped(old.Seal(w.secret, 3, 0, 0, nil)))
			time.AfterFunc(time.Second, func() { control(l, transport.Membership, s.w.admission.Membership()) })
		})
		p := w.start(w.config())
		if f := p.figures(t); f.Records != 1 || f.Early == 0 { // the first may be early, too
			t.Errorf("before the key: %+v", f)
		}
		pass(time.Second)
		if f := p.figures(t); f.Records != 3 {
			t.Errorf("after it: %+v", f)
		}
	})
}

// another lets another member in and returns its key.
func (s *script) another() id.Peer {
	key := secretOf(777)
	j, err := member.NewJoiner(member.JoinerConfig{Ticket: s.w.ticket, Secret: key, Nonce: [16]byte{4}, MemberSecret: [32]byte{4}})
	if err != nil {
		s.w.Fatal(err)
	}
	b, err := j.Hello(make([]byte, 32), s.w.secret.Peer(), 0)
	if err != nil {
		s.w.Fatal(err)
	}
	h, err := member.ParseHello(b)
	if err != nil {
		s.w.Fatal(err)
	}
	if _, err := s.w.admission.Join(key.Peer(), h.Sealed); err != nil {
		s.w.Fatal(err)
	}
	return key.Peer()
}

// A member that comes back is in when it has the membership that its welcome
// promises, not one from before.
func TestOldMembershipIsNotEnough(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s := w.scripted(func(s *script, l *transport.Link, hello []byte) {
			if s.calls == 1 {
				welcomeAll(func(s *script) [][]byte { return nil })(s, l, hello)
				time.AfterFunc(time.Second, func() { l.Close(transport.Late, "") })
				return
			}
			s.another() // the membership changes
			proof, welcome, _ := s.answers(l, hello)
			control(l, transport.Proof, proof)
			control(l, transport.Welcome, welcome)
		})
		p := w.start(w.config())
		pass(2 * time.Second)
		if st := p.now(); s.calls != 2 || !st.Lost || st.Link != 1 {
			t.Errorf("after %d calls: %+v", s.calls, st)
		}
	})
}

// A host who signs wrong loses the link: nobody could be given such a record.
func TestABadlySignedLogEndsTheLink(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s := w.scripted(welcomeAll(func(s *script) [][]byte {
			b := s.record(1, 1, 1)
			b[len(b)-1] ^= 1
			return [][]byte{b}
		}))
		p := w.start(w.config())
		pass(time.Second)
		if got := p.figures(t).Forged; got != 1 || s.calls < 2 {
			t.Errorf("%d forged, %d links; want 1, and another link", got, s.calls)
		}
	})
}
