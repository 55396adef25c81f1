package gossip

import (
	"slices"
	"time"
)

// tell sends an IHave to neighbors.
func (s *State) tell(to ...*link) {
	m := Msg(IHave{s.log.Head(), s.log.Start(), s.degree(), uint8(s.depth), s.Parent()})
	if s.cfg.Leaf {
		m = IHave{Degree: s.degree(), Depth: depthUnknown, Parent: s.Parent()}
	}
	for _, l := range to {
		l.told = s.log.Head()
		s.send(l, m)
	}
}

// tellAll sends an IHave to all neighbors.
func (s *State) tellAll() { s.tell(s.active...) }

// ihaveIfDue tells those who are not pushed to how far the log is here.
func (s *State) ihaveIfDue(now time.Time) {
	if !reached(now, s.ihaveDue) {
		return
	}
	s.ihaveDue = time.Time{}
	if s.cfg.Leaf {
		return
	}
	for _, l := range s.active {
		if (!l.push || l == s.parent) && l.told < s.log.Head() {
			s.tell(l)
		}
	}
}

// recvIHave learns what a neighbor has.
func (s *State) recvIHave(now time.Time, l *link, m IHave) {
	l.have, l.degree, l.depth, l.childOf = s.credible(l.have, m.Through), m.Degree, m.Depth, m.Parent
	if !l.active {
		s.notNeighbor(now, l)
		return
	}
	if l.have > s.log.Head() || !s.gapDue.IsZero() {
		s.missing(now, 0)
	}
}

// credible returns how far a peer has the log that says it has it through seq: not
// further beyond what is signed or here than could be kept.
func (s *State) credible(have, seq uint64) uint64 {
	return max(have, min(seq, max(s.want, s.log.Head())+maxAhead))
}

// notNeighbor tells a peer that believes to be a neighbor that it is none. While
// it is being asked its accept may still be on its way.
func (s *State) notNeighbor(now time.Time, l *link) {
	if s.askOf(l.Peer) < 0 && l.request.Take(now, 1, requestsPerSecond) {
		s.send(l, Disconnect{NoNeighbor})
	}
}

// recvGraft begins to push to a neighbor, from where it says. What is on its way
// already is not sent twice.
func (s *State) recvGraft(now time.Time, l *link, m Graft) {
	if !l.active {
		s.notNeighbor(now, l)
		return
	}
	if m.From == 0 || l.push && m.From > l.base && !reached(now, l.graftAt) {
		if l.graftAt.IsZero() {
			l.graftAt = now.Add(pullEvery) // what is on its way has arrived by the next
		}
		return
	}
	l.graftAt = time.Time{}
	has := min(m.From-1, s.log.Head())
	l.push, l.base, l.sent, l.have, l.skip = true, has, has, has, false
	if has == 0 { // a newcomer: what is before the newest snapshot is of no use to it
		l.sent = max(s.log.Start(), 1) - 1
		l.skip = l.sent > 0
	}
	s.pushTo(now, l)
}

// recvPull answers a range once a second, as far as the link's credit goes.
func (s *State) recvPull(now time.Time, l *link, m Pull) {
	if m.From == 0 || m.To < m.From || m.To-m.From >= MaxRange || s.answeredLately(now, l, m) {
		s.stats.Refused++
		return
	}
	from, ok := s.log.From(m.From-1, Kept)
	if !ok {
		return
	}
	skip := from != m.From
	for n := range m.To - m.From + 1 {
		rec, ok := s.log.Get(from + n)
		if !ok || !l.repair.Take(now, float64(len(rec.Bytes)), repairPerSecond) {
			return
		}
		s.gossip(l, rec, true, skip && n == 0 && rec.Part == 1)
	}
}

// answeredLately reports whether a range was answered within answerEvery, and
// notes it if not.
func (s *State) answeredLately(now time.Time, l *link, m Pull) bool {
	for _, a := range l.answered {
		if a.pull == m && now.Before(a.when.Add(answerEvery)) {
			return true
		}
	}
	if len(l.answered) < maxAnswers {
		l.answered = append(l.answered, answer{m, now})
		return false
	}
	l.answered[l.at] = answer{m, now}
	l.at = (l.at + 1) % maxAnswers
	return false
}

