package transport

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/net/ipv4"
)

// A socket is a UDP socket on which a packet that cannot be sent is a lost packet.
//
// quic-go ends a connection at the first failing send, but a machine that changes
// its network has no route for a moment. It embeds the UDP socket so that quic-go
// still finds what it needs for batches, ECN and segmentation offload.
type socket struct {
	*net.UDPConn
	batch *ipv4.PacketConn // reads batches of either IP version
}

func newSocket(c *net.UDPConn) *socket {
	return &socket{UDPConn: c, batch: ipv4.NewPacketConn(c)}
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

// ReadBatch receives packets.
func (s *socket) ReadBatch(ms []ipv4.Message, flags int) (int, error) {
	for {
		n, err := s.batch.ReadBatch(ms, flags)
		if !noise(err) {
			return n, err
		}
	}
}

// ReadFrom receives a packet, on systems where quic-go does not use ReadBatch.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, addr, err := s.UDPConn.ReadFrom(b)
		if !noise(err) {
			return n, addr, err
		}
	}
}

// lost reports whether a failed send is a lost packet. All are, but for those
// by which quic-go learns something: the packet is too long for the path, or the
// device has no segmentation offload (EIO), or the socket is closed.
func lost(err error) bool {
	switch {
	case err == nil, errors.Is(err, net.ErrClosed), errors.Is(err, syscall.EMSGSIZE), errors.Is(err, syscall.EIO):
		return false
	}
	return true
}

// noise reports whether a failed receive only says that an earlier packet was
// refused somewhere: it says nothing about the socket.
func noise(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH)
}
