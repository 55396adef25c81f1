package transport

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

// A send that fails is a lost packet, except where quic-go learns by it.
func TestFailedSendIsLoss(t *testing.T) {
	s := newSocket(loopback(t))
	nowhere := &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 9} // no way there from 127.0.0.1
	if _, _, err := s.UDPConn.WriteMsgUDP([]byte("x"), nil, nowhere); err == nil {
		t.Fatal("the kernel sends from loopback to the world; the test tests nothing")
	}
	if n, _, err := s.WriteMsgUDP([]byte("xy"), nil, nowhere); n != 2 || err != nil {
		t.Errorf("WriteMsgUDP: %d, %v; want 2, nil", n, err)
	}
	if n, err := s.WriteTo([]byte("xy"), nowhere); n != 2 || err != nil {
		t.Errorf("WriteTo: %d, %v; want 2, nil", n, err)
	}
	self := s.LocalAddr().(*net.UDPAddr)
	if _, _, err := s.WriteMsgUDP(make([]byte, 1<<17), nil, self); !errors.Is(err, syscall.EMSGSIZE) {
		t.Errorf("a packet too long: %v, want EMSGSIZE", err)
	}
	s.Close()
	if _, _, err := s.WriteMsgUDP([]byte("x"), nil, self); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed socket: %v, want %v", err, net.ErrClosed)
	}
}

func TestLost(t *testing.T) {
	for _, e := range []syscall.Errno{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL,
		syscall.EPERM, syscall.EACCES, syscall.ENOBUFS, syscall.ENOMEM, syscall.EINVAL, syscall.ECONNREFUSED,
	} {
		if !lost(&net.OpError{Err: e}) {
			t.Errorf("%v ends the link", e)
		}
	}
	for _, e := range []error{nil, syscall.EMSGSIZE, syscall.EIO, net.ErrClosed} {
		if lost(e) {
			t.Errorf("%v is hidden from quic-go", e)
		}
	}
}
