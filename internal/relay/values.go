package relay

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"gossterm/internal/id"
)

// maxValues is how many ways to a relay are printed at most.
const maxValues = 8

// Values returns how clients call the relay, best first: by the names in its
// certificate, by the address from which it would send to the internet, by the others
// of this machine.
func (s *Server) Values() []id.Relay {
	at := s.Addr()
	var out []id.Relay
	if s.leaf != nil {
		for _, name := range s.leaf.DNSNames {
			out = append(out, id.Relay{Place: strings.ToLower(name), Port: at.Port(), Token: s.cfg.Token})
		}
	}
	pin := id.PinOf(s.cfg.Secret.Peer())
	for _, ip := range places(at.Addr()) {
		out = append(out, id.Relay{Place: ip.String(), Port: at.Port(), Pin: pin, Pinned: true, Token: s.cfg.Token})
	}
	out = slices.DeleteFunc(out, func(r id.Relay) bool { return !r.Valid() }) // names with a star
	return out[:min(len(out), maxValues)]
}

// places returns the addresses of this machine that a socket bound to an address has:
// those from which it would send to the internet, then the others, and the loopback if
// there is nothing else.
func places(bound netip.Addr) []netip.Addr {
	bound = bound.Unmap().WithZone("")
	if !bound.IsUnspecified() {
		return []netip.Addr{bound}
	}
	out := outward()
	all, err := net.InterfaceAddrs()
	if err != nil {
		all = nil
	}
	var loop []netip.Addr
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, _ := netip.AddrFromSlice(n.IP)
		ip = ip.Unmap()
		switch {
		case ip.IsLoopback():
			loop = append(loop, ip)
		case ip.IsGlobalUnicast() && !slices.Contains(out, ip):
			out = append(out, ip)
		}
	}
	if len(out) == 0 {
		out = loop
	}
	if bound.Is4() {
		out = slices.DeleteFunc(out, netip.Addr.Is6)
	}
	return out
}

// outward returns the addresses from which packets to the internet would go: those of
// the documentation networks (RFC 5737, RFC 3849) are elsewhere. Nothing is sent.
func outward() (out []netip.Addr) {
	for _, to := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		c, err := net.Dial("udp", to)
		if err != nil {
			continue
		}
		if a := addrOf(c.LocalAddr()).Addr(); a.IsGlobalUnicast() {
			out = append(out, a)
		}
		c.Close()
	}
	return out
}
