package sim

import (
	"fmt"
	"slices"

	"gossterm/gossip"
	"gossterm/internal/id"
)

// Bounds of what a gossip.State holds.
const (
	maxPeers   = 128
	passiveMax = 40
	checksMost = 256
	inputsMost = 64
	// keepDegree is the number of neighbors below which a peer is not evicted.
	keepDegree = 3
)

// living returns all nodes that there are, the host's first.
func (s *Sim) living() []*node {
	ns := []*node{s.host.node}
	for _, p := range s.procs[1:] {
		if p != nil {
			ns = append(ns, p.node)
		}
	}
	return ns
}

// checkBounds asserts what holds at any time.
func (s *Sim) checkBounds() {
	for _, n := range s.living() {
		log := n.state.Log()
		active, passive := n.state.Active(), n.state.Passive()
		switch {
		case log.Bytes() > gossip.Kept:
			s.failf("the log at place %d holds %d bytes", n.place, log.Bytes())
		case len(active) > maxPeers || len(passive) > passiveMax:
			s.failf("place %d has %d neighbors and knows %d others", n.place, len(active), len(passive))
		case slices.Contains(active, n.key) || slices.Contains(passive, n.key):
			s.failf("place %d is in its own view", n.place)
		}
		all := slices.Concat(active, passive)
		slices.SortFunc(all, id.Peer.Compare)
		if len(slices.Compact(all)) != len(active)+len(passive) {
			s.failf("place %d has a peer twice in its views", n.place)
		}
	}
}

// heldMost is how many keys wait for the end of an outage at most (PROTOCOL.md §6.1).
const heldMost = 64 << 10

// checkTyping asserts of all that was typed where people are that it is somewhere, and
// within bounds.
func (s *Sim) checkTyping() {
	for _, p := range s.procs[1:] {
		if p == nil || p.core == nil {
			continue
		}
		p.ledger.check()
		if held := p.core.Held(); held > heldMost {
			s.failf("place %d holds %d keys", p.place, held)
		}
	}
}

// checkSound asserts what holds of the overlay and of the tree when all is quiet.
func (s *Sim) checkSound() {
	s.checkBounds()
	if why := s.unsound(); why != "" {
		s.failf("%v after the storm %s", s.report.Settled, why)
	}
}

// unsound says what is wrong with the overlay and the tree, "" if nothing.
func (s *Sim) unsound() string {
	seen := map[id.Peer]bool{}
	for todo := []id.Peer{s.hostKey}; len(todo) > 0; todo = todo[1:] {
		if n := s.net.nodes[todo[0]]; !seen[n.key] {
			seen[n.key] = true
			todo = append(todo, n.state.Active()...)
		}
	}
	for _, n := range s.living() {
		if why := n.asymmetric(); why != "" {
			return why
		}
		if !seen[n.key] {
			return fmt.Sprintf("place %d has no way to the host", n.place)
		}
		if why := n.crowded(); why != "" {
			return why
		}
		if log := n.state.Log(); log.Head() != s.host.core.Seq() {
			return fmt.Sprintf("place %d has the log through %d, the host is at %d", n.place, log.Head(), s.host.core.Seq())
		}
		if n.roll.version != s.host.table.version {
			return fmt.Sprintf("place %d has membership %d, not %d", n.place, n.roll.version, s.host.table.version)
		}
	}
	return ""
}

// asymmetric says which neighbor does not have this peer for one.
func (n *node) asymmetric() string {
	for _, p := range n.state.Active() {
		t := n.s.net.nodes[p]
		if t.dead || !slices.Contains(t.state.Active(), n.key) {
			return fmt.Sprintf("place %d has neighbor %d (dead: %v), which does not have it", n.place, t.place, t.dead)
		}
	}
	return ""
}

// crowded says by how much a view is over its target without need: it has a
// neighbor that can spare this peer.
func (n *node) crowded() string {
	target := n.s.plan.active
	if n.place == hostPlace {
		target = n.s.plan.degree
	}
	active := n.state.Active()
	if len(active) <= target {
		return ""
	}
	spare := 0
	for _, p := range active[target/4:] { // the oldest quarter stays whatever others say of themselves
		if t := n.s.net.nodes[p]; len(t.state.Active()) >= keepDegree {
			spare++
		}
	}
	if spare <= keepDegree { // places that are kept for them
		return ""
	}
	return fmt.Sprintf("place %d has %d neighbors, %d over its target, and %d of them could spare it",
		n.place, len(active), len(active)-target, spare)
}

// rootless says why the way from parent to parent does not end at the host.
func (n *node) rootless() string {
	at := n
	for range n.s.plan.places + 1 {
		if at.place == hostPlace {
			return ""
		}
		up := at.state.Parent()
		if up.IsZero() {
			return fmt.Sprintf("place %d has no parent above it: place %d is the last", n.place, at.place)
		}
		if at = n.s.net.nodes[up]; at.dead {
			return fmt.Sprintf("place %d is below place %d, which is dead", n.place, at.place)
		}
	}
	return fmt.Sprintf("place %d is below itself", n.place)
}
