package node

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// inTree runs a test with a host of the given degree and some writers, links that
// take time, and the tree settled.
func inTree(t *testing.T, degree, members int, test func(*testing.T, *world, []*peer)) {
	synctest.Test(t, func(t *testing.T) {
		w := newTree(t, degree)
		var ps []*peer
		for range members {
			ps = append(ps, w.start(w.config()))
		}
		w.settle()
		test(t, w, ps)
	})
}

func newTree(t *testing.T, degree int, edit ...func(*member.HostConfig)) *world {
	w := &world{TB: t, mem: transport.NewMem(7), secret: secretOf(1), keys: 1, degree: degree}
	w.mem.Delay(5 * time.Millisecond)
	w.ticket = hostTicket(w.secret)
	w.startHost(1, edit...)
	w.snapshot(1, 10)
	return w
}

// settle lets time pass while the host writes.
func (w *world) settle() {
	for range 100 {
		w.say(100)
		pass(100 * time.Millisecond)
	}
}

// tree returns a node's place.
func placeOf(t *testing.T, n interface{ Tree() (Tree, error) }) Tree {
	t.Helper()
	tree, err := n.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// wantAll checks that all have read the whole log, in order.
func (w *world) wantAll(what string, ps []*peer) {
	w.Helper()
	for i, p := range ps {
		if p.readAll(w.TB); p.after != w.seq {
			w.Errorf("%s: %d read through %d of %d", what, i, p.after, w.seq)
		}
	}
}

// The host sends to a few, the others have the session from these.
func TestTreeIsDeep(t *testing.T) {
	inTree(t, 2, 12, func(t *testing.T, w *world, ps []*peer) {
		w.wantAll("settled", ps)
		host := placeOf(t, w.Host)
		if n := len(host.Neighbors); n != 2 {
			t.Errorf("the host has %d neighbors, want 2", n)
		}
		deepest, children := 0, 0
		for i, p := range ps {
			place := placeOf(t, p)
			deepest = max(deepest, place.Depth)
			children += len(place.Children())
			if place.Parent.IsZero() || place.Depth > 12 {
				t.Errorf("%d has parent %v and depth %d", i, place.Parent, place.Depth)
			}
		}
		if deepest < 2 || children+len(host.Children()) < 12 {
			t.Errorf("depth %d, %d children of members and %d of the host", deepest, children, len(host.Children()))
		}
		before := w.hostStats().SentBytes
		for range 50 {
			w.say(1_000)
			pass(20 * time.Millisecond)
		}
		pass(time.Second)
		w.wantAll("stream", ps)
		if got := w.hostStats().SentBytes - before; got > 3*50*1_100 {
			t.Errorf("%d bytes left the host for 50,000 of output", got)
		}
	})
}

// All type at once, over whatever way, and each input reaches the host.
func TestAllType(t *testing.T) {
	inTree(t, 2, 10, func(t *testing.T, w *world, ps []*peer) {
		for i, p := range ps {
			for seq := uint64(1); seq <= 5; seq++ {
				p.types(t, seq, fmt.Sprintf("%d-%d", i, seq))
			}
		}
		pass(time.Second)
		for i, p := range ps {
			var got []string
			for _, in := range w.inputs {
				if in.author == p.secret.Peer() {
					got = append(got, in.text)
				}
			}
			if want := fmt.Sprintf("%d-1 %d-2 %d-3 %d-4 %d-5", i, i, i, i, i); strings.Join(got, " ") != want {
				t.Errorf("got %v", got)
			}
		}
	})
}

// A member that reaches the host over others alone joins through one, types, sees,
// is not called away, and is seen to leave.
func TestThroughAMember(t *testing.T) {
	inTree(t, 2, 3, func(t *testing.T, w *world, ps []*peer) {
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		far := w.startVia(ps[0])
		pass(2 * time.Second)
		if s := far.now(); !s.Joined || !s.MayType || s.Lost || s.Silent {
			t.Fatalf("got %+v", s)
		}
		far.types(t, 1, "from afar")
		far.types(t, 2, "again")
		pass(time.Second)
		if n := len(w.inputs); n < 2 || w.inputs[0].text != "from afar" || w.hostStats().Relayed < 2 {
			t.Errorf("got inputs %v", w.inputs)
		}
		w.settle()
		w.wantAll("settled", append(ps, far))
		pass(2 * presentFor)
		row := func() (member.Row, bool) { return ps[0].now().Members.Row(far.secret.Peer()) }
		if r, is := row(); !is || r.State != member.Here {
			t.Errorf("after a minute it is %v %+v", is, r.State)
		}
		far.Part(t.Context())
		far.stop(transport.Left)
		pass(time.Second)
		if _, is := row(); is {
			t.Error("it left, and is a member")
		}
	})
}

// Who vanishes without a link of its own is away after a while.
func TestVanishedMemberIsAway(t *testing.T) {
	inTree(t, 2, 3, func(t *testing.T, w *world, ps []*peer) {
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		far := w.startVia(ps[0])
		pass(2 * time.Second)
		for _, p := range ps {
			w.mem.Cut(p.secret.Peer(), far.secret.Peer())
		}
		pass(presentFor + knockEvery + time.Second)
		if r, is := ps[0].now().Members.Row(far.secret.Peer()); !is || r.State != member.Away {
			t.Errorf("got %v %+v, want it away", is, r.State)
		}
	})
}

// What the host answers to who asks over others is what it answers itself.
func TestRefusedThroughAMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTree(t, 2, func(c *member.HostConfig) { c.MaxPeers = 2 })
		ps := []*peer{w.join(), w.join()}
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		far := w.startVia(ps[0])
		pass(joinTime + time.Second)
		if s := far.now(); !errors.Is(s.Over, ErrFull) || s.Joined {
			t.Errorf("got %+v", s)
		}
	})
}

