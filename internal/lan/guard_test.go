package lan

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"gossterm/internal/id"
)

// A recorder counts what is sent and receives nothing.
type recorder struct {
	net.PacketConn
	sent []netip.AddrPort
}

func (r *recorder) WriteTo(b []byte, to net.Addr) (int, error) {
	r.sent = append(r.sent, to.(*net.UDPAddr).AddrPort())
	return len(b), nil
}

// quiet is a Listener that is not served.
func quiet(t *testing.T) *Listener {
	t.Helper()
	l, err := Listen(Config{Name: someName, Secret: secretOf(1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAll(l.socks); l.door.Close() })
	return l
}

var here = netip.MustParseAddrPort("127.0.0.1:4000")

func TestOnlyItsNameIsAnswered(t *testing.T) {
	good := queryFor(queryNonce{1}, someName).append(nil)
	altered := func(i int) []byte {
		b := append([]byte(nil), good...)
		b[i] ^= 1
		return b
	}
	for _, c := range []struct {
		desc string
		b    []byte
		from netip.AddrPort
		want int
	}{
		{"its name", good, here, 1},
		{"another name", queryFor(queryNonce{1}, "brave-otter-43").append(nil), here, 0},
		{"another nonce", altered(5), here, 0},
		{"another tag", altered(25), here, 0},
		{"another magic", altered(0), here, 0},
		{"padding that says something", altered(querySize - 1), here, 0},
		{"cut", good[:querySize-1], here, 0},
		{"longer", append(good[:querySize:querySize], 0), here, 0},
		{"empty", nil, here, 0},
		{"from another network", good, netip.MustParseAddrPort("8.8.8.8:4000"), 0},
	} {
		r := &recorder{}
		quiet(t).hear(socket{PacketConn: r}, c.b, c.from)
		if len(r.sent) != c.want || c.want == 1 && r.sent[0] != c.from {
			t.Errorf("%s: answers to %v, want %d", c.desc, r.sent, c.want)
		}
	}
}

// neighbor returns the n-th address near.
func neighbor(n int) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, byte(n >> 8), byte(n)}) }

// ask has an address ask a host for its name so many times, and returns how many
// answers go there.
func ask(l *Listener, from netip.Addr, times int) (answers int) {
	r := &recorder{}
	for range times {
		l.hear(socket{PacketConn: r}, queryFor(queryNonce{1}, someName).append(nil), netip.AddrPortFrom(from, 4000))
	}
	return len(r.sent)
}

func TestAnswersAreFew(t *testing.T) {
	l, answers := quiet(t), 0
	begun := time.Now()
	for n := range 1000 {
		answers += ask(l, neighbor(n), 1)
	}
	most := answersBurst + answersPerSecond*int(time.Since(begun)/time.Second+1)
	if answers < answersBurst || answers > most {
		t.Errorf("%d answers, want %d to %d", answers, answersBurst, most)
	}
	if answersBurst+answersPerSecond > 20 {
		t.Errorf("more than 20 answers in some second (PROTOCOL.md §10)")
	}
}

// Who knows the name and asks without end does not keep others from hearing.
func TestOneAddressHasAShareOfTheAnswers(t *testing.T) {
	l, begun := quiet(t), time.Now()
	n := ask(l, neighbor(1), 1000)
	most := answersEachBurst + answersEachPerSecond*int(time.Since(begun)/time.Second+1)
	if n < answersEachBurst || n > most {
		t.Errorf("%d answers to one address, want %d to %d", n, answersEachBurst, most)
	}
	for other := 2; ; other++ { // one that does not share its rate with the first by chance
		if ask(l, neighbor(other), 1) == 1 {
			return
		}
		if other == 5 {
			t.Fatal("no other address is answered")
		}
	}
}

// Who is not near takes none of the answers.
func TestNoAnswerIsTakenFromAfar(t *testing.T) {
	l := quiet(t)
	for n := range 2 * answersBurst {
		ask(l, netip.AddrFrom4([4]byte{8, 8, 8, byte(n)}), 1)
	}
	for other := 1; ask(l, neighbor(other), 1) != 1; other++ {
		if other == 5 {
			t.Fatal("no neighbor is answered")
		}
	}
}

