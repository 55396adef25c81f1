package node

import (
	"time"

	"gossterm/gossip"
	"gossterm/internal/transport"
)

const (
	// pulseEvery is how often links are looked at; a suspect is probed as often.
	pulseEvery = 200 * time.Millisecond
	// probeAfter is how long nothing is sent over a link before a Probe is.
	probeAfter = time.Second
	// suspectAfter is how long without a word a peer counts as well: two signs of life
	// are missing then. With the look that finds it, and a process that is late itself,
	// it is 3 s at most.
	suspectAfter = 2500 * time.Millisecond
	// sleptAfter is how late a look must be for this process to have been stopped
	// itself: who is late accuses nobody.
	sleptAfter = 5 * pulseEvery
	// goneAfter is how long a suspect is probed.
	goneAfter = 2 * time.Minute
)

// A pulse is when links are looked at: whether their peers are heard, and whether
// they are due a sign of life.
type pulse struct {
	next, last time.Time
	wall       time.Time // the wall clock at last
	woke       time.Time // when the machine was taken to have slept last
}

func (p *pulse) begin(now, wall time.Time) { p.next, p.last, p.wall = now.Add(pulseEvery), now, wall }

// pulseDue looks at the links if it is time.
func (n *overlay) pulseDue(now time.Time) {
	if now.Before(n.pulse.next) {
		return
	}
	late, wall := now.Sub(n.pulse.last), n.cfg.Wall()
	slept := late > sleptAfter
	if slept {
		n.stopped(now, late)
	}
	wakes := n.pulse.wakes(now, wall, late)
	n.pulse.begin(now, wall)
	for _, l := range n.links {
		if l.stage == up && !l.shut {
			n.look(l, now)
		}
	}
	if wakes { // now that all that came before is noted
		n.wake(now)
	}
}

// stopped takes the time that this process was stopped out of all that it waits for.
func (n *overlay) stopped(now time.Time, late time.Duration) {
	n.role.slept(late)
	for _, l := range n.links {
		if l.stage == up {
			l.heard = now
			continue
		}
		l.answerBy = l.answerBy.Add(late)
	}
}

// look finds out whether a peer is heard and sends it a sign of life.
func (n *overlay) look(l *link, now time.Time) {
	s := l.Stats()
	count := [3]uint64{s.FramesIn, s.PacketsIn, s.FramesOut}
	was := l.count
	l.count = count
	if count[2] != was[2] {
		l.sent = now
	}
	switch {
	case count[0] != was[0] || count[1] != was[1]:
		n.hear(l)
	case l.quiet && now.Sub(l.heard) >= goneAfter:
		l.shutDown(transport.Late, "nothing heard")
		return
	case !l.quiet && now.Sub(l.heard) >= suspectAfter:
		n.suspect(l)
	}
	if l.quiet || now.Sub(l.sent) >= probeAfter {
		l.Send(transport.Control, transport.Probe, nil)
	}
}

// hear notes that something came from a link's peer.
func (n *overlay) hear(l *link) {
	l.heard = n.cfg.Now()
	if !l.quiet {
		return
	}
	l.quiet = false
	n.cfg.Log.Info("link heard again", "peer", l.Peer().Tag())
	n.step(gossip.LinkBack{Peer: l.Peer()})
	n.role.suspected(l)
}

// suspect takes a peer that is not heard out of the overlay; its link stays.
func (n *overlay) suspect(l *link) {
	l.quiet = true
	n.cfg.Log.Info("link silent", "peer", l.Peer().Tag())
	n.step(gossip.LinkSilent{Peer: l.Peer()})
	l.out.clear()
	n.role.suspected(l)
}
