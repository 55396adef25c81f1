package node

import (
	"slices"
	"testing"
	"time"

	"gossterm/internal/transport"
)

// asksForHistory makes a member's session ask for a history, and returns where what
// it gets is put.
func (p *peer) asksForHistory(t *testing.T, seq uint64) *[]string {
	t.Helper()
	var got []string
	if err := p.ask(func() {
		p.ports.History = func(_ uint64, plain []byte) { got = append(got, string(plain)) }
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.WantHistory(seq); err != nil {
		t.Fatal(err)
	}
	return &got
}

// historian makes the host's session note which histories it is asked for.
func (w *world) historian() *[]uint64 {
	w.Helper()
	var asked []uint64
	if err := w.ask(func() {
		w.Host.ports.History = func(seq uint64) { asked = append(asked, seq) }
	}); err != nil {
		w.Fatal(err)
	}
	return &asked
}

// A newcomer that reaches the host through two others alone gets its history through
// these, who keep it for the next.
func TestHistoryThroughMembers(t *testing.T) {
	inTree(t, 8, 1, func(t *testing.T, w *world, ps []*peer) {
		a, asked := ps[0], w.historian()
		w.snapshot(2, 100)
		start := w.seq - 1
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		b := w.startVia(a)
		pass(2 * time.Second)
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		w.mem.Cut(a.secret.Peer(), secretOf(w.keys+1).Peer())
		c := w.startVia(b)
		pass(2 * time.Second)

		got := c.asksForHistory(t, start)
		pass(100 * time.Millisecond)
		if !slices.Equal(*asked, []uint64{start}) {
			t.Fatalf("the host's session was asked for %v, want %d", *asked, start)
		}
		if err := w.History(start, []byte("lines")); err != nil {
			t.Fatal(err)
		}
		pass(100 * time.Millisecond)
		if !slices.Equal(*got, []string{"lines"}) {
			t.Errorf("over two others came %q", *got)
		}

		pass(historyEvery)
		got = b.asksForHistory(t, start) // who passed it on has not looked into it
		pass(100 * time.Millisecond)
		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		next := w.startVia(a)
		pass(2 * time.Second)
		late := next.asksForHistory(t, start)
		pass(100 * time.Millisecond)
		if !slices.Equal(*got, []string{"lines"}) || !slices.Equal(*late, []string{"lines"}) || len(*asked) != 1 {
			t.Errorf("then came %q and %q, the host's session was asked for %v", *got, *late, *asked)
		}
	})
}

// A history that the host has not signed is neither shown nor kept nor passed on,
// and who sends it loses the link.
func TestForgedHistory(t *testing.T) {
	inTree(t, 8, 2, func(t *testing.T, w *world, ps []*peer) {
		p := ps[0]
		e := w.evil()
		e.enters()
		l := e.call(p)
		got := p.asksForHistory(t, 1)
		b := e.joiner.Past(1).Seal(w.secret, 1, [12]byte{1}, []byte("lies")) // all but sign it every member can
		b[len(b)-1] ^= 1
		l.Send(transport.Control, transport.History, b)
		pass(tick)
		e.wantCode("a forged history", l, transport.Violation)
		kept := uint64(0)
		if err := p.ask(func() { kept = p.historian.seq }); err != nil || kept != 0 || len(*got) != 0 {
			t.Errorf("keeps that of record %d, shows %q, %v", kept, *got, err)
		}
	})
}
