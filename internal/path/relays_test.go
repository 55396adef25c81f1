package path

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/relay"
)

// A fakeRelay notes what is sent over it.
type fakeRelay struct {
	up   bool
	look netip.AddrPort
	sent int
	woke int

	asked atomic.Int32 // packets that say nothing
}

func (r *fakeRelay) Up() bool                  { return r.up }
func (r *fakeRelay) Reflector() netip.AddrPort { return r.look }
func (r *fakeRelay) Wake()                     { r.woke++ }
func (r *fakeRelay) Send(_ id.Peer, b []byte) bool {
	switch {
	case bytes.Equal(b, nothing):
		r.asked.Add(1)
	case r.up:
		r.sent++
	}
	return r.up
}

// still returns a Conn over two relays whose loop has ended: the test alone acts.
func still(t *testing.T) (*Conn, [2]*fakeRelay, *Path) {
	t.Helper()
	rs := [2]*fakeRelay{{up: true}, {up: true}}
	c := New(Config{UDP: loopback(t), Relays: []Relay{rs[0], rs[1]}, Direct: true, Log: slog.New(slog.DiscardHandler)})
	c.Close()
	c.done = make(chan struct{})
	who := id.SecretFromSeed([32]byte{99}).Peer()
	p, err := c.Attach(c.Relayed(who), who, exported, true)
	if err != nil {
		t.Fatal(err)
	}
	p.Trust()
	return c, rs, p
}

func (r *fakeRelay) took() int {
	n := r.sent
	r.sent = 0
	return n
}

// Until a relay is known to bring something, and again when it goes silent, is down
// or has not got the peer, packets take all of them.
func TestWhichRelay(t *testing.T) {
	c, rs, p := still(t)
	want := func(desc string, first, second int) {
		t.Helper()
		c.toPeer(p.peer, make([]byte, 500))
		if a, b := rs[0].took(), rs[1].took(); a != first || b != second {
			t.Errorf("%s: the relays took %d and %d, want %d and %d", desc, a, b, first, second)
		}
	}
	heard := func(i int) { c.fromRelay(relayedPacket{relay: i, from: p.peer.key}) }
	want("unknown", 1, 1)
	heard(1)
	want("heard over the second", 0, 1)
	p.peer.via.all -= relayDoubt
	want("once in a while", 1, 1)
	want("and then not", 0, 1)
	p.peer.via.waiting -= relayDoubt
	want("silent", 1, 1)
	heard(0)
	want("heard over the first", 1, 0)
	heard(1)
	want("the peer has changed to the second", 0, 1)
	heard(0)
	rs[0].up = false
	want("down, and not told yet", 0, 1)
	c.RelayChanged(0)
	rs[0].up = true
	c.RelayChanged(0)
	want("was down", 1, 1)
	heard(0)
	c.RelayMisses(0, p.peer.key)
	want("not there", 1, 1)
	c.RelayMisses(1, p.peer.key)
	want("nowhere", 0, 0)
	heard(1)
	want("there after all", 0, 1)
	c.RelayMisses(0, p.peer.key)
	c.RelayMisses(1, p.peer.key)
	c.peerDue(c.now()+missingTime, p.peer, &todo{})
	want("may have come meanwhile", 1, 1)
	c.RelayMisses(1, p.peer.key)
	c.RelayChanged(1)
	want("the relay is another", 1, 1)
}

// A peer behind no relay that is up is not reached over one.
func TestNoRelayUp(t *testing.T) {
	c, rs, p := still(t)
	for i, r := range rs {
		r.up = false
		c.RelayChanged(i)
	}
	if p.Info().Via == Relayed {
		t.Error("via a relay that is down")
	}
	rs[1].up = true
	c.RelayChanged(1)
	if p.Info().Via != Relayed {
		t.Error("not via a relay that is up")
	}
}

// However many addresses peers offer, one of them gets no more than its share.
func TestSpray(t *testing.T) {
	c, _, p := still(t)
	var many []netip.AddrPort
	for i := range maxCandidates {
		many = append(many, netip.AddrPortFrom(wan.Addr(), uint16(i+1)))
	}
	p.Offer(many)
	var todo todo
	start := c.now().Truncate(time.Second) + time.Second
	p.peer.set.moved(start)
	for at := start; at < start+time.Second; at += 10 * ms {
		c.peerDue(at, p.peer, &todo)
	}
	if n := len(todo.packets); n != budgetPerIP {
		t.Errorf("%d checks to one address in a second, want %d", n, budgetPerIP)
	}
}

// A relay's word about us counts once, from the relay that was asked, and makes
// another address to tell.
func TestReflection(t *testing.T) {
	c, rs, _ := still(t)
	told := 0
	c.cfg.Changed = func() { told++ }
	rs[0].look, rs[1].look = ap("198.51.100.1:1"), ap("198.51.100.2:1")
	var asked todo
	c.lookAround(c.now(), &asked)
	if len(asked.packets) != 2 {
		t.Fatalf("%d queries", len(asked.packets))
	}
	number := c.looks[0].number
	c.reflection(rs[1].look, number, wan)
	c.reflection(ap("198.51.100.9:9"), number, wan)
	c.reflection(rs[0].look, [16]byte{1}, wan)
	if told > 0 || c.looks[0].seen.IsValid() {
		t.Fatal("a false answer counts")
	}
	c.reflection(rs[0].look, number, wan)
	c.reflection(rs[0].look, number, away)
	if own := c.Own(); told != 1 || own[len(own)-1] != wan {
		t.Errorf("told %d times, own addresses %v", told, own)
	}
	if got := relay.ReflectQuery(number); len(got) == 0 || got[0]&notQUIC != 0 {
		t.Errorf("a query that may be QUIC's: %x", got)
	}
}

