package node

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/member"
	"gossterm/internal/transport"
)

func TestJoinTakesTwoRoundTrips(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		const oneWay = 50 * time.Millisecond
		w.mem.Delay(oneWay)
		begun := time.Now()
		p := w.join()
		// One to dial (QUIC's handshake), one from Hello to Welcome and the log.
		if got := time.Since(begun); got != 4*oneWay {
			t.Errorf("joined after %v, want two round trips: %v", got, 4*oneWay)
		}
		synctest.Wait()
		if p.readAll(t); p.after != w.seq {
			t.Errorf("read through %d in those two round trips, want %d", p.after, w.seq)
		}
		s := p.now()
		if !s.Joined || !s.MayType || s.Incarnation == 0 || s.Link != 1 || s.Lost || s.Silent || s.Over != nil {
			t.Errorf("got state %+v", s)
		}
	})
}

func TestMembershipReachesAll(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.join()
		b := w.join(watching)
		pass(tick)
		for _, p := range []*peer{a, b} {
			if got := len(p.now().Members.Rows); got != 2 {
				t.Errorf("%d members, want 2", got)
			}
		}
		if b.now().MayType {
			t.Error("a watcher may type")
		}
		b.stop(transport.Left)
		pass(tick)
		if got := len(a.now().Members.Rows); got != 1 {
			t.Errorf("%d members after one left, want 1", got)
		}
		c := w.join()
		w.mem.Break(w.secret.Peer(), c.secret.Peer())
		w.mem.Cut(w.secret.Peer(), c.secret.Peer())
		w.mem.Cut(a.secret.Peer(), c.secret.Peer()) // else the host hears of it through a
		pass(tick)
		row, ok := a.now().Members.Row(c.secret.Peer())
		if !ok || row.State != member.Away {
			t.Errorf("a member whose link is lost: got %v %+v, want it away", ok, row)
		}
	})
}

// Many who come at once cost few memberships, not the square of their number.
func TestMembershipsAreSpreadTogether(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		first := w.join()
		pass(tick)
		before := len(first.states)
		for range 10 {
			w.start(w.config())
		}
		pass(tick)
		if got := len(first.now().Members.Rows); got != 11 {
			t.Errorf("%d members, want 11", got)
		}
		if got := len(first.states) - before; got > 6 {
			t.Errorf("%d memberships for 10 who joined at once", got)
		}
	})
}

func TestOutputReachesAllInOrder(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var all []*peer
		for range 3 {
			all = append(all, w.join())
		}
		for range 200 {
			w.say(100)
		}
		late := w.join()
		w.say(5)
		pass(tick) // while the tree forms two may prune each other, and one is repaired
		for _, p := range append(all, late) {
			if p.readAll(t); p.after != w.seq || len(p.jumps) != 0 || p.bells == 0 {
				t.Errorf("read through %d of %d, jumps %v, %d bells", p.after, w.seq, p.jumps, p.bells)
			}
		}
	})
}

// A newcomer starts at the newest complete snapshot, not at the beginning.
func TestNewcomerStartsAtSnapshot(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.say(10)
		w.snapshot(3, 100)
		start := w.seq - 2
		w.say(10)
		w.seq++ // the first of two parts: not complete
		if err := w.Append(w.seq, 1, 2, nil); err != nil {
			t.Fatal(err)
		}
		p := w.join()
		synctest.Wait()
		if p.readAll(t); p.after != w.seq || !slices.Equal(p.jumps, []uint64{start}) {
			t.Errorf("read through %d of %d from %v, want from %d", p.after, w.seq, p.jumps, start)
		}
	})
}