// Who is not of this network is not even shaken hands with.
func TestTheDoorIsForThisNetwork(t *testing.T) {
	for from, want := range map[string]bool{"127.0.0.1": true, "8.8.8.8": false, "2001:4860::8888": false} {
		l := quiet(t)
		mine, its := net.Pipe()
		done := make(chan error)
		l.opening.take(netip.MustParseAddr(from))
		go func() { done <- l.visit(t.Context(), mine, netip.MustParseAddr(from)) }()
		its.SetDeadline(time.Now().Add(patience))
		conf, err := tlsConfig(secretOf(2), func(id.Peer) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := tls.Client(its, conf).Handshake(); (err == nil) != want {
			t.Errorf("a handshake from %s: %v", from, err)
		}
		its.Close()
		if err := <-done; err == nil {
			t.Errorf("a visit without a knock from %s ends without an error", from)
		}
		if l.opening.taken != 0 {
			t.Errorf("the place of %s is not given back", from)
		}
	}
}

// Who says nothing at the door keeps a place for a while only. Those beyond the places
// of one address are closed.
func TestTheDoorHasPlaces(t *testing.T) {
	const greet = 2 * time.Second
	l := serve(t, Config{Name: someName, Secret: secretOf(1), greet: greet})
	var idle []net.Conn
	for range maxEachOpening {
		c, err := net.Dial("tcp", l.found().Doors[0].String())
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, c)
		defer c.Close()
	}
	c, err := net.Dial("tcp", l.found().Doors[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	begun := time.Now()
	if n, err := c.Read(make([]byte, 1)); err != io.EOF || time.Since(begun) > greet/2 {
		t.Errorf("one too many read %d bytes, %v after %v; want that it is closed at once", n, err, time.Since(begun))
	}
	idle[0].SetDeadline(time.Now().Add(patience))
	if _, err := idle[0].Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a silent one: %v after %v, want the end after %v", err, time.Since(begun), greet)
	}
}

func TestPlacesAreShared(t *testing.T) {
	l := quiet(t)
	for _, c := range []struct {
		desc       string
		p          *places
		most, each int
	}{
		{"opening", l.opening, 16, 4}, // PROTOCOL.md §10
		{"asking", l.asking, 4, 2},
	} {
		for n := range 2 * c.most {
			got := 0
			for range 2 * c.each {
				if c.p.take(neighbor(n)) {
					got++
				}
			}
			want := c.each
			if n >= c.most/c.each {
				want = 0
			}
			if got != want {
				t.Errorf("%s: neighbor %d has %d places, want %d", c.desc, n, got, want)
			}
		}
		for range c.each {
			c.p.give(neighbor(0))
		}
		if !c.p.take(neighbor(c.most)) {
			t.Errorf("%s: no place is free after some were given back", c.desc)
		}
		if len(c.p.by) != c.most/c.each {
			t.Errorf("%s: %d addresses are kept", c.desc, len(c.p.by))
		}
	}
}

// A middle that hands the messages on, as they are, from one TLS connection to the
// other: the commitment is to the joiner's connection and does not hold on the host's.
func TestMessagesHandedOnAreRefused(t *testing.T) {
	o := &owner{ticket: "gst1ticket"}
	l := serve(t, Config{Name: someName, Secret: secretOf(1), Ask: o.ask})
	joiner, its := net.Pipe()
	over := make(chan struct{})
	host := tlsTo(t, l)
	go func() {
		defer close(over)
		handOn(t, its, host)
	}()
	shown := false
	conf, err := tlsConfig(secretOf(2), func(id.Peer) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := talk(tls.Client(joiner, conf), knock{role: id.Type, name: "ana"}, func([4]string) { shown = true })
	if err == nil || len(o.asked) > 0 || !shown {
		t.Errorf("got %q, %v, asked %v, shown %v; want the host to have closed the door", ticket, err, o.asked, shown)
	}
	joiner.Close()
	<-over
}

// handOn copies between a joiner, to which it is the host, and the host.
func handOn(t *testing.T, joiner net.Conn, host *tls.Conn) {
	conf, err := tlsConfig(secretOf(3), func(id.Peer) error { return nil })
	if err != nil {
		t.Error(err)
		return
	}
	c := tls.Server(joiner, conf)
	if err := c.HandshakeContext(context.Background()); err != nil {
		t.Error(err)
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(host, c)
	}()
	io.Copy(c, host)
	c.Close()
	<-done
}
