package gossipsim

import "time"

// How a mass death goes. Up to manyDie the overlay holds together by itself; above
// it leaves islands, which only coming back through the ticket's contact ends.
const (
	detected     = 100 * time.Millisecond // after a death: all have seen it
	manyDie      = 0.85
	backAfter    = 5 * time.Second // after a death: all are to be back
	rejoinCycles = 10
)

// playFail kills peers and counts what is missed: from the first record after the
// death was seen, or, if so many die that peers have to come back, after backAfter.
func playFail(o Options) (r Report) {
	if o.Kill >= manyDie {
		return playRejoin(o)
	}
	s := overlay(o, paperCycles)
	s.spread(settledAfter, quick)
	s.Kill(o.Kill)
	s.Run(detected)
	r.after(s)
	return r
}

// playRejoin is playFail with beats: who misses them comes back through the host,
// through which it joined.
func playRejoin(o Options) (r Report) {
	s := New(Config{Nodes: o.Nodes, Seed: o.Seed, Active: o.Active, Passive: o.Passive,
		Paper: true, Hop: hop, Beats: true, Trace: o.Trace})
	s.open()
	for i := 1; i < o.Nodes; i++ {
		s.enter(i, host)
		s.Run(joinApart)
	}
	s.Run(rejoinCycles * cycle)
	s.spread(settledAfter, quick)
	s.Kill(o.Kill)
	s.Run(backAfter)
	r.after(s)
	return r
}

// after measures the survivors.
func (r *Report) after(s *Sim) {
	rmr, ldh, missed := s.spread(broadcasts, between)
	r.shape(s)
	r.RMR, r.LDHMax, r.Missed = ptr(rmr), ptr(ldh), ptr(missed)
}
