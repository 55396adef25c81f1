package node

import (
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/member"
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

// A Standing is a node's place in the tree, and what it knows of its session.
type Standing struct {
	Tree
	Members *member.Membership // nil before the first; it does not change
	Told    uint64             // the newest record that the host has told of
	Heard   time.Duration      // since it was heard last; 0 at the host itself
}

// Tree returns where this peer is in the tree.
func (n *overlay) Tree() (t Tree, err error) {
	var got Tree
	if err := n.ask(func() { got = n.tree() }); err != nil {
		return t, err
	}
	return got, nil
}

// tree is Tree in the node's loop.
func (n *overlay) tree() Tree {
	t := Tree{Place: n.core.Place(), Gossip: n.core.Stats()}
	for _, l := range n.links {
		if l.stage != up || l.shut {
			continue
		}
		s := LinkStats{Peer: l.Peer(), Addr: l.Addr().String(), Silent: l.quiet, Stats: l.Stats()}
		for _, p := range t.Neighbors {
			s.Neighbor = s.Neighbor || p.Peer == s.Peer
		}
		t.Links = append(t.Links, s)
	}
	return t
}

// Standing returns how this host stands.
func (n *Host) Standing() (s Standing, err error) {
	var got Standing
	if err := n.ask(func() {
		got = Standing{Tree: n.tree(), Members: n.admission.Members()}
		got.Told = got.Through
	}); err != nil {
		return s, err
	}
	return got, nil
}

// Standing returns how this member stands. What this process slept is no silence of
// the host's.
func (n *Member) Standing() (s Standing, err error) {
	var got Standing
	if err := n.ask(func() {
		got = Standing{Tree: n.tree(), Members: n.joiner.Members()}
		got.Told = max(n.joiner.Head().Seq, got.Through)
		got.Heard = max(n.cfg.Now().Sub(n.silentAt)+silentAfter, 0)
	}); err != nil {
		return s, err
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
