package gossipsim

import (
	"time"

	"gossterm/gossip"
)

// Join has all peers join, one after the other and a pause apart, each through a
// random one of those before it.
func (s *Sim) Join(apart time.Duration) {
	if s.cfg.Beats {
		s.beats()
	}
	s.schedule(host)
	for i := 1; i < len(s.peers); i++ {
		s.enter(i, s.rng.IntN(i))
		s.Run(apart)
	}
}

// enter has one peer join through another.
func (s *Sim) enter(i, through int) {
	s.step(int32(i), gossip.Enter{Contact: gossip.Contact{Peer: Peer(through)}})
}

// Write has the host write a record of so many bytes. The first of all is where a
// log may start.
func (s *Sim) Write(size int) {
	r := gossip.Record{Seq: uint64(len(s.born)) + 1, Bytes: make([]byte, size)}
	if r.Seq == 1 {
		r.Part, r.Parts = 1, 1
	}
	s.born = append(s.born, s.now)
	s.payloads = append(s.payloads, 0)
	s.step(host, gossip.Append{Rec: r})
}

// Kill ends a share of the peers, never the host, all at once.
func (s *Sim) Kill(share float64) {
	order := s.rng.Perm(len(s.peers) - 1)
	for _, i := range order[:int(share*float64(len(s.peers)))] {
		s.die(i + 1)
	}
}

// die ends one peer: its neighbors see it after Detect.
func (s *Sim) die(i int) {
	p := &s.peers[i]
	p.dead = true
	for _, c := range p.links {
		s.q.push(entry{at: s.now + s.cfg.Detect, kind: down, from: int32(i), to: c.to, link: c.life})
	}
	p.links = nil
}

// reset ends all links of a living peer, which both ends see.
func (s *Sim) reset(i int) {
	for _, c := range s.peers[i].links {
		s.q.push(entry{at: s.now, kind: down, from: c.to, to: int32(i), link: c.life})
		s.q.push(entry{at: s.now + s.cfg.Detect, kind: down, from: int32(i), to: c.to, link: c.life})
	}
}

// suspectAfter is how long a link is silent until it is suspect (DESIGN.md §5).
const suspectAfter = 3 * time.Second

// Pause stops a peer for a while. Its links stay; the others call it suspect until
// it goes on, and finds what was sent to it.
func (s *Sim) Pause(i int, d time.Duration) {
	p := &s.peers[i]
	p.stuck = s.now + d
	for _, c := range p.links {
		if d > suspectAfter {
			s.q.push(entry{at: s.now + suspectAfter, kind: silent, from: int32(i), to: c.to, link: c.life})
			s.q.push(entry{at: p.stuck + s.latency(int32(i), c.to), kind: back, from: int32(i), to: c.to, link: c.life})
		}
	}
}

// hear tells a peer that a link is silent, or not any more.
func (s *Sim) hear(e *entry) {
	if has(&s.peers[e.to], e.from) != e.link {
		return
	}
	if e.kind == silent {
		s.step(e.to, gossip.LinkSilent{Peer: Peer(int(e.from))})
	} else {
		s.step(e.to, gossip.LinkBack{Peer: Peer(int(e.from))})
	}
}

// Alive returns how many peers live.
func (s *Sim) Alive() int {
	n := 0
	for i := range s.peers {
		if !s.peers[i].dead {
			n++
		}
	}
	return n
}

// Missed returns how many living peers have not got record seq.
func (s *Sim) Missed(seq int) int {
	n := 0
	for i := range s.peers {
		if p := &s.peers[i]; !p.dead && len(p.heads) < seq {
			n++
		}
	}
	return n
}

// RMR returns the redundancy of record seq: how often it was received by each but
// the host, less one. 0 is a perfect tree.
func (s *Sim) RMR(seq int) float64 {
	return float64(s.payloads[seq-1])/float64(s.Alive()-1) - 1
}

// Hops returns how many links the farthest living peer is from the host in the
// tree of the newest record.
func (s *Sim) Hops() int {
	n := 0
	for i := range s.peers {
		if p := &s.peers[i]; !p.dead && len(p.heads) > 0 {
			n = max(n, p.depth)
		}
	}
	return n
}

// Latencies returns how long each living peer waited for records from to last, in
// no particular order. What is missed is left out.
func (s *Sim) Latencies(from, last int) []time.Duration {
	var ds []time.Duration
	for i := range s.peers {
		p := &s.peers[i]
		for seq := from; i != host && !p.dead && seq <= min(last, len(p.heads)); seq++ {
			ds = append(ds, p.heads[seq-1]-s.born[seq-1])
		}
	}
	return ds
}
