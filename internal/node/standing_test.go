package node

import (
	"testing"
	"testing/synctest"
	"time"
)

// standingOf returns how a node stands, once nothing moves.
func standingOf(t *testing.T, n interface{ Standing() (Standing, error) }) Standing {
	t.Helper()
	synctest.Wait()
	s, err := n.Standing()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Host and member tell of the same session, and the member of when it heard the host.
func TestStanding(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		w.join(watching)
		w.say(10)
		pass(10 * time.Second)
		host, at := standingOf(t, w.Host), standingOf(t, p)
		if host.Told != w.seq || host.Heard != 0 || at.Told != w.seq || at.Through != w.seq {
			t.Errorf("of %d records: the host %+v, the member %+v", w.seq, host, at)
		}
		if at.Heard > beatEvery {
			t.Errorf("a host that beats was heard %v ago", at.Heard)
		}
		if len(host.Members.Rows) != 2 || at.Members == nil || len(at.Members.Rows) != 2 {
			t.Errorf("members: %+v and %+v", host.Members, at.Members)
		}
		if len(host.Links) != 2 {
			t.Errorf("links: %+v", host.Links)
		}
	})
}

// How long ago the host was heard goes on from its last beat.
func TestStandingOfASilentHost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		pass(10 * time.Second)
		const silent = 20 * time.Second
		w.mem.Cut(w.secret.Peer(), p.secret.Peer())
		pass(silent)
		if s := standingOf(t, p); s.Heard < silent || s.Heard > silent+beatEvery {
			t.Errorf("a host that was cut off %v ago was heard %v ago", silent, s.Heard)
		}
	})
}

// A member knows that there is more than it has.
func TestStandingBehind(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.join()
		pass(time.Second)
		var head []byte
		if err := w.ask(func() { head = w.admission.Head(w.seq+5, 1) }); err != nil {
			t.Fatal(err)
		}
		if err := p.ask(func() {
			if _, newer, err := p.joiner.ApplyHead(head); !newer || err != nil {
				t.Errorf("the head is newer %v, %v", newer, err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		if s := standingOf(t, p); s.Told != w.seq+5 || s.Through != w.seq {
			t.Errorf("told of %d, has %d, want %d and %d", s.Told, s.Through, w.seq+5, w.seq)
		}
	})
}
