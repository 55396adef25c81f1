package path

import (
	"net/netip"
	"slices"
	"time"
)

// round is when a candidate is checked, from the round's begin (§8.2).
var round = [...]time.Duration{
	0, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond,
	400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond,
}

// A candidate is an address at which the peer may be.
type candidate struct {
	addr    netip.AddrPort
	offered bool          // by the peer; else a packet came from there
	until   time.Duration // the path is valid; none: it never was, or was given up
	reached bool          // it was valid at some time
	rtt     time.Duration // of the last answer; 0 if unknown
	step    int           // what comes next of the round; len(round) if it is over
	begun   time.Duration // when the round began
	sent    [len(round)]question
	last    int           // of sent
	stray   time.Duration // when a packet of the peer came from there last before it was valid; none: never
	credit  int           // bytes that may go there before an answer, because of those
	open    time.Duration // since when questions are unanswered; none: they are not
	lost    bool          // the peer was heard, on the path in use, behind a round that nothing answered
}

// A question is a check that was sent.
type question struct {
	number uint64
	at     time.Duration // none: it was answered, or never sent
}

// ask notes a check that is sent now.
func (c *candidate) ask(now time.Duration, number uint64) {
	c.last = (c.last + 1) % len(c.sent)
	c.sent[c.last] = question{number, now}
	if c.open == none {
		c.open = now
	}
}

// answer returns when the question of that number was sent, once, or none.
func (c *candidate) answer(number uint64) time.Duration {
	for i := range c.sent {
		if q := &c.sent[i]; q.number == number && q.at != none {
			at := q.at
			q.at, c.open = none, none
			return at
		}
	}
	return none
}

// overdue reports whether a question should have been answered: anybody can send
// something in the peer's name, but not that.
func (c *candidate) overdue(now time.Duration) bool { return c.open != none && now >= c.open+doubtMost }

// start begins a round for a candidate, unless one is under way.
func (c *candidate) start(now time.Duration) {
	if c.step == len(round) {
		c.step, c.begun = 0, now
	}
}

// unreached reports whether the peer never answered at an address that it offers: neither
// before, nor in a round behind which it was heard on the path in use, in the network that
// this end is in.
func (s *set) unreached(a netip.AddrPort) bool {
	i := s.find(netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
	if i < 0 || s.cands[i].reached || !s.cands[i].offered {
		return false
	}
	c := &s.cands[i]
	over := c.begun + round[len(round)-1] + doubtMost
	c.lost = c.lost || c.step == len(round) && s.best >= 0 && s.heardAt >= over
	return c.lost
}

// usable reports whether a may be a candidate.
func (s *set) usable(a netip.AddrPort) bool {
	ip := a.Addr()
	return s.direct && a.Port() != 0 && (ip.IsGlobalUnicast() || ip.IsLinkLocalUnicast() && (ip.Is4() || ip.Zone() != "") ||
		ip.IsLoopback() && s.loopback) && ip != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// find returns the place of an address among the candidates, or -1.
func (s *set) find(a netip.AddrPort) int {
	return slices.IndexFunc(s.cands, func(c candidate) bool { return c.addr == a })
}

// add returns the place of an address, which becomes a candidate if it is none;
// -1 if there is no place.
func (s *set) add(now time.Duration, a netip.AddrPort, offered bool) int {
	a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
	if i := s.find(a); i >= 0 {
		s.cands[i].offered = s.cands[i].offered || offered
		return i
	}
	if !s.usable(a) {
		return -1
	}
	if len(s.cands) >= maxCandidates && (offered || !s.makeRoom(now, false)) {
		return -1
	}
	i := s.place(now, a)
	s.cands[i].offered = offered
	return i
}

// makeRoom drops the candidate that is worth least: one that never answered, or else
// the one whose last answer is oldest. It drops one that is valid only if need be,
// the path in use never, and reports whether there was one.
func (s *set) makeRoom(now time.Duration, need bool) bool {
	least := -1
	for i, c := range s.cands {
		if i != s.best && (need || c.until < now) && (least < 0 || c.until < s.cands[least].until) {
			least = i
		}
	}
	if least >= 0 {
		s.drop(least)
	}
	return least >= 0
}

// place makes an address a candidate, whatever it is, and returns its place.
func (s *set) place(now time.Duration, a netip.AddrPort) int {
	if len(s.cands) >= maxCandidates {
		s.makeRoom(now, true)
	}
	c := candidate{addr: a, until: none, open: none, stray: none, step: len(round)}
	for i := range c.sent {
		c.sent[i].at = none
	}
	s.cands = append(s.cands, c)
	return len(s.cands) - 1
}

// drop removes a candidate.
func (s *set) drop(i int) {
	s.cands = slices.Delete(s.cands, i, i+1)
	switch {
	case s.best == i:
		s.best = -1
	case s.best > i:
		s.best--
	}
}

// offer replaces what the peer offered before, and begins a round. Valid paths stay
// whatever the peer says: it need not know how it looks from here.
func (s *set) offer(now time.Duration, addrs []netip.AddrPort) {
	for i := len(s.cands) - 1; i >= 0; i-- {
		c := &s.cands[i]
		if c.offered = c.offered && slices.Contains(addrs, c.addr); !c.offered && i != s.best && c.until < now {
			s.drop(i)
		}
	}
	for _, a := range addrs[:min(len(addrs), maxCandidates)] {
		s.add(now, a, true)
	}
	s.checkAll(now)
}
