//go:build !windows

package path

import (
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/net/ipv4"
)

const (
	errTooLong = syscall.EMSGSIZE // the packet is longer than the link takes
	errNoPlace = syscall.ENOBUFS  // the kernel has no place for it now
	errNetDown = syscall.ENETDOWN
)

// batchSize is how many packets are read at once.
const batchSize = 8

// An input reads a socket in batches.
type input struct {
	batch *ipv4.PacketConn // reads either IP version
	ms    []ipv4.Message
	left  []ipv4.Message // read and not given out yet
}

func newInput(c *net.UDPConn) input {
	in := input{batch: ipv4.NewPacketConn(c), ms: make([]ipv4.Message, batchSize)}
	for i := range in.ms {
		in.ms[i].Buffers = [][]byte{make([]byte, maxPacket)}
	}
	return in
}

// next returns the next packet, valid until the next call, and whence it came.
func (in *input) next() ([]byte, netip.AddrPort, error) {
	if len(in.left) == 0 {
		n, err := in.batch.ReadBatch(in.ms, 0)
		if err != nil {
			return nil, netip.AddrPort{}, err
		}
		in.left = in.ms[:n]
	}
	m := &in.left[0]
	in.left = in.left[1:]
	from, _ := m.Addr.(*net.UDPAddr)
	if from == nil {
		return nil, netip.AddrPort{}, nil
	}
	return m.Buffers[0][:m.N], from.AddrPort(), nil
}
