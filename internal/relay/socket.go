package relay

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
)

// A socket is a UDP socket on which a packet that cannot be sent is a lost packet:
// quic-go ends a connection at the first failing send, but a machine that changes its
// network has no route for a moment.
//
// It embeds the UDP socket so that quic-go finds what it needs for batches, ECN and
// segmentation offload.
type socket struct {
	*net.UDPConn
	sized atomic.Bool
}

var errNotYet = errors.New("the buffers are not set yet")

// SyscallConn fails until quic-go has set the sizes of both buffers. If it can look, it
// writes a remark to the standard logger when they are smaller than it likes, that is
// into somebody's terminal; if it cannot, it goes by what SetReadBuffer returns.
func (s *socket) SyscallConn() (syscall.RawConn, error) {
	if !s.sized.Load() {
		return nil, errNotYet
	}
	return s.UDPConn.SyscallConn()
}

// SetReadBuffer gets what the system gives, up to size.
func (s *socket) SetReadBuffer(size int) error {
	asMuchAs(size, s.UDPConn.SetReadBuffer)
	return nil
}

// SetWriteBuffer gets what the system gives, up to size. quic-go calls it last.
func (s *socket) SetWriteBuffer(size int) error {
	asMuchAs(size, s.UDPConn.SetWriteBuffer)
	s.sized.Store(true)
	return nil
}

// asMuchAs sets a size, or half of it where that is refused, and so on.
func asMuchAs(size int, set func(int) error) {
	const least = 64 << 10
	for ; size > least && set(size) != nil; size /= 2 {
	}
}

// WriteMsgUDP sends a packet, or several if oob says so.
func (s *socket) WriteMsgUDP(b, oob []byte, addr *net.UDPAddr) (n, oobn int, err error) {
	n, oobn, err = s.UDPConn.WriteMsgUDP(b, oob, addr)
	if errors.Is(err, syscall.EPERM) { // the first send may fail so on Linux: golang/go#63322
		n, oobn, err = s.UDPConn.WriteMsgUDP(b, oob, addr)
	}
	if lost(err) {
		return len(b), len(oob), nil
	}
	return n, oobn, err
}

// WriteTo sends a packet, on systems where quic-go does not use WriteMsgUDP.
func (s *socket) WriteTo(b []byte, addr net.Addr) (int, error) {
	n, err := s.UDPConn.WriteTo(b, addr)
	if lost(err) {
		return len(b), nil
	}
	return n, err
}

// ReadFrom receives a packet, on systems where quic-go does not read in batches. Windows
// says here that an earlier packet was refused, which says nothing about the socket.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, addr, err := s.UDPConn.ReadFrom(b)
		if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ECONNRESET) {
			return n, addr, err
		}
	}
}

// lost reports whether a failed send is a lost packet. All are but those by which
// quic-go learns something: the packet is too long for the path, the device has no
// segmentation offload (EIO), the socket is closed.
func lost(err error) bool {
	return err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, syscall.EMSGSIZE) && !errors.Is(err, syscall.EIO)
}
