package path

import (
	"errors"
	"net"
	"net/netip"

	"golang.org/x/sys/windows"
)

const (
	errTooLong = windows.WSAEMSGSIZE // the packet is longer than the link takes
	errNoPlace = windows.WSAENOBUFS  // the kernel has no place for it now
	errNetDown = windows.WSAENETDOWN
)

// An input reads a socket packet by packet: there are no batches on this system.
type input struct {
	udp *net.UDPConn
	buf []byte
}

func newInput(c *net.UDPConn) input { return input{udp: c, buf: make([]byte, maxPacket)} }

// next returns the next packet, valid until the next call, and whence it came. One
// that is too long is none.
func (in *input) next() ([]byte, netip.AddrPort, error) {
	n, from, err := in.udp.ReadFromUDPAddrPort(in.buf)
	if errors.Is(err, errTooLong) {
		return nil, from, nil
	}
	return in.buf[:max(n, 0)], from, err
}
