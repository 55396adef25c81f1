package gossip

import (
	"slices"
	"time"

	"gossterm/internal/id"
)

// A shape is HyParView's state.
type shape struct {
	links   []*link  // all, in the order they came up
	tags    []uint64 // of links, in the same order
	active  []*link  // neighbors
	passive []known
	asks    []ask

	walks    [maxWalks]walk // a ring
	walkAt   int
	order    []int     // of places to draw from, kept to be used again
	shuffled []id.Peer // what our last shuffle took along
	leaving  bool
	replies  int // answers to shuffles and joins that may come

	shuffleDue, fillDue, trimDue, sweepDue time.Time
	evicted                                time.Time // when a neighbor last had to go
	filledAt                               time.Time // when others were last asked to fill the active view
}

// A known is a peer of the passive view.
type known struct {
	Contact
	after time.Time // not asked to be a neighbor before
}

// A walk is a shuffle that passed here, so that its answer finds its way back.
type walk struct{ origin, from id.Peer }

// Active returns the neighbors in the order they came.
func (s *State) Active() []id.Peer {
	ps := make([]id.Peer, len(s.active))
	for i, l := range s.active {
		ps[i] = l.Peer
	}
	return ps
}

// Passive returns the peers to fall back on.
func (s *State) Passive() []id.Peer {
	ps := make([]id.Peer, len(s.passive))
	for i, e := range s.passive {
		ps[i] = e.Peer
	}
	return ps
}

// meet takes a peer into the active view: it accepted, or was accepted.
func (s *State) meet(now time.Time, l *link) {
	if l.active {
		return
	}
	l.active, l.silent = true, false
	l.push, l.pruned, l.told = true, time.Time{}, 0
	if !l.served { // else it goes on where it was served through
		l.base, l.sent, l.skip = s.log.Head(), s.log.Head(), false
	}
	l.served = false
	s.active = append(s.active, l)
	s.unknow(l.Peer)
	s.emit(ViewUp{l.Peer})
	if len(s.active) <= keepDegree {
		s.tellAll() // who wants to evict us may be waiting for it
	} else {
		s.tell(l)
	}
	s.pushTo(now, l)
	s.missing(now, 0) // its IHave may have come before its accept
	if len(s.active) > s.cfg.Active {
		s.trimDue = earlier(s.trimDue, later(now, s.evicted.Add(trimEvery)))
	}
}

// part takes a peer out of the active view. Who only lost its place becomes one
// to fall back on.
func (s *State) part(now time.Time, l *link, why Reason) {
	if !l.active {
		return
	}
	l.active, l.push, l.idle, l.childOf = false, false, now, id.Peer{}
	s.sweepDue = earlier(s.sweepDue, now.Add(idleAfter))
	s.active = slices.DeleteFunc(s.active, func(m *link) bool { return m == l })
	s.emit(ViewDown{l.Peer, why})
	if why == Gone {
		s.former = remember(s.former, l.Contact)
	}
	if why == Evicted || why == NoNeighbor {
		s.know(now, l.Contact)
		s.passive[len(s.passive)-1].after = now.Add(fillPause)
	}
	if s.parent == l {
		s.orphaned(now)
	}
	if len(s.active) < keepDegree { // who evicts must know
		s.tellAll()
	}
	if len(s.active) == 0 { // alone: whom we parted with is better than nobody
		for i := range s.passive {
			if e := &s.passive[i]; e.Peer != l.Peer {
				e.after = time.Time{}
			}
		}
	}
	s.fillSoon(now)
}

// keepDegree is the number of neighbors with which a peer may lose one: two
// others remain.
const keepDegree = 3

// crowd returns how many neighbors count against the target. At the host those who
// cannot be let go leave keepDegree places to others: if peers that reach nobody
// else took every place, the host would be an island with them, and the rest would
// come and be evicted for ever.
func (s *State) crowd() int {
	if !s.isHost() {
		return len(s.active)
	}
	stay := 0
	for _, l := range s.active {
		if l.degree < keepDegree {
			stay++
		}
	}
	return len(s.active) - max(0, stay-max(0, s.cfg.Active-keepDegree))
}

// trimIfDue evicts a neighbor if there are more than wanted and one can spare us.
func (s *State) trimIfDue(now time.Time) {
	if !reached(now, s.trimDue) {
		return
	}
	s.trimDue = time.Time{}
	if len(s.active) <= s.cfg.Active {
		return
	}
	s.trimDue = now.Add(trimEvery)
	over := s.crowd() - s.cfg.Active
	if over <= 0 {
		return // until one that stays has found others
	}
	s.evicted = now
	for range max(1, over/trimShare) {
		s.evict(now)
	}
}

