package node

import (
	"testing"
	"time"

	"gossterm/gossip"
	"gossterm/internal/transport"
)

// So many may wait at a member's door for the host's answer, and the next is told at
// once.
func TestSoManyWaitAtTheDoor(t *testing.T) {
	inTree(t, 8, 1, func(t *testing.T, w *world, ps []*peer) {
		via := ps[0]
		w.mem.Cut(w.secret.Peer(), via.secret.Peer()) // no answer comes
		e := w.evil()
		var waiting []*transport.Link
		for range waitingMost {
			waiting = append(waiting, e.hail(via))
		}
		next := e.hail(via)
		pass(tick)
		e.wantCode("one too many", next, transport.Full)
		for i, l := range waiting {
			if e.downs[l] != nil {
				t.Errorf("%d of those that wait: %v", i, e.downs[l])
			}
		}
		e.resume()
		pass(answerTime)
		for _, l := range waiting {
			e.wantCode("who got no answer", l, transport.Full)
		}
	})
}

// What a stranger sends before he is let in is kept up to a bound that is smaller
// than that for a peer that we called.
func TestStrangerBringsLittle(t *testing.T) {
	inTree(t, 8, 1, func(t *testing.T, w *world, ps []*peer) {
		via := ps[0]
		w.mem.Cut(w.secret.Peer(), via.secret.Peer())
		e := w.evil()
		l := e.hail(via)
		pass(50 * time.Millisecond)
		const size = strangerMost / 4
		for i := range 4 {
			if e.downs[l] != nil {
				t.Fatalf("after %d bytes: %v", i*size, e.downs[l])
			}
			l.Send(transport.Log, transport.Gossip, make([]byte, size))
			pass(50 * time.Millisecond)
		}
		if e.downs[l] != nil {
			t.Errorf("after %d bytes: %v", strangerMost, e.downs[l])
		}
		l.Send(transport.Log, transport.Gossip, make([]byte, 1))
		pass(50 * time.Millisecond)
		e.wantCode("one more", l, transport.Violation)
	})
}

// Small messages for who takes nothing wait up to a bound, too; those that wait are
// sent when there is room, and the next are again.
func TestSmallMessagesAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.evil()
		e.befriend(e.join())
		steps := make(chan int)
		e.stall <- steps // it takes no frame
		id := e.secret.Peer()
		if err := w.ask(func() {
			l := w.inUse[id]
			for !l.out.full { // with what means nothing to it
				w.push(l, gossip.Prune{})
			}
			for range 2 * askedMost {
				w.push(l, gossip.Prune{})
			}
			if n := len(l.out.msgs); n != askedMost || l.out.asked != n {
				t.Errorf("%d messages wait, %d counted, want %d", n, l.out.asked, askedMost)
			}
		}); err != nil {
			t.Fatal(err)
		}
		close(steps)
		pass(tick)
		if err := w.ask(func() {
			if o := &w.inUse[id].out; len(o.msgs) != 0 || o.asked != 0 || o.full {
				t.Errorf("%d messages wait, %d counted, full %v", len(o.msgs), o.asked, o.full)
			}
		}); err != nil {
			t.Fatal(err)
		}
	})
}
