package transport

import (
	"net"
	"net/netip"
	"testing"
)

// at makes an end at one of several addresses of the network: its nth, the kth end
// there.
func at(t *testing.T, w world, n, k byte) *end {
	t.Helper()
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, 0, n}), 7000+uint16(k))
	if w.name == "quic" {
		addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, n}), 0)
		c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
		if err != nil {
			t.Skip("one loopback address only: ", err)
		}
		c.Close()
	}
	return newEnd(t, w, Config{Listen: addr})
}

// silent dials b, which has a place, and says nothing; it returns b's end.
func silent(t *testing.T, a, b *end) *Link {
	t.Helper()
	a.dialOK(t, b)
	until[Up](t, a)
	return want[Up](t, b).Link
}

// crowdIn dials b, which is full, and returns b's end and the link that gave way.
func crowdIn(t *testing.T, a, b *end) (in, out *Link) {
	t.Helper()
	a.dialOK(t, b)
	until[Up](t, a)
	for in == nil || out == nil {
		switch ev := b.next(t).(type) {
		case Up:
			in = ev.Link
		case Down:
			out = ev.Link
			wantClosed(t, ev.Err, Full, false)
		}
	}
	return in, out
}

// Proved peers take no place, and places of links that ended are free again.
func TestUnprovedPlaces(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{Unproved: 2})
		for range 3 {
			join(t, a, b)
		}
		first, second := silent(t, a, b), silent(t, a, b)
		third, out := crowdIn(t, newEnd(t, w, Config{}), b)
		if out != first {
			t.Errorf("%v gave way, want the oldest", out.Addr())
		}
		wantClosed(t, until[Down](t, a).Err, Full, true)
		second.Trust()
		silent(t, a, b)
		third.Close(Left, "")
		want[Down](t, b)
		silent(t, a, b)
		b.mu.Lock()
		defer b.mu.Unlock()
		if n := len(b.strangers.leaving); n != 0 {
			t.Errorf("%d links are still leaving", n)
		}
	})
}

// One address that dials and says nothing keeps nobody out: its own links give
// way, oldest first, and those of others stay.
func TestSilentDialsKeepNobodyOut(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		b := newEnd(t, w, Config{})
		one, many, other := at(t, w, 2, 0), at(t, w, 3, 0), at(t, w, 4, 0)
		early := silent(t, one, b) // the oldest of all, but the only one of its address
		var loud []*Link
		for range defaultUnproved - 1 {
			loud = append(loud, silent(t, many, b))
		}
		for range 5 {
			in, out := crowdIn(t, many, b)
			if out != loud[0] {
				t.Fatalf("a link of %v gave way, want the oldest of %v", out.Addr(), many.Addrs())
			}
			loud = append(loud[1:], in)
		}
		newcomer, out := crowdIn(t, other, b)
		if out != loud[0] {
			t.Fatalf("a link of %v gave way, want the oldest of %v", out.Addr(), many.Addrs())
		}
		for _, l := range []*Link{early, newcomer} {
			l.Trust()
			mustSend(t, l, Control, Head, []byte("welcome"))
		}
		for _, e := range []*end{one, other} {
			if g := until[Got](t, e); string(g.Body) != "welcome" {
				t.Errorf("got %q", g.Body)
			}
		}
	})
}

// A crowd behind one address that proves itself comes in, all of it.
func TestCrowdOfOneAddress(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		b := newEnd(t, w, Config{})
		var crowd []*Link
		for k := range byte(2 * defaultUnproved) {
			crowd = append(crowd, silent(t, at(t, w, 5, k), b))
			if len(crowd) == defaultUnproved { // as many at once as there are places
				for _, l := range crowd {
					l.Trust()
				}
				crowd = nil
			}
		}
		w.settle()
		select {
		case ev := <-b.inbox:
			t.Errorf("got %T %+v", ev, ev)
		default:
		}
	})
}

// While nobody takes the ends of links that gave way, newcomers are refused: there
// are never more than twice as many strangers as places.
func TestStrangersAreBounded(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		const places = 4
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{Unproved: places})
		links := 0
		for range 20 { // b's inbox overflows
			a.dialOK(t, b)
			until[Up](t, a)
			w.settle()
			b.mu.Lock()
			links = max(links, len(b.links))
			b.mu.Unlock()
		}
		if links > 2*places {
			t.Errorf("%d links of strangers, want at most %d", links, 2*places)
		}
		wantClosed(t, until[Down](t, a).Err, Full, true)
	})
}

// A fakeConn is from somewhere and nothing else.
type fakeConn struct {
	conn
	from netip.AddrPort
}

func (c fakeConn) addr() netip.AddrPort { return c.from }

// Who has to go, by sources: a letter is a link, one of its sort from one address.
func TestWhoGivesWay(t *testing.T) {
	for _, tt := range []struct{ waiting, newcomer, want string }{
		{"aaaa", "a", "aaaa"},
		{"aaaa", "b", "aaab"},
		{"baaa", "b", "baab"},
		{"abab", "a", "baba"}, // a would have three
		{"abcd", "e", "bcde"}, // all have one: the oldest
		{"abcd", "c", "abdc"}, // c would have two
		{"bbaa", "c", "baac"},
	} {
		s := newStrangers(len(tt.waiting))
		name := map[*Link]string{}
		for i, r := range tt.waiting + tt.newcomer {
			addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(r)}), uint16(i))
			l := &Link{conn: fakeConn{from: addr}}
			name[l] = string(r)
			if _, ok := s.admit(l); !ok {
				t.Fatalf("%s + %s: refused", tt.waiting, tt.newcomer)
			}
		}
		got := ""
		for _, w := range s.waiting {
			got += name[w.link]
		}
		if got != tt.want {
			t.Errorf("%s + %s: got %s, want %s", tt.waiting, tt.newcomer, got, tt.want)
		}
	}
}
