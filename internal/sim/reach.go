package sim

import (
	"time"

	"gossterm/session"
)

const (
	// silentAfter is how long without a newer beat the host counts as out of reach.
	silentAfter = 3 * time.Second
	// decideLeast and decideMost are how long a person takes to say what becomes of
	// what was held, and dropOneIn is how many of them send it for one who drops it.
	decideLeast = 300 * time.Millisecond
	decideMost  = 3 * time.Second
	dropOneIn   = 4
)

// A reach is what a member knows of whether the host is within reach: it hears beats,
// and it has links.
type reach struct {
	silentAt time.Time
	silence  bool // no beat for too long
	away     bool // the core was told
	wake     alarm
}

func (p *process) watch() {
	p.reach.wake = alarm{s: p.s, n: p.node, who: "a beat", due: func() (time.Time, bool) {
		return p.silentAt, p.joined && !p.silence
	}, ring: func() { p.awake(p.beatDue) }}
}

// beats is a newer beat of the host.
func (p *process) beats() {
	p.silentAt, p.silence = p.node.clock().Add(silentAfter), false
	p.reach.wake.set()
	p.tellReach()
}

// beatDue finds out whether a beat is overdue, and then calls the host.
func (p *process) beatDue() {
	if p.joined && !p.silence && !p.node.clock().Before(p.silentAt) {
		p.silence = true
		p.s.counts.unheard++
		p.callSoon()
		p.tellReach()
	}
	p.reach.wake.set()
}

// slept begins to wait for a beat anew, and calls the host.
func (p *process) slept() {
	if !p.silence {
		p.silentAt = later(p.silentAt, p.node.clock().Add(silentAfter))
	}
	p.callSoon()
}

// unheard reports whether a member that is in hears nothing of the host.
func (p *process) unheard() bool {
	if !p.joined || p.silence {
		return p.joined
	}
	for _, e := range p.ends {
		if e.up {
			return false
		}
	}
	return true
}

// tellReach tells the core whether the host is within reach, and has its person say
// what becomes of what was held.
func (p *process) tellReach() {
	if p.core == nil || p.unheard() == p.away {
		return
	}
	p.away = !p.away
	if p.away {
		since := p.node.clock()
		if p.silence {
			since = p.silentAt.Add(-silentAfter)
		}
		p.viewer.step(session.OutOfReach{Since: since})
		return
	}
	p.s.counts.outages++
	p.viewer.step(session.InReach{})
	if _, asks := p.core.Asks(); asks {
		p.every(between(p.s.rng, decideLeast, decideMost), p.decide)
	} else {
		p.heldFrom = 0
	}
}

// waits reports whether what acts must not be sent now.
func (p *process) waits() bool {
	_, asks := p.core.Asks()
	return p.away || asks
}

// decide is the person's answer.
func (p *process) decide() {
	if _, asks := p.core.Asks(); !asks {
		return
	}
	send := p.s.rng.IntN(dropOneIn) > 0
	p.s.counts.decided++
	p.heldFrom = 0
	before := p.ledger.dropped
	p.viewer.step(session.Decide{Send: send})
	if n := p.ledger.dropped - before; p.person != nil && !send {
		p.person.gaveUp(n)
	}
}

// gaveUp notes that the last n bytes that wait were dropped.
func (p *person) gaveUp(n int) {
	for i := len(p.tokens) - 1; i >= 0 && n >= tokenSize; i-- {
		if k := &p.tokens[i]; k.fate == unsent {
			k.fate = dropped
			n -= tokenSize
		}
	}
}
