package gossipsim

import "time"

// The log of the scenarios that are like a session: records at the rate of
// somebody who works, and snapshots, so that newcomers have where to start.
const (
	liveRate      = 20  // records a second
	snapshotEvery = 250 // records
	snapshotParts = 3
	snapshotPart  = 4 << 10 // bytes of a part
	grace         = 5 * time.Second
	quietFor      = 3 * cycle / 2 // after which everybody has shuffled, and so heard who is no neighbor
)

// session returns a host with a snapshot in its log, and nobody else yet. Deaths
// are seen by silence alone.
func session(o Options, bytes bool) *Sim {
	s := New(Config{Nodes: o.Nodes, Seed: o.Seed, Active: o.Active, Passive: o.Passive,
		Beats: true, Silence: true, Bytes: bytes, Trace: o.Trace})
	s.Snapshot(snapshotParts, snapshotPart)
	return s
}

// rest lets all come to rest and measures the overlay.
func (r *Report) rest(s *Sim) {
	s.Run(quietFor)
	r.shape(s)
}

// gather has all peers join through the host, whom their tickets name, and the
// overlay settle.
func (s *Sim) gather() {
	s.open()
	for i := 1; i < len(s.peers); i++ {
		s.enter(i, host)
		s.Run(joinApart)
	}
	s.Run(streamCycles * cycle)
}

// Feed has the host write records at a steady rate for a while, and a snapshot
// now and then.
func (s *Sim) Feed(d time.Duration) {
	for end := s.now + d; s.now < end; s.Run(time.Second / liveRate) {
		s.Write(streamSize)
		if len(s.born)%snapshotEvery == 0 {
			s.Snapshot(snapshotParts, snapshotPart)
		}
	}
}
