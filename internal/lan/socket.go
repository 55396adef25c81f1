package lan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// maxFailures is how many times in a row a socket may fail to receive: some systems
// report so that an answer found nobody.
const maxFailures = 1000

// A socket is one UDP socket for questions, of one kind of addresses.
type socket struct {
	net.PacketConn
	v4 *ipv4.PacketConn // one of these is nil
	v6 *ipv6.PacketConn
}

// open opens a socket for each kind of addresses that this machine has, at the given
// port, 0 for any. A port that is not 0 is shared with all who open it so.
func open(port uint16) ([]socket, error) {
	cfg := net.ListenConfig{}
	if port != 0 {
		cfg.Control = shareAddress
	}
	var out []socket
	var failed []error
	for _, network := range []string{"udp4", "udp6"} {
		c, err := cfg.ListenPacket(context.Background(), network, fmt.Sprintf(":%d", port))
		if err != nil {
			failed = append(failed, err)
			continue
		}
		s := socket{PacketConn: c}
		if network == "udp4" {
			s.v4 = ipv4.NewPacketConn(c)
		} else {
			s.v6 = ipv6.NewPacketConn(c)
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, errors.Join(failed...)
	}
	return out, nil
}

// group returns where questions go on links of this socket's kind.
func (s socket) group() net.IP {
	if s.v4 != nil {
		return group4.AsSlice()
	}
	return group6.AsSlice()
}

// serves reports whether a link has addresses of this socket's kind.
func (s socket) serves(l link) bool { return s.v4 != nil && l.has4 || s.v6 != nil && l.has6 }

// join begins to hear what is asked on a link.
func (s socket) join(l link) error {
	g := &net.UDPAddr{IP: s.group()}
	if s.v4 != nil {
		return s.v4.JoinGroup(&l.Interface, g)
	}
	return s.v6.JoinGroup(&l.Interface, g)
}

// ask sends b to everybody on a link. Where one of the ways is not to be had another
// may be.
func (s socket) ask(l link, b []byte) error {
	if s.v6 != nil {
		if err := s.v6.SetMulticastInterface(&l.Interface); err != nil {
			return err
		}
		_, err := s.WriteTo(b, &net.UDPAddr{IP: s.group(), Port: port, Zone: l.Name})
		return err
	}
	err := s.v4.SetMulticastInterface(&l.Interface)
	if err == nil {
		_, err = s.WriteTo(b, &net.UDPAddr{IP: s.group(), Port: port})
	}
	if l.Flags&net.FlagBroadcast == 0 {
		return err
	}
	all := &net.UDPAddr{IP: broadcast.AsSlice(), Port: port}
	if _, e := s.v4.WriteTo(b, &ipv4.ControlMessage{IfIndex: l.Index}, all); e == nil {
		return nil
	}
	if _, e := s.WriteTo(b, all); e == nil { // where a packet cannot be told its way
		return nil
	}
	return err
}

// askHere sends b to this machine alone.
func (s socket) askHere(b []byte) error {
	here := netip.IPv6Loopback()
	if s.v4 != nil {
		here = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	_, err := s.WriteTo(b, net.UDPAddrFromAddrPort(netip.AddrPortFrom(here, port)))
	return err
}

// askAll sends b to everybody near and reports whether anything could be sent.
func askAll(socks []socket, b []byte) bool {
	sent := false
	ls := links()
	for _, s := range socks {
		for _, l := range ls {
			sent = s.serves(l) && s.ask(l, b) == nil || sent
		}
		sent = s.askHere(b) == nil || sent
	}
	return sent
}

// receive reads packets of at most most bytes until the socket is closed, and gives
// each to take, with whence it came.
func (s socket) receive(most int, take func(b []byte, from netip.AddrPort)) {
	buf := make([]byte, most+1) // a longer packet is cut, and then too long all the same
	for failed := 0; failed < maxFailures; {
		n, from, err := s.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		u, ok := from.(*net.UDPAddr)
		if err != nil || !ok {
			failed++
			continue
		}
		failed = 0
		a := u.AddrPort()
		take(slices.Clone(buf[:n]), netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
	}
}

func closeAll(socks []socket) {
	for _, s := range socks {
		s.Close()
	}
}
