package node

import (
	"time"

	"gossterm/internal/transport"
)

const (
	// wokeAfter is how far the wall clock and the monotonic one must come apart
	// between two looks for the machine to have slept: the monotonic clock of Linux and
	// macOS stops meanwhile (clock_gettime(2), CLOCK_MONOTONIC). So does it when
	// somebody sets the clock; that cannot be told apart, and must cost next to nothing.
	wokeAfter = 5 * time.Second
	// wokeEvery bounds how often that is believed: a clock may jump again and again.
	wokeEvery = 10 * time.Second
	// wokeAnswer is how long after waking a peer may take to answer the probe that it
	// is sent at once, before it is suspect: longer than a round trip over satellites,
	// and short enough to call the host within 3 s.
	wokeAnswer = 1500 * time.Millisecond
)

// wakes reports whether the machine has slept since the last look, or the process for
// as long, which the monotonic clock did count. All else in a node goes by that clock
// alone: nothing is due earlier or later because a clock was set.
func (p *pulse) wakes(now, wall time.Time, late time.Duration) bool {
	apart := wall.Sub(p.wall) - late
	if apart.Abs() <= wokeAfter && late <= wokeAfter || !p.woke.IsZero() && now.Sub(p.woke) < wokeEvery {
		return false
	}
	p.woke = now
	return true
}

// wake asks all peers for a sign of life: they may have given this one up long ago. It
// accuses nobody; who does not answer is soon suspect.
func (n *overlay) wake(now time.Time) {
	n.cfg.Log.Info("slept, or the clock was set")
	for _, l := range n.links {
		if l.stage != up || l.shut || l.quiet {
			continue
		}
		l.Send(transport.Control, transport.Probe, nil)
		l.heard, l.sent = now.Add(wokeAnswer-suspectAfter), now
	}
	n.role.woke(now)
}

// woke is for members: a host calls nobody by itself.
func (n *Host) woke(time.Time) {}

// moved is for members: a host looks for nobody.
func (n *Host) moved() {}

// moved forgets what was so in another network.
func (n *Member) moved() { n.vigil.moved() }

// woke calls a host that is out of reach at once, and as often as if it had just been
// lost: the network is likely to be another now.
func (n *Member) woke(now time.Time) {
	n.redialAt, n.pause, n.knockAt = now, redialFirst, now
	n.vigil.slept()
}