// evict parts with a neighbor that can spare us: rather one that gets nothing from
// us, and the parent last.
func (s *State) evict(now time.Time) {
	old := s.active[:min(s.cfg.Active/4, len(s.active))] // they stay, whoever says what of himself
	can := func(l *link) bool { return l.degree >= keepDegree && !slices.Contains(old, l) }
	spare := func(l *link) bool { return can(l) && l != s.parent && !l.push }
	all := slices.Clone(s.active)
	got := pick(s, all, 1, spare)
	if len(got) == 0 {
		got = pick(s, all, 1, func(l *link) bool { return can(l) && l != s.parent })
	}
	if len(got) == 0 {
		got = pick(s, all, 1, can)
	}
	if len(got) > 0 {
		s.send(got[0], Disconnect{Evicted})
		s.part(now, got[0], Evicted)
	}
}

// knownAt returns the index of a peer in the passive view, -1 if it is not there.
func (s *State) knownAt(p id.Peer) int {
	t := tag(p)
	for i := range s.passive { // by index: an entry is large
		if tag(s.passive[i].Peer) == t && s.passive[i].Peer == p {
			return i
		}
	}
	return -1
}

// loserAt returns where the first peer of lose is in the passive view, -1 if none is.
func (s *State) loserAt(lose []id.Peer) int {
	var tags [MaxEntries]uint64
	lose = lose[:min(len(lose), len(tags))]
	for i, p := range lose {
		tags[i] = tag(p)
	}
	for i := range s.passive {
		t := tag(s.passive[i].Peer)
		for j := range lose {
			if tags[j] == t && lose[j] == s.passive[i].Peer {
				return i
			}
		}
	}
	return -1
}

// unknow takes a peer out of the passive view.
func (s *State) unknow(p id.Peer) {
	if i := s.knownAt(p); i >= 0 {
		s.passive = slices.Delete(s.passive, i, i+1)
	}
}

// know takes a peer into the passive view, or its addresses if it is there.
// When the view is full one of lose goes, else any.
func (s *State) know(now time.Time, c Contact, lose ...id.Peer) {
	if c.Peer == s.cfg.Self {
		return
	}
	if l := s.link(c.Peer); l != nil && l.active {
		return
	}
	if i := s.knownAt(c.Peer); i >= 0 {
		e := s.passive[i]
		if len(c.Addrs) > 0 {
			e.Addrs = c.Addrs
		}
		s.passive = append(slices.Delete(s.passive, i, i+1), e)
		return
	}
	if len(s.passive) >= s.cfg.Passive {
		i := s.loserAt(lose)
		if i < 0 {
			i = s.intN(len(s.passive))
		}
		s.passive = slices.Delete(s.passive, i, i+1)
	}
	s.passive = append(s.passive, known{Contact: c})
	s.fillSoon(now)
}

// fillSoon looks for neighbors in this step, if some are wanted.
func (s *State) fillSoon(now time.Time) {
	if s.crowd() < s.cfg.Active {
		s.fillDue = now
	}
}

// fillIfDue asks peers of the passive view while neighbors are wanted.
func (s *State) fillIfDue(now time.Time) {
	if !reached(now, s.fillDue) {
		return
	}
	s.fillDue = time.Time{}
	if len(s.passive) == 0 {
		return
	}
	want := min(s.cfg.Active-s.crowd(), maxFill)
	if len(s.active) >= keepDegree { // no hurry
		if at := s.filledAt.Add(fillEvery); now.Before(at) {
			s.fillDue = at
			return
		}
		want = min(want, 1)
	}
	want -= s.asking()
	if want <= 0 {
		return // the end of an ask looks again
	}
	s.filledAt = now
	for range want {
		ready := 0 // chosen by counting: the view keeps its order
		for _, e := range s.passive {
			if !now.Before(e.after) {
				ready++
			}
		}
		if ready == 0 {
			break
		}
		n := s.intN(ready)
		for i := range s.passive {
			if e := &s.passive[i]; !now.Before(e.after) {
				if n == 0 {
					e.after = now.Add(fillPause)
					s.reach(now, e.Contact, toFill)
					break
				}
				n--
			}
		}
	}
	if s.asking() == 0 {
		for _, e := range s.passive {
			s.fillDue = earlier(s.fillDue, later(e.after, now.Add(time.Millisecond)))
		}
	}
}
