package gossipsim

import (
	"slices"
	"time"
)

// How a storm goes: all come within stormFor, and have to be at the head of the
// log, which is some records long, within stormLimit.
const (
	stormFor   = time.Second
	stormLimit = 60 * time.Second
	stormLook  = 100 * time.Millisecond // how often it is looked whether they are
	stormLog   = 25 * time.Second       // of records, before anybody comes
)

// playStorm has all peers join at once through the host. Its times are from a
// peer's join to being at the host's head; when all are, five records are spread.
// Missed are the peers that are not there in the end, and deliveries of the five.
func playStorm(o Options) (r Report) {
	s := session(o, false)
	s.open()
	s.Feed(stormLog)
	head := len(s.born)
	for i := 1; i < o.Nodes; i++ {
		s.at(time.Duration(s.rng.Int64N(int64(stormFor))), func() { s.enter(i, host) })
	}
	s.Run(stormFor)
	for end := s.now + stormLimit; s.Missed(head) > 0 && s.now < end; {
		s.Run(stormLook)
	}
	missed := s.Missed(head)
	components := s.Graph().Components()
	for range settledAfter {
		s.Write(streamSize)
		s.Run(time.Second)
	}
	s.Run(grace)
	for seq := head + 1; seq <= len(s.born); seq++ {
		missed += s.Missed(seq)
	}
	r.rest(s)
	r.Components = ptr(components)
	r.delays(s.sinceJoin(head))
	r.LDHMax, r.Missed = ptr(s.Hops()), ptr(missed)
	return r
}

// sinceJoin returns how long after its join each peer had a record, in order.
func (s *Sim) sinceJoin(seq int) []time.Duration {
	var ds []time.Duration
	for i := 1; i < len(s.peers); i++ {
		if at, ok := s.peers[i].when(seq); ok {
			ds = append(ds, at-s.peers[i].joined)
		}
	}
	slices.Sort(ds)
	return ds
}
