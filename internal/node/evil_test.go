package node

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// An evil peer has a transport and no node: it sends what it likes.
type evil struct {
	w         *world
	secret    id.Secret
	joiner    *member.Joiner
	transport *transport.Transport
	link      *transport.Link // its newest
	got       []transport.Got
	downs     map[*transport.Link]error
	stall     chan chan int // makes it take only the numbers of events that it is told
}

// evil returns a peer that holds a ticket.
func (w *world) evil(edit ...func(*member.JoinerConfig)) *evil {
	w.Helper()
	cfg := w.config()
	for _, f := range edit {
		f(&cfg)
	}
	j, err := member.NewJoiner(cfg)
	if err != nil {
		w.Fatal(err)
	}
	events := make(chan transport.Event)
	e := &evil{w: w, secret: cfg.Secret, joiner: j, downs: make(map[*transport.Link]error), stall: make(chan chan int)}
	e.transport = w.listen(cfg.Secret, events)
	w.run(func(ctx context.Context) {
		for {
			select {
			case ev := <-events:
				e.event(ev)
			case steps := <-e.stall:
				for n := range steps {
					for range n {
						e.event(<-events)
					}
				}
			case <-ctx.Done():
				return
			}
		}
	}, e.transport)
	return e
}

// resume puts what the test has read of e before what e will note while time passes.
func (e *evil) resume() {
	steps := make(chan int)
	e.stall <- steps
	close(steps)
}

func (e *evil) event(ev transport.Event) {
	switch ev := ev.(type) {
	case transport.Got:
		e.got = append(e.got, ev)
		switch ev.Kind {
		case transport.Proof:
			ev.Link.Trust()
		case transport.Welcome:
			e.joiner.CheckWelcome(ev.Body)
		case transport.Membership:
			e.joiner.ApplyMembership(ev.Body)
		}
	case transport.Down:
		e.downs[ev.Link] = ev.Err
	}
}

// dial opens a link and says nothing.
func (e *evil) dial() *transport.Link {
	e.w.Helper()
	l, err := e.transport.Dial(context.Background(), e.w.secret.Peer(), e.w.ticket.Addrs)
	if err != nil {
		e.w.Fatal(err)
	}
	e.link = l
	synctest.Wait()
	return l
}

// hello returns a right Hello for the newest link.
func (e *evil) hello() []byte {
	e.w.Helper()
	exporter := e.link.Exporter()
	b, err := e.joiner.Hello(exporter[:], e.w.secret.Peer(), 0)
	if err != nil {
		e.w.Fatal(err)
	}
	return b
}

// join opens a link and is let in.
func (e *evil) join() *transport.Link {
	e.w.Helper()
	l := e.dial()
	l.Send(transport.Control, transport.Hello, e.hello())
	synctest.Wait()
	if e.joiner.Input() == nil {
		e.w.Fatal("not let in")
	}
	return l
}

// befriend makes it a neighbor of the host.
func (e *evil) befriend(l *transport.Link) {
	e.w.Helper()
	kind, body := gossip.AppendMsg(nil, gossip.Neighbor{Step: gossip.Ask, High: true})
	l.Send(transport.Control, byte(kind), body)
	synctest.Wait()
}

// wantCode checks with which code a link was closed by the other end.
func (e *evil) wantCode(what string, l *transport.Link, want transport.Code) {
	e.w.Helper()
	synctest.Wait()
	c, ok := errors.AsType[*transport.CloseError](e.downs[l])
	if !ok || !c.Remote || c.Code != want {
		e.w.Errorf("%s: the link ended with %v, want %v", what, e.downs[l], want)
	}
}

// seal returns an input as e would send it.
func (e *evil) seal(in *envelope.Input, text string) []byte {
	return in.Seal(e.secret, 1, typing(text))
}

// A watcher's input is dropped whatever it says of itself.
func TestWatcherTypesNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		writer := w.join()
		writer.types(t, 1, "honest")
		e := w.evil(watching)
		l := e.join()
		topic, host := e.joiner.Topic(), e.joiner.Welcome().Host
		own := e.joiner.Welcome().Incarnation
		other := writer.now().Incarnation
		secret := [32]byte{byte(w.keys), 1}

		send := func(b []byte) {
			if !l.Send(transport.Input, transport.InputKind, submitted(b)) {
				t.Error("not sent")
			}
			synctest.Wait()
		}
		send(e.seal(e.joiner.Input(), "as a watcher"))
		send(e.seal(envelope.NewInput(topic, host, e.secret.Peer(), other, 1, secret), "in another's incarnation"))
		asWriter := envelope.NewInput(topic, host, writer.secret.Peer(), other, 1, secret)
		forged := asWriter.Seal(writer.secret, 2, typing("replayed")) // even signed: it is not its link
		send(forged)
		if s := w.hostStats(); s.MayNot != 2 || s.Inputs != 1 {
			t.Errorf("got %+v", s)
		}
		// It may ask to type under its own key: the ticket's proof is what it lacks.
		e2 := w.evil(func(c *member.JoinerConfig) { c.Ticket = c.Ticket.Watch() })
		l2 := e2.join()
		l2.Send(transport.Input, transport.InputKind, submitted(e2.seal(e2.joiner.Input(), "with a watching ticket")))
		synctest.Wait()
		if len(w.inputs) != 1 || w.inputs[0].text != "honest" || own == other {
			t.Errorf("the session got %v", w.inputs)
		}
	})
}

