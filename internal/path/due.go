package path

import (
	"net/netip"
	"time"
)

// checkAll begins a round for all candidates but those under way.
func (s *set) checkAll(now time.Duration) {
	for i := range s.cands {
		s.cands[i].start(now)
	}
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
