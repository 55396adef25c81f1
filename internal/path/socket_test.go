package path

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"gossterm/internal/id"
)

func loopback(t testing.TB) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// A packet that cannot be sent is a lost packet: quic-go would end the connection.
func TestFailedSendIsLoss(t *testing.T) {
	udp := loopback(t)
	c := New(Config{UDP: udp, Direct: true})
	defer c.Close()
	nowhere := netip.MustParseAddrPort("192.0.2.1:9") // no way there from 127.0.0.1
	if _, err := udp.WriteToUDPAddrPort([]byte("x"), nowhere); err == nil {
		t.Fatal("the kernel sends from loopback to the world; the test tests nothing")
	}
	a, hangUp := c.Direct(nowhere)
	defer hangUp()
	for _, b := range [][]byte{[]byte("xy"), make([]byte, 1<<17)} {
		if n, err := c.WriteTo(b, a); n != len(b) || err != nil {
			t.Errorf("%d bytes: got %d, %v", len(b), n, err)
		}
	}
	c.Close()
	if _, err := c.WriteTo([]byte("x"), a); err == nil {
		t.Error("a closed conn sends")
	}
}

// Packets that leave again after some did not may leave from elsewhere: the peer is
// checked at once. While they leave it is not.
func TestUnstuck(t *testing.T) {
	c := New(Config{UDP: loopback(t), Direct: true, Log: slog.New(slog.DiscardHandler)})
	defer c.Close()
	nowhere, there := ap("192.0.2.1:9"), loopback(t).LocalAddr().(*net.UDPAddr).AddrPort()
	l, err := c.Attach(directAddr(nowhere), id.Peer{1}, [SecretSize]byte{1}, true)
	if err != nil {
		t.Fatal(err)
	}
	checking := func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		s := l.peer.set
		return s.cands[s.find(there)].step < len(round)
	}
	c.toPeer(l.peer, make([]byte, 100))
	c.mu.Lock()
	l.peer.set.begin(c.now(), there)
	l.peer.set.use(l.peer.set.find(there))
	c.mu.Unlock()
	if c.toPeer(l.peer, make([]byte, 100)); !checking() {
		t.Error("no check when packets left again")
	}
	c.mu.Lock()
	l.peer.set.cands[l.peer.set.find(there)].step = len(round)
	c.mu.Unlock()
	if c.toPeer(l.peer, make([]byte, 100)); checking() {
		t.Error("a check although packets left before")
	}
}
