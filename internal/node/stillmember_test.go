package node

import (
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// A chain is a host, a member next to it, and members that have the session from that
// one and can reach nobody else.
//
//	host ── middle ── below
//	           └───── stuck
type chain struct {
	*world
	middle, below, stuck *peer
}

// inChain runs a test with a chain in which all has settled.
func inChain(t *testing.T, test func(*testing.T, *chain)) {
	inWorld(t, func(t *testing.T, w *world) {
		c := &chain{world: w, middle: w.join()}
		c.below = c.hang()
		c.stuck = c.hang()
		for range 4 {
			w.flood(16)
			pass(time.Second)
			c.below.readAll(t)
			c.stuck.readAll(t)
		}
		for i, p := range []*peer{c.below, c.stuck} {
			if place := placeOf(t, p); place.Parent != c.middle.secret.Peer() || p.after != w.seq {
				t.Fatalf("%d: parent %v, read through %d of %d", i, place.Parent, p.after, w.seq)
			}
			p.jumps = nil
		}
		test(t, c)
	})
}

// hang joins a member that can reach c.middle alone.
func (c *chain) hang() *peer {
	key := secretOf(c.keys + 1).Peer()
	c.mem.Cut(c.secret.Peer(), key)
	if c.below != nil {
		c.mem.Cut(c.below.secret.Peer(), key)
	}
	p := c.startVia(c.middle)
	pass(time.Second)
	if s := p.now(); !s.Joined {
		c.Fatalf("not in: %+v", s)
	}
	return p
}

// flooded writes 3 MB and checks that p has each piece of it at once, and no later for
// anybody else's sake.
func (c *chain) flooded(t *testing.T, p *peer) {
	t.Helper()
	begun := time.Now()
	for range 12 {
		c.flood(16)
		synctest.Wait()
		if p.readAll(t); p.after != c.seq {
			t.Fatalf("read through %d of %d", p.after, c.seq)
		}
	}
	if d := time.Since(begun); d != 0 || len(p.jumps) != 0 {
		t.Errorf("it took %v, with jumps to %v", d, p.jumps)
	}
}

// A member whose session stands still passes on all there is: who carries needs no
// screen. When it goes on, it goes on at the newest snapshot.
func TestAStillMemberForwards(t *testing.T) {
	inChain(t, func(t *testing.T, c *chain) {
		c.middle.readAll(t)
		c.middle.jumps = nil
		stood := c.middle.after
		c.flooded(t, c.below)
		if c.middle.after != stood {
			t.Fatal("the session in the middle did not stand still")
		}
		if s := c.middle.figures(t); s.Jumps != 0 {
			t.Errorf("it jumped %d times on links", s.Jumps)
		}
		if c.middle.readAll(t); c.middle.after != c.seq || len(c.middle.jumps) != 1 {
			t.Errorf("it goes on through %d of %d with jumps to %v, want one", c.middle.after, c.seq, c.middle.jumps)
		}
	})
}

// A member that no session is attached to passes on all there is, and what others type
// the other way.
func TestAMemberWithoutASessionForwards(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		c := &chain{world: w, middle: w.startBare()}
		c.below = c.hang()
		for range 4 {
			w.flood(16)
			pass(time.Second)
			c.below.readAll(t)
		}
		c.below.jumps = nil
		c.flooded(t, c.below)
		c.below.types(t, 1, "from below")
		pass(time.Second)
		if len(c.inputs) != 1 || c.inputs[0].text != "from below" {
			t.Errorf("got %v", c.inputs)
		}
	})
}

// startBare starts a member that has a node alone.
func (w *world) startBare() *peer {
	w.Helper()
	cfg := w.config()
	j, err := member.NewJoiner(cfg)
	if err != nil {
		w.Fatal(err)
	}
	events := make(chan transport.Event)
	p := &peer{secret: cfg.Secret, transport: w.listen(cfg.Secret, events)}
	p.Member = NewMember(memberConfig(j, cfg, p.transport, events))
	p.stop = w.run(p.Run, p.transport)
	if err := p.Joined(w.Context()); err != nil {
		w.Fatal(err)
	}
	return p
}

// Who takes nothing costs its siblings nothing, and who has both below it little.
func TestAStuckChildCostsItsSiblingNothing(t *testing.T) {
	inChain(t, func(t *testing.T, c *chain) {
		var l *link
		if err := c.middle.ask(func() { l = c.middle.inUse[c.stuck.secret.Peer()] }); err != nil {
			t.Fatal(err)
		}
		c.mem.Cut(c.middle.secret.Peer(), c.stuck.secret.Peer())
		c.flooded(t, c.below)
		size := 0
		if err := c.middle.ask(func() { size = l.out.size }); err != nil {
			t.Fatal(err)
		}
		if q := l.Stats().Queued[transport.Log]; q > 64<<10 || size > outboxMost {
			t.Errorf("%d bytes are queued and %d wait for a link that takes nothing", q, size)
		}
		start := c.seq - 1 // flood ends with a snapshot of two parts
		c.mem.Heal(c.middle.secret.Peer(), c.stuck.secret.Peer())
		synctest.Wait()
		if c.stuck.readAll(t); c.stuck.after != c.seq || len(c.stuck.jumps) != 1 || c.stuck.jumps[0] != start {
			t.Errorf("read through %d of %d with jumps to %v, want one to %d", c.stuck.after, c.seq, c.stuck.jumps, start)
		}
		if c.middle.readAll(t); c.middle.after != c.seq {
			t.Errorf("in the middle it read through %d of %d", c.middle.after, c.seq)
		}
	})
}
