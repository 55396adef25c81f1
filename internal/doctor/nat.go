package doctor

import (
	"fmt"
	"net/netip"
	"slices"
)

// A NAT says what stands between this machine and the internet, as far as relays show
// it.
type NAT uint8

// The kinds of NAT (RFC 4787 §4.1).
const (
	NATUnknown   NAT = iota // nobody said
	NATNear                 // who said is on a network of ours: that says nothing of the internet
	NATNone                 // others see the own address
	NATSome                 // there is one; of what kind, one place alone cannot tell
	NATSteady               // mapping does not depend on whom we send to: others can be told where we are
	NATSymmetric            // each sees another port
)

// A Seen is what one relay said about how we look.
type Seen struct {
	By netip.AddrPort // where the relay was asked
	At netip.AddrPort // whence the question came, as it saw it
}

// NATOf says what a socket at a port, on a machine with the addresses own, is behind.
// What was seen over IPv4 counts, else what was over IPv6.
func NATOf(own []netip.Addr, port uint16, seen []Seen) NAT {
	if k := natOf(own, port, only(seen, netip.Addr.Is4)); k != NATUnknown {
		return k
	}
	return natOf(own, port, only(seen, netip.Addr.Is6))
}

// only returns what was seen over one IP version.
func only(seen []Seen, version func(netip.Addr) bool) (out []Seen) {
	for _, s := range seen {
		s = Seen{unmapped(s.By), unmapped(s.At)}
		if s.At.IsValid() && version(s.At.Addr()) {
			out = append(out, s)
		}
	}
	return out
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// natOf is NATOf for one IP version.
func natOf(own []netip.Addr, port uint16, seen []Seen) NAT {
	var mapped []Seen // by those on the other side of a NAT
	kind := NATUnknown
	for _, s := range seen {
		switch straight := s.At.Port() == port && slices.Contains(own, s.At.Addr()); {
		case straight && !Public(s.At.Addr()):
			kind = max(kind, NATNear)
		case straight:
			kind = NATNone
		default:
			mapped = append(mapped, s)
		}
	}
	if len(mapped) > 0 {
		return mapping(mapped)
	}
	return kind
}

// mapping says what the views from the other side of a NAT show together. That a NAT
// maps alike shows only to two machines: to two ports of one it may by chance.
func mapping(seen []Seen) NAT {
	kind := NATSome
	for _, s := range seen[1:] {
		switch {
		case s.At != seen[0].At:
			return NATSymmetric
		case s.By.Addr() != seen[0].By.Addr():
			kind = NATSteady
		}
	}
	return kind
}

// Check says what a NAT means. Asked is whether there was a relay to ask.
func (n NAT) Check(seen []Seen, asked bool) Check {
	c := Check{Name: "nat"}
	switch n {
	case NATUnknown:
		c.Status = Warn
		c.Text, c.Hint = "unknown: no relay to ask", "give --relay, twice to tell the kind of NAT"
		if asked {
			c.Text, c.Hint = "unknown: no relay answers by UDP", "see the relays above"
		}
	case NATNear:
		c.Text = "none on the way to the relay, which is on a network of yours; of the internet that says nothing"
	case NATNone:
		c.Text = "none: others see your own address, " + seenAt(seen) + "; a firewall may still keep them out"
	case NATSome:
		c.Text = fmt.Sprintf("there is one: others see %s; a second relay on another machine would show of what kind", seenAt(seen))
	case NATSteady:
		c.Text = fmt.Sprintf("direct connections are likely: all relays see %s", seenAt(seen))
	case NATSymmetric:
		c.Status = Warn
		c.Text = fmt.Sprintf("each relay sees another address or port (%s): through a relay, unless the other side is open", seenAt(seen))
		c.Hint = "have a relay; a port forwarded on the router and given to 'gossterm host --listen' works, too"
	}
	return c
}

// seenAt lists the addresses that were seen, each once.
func seenAt(seen []Seen) string {
	var at []netip.AddrPort
	s := ""
	for _, v := range seen {
		if a := unmapped(v.At); !slices.Contains(at, a) {
			if len(at) > 0 {
				s += " "
			}
			at = append(at, a)
			s += a.String()
		}
	}
	return s
}
