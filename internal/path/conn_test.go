package path

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gossterm/internal/id"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait for something that must come.
const patience = 10 * time.Second

// A board is a relay between the Conns of a test.
type board struct {
	mu    sync.Mutex
	conns map[id.Peer]*Conn
	count map[id.Peer]int // packets to each
}

// A jack is one Conn's place at a board.
type jack struct {
	b    *board
	self id.Peer
	down atomic.Bool
}

func (j *jack) Up() bool                  { return !j.down.Load() }
func (j *jack) Reflector() netip.AddrPort { return netip.AddrPort{} }
func (j *jack) Wake()                     {}

func (j *jack) Send(to id.Peer, packet []byte) bool {
	if j.down.Load() {
		return false
	}
	j.b.mu.Lock()
	defer j.b.mu.Unlock()
	j.b.count[to]++
	if c := j.b.conns[to]; c != nil {
		c.FromRelay(0, j.self, packet)
	}
	return true
}

// An end is a Conn of a test with what it reads.
type end struct {
	*Conn
	key  id.Peer
	jack *jack
	at   netip.AddrPort
	in   chan packetIn
	told chan id.Peer // of Again
}

type packetIn struct {
	from net.Addr
	b    []byte
}

var lastKey byte

func (b *board) end(t *testing.T, direct bool) *end {
	t.Helper()
	lastKey++
	var seed [32]byte
	seed[0] = lastKey
	key := id.SecretFromSeed(seed).Peer()
	e := &end{key: key, jack: &jack{b: b, self: key}, in: make(chan packetIn, 1000), told: make(chan id.Peer, 100)}
	udp := loopback(t)
	e.at = udp.LocalAddr().(*net.UDPAddr).AddrPort()
	e.Conn = New(Config{UDP: udp, Relays: []Relay{e.jack}, Direct: direct, Again: func(p id.Peer) { e.told <- p }, Log: slog.New(slog.DiscardHandler)})
	b.mu.Lock()
	b.conns[key] = e.Conn
	b.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			buf := make([]byte, 1500)
			n, from, err := e.ReadFrom(buf)
			if err != nil {
				return
			}
			e.in <- packetIn{from, buf[:n]}
		}
	}()
	t.Cleanup(func() { e.Close(); <-done })
	return e
}

func newBoard() *board {
	return &board{conns: make(map[id.Peer]*Conn), count: make(map[id.Peer]int)}
}

func (b *board) carried(to id.Peer) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count[to]
}

// next returns the next packet, which must come.
func (e *end) next(t *testing.T) packetIn {
	t.Helper()
	select {
	case p := <-e.in:
		return p
	case <-time.After(patience):
		t.Fatal("no packet")
		return packetIn{}
	}
}

// packet makes what looks like a QUIC packet with a short header to an end.
func packet(to *end, text string) []byte {
	cid := to.NewID()
	return append(append([]byte{0x40}, cid[:]...), bytes.Repeat([]byte(text), 20)...)
}

// initial makes what looks like one with a long header.
func initial(text string) []byte { return append([]byte{0xc0}, bytes.Repeat([]byte(text), 20)...) }

var exported = [SecretSize]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}

// link links a to b over the relay, as after a handshake.
func link(t *testing.T, a, b *end, secret [SecretSize]byte) (la, lb *Path) {
	t.Helper()
	at := a.Relayed(b.key)
	if _, err := a.WriteTo(initial("hello"), at); err != nil {
		t.Fatal(err)
	}
	from := b.next(t).from.(*Addr)
	if !from.Relayed() || from.peer != a.key {
		t.Fatalf("a relayed packet from %v", from)
	}
	la, err := a.Attach(at, b.key, secret, true)
	if err != nil {
		t.Fatal(err)
	}
	lb, err = b.Attach(from, a.key, secret, false)
	if err != nil {
		t.Fatal(err)
	}
	la.Trust()
	lb.Trust()
	return la, lb
}

// until calls f until it is true.
func until(t *testing.T, desc string, f func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !f(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never: %s", desc)
		}
	}
}

