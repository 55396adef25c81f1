package gossipsim

import (
	"slices"
	"time"
)

// How a partition goes: whole, in two parts, and whole again, while the host
// writes.
const (
	wholeFor = 5 * time.Second
	partFor  = 30 * time.Second
	healFor  = 10 * time.Second
)

// playPartition cuts off half of the peers, not the host, for a while. Its times
// are how long after healing each of them had all that was written until then.
// Missed are the records that a peer had not, nor went past to a newer snapshot,
// grace after they were written, or grace after healing.
func playPartition(o Options) (r Report) {
	s := session(o, false)
	s.gather()
	first := len(s.born) + 1
	s.Feed(wholeFor)
	far := s.rng.Perm(o.Nodes - 1)[:(o.Nodes-1)/2]
	for i := range far {
		far[i]++ // not the host
	}
	s.Cut(far)
	s.Feed(partFor)
	s.Heal()
	healed, head := s.now, len(s.born)
	s.Feed(healFor)
	s.Run(grace)
	var ds []time.Duration
	for _, i := range far {
		if at, ok := s.peers[i].when(head); ok {
			ds = append(ds, at-healed)
		}
	}
	slices.Sort(ds)
	r.rest(s)
	r.delays(ds)
	r.LDHMax, r.Missed = ptr(s.Hops()), ptr(s.late(first, healed))
	return r
}

// late counts the records from first on that a peer had not in time: grace after
// they were written, or after what kept them away was over.
func (s *Sim) late(first int, over time.Duration) int {
	n := 0
	for i := range s.peers {
		p := &s.peers[i]
		for seq := first; s.lives(i) && seq <= len(s.born); seq++ {
			at, ok := p.when(seq)
			switch {
			case !ok && seq < p.through(): // superseded
			case !ok || at > max(s.born[seq-1], over)+grace:
				n++
			}
		}
	}
	return n
}
