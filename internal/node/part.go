package node

import (
	"context"
	"time"

	"gossterm/gossip"
)

// partLook is how often a member that leaves looks whether it may go.
const partLook = 5 * time.Millisecond

// Part ends a member's part in the overlay well: its neighbors, and the host if there
// is no link to it, are told that it leaves for good, and it stays until those who
// have the log from it have all of it, or ctx ends. What it still knows is lost to
// them otherwise: the session's last words, if it is over.
func (n *Member) Part(ctx context.Context) {
	if !n.await(ctx, func(t Tree) bool { return t.behind() == 0 }) {
		return
	}
	err := n.ask(func() {
		n.step(gossip.Leave{})
		if b := n.joiner.Farewell(); b != nil && n.mayKnock() {
			n.step(gossip.Knock{Request: gossip.Request{Matter: gossip.ToLeave, Peer: n.self, Body: b}})
		}
	})
	if err == nil {
		n.await(ctx, func(t Tree) bool { return t.queued() == 0 })
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