func TestFromRelayToDirect(t *testing.T) {
	b := newBoard()
	x, y := b.end(t, true), b.end(t, true)
	lx, ly := link(t, x, y, exported)
	if lx.Info().Via != Relayed {
		t.Errorf("at first via %v", lx.Info().Via)
	}
	lx.Offer([]netip.AddrPort{y.at}) // one side's word is enough: the other sees the check
	until(t, "both direct", func() bool { return lx.Info().Via == LAN && ly.Info().Via == LAN })
	if got := ly.Info().Addr; got != x.at {
		t.Errorf("y sends to %v, want %v", got, x.at)
	}
	before := b.carried(y.key)
	if _, err := x.WriteTo(packet(y, "straight"), x.peers[y.key].label); err != nil {
		t.Fatal(err)
	}
	p := y.next(t)
	if p.from.String() != "peer/"+x.key.String() || !bytes.Contains(p.b, []byte("straight")) {
		t.Errorf("got %v from %v", p.b, p.from)
	}
	if b.carried(y.key) != before {
		t.Error("the relay carried what went straight")
	}
}

// Whatever the first Addr of a connection was, quic-go sees the same one later.
func TestAddrIsThePeer(t *testing.T) {
	b := newBoard()
	x, y := b.end(t, true), b.end(t, true)
	at, hangUp := x.Direct(y.at)
	defer hangUp()
	x.WriteTo(initial("hello"), at)
	from := y.next(t).from.(*Addr)
	if from.String() == "peer/"+x.key.String() {
		t.Fatal("known before the handshake")
	}
	if _, err := y.Attach(from, x.key, exported, false); err != nil {
		t.Fatal(err)
	}
	x.WriteTo(packet(y, "later"), at)
	if p := y.next(t); p.from.String() != from.String() {
		t.Errorf("from %v, then %v", from, p.from)
	}
	x.WriteTo(initial("again"), at)
	again := y.next(t).from.(*Addr)
	if _, err := y.Attach(again, y.key, [SecretSize]byte{7}, false); err != nil {
		t.Errorf("another peer at the same address: %v", err) // restarted with another key
	}
	if _, err := y.Attach(from, y.key, [SecretSize]byte{8}, false); err == nil {
		t.Error("one Addr is two peers")
	}
	if _, err := x.Attach(x.Relayed(y.key), x.key, [SecretSize]byte{9}, true); err == nil {
		t.Error("behind the relay is somebody else")
	}
}

// A packet of one of our connections from an address that nobody has proved, and with an ID
// that no peer uses, is dropped: quic-go would move the connection there. Of any other it
// is let through.
func TestPacketFromNowhere(t *testing.T) {
	b := newBoard()
	x, y := b.end(t, true), b.end(t, true)
	link(t, x, y, exported)
	stranger := loopback(t)
	to := net.UDPAddrFromAddrPort(y.at)
	stranger.WriteTo(packet(y, "moved"), to)
	stranger.WriteTo(packet(x, "former life"), to) // an ID that y did not draw
	if p := y.next(t); !bytes.Contains(p.b, []byte("former life")) {
		t.Errorf("got %q", p.b)
	}
}

// Checks that are forged, of another link, or sent back to their sender do nothing.
func TestForgedChecks(t *testing.T) {
	b := newBoard()
	x, y := b.end(t, true), b.end(t, true)
	_, ly := link(t, x, y, exported)
	kx := newKey(exported, true)
	good := kx.make(nil, probe{kind: kindCheck, side: 1, number: 5})
	forged := bytes.Clone(good)
	forged[numberAt]++
	ky := newKey(exported, false)
	mirrored := ky.make(nil, probe{kind: kindCheck, side: 2, number: 6})
	noSide := ky.make(nil, probe{kind: kindCheck, side: 3, number: 7})
	short := good[:len(good)-1]
	sock := loopback(t)
	at := sock.LocalAddr().(*net.UDPAddr).AddrPort()
	for _, bad := range [][]byte{forged, mirrored, noSide, short, {1}, {kindAnswer}, {4}, {0}} {
		sock.WriteTo(bad, net.UDPAddrFromAddrPort(y.at))
	}
	sock.WriteTo(good, net.UDPAddrFromAddrPort(y.at))
	buf := make([]byte, 1500)
	sock.SetReadDeadline(time.Now().Add(patience))
	var p probe
	ok := true
	for p.kind != kindAnswer && ok { // its own check may overtake the answer
		n, _, err := sock.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		p, ok = kx.read(buf[:n])
	}
	if !ok || p.kind != kindAnswer || p.number != 5 || p.seen != at {
		t.Errorf("the first answer is %+v, %v", p, ok)
	}
	if ly.Info().Via != Relayed {
		t.Error("a check alone makes a path valid")
	}
}