// What is wrong with a writer's own input is counted, and closes the link when
// the sender must know it.
func TestBadInputs(t *testing.T) {
	for _, c := range []struct {
		desc  string
		bad   func(e *evil) []byte
		count func(HostStats) uint64
		ends  bool
	}{{
		desc: "sealed with another secret",
		bad: func(e *evil) []byte {
			w := e.joiner.Welcome()
			return e.seal(envelope.NewInput(e.joiner.Topic(), w.Host, w.Key, w.Incarnation, 1, [32]byte{8}), "x")
		},
		count: func(s HostStats) uint64 { return s.Forged },
		ends:  true,
	}, {
		desc: "of another epoch",
		bad: func(e *evil) []byte {
			w := e.joiner.Welcome()
			return e.seal(envelope.NewInput(e.joiner.Topic(), w.Host, w.Key, w.Incarnation, 2, [32]byte{2, 1}), "x")
		},
		count: func(s HostStats) uint64 { return s.Unopened },
	}, {
		desc: "for another session of the host",
		bad: func(e *evil) []byte {
			w := e.joiner.Welcome()
			return e.seal(envelope.NewInput(e.joiner.Topic(), w.Host+1, w.Key, w.Incarnation, 1, [32]byte{2, 1}), "x")
		},
		count: func(s HostStats) uint64 { return s.Forged },
		ends:  true,
	}, {
		desc: "altered",
		bad: func(e *evil) []byte {
			b := e.seal(e.joiner.Input(), "x")
			b[60] ^= 1
			return b
		},
		count: func(s HostStats) uint64 { return s.Forged },
		ends:  true,
	}, {
		desc:  "cut",
		bad:   func(e *evil) []byte { b := e.seal(e.joiner.Input(), "x"); return b[:len(b)-1] },
		count: func(s HostStats) uint64 { return s.Malformed },
		ends:  true,
	}} {
		inWorld(t, func(t *testing.T, w *world) {
			e := w.evil()
			l := e.join()
			l.Send(transport.Input, transport.InputKind, submitted(c.bad(e)))
			s := w.hostStats()
			if c.count(s) != 1 || s.Inputs != 0 || len(w.inputs) != 0 {
				t.Errorf("%s: got %+v", c.desc, s)
			}
			if c.ends {
				e.wantCode(c.desc, l, transport.Violation)
			} else if e.downs[l] != nil {
				t.Errorf("%s: the link ended: %v", c.desc, e.downs[l])
			}
		})
	}
}

func TestWrongProofIsRefused(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.evil()
		for desc, spoil := range map[string]func([]byte){
			"wrong proof":        func(b []byte) { b[0] ^= 1 },
			"wrong join request": func(b []byte) { b[len(b)-1] ^= 1 },
		} {
			l := e.dial()
			b := e.hello()
			spoil(b)
			l.Send(transport.Control, transport.Hello, b)
			e.wantCode(desc, l, transport.Refused)
		}
		// Another link's Hello is bound to that link.
		old := e.dial()
		b := e.hello()
		l := e.dial()
		l.Send(transport.Control, transport.Hello, b)
		e.wantCode("the hello of another link", l, transport.Refused)
		old.Close(transport.Left, "")
		if s := w.hostStats(); s.Refusals != 3 || s.Joins != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

// Every kind of frame with every kind of body, at every stage of a link: the worst
// that happens is the end of that link.
func TestGarbageEndsOneLinkOnly(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		good := w.join()
		e := w.evil()
		rng := rand.New(rand.NewPCG(1, 2))
		typed := uint64(0)
		for _, f := range frames {
			for _, joined := range []bool{false, true} {
				for _, b := range bodies(rng, f, e.sample) {
					var l *transport.Link
					if joined {
						l = e.join()
					} else {
						l = e.dial()
						l.Trust() // so that long frames leave
					}
					if len(b) > transport.MaxRecord-1 && f.class != transport.Control {
						continue
					}
					l.Send(f.class, f.kind, b)
					synctest.Wait()
					l.Close(transport.Left, "")
					synctest.Wait()
				}
			}
			typed++
			good.types(t, typed, "k")
			w.say(10)
			synctest.Wait()
			if good.readAll(t); uint64(len(w.inputs)) != typed || good.after != w.seq {
				t.Fatalf("after frames of kind %d: %d of %d inputs, read through %d of %d", f.kind, len(w.inputs), typed, good.after, w.seq)
			}
		}
		if s := good.now(); s.Link != 1 || s.Lost {
			t.Errorf("another's link was lost: %+v", s)
		}
		if n := len(w.Host.links); n != 1 {
			t.Errorf("the host keeps %d links", n)
		}
	})
}

