package path

import (
	"net/netip"
	"slices"
	"time"
)

// All moments in here are durations since the Conn was made; none is -1.
const none time.Duration = -1

const (
	maxCandidates = 16 // a peer (PROTOCOL.md §8.2)

	checkEvery = 5 * time.Second  // a path in use
	validFor   = 12 * time.Second // after an answer

	// doubtAfter is how long a path may be silent after something was sent on it: a
	// QUIC peer acknowledges within a round trip and 25 ms (RFC 9000 §18.2).
	// An answer that was late by itself does not make a path that may be silent for long.
	doubtAfter = 300 * time.Millisecond
	doubtRTTs  = 4
	doubtMost  = 2 * time.Second
	// giveUpAfter is how long a path may be in doubt and stay valid.
	giveUpAfter = 3 * time.Second

	// unanswered is the size in bytes below which a packet may be a mere
	// acknowledgement, which nobody answers. Who heard nothing since sends no second.
	unanswered = 64

	// Pauses between rounds: while a path is in doubt or was just given up, and while
	// relayed, doubling.
	doubtRetry = 2 * time.Second
	firstRetry = 10 * time.Second
	lastRetry  = 5 * time.Minute

	// betterBy and betterRTT say how much quicker another path has to be (§8.1):
	// a fifth and 5 ms.
	betterBy  = 5
	betterRTT = 5 * time.Millisecond

	// outdoneRTTs and outdoneBy say how long a path may be silent while another
	// answers: a QUIC peer may hold back an acknowledgement for 25 ms.
	outdoneRTTs = 2
	outdoneBy   = 50 * time.Millisecond

	// hintEvery is the least time between two doubts that a relay's packet brings.
	hintEvery = time.Second

	// ownChoice is how long a side that left a dead path does not follow its peer back.
	ownChoice = 5 * time.Second
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
	until   time.Duration // the path is valid; none: it never was
	rtt     time.Duration // of the last answer; 0 if unknown
	step    int           // what comes next of the round; len(round) if it is over
	begun   time.Duration // when the round began
	sent    [len(round)]question
	last    int           // of sent
	open    time.Duration // since when questions are unanswered; none: they are not
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

// A set is the paths to one peer: which of them a packet takes, and when which
// is checked. It does nothing itself.
//
//	check, handshake -> valid -> something sent, silence -> doubt -> silence -> not valid
//	                      ^------------- an answer -----------'
type set struct {
	direct, relay bool // what may be used
	loopback      bool // such candidates are taken
	follows       bool // the peer's choice is followed: one of two sides does (§8.1)

	cands []candidate
	best  int            // of cands, in use; -1: none
	last  netip.AddrPort // the path that was in use last

	waiting time.Duration // since when what was sent on best is unanswered
	small   bool          // one packet was sent since then, perhaps an acknowledgement
	doubt   time.Duration // since when best is in doubt
	own     time.Duration // until when the peer is not followed
	hinted  time.Duration // when a relay's packet brought doubt last
	heardAt time.Duration // when something came on best last
	used    time.Duration // when something was sent last
	checked time.Duration // when best was checked last

	retry, retryAt time.Duration // the pause before the next round, and its moment
	again          bool          // the peer is to begin a round, too: its owner says so
}

func newSet(direct, relay bool) *set {
	return &set{direct: direct, relay: relay, best: -1, waiting: none, doubt: none, own: none, heardAt: none, hinted: none, used: none, retryAt: none}
}

// begin makes an address a valid path: a handshake went over it.
func (s *set) begin(now time.Duration, a netip.AddrPort) {
	s.loopback = s.loopback || a.Addr().IsLoopback()
	i := s.find(a)
	if i < 0 {
		i = s.place(now, a)
	}
	c := &s.cands[i]
	c.until, c.open, c.step = now+validFor, none, len(round)
	// A peer that comes back from elsewhere is not where it was.
	if s.best < 0 || s.doubt != none || s.heardAt == none || now >= s.heardAt+doubtAfter {
		s.use(i)
	}
}

// use makes a candidate the path in use.
func (s *set) use(i int) {
	s.best, s.last, s.waiting, s.doubt, s.heardAt = i, s.cands[i].addr, none, none, none
	s.retry, s.retryAt = 0, none
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
	c := candidate{addr: a, until: none, open: none, step: len(round)}
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

// checkAll begins a round for all candidates but those under way.
func (s *set) checkAll(now time.Duration) {
	for i := range s.cands {
		s.cands[i].start(now)
	}
}

// moved begins anew after the own addresses have changed: nothing that was known
// about any path holds.
func (s *set) moved(now time.Duration) {
	if s.best >= 0 && s.doubt == none {
		s.doubtNow(now)
	}
	for i := range s.cands {
		s.cands[i].step, s.cands[i].begun = 0, now
	}
}

// route returns where a packet goes: to an address, over the relay, or both.
func (s *set) route(now time.Duration, size int) (to netip.AddrPort, relay bool) {
	s.used = now
	if s.best < 0 {
		if s.relay && s.retryAt == none {
			s.retryAt = now + s.nextRetry()
		}
		return s.lost()
	}
	s.small = s.waiting == none && size < unanswered
	if s.waiting == none {
		s.waiting = now
	}
	s.judge(now)
	if s.best < 0 {
		return s.lost()
	}
	return s.cands[s.best].addr, s.relay && s.doubt != none
}

// reach notes whether the relay can be used. Who loses it, and has no path, looks for
// one at once, as the peer will.
func (s *set) reach(now time.Duration, relay bool) {
	if s.relay && !relay && s.best < 0 {
		s.checkAll(now)
		s.retry, s.retryAt, s.again = 0, now+doubtRetry, true
	}
	s.relay = relay
}

// lost returns where packets go without a valid path: over the relay, or else where
// the last one went.
func (s *set) lost() (to netip.AddrPort, relay bool) {
	if s.relay {
		return netip.AddrPort{}, true
	}
	return s.last, false
}

// nextRetry returns the pause before the next round, longer each time.
func (s *set) nextRetry() time.Duration {
	s.retry = min(max(2*s.retry, firstRetry), lastRetry)
	return s.retry
}

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
	case s.follows && now > s.own && !s.cands[i].overdue(now):
		s.use(i)
	}
}

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
	c.rtt, c.until, c.step = max(now-at, 1), now+validFor, len(round)
	switch b := s.best; {
	case b == i:
		s.waiting = none
		s.settle()
	case s.doubt != none, s.outdone(at, now, c.rtt): // the peer may not know that the other way is dead
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

// A check is one that is due.
type check struct {
	to     netip.AddrPort
	number uint64
	free   bool // of a valid path: it is not for the budget
}

// due appends the checks that are due. draw returns random numbers.
func (s *set) due(now time.Duration, out []check, draw func() uint64) []check {
	if s.best >= 0 {
		s.judge(now)
	}
	if s.retryAt != none && now >= s.retryAt {
		s.checkAll(now)
		if s.best >= 0 {
			s.retryAt = now + doubtRetry
		} else {
			s.retryAt, s.again = now+s.nextRetry(), true
			if !s.relay {
				s.retryAt = now + doubtRetry // there is nothing else
			}
		}
	}
	for i := range s.cands {
		c := &s.cands[i]
		late := false
		for c.step < len(round) && now >= c.begun+round[c.step] {
			c.step++
			late = true
		}
		if late {
			out = append(out, s.send(now, i, draw()))
		}
	}
	if at := s.checked + checkEvery; s.best >= 0 && now >= at && s.beats(at) {
		s.checked = now
		out = append(out, s.send(now, s.best, draw()))
	}
	return out
}

// beats reports whether at that moment the path in use is to be checked: if
// nothing is sent any more nobody needs to know.
func (s *set) beats(at time.Duration) bool {
	return s.cands[s.best].step == len(round) && s.used != none && at <= s.used+2*checkEvery
}

func (s *set) send(now time.Duration, i int, number uint64) check {
	c := &s.cands[i]
	c.ask(now, number)
	return check{to: c.addr, number: number, free: c.until >= now}
}

// next returns when something is due, or none.
func (s *set) next() time.Duration {
	at := none
	sooner := func(t time.Duration) {
		if t != none && (at == none || t < at) {
			at = t
		}
	}
	for i := range s.cands {
		if c := &s.cands[i]; c.step < len(round) {
			sooner(c.begun + round[c.step])
		}
	}
	sooner(s.retryAt)
	if s.best < 0 {
		return at
	}
	if s.doubt == none {
		sooner(s.silentAt())
		if open := s.cands[s.best].open; open != none {
			sooner(open + doubtMost)
		}
	}
	if s.doubt != none && s.relay {
		sooner(s.doubt + giveUpAfter)
	}
	if s.beats(s.checked + checkEvery) {
		sooner(s.checked + checkEvery)
	}
	return at
}
