package lan

import (
	"hash/maphash"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
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

// maxShares is how many addresses are told apart by their rates; those that fall
// together share.
const maxShares = 256

// A shareRate limits what is done for each address, in bounded memory.
type shareRate struct {
	seed   maphash.Seed
	limits [maxShares]*rate.Limiter
}

func newShareRate(each rate.Limit, burst int) *shareRate {
	r := &shareRate{seed: maphash.MakeSeed()}
	for i := range r.limits {
		r.limits[i] = rate.NewLimiter(each, burst)
	}
	return r
}

// allow reports whether it may be done for an address once more.
func (r *shareRate) allow(a netip.Addr) bool {
	return r.limits[maphash.Comparable(r.seed, a)%maxShares].Allow()
}
