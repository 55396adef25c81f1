// Package source tells apart where connections come from, so that none of those
// places takes what is there for all.
package source

import (
	"hash/maphash"
	"net/netip"

	"golang.org/x/time/rate"
)

// How much of an IPv6 address names a source. Whoever has one address of a Subnet
// has them all (RFC 4291 §2.5.1); one Line has up to a /56, one Site up to a /48
// (RFC 6177 §2).
const (
	Subnet = 64
	Line   = 56
	Site   = 48
)

// Of returns what counts as one source: an IPv4 address, or so many bits of an IPv6
// address. What is no address is one source of its own.
func Of(a netip.Addr, bits6 int) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = bits6
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// Rates limits what is done for each source, in bounded memory: it tells so many
// apart, and those that fall together share.
type Rates struct {
	seed   maphash.Seed
	limits []*rate.Limiter
}

// NewRates returns limits of each a second, and burst at once, that tell n sources
// apart.
func NewRates(n int, each rate.Limit, burst int) *Rates {
	r := &Rates{seed: maphash.MakeSeed(), limits: make([]*rate.Limiter, n)}
	for i := range r.limits {
		r.limits[i] = rate.NewLimiter(each, burst)
	}
	return r
}

// Allow reports whether it may be done for a source once more.
func (r *Rates) Allow(from netip.Prefix) bool {
	return r.limits[maphash.Comparable(r.seed, from)%uint64(len(r.limits))].Allow()
}
