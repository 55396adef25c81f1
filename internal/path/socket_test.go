package path

import (
	"net"
	"net/netip"
	"os"
	"syscall"
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

// What a failed send says: only who cannot send at all tries again.
func TestFate(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want fate
	}{
		{nil, gone},
		{errTooLong, lost},
		{errNoPlace, lost},
		{syscall.ENOMEM, lost},
		{syscall.ENETUNREACH, stuck},
		{syscall.EADDRNOTAVAIL, stuck},
	} {
		err := tt.err
		if err != nil {
			err = &net.OpError{Op: "write", Net: "udp", Err: os.NewSyscallError("sendto", err)}
		}
		if got := fateOf(err); got != tt.want {
			t.Errorf("%v: got %v", err, got)
		}
	}
}

// A receive that fails for a moment does not end the socket.
func TestNoise(t *testing.T) {
	for _, err := range []error{syscall.ECONNREFUSED, errNetDown, errNoPlace, syscall.ENOMEM} {
		if err := (&net.OpError{Op: "read", Net: "udp", Err: os.NewSyscallError("recvfrom", err)}); !noise(err) && !full(err) {
			t.Errorf("%v ends it", err)
		}
	}
	if noise(net.ErrClosed) || full(net.ErrClosed) {
		t.Error("a closed socket is read on")
	}
}
