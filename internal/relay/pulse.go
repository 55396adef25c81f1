package relay

import "time"

const (
	// pingEvery is how often a client asks a relay that it has nothing to send to.
	pingEvery = 15 * time.Second
	// askAfter is how long a client waits for any sign after it sent something.
	askAfter = time.Second
	// answerWithin is how long an answer to a Ping may take: with askAfter, a relay that
	// is dead is known to be within 5 s of use.
	answerWithin = 4 * time.Second
	// wakeWithin is the same after the network changed.
	wakeWithin = time.Second
)

// A pulse decides when a client pings its relay and when it takes it for dead. Times
// are since the client's start; 0 is never.
type pulse struct {
	next   time.Duration // when the next regular ping is due
	asked  time.Duration // when the ping was sent that has no answer yet
	within time.Duration // how long that may take
}

// step applies one instant: heard is when anything was heard last, sent when the first thing was
// sent since. It reports whether to ping now, and whether the relay is dead.
func (p *pulse) step(now, heard, sent time.Duration) (ping, dead bool) {
	if p.asked > 0 && heard >= p.asked {
		p.asked = 0
	}
	switch {
	case p.asked > 0:
		return false, now >= p.asked+p.within
	case now >= p.next, sent > 0 && now >= sent+askAfter:
		p.ask(now, answerWithin)
		return true, false
	}
	return false, false
}

// ask notes that a ping is sent now.
func (p *pulse) ask(now, within time.Duration) {
	p.asked, p.within, p.next = now, within, now+pingEvery
}

// deadline is when step is due again.
func (p *pulse) deadline(sent time.Duration) time.Duration {
	switch {
	case p.asked > 0:
		return p.asked + p.within
	case sent > 0:
		return min(p.next, sent+askAfter)
	}
	return p.next
}
