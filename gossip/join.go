package gossip

import (
	"slices"
	"time"
)

// A rejoin is what is needed to come back when the host is unheard.
type rejoin struct {
	contacts []Contact // given by Enter, the newest last
	former   []Contact // neighbors whose links were lost, the newest last
	beat     uint64
	beatAt   time.Time     // when it came
	pause    time.Duration // before the next attempt, 0 while all is well
	tried    time.Time     // the last attempt
	turn     int           // whose turn it is among the contacts
}

// enter joins through a contact and remembers it.
func (s *State) enter(now time.Time, c Contact) {
	s.contacts = remember(s.contacts, c)
	s.reach(now, c, toJoin)
}

// remember puts c last in a list of contacts, in place of the first if it is full.
func remember(cs []Contact, c Contact) []Contact {
	cs = slices.DeleteFunc(cs, func(d Contact) bool { return d.Peer == c.Peer })
	if len(cs) == maxContacts {
		cs = slices.Delete(cs, 0, 1)
	}
	return append(cs, c)
}

// recvJoin invites a joiner, and sends its name on walks to find it more
// neighbors.
func (s *State) recvJoin(now time.Time, l *link, m Join) {
	if len(m.Addrs) > 0 {
		l.Addrs = m.Addrs
	}
	l.idle = now
	s.reach(now, l.Contact, toInvite)
	s.introduce(l)
	if !l.joined.IsZero() && now.Before(l.joined.Add(walkEvery)) {
		return
	}
	l.joined = now
	for _, n := range pick(s, slices.Clone(s.active), walksMost, func(n *link) bool { return n != l }) {
		s.send(n, ForwardJoin{uint8(s.cfg.ActiveWalk), l.Contact})
	}
}

// introduce tells a joiner of some of our neighbors: it may be one that can call
// and not be called.
func (s *State) introduce(to *link) {
	if s.cfg.Paper {
		return
	}
	var some []Contact
	for _, l := range pick(s, slices.Clone(s.active), introduced, func(l *link) bool { return l != to }) {
		some = append(some, l.Contact)
	}
	if len(some) > 0 {
		s.send(to, ShuffleReply{to.Peer, some})
	}
}

func (s *State) recvForwardJoin(now time.Time, l *link, m ForwardJoin) {
	if m.TTL == uint8(s.cfg.PassiveWalk) {
		s.know(now, m.Joiner)
	}
	next := s.hop(l, m.Joiner)
	if m.TTL == 0 || next == nil {
		s.reach(now, m.Joiner, toInvite)
		return
	}
	s.send(next, ForwardJoin{min(m.TTL, MaxTTL) - 1, m.Joiner})
}

// hop returns a random neighbor for a walk to go on to: neither whom it came from
// nor whom it is about. It returns nil if there is none.
func (s *State) hop(from *link, about Contact) *link {
	n := 0
	for _, l := range s.active {
		if l != from && l.Peer != about.Peer {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	k := s.intN(n)
	for _, l := range s.active {
		if l != from && l.Peer != about.Peer {
			if k == 0 {
				return l
			}
			k--
		}
	}
	return nil
}

// head notes a newer beat and passes it on along the tree.
func (s *State) head(now time.Time, h Head) {
	if l := s.link(h.From); l != nil {
		l.beat = max(l.beat, h.Beat)
	}
	if h.Beat <= s.beat {
		return
	}
	s.lack(now, h)
	s.beat, s.beatAt, s.pause = h.Beat, now, 0
	for _, l := range s.active {
		if l.Peer != h.From && l.beat < h.Beat && !s.cfg.Leaf {
			s.emit(PassHead{l.Peer})
		}
	}
	s.missing(now, h.Through)
}

// rejoinAt returns when contacts must be added, zero if never.
func (s *State) rejoinAt() time.Time {
	if s.isHost() || s.cfg.BeatLate < 0 || len(s.contacts)+len(s.former) == 0 {
		return time.Time{}
	}
	if s.pause > 0 {
		return s.tried.Add(s.pause)
	}
	return s.beatAt.Add(s.cfg.BeatLate)
}

// rejoinIfDue joins once more, through a contact, a former neighbor and a known
// peer, when the host is unheard. What links there are stay.
func (s *State) rejoinIfDue(now time.Time) {
	if !reached(now, s.rejoinAt()) {
		return
	}
	s.tried = now
	s.pause = min(max(2*s.pause, rejoinMin), rejoinMax)
	for _, list := range [...][]Contact{s.contacts, s.former} {
		if len(list) > 0 {
			s.reach(now, list[s.turn%len(list)], toJoin)
		}
	}
	s.turn++
	if len(s.passive) > 0 {
		s.reach(now, s.passive[s.intN(len(s.passive))].Contact, toJoin)
	}
}
