package node

import (
	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

// A Tree is a node's place in the tree, and its links.
type Tree struct {
	gossip.Place
	Gossip gossip.Stats
	Links  []LinkStats // in the order they came up
}

// LinkStats is one link.
type LinkStats struct {
	Peer     id.Peer
	Addr     string
	Neighbor bool // it is in the active view
	Silent   bool
	transport.Stats
}

// Tree returns where this peer is in the tree.
func (n *overlay) Tree() (t Tree, err error) {
	var got Tree
	if err := n.ask(func() {
		got = Tree{Place: n.core.Place(), Gossip: n.core.Stats()}
		for _, l := range n.links {
			if l.stage != up || l.shut {
				continue
			}
			s := LinkStats{Peer: l.Peer(), Addr: l.Addr().String(), Silent: l.quiet, Stats: l.Stats()}
			for _, p := range got.Neighbors {
				s.Neighbor = s.Neighbor || p.Peer == s.Peer
			}
			got.Links = append(got.Links, s)
		}
	}); err != nil {
		return t, err
	}
	return got, nil
}

// Children returns the neighbors that have the log from this peer.
func (t Tree) Children() (ps []id.Peer) {
	for _, p := range t.Neighbors {
		if p.Child {
			ps = append(ps, p.Peer)
		}
	}
	return ps
}

// behind returns how many neighbors that the log is pushed to lack some of it, as far
// as is known here.
func (t Tree) behind() (n int) {
	for _, p := range t.Neighbors {
		if p.Peer != t.Parent && p.Through < t.Through {
			n++
		}
	}
	return n
}
