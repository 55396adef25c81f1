package gossipsim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gossterm/gossip"
)

// paper returns the setting of the HyParView and Plumtree papers: views of 5 and
// 30, and all links equal.
func paper(n int, seed uint64) Config {
	return Config{Nodes: n, Seed: seed, Active: 5, Passive: 30, Paper: true, Hop: hop}
}

// settled returns an overlay after some cycles of shuffles.
func settled(cfg Config, cycles int) *Sim {
	s := New(cfg)
	s.Join(joinApart)
	s.Run(time.Duration(cycles) * cycle)
	return s
}

// sound fails the test if the overlay is not what it must be when all is quiet.
func sound(t *testing.T, s *Sim, most int) {
	t.Helper()
	if err := s.Broken(most); err != nil {
		t.Error(err)
	}
	g := s.Graph()
	if got := g.Symmetric(); got != 1 {
		t.Errorf("%.4f of the relations have both sides, want all", got)
	}
	if got := g.Components(); got != 1 {
		t.Errorf("%d parts without a way to each other, want 1", got)
	}
}

// The HyParView paper's overlay and flood, the Plumtree paper's single sender.
func TestThePapersFigures(t *testing.T) {
	s := settled(paper(paperNodes, 1), 20)
	sound(t, s, 5)
	if mean, least, _ := s.Graph().Degrees(); mean < 4.95 || least < 2 {
		t.Errorf("%.3f neighbors on average and %d at least, want nearly 5 and 2", mean, least)
	}
	s.Write(treeSize)
	s.Run(between)
	far := 0
	for _, d := range s.Graph().distances(host) {
		far = max(far, d)
	}
	if got := s.Hops(); got != far {
		t.Errorf("the flood took %d hops, want the %d of the shortest way", got, far)
	}
	for seq := 2; seq <= 10; seq++ {
		s.Write(treeSize)
		s.Run(quick)
		if rmr := s.RMR(seq); seq >= settledAfter && rmr > 0.001 {
			t.Errorf("record %d: RMR %.4f, want at most 0.001", seq, rmr)
		}
		if got := s.Missed(seq); got != 0 {
			t.Errorf("record %d: %d missed", seq, got)
		}
	}
	if got := s.Hops(); got > far+1 {
		t.Errorf("last delivery after %d hops, want at most the flood's %d and 1", got, far)
	}
	if got := s.Rootless(); got != 0 {
		t.Errorf("%d peers have no way to the host in the tree", got)
	}
}

// After a mass death was seen, every survivor gets the first record.
func TestSurvivorsGetTheFirstRecordAfterDetection(t *testing.T) {
	for _, share := range []float64{0.1, 0.3, 0.5} {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			s := settled(paper(paperNodes, 2), 10)
			for range settledAfter {
				s.Write(treeSize)
				s.Run(between)
			}
			s.Kill(share)
			s.Run(detected)
			for range 6 {
				s.Write(treeSize)
				s.Run(between)
				if seq := len(s.born); s.Missed(seq) != 0 {
					t.Errorf("record %d: %d of %d survivors missed it", seq, s.Missed(seq), s.Alive())
				}
			}
			if rmr := s.RMR(len(s.born)); rmr > 0.05 {
				t.Errorf("RMR %.4f of the sixth record, want the tree mended", rmr)
			}
			sound(t, s, 5)
			if got := s.Rootless(); got != 0 {
				t.Errorf("%d peers have no way to the host in the tree", got)
			}
		})
	}
}

// Equal seeds give equal histories, different ones do not.
func TestOneSeedOneHistory(t *testing.T) {
	history := func(seed uint64) uint64 {
		s := New(Config{Nodes: 60, Seed: seed, Beats: true, Trace: true})
		s.Join(joinApart)
		s.Run(2 * cycle)
		for i := range 20 {
			s.Write(streamSize)
			if i == 10 {
				s.Kill(0.2)
			}
			s.Run(100 * time.Millisecond)
		}
		s.Run(cycle)
		return s.Trace()
	}
	for seed := range uint64(4) {
		if a, b := history(seed), history(seed); a != b {
			t.Errorf("seed %d: two histories: a clock or a map order leaked in", seed)
		}
	}
	if history(1) == history(2) {
		t.Error("two seeds, one history: the seed is not used")
	}
}

// Joiners that can reach the host alone all get in, whatever the host's target.
func TestNobodyIsShutOut(t *testing.T) {
	s := New(Config{Nodes: 13, Seed: 1, Active: 2, Beats: true, Reach: func(_, to int) bool { return to == host }})
	s.beats()
	for i := 1; i < 13; i++ {
		s.enter(i, host)
		s.Run(joinApart)
	}
	s.Run(cycle)
	for range 3 {
		s.Write(treeSize)
		s.Run(time.Second)
	}
	if got := s.Missed(3); got != 0 {
		t.Errorf("%d of 12 missed the third record", got)
	}
}

// A host of small degree is not loaded by how many there are: others carry on.
func TestTheHostServesAFew(t *testing.T) {
	s := New(Config{Nodes: 11, Seed: 1, HostActive: 2, Beats: true})
	s.beats()
	for i := 1; i < 11; i++ {
		s.enter(i, host)
		s.Run(500 * time.Millisecond)
	}
	s.Run(5 * time.Second)
	for range settledAfter {
		s.Write(treeSize)
		s.Run(time.Second)
	}
	if got := len(s.peers[host].core.Active()); got != 2 {
		t.Errorf("the host has %d neighbors, want 2", got)
	}
	if got := s.Missed(settledAfter); got != 0 || s.Hops() < 2 {
		t.Errorf("%d missed, the last got it after %d hops; want 0, and 2 or more", got, s.Hops())
	}
}

