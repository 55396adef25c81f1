package gossip

import (
	"slices"
	"time"

	"gossterm/internal/id"
)

// shuffleWait draws the time to the next shuffle: the mean, half of it more or
// less. Who is new knows few peers, and hurries.
func (s *State) shuffleWait(now time.Time) time.Duration {
	mean := s.cfg.ShuffleEvery
	if !s.cfg.Paper && now.Before(s.born.Add(hurryFor)) {
		mean = min(mean, hurryEvery)
	}
	return mean/2 + time.Duration(s.intN(int(mean)))
}

// shuffleIfDue sends a sample of both views on a walk.
func (s *State) shuffleIfDue(now time.Time) {
	if !reached(now, s.shuffleDue) {
		return
	}
	s.shuffleDue = now.Add(s.shuffleWait(now))
	s.tellAll() // lets a neighbor say so if it is none
	if len(s.active) == 0 {
		return
	}
	to := s.active[s.intN(len(s.active))]
	some := make([]Contact, 0, s.cfg.ShuffleActive+s.cfg.ShufflePassive)
	for _, l := range pick(s, slices.Clone(s.active), s.cfg.ShuffleActive, func(l *link) bool { return l != to }) {
		some = append(some, l.Contact)
	}
	some = s.sample(some, s.cfg.ShufflePassive, to.Peer)
	s.shuffled = peersOf(some)
	s.replies = min(s.replies+1, maxReplies)
	s.send(to, Shuffle{TTL: uint8(s.cfg.ActiveWalk) - 1, Origin: s.self(), Entries: some})
}

// sample adds peers drawn from the passive view to a list, not the one it is for.
func (s *State) sample(cs []Contact, n int, but id.Peer) []Contact {
	s.order = s.order[:0]
	for i := range s.passive {
		s.order = append(s.order, i)
	}
	for _, i := range pick(s, s.order, n, func(i int) bool { return s.passive[i].Peer != but }) {
		cs = append(cs, s.passive[i].Contact)
	}
	return cs
}

func peersOf(cs []Contact) []id.Peer {
	ps := make([]id.Peer, len(cs))
	for i, c := range cs {
		ps[i] = c.Peer
	}
	return ps
}

// recvShuffle sends a shuffle on, or answers it at the end of its walk.
func (s *State) recvShuffle(now time.Time, l *link, m Shuffle) {
	if m.Origin.Peer == s.cfg.Self {
		return
	}
	s.walks[s.walkAt] = walk{m.Origin.Peer, l.Peer}
	s.walkAt = (s.walkAt + 1) % maxWalks
	if next := s.hop(l, m.Origin); m.TTL > 0 && next != nil {
		m.TTL--
		s.send(next, m)
		return
	}
	n := min(len(m.Entries), MaxEntries)
	mine := s.sample(make([]Contact, 0, n), n, m.Origin.Peer)
	s.recvShuffleReply(now, ShuffleReply{m.Origin.Peer, mine})
	s.learn(now, append([]Contact{m.Origin}, m.Entries...), peersOf(mine))
}

// recvShuffleReply keeps a reply to our shuffle, or sends it back one hop.
func (s *State) recvShuffleReply(now time.Time, m ShuffleReply) {
	if m.Origin == s.cfg.Self {
		if s.replies > 0 { // else nobody asked
			s.replies--
			s.learn(now, m.Entries, s.shuffled)
			s.shuffled = nil
		}
		return
	}
	for i := range s.walks {
		w := &s.walks[(s.walkAt+maxWalks-1-i)%maxWalks]
		if w.origin != m.Origin {
			continue
		}
		if back := s.link(w.from); back != nil {
			s.send(back, m)
		}
		*w = walk{}
		return
	}
}

// learn takes contacts into the passive view, in place of what was given away.
func (s *State) learn(now time.Time, cs []Contact, gave []id.Peer) {
	for _, c := range cs[:min(len(cs), MaxEntries+1)] {
		s.know(now, c, gave...)
	}
}
