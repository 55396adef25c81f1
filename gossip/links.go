package gossip

import (
	"encoding/binary"
	"slices"
	"time"

	"gossterm/internal/id"
)

// A link is what is known of a peer to whom there is a connection, and more if it
// is a neighbor.
type link struct {
	Contact
	silent bool  // suspect: nothing heard for 3 s
	active bool  // a neighbor
	kept   bool  // somebody else needs it
	served bool  // it got the log through sent before it was a neighbor
	push   bool  // eager: records go there
	skip   bool  // the next begins anew: what is before it was thrown away
	degree uint8 // neighbors the peer says it has
	depth  uint8 // of the peer
	// What each message touches lies together, before what few do.
	have    uint64    // the peer has through
	told    uint64    // what the last IHave said
	sent    uint64    // through which records went
	base    uint64    // pushed is what follows this
	childOf id.Peer   // whom the peer has the log from
	pruned  time.Time // when it was asked not to push, zero if it may
	idle    time.Time // since when it is of no use

	beat     uint64    // the newest that came from it
	asked    uint64    // the seq from which on it was last asked for the log,
	askedTo  uint64    // and the last one, 0 if it was asked to push
	offered  bool      // it answered that with an offer to begin anew
	graftAt  time.Time // when a Graft for what was pushed counts
	answered []answer  // ranges it got, a ring
	at       int       // next place in the ring

	repair  Bucket
	request Bucket
	walks   Bucket // what it has us pass on
	input   Bucket
	joined  time.Time // when its last Join was sent on walks
}

// An answer is a range that was sent at a time.
type answer struct {
	pull Pull
	when time.Time
}

// link returns the link to a peer, nil if there is none.
func (s *State) link(p id.Peer) *link {
	t := tag(p)
	for i, have := range s.tags {
		if have == t && s.links[i].Peer == p {
			return s.links[i]
		}
	}
	return nil
}

// tag is the part of a key by which a link is looked for: eight of them lie
// together where one link would.
func tag(p id.Peer) uint64 { return binary.LittleEndian.Uint64(p[:]) }

// linkNew notes a link. One that replaces another has lost what was on its way,
// so the peers must agree anew.
func (s *State) linkNew(now time.Time, p id.Peer) {
	old := s.link(p)
	if old == nil {
		if l := s.linkUp(now, p); l != nil && s.alone() {
			s.reach(now, l.Contact, toJoin) // this may be the way back
		}
		return
	}
	was := old.active
	s.part(now, old, Gone)
	s.forget(old)
	l := s.linkUp(now, p)
	if l == nil {
		return
	}
	if l.kept = old.kept; was {
		l.Addrs = old.Addrs
		s.reach(now, l.Contact, toFill)
	}
}

// alone reports whether a peer that has been in the session has no neighbor.
func (s *State) alone() bool { return !s.isHost() && len(s.active) == 0 && s.log.Head() > 0 }

// linkUp notes a link and sends what waited for it. It returns nil if there are
// too many.
func (s *State) linkUp(now time.Time, p id.Peer) *link {
	l := s.link(p)
	switch {
	case p == s.cfg.Self:
		return nil
	case l != nil:
		return l
	case len(s.links) >= maxLinks:
		s.emit(CloseLink{p, Full})
		return nil
	}
	l = &link{Contact: Contact{Peer: p}, idle: now, depth: depthUnknown}
	s.links = append(s.links, l)
	s.tags = append(s.tags, tag(p))
	s.sweepDue = earlier(s.sweepDue, now.Add(idleAfter))
	if i := s.askOf(p); i >= 0 {
		s.sendAsk(now, i)
	}
	return l
}

// linkDown forgets a peer: its link is lost, or it could not be reached.
func (s *State) linkDown(now time.Time, p id.Peer) {
	if i := s.askOf(p); i >= 0 {
		s.dropAsk(i)
	}
	s.unknow(p)
	if l := s.link(p); l != nil {
		s.part(now, l, Gone)
		s.forget(l)
	}
	s.fillSoon(now)
}

// linkDone forgets a link, not the peer.
func (s *State) linkDone(now time.Time, p id.Peer) {
	if i := s.askOf(p); i >= 0 {
		s.dropAsk(i)
		s.fillSoon(now)
	}
	if l := s.link(p); l != nil {
		s.part(now, l, NoNeighbor)
		s.forget(l)
		s.know(now, l.Contact)
	}
}

// keep notes whether somebody else needs a link.
func (s *State) keep(now time.Time, k Keep) {
	if l := s.link(k.Peer); l != nil && l.kept != k.Need {
		l.kept, l.idle = k.Need, now
		s.sweepDue = earlier(s.sweepDue, now.Add(idleAfter))
	}
}

// linkSilent takes a suspect out of the view. It is told, so that it knows if it
// comes back; its link stays and is probed by who owns it.
func (s *State) linkSilent(now time.Time, p id.Peer) {
	l := s.link(p)
	if l == nil || l.silent {
		return
	}
	l.silent, l.served = true, false
	if l.active {
		s.send(l, Disconnect{Silent})
		s.part(now, l, Silent)
	}
	if i := s.askOf(p); i >= 0 {
		s.dropAsk(i)
		s.fillSoon(now)
	}
}

// linkBack makes a suspect one of the peers to fall back on.
func (s *State) linkBack(now time.Time, p id.Peer) {
	l := s.link(p)
	if l == nil || !l.silent {
		return
	}
	l.silent, l.idle = false, now
	s.sweepDue = earlier(s.sweepDue, now.Add(idleAfter))
	s.know(now, l.Contact)
	if s.pause > 0 { // the host is unheard: this may be the way back to it
		s.reach(now, l.Contact, toJoin)
	}
}

// linkReset lets a slow neighbor go on at the newest snapshot.
func (s *State) linkReset(now time.Time, p id.Peer) {
	l := s.link(p)
	if l == nil || !l.active || !l.push {
		return
	}
	l.sent = max(s.log.Start(), 1) - 1
	l.skip = true
	s.pushTo(now, l)
}

// forget removes a link.
func (s *State) forget(l *link) {
	if i := slices.Index(s.links, l); i >= 0 {
		s.links = slices.Delete(s.links, i, i+1)
		s.tags = slices.Delete(s.tags, i, i+1)
	}
}

// sweepIfDue lets go of links that have been of no use for idleAfter.
func (s *State) sweepIfDue(now time.Time) {
	if !reached(now, s.sweepDue) {
		return
	}
	s.sweepDue = time.Time{}
	kept := s.links[:0]
	s.tags = s.tags[:0]
	for _, l := range s.links {
		switch due := l.idle.Add(idleAfter); {
		case l.active || l.silent || l.kept:
		case s.askOf(l.Peer) >= 0 || now.Before(due):
			s.sweepDue = earlier(s.sweepDue, later(due, now.Add(askWait)))
		default:
			s.emit(CloseLink{l.Peer, Idle})
			continue
		}
		kept = append(kept, l)
		s.tags = append(s.tags, tag(l.Peer))
	}
	clear(s.links[len(kept):])
	s.links = kept
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// mayAsk takes credit for a request, and reports whether there was some.
func (s *State) mayAsk(now time.Time, l *link, m Msg) bool {
	credit, most := &l.request, float64(requestsPerSecond)
	switch m := m.(type) {
	case Neighbor:
		if m.Step != Ask {
			return true
		}
	case ForwardJoin, Shuffle, Request, Answer:
		credit, most = &l.walks, walksPerSecond
	case Join, Graft, Pull, Want:
	default:
		return true
	}
	if credit.Take(now, 1, most) {
		return true
	}
	s.stats.Refused++
	return false
}
