package node

import (
	"context"
	"fmt"
	"testing"

	"gossterm/internal/member"
	"gossterm/internal/transport"
)

// BenchmarkSpread measures how many records of 1,000 bytes go through a host's node
// to 8 members in a second: sealed and signed once, verified and kept eight times.
func BenchmarkSpread(b *testing.B) {
	const members = 8
	w := newWorld(b, 1)
	heads := make([]chan uint64, members)
	for i := range heads {
		heads[i] = follow(b, w)
	}
	b.SetBytes(1_000)
	b.ResetTimer()
	const window = 40 // fewer bytes than a link's queue holds, so that none jumps
	for i := range b.N {
		w.say(1_000)
		if i%window == window-1 || i == b.N-1 {
			for _, h := range heads {
				for got := <-h; got < w.seq; got = <-h {
				}
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	if s, err := w.Host.Stats(); err != nil || s.Jumps != 0 {
		b.Errorf("%d jumps, %v", s.Jumps, err)
	}
}

// follow starts a member and returns how far its log is, the newest alone.
func follow(b *testing.B, w *world) chan uint64 {
	cfg := w.config()
	j, err := member.NewJoiner(cfg)
	if err != nil {
		b.Fatal(err)
	}
	events := make(chan transport.Event)
	tr := w.listen(cfg.Secret, events)
	n := NewMember(memberConfig(j, cfg, tr, events))
	w.run(n.Run, tr)
	head := make(chan uint64, 1)
	bell := func() {
		select {
		case <-head:
		default:
		}
		log := n.core.Log()
		head <- log.Head() // the bell rings in the node's loop
	}
	if err := n.Attach(MemberPorts{Bell: bell, State: func(State) {}}); err != nil {
		b.Fatal(err)
	}
	if err := n.Joined(context.Background()); err != nil {
		b.Fatal(err)
	}
	return head
}

// BenchmarkJoin measures the host's and the joiner's work for one join, with so
// many members in the session.
func BenchmarkJoin(b *testing.B) {
	for _, members := range []int{0, 100} {
		b.Run(fmt.Sprint(members), func(b *testing.B) {
			w := newWorld(b, 1, func(c *member.HostConfig) { c.MaxPeers = member.MaxMaxPeers })
			for range members {
				w.join()
			}
			b.ResetTimer()
			for range b.N {
				w.join().stop(transport.Left)
			}
		})
	}
}
