package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// maxShown is how many addresses of a kind are shown: machines with containers have
// dozens.
const maxShown = 3

// shared is the block that providers use behind their own NATs (RFC 6598 §7).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// Addresses judges the addresses of a machine: all those of its interfaces, and those
// from which it would send to the internet.
func Addresses(all, outward []netip.Addr) Check {
	c := Check{Name: "addresses"}
	all = Usable(slices.Concat(outward, all)) // the useful ones first
	outward = Usable(outward)
	if len(all) == 0 {
		c.Status, c.Text = Fail, "none but this machine's own"
		c.Hint = "connect it to a network: only people on this machine can join"
		return c
	}
	c.Text = kinds(all)
	if len(outward) == 0 {
		c.Status = Warn
		c.Text += "; no way to the internet"
		c.Hint = "people on the same network can join, by the ticket or by the short name that 'gossterm host' shows; others cannot"
		return c
	}
	c.Text += "; to the internet from " + list(outward)
	return c
}

// Usable returns the addresses that others may reach, each once: not loopback, nor
// those of one link alone.
func Usable(all []netip.Addr) (out []netip.Addr) {
	for _, a := range all {
		a = a.Unmap().WithZone("")
		if a.IsGlobalUnicast() && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// Public reports whether a can be an address of the internet: not one of a LAN, of a
// provider's NAT, of a machine itself, or of one link.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

// kindOf says what kind of address a is.
func kindOf(a netip.Addr) string {
	switch {
	case a.Is4() && Public(a):
		return "public"
	case a.Is4() && shared.Contains(a):
		return "behind the provider's NAT"
	case a.Is4():
		return "LAN"
	case Public(a):
		return "IPv6"
	}
	return "IPv6 LAN"
}

// kinds lists addresses by their kind.
func kinds(all []netip.Addr) string {
	var parts []string
	for _, kind := range []string{"LAN", "behind the provider's NAT", "public", "IPv6", "IPv6 LAN"} {
		of := slices.DeleteFunc(slices.Clone(all), func(a netip.Addr) bool { return kindOf(a) != kind })
		if len(of) > 0 {
			parts = append(parts, kind+" "+list(of))
		}
	}
	return strings.Join(parts, ", ")
}

// list returns the first addresses, and how many more there are.
func list(all []netip.Addr) string {
	var words []string
	for _, a := range all[:min(len(all), maxShown)] {
		words = append(words, a.String())
	}
	s := strings.Join(words, " ")
	if n := len(all) - maxShown; n > 0 {
		s += fmt.Sprintf(" and %d more", n)
	}
	return s
}