// After an own move everything is looked at anew, and the relays are told.
func TestMoved(t *testing.T) {
	c, rs, p := still(t)
	p.Offer([]netip.AddrPort{wan})
	p.peer.set.due(c.now()+time.Minute, nil, random)
	if p.peer.set.next() != none {
		t.Fatal("a round is under way")
	}
	c.own.saw(id.Peer{1}, wan)
	var todo todo
	c.moved(c.now(), &todo)
	c.do(&todo)
	if rs[0].woke != 1 || rs[1].woke != 1 || len(c.own.views) > 0 || p.peer.set.next() == none || !todo.changed {
		t.Errorf("woke %d and %d, views %v, next round at %v", rs[0].woke, rs[1].woke, c.own.views, p.peer.set.next())
	}
}

// An own move that is noticed because somebody asks for the addresses counts, too.
func TestMovedWhenAsked(t *testing.T) {
	c, rs, _ := still(t)
	c.own.all = c.own.all[:0] // as if one had been added since
	c.Dialable()
	if rs[0].woke != 1 {
		t.Error("the relays were not told")
	}
}

// Checks are signed by a link whose peer is proved: others' are not answered.
func TestSigner(t *testing.T) {
	c, _, p := still(t)
	l, err := c.Attach(p.peer.label, p.peer.key, [SecretSize]byte{9}, false)
	if err != nil {
		t.Fatal(err)
	}
	if p.peer.signer() != &p.key {
		t.Error("signed by a link that is not proved")
	}
	if l.Trust(); p.peer.signer() != &l.key {
		t.Error("not signed by the newest link")
	}
}

// A peer is told once more when a round begins here: both sides have to send.
func TestAgainIsTold(t *testing.T) {
	c, _, p := still(t)
	var told []id.Peer
	c.cfg.Again = func(who id.Peer) { told = append(told, who) }
	c.toPeer(p.peer, make([]byte, 500))
	var todo todo
	c.peerDue(c.now()+firstRetry, p.peer, &todo)
	c.do(&todo)
	if len(told) != 1 || told[0] != p.peer.key {
		t.Errorf("told %v", told)
	}
}

// Who is behind the relays, or roams without end, takes no more memory than the next.
func TestBounds(t *testing.T) {
	c, _, p := still(t)
	for i := range 3 * maxStrangers {
		c.fromRelay(relayedPacket{from: id.Peer{byte(i), byte(i >> 8), 1}})
	}
	if len(c.relayed) > maxStrangers {
		t.Errorf("%d unknown peers behind the relays", len(c.relayed))
	}
	p.peer.set.begin(c.now(), ap("203.0.113.200:7"))
	c.enter(p.peer, ap("203.0.113.200:7"))
	for i := range 3 * maxPeerAddrs {
		c.enter(p.peer, netip.AddrPortFrom(wan.Addr(), uint16(i+1)))
	}
	if c.addrs[ap("203.0.113.200:7")] != p.peer {
		t.Error("the path in use was pushed out")
	}
	if len(c.addrs) > maxPeerAddrs || len(p.peer.addrs) > maxPeerAddrs {
		t.Errorf("%d addresses of one peer", len(c.addrs))
	}
}

// A relay cannot bring checks: they would say nothing about a path.
func TestRelayBringsQUICAlone(t *testing.T) {
	c, _, p := still(t)
	k := newKey(exported, false)
	c.FromRelay(0, p.peer.key, k.make(nil, probe{kind: kindCheck, side: 2}))
	c.FromRelay(0, p.peer.key, nil)
	if _, ok := c.inbox.next(); ok {
		t.Error("a check came over a relay")
	}
}

var _ net.PacketConn = (*Conn)(nil)

// A peer is absent when every relay says so; one that is silent, or down, leaves a doubt.
func TestAbsentEverywhere(t *testing.T) {
	c, rs, p := still(t)
	who := p.peer.key
	ask := func() (stop func(), absent chan bool) {
		absent = make(chan bool, 1)
		ctx, stop := context.WithCancel(t.Context())
		go func() { absent <- c.Absent(ctx, who) }()
		until(t, "the question", func() bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.roundUps[who] != nil
		})
		return stop, absent
	}
	stop, absent := ask()
	until(t, "the question at both", func() bool { return rs[0].asked.Load() > 0 && rs[1].asked.Load() > 0 })
	c.RelayMisses(0, who)
	c.RelayMisses(0, who)
	stop()
	if <-absent {
		t.Error("one relay of two was enough")
	}
	stop, absent = ask()
	c.RelayMisses(1, who)
	c.RelayMisses(0, who)
	if !<-absent {
		t.Error("both said so, and it does not count")
	}
	stop()
	rs[1].up = false
	if c.Absent(t.Context(), who) {
		t.Error("a relay that is down counts as one that has not got it")
	}
	if len(c.roundUps) > 0 {
		t.Error("a question is kept")
	}
}
