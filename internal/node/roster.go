package node

import (
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
)

const (
	// spreadEvery is how often at most a membership is sent to all. It is long
	// when there are many members, and they come and go together: without it, a
	// network that fails for all would be followed by the square of their number.
	spreadEvery = 250 * time.Millisecond
	// presentFor is how long a member without an own link counts as here after it
	// has asked (PROTOCOL.md §7.3).
	presentFor = 30 * time.Second
)

// beat signs a new head and gives it to gossip, which spreads it along the tree.
func (n *Host) beat() {
	log := n.core.Log()
	n.wire = n.admission.Head(log.Head(), log.Start())
	n.headFor = [2]uint64{log.Head(), n.admission.Members().Version}
	n.beats++
	n.step(gossip.Head{From: n.self, Beat: n.beats, Through: n.headFor[0], Version: n.headFor[1]})
}

// membershipChanged tells the session at once, and all members soon; at once, too,
// when an epoch begins, as they cannot read on without its key.
func (n *Host) membershipChanged() {
	m := n.admission.Members()
	if n.ports != nil {
		n.ports.Members(m)
	}
	if n.local != nil {
		n.local.changed()
	}
	switch {
	case m.Epoch != n.epoch:
		n.epoch = m.Epoch
		n.spreadMembership()
	case n.spreadDue.IsZero():
		now := n.cfg.Now()
		n.spreadDue = now
		if at := n.spreadAt.Add(spreadEvery); at.After(now) {
			n.spreadDue = at
		}
	}
}

// spreadMembership gives gossip the newest membership, and a head that names it.
func (n *Host) spreadMembership() {
	n.spreadDue, n.spreadAt = time.Time{}, n.cfg.Now()
	n.dropBanned()
	n.step(gossip.Members{From: n.self, Version: n.admission.Members().Version})
	n.beat()
}

// here notes that a member is heard.
func (n *Host) here(p id.Peer) {
	before := n.admission.Members().Version
	n.admission.Back(p)
	n.changedSince(before)
}

// away notes that a member is not heard, unless it was heard over others just now.
func (n *Host) away(p id.Peer) {
	before := n.admission.Members().Version
	n.admission.Away(n.cfg.Now(), p)
	n.changedSince(before)
}

func (n *Host) changedSince(version uint64) {
	if n.admission.Members().Version != version {
		n.membershipChanged()
	}
}

// missPresence finds members that have no own link and have not asked for too long.
func (n *Host) missPresence(now time.Time) {
	m := n.admission.Members()
	for _, row := range m.Rows {
		at, asked := n.presence[row.Peer]
		if !asked || now.Sub(at) < presentFor {
			continue
		}
		delete(n.presence, row.Peer)
		if l := n.inUse[row.Peer]; l == nil || l.quiet {
			n.away(row.Peer)
		}
	}
	if len(n.presence) > len(m.Rows) {
		for p := range n.presence { // of those who left; the order does not matter
			if _, is := m.Row(p); !is {
				delete(n.presence, p)
			}
		}
	}
}
