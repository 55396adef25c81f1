package path

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

const (
	// maxPacket is in bytes; no peer sends longer ones.
	maxPacket = 1500
	// fullPause is before the next receive when the kernel has no place for one.
	fullPause = 5 * time.Millisecond
)

// A socket is a UDP socket on which a packet that cannot be sent is a lost packet.
// It has one reader.
type socket struct {
	udp *net.UDPConn
	in  input

	mu      sync.Mutex
	until   time.Time // the reader's deadline as quic-go set it
	knocked bool      // wake was called
}

func newSocket(c *net.UDPConn) *socket { return &socket{udp: c, in: newInput(c)} }

// A fate is what became of a packet that was to be sent.
type fate uint8

const (
	gone  fate = iota // it is on its way
	lost              // it is too long for the link, or the kernel has no place for it now
	stuck             // this end cannot send there now
)

// send sends a packet.
func (s *socket) send(b []byte, to netip.AddrPort) fate {
	_, err := s.udp.WriteToUDPAddrPort(b, to)
	if errors.Is(err, syscall.EPERM) { // the first send may fail so on Linux: golang/go#63322
		_, err = s.udp.WriteToUDPAddrPort(b, to)
	}
	return fateOf(err)
}

// fateOf returns what an error says of the packet.
func fateOf(err error) fate {
	switch {
	case err == nil:
		return gone
	case errors.Is(err, errTooLong), full(err):
		return lost
	}
	return stuck
}

// full reports whether the kernel has no place now.
func full(err error) bool { return errors.Is(err, errNoPlace) || errors.Is(err, syscall.ENOMEM) }

// deadline sets when a read fails.
func (s *socket) deadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = t
	return s.udp.SetReadDeadline(t)
}

// knock makes a read that waits return errKnocked, or the next one.
func (s *socket) knock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.knocked = true
	_ = s.udp.SetReadDeadline(time.Unix(1, 0))
}

// answer reports whether a read failed because of a knock, and undoes it.
func (s *socket) answer() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.knocked {
		return false
	}
	s.knocked = false
	_ = s.udp.SetReadDeadline(s.until)
	return true
}

// errKnocked reports that there is something to read elsewhere.
var errKnocked = errors.New("knocked")

// read returns the next packet, valid until the next call, and whence it came.
func (s *socket) read() ([]byte, netip.AddrPort, error) {
	for {
		b, from, err := s.in.next()
		switch {
		case err == nil:
			return b, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), nil
		case full(err):
			time.Sleep(fullPause)
		case noise(err):
		case s.answer():
			return nil, netip.AddrPort{}, errKnocked
		default:
			return nil, netip.AddrPort{}, err
		}
	}
}

// noise reports whether a failed receive only says that an earlier packet was
// refused somewhere: it says nothing about the socket.
func noise(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) ||
		errors.Is(err, errNetDown)
}
