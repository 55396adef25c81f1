package path

import (
	"net/netip"
	"time"
)

// silentAt returns when the path in use has been silent for too long, or none if
// nothing is due on it.
func (s *set) silentAt() time.Duration {
	if s.waiting == none || s.small {
		return none
	}
	return s.waiting + min(max(doubtAfter, doubtRTTs*s.cands[s.best].rtt), doubtMost)
}

// doubtNow puts the path in use in doubt.
func (s *set) doubtNow(now time.Duration) {
	s.doubt, s.retryAt = now, now+doubtRetry
	s.checkAll(now)
}

// judge puts the path in use in doubt, or gives it up.
func (s *set) judge(now time.Duration) {
	c, at := &s.cands[s.best], s.silentAt()
	if s.doubt == none && (at != none && now >= at || now > c.until || c.overdue(now)) {
		s.doubtNow(now)
	}
	// Who has no relay has nothing better than the path that was good last.
	if s.doubt != none && s.relay && now >= s.doubt+giveUpAfter {
		c.until = none
		s.best, s.doubt, s.waiting = -1, none, none
		s.retry, s.retryAt = 0, now+doubtRetry
	}
}

// heard notes that a packet of the peer came straight from an address. It ends the
// wait for an answer if it came the way that is in use; from elsewhere it says
// nothing about that way, but which one the peer prefers.
func (s *set) heard(now time.Duration, from netip.AddrPort) {
	i := s.find(from)
	switch {
	case i < 0 || s.best < 0 || s.cands[i].until < now:
	case i == s.best:
		if s.waiting, s.heardAt = none, now; !s.cands[i].overdue(now) {
			s.settle()
		}
	case s.unheard():
		s.use(i)
		s.heardAt = now
	case s.follows && now > s.own && !s.cands[i].overdue(now):
		s.use(i)
	}
}

// unheard reports whether the path in use is so by a handshake alone. The peer may
// have begun two, let go of this one, and not take anything from there.
func (s *set) unheard() bool { return s.heardAt == none && s.cands[s.best].rtt == 0 }

// relayed notes that a packet of the peer came over a relay: while the way in use
// counts as good here, it does not there. A relay can lie, but not often.
func (s *set) relayed(now time.Duration) {
	if s.best >= 0 && s.doubt == none && (s.hinted == none || now >= s.hinted+hintEvery) {
		s.hinted = now
		s.doubtNow(now)
	}
}

// settle ends a doubt.
func (s *set) settle() { s.doubt, s.retryAt = none, none }

// seen notes an authentic check from an address, and has it checked in turn unless
// that is known to be a way.
func (s *set) seen(now time.Duration, a netip.AddrPort) {
	i := s.add(now, a, false)
	if i < 0 {
		return
	}
	if c := &s.cands[i]; c.until < now || c.overdue(now) || i == s.best && s.doubt != none {
		c.start(now)
	}
}

// answered notes the answer to a check and reports whether it was asked for.
func (s *set) answered(now time.Duration, a netip.AddrPort, number uint64) bool {
	i := s.find(a)
	if i < 0 {
		return false
	}
	c := &s.cands[i]
	at := c.answer(number)
	if at == none {
		return false
	}
	c.rtt, c.until, c.reached, c.step = max(now-at, 1), now+validFor, true, len(round)
	gone := s.gone(i)
	c.stray, c.credit = none, 0 // where it came from before is answered
	switch b := s.best; {
	case b == i:
		s.waiting = none
		s.settle()
	case s.doubt != none, s.outdone(at, now, c.rtt), gone: // the peer may not know that the other way is dead
		s.use(i)
		s.own = now + ownChoice
	case b < 0, s.cands[b].rtt != 0 && c.rtt < s.cands[b].rtt-s.cands[b].rtt/betterBy-betterRTT:
		s.use(i)
	}
	return true
}

// outdone reports whether a check sent at asked was answered now, within rtt, while
// what had been sent on the path in use before that still is not.
func (s *set) outdone(asked, now, rtt time.Duration) bool {
	if s.best < 0 || s.waiting == none || s.small || asked < s.waiting {
		return false
	}
	return now-s.waiting > outdoneRTTs*max(rtt, s.cands[s.best].rtt)+outdoneBy
}
