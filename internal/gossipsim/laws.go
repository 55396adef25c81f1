package gossipsim

import (
	"fmt"
	"slices"

	"gossterm/internal/id"
)

// Broken returns what is wrong with a peer's views, if anything: nobody is in its
// own view, in one twice, or in both, and the active view is no larger than most.
func (s *Sim) Broken(most int) error {
	for i := range s.peers {
		p := &s.peers[i]
		if !s.lives(i) {
			continue
		}
		active, passive := p.core.Active(), p.core.Passive()
		if len(active) > most {
			return fmt.Errorf("peer %d has %d neighbors, want at most %d", i, len(active), most)
		}
		all := append(slices.Clone(active), passive...)
		slices.SortFunc(all, id.Peer.Compare)
		if len(slices.Compact(slices.Clone(all))) != len(all) {
			return fmt.Errorf("peer %d has somebody twice: %d neighbors, %d others", i, len(active), len(passive))
		}
		if slices.Contains(all, Peer(i)) {
			return fmt.Errorf("peer %d knows itself", i)
		}
	}
	return nil
}

// Rootless returns how many living peers do not come to the host by going from
// parent to parent.
func (s *Sim) Rootless() int {
	n := 0
	for i := range s.peers {
		if !s.lives(i) {
			continue
		}
		at, steps := i, 0
		for at != host && steps <= len(s.peers) {
			up := s.peers[at].core.Parent()
			if up.IsZero() || !s.lives(index(up)) {
				break
			}
			at, steps = index(up), steps+1
		}
		if at != host {
			n++
		}
	}
	return n
}
