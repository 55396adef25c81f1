package path

import (
	"net"
	"net/netip"
	"slices"
)

const (
	maxAddrs  = 4 // a ticket holds no more (PROTOCOL.md §2)
	maxAddrs6 = 2 // nor more bytes than two of each take
)

// Addresses of the documentation blocks (RFC 5737, RFC 3849): nothing is sent to
// them, they only ask the kernel from which address it would send.
var outside = []string{"192.0.2.1:9", "[2001:db8::1]:9"}

// localAddrs returns where a socket bound to the given address can be reached, on a
// machine whose interfaces have the addresses found.
func localAddrs(bound netip.AddrPort, found []netip.Addr) []netip.AddrPort {
	bound = netip.AddrPortFrom(bound.Addr().Unmap(), bound.Port())
	if !bound.Addr().IsUnspecified() {
		return []netip.AddrPort{bound}
	}
	var out []netip.AddrPort
	for _, a := range pick(append(Outward(), found...), bound.Addr().Is4()) {
		out = append(out, netip.AddrPortFrom(a, bound.Port()))
	}
	return out
}

// Outward returns the addresses from which the kernel would send to the internet: none
// where there is no way to it, else at most one of each IP version. Nothing is sent.
// Among the many of a machine with containers these are the useful ones.
func Outward() []netip.Addr {
	var out []netip.Addr
	for _, to := range outside {
		c, err := net.Dial("udp", to)
		if err != nil {
			continue // no way out by this IP version
		}
		out = append(out, c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap())
		c.Close()
	}
	return out
}

// pick chooses from a machine's addresses, most preferred first: IPv4 before
// IPv6, within each LAN before global, within each the given order.
// Loopback counts only if there is nothing else.
func pick(all []netip.Addr, only4 bool) []netip.Addr {
	var good, link, loop []netip.Addr // link: of a network that gives no addresses (RFC 3927)
	for _, a := range all {
		a = a.Unmap().WithZone("")
		switch {
		case only4 && !a.Is4(), slices.Contains(good, a), slices.Contains(loop, a):
		case a.IsLoopback():
			loop = append(loop, a)
		case a.IsGlobalUnicast():
			good = append(good, a)
		case a.Is4() && a.IsLinkLocalUnicast() && !slices.Contains(link, a):
			link = append(link, a)
		}
	}
	if len(good) == 0 {
		good = link
	}
	if len(good) == 0 {
		good = loop
	}
	slices.SortStableFunc(good, func(a, b netip.Addr) int { return rank(a) - rank(b) })
	return cap4and6(good)
}

// rank orders addresses for pick.
func rank(a netip.Addr) int {
	r := 0
	if a.Is6() {
		r += 2
	}
	if !a.IsPrivate() {
		r++
	}
	return r
}

// cap4and6 cuts the list so that a ticket holds it, with place left for IPv6 if
// there is any.
func cap4and6(sorted []netip.Addr) []netip.Addr {
	split := slices.IndexFunc(sorted, netip.Addr.Is6)
	if split < 0 {
		return sorted[:min(len(sorted), maxAddrs)]
	}
	six := sorted[split:]
	six = six[:min(len(six), maxAddrs6)]
	four := sorted[:min(split, maxAddrs-len(six))]
	return slices.Concat(four, six)
}
