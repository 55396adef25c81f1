package node

import (
	"testing"
	"testing/synctest"
	"time"

	"gossterm/gossip"
	"gossterm/internal/transport"
)

// What waits for who is behind is thrown away when it is stale, nothing follows it, and
// the next that he gets is the fresh snapshot. Who is not behind gets all.
func TestStaleIsThrownAwayAndFreshFollows(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		fast := w.join()
		e := w.evil()
		e.befriend(e.join())
		var l *link
		if err := w.ask(func() { l = w.inUse[e.secret.Peer()] }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		fast.readAll(t)
		steps := make(chan int) // from now on it takes as many frames as it is told
		e.stall <- steps
		for range 45 { // more than stream and queue hold, less than what makes a link jump
			w.say(16_000)
			synctest.Wait()
			fast.readAll(t)
		}
		stale := w.seq
		if err := w.Stale(); err != nil {
			t.Fatal(err)
		}
		w.say(100)
		w.snapshot(2, 100)
		start := w.seq - 1
		synctest.Wait()
		if q := l.Stats().Queued[transport.Log]; q != 0 || l.Stats().Dropped == 0 {
			t.Errorf("%d bytes wait for who is behind, %d were dropped", q, l.Stats().Dropped)
		}
		if err := w.Fresh(); err != nil {
			t.Fatal(err)
		}
		w.say(10)
		taken := len(e.got)
		close(steps)
		synctest.Wait()
		var got []uint64
		for _, g := range e.got[taken:] {
			if m, err := gossip.ParseMsg(gossip.Kind(g.Kind), g.Body); err == nil {
				if r, is := m.(gossip.Gossip); is {
					got = append(got, r.Rec.Seq)
				}
			}
		}
		if n := len(got); n < 3 || n > 5 || got[n-3] != start || got[n-1] != w.seq || n > 3 && got[n-4] > stale {
			t.Errorf("it got records %v after what was stale, want %d to %d", got, start, w.seq)
		}
		if fast.readAll(t); fast.after != w.seq || len(fast.jumps) != 0 {
			t.Errorf("the other read through %d of %d with jumps to %v", fast.after, w.seq, fast.jumps)
		}
	})
}

// A link that falls silent between the two is served like any other when it is back.
func TestSilentBetweenStaleAndFresh(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		synctest.Wait()
		p.readAll(t)
		pass(tick)
		w.mem.Cut(w.secret.Peer(), p.secret.Peer())
		for range 45 {
			w.say(16_000)
			synctest.Wait()
		}
		if err := w.Stale(); err != nil {
			t.Fatal(err)
		}
		pass(10 * time.Second)
		w.snapshot(2, 100)
		if err := w.Fresh(); err != nil {
			t.Fatal(err)
		}
		w.mem.Heal(w.secret.Peer(), p.secret.Peer())
		pass(10 * time.Second)
		w.say(10)
		synctest.Wait()
		if p.readAll(t); p.after != w.seq {
			t.Errorf("read through %d of %d", p.after, w.seq)
		}
	})
}

// Who passes the log on throws away as well what is before a snapshot at which it goes
// on, but for the rest of one that it began to send.
func TestSkipThrowsAwayWhatWaits(t *testing.T) {
	n := &overlay{}
	l := &link{}
	record := func(seq uint64, part uint16) gossip.Msg {
		return gossip.Gossip{Rec: gossip.Record{Seq: seq, Part: part, Parts: part, Bytes: make([]byte, 10)}}
	}
	for seq := uint64(5); seq <= 9; seq++ {
		l.out.msgs = append(l.out.msgs, record(seq, 0))
		l.out.size += 10
	}
	l.out.msgs = append(l.out.msgs, gossip.Prune{})
	l.out.last = 6
	l.shut = true // it sends nothing
	skip := record(20, 1).(gossip.Gossip)
	skip.Skip = true
	n.push(l, skip)
	if len(l.out.msgs) != 4 || l.out.size != 30 || n.counts.discarded != 3 || l.out.lost {
		t.Errorf("%d messages, %d bytes, %d thrown away, lost %v; want 4, 30, 3, false",
			len(l.out.msgs), l.out.size, n.counts.discarded, l.out.lost)
	}
}