// A peer that is not proved cannot make us send anywhere, nor tell us who we are; one
// that is, not as often as it likes, nor to a whole network.
func TestWhoseChecksCount(t *testing.T) {
	c, _, p := still(t)
	kind := func(kind byte, from netip.AddrPort) (packets int) {
		var todo todo
		c.probed(p, probe{kind: kind, side: 2, number: 1, seen: away}, from, &todo)
		return len(todo.packets)
	}
	if p.trusted = false; kind(kindCheck, wan) > 0 || p.peer.set.find(wan) >= 0 {
		t.Error("a stranger's check is answered")
	}
	p.Trust()
	if kind(kindCheck, wan) != 1 || p.peer.set.find(wan) < 0 {
		t.Error("a peer's check is not answered")
	}
	n := 0
	for range 100 {
		n += kind(kindCheck, wan)
	}
	if n >= 2*budgetPerIP { // the second may change meanwhile
		t.Errorf("%d answers to an address that nobody has proved", n)
	}
	c.own.nets = []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("10.1.2.3/32")}
	for a, want := range map[string]int{"192.168.1.255:9": 0, "192.168.1.0:9": 0, "192.168.1.7:9": 1, "10.1.2.3:9": 1} {
		if got := kind(kindCheck, ap(a)); got != want {
			t.Errorf("%s: %d answers, want %d", a, got, want)
		}
		p.peer.set.cands = nil
		p.Offer([]netip.AddrPort{ap(a)})
		if got := len(p.peer.set.cands); got != want {
			t.Errorf("%s offered: %d candidates, want %d", a, got, want)
		}
	}
}

// Who hides its addresses neither sends nor answers straight.
func TestHidden(t *testing.T) {
	b := newBoard()
	x, y := b.end(t, true), b.end(t, false)
	lx, ly := link(t, x, y, exported)
	lx.Offer([]netip.AddrPort{y.at})
	ly.Offer([]netip.AddrPort{x.at})
	if len(y.Own()) > 0 || len(y.Dialable()) > 0 {
		t.Error("addresses are told")
	}
	if a := y.fromUDP(initial("straight"), x.at); a != nil {
		t.Error("a packet is taken straight")
	}
	y.WriteTo(packet(x, "answer"), ly.peer.label)
	if p := x.next(t); p.from.String() != "peer/"+y.key.String() {
		t.Errorf("from %v", p.from)
	}
	if lx.Info().Via != Relayed || ly.Info().Via != Relayed {
		t.Error("a path was found")
	}
}

// When the last link of a peer has gone nothing is left of it, and quic-go's last
// words still leave.
func TestCloseForgets(t *testing.T) {
	b := newBoard()
	x, y := b.end(t, true), b.end(t, true)
	lx, _ := link(t, x, y, exported)
	other, err := x.Attach(lx.peer.label, y.key, [SecretSize]byte{9}, false)
	if err != nil {
		t.Fatal(err)
	}
	label := lx.peer.label
	lx.Close()
	lx.Close()
	if x.peers[y.key] == nil {
		t.Fatal("the peer went with the first link")
	}
	other.Close()
	if len(x.peers)+len(x.links)+len(x.addrs)+len(x.idents) > 0 {
		t.Errorf("left: %v %v %v", x.peers, x.links, x.addrs)
	}
	x.WriteTo(packet(y, "last words"), label)
	if p := y.next(t); !bytes.Contains(p.b, []byte("last words")) {
		t.Errorf("got %q", p.b)
	}
}

