package node

import (
	"testing"
	"testing/synctest"
	"time"

	"gossterm/gossip"
	"gossterm/internal/transport"
)

// linkTo returns the host's end of a member's link.
func (w *world) linkTo(p *peer) (l *link) {
	w.Helper()
	if err := w.ask(func() { l = w.inUse[p.secret.Peer()] }); err != nil {
		w.Fatal(err)
	}
	return l
}

// Who takes nothing costs the others nothing and the host little, and goes on at
// the newest snapshot when it is back.
func TestStalledLinkCostsNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		fast := w.join()
		w.mem.Cut(fast.secret.Peer(), secretOf(w.keys+1).Peer()) // neither is below the other in the tree
		slow := w.join()
		synctest.Wait()
		fast.readAll(t)
		slow.readAll(t)
		for range 4 { // both have been in step for long
			w.flood(16)
			synctest.Wait()
			slow.readAll(t)
			fast.readAll(t)
		}
		pass(tick)
		l := w.linkTo(slow)
		w.mem.Cut(w.secret.Peer(), slow.secret.Peer())
		begun := time.Now()
		for range 12 { // 3 MB
			w.flood(16)
			synctest.Wait()
			if fast.readAll(t); fast.after != w.seq {
				t.Fatalf("the other read through %d of %d", fast.after, w.seq)
			}
			if q := l.Stats().Queued[transport.Log]; q > 64<<10 {
				t.Fatalf("%d bytes wait for a link that takes nothing", q)
			}
		}
		if d := time.Since(begun); d != 0 {
			t.Errorf("the host waited %v", d)
		}
		if len(fast.jumps) != 0 || len(slow.jumps) != 0 {
			t.Errorf("jumps of the other %v, of the slow %v", fast.jumps, slow.jumps)
		}
		start := w.seq - 1 // flood ends with a snapshot of two parts
		w.mem.Heal(w.secret.Peer(), slow.secret.Peer())
		synctest.Wait()
		if slow.readAll(t); slow.after != w.seq || len(slow.jumps) != 1 || slow.jumps[0] != start {
			t.Errorf("read through %d of %d with jumps to %v, want one to %d", slow.after, w.seq, slow.jumps, start)
		}
		if s := w.hostStats(); s.Jumps != 1 {
			t.Errorf("%d jumps", s.Jumps)
		}
		w.say(10)
		synctest.Wait()
		if slow.readAll(t); slow.after != w.seq {
			t.Errorf("after its return it read through %d of %d", slow.after, w.seq)
		}
	})
}

// A membership that a full control queue did not take is sent when there is room.
func TestStaleMembershipFollows(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		slow := w.join()
		pass(tick)
		w.mem.Cut(w.secret.Peer(), slow.secret.Peer())
		l := w.linkTo(slow)
		head := make([]byte, 1_000) // what follows a head is ignored
		for range 3 {               // the writer moves some of it to the stream, until that is full, too
			if err := w.ask(func() {
				head := append(w.admission.Head(w.seq, 1), head...)
				for l.Send(transport.Control, transport.Head, head) {
				}
				for l.Send(transport.Control, transport.Head, head[:100]) {
				}
			}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		w.join()
		pass(tick)
		if err := w.ask(func() {
			if w.event(transport.Room{Link: l.Link, Class: transport.Control}); !l.stale {
				t.Error("a full queue took a membership")
			}
		}); err != nil {
			t.Fatal(err)
		}
		w.mem.Heal(w.secret.Peer(), slow.secret.Peer())
		if s := slow.now(); len(s.Members.Rows) != 2 || s.Lost {
			t.Errorf("after there was room: %+v", s)
		}
	})
}

// A jump throws away what is queued, when the screen before has surely arrived.
func TestJumpDropsTheQueue(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.evil()
		e.befriend(e.join())
		var l *link
		if err := w.ask(func() { l = w.inUse[e.secret.Peer()] }); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			w.flood(16)
			synctest.Wait()
		}
		steps := make(chan int) // from now on it takes as many frames as it is told
		e.stall <- steps
		for range 12 {
			w.flood(16)
			synctest.Wait()
		}
		start := w.seq - 1
		for w.hostStats().Jumps == 0 {
			steps <- 1
		}
		if l.Stats().Dropped == 0 {
			t.Error("nothing was dropped")
		}
		taken := len(e.got)
		close(steps)
		synctest.Wait()
		for i, g := range e.got[taken:] {
			m, err := gossip.ParseMsg(gossip.Kind(g.Kind), g.Body)
			if err != nil {
				t.Fatal(err)
			}
			r := m.(gossip.Gossip).Rec
			if r.Seq == start {
				return
			}
			if i > 1 { // one may be in the reader's hands
				t.Fatalf("frame %d after the jump is record %d, want %d", i, r.Seq, start)
			}
		}
		t.Error("no snapshot after the jump")
	})
}

// A link that is slower than the output is sent a snapshot whole before it jumps to
// the next: else it would never see a screen.
func TestSlowLinkGetsWholeSnapshots(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		const parts = 20
		e := w.evil()
		l := e.join()
		e.befriend(l)
		steps := make(chan int)
		e.stall <- steps
		for i := range 300 { // two frames are taken while three and more are written
			for range 3 {
				w.say(16_000)
			}
			if i%10 == 9 {
				w.snapshot(parts, 16_000)
			}
			l.Send(transport.Control, transport.Probe, nil) // it is alive
			pass(100 * time.Millisecond)
			steps <- 2
		}
		close(steps)
		synctest.Wait()
		whole, run := 0, uint16(0)
		for _, g := range e.got {
			m, err := gossip.ParseMsg(gossip.Kind(g.Kind), g.Body)
			if err != nil {
				continue // of the host's own kinds
			}
			r, is := m.(gossip.Gossip)
			switch {
			case !is:
			case r.Rec.Parts == parts && r.Rec.Part == run+1:
				if run = r.Rec.Part; run == parts {
					whole, run = whole+1, 0
				}
			case run > 0 && !r.Skip:
				t.Fatalf("record %d, part %d, after part %d of a snapshot", r.Rec.Seq, r.Rec.Part, run)
			default:
				run = 0
			}
		}
		if s := w.hostStats(); whole < 5 || s.Jumps < 4 {
			t.Errorf("%d whole snapshots and %d jumps, want more", whole, s.Jumps)
		}
	})
}
