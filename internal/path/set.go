package path

import (
	"net/netip"
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
	c.until, c.reached, c.open, c.step = now+validFor, true, none, len(round)
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

// moved begins anew after the own addresses have changed: nothing that was known
// about any path holds.
func (s *set) moved(now time.Duration) {
	if s.best >= 0 && s.doubt == none {
		s.doubtNow(now)
	}
	for i := range s.cands {
		s.cands[i].step, s.cands[i].begun, s.cands[i].lost = 0, now, false
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

// toward returns the address that packets go to, or went to last.
func (s *set) toward() netip.AddrPort {
	if s.best >= 0 {
		return s.cands[s.best].addr
	}
	return s.last
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