// Strangers are bounded, the oldest go.
func TestStrangers(t *testing.T) {
	s := newStrangers()
	first := s.at(0, ap("10.0.0.1:1"))
	if s.at(0, ap("10.0.0.1:1")) != first {
		t.Error("two Addrs for one address")
	}
	for i := range 2 * maxStrangers {
		s.at(time.Second, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 1))
	}
	if len(s.by) > maxStrangers || len(s.queue) > maxStrangers || s.known(ap("10.0.0.1:1")) != nil {
		t.Errorf("%d strangers", len(s.by))
	}
	all := s.queue
	s.expire(time.Second + strangerTime)
	if len(s.by)+len(s.queue) > 0 {
		t.Errorf("%d strangers after their time", len(s.by))
	}
	if slices.ContainsFunc(all, func(x stranger) bool { return x.a != nil }) {
		t.Error("memory of strangers after their time")
	}
}

// A relay's flood takes no more memory than the inbox has.
func TestInboxIsBounded(t *testing.T) {
	q := inbox{most: 3}
	for i := range 10 {
		q.put(0, id.Peer{}, []byte{byte(i)})
	}
	for want := byte(7); ; want++ {
		p, ok := q.next()
		if !ok {
			if want != 10 {
				t.Errorf("the inbox ends before %d", want)
			}
			break
		}
		if p.b[0] != want {
			t.Errorf("got %d, want %d", p.b[0], want)
		}
	}
}

// One peer's word about our address is not enough, nor that of a few among many: it
// could name a victim. Who has gone says nothing.
func TestViews(t *testing.T) {
	var o own
	victim, mine := ap("203.0.113.66:66"), ap("203.0.113.1:1")
	for range 3 {
		if o.saw(id.Peer{1}, victim) {
			t.Fatal("one peer is believed")
		}
	}
	if !o.saw(id.Peer{2}, victim) || len(common(o.views)) != 1 {
		t.Error("two peers are not believed")
	}
	for i := range 4 {
		o.saw(id.Peer{3, byte(i)}, mine)
	}
	if got := common(o.views); len(got) != 2 || got[0] != mine {
		t.Errorf("most see us at %v, got %v", mine, got)
	}
	for i := range 4 {
		o.saw(id.Peer{4, byte(i)}, mine)
	}
	if got := common(o.views); len(got) != 1 || got[0] != mine {
		t.Errorf("two of ten are believed: %v", got)
	}
	for i := range 200 {
		o.saw(id.Peer{5, byte(i)}, netip.AddrPortFrom(victim.Addr(), uint16(i+1)))
	}
	if len(o.views) > maxViews {
		t.Errorf("%d views", len(o.views))
	}
	for _, a := range []string{"127.0.0.1:1", "224.0.0.1:1", "0.0.0.0:1", "203.0.113.1:0", "169.254.1.1:1"} {
		n := len(o.views)
		if o.saw(id.Peer{6, a[0]}, ap(a)) || len(o.views) != n {
			t.Errorf("%s is kept", a)
		}
	}
}

// What a peer said goes with it.
func TestViewsOfTheGone(t *testing.T) {
	c, _, p := still(t)
	c.own.saw(p.peer.key, wan)
	c.own.saw(id.Peer{1}, away)
	p.Close()
	if len(c.own.views) != 1 || c.own.views[0].at != away {
		t.Errorf("left: %v", c.own.views)
	}
}

func FuzzProbe(f *testing.F) {
	k := newKey(exported, true)
	other := newKey(exported, false)
	f.Add(other.make(nil, probe{kind: kindAnswer, side: 2, number: 7, seen: ap("[2001:db8::1]:9")}))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, isOurs := idOf(b)
		p, ok := k.read(b)
		if ok && (!isOurs || !bytes.Equal(other.make(nil, p), b)) {
			t.Errorf("%x is read as %+v", b, p)
		}
	})
}
