package path

import (
	"net"
	"net/netip"
	"testing"
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
