package gossipsim

import (
	"slices"

	"gossterm/gossip"
)

// connect makes a link, unless there is one by now.
func (s *Sim) connect(from, to int32) {
	p := &s.peers[to]
	if s.peers[from].dead || has(p, from) != 0 || has(&s.peers[from], to) != 0 {
		return
	}
	s.lives++
	life := s.lives
	p.links = append(p.links, conn{from, life})
	s.peers[from].links = append(s.peers[from].links, conn{to, life})
	s.q.push(entry{at: s.now + s.latency(from, to), kind: answer, from: to, to: from, link: life})
	s.step(to, gossip.LinkUp{Peer: Peer(int(from))})
}

// has returns the life of the link to a peer, 0 if there is none.
func has(p *peer, to int32) uint32 {
	for _, c := range p.links {
		if c.to == to {
			return c.life
		}
	}
	return 0
}

func unlink(p *peer, to int32) {
	p.links = slices.DeleteFunc(p.links, func(c conn) bool { return c.to == to })
}

// send puts a message on a link, if there is one.
func (s *Sim) send(from int32, a gossip.Send) {
	to := int32(index(a.To))
	if life := has(&s.peers[from], to); life != 0 {
		if s.cfg.Bytes {
			_, s.scratch = gossip.AppendMsg(s.scratch[:0], a.Msg)
			s.bytes += len(s.scratch) + frameHead
		}
		s.q.push(entry{at: s.now + s.latency(from, to), kind: msg, from: from, to: to, link: life, msg: a.Msg})
	}
}

// frameHead is what a frame adds to a body (PROTOCOL.md §3).
const frameHead = 5

// hangUp ends a link; the other end sees it after what was sent.
func (s *Sim) hangUp(from, to int32) {
	if life := has(&s.peers[from], to); life != 0 {
		unlink(&s.peers[from], to)
		s.q.push(entry{at: s.now + s.latency(from, to), kind: down, from: from, to: to, link: life})
	}
}

// passHead carries a head to a neighbor; what it says is in the head, not in a
// message of the core.
func (s *Sim) passHead(from, to int32, h gossip.Head) {
	life := has(&s.peers[from], to)
	s.at(s.latency(from, to), func() {
		if p := &s.peers[to]; !p.dead && life != 0 && has(p, from) == life {
			s.step(to, gossip.Head{From: Peer(int(from)), Beat: h.Beat, Through: h.Through})
		}
	})
}
