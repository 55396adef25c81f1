package path

import (
	"net/netip"
	"slices"
	"time"
)

const (
	// strayEvery is the least time between two addresses that are checked because packets
	// with a peer's ID come from there: anybody on the way can send such.
	strayEvery = 200 * time.Millisecond
	// strayFor is how long after such a packet copies of ours go to where it came from.
	strayFor = time.Second
	// strayCredit is how many times as many bytes as came from an address may go there
	// before it has answered a check (RFC 9000 §8.1), strayMost how many at most.
	strayCredit = 3
	strayMost   = 64 << 10
)

// stray notes that a packet of so many bytes with the peer's ID came from an address
// that is no valid path, and has that checked. It reports whether it is.
func (s *set) stray(now time.Duration, a netip.AddrPort, size int) bool {
	recent := func(c candidate) bool {
		return c.addr != a && c.until == none && c.stray != none && now < c.stray+strayEvery
	}
	if slices.ContainsFunc(s.cands, recent) {
		return false
	}
	i := s.add(now, a, false)
	if i < 0 {
		return false
	}
	c := &s.cands[i]
	c.stray, c.credit = now, min(c.credit+strayCredit*size, strayMost)
	c.start(now)
	return true
}

// gone reports whether the peer has gone from the path in use to a candidate: packets
// came from there since the last that came that way.
func (s *set) gone(i int) bool {
	stray := s.cands[i].stray
	return stray != none && s.best >= 0 && s.heardAt < stray
}

// also returns where a packet of so many bytes goes beside the path in use, if anywhere:
// to where the peer seems to have gone, while that is checked.
func (s *set) also(now time.Duration, size int) (to netip.AddrPort) {
	for i := range s.cands {
		c := &s.cands[i]
		if i == s.best || c.until != none || !s.gone(i) || now >= c.stray+strayFor || c.credit < size {
			continue
		}
		c.credit -= size
		return c.addr
	}
	return to
}
