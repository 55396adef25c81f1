package node

import (
	"time"

	"gossterm/gossip"
	"gossterm/internal/transport"
)

const (
	// spreadEvery is how often at most a membership is sent to all. It is long
	// when there are many members, and they come and go together: without it, a
	// network that fails for all would be followed by the square of their number.
	spreadEvery = 250 * time.Millisecond

	// settled is how many bytes of the log must follow a snapshot before it has
	// surely arrived: more than a link's queue (64 KiB) and its stream (512 KiB) hold.
	settled = 768 << 10
)

// pump sends l what it has not got of the log, as far as its queue takes it. Who
// cannot keep up is sent the newest snapshot instead.
func (n *Host) pump(l *hostLink) {
	if !l.joined || l.shut {
		return
	}
	for !l.full {
		r, ok := n.nextFor(l)
		if !ok {
			return
		}
		if !l.Send(transport.Log, transport.Gossip, r.Bytes) {
			l.full = true
			return
		}
		l.next = r.Seq + 1
		if r.Seq > l.through {
			l.since += len(r.Bytes)
		}
		n.stats.Sent++
		n.stats.SentBytes += uint64(len(r.Bytes))
	}
}

// nextFor returns what l is sent next. When it begins or jumps, that snapshot is
// sent whole, however far behind l is by then: else who is slow would be sent the
// beginning of one snapshot after the other, and never see a screen.
func (n *Host) nextFor(l *hostLink) (gossip.Record, bool) {
	if l.next <= l.through {
		if r, ok := n.log.Get(l.next); ok {
			return r, true
		}
	}
	seq, ok := n.log.From(l.next-1, lagMost)
	if !ok {
		return gossip.Record{}, false
	}
	r, ok := n.log.Get(seq)
	if ok && (seq != l.next || l.next == 1) {
		n.jump(l, r)
	}
	return r, ok
}

// jump notes that l goes on at r, the first part of a snapshot, and throws away
// what is queued, unless that may hold the snapshot of the jump before.
func (n *Host) jump(l *hostLink, r gossip.Record) {
	if l.next != 1 {
		n.stats.Jumps++
		if l.since > settled {
			l.Drop()
		}
	}
	l.next = r.Seq
	l.through = r.Seq + uint64(r.Parts) - 1
	l.since = 0
}

// beat sends a new head to every member.
func (n *Host) beat() {
	if len(n.links) == 0 {
		return
	}
	head := n.cfg.Admission.Head(n.log.Head(), n.log.Start())
	for _, l := range n.links {
		if l.joined {
			l.Send(transport.Control, transport.Head, head)
		}
	}
}

// membershipChanged tells the session at once, and all members soon; at once, too,
// when an epoch begins, as they cannot read on without its key.
func (n *Host) membershipChanged() {
	for _, l := range n.links {
		l.stale = l.joined
	}
	if n.ports != nil {
		n.ports.Members(n.cfg.Admission.Members())
	}
	if n.local != nil {
		n.local.changed()
	}
	switch epoch := n.cfg.Admission.Members().Epoch; {
	case epoch != n.epoch:
		n.epoch = epoch
		n.spreadMembership()
	case !n.spreading:
		n.spreading = true
		n.spread.Reset(max(n.spreadAt.Add(spreadEvery).Sub(n.cfg.Now()), 0))
	}
}

// spreadMembership sends the newest membership, and a head that names it, to all
// who have not got it.
func (n *Host) spreadMembership() {
	n.spreading, n.spreadAt = false, n.cfg.Now()
	for _, l := range n.links {
		if l.joined && l.stale {
			n.sendMembership(l)
		}
	}
	n.beat()
}

func (n *Host) sendMembership(l *hostLink) {
	l.stale = !l.Send(transport.Control, transport.Membership, n.cfg.Admission.Membership())
}
