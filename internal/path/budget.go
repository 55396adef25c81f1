package path

import (
	"net/netip"
	"time"
)

// How many checks of addresses that may be nobody's leave in a second (PROTOCOL.md
// §8.2): whatever peers offer, nobody is flooded by our hand. Who uses its share up
// gets little more, so that a few cannot take what all need.
const (
	budgetPerIP   = 20
	budgetPerPeer = 60 // at once
	budgetRefill  = 6  // a second, of one peer's
	budgetAll     = 400
)

// A budget counts checks.
type budget struct {
	second time.Duration
	all    int
	ips    map[netip.Addr]int
}

// A share is what one peer has left of the budget.
type share struct {
	spent int
	at    time.Duration // when some of it came back last
}

// take reports whether one more check may go to ip now, for the sake of the peer
// whose share it is.
func (b *budget) take(now time.Duration, s *share, ip netip.Addr) bool {
	if second := now.Truncate(time.Second); second != b.second || b.ips == nil {
		b.second, b.all, b.ips = second, 0, make(map[netip.Addr]int)
	}
	if back := int(budgetRefill * (now - s.at) / time.Second); back > 0 {
		s.spent, s.at = max(s.spent-back, 0), now
	}
	if b.all >= budgetAll || s.spent >= budgetPerPeer || b.ips[ip] >= budgetPerIP {
		return false
	}
	b.all++
	s.spent++
	b.ips[ip]++
	return true
}
