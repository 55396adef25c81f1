package gossipsim

import (
	"math"
	"slices"
	"time"
)

// A taken is what a peer has had of the host's log, and when.
type taken struct {
	first int             // seq of the first record it was given, 0 if none
	times []time.Duration // when record first+i was taken, skipped if it was not
	depth int             // links to the host when the newest was taken
}

// skipped is the time of a record that a peer went past, to a newer snapshot.
const skipped = math.MinInt64

// through returns the seq of the newest record that is here, 0 if there is none.
func (t *taken) through() int { return t.first + len(t.times) - min(t.first, 1) }

// when returns when a record was taken, and whether it was.
func (t *taken) when(seq int) (time.Duration, bool) {
	if i := seq - t.first; t.first == 0 || i < 0 || i >= len(t.times) || t.times[i] == skipped {
		return 0, false
	}
	return t.times[seq-t.first], true
}

// grew notes that records came, and which were gone past.
func (p *peer) grew(now time.Duration, through uint64) {
	log := p.core.Log()
	from := through // the first of the new ones that are here
	for had := uint64(p.through()); from-1 > had; from-- {
		if _, ok := log.Get(from - 1); !ok {
			break
		}
	}
	if p.first == 0 {
		p.first = int(from)
	}
	for seq := p.first + len(p.times); seq <= int(through); seq++ {
		at := now
		if seq < int(from) {
			at = skipped
		}
		p.times = append(p.times, at)
	}
	p.depth = p.core.Stats().Depth
}

// Missed returns how many living peers have not got to record seq.
func (s *Sim) Missed(seq int) int {
	n := 0
	for i := range s.peers {
		if s.lives(i) && s.peers[i].through() < seq {
			n++
		}
	}
	return n
}

// RMR returns the redundancy of record seq: how often it was received by each but
// the host, less one. 0 is a perfect tree.
func (s *Sim) RMR(seq int) float64 {
	return float64(s.payloads[seq-1])/float64(max(s.Alive()-1, 1)) - 1
}

// depthUnknown is the depth of a peer that was given a record as repair and knows
// no parent.
const depthUnknown = 255

// Hops returns how many links the farthest living peer is from the host in the
// tree of the newest record, of those that know.
func (s *Sim) Hops() int {
	n := 0
	for i := range s.peers {
		if p := &s.peers[i]; s.lives(i) && p.through() > 0 && p.depth < depthUnknown {
			n = max(n, p.depth)
		}
	}
	return n
}

// Latencies returns how long each living peer waited for records from to last,
// in order. What is missed is left out.
func (s *Sim) Latencies(from, last int) []time.Duration {
	var ds []time.Duration
	for i := range s.peers {
		for seq := from; i != host && s.lives(i) && seq <= last; seq++ {
			if at, ok := s.peers[i].when(seq); ok {
				ds = append(ds, at-s.born[seq-1])
			}
		}
	}
	slices.Sort(ds)
	return ds
}
