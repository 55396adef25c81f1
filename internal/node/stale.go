package node

import "gossterm/internal/transport"

// behindBy is how many bytes wait in the queue of a link at least that is behind: what
// its writer takes at once is none.
const behindBy = 16 << 10

// Stale throws away what waits for members who are behind, and what is on its way to
// them: nobody wants to see it any more. What is appended until Fresh is not sent to
// them. It may wait for the node, and fails if that has stopped.
func (n *Host) Stale() error { return n.tell(n.stale) }

// Fresh has them go on at the newest snapshot. It may wait for the node, and fails if
// that has stopped.
func (n *Host) Fresh() error { return n.tell(n.fresh) }

// behind reports whether more waits for a link than it takes at once.
func (l *link) behind() bool {
	return l.out.size > 0 || l.out.lost || l.Stats().Queued[transport.Log] > behindBy
}

func (n *overlay) stale() {
	for _, l := range n.links {
		if l.stage != up || l.shut || l.quiet || !l.behind() {
			continue
		}
		n.throwAway(l, 0)
		l.Drop()
		o := &l.out
		o.held, o.lost, o.full, o.last, o.since = true, true, false, 0, 0
		n.flush(l)
	}
}

func (n *overlay) fresh() {
	for _, l := range n.links {
		if l.out.held {
			l.out.held = false
			n.jump(l)
		}
	}
}

// skipTo throws away what waits for a link before a snapshot at which the log goes on:
// who is further up in the tree has thrown it away.
func (n *overlay) skipTo(l *link) {
	o := &l.out
	if o.size == 0 {
		return
	}
	n.throwAway(l, o.last)
	if o.since > settled {
		l.Drop()
		o.full, o.since = false, 0
	}
}
