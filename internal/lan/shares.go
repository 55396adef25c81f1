package lan

import (
	"net/netip"
	"sync"
)

// Places are so many, and of them so many of one address: nobody takes all.
type places struct {
	most, each int

	mu    sync.Mutex
	taken int
	by    map[netip.Addr]int
}

func newPlaces(most, each int) *places {
	return &places{most: most, each: each, by: make(map[netip.Addr]int)}
}

// take takes a place for an address, or reports false.
func (p *places) take(a netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken >= p.most || p.by[a] >= p.each {
		return false
	}
	p.taken++
	p.by[a]++
	return true
}

// give gives a place of an address back.
func (p *places) give(a netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.by[a]--; p.by[a] == 0 {
		delete(p.by, a)
	}
}

// maxShares is how many addresses are told apart by their rates.
const maxShares = 256
