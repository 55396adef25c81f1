package gossip

import "time"

// pushAll pushes what is new to all who are pushed to.
func (s *State) pushAll(now time.Time) {
	for _, l := range s.active {
		if l.push {
			s.pushTo(now, l)
		}
	}
	if s.ihaveDue.IsZero() && s.log.Head() >= s.fresh {
		s.ihaveDue = now.Add(s.cfg.IHaveEvery)
	}
}

// pushTo goes on with what a neighbor has not got. What is new in this step goes
// at once; what is older is repair and needs credit.
func (s *State) pushTo(now time.Time, l *link) {
	if s.cfg.Leaf {
		return
	}
	for l.sent < s.log.Head() {
		if l.have > l.sent {
			l.sent, l.skip = min(l.have, s.log.Head()), false
			continue
		}
		rec, ok := s.log.Get(l.sent + 1)
		if !ok {
			from, may := s.log.From(l.sent, Kept)
			if rec, ok = s.log.Get(from); !may || !ok {
				return
			}
			l.skip = true
		}
		old := rec.Seq < s.fresh
		if old && !l.repair.Take(now, float64(len(rec.Bytes)), repairPerSecond) {
			s.pushDue = earlier(s.pushDue, now.Add(pullEvery))
			return
		}
		s.gossip(l, rec, old, l.skip && rec.Part == 1)
		l.sent, l.skip = rec.Seq, false
	}
}

// gossip sends one record.
func (s *State) gossip(l *link, rec Record, repair, skip bool) {
	if repair {
		s.stats.Repaired++
	}
	s.send(l, Gossip{Repair: repair, Skip: skip, Depth: uint8(s.depth), Parent: s.Parent(), Rec: rec})
}

// pushIfDue goes on with neighbors that ran out of credit.
func (s *State) pushIfDue(now time.Time) {
	if reached(now, s.pushDue) {
		s.pushDue = time.Time{}
		s.pushAll(now)
	}
}

// serve gives a peer that was let in what it has not got, from the newest complete
// snapshot if that is all, as if it had asked for it. When it becomes a neighbor it
// goes on from there.
func (s *State) serve(now time.Time, m Serve) {
	l := s.linkUp(now, m.Peer)
	if l == nil || l.active {
		return
	}
	l.served, l.sent, l.have, l.skip = true, min(m.Have, s.log.Head()), 0, false
	if m.Have == 0 || m.Have > s.log.Head() {
		l.sent = max(s.log.Start(), 1) - 1
		l.skip = true
	}
	l.base = l.sent
	s.fresh = s.log.Head() + 1 // nothing of it is news
	s.pushTo(now, l)
}
