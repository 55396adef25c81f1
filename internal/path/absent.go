package path

import (
	"context"
	"time"

	"gossterm/internal/id"
)

// A roundUp asks the relays whether a peer is registered with any of them.
type roundUp struct {
	missing uint8 // relays that have not got it, a bit each
	all     chan struct{}
}

// roundUpPause is between two questions: packets are lost, and a relay says that somebody
// is absent ten times a second at most (PROTOCOL.md §9).
const roundUpPause = 200 * time.Millisecond

// Absent reports whether all relays say within ctx that they have not got a peer, by packets
// to it that say nothing. It reports false if one has it, does not say, or is not up.
func (c *Conn) Absent(ctx context.Context, who id.Peer) bool {
	if len(c.cfg.Relays) == 0 {
		return false
	}
	c.mu.Lock()
	r := c.roundUps[who]
	if r == nil {
		r = &roundUp{all: make(chan struct{})}
		c.roundUps[who] = r
	}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.roundUps[who] == r {
			delete(c.roundUps, who)
		}
	}()
	ticker := time.NewTicker(roundUpPause)
	defer ticker.Stop()
	for {
		for _, relay := range c.cfg.Relays {
			if !relay.Send(who, nothing) {
				return false
			}
		}
		select {
		case <-r.all:
			return true
		case <-ticker.C:
		case <-ctx.Done():
			return false
		}
	}
}

// RelayMisses says that a relay has not got a peer.
func (c *Conn) RelayMisses(i int, who id.Peer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.roundUps[who]; r != nil {
		if r.missing |= 1 << i; r.missing == 1<<len(c.cfg.Relays)-1 {
			delete(c.roundUps, who)
			close(r.all)
		}
	}
	if p := c.peers[who]; p != nil {
		p.missing |= 1 << i
		p.missingAt = c.now()
		p.via.lost(i)
		c.reach(p)
	}
}