// frames are the kinds of frames and their classes.
var frames = []struct {
	class transport.Class
	kind  byte
}{
	{transport.Control, transport.Hello}, {transport.Control, transport.Proof}, {transport.Control, transport.Welcome},
	{transport.Control, transport.Membership}, {transport.Control, transport.Head}, {transport.Control, transport.Leave},
	{transport.Input, transport.InputKind}, {transport.Log, transport.Gossip}, {transport.Log, 17}, {transport.Log, 20},
}

// sample returns a right body of that kind, as far as a member can have one.
func (e *evil) sample(kind byte) []byte {
	for _, g := range e.got {
		if g.Kind == kind {
			return g.Body
		}
	}
	if kind == transport.InputKind && e.joiner.Input() != nil {
		b := e.seal(e.joiner.Input(), "x")
		b[20] ^= 1 // another author
		return b
	}
	if kind == transport.Hello && e.link != nil {
		return e.hello()
	}
	return nil
}

// bodies returns bodies for a frame: none, random ones, and a right one that is
// cut, lengthened or spoilt.
func bodies(rng *rand.Rand, f struct {
	class transport.Class
	kind  byte
}, sample func(kind byte) []byte) [][]byte {
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	out := [][]byte{nil, {0}, random(31), random(500), random(transport.MaxUnproved), random(transport.MaxRecord - 1)}
	if f.class == transport.Control {
		out = append(out, random(transport.MaxControl-1))
	}
	if s := sample(f.kind); len(s) > 0 {
		for range 4 {
			spoilt := append([]byte(nil), s...)
			spoilt[rng.IntN(len(s))] ^= byte(1 + rng.IntN(255))
			out = append(out, s[:rng.IntN(len(s))], append(append([]byte(nil), s...), random(1+rng.IntN(40))...), spoilt)
		}
	}
	return out
}

// A frame that a member may not send, or not then, ends its link.
func TestOutOfTurn(t *testing.T) {
	for _, c := range []struct {
		desc   string
		joined bool
		class  transport.Class
		kind   byte
	}{
		{"leave before hello", false, transport.Control, transport.Leave},
		{"head before hello", false, transport.Control, transport.Head},
		{"hello twice", true, transport.Control, transport.Hello},
		{"welcome", true, transport.Control, transport.Welcome},
		{"the host's log", true, transport.Log, transport.Gossip},
	} {
		inWorld(t, func(t *testing.T, w *world) {
			e := w.evil()
			var l *transport.Link
			var body []byte
			if l = e.dial(); c.joined {
				l = e.join()
				body = e.hello()
			}
			l.Send(c.class, c.kind, body)
			e.wantCode(c.desc, l, transport.Violation)
		})
	}
}

// Nothing that follows the end of a link on our side counts: a Hello that was under
// way when its link was replaced must not bring that link back.
func TestShutLinkIsDeaf(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.evil()
		old := e.join()
		again := e.hello()
		input := e.seal(e.joiner.Input(), "late")
		var stale *link
		if err := w.ask(func() { stale = w.links[0] }); err != nil {
			t.Fatal(err)
		}
		e.join()
		e.wantCode("first link", old, transport.Replaced)
		if err := w.ask(func() {
			w.links = append(w.links, stale) // as if its Down were still to come
			w.event(transport.Got{Link: stale.Link, Class: transport.Control, Kind: transport.Hello, Body: again})
			w.event(transport.Got{Link: stale.Link, Class: transport.Input, Kind: transport.InputKind, Body: submitted(input)})
			w.event(transport.Room{Link: stale.Link, Class: transport.Log})
			w.event(transport.Room{Link: stale.Link, Class: transport.Control})
			w.event(transport.Down{Link: stale.Link, Err: &transport.CloseError{Code: transport.Left, Remote: true}})
		}); err != nil {
			t.Fatal(err)
		}
		pass(tick)
		if s := w.hostStats(); s.Joins != 2 || s.Inputs != 0 || e.downs[e.link] != nil {
			t.Errorf("the old link did harm: %+v, new link %v", s, e.downs[e.link])
		}
		if rows := w.members(); len(rows) != 1 || rows[0].State != member.Here {
			t.Errorf("got members %+v", rows)
		}
	})
}

// members returns the host's table.
func (w *world) members() (rows []member.Row) {
	w.Helper()
	if err := w.ask(func() { rows = w.admission.Members().Rows }); err != nil {
		w.Fatal(err)
	}
	return rows
}

// A writer who signs wrong loses the link, although what he typed is surely his:
// it came over his link and opens with his secret.
func TestABadSignatureEndsTheLink(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.evil()
		l := e.join()
		b := e.seal(e.joiner.Input(), "x")
		b[len(b)-1] ^= 1
		l.Send(transport.Input, transport.InputKind, submitted(b))
		pass(2 * checkAfter)
		if s := w.hostStats(); s.Forged != 1 {
			t.Errorf("got %+v", s)
		}
		e.wantCode("a bad signature", l, transport.Violation)
	})
}