// Where peers can reach each other the host's degree comes back to its target.
func TestAStormThroughOneContact(t *testing.T) {
	s := New(Config{Nodes: 100, Seed: 1, Active: 4, Beats: true})
	s.beats()
	for i := 1; i < 100; i++ {
		s.enter(i, host)
	}
	s.Run(5 * time.Second)
	s.Write(treeSize)
	s.Run(time.Second)
	if got := s.Missed(1); got != 0 {
		t.Errorf("%d missed the record 5 s after the storm", got)
	}
	s.Run(2 * cycle)
	sound(t, s, 4)
}

// A peer that was cut off, with neighbors that are all dead, comes back through
// the ticket's contact when it misses the beat.
func TestIslandsComeBack(t *testing.T) {
	cut := true
	island := func(i int) bool { return i >= 10 }
	s := New(Config{Nodes: 20, Seed: 3, Active: 4, Beats: true,
		Reach: func(from, to int) bool { return !cut || island(from) == island(to) }})
	s.beats()
	for i := 1; i < 20; i++ {
		if i == 10 {
			s.enter(i, host) // in vain
			continue
		}
		s.enter(i, i/10*10)
	}
	s.Run(10 * time.Second)
	if got := s.Graph().Components(); got != 2 {
		t.Fatalf("%d parts, want the two that cannot reach each other", got)
	}
	cut = false
	s.Run(2 * 10 * time.Second)
	s.Write(treeSize)
	s.Run(time.Second)
	if got := s.Missed(1); got != 0 {
		t.Errorf("%d missed what was written after the cut was healed", got)
	}
	sound(t, s, 5)
}

// Who joins late gets the log from a member, not from the host alone, and all of
// it from where it may start.
func TestALateJoinerGetsTheLog(t *testing.T) {
	s := New(Config{Nodes: 31, Seed: 4, Active: 4, Beats: true})
	s.beats()
	for i := 1; i < 30; i++ {
		s.enter(i, s.rng.IntN(i))
		s.Run(joinApart)
	}
	s.Run(5 * time.Second) // who joined through one that was not in yet comes back
	for range 50 {
		s.Write(streamSize)
		s.Run(20 * time.Millisecond)
	}
	s.Run(time.Second)
	if got := s.Missed(50); got != 0 {
		t.Fatalf("%d have not got the newest record", got)
	}
	s.enter(30, 17)
	s.Run(2 * time.Second)
	if got := s.Missed(50); got != 0 {
		t.Errorf("%d have not got the newest record", got)
	}
	log := s.peers[30].core.Log()
	if log.Start() != 1 || log.Head() != 50 {
		t.Errorf("the late one's log starts at %d and ends at %d, want 1 and 50", log.Start(), log.Head())
	}
}

// Peers that stop, parents among them, cost the others no record, and have all
// when they go on.
func TestWhoStopsHoldsNobodyUp(t *testing.T) {
	for _, pause := range []time.Duration{2 * time.Second, 10 * time.Second} {
		for seed := range uint64(5) {
			s := New(Config{Nodes: 60, Seed: seed, Active: 5, Beats: true})
			s.Join(joinApart)
			s.Run(cycle)
			s.Write(streamSize)
			s.Run(time.Second)
			for i := 1; i < 60; i += 6 {
				s.Pause(i, pause)
			}
			for range 20 {
				s.Write(streamSize)
				s.Run(50 * time.Millisecond)
			}
			s.Run(900 * time.Millisecond) // long before anybody is suspect
			if seq := len(s.born); s.Missed(seq) > 10 {
				t.Errorf("seed %d, paused for %v: %d missed record %d, want the 10 that stand still", seed, pause, s.Missed(seq), seq)
			}
			s.Run(pause + 4*time.Second)
			if seq := len(s.born); s.Missed(seq) != 0 {
				t.Errorf("seed %d: %d do not have record %d, 5 s after all go on", seed, s.Missed(seq), seq)
			}
			s.Run(2 * cycle)
			sound(t, s, 6)
		}
	}
}

// Equal payloads are different records: each comes to each peer exactly as fast
// as if they all were different.
func TestEqualPayloadsAreDifferentRecords(t *testing.T) {
	taken := func(seed uint64, payload func(i int) []byte) (all [][]time.Duration) {
		s := New(Config{Nodes: 30, Seed: seed, Beats: true})
		s.Join(joinApart)
		s.Run(cycle)
		s.Write(treeSize)
		for i := range 20 {
			s.write(gossip.Record{Bytes: payload(i)})
			if i == 10 {
				s.Kill(0.1)
			}
			s.Run(10 * time.Millisecond)
		}
		s.Run(time.Second)
		for i := range s.peers {
			all = append(all, s.peers[i].times)
		}
		if got := s.Missed(21); got != 0 {
			t.Errorf("seed %d: %d missed the last", seed, got)
		}
		return all
	}
	for seed := range uint64(3) {
		equal := taken(seed, func(int) []byte { return []byte("l") })
		other := taken(seed, func(i int) []byte { return []byte{byte(i)} })
		for i := range equal {
			if !slices.Equal(equal[i], other[i]) || len(equal[i]) == 0 && i != host {
				t.Errorf("seed %d, peer %d: taken at %v after equal payloads, at %v after different ones", seed, i, equal[i], other[i])
			}
		}
	}
}

func BenchmarkGraph(b *testing.B) {
	events := 0
	for b.Loop() {
		events += settled(paper(1000, 1), 10).Events()
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
