package node

import (
	"testing"
	"time"
)

// Leaves have the session and type like anybody, nobody has it from them, and they
// let nobody in.
func TestLeaves(t *testing.T) {
	inTree(t, 2, 4, func(t *testing.T, w *world, ps []*peer) {
		w.leaves = true
		var leaves []*peer
		for range 4 {
			leaves = append(leaves, w.start(w.config()))
		}
		w.leaves = false
		w.settle()
		w.wantAll("with leaves", append(ps, leaves...))
		for i, l := range leaves {
			place := placeOf(t, l)
			if c := place.Children(); len(c) > 0 {
				t.Errorf("leaf %d has children %v", i, c)
			}
			if n := len(place.Neighbors); n > 3 {
				t.Errorf("leaf %d has %d neighbors", i, n)
			}
			var out, in uint64
			for _, s := range place.Links {
				out, in = out+s.BytesOut, in+s.BytesIn
			}
			if out > in/4 {
				t.Errorf("leaf %d sent %d bytes and got %d", i, out, in)
			}
			l.types(t, 1, "from a leaf")
		}
		pass(time.Second)
		if n := len(w.inputs); n != len(leaves) {
			t.Errorf("%d inputs of %d leaves", n, len(leaves))
		}

		w.mem.Cut(w.secret.Peer(), secretOf(w.keys+1).Peer())
		w.ticket.Addrs = nil
		far := w.startVia(leaves[0])
		pass(5 * time.Second)
		if far.now().Joined {
			t.Error("a leaf let somebody in")
		}
	})
}
