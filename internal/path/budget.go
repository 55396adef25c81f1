package path

import (
	"net/netip"
	"time"
)

// How many checks of addresses that may be nobody's leave in a second (PROTOCOL.md
// §8.2): whatever peers offer, nobody is flooded by our hand.
const (
	budgetPerIP = 20
	budgetAll   = 200
)

// A budget counts checks by the second.
type budget struct {
	second time.Duration
	all    int
	ips    map[netip.Addr]int
}

// take reports whether one more check may go to ip now.
func (b *budget) take(now time.Duration, ip netip.Addr) bool {
	if s := now.Truncate(time.Second); s != b.second || b.ips == nil {
		b.second, b.all, b.ips = s, 0, make(map[netip.Addr]int)
	}
	if b.all >= budgetAll || b.ips[ip] >= budgetPerIP {
		return false
	}
	b.all++
	b.ips[ip]++
	return true
}
