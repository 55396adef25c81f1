package path

import (
	"net/netip"
	"time"

	"gossterm/internal/id"
)

// How many checks of addresses that may be nobody's leave in a second (PROTOCOL.md
// §8.2): whatever peers offer, nobody is flooded by our hand.
const (
	budgetPerIP   = 20
	budgetPerPeer = 60
	budgetAll     = 400
)

// A budget counts checks by the second.
type budget struct {
	second time.Duration
	all    int
	peers  map[id.Peer]int
	ips    map[netip.Addr]int
}

// take reports whether one more check may go to ip now, for the sake of a peer.
func (b *budget) take(now time.Duration, p id.Peer, ip netip.Addr) bool {
	if s := now.Truncate(time.Second); s != b.second || b.ips == nil {
		b.second, b.all, b.peers, b.ips = s, 0, make(map[id.Peer]int), make(map[netip.Addr]int)
	}
	if b.all >= budgetAll || b.peers[p] >= budgetPerPeer || b.ips[ip] >= budgetPerIP {
		return false
	}
	b.all++
	b.peers[p]++
	b.ips[ip]++
	return true
}
