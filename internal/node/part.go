package node

import (
	"context"
	"time"

	"gossterm/gossip"
	"gossterm/internal/transport"
)

const (
	// partLook is how often a member that leaves looks whether it may go.
	partLook = 5 * time.Millisecond
	// partMost is how long it stays: a neighbor may be dead, and not suspect yet.
	partMost = 2 * time.Second
)

// Part ends a member's part in the overlay well: it stays until those who have the log
// from it have all of it, as what it knows is lost to them otherwise: the session's last
// words, if it is over. Then it tells the host and its neighbors that it leaves for good,
// and waits until they have let it go. All that, until ctx ends, and for partMost at most.
func (n *Member) Part(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, partMost)
	defer cancel()
	if !n.await(ctx, func(t Tree) bool { return t.behind() == 0 }) {
		return
	}
	err := n.ask(func() {
		if b := n.joiner.Farewell(); b != nil && n.mayKnock() { // before the neighbors let go
			n.step(gossip.Knock{Request: gossip.Request{Matter: gossip.ToLeave, Peer: n.self, Body: b}})
		}
		n.closed = true
		n.step(gossip.Leave{})
		if l := n.inUse[n.host]; l != nil {
			l.Send(transport.Control, transport.Leave, nil)
		}
	})
	if err == nil {
		n.await(ctx, func(t Tree) bool { return len(t.Neighbors) == 0 || len(t.Links) == 0 })
	}
}

// await waits until the tree is as wanted or ctx ends, and reports whether the loop
// still runs.
func (n *Member) await(ctx context.Context, wanted func(Tree) bool) bool {
	look := time.NewTicker(partLook)
	defer look.Stop()
	for {
		t, err := n.Tree()
		if err != nil {
			return false
		}
		if wanted(t) {
			return true
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return true
		}
	}
}
