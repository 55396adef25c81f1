package gossipsim

import (
	"slices"
	"time"

	"gossterm/gossip"
)

// Join has all peers join, one after the other and a pause apart, each through a
// random one of those before it.
func (s *Sim) Join(apart time.Duration) {
	s.open()
	for i := 1; i < len(s.peers); i++ {
		s.enter(i, s.rng.IntN(i))
		s.Run(apart)
	}
}

// open begins what the host does by itself.
func (s *Sim) open() {
	if s.cfg.Beats {
		s.beats()
	}
	s.schedule(host)
}

// enter has one peer join through another.
func (s *Sim) enter(i, through int) {
	if s.peers[i].core == nil {
		s.start(i)
	}
	s.step(int32(i), gossip.Enter{Contact: gossip.Contact{Peer: Peer(through)}})
}

// Write has the host write a record of so many bytes. The first of all is where a
// log may start.
func (s *Sim) Write(size int) {
	r := gossip.Record{Bytes: make([]byte, size)}
	if len(s.born) == 0 {
		r.Part, r.Parts = 1, 1
	}
	s.write(r)
}

// Snapshot has the host write where a log may start, in parts.
func (s *Sim) Snapshot(parts, size int) {
	for k := range parts {
		s.write(gossip.Record{Part: uint16(k + 1), Parts: uint16(parts), Bytes: make([]byte, size)})
	}
}

func (s *Sim) write(r gossip.Record) {
	s.born = append(s.born, s.now)
	s.payloads = append(s.payloads, 0)
	r.Seq = uint64(len(s.born))
	s.step(host, gossip.Append{Rec: r})
}

// Kill ends a share of the peers, never the host, all at once.
func (s *Sim) Kill(share float64) {
	order := s.rng.Perm(len(s.peers) - 1)
	for _, i := range order[:int(share*float64(len(s.peers)))] {
		s.die(i + 1)
	}
}

// die ends one peer. Its neighbors see it after Detect, or by its silence.
func (s *Sim) die(i int) {
	p := &s.peers[i]
	p.dead, p.left = true, s.now
	for _, c := range p.links {
		if s.cfg.Silence {
			s.hush(int32(i), c)
		} else {
			s.q.push(entry{at: s.now + s.cfg.Detect, kind: down, from: int32(i), to: c.to, link: c.life})
		}
	}
	p.links = nil
}

// leave ends one peer that says so.
func (s *Sim) leave(i int) {
	s.step(int32(i), gossip.Leave{})
	p := &s.peers[i]
	for _, c := range slices.Clone(p.links) {
		s.hangUp(int32(i), c.to, down)
	}
	p.dead, p.left = true, s.now
}

// reset ends all links of a living peer, which both ends see.
func (s *Sim) reset(i int) {
	for _, c := range s.peers[i].links {
		s.q.push(entry{at: s.now, kind: down, from: c.to, to: int32(i), link: c.life})
		s.q.push(entry{at: s.now + s.cfg.Detect, kind: down, from: int32(i), to: c.to, link: c.life})
	}
}

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

// Alive returns how many peers live.
func (s *Sim) Alive() int {
	n := 0
	for i := range s.peers {
		if s.lives(i) {
			n++
		}
	}
	return n
}