// missing looks whether something is known to exist that is not here, through
// being what a head said, and sets or clears the time to ask for it.
func (s *State) missing(now time.Time, through uint64) {
	s.want = max(s.want, through)
	switch {
	case s.isHost() || !s.behind():
		s.gapDue = time.Time{}
	case s.gapDue.IsZero() && s.log.Head() == 0 && s.parent == nil:
		s.gapDue = now // a newcomer: nobody pushes what is old unasked
	case s.gapDue.IsZero():
		s.gapDue, s.gapAt = now.Add(s.late()), now
	}
}

// late is how long a record may be missing: longer while the parent's records take
// long to arrive, for then what is missing is on its way, and asking for it would
// only take more of a slow link.
func (s *State) late() time.Duration { return max(s.cfg.Late, min(lateFor*s.pace, lateMost)) }

// paced notes that the parent has delivered a record. While more was known to come,
// the time since the one before is what a record takes.
func (s *State) paced(now time.Time) {
	if s.lagging {
		s.pace += (min(now.Sub(s.pushedAt), lateMost) - s.pace) / paceShare
	} else {
		s.pace -= s.pace / paceShare
	}
	s.pushedAt = now
}

// behind reports whether the log goes on beyond what is here.
func (s *State) behind() bool {
	head := s.log.Head()
	return len(s.ahead) > 0 || s.want > head ||
		slices.ContainsFunc(s.active, func(l *link) bool { return l.have > head })
}

// gapIfDue asks for what is missing: the tree is mended if there is no parent or
// it was late too often, else the range is pulled.
func (s *State) gapIfDue(now time.Time) {
	if !reached(now, s.gapDue) {
		return
	}
	s.gapDue = time.Time{}
	if len(s.active) == 0 || !s.behind() {
		return
	}
	s.gapDue = now.Add(max(pullEvery, s.late()))
	from := s.source()
	switch {
	case s.parent == nil:
		s.graft(from)
		return
	case from.have <= s.log.Head() && now.Sub(s.gapAt) < headLate:
		return // a head alone says so: it overtakes what is on its way
	}
	s.lates++
	if next := s.freshest(); (s.lates >= latesAllow || s.slower >= slowerAllow) && next != nil {
		s.lates, s.slower, s.quicker = 0, 0, quickerAllow // whoever is first now is better
		s.graft(next)
		return
	}
	s.pull(from)
}

// freshest draws another parent, of those who have the most: who has less may be below
// the same late one. It returns nil if nobody has what is missing.
func (s *State) freshest() *link {
	most := s.log.Head() + 1
	fit := func(l *link) bool { return l != s.parent && l.childOf != s.cfg.Self && l.have >= most }
	for _, l := range s.active {
		if fit(l) {
			most = l.have
		}
	}
	if got := pick(s, slices.Clone(s.active), 1, fit); len(got) > 0 {
		return got[0]
	}
	return nil
}

// source draws whom to ask: of those who say that they have what is missing, if
// there are any; none who has it from us.
func (s *State) source() *link {
	next := s.log.Head() + 1
	all := slices.Clone(s.active)
	if got := pick(s, all, 1, func(l *link) bool { return l.have >= next && l.childOf != s.cfg.Self }); len(got) > 0 {
		return got[0]
	}
	if got := pick(s, all, 1, func(l *link) bool { return l.have >= next }); len(got) > 0 {
		return got[0]
	}
	return all[s.intN(len(all))]
}

// pull asks once for the range that is missing.
func (s *State) pull(l *link) {
	from := s.log.Head() + 1
	to := from + MaxRange - 1
	if len(s.ahead) > 0 {
		to = min(to, s.ahead[0].Seq-1)
	}
	to = max(from, to)
	l.asked, l.askedTo, l.offered = from, to, false
	s.stats.Pulls++
	s.send(l, Pull{from, to})
}
