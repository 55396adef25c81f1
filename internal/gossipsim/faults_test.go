package gossipsim

import (
	"testing"
	"time"
)

// faultSeeds is how many histories of random faults are played.
const faultSeeds = 25

// Whatever dies, stops, comes and goes: when it is quiet all the living have the
// log, in one overlay and one tree.
func TestRandomFaults(t *testing.T) {
	for seed := range uint64(faultSeeds) {
		s, n := New(Config{Nodes: 40, Seed: seed, Active: 4 + int(seed%4), Beats: true}), 20
		s.beats()
		for i := 1; i < n; i++ {
			s.enter(i, host) // a ticket names the host, and who made it
			s.enter(i, s.rng.IntN(i))
			s.Run(joinApart)
		}
		for range 60 {
			s.Write(streamSize)
			switch s.rng.IntN(12) {
			case 0:
				s.Pause(1+s.rng.IntN(n-1), time.Duration(s.rng.IntN(8000))*time.Millisecond)
			case 1:
				s.die(1 + s.rng.IntN(n-1))
			case 2, 3:
				if n < 40 {
					s.enter(n, host)
					n++
				}
			case 4:
				s.reset(1 + s.rng.IntN(n-1))
			}
			s.Run(time.Duration(s.rng.IntN(500)) * time.Millisecond)
		}
		for ; n < 40; n++ {
			s.enter(n, host)
		}
		s.Run(2 * cycle)
		for range settledAfter {
			s.Write(streamSize)
			s.Run(time.Second)
		}
		if seq := len(s.born); s.Missed(seq) != 0 || s.Rootless() != 0 {
			t.Errorf("seed %d: of %d living %d missed the newest record and %d have no way to the host",
				seed, s.Alive(), s.Missed(seq), s.Rootless())
		}
		most := 4 + int(seed%4)
		if err := s.Broken(most + 1); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if g := s.Graph(); g.Symmetric() != 1 || g.Components() != 1 {
			t.Errorf("seed %d: %.4f symmetric, %d components", seed, g.Symmetric(), g.Components())
		}
	}
}
