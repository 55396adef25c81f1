package path

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"
)

// straight links a to b and has both know a direct path, which a's packets then take.
func straight(t *testing.T) (a, b *end, from *Addr, sent []byte) {
	t.Helper()
	board := newBoard()
	a, b = board.end(t, true), board.end(t, true)
	la, lb := link(t, a, b, exported)
	la.Offer([]netip.AddrPort{b.at})
	until(t, "both direct", func() bool { return la.Info().Via == LAN && lb.Info().Via == LAN })
	sent = packet(b, "typed")
	if _, err := a.WriteTo(sent, la.peer.label); err != nil {
		t.Fatal(err)
	}
	from, _ = b.next(t).from.(*Addr)
	return a, b, from, sent
}

// What a peer that has moved sends is taken at once, as its own, and its new address is
// checked: whoever only copies such a packet is asked as well, and cannot answer.
func TestAPeerThatMovedIsHeardAtOnce(t *testing.T) {
	_, b, from, sent := straight(t)
	moved := loopback(t)
	moved.WriteTo(append(sent[:len(sent):len(sent)], "from elsewhere"...), net.UDPAddrFromAddrPort(b.at))
	if p := b.next(t); !bytes.Contains(p.b, []byte("elsewhere")) || p.from != net.Addr(from) {
		t.Errorf("got %q of %v, want what was sent, of %v", p.b, p.from, from)
	}
	moved.SetReadDeadline(time.Now().Add(patience))
	buf := make([]byte, 1500)
	if _, _, err := moved.ReadFrom(buf); err != nil {
		t.Errorf("the address is not checked: %v", err)
	}
}

// The ID of a peer that has gone is nobody's.
func TestAnIDGoesWithItsPeer(t *testing.T) {
	a, b, _, sent := straight(t)
	b.mu.Lock()
	links := b.peers[a.key].links
	b.mu.Unlock()
	for _, l := range append([]*Path(nil), links...) {
		l.Close()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.idents) != 0 || b.idents[identOf(sent)] != nil {
		t.Errorf("%d IDs are known of nobody", len(b.idents))
	}
}

// A stray address is used as soon as it answers if nothing came the old way since; one
// from which packets are only copied is not.
func TestStray(t *testing.T) {
	for _, copied := range []bool{false, true} {
		w := newWorld(false)
		home, away := ap("192.0.2.1:1"), ap("192.0.2.2:2")
		w.rtt[home] = 100 * ms
		w.begin(w.now, home)
		w.run(time.Second, w.talk)
		w.rtt[away] = 100 * ms
		if !w.stray(w.now, away, 100) {
			t.Fatal("it is not checked")
		}
		if w.stray(w.now, ap("192.0.2.3:3"), 100) {
			t.Error("two stray addresses are checked at once")
		}
		if copied {
			w.run(10*ms, nil)
			w.heard(w.now, home)
		}
		w.run(120*ms, nil)
		if copied {
			w.want(t, home, false)
		} else {
			w.want(t, away, false)
		}
	}
}

// Copies go to a stray address, but not more than three times what came from there, nor
// once the peer is heard where it was, or the address has answered.
func TestCopiesToAStrayAddress(t *testing.T) {
	home, away := ap("192.0.2.1:1"), ap("192.0.2.2:2")
	fresh := func() *world {
		w := newWorld(false)
		w.rtt[home] = 100 * ms
		w.begin(w.now, home)
		w.run(time.Second, w.talk)
		w.stray(w.now, away, 100)
		return w
	}
	w := fresh()
	for i, want := range []netip.AddrPort{away, away, away, nowhere} {
		if got := w.also(w.now, 100); got != want {
			t.Errorf("copy %d goes to %v, want %v", i, got, want)
		}
	}
	for _, tt := range []struct {
		desc string
		then func(w *world)
	}{
		{"heard at home", func(w *world) { w.run(10*ms, nil); w.heard(w.now, home) }},
		{"much later", func(w *world) { w.run(strayFor, nil) }},
		{"answered", func(w *world) { w.rtt[away] = 100 * ms; w.run(150*ms, nil) }},
	} {
		w := fresh()
		tt.then(w)
		if got := w.also(w.now, 100); got != nowhere {
			t.Errorf("%s: a copy goes to %v", tt.desc, got)
		}
	}
	w = fresh()
	for range 1000 {
		w.stray(w.now, away, 1200)
	}
	sent := 0
	for w.also(w.now, 1200) == away {
		sent += 1200
	}
	if sent > strayMost {
		t.Errorf("%d bytes may go to an address that has not answered", sent)
	}
}

// That a peer came from an address counts until the address has answered: who goes back is
// not taken for gone by a later answer from there.
func TestAnAnsweredStrayIsNoStray(t *testing.T) {
	w := newWorld(false)
	home, away := ap("192.0.2.1:1"), ap("192.0.2.2:2")
	w.rtt[home], w.rtt[away] = 100*ms, 100*ms
	w.begin(w.now, home)
	w.run(time.Second, w.talk)
	w.stray(w.now, away, 100)
	w.run(120*ms, nil)
	w.want(t, away, false)
	w.rtt[home] = 10 * ms
	w.offer(w.now, []netip.AddrPort{home, away})
	w.run(15*ms, nil)
	w.want(t, home, false)
	w.run(120*ms, nil)
	w.want(t, home, false)
}
