package gossip

import (
	"time"

	"gossterm/internal/id"
)

// A roll is what is known of the membership's versions: membership is state, and
// its newest version is all that anybody wants.
type roll struct {
	version uint64  // in force here
	lacking uint64  // a head named it
	namer   id.Peer // who sent that head
	wantDue time.Time
}

// applied notes a newer membership and passes it on along the tree.
func (s *State) applied(m Members) {
	if m.Version <= s.version {
		return
	}
	s.version = m.Version
	if s.version >= s.lacking {
		s.wantDue = time.Time{}
	}
	for _, l := range s.active {
		if l.push && l.Peer != m.From && !s.cfg.Leaf {
			s.emit(PassMembers{l.Peer})
		}
	}
}

// lack notes that a head names a membership that is not here.
func (s *State) lack(now time.Time, h Head) {
	if h.Version <= max(s.version, s.lacking) {
		return
	}
	s.lacking, s.namer = h.Version, h.From
	if s.wantDue.IsZero() {
		s.wantDue = now.Add(wantAfter)
	}
}

// wantIfDue asks for the membership: first who named it, then any neighbor.
func (s *State) wantIfDue(now time.Time) {
	if !reached(now, s.wantDue) {
		return
	}
	s.wantDue = now.Add(wantEvery)
	l := s.link(s.namer)
	if l == nil || l.silent {
		if len(s.active) == 0 {
			return
		}
		l = s.active[s.intN(len(s.active))]
	}
	s.namer = id.Peer{}
	s.send(l, Want{s.version})
}

func (s *State) recvWant(l *link, m Want) {
	if s.version > m.Version {
		s.emit(PassMembers{l.Peer})
	}
}
