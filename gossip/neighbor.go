package gossip

import (
	"slices"
	"time"

	"gossterm/internal/id"
)

// A purpose says why a peer is being reached.
type purpose uint8

const (
	toFill   purpose = iota // the active view has room
	toInvite                // it joins, and asked through others or here
	toJoin                  // we join through it
)

// An ask is a peer on its way to be a neighbor: dialled, then asked.
type ask struct {
	Contact
	why  purpose
	sent bool
	due  time.Time // given up then
}

// askOf returns the index of the ask to a peer, -1 if there is none.
func (s *State) askOf(p id.Peer) int {
	for i := range s.asks {
		if s.asks[i].Peer == p {
			return i
		}
	}
	return -1
}

// asking counts the asks that are to fill the active view.
func (s *State) asking() int {
	n := 0
	for i := range s.asks {
		if s.asks[i].why == toFill {
			n++
		}
	}
	return n
}

// reach begins an ask: at once if there is a link, else after a Dial.
func (s *State) reach(now time.Time, c Contact, why purpose) {
	for _, d := range s.contacts { // what others say of them may be false
		if d.Peer == c.Peer && len(d.Addrs) > 0 {
			c.Addrs = d.Addrs
		}
	}
	l := s.link(c.Peer)
	if s.leaving || c.Peer == s.cfg.Self || why != toJoin && l != nil && (l.active || l.silent) {
		return
	}
	if i := s.askOf(c.Peer); i >= 0 {
		s.asks[i].why = max(s.asks[i].why, why)
		return
	}
	if s.crowded(l, why) || why != toJoin && len(s.active) >= s.cfg.MaxPeers {
		s.stats.Refused++
		return
	}
	s.asks = append(s.asks, ask{Contact: c, why: why, due: now.Add(dialWait)})
	if l == nil {
		s.emit(Dial{c})
		return
	}
	s.sendAsk(now, len(s.asks)-1)
}

// crowded reports whether too many peers are being asked for one more. Who has a
// link, and those we come back through, need not wait for peers that others say are
// on their way to us; of these a few are called at a time.
func (s *State) crowded(l *link, why purpose) bool {
	if l != nil || why == toJoin {
		return len(s.asks) >= 2*maxAsks
	}
	walks := 0
	for i := range s.asks {
		if a := &s.asks[i]; a.why == toInvite && !a.sent {
			walks++
		}
	}
	return len(s.asks) >= maxAsks || why == toInvite && walks >= maxInvites
}

// sendAsk says what an ask is for, now that there is a link. A Join is answered
// by being asked, so nothing is kept of it.
func (s *State) sendAsk(now time.Time, i int) {
	a := &s.asks[i]
	l := s.link(a.Peer)
	if len(a.Addrs) > 0 {
		l.Addrs = a.Addrs
	}
	if a.sent {
		return
	}
	if a.why == toJoin {
		s.replies = min(s.replies+1, maxReplies)
		s.send(l, Join{s.cfg.Addrs})
		s.dropAsk(i)
		return
	}
	a.sent, a.due = true, now.Add(askWait)
	s.send(l, Neighbor{Step: Ask, High: len(s.active) == 0, Degree: s.degree(), Addrs: s.cfg.Addrs})
}

// degree is what we say of our active view.
func (s *State) degree() uint8 { return uint8(min(len(s.active), 255)) }

func (s *State) dropAsk(i int) { s.asks = slices.Delete(s.asks, i, i+1) }

// askDue gives up asks that got no answer.
func (s *State) askDue(now time.Time) {
	for i := 0; i < len(s.asks); {
		if !reached(now, s.asks[i].due) {
			i++
			continue
		}
		s.dropAsk(i)
		s.fillSoon(now)
	}
}

func (s *State) recvNeighbor(now time.Time, l *link, m Neighbor) {
	l.degree = m.Degree
	if len(m.Addrs) > 0 {
		l.Addrs = m.Addrs
	}
	i := s.askOf(l.Peer)
	pending := i >= 0 && s.asks[i].sent
	if i >= 0 && (pending || m.Step != Ask) {
		s.dropAsk(i)
		s.fillSoon(now)
	}
	switch m.Step {
	case Ask:
		s.asked(now, l, m, pending)
	case Accept:
		switch {
		case l.active:
		case pending:
			s.admit(now, l)
		default: // we gave up on it: it must not believe in us
			s.send(l, Disconnect{NoNeighbor})
		}
	case Refuse:
		s.part(now, l, NoNeighbor)
	}
}

// asked answers an ask. One that crossed ours is agreed to by both without a word.
func (s *State) asked(now time.Time, l *link, m Neighbor, crossed bool) {
	switch {
	case crossed:
		s.admit(now, l)
	case l.active || s.mayEnter(m):
		s.send(l, Neighbor{Step: Accept, Degree: s.degree(), Addrs: s.cfg.Addrs})
		s.meet(now, l)
	default:
		l.idle = now
		s.send(l, Neighbor{Step: Refuse, Degree: s.degree(), Addrs: s.cfg.Addrs})
	}
}

// mayEnter reports whether an asker gets in: there is room, or it has nobody, or
// too few to be turned away.
func (s *State) mayEnter(m Neighbor) bool {
	if s.leaving || len(s.active) >= s.cfg.MaxPeers {
		return false
	}
	if s.cfg.Leaf {
		return len(s.active) < s.cfg.Active
	}
	return s.crowd() < s.cfg.Active || m.High || m.Degree < keepDegree-1 || s.pause > 0
}

// admit takes a peer that agreed into the active view, if there still is room at all.
func (s *State) admit(now time.Time, l *link) {
	if !l.active && len(s.active) >= s.cfg.MaxPeers {
		l.idle = now
		s.send(l, Disconnect{Evicted})
		return
	}
	s.meet(now, l)
}

func (s *State) recvDisconnect(now time.Time, l *link, m Disconnect) {
	why := m.Reason
	if why == Silent { // it heard nothing of us, but we are here
		why = NoNeighbor
	}
	if i := s.askOf(l.Peer); i >= 0 && why == Left {
		s.dropAsk(i)
	}
	s.part(now, l, why)
	if why == Left {
		s.unknow(l.Peer)
		s.forget(l)
		s.former = slices.DeleteFunc(s.former, func(c Contact) bool { return c.Peer == l.Peer })
		s.emit(CloseLink{l.Peer, Left}) // it waits for that
	}
}

// leave says goodbye to all neighbors, who close the links. Nobody is asked any more.
func (s *State) leave() {
	s.leaving = true
	for _, l := range s.active {
		s.send(l, Disconnect{Left})
	}
}