// Twelve who can reach nobody but the host are let in whatever its degree.
func TestOnlyTheHostIsReachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTree(t, 2)
		var keys []id.Peer
		for i := range uint64(12) {
			keys = append(keys, secretOf(w.keys+1+i).Peer())
		}
		for i, a := range keys {
			for _, b := range keys[:i] {
				w.mem.Cut(a, b)
			}
		}
		var ps []*peer
		for range keys {
			ps = append(ps, w.start(w.config()))
		}
		w.settle()
		w.wantAll("settled", ps)
		for _, p := range ps {
			p.types(t, 1, "x")
		}
		pass(time.Second)
		if len(w.inputs) != 12 {
			t.Errorf("%d inputs of 12", len(w.inputs))
		}
	})
}

// Members die, and those who had the session from them have it from others.
func TestDeathsInTheTree(t *testing.T) {
	inTree(t, 2, 10, func(t *testing.T, w *world, ps []*peer) {
		host := placeOf(t, w.Host)
		for _, n := range host.Neighbors { // its two neighbors, one after the other
			i := slices.IndexFunc(ps, func(p *peer) bool { return p.secret.Peer() == n.Peer })
			dead := ps[i]
			ps = slices.Delete(ps, i, i+1)
			w.mem.Cut(w.secret.Peer(), dead.secret.Peer())
			for _, p := range ps {
				w.mem.Cut(p.secret.Peer(), dead.secret.Peer())
			}
			for range 50 {
				w.say(100)
				pass(100 * time.Millisecond)
			}
			pass(2 * time.Second)
			w.wantAll("after a death", ps)
			if r, _ := ps[0].now().Members.Row(dead.secret.Peer()); r.State != member.Away {
				t.Errorf("the dead is %v", r.State)
			}
		}
		for i, p := range ps {
			if len(p.jumps) != 0 || p.now().Silent {
				t.Errorf("%d: jumps %v, %+v", i, p.jumps, p.now())
			}
		}
	})
}

// Between two peers that call each other at once one link stays.
func TestCrossingCalls(t *testing.T) {
	inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
		a, b := ps[0], ps[1]
		w.mem.Break(a.secret.Peer(), b.secret.Peer())
		pass(tick)
		for _, x := range []struct{ from, to *peer }{{a, b}, {b, a}} {
			if err := x.from.ask(func() { x.from.dial(x.to.secret.Peer(), x.to.transport.Addrs()) }); err != nil {
				t.Fatal(err)
			}
		}
		pass(time.Second)
		for _, x := range []struct{ from, to *peer }{{a, b}, {b, a}} {
			n := 0
			for _, l := range placeOf(t, x.from).Links {
				if l.Peer == x.to.secret.Peer() {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d links", n)
			}
		}
	})
}

// startVia starts a member by a ticket that another has made.
func (w *world) startVia(via *peer) *peer {
	w.Helper()
	cfg := w.config()
	cfg.Ticket.Via.Peer, cfg.Ticket.Via.Addrs = via.secret.Peer(), via.transport.Addrs()
	return w.start(cfg)
}
