package transport

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// That a packet was refused somewhere does not end the socket. Linux says so only
// if asked to; other systems do it unasked.
func TestRefusedPacketIsNoise(t *testing.T) {
	w := quicWorld(t)
	a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
	sc, err := a.net.(*quicNet).udp.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var set error
	if err := sc.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVERR, 1)
	}); err != nil || set != nil {
		t.Fatal(err, set)
	}
	closed := loopback(t)
	at := closed.LocalAddr().String()
	closed.Close()
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if _, err := a.Dial(ctx, b.key, []netip.AddrPort{netip.MustParseAddrPort(at)}); err == nil {
			t.Error("somebody answered")
		}
		cancel()
	}
	join(t, a, b)
}
