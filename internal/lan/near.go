package lan

import (
	"net"
	"net/netip"
	"slices"
)

// maxInterfaces bounds how many interfaces are used; machines with more have them for
// containers.
const maxInterfaces = 64

// near reports whether a is this machine's or in one of its networks, as the
// interfaces are now.
func near(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return false
	}
	if a.IsLoopback() || a.IsLinkLocalUnicast() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(addrs, func(own net.Addr) bool {
		p, ok := prefixOf(own)
		return ok && p.Bits() > 0 && p.Contains(a)
	})
}

// prefixOf returns the network of an interface's address.
func prefixOf(a net.Addr) (netip.Prefix, bool) {
	n, ok := a.(*net.IPNet)
	if !ok {
		return netip.Prefix{}, false
	}
	addr, ok := netip.AddrFromSlice(n.IP)
	ones, size := n.Mask.Size()
	if !ok || size == 0 {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap()
	return netip.PrefixFrom(addr, ones-(size-addr.BitLen())).Masked(), true
}

// A link is an interface that questions can go out and come in by.
type link struct {
	net.Interface
	has4, has6 bool // it has an address of that kind
}

// links returns the interfaces that are up, have an address, and know multicast or are
// the machine's own, which is all there is without a network.
func links() []link {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var out []link
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&(net.FlagMulticast|net.FlagLoopback) == 0 || len(out) == maxInterfaces {
			continue
		}
		l := link{Interface: i}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if p, ok := prefixOf(a); ok {
				l.has4 = l.has4 || p.Addr().Is4()
				l.has6 = l.has6 || p.Addr().Is6()
			}
		}
		if l.has4 || l.has6 {
			out = append(out, l)
		}
	}
	return out
}
