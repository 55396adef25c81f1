package gossipsim

import (
	"slices"
	"time"
)

// How members come and go in churn.
const (
	churnFor   = 60 * time.Second
	churnShare = 0.01 // of the peers come each second, and as many go
)

// playChurn has members come and go while the host writes. Half of those who go
// say so, the others are seen to be gone by their silence.
func playChurn(o Options) (r Report) {
	s := session(o, true)
	s.gather()
	first, sent := len(s.born)+1, s.bytes
	rate := churnShare * float64(o.Nodes)
	s.poisson(rate, s.now+churnFor, func() { s.enter(s.add(), host) })
	s.poisson(rate, s.now+churnFor, s.goOne)
	s.Feed(churnFor)
	s.Run(grace)
	ds, missed := s.owed(first)
	r.rest(s)
	r.delays(ds)
	r.Missed = ptr(missed)
	r.BytesPerRecord = ptr(float64(s.bytes-sent) / float64(max(len(ds), 1)))
	return r
}

// poisson does something again and again, at a mean rate a second, until a time.
func (s *Sim) poisson(rate float64, until time.Duration, do func()) {
	gap := time.Duration(s.rng.ExpFloat64() / rate * float64(time.Second))
	if s.now+gap >= until {
		return
	}
	s.at(gap, func() {
		do()
		s.poisson(rate, until, do)
	})
}

// goOne ends a random member, in one of two ways.
func (s *Sim) goOne() {
	if s.Alive() < 2 {
		return
	}
	i := host
	for i == host || !s.lives(i) {
		i = s.rng.IntN(len(s.peers))
	}
	if s.rng.IntN(2) == 0 {
		s.leave(i)
	} else {
		s.die(i)
	}
}

// owed returns how long each record from first on took to each member that was in
// for grace when it was written and for grace after, in order, and how many of
// these deliveries were missed: also what a member went past.
func (s *Sim) owed(first int) (ds []time.Duration, missed int) {
	for i := 1; i < len(s.peers); i++ {
		p := &s.peers[i]
		if p.core == nil {
			continue
		}
		for seq := first; seq <= len(s.born); seq++ {
			born := s.born[seq-1]
			if born < p.joined+grace || p.dead && born > p.left-grace {
				continue
			}
			if at, ok := p.when(seq); ok {
				ds = append(ds, at-born)
			} else {
				missed++
			}
		}
	}
	slices.Sort(ds)
	return ds, missed
}