func TestTypedOncePerSend(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.join(), w.join()
		a.types(t, 1, "l")
		a.types(t, 2, "s")
		b.types(t, 1, "x")
		a.types(t, 2, "s") // repeated by its author; the session's window drops it
		synctest.Wait()
		var got string
		for _, in := range w.inputs {
			if in.author == a.secret.Peer() {
				got += in.text
			}
		}
		// What is repeated may come over the other member as well, later.
		over := w.hostStats().Relayed
		if got := strings.TrimRight(got, "s"); got != "l" || uint64(len(w.inputs)) != 4+over || over > 1 {
			t.Errorf("got %q of %d inputs, %d over others", got, len(w.inputs), over)
		}
		w.full = true
		a.types(t, 3, "y")
		if s := w.hostStats(); s.Inputs != 4+over || s.InputsFull != 1 {
			t.Errorf("%d inputs, %d dropped by a full session", s.Inputs, s.InputsFull)
		}
		if s := a.figures(t); s.Inputs != 4 || s.InputsUnsent != 0 {
			t.Errorf("%d sent, %d not", s.Inputs, s.InputsUnsent)
		}
		if err := a.Send(a.now().Incarnation+1, 4, typing("z")); err != nil {
			t.Fatal(err)
		}
		if s := a.figures(t); s.InputsUnsent != 1 {
			t.Error("an input of another incarnation was sent")
		}
	})
}

func TestAttachTwice(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		l, err := w.Local(secretOf(99).Peer(), "me", [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		nothing := func(State) {}
		if err := l.Attach(func() {}, nothing); err != nil {
			t.Error(err)
		}
		for what, err := range map[string]error{
			"host":   w.Attach(HostPorts{Members: func(*member.Membership) {}}),
			"member": p.Attach(MemberPorts{Bell: func() {}, State: nothing}),
			"local":  l.Attach(func() {}, nothing),
		} {
			if err != ErrAttached {
				t.Errorf("%s: got %v", what, err)
			}
		}
	})
}

func TestLocalTerminal(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		key := secretOf(99).Peer()
		l, err := w.Local(key, "me", [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		bells := 0
		var states []State
		if err := l.Attach(func() { bells++ }, func(s State) { states = append(states, s) }); err != nil {
			t.Fatal(err)
		}
		p := w.join()
		w.say(10)
		synctest.Wait()
		recs, err := l.Read(0, 0)
		if err != nil || len(recs) != 2 || bells != 2 {
			t.Errorf("read %d records, %v, %d bells", len(recs), err, bells)
		}
		if err := l.Send(states[0].Incarnation, 1, typing("k")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(w.inputs) != 1 || w.inputs[0] != (typed{key, 1, "k"}) {
			t.Errorf("got %v", w.inputs)
		}
		if s := states[len(states)-1]; len(s.Members.Rows) != 2 || !s.MayType || !s.Joined {
			t.Errorf("got %+v", s)
		}
		pass(tick)
		if len(p.now().Members.Rows) != 2 {
			t.Error("a member does not see the host's own terminal")
		}
	})
}

func TestAlone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		closed := func(c <-chan struct{}) bool {
			synctest.Wait()
			select {
			case <-c:
				return true
			default:
				return false
			}
		}
		if c, err := w.Alone(); err != nil || !closed(c) {
			t.Error("not alone at first", err)
		}
		a, b := w.join(), w.join()
		c, err := w.Alone()
		if err != nil || closed(c) {
			t.Error("alone with two", err)
		}
		if a.stop(transport.Left); closed(c) {
			t.Error("alone with one")
		}
		if b.stop(transport.Left); !closed(c) {
			t.Error("not alone")
		}
	})
}

// After the end every call returns and nothing runs; the bubble finds what does.
func TestStopped(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		p.stop(transport.Left)
		w.stopHost()
		_, readErr := p.Read(0, 0)
		_, statsErr := p.Stats()
		_, aloneErr := w.Alone()
		_, hostErr := w.Host.Stats()
		for i, err := range []error{p.Send(1, 1, nil), p.Joined(context.Background()), readErr, statsErr,
			w.Append(9, 0, 0, nil), aloneErr, hostErr, w.Attach(HostPorts{})} {
			if !errors.Is(err, ErrStopped) {
				t.Errorf("call %d: got %v", i, err)
			}
		}
	})
}
