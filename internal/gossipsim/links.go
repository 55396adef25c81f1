package gossipsim

import (
	"slices"
	"time"

	"gossterm/gossip"
)

// Times of the product's links (DESIGN: a link is up, suspect, or gone).
const (
	suspectAfter = 3 * time.Second // nothing is heard
	goneAfter    = 2 * time.Minute // and still nothing
	dialFails    = 5 * time.Second // a dial that nobody answers
)

// A conn is one end of a link.
type conn struct {
	to   int32
	life uint32
}

// dial sends for a link.
func (s *Sim) dial(from, to int32) {
	s.q.push(entry{at: s.now + s.latency(from, to), kind: up, from: from, to: to})
}

// vain tells a peer, in time, that its dial came to nothing.
func (s *Sim) vain(from, to int32) {
	after := s.cfg.Detect
	if s.cfg.Silence || s.severed(from, to) {
		after = dialFails
	}
	s.q.push(entry{at: s.now + after, kind: fail, from: to, to: from})
}

// connect makes a link, unless there is one by now.
func (s *Sim) connect(from, to int32) {
	p := &s.peers[to]
	if !s.lives(int(from)) || has(p, from) != 0 || has(&s.peers[from], to) != 0 {
		return
	}
	s.made++
	life := s.made
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
func (s *Sim) send(from int32, a *gossip.Send) {
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

// passHead carries a head to a neighbor; what it says is in the head, not in a
// message of the core.
func (s *Sim) passHead(from, to int32, h *gossip.Head) {
	if life := has(&s.peers[from], to); life != 0 {
		s.q.push(entry{at: s.now + s.latency(from, to), kind: beat, from: from, to: to, link: life, head: h})
	}
}

// hangUp ends a link; the other end sees how, after what was sent.
func (s *Sim) hangUp(from, to int32, how kind) {
	if life := has(&s.peers[from], to); life != 0 {
		unlink(&s.peers[from], to)
		s.q.push(entry{at: s.now + s.latency(from, to), kind: how, from: from, to: to, link: life})
	}
}

// ended tells a peer that the other end had no use for a link.
func (s *Sim) ended(e *entry) {
	unlink(&s.peers[e.to], e.from)
	s.step(e.to, gossip.LinkDone{Peer: Peer(int(e.from))})
}

// lost ends a link at one end: the other is dead, or not heard any more.
func (s *Sim) lost(e *entry) {
	unlink(&s.peers[e.to], e.from)
	s.step(e.to, gossip.LinkDown{Peer: Peer(int(e.from))})
}

// failed tells a peer of a dial in vain.
func (s *Sim) failed(e *entry) {
	s.hangUp(e.to, e.from, done) // it may have been the answer that was lost
	s.step(e.to, gossip.LinkDown{Peer: Peer(int(e.from))})
}

// quiet reports whether a peer hears nothing of another.
func (s *Sim) quiet(from, to int32) bool {
	return s.peers[from].dead || s.now < s.peers[from].stuck || s.severed(from, to)
}

// hush has one end of a link notice, in time, that it hears nothing.
func (s *Sim) hush(from int32, c conn) {
	s.q.push(entry{at: s.now + suspectAfter, kind: silent, from: from, to: c.to, link: c.life})
	s.q.push(entry{at: s.now + goneAfter, kind: gone, from: from, to: c.to, link: c.life})
}
