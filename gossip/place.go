package gossip

import "gossterm/internal/id"

// A Place is where a peer is in the tree, as far as it knows.
type Place struct {
	Parent    id.Peer // whom the log comes from, zero if nobody
	Depth     int     // links to the host, 255 if unknown
	Through   uint64  // the log is here through this seq
	Neighbors []Neighborhood
}

// A Neighborhood is what a peer knows of one neighbor.
type Neighborhood struct {
	Peer    id.Peer
	Eager   bool   // the log is pushed to it
	Child   bool   // it says that it has the log from here
	Through uint64 // it has the log through this seq, at least
	Degree  int    // neighbors it says it has, 255 if more
	Depth   int    // its links to the host, 255 if unknown
}

// Held returns what waits and is not in the log yet: records beyond a gap and being
// checked, and the bytes of both.
func (s *State) Held() (records, bytes int) {
	return len(s.ahead) + len(s.pending), s.aheadOf + s.checkOf
}

// Place returns where this peer is in the tree, its neighbors in the order they
// came.
func (s *State) Place() Place {
	p := Place{Parent: s.Parent(), Depth: s.depth, Through: s.log.Head()}
	for _, l := range s.active {
		p.Neighbors = append(p.Neighbors, Neighborhood{l.Peer, l.push, l.childOf == s.cfg.Self, l.have, int(l.degree), int(l.depth)})
	}
	return p
}
